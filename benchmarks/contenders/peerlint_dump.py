"""peerlint.dump: an element for every route, withdrawal and change of state."""

from peerlint import dump

LABEL = "peerlint.dump: the same, one element per route"


def run(path: str) -> int:
    """Count the elements of a dump."""
    return sum(1 for _ in dump(path))
