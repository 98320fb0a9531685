"""peerlint's scan with a watch list: facts of the routes that overlap 100 prefixes."""

from peerlint import Prefix, scan

LABEL = "peerlint.scan: 100 watched prefixes"
#: Spread evenly over the first half of the IPv4 space: /24 after /24, a fixed step apart.
WATCHED = [Prefix(4, (1 << 24) + index * (20 << 16), 24) for index in range(100)]


def run(path: str) -> int:
    """Count the routes of a dump that overlap the watched prefixes."""
    read = scan(path, prefixes=WATCHED, rows=False)
    for _ in read:
        pass
    return read.tally.routes
