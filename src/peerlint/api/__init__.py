"""The public functions: paths in, values out. They join the other packages and decide nothing.

One module for each function or two, so that each imports only the packages that it needs.
"""
