"""The objects of a chunk of RPSL: those of the usual form many at a time, others one by one.

`objects` defines what is read. An object is of the usual form if all of its decisive attributes
are, with none continued on the next line; then `fields` reads the same values, as columns.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, Self

import attrs
import numpy as np

from peerlint.registry.irr import fields
from peerlint.registry.irr.lines import Kind, Lines
from peerlint.registry.irr.objects import AsSet, AutNum, Route, Unread, read_object
from peerlint.registry.irr.sources import NONE, Sources
from peerlint.registry.irr.values import UNKNOWN

if TYPE_CHECKING:
    import numpy.typing as npt

    from peerlint.registry.irr.words import Flags, Octets, Offsets

TOO_MANY_SOURCES: Final = "more registries than one file may have"
_LETTERS: Final = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_IS_LETTER: Final = np.zeros(256, np.bool_)
_IS_LETTER[list(_LETTERS)] = True
_IS_IN_NAME: Final = _IS_LETTER.copy()
_IS_IN_NAME[list(b"0123456789_-")] = True
#: Octets of the name of a class, in its usual form; the longest has 12.
_LONGEST_NAME: Final = 16
#: Octets of a `changed` attribute, in its usual form.
_LONGEST_CHANGED: Final = 64
_DATE: Final = 8


@attrs.frozen(eq=False)
class Rows:
    """What was read of each object of a chunk, as columns; or of several chunks.

    Attributes:
        kind: the class, a `Kind`; `Kind.OTHER` for an object that has no row.
        hi: the upper 64 bits of a route's prefix.
        lo: the lower 64 bits.
        length: of a route's prefix, in bits.
        asn: the origin of a route, or the number of an aut-num.
        source: the number of the registry (`Sources`).
        last_modified: `last-modified`, in seconds since 1970; -1 if there is none.
        modified: the same; or the latest day of `changed` if there is none.
    """

    kind: npt.NDArray[np.uint8]
    hi: npt.NDArray[np.uint64]
    lo: npt.NDArray[np.uint64]
    length: npt.NDArray[np.uint8]
    asn: npt.NDArray[np.uint32]
    source: npt.NDArray[np.int16]
    last_modified: npt.NDArray[np.int64]
    modified: npt.NDArray[np.int64]

    @classmethod
    def empty(cls, count: int) -> Self:
        """Return columns for a number of objects that are not read yet."""
        return cls(
            np.zeros(count, np.uint8),
            np.zeros(count, np.uint64),
            np.zeros(count, np.uint64),
            np.zeros(count, np.uint8),
            np.zeros(count, np.uint32),
            np.full(count, NONE, np.int16),
            np.full(count, UNKNOWN, np.int64),
            np.full(count, UNKNOWN, np.int64),
        )

    @classmethod
    def concatenated(cls, parts: Sequence[Self]) -> Self:
        """Return the rows of several chunks, one after the other."""
        columns = zip(*(attrs.astuple(each, recurse=False) for each in parts), strict=True)
        return cls(*map(np.concatenate, columns))

    def take(self, rows: Flags) -> Self:
        """Return some of the rows."""
        return type(self)(*(each[rows] for each in attrs.astuple(self, recurse=False)))


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
    octets = np.frombuffer(text + bytes(fields.PADDING), np.uint8)
    lines = Lines.of(octets)
    rows = Rows.empty(len(lines.first))
    is_done = _read_usual(octets, lines, rows, sources)
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


def _read_usual(octets: Octets, lines: Lines, rows: Rows, sources: Sources) -> Flags:
    """Read the objects of the usual form into their rows; return which they are."""
    kind = lines.kind[lines.first]
    kind[kind > Kind.AS_SET] = Kind.OTHER  # an attribute that is no class
    is_usual = kind != Kind.AS_SET
    is_class = (lines.kind != Kind.OTHER) & (lines.kind <= Kind.AS_SET)
    is_class[lines.first] = False
    is_usual[lines.owner[is_class]] = False
    others = np.flatnonzero(kind == Kind.OTHER)
    is_usual[others] &= _are_named(octets, lines.start[lines.first[others]])
    wanted = np.flatnonzero(is_usual & (kind != Kind.OTHER))
    is_read = _read_common(octets, lines, rows, sources, wanted)
    for each, read in _READERS.items():
        of_class = kind[wanted] == each
        numbers = wanted[of_class]
        is_read[of_class] &= read(octets, lines, rows, numbers)
    is_usual[wanted] = is_read
    rows.kind[wanted] = np.where(is_read, kind[wanted], Kind.OTHER)
    return is_usual


def _are_named(octets: Octets, at: Offsets) -> Flags:
    """Return whether lines start with the name of an attribute, of at most 16 octets."""
    end = at + _IS_LETTER[octets[at]]
    is_named = end > at
    for _ in range(_LONGEST_NAME):
        is_in = is_named & _IS_IN_NAME[octets[end]]
        if not is_in.any():
            break
        end += is_in
    return is_named & (octets[end] == ord(":"))


def _values(octets: Octets, lines: Lines, at: Offsets, kind: Kind) -> Offsets:
    """Return the offsets of the values of attributes of a kind."""
    return fields.after_blanks(octets, lines.start[at] + len(kind.attribute))


def _read_routes(octets: Octets, lines: Lines, rows: Rows, numbers: Offsets, kind: Kind) -> Flags:
    read = fields.prefixes4 if kind is Kind.ROUTE else fields.prefixes6
    first = lines.first[numbers]
    prefixes = read(octets, _values(octets, lines, first, kind))
    rows.hi[numbers], rows.lo[numbers] = prefixes.hi, prefixes.lo
    rows.length[numbers] = prefixes.length
    at, count = lines.only(Kind.ORIGIN)
    at = at[numbers]
    origins = fields.as_numbers(octets, _values(octets, lines, at, Kind.ORIGIN))
    rows.asn[numbers] = origins.value
    is_continued = lines.is_continued[first] | lines.is_continued[at]
    return prefixes.is_read & origins.is_read & (count[numbers] == 1) & ~is_continued


def _read_aut_nums(octets: Octets, lines: Lines, rows: Rows, numbers: Offsets) -> Flags:
    first = lines.first[numbers]
    found = fields.as_numbers(octets, _values(octets, lines, first, Kind.AUT_NUM))
    rows.asn[numbers] = found.value
    return found.is_read & ~lines.is_continued[first]


_READERS: Final = {
    Kind.ROUTE: lambda *given: _read_routes(*given, Kind.ROUTE),
    Kind.ROUTE6: lambda *given: _read_routes(*given, Kind.ROUTE6),
    Kind.AUT_NUM: _read_aut_nums,
}


def _read_common(
    octets: Octets, lines: Lines, rows: Rows, sources: Sources, numbers: Offsets
) -> Flags:
    """Read what objects of all classes have; return of which it is of the usual form."""
    at, count = lines.only(Kind.SOURCE)
    at = at[numbers]
    found = sources.read(octets, _values(octets, lines, at, Kind.SOURCE))
    rows.source[numbers] = found
    is_read = (found != NONE) & (count[numbers] == 1) & ~lines.is_continued[at]
    at, count = lines.only(Kind.LAST_MODIFIED)
    has = count[numbers] > 0
    stamped = numbers[has]
    at = at[stamped]
    times = fields.times(octets, _values(octets, lines, at, Kind.LAST_MODIFIED))
    is_read[has] &= times.is_read & (count[stamped] == 1) & ~lines.is_continued[at]
    rows.last_modified[stamped] = rows.modified[stamped] = times.seconds
    if not has.all():
        is_read &= _read_changed(octets, lines, rows, count)[numbers]
    return is_read


def _read_changed(octets: Octets, lines: Lines, rows: Rows, stamps: Offsets) -> Flags:
    """Read `changed` attributes of objects without `last-modified`."""
    at = np.flatnonzero(lines.kind == Kind.CHANGED)
    at = at[stamps[lines.owner[at]] == 0]
    start, end = _values(octets, lines, at, Kind.CHANGED), lines.start[at + 1] - 1
    days = fields.dates(octets, end - _DATE)
    before = octets[end - _DATE - 1]
    is_read = days.is_read & ((before == ord(" ")) | (before == ord("\t")))
    is_read &= (end - start > _DATE) & (end - start <= _LONGEST_CHANGED)
    # A comment, or a line that is one, has a day that does not count.
    window = start[:, np.newaxis] + np.arange(_LONGEST_CHANGED)
    found = octets[np.minimum(window, len(octets) - 1)]
    is_mark = (found == ord("#")) | (found == ord("\n"))
    is_read &= ~(is_mark & (window < end[:, np.newaxis])).any(axis=1)
    is_read &= ~lines.is_continued[at]
    np.maximum.at(rows.modified, lines.owner[at[is_read]], days.seconds[is_read])
    is_usual = np.ones(len(lines.first), np.bool_)
    is_usual[lines.owner[at[~is_read]]] = False
    return is_usual
