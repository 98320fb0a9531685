"""The contenders: one module each.

Each has `LABEL` and `run(path) -> number of routes`, 0 if it does not count them; and, where it
needs them, `NEEDS`, modules and programs without which it is left out, and `prepare(path) ->
path`, which is not timed.
"""
