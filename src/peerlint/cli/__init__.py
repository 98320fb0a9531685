"""The command line: arguments in, one call of the public API, a text or a file out."""
