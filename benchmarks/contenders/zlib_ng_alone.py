"""The floor: decompress with zlib-ng, chunk by chunk, and throw the octets away."""

from peerlint.feeds import Dump

LABEL = "zlib-ng alone, in Python, output thrown away"


def run(path: str) -> int:
    """Decompress a dump."""
    for _ in Dump(path, threads=1).chunks():
        pass
    return 0
