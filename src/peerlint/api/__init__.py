"""The library's front: paths in, values out. It joins the rooms and decides nothing.

One module for each thing that is asked for, so that each opens only the rooms that it needs.
"""
