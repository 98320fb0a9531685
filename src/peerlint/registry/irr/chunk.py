"""The objects of a chunk of RPSL: those of the usual form many at a time, others one by one."""

from __future__ import annotations

from typing import Final

import attrs
import numpy as np

from peerlint.registry.irr import fields
from peerlint.registry.irr.lines import Kind, Lines
from peerlint.registry.irr.objects import AsSet, AutNum, Route, Unread, read_object
from peerlint.registry.irr.rows import Rows
from peerlint.registry.irr.sources import NONE, Sources
from peerlint.registry.irr.usual import read_usual

TOO_MANY_SOURCES: Final = "more registries than one file may have"


@attrs.frozen
class Chunk:
    """What a chunk has.

    Attributes:
        rows: of routes and aut-nums, in the order of the chunk.
        as_sets: in the order of the chunk.
        unread: objects that cannot be read, with the number of the decisive line in the chunk,
            from 0.
        others: the number of objects of other classes.
        lines: the number of lines.
    """

    rows: Rows
    as_sets: tuple[AsSet, ...]
    unread: tuple[Unread, ...]
    others: int
    lines: int


def read_chunk(text: bytes, sources: Sources) -> Chunk:
    """Read whole objects.

    Args:
        text: lines, each with its newline.
        sources: the registries that the file names; new ones are added.
    """
    lines = Lines.of(np.frombuffer(text + bytes(fields.PADDING), np.uint8))
    rows = Rows.empty(len(lines.first))
    is_done = read_usual(lines, rows, sources)
    others = int(np.count_nonzero(is_done & (rows.kind == Kind.OTHER)))
    as_sets, unread = list[AsSet](), list[Unread]()
    first = lines.start[np.append(lines.first, len(lines.start) - 1)]
    for number in np.flatnonzero(~is_done).tolist():
        found = read_object(text[first[number] : first[number + 1]])
        if isinstance(found, Route | AutNum):
            found = _fill(rows, number, found, sources)
        elif found is None:
            others += 1
        if isinstance(found, AsSet):
            as_sets.append(found)
        elif isinstance(found, Unread):
            line = int(np.searchsorted(lines.newlines, first[number]))
            unread.append(Unread(found.reason, line + found.line))
    kept = rows.take(rows.kind != Kind.OTHER)
    return Chunk(kept, tuple(as_sets), tuple(unread), others, len(lines.newlines))


def _fill(rows: Rows, number: int, found: Route | AutNum, sources: Sources) -> Unread | None:
    """Write an object that was read on its own into its row."""
    source = sources.number(found.common.source)
    if source == NONE:
        return Unread(TOO_MANY_SOURCES, 0)
    if isinstance(found, Route):
        wide = found.address << 96 if found.family == 4 else found.address
        rows.kind[number] = Kind.ROUTE if found.family == 4 else Kind.ROUTE6
        rows.hi[number], rows.lo[number] = wide >> 64, wide & (1 << 64) - 1
        rows.length[number], rows.asn[number] = found.length, found.origin
    else:
        rows.kind[number], rows.asn[number] = Kind.AUT_NUM, found.asn
    rows.source[number] = source
    rows.last_modified[number] = found.common.last_modified
    rows.modified[number] = found.common.modified
    return None
