"""peerlint's scan: every fact of every route."""

from peerlint import scan

LABEL = "peerlint, Python kernel: all facts"


def run(path: str) -> int:
    """Count the routes of a dump."""
    return sum(len(batch) for batch in scan(path))
