"""peerlint's reader: every attribute of every record, as values."""

from peerlint.feeds import Dump
from peerlint.wire.reader import Reader

LABEL = "peerlint: every attribute, as values"


def run(path: str) -> int:
    """Count the routes and withdrawals of a dump."""
    dump = Dump(path)
    reader = Reader(dump.chunks(), source=dump.name)
    for _ in reader:
        pass
    return reader.quality.entries
