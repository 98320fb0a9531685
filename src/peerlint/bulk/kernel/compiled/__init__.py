"""The compiled kernel, in Cython: two extensions, and the parts that they are made of.

Without a compiler this package is empty, and `python` is used in its place.
"""
