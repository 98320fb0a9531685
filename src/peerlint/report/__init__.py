"""Output formats for people and machines, one module for each. They return text, and print none."""
