"""The verbs: one module each, one function each."""
