"""The contenders: one module each, with `LABEL` and `run(path) -> number of routes`."""
