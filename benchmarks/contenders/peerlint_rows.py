"""peerlint's scan as columns: every fact and every tally."""

from peerlint import scan

LABEL = "peerlint.scan: the same, and the columns"


def run(path: str) -> int:
    """Count the rows of a dump."""
    return sum(len(batch) for batch in scan(path))
