"""Objects of the usual form, many at a time.

An object is of the usual form if all of its decisive attributes are, with none of them continued on
the next line. `objects` defines what is read; `fields` reads the same values, as columns.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from peerlint.registry.irr import fields
from peerlint.registry.irr.lines import Kind, Lines
from peerlint.registry.irr.rows import Rows
from peerlint.registry.irr.sources import NONE, Sources

if TYPE_CHECKING:
    from peerlint.registry.irr.words import Flags, Octets, Offsets

_LETTERS: Final = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_IS_LETTER: Final = np.zeros(256, np.bool_)
_IS_LETTER[list(_LETTERS)] = True
_IS_IN_NAME: Final = _IS_LETTER.copy()
_IS_IN_NAME[list(b"0123456789_-")] = True
#: Octets of the name of a class, in its usual form; the longest has 12.
_LONGEST_NAME: Final = 16
_IS_BLANK: Final = np.zeros(256, np.bool_)
_IS_BLANK[list(b" \t")] = True
#: Octets of a `changed` attribute, in its usual form, and of blanks behind it.
_LONGEST_CHANGED: Final = 64
_BLANKS: Final = 4
_DATE: Final = 8


def read_usual(lines: Lines, rows: Rows, sources: Sources) -> Flags:
    """Read the objects of the usual form into their rows.

    Args:
        lines: of a chunk.
        rows: one for each of its objects.
        sources: the registries that the file names; new ones are added.

    Returns:
        Which objects were read, or are of a class that is not: the others are not of this form.
    """
    kind = lines.kind[lines.first]
    kind[kind > Kind.AS_SET] = Kind.OTHER  # an attribute that is no class
    is_usual = ~_has_inner(lines)
    is_usual &= kind != Kind.AS_SET
    others = np.flatnonzero(kind == Kind.OTHER)
    is_usual[others] &= _are_named(lines.octets, lines.start[lines.first[others]])
    wanted = np.flatnonzero(is_usual & (kind != Kind.OTHER))
    is_read = _read_common(lines, rows, sources, wanted)
    kind = kind[wanted]
    for each in (Kind.ROUTE, Kind.ROUTE6):
        of_class = kind == each
        is_read[of_class] &= _read_routes(lines, rows, wanted[of_class], each)
    of_class = kind == Kind.AUT_NUM
    is_read[of_class] &= _read_aut_nums(lines, rows, wanted[of_class])
    is_usual[wanted] = is_read
    rows.kind[wanted] = np.where(is_read, kind, Kind.OTHER)
    return is_usual


def _has_inner(lines: Lines) -> Flags:
    """Return which objects have another one inside, because an empty line is missing."""
    is_class = (lines.kind != Kind.OTHER) & (lines.kind <= Kind.AS_SET)
    is_class[lines.first] = False
    has_inner = np.zeros(len(lines.first), np.bool_)
    has_inner[lines.owner[is_class]] = True
    return has_inner


def _are_named(octets: Octets, at: Offsets) -> Flags:
    """Return whether lines start with the name of an attribute, of at most 16 octets."""
    end = at + _IS_LETTER[octets[at]]
    is_named = end > at
    for _ in range(_LONGEST_NAME):
        is_in = is_named & _IS_IN_NAME[octets[end]]
        if not is_in.any():
            break
        end += is_in
    is_named &= octets[end] == ord(":")
    return is_named


def _read_routes(lines: Lines, rows: Rows, numbers: Offsets, kind: Kind) -> Flags:
    read = fields.prefixes4 if kind is Kind.ROUTE else fields.prefixes6
    first = lines.first[numbers]
    prefixes = read(lines.octets, lines.values(first, kind))
    rows.hi[numbers], rows.lo[numbers] = prefixes.hi, prefixes.lo
    rows.length[numbers] = prefixes.length
    at, count = lines.only(Kind.ORIGIN)
    at = at[numbers]
    origins = fields.as_numbers(lines.octets, lines.values(at, Kind.ORIGIN))
    rows.asn[numbers] = origins.value
    is_read = prefixes.is_read & origins.is_read
    is_read &= count[numbers] == 1
    is_read &= ~(lines.is_continued[first] | lines.is_continued[at])
    return is_read


def _read_aut_nums(lines: Lines, rows: Rows, numbers: Offsets) -> Flags:
    first = lines.first[numbers]
    found = fields.as_numbers(lines.octets, lines.values(first, Kind.AUT_NUM))
    rows.asn[numbers] = found.value
    return found.is_read & ~lines.is_continued[first]


def _read_common(lines: Lines, rows: Rows, sources: Sources, numbers: Offsets) -> Flags:
    """Read what objects of all classes have; return of which it is of the usual form."""
    at, count = lines.only(Kind.SOURCE)
    at = at[numbers]
    is_read = ~lines.is_continued[at]
    is_read &= count[numbers] == 1
    # Only values of `source` are names of registries.
    found = sources.read(lines.octets, lines.values(at[is_read], Kind.SOURCE))
    rows.source[numbers[is_read]] = found
    is_read[is_read] = found != NONE
    at, count = lines.only(Kind.LAST_MODIFIED)
    has = count[numbers] > 0
    stamped = numbers[has]
    at = at[stamped]
    times = fields.times(lines.octets, lines.values(at, Kind.LAST_MODIFIED))
    is_read[has] &= times.is_read & (count[stamped] == 1) & ~lines.is_continued[at]
    rows.last_modified[stamped] = rows.modified[stamped] = times.seconds
    if not has.all():
        is_read &= _read_changed(lines, rows, count)[numbers]
    return is_read


def _before_comments(octets: Octets, start: Offsets) -> tuple[Offsets, Offsets, Flags]:
    """Return where values start and end, and whether they are of at most 64 octets."""
    found = sliding_window_view(octets, _LONGEST_CHANGED)[start]
    is_mark = (found == ord("#")) | (found == ord("\n"))
    end = start + is_mark.argmax(axis=1)
    for _ in range(_BLANKS):
        end -= _IS_BLANK[octets[end - 1]] & (end > start)
    return start, end, is_mark.any(axis=1)


def _read_changed(lines: Lines, rows: Rows, stamps: Offsets) -> Flags:
    """Read the `changed` of objects without `last-modified`; return of which it is usual.

    Args:
        lines: of a chunk.
        rows: one for each of its objects.
        stamps: how many `last-modified` each object has.
    """
    at = np.flatnonzero(lines.kind == Kind.CHANGED)
    at = at[stamps[lines.owner[at]] == 0]
    start, end, is_read = _before_comments(lines.octets, lines.values(at, Kind.CHANGED))
    days = fields.dates(lines.octets, end - _DATE)
    is_read &= days.is_read & (end - start > _DATE) & ~lines.is_continued[at]
    is_read &= _IS_BLANK[lines.octets[end - _DATE - 1]]
    np.maximum.at(rows.modified, lines.owner[at[is_read]], days.seconds[is_read])
    is_usual = np.ones(len(lines.first), np.bool_)
    is_usual[lines.owner[at[~is_read]]] = False
    return is_usual
