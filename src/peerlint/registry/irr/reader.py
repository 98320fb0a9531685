"""Read dumps of IRRs (RFC 2622), chunk by chunk."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import BinaryIO, Final

import numpy as np

from peerlint.registry.columns import AutNumColumns, Prefixes, RouteColumns
from peerlint.registry.irr.chunk import read_chunk
from peerlint.registry.irr.dump import IrrDump
from peerlint.registry.irr.framing import CHUNK, Framer, TooLarge
from peerlint.registry.irr.lines import Kind
from peerlint.registry.irr.objects import AsSet
from peerlint.registry.irr.rows import Rows
from peerlint.registry.irr.rpsl import attributes
from peerlint.registry.irr.sources import Sources
from peerlint.registry.irr.values import UNKNOWN
from peerlint.registry.skips import Place, Skips

TOO_LARGE: Final = "an object of more than 4 MiB"
CUT: Final = "the end is missing"
#: The registry of the objects that IRRd makes of VRPs.
PSEUDO: Final = "RPKI"


def read_irr(file: BinaryIO, name: str) -> IrrDump:
    """Read a dump.

    Args:
        file: the decompressed octets.
        name: the name of the file, as given.

    Raises:
        OSError: reading the file fails.
    """
    return read_irr_chunks(iter(partial(file.read, CHUNK), b""), name)


def read_irr_chunks(chunks: Iterable[bytes], name: str) -> IrrDump:
    """Read a dump whose octets come in chunks of any size.

    Args:
        chunks: the decompressed octets.
        name: the name of the file, as given.
    """
    reader = IrrReader(name)
    for chunk in chunks:
        reader.feed(chunk)
    return reader.end()


class IrrReader:
    """Reads a dump as its octets come. What is kept of a route are the 36 octets of its row."""

    def __init__(self, name: str) -> None:
        """Prepare for the first octets.

        Args:
            name: the name of the file, as given.
        """
        self._name, self._framer = name, Framer()
        self._line, self._others, self._newest = 1, 0, UNKNOWN
        self._sources, self._skips = Sources(), Skips()
        self._routes, self._aut_nums = [Rows.empty(0)], [Rows.empty(0)]
        self._as_sets = list[AsSet]()

    def feed(self, octets: bytes) -> None:
        """Take more octets."""
        self._read_all(self._framer.feed(octets))

    def end(self) -> IrrDump:
        """Return what was read, after the last octets."""
        self._read_all(self._framer.end())
        is_cut = self._read_last(self._framer.last())
        return IrrDump(
            self._name,
            _routes(Rows.joined(self._routes), self._sources),
            _aut_nums(Rows.joined(self._aut_nums), self._sources),
            tuple(self._as_sets),
            self._skips,
            self._framer.octets,
            is_cut,
            self._newest,
            self._others,
        )

    def _read_all(self, parts: Iterable[bytes | TooLarge]) -> None:
        for part in parts:
            if isinstance(part, TooLarge):
                self._skip(TOO_LARGE, 0)
                self._line += part.lines
            else:
                self._read(part)

    def _read(self, text: bytes) -> None:
        chunk = read_chunk(text, self._sources)
        is_aut_num = chunk.rows.kind == Kind.AUT_NUM
        self._routes.append(chunk.rows.take(~is_aut_num))
        self._aut_nums.append(chunk.rows.take(is_aut_num))
        self._as_sets += chunk.as_sets
        stamps = (each.last_modified for each in chunk.as_sets)
        newest = chunk.rows.last_modified.max(initial=UNKNOWN)
        self._newest = max(self._newest, int(newest), *stamps)
        for each in chunk.unread:
            self._skip(each.reason, each.line)
        self._others += chunk.others
        self._line += chunk.lines

    def _read_last(self, last: bytes | TooLarge) -> bool:
        """Read the last object if its lines are complete; return whether its end is missing."""
        if isinstance(last, TooLarge):
            self._skip(TOO_LARGE, 0)
            return True
        found = attributes(last)
        if not found or last.endswith(b"\n"):
            self._read(last)
            # Every object has a source, which is the last of its attributes or close to it.
            return bool(found) and all(each.name != b"source" for each in found)
        # A number or a name of which the rest is missing would be another one.
        self._skip(CUT, found[0].line)
        return True

    def _skip(self, reason: str, line: int) -> None:
        self._skips.add(reason, Place(self._name, self._line + line))


def _routes(rows: Rows, sources: Sources) -> RouteColumns:
    numbers, names = sources.used(rows.source)
    family = np.where(rows.kind == Kind.ROUTE, 4, 6).astype(np.uint8)
    is_pseudo = np.array([each == PSEUDO for each in names], np.bool_)
    return RouteColumns(
        Prefixes(family, rows.hi, rows.lo, rows.length),
        rows.asn,
        numbers,
        rows.modified,
        ~is_pseudo[numbers],
        names,
    )


def _aut_nums(rows: Rows, sources: Sources) -> AutNumColumns:
    numbers, names = sources.used(rows.source)
    return AutNumColumns(rows.asn, numbers, rows.modified, names)
