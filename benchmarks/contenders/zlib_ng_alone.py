"""The floor: decompress with zlib-ng, page by page, and throw the octets away."""

from peerlint.feeds import Dump

LABEL = "zlib-ng alone, in Python, output thrown away"


def run(path: str) -> int:
    """Decompress a dump."""
    for _ in Dump(path, threads=1).pages():
        pass
    return 0
