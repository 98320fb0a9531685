"""pybgpkit-parser: bgpkit's Rust parser, one object per route."""

from pybgpkit_parser import Parser

LABEL = "pybgpkit-parser 0.6.2: one object per route"
NEEDS = ("pybgpkit_parser",)


def run(path: str) -> int:
    """Count the routes and withdrawals of a dump."""
    return sum(1 for _ in Parser(path))
