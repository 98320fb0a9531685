"""The kernel alone: what is decompressed already, in one thread."""

import tempfile
from pathlib import Path

from peerlint import scan
from peerlint.feeds import Dump

LABEL = "peerlint.scan: plain file, one thread"
_FOLDER = tempfile.TemporaryDirectory()


def prepare(path: str) -> str:
    """Decompress."""
    plain = Path(_FOLDER.name) / "plain.mrt"
    with plain.open("wb") as file:
        file.writelines(Dump(path).pages())
    return str(plain)


def run(path: str) -> int:
    """Count the routes of a dump."""
    read = scan(path, rows=False, threads=1)
    for _ in read:
        pass
    return read.tally.routes
