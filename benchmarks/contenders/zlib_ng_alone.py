"""The lower bound: decompress with zlib-ng, chunk by chunk, and discard the octets."""

from peerlint.feeds import Dump

LABEL = "zlib-ng alone, in Python, output discarded"


def run(path: str) -> int:
    """Decompress a dump."""
    for _ in Dump(path, threads=1).chunks():
        pass
    return 0
