"""peerlint's scan with a prefix filter: only routes that overlap one of 100 prefixes."""

from peerlint import Prefix, scan

LABEL = "peerlint.scan: only 100 prefixes"
#: Spread evenly over the first half of the IPv4 space: /24 after /24, a fixed step apart.
PREFIXES = [Prefix(4, (1 << 24) + index * (20 << 16), 24) for index in range(100)]


def run(path: str) -> int:
    """Count the routes of a dump that overlap one of the prefixes."""
    read = scan(path, prefixes=PREFIXES, rows=False)
    for _ in read:
        pass
    return read.tally.routes
