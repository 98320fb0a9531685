"""The lines of a chunk of RPSL, and the objects that they form, as columns."""

from __future__ import annotations

from enum import IntEnum
from itertools import product
from typing import TYPE_CHECKING, Final, Self

import attrs
import numpy as np

from peerlint.registry.irr.fields import after_blanks
from peerlint.registry.irr.rpsl import COMMENT, CONTINUATION
from peerlint.registry.irr.words import WORD, NameForm, start_with, words_of

if TYPE_CHECKING:
    import numpy.typing as npt

    from peerlint.registry.irr.words import Flags, Octets, Offsets

_NEWLINE: Final = ord("\n")


class Kind(IntEnum):
    """The attributes that are looked at; classes are those up to `AS_SET`."""

    OTHER = 0
    ROUTE = 1
    ROUTE6 = 2
    AUT_NUM = 3
    AS_SET = 4
    ORIGIN = 5
    SOURCE = 6
    LAST_MODIFIED = 7
    CHANGED = 8

    @property
    def attribute(self) -> bytes:
        """The attribute, with its colon, in lower case."""
        return self.name.lower().replace("_", "-").encode() + b":"


@attrs.frozen(eq=False)
class Lines:
    """The lines of a chunk that are no comments, and its objects.

    Attributes:
        octets: of the chunk, with `PADDING` zeros behind them.
        start: the offset of each line in the chunk, and that of the end.
        kind: the `Kind` of each line.
        owner: the number of the object that each line is in; empty lines are in that before them.
        first: the number of the first line of each object.
        is_continued: whether the next line continues this one.
        newlines: the offsets of all newlines, of comments too.
    """

    octets: Octets
    start: Offsets
    kind: npt.NDArray[np.uint8]
    owner: Offsets
    first: Offsets
    is_continued: Flags
    newlines: Offsets

    @classmethod
    def of(cls, octets: Octets) -> Self:
        """Find the lines.

        Args:
            octets: whole objects, and `PADDING` zeros.
        """
        newlines = np.flatnonzero(octets == _NEWLINE)
        start = np.concatenate(([0], newlines + 1))
        head = octets[start]
        head[-1] = _NEWLINE
        is_comment = _is_one_of(head, COMMENT)
        if is_comment.any():
            start, head = start[~is_comment], head[~is_comment]
        is_empty = head[:-1] == _NEWLINE
        is_first = ~is_empty
        is_first[1:] &= is_empty[:-1]
        kind = _kinds(octets, start[:-1])
        is_continued = _is_one_of(head[1:], CONTINUATION)
        owner, first = np.cumsum(is_first) - 1, np.flatnonzero(is_first)
        return cls(octets, start, kind, owner, first, is_continued, newlines)

    def values(self, lines: Offsets, kind: Kind) -> Offsets:
        """Return the offsets of the values on lines of a kind."""
        return after_blanks(self.octets, self.start[lines] + len(kind.attribute))

    def only(self, kind: Kind) -> tuple[Offsets, Offsets]:
        """Return the last line of a kind in each object, and how many there are."""
        lines = np.flatnonzero(self.kind == kind)
        owner = self.owner[lines]
        last = np.zeros(len(self.first), np.intp)
        last[owner] = lines
        return last, np.bincount(owner, minlength=len(self.first))


def _is_one_of(found: Octets, characters: bytes) -> Flags:
    flags: Flags = found == characters[0]
    for each in characters[1:]:
        flags |= found == each
    return flags


def _kinds(octets: Octets, start: Offsets) -> npt.NDArray[np.uint8]:
    """Return the kinds of lines that start at these offsets."""
    words = words_of(octets)
    heads = words[start]
    kinds = _BY_START.take(heads.astype(np.uint16))
    lines = np.flatnonzero(kinds != Kind.OTHER)
    heads, found = heads[lines], kinds[lines]
    found[start_with(heads, Kind.ROUTE6.attribute)] = Kind.ROUTE6
    is_kind = ((heads & _MASKS.take(found)) | _CASES.take(found)) == _NAMES.take(found)
    long = np.flatnonzero(found == Kind.LAST_MODIFIED)
    is_kind[long] &= start_with(
        words[start[lines[long]] + WORD], Kind.LAST_MODIFIED.attribute[WORD:]
    )
    kinds[lines] = np.where(is_kind, found, Kind.OTHER)
    return kinds


def _by_start() -> npt.NDArray[np.uint8]:
    """Return the kind of attributes that start with two octets; the first is the lower one."""
    kinds = np.zeros(1 << 16, np.uint8)
    for kind in reversed(Kind):
        if kind is not Kind.OTHER:
            first, second = kind.attribute[:2]
            for one, two in product((first, first - 32), (second, second - 32)):
                kinds[one | two << 8] = kind
    return kinds


#: `route6` starts like `route`, which it becomes; all others differ.
_BY_START: Final = _by_start()
_FORMS: Final = [NameForm.of(each.attribute[:WORD]) for each in Kind]
_MASKS, _CASES, _NAMES = (
    np.array(each, np.uint64) for each in zip(*map(attrs.astuple, _FORMS), strict=True)
)
