"""The kernel in Python: the specification of the compiled one, module by module."""
