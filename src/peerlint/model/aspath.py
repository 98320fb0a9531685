"""AS paths: their segments and properties (RFC 4271, RFC 5065)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import IntEnum
from itertools import groupby, pairwise
from typing import Final, Self

import attrs

from peerlint.arguments import A_STRING, must_be
from peerlint.errors import InputError
from peerlint.model.asn import Asn


class SegmentType(IntEnum):
    """Path segment types and their codes (RFC 4271 section 4.3, RFC 5065 section 3)."""

    AS_SET = 1
    AS_SEQUENCE = 2
    AS_CONFED_SEQUENCE = 3
    AS_CONFED_SET = 4

    @property
    def is_confederation(self) -> bool:
        """Whether the segment lists members of a confederation."""
        return self >= SegmentType.AS_CONFED_SEQUENCE


_SEGMENT_TYPES: Final = {int(kind): kind for kind in SegmentType}


def _segment_type(kind: int) -> SegmentType:
    # The enumeration's own look-up takes five times as long, and there are millions of paths.
    return _SEGMENT_TYPES.get(kind) or SegmentType(kind)


#: How segments of each type are written, as bgpdump does: brackets and separator.
_BRACKETS: Final = {
    SegmentType.AS_SET: ("{", "}", ","),
    SegmentType.AS_SEQUENCE: ("", "", " "),
    SegmentType.AS_CONFED_SEQUENCE: ("(", ")", " "),
    SegmentType.AS_CONFED_SET: ("[", "]", ","),
}
_BY_OPENING: Final = {opening: kind for kind, (opening, _, _) in _BRACKETS.items() if opening}
_TOKEN: Final = re.compile(
    r"\s*(?:(?P<open>[{(\[])(?P<inside>[^{}()\[\]]*)(?P<close>[})\]])|(?P<asn>[^\s{}()\[\]]+))"
)
_COMMA: Final = re.compile(r"\s*,\s*|\s+")
_EXPECTED: Final = 'AS numbers with sets in braces, such as "64500 64501 {64502,64503}"'
#: The maximum number of members: a segment counts them in one octet.
MAX_SEGMENT: Final = 255


@attrs.frozen
class Segment:
    """One segment of a path.

    Attributes:
        type: the segment type.
        asns: 1 to 255 AS numbers, as sent.
    """

    type: SegmentType = attrs.field(converter=_segment_type)
    asns: tuple[int, ...]

    def __attrs_post_init__(self) -> None:
        """Check that the segment can be sent.

        Raises:
            InputError: it has no members (RFC 7606 section 7.2), more than 255, or one that exceeds
                32 bits.
        """
        if not 1 <= len(self.asns) <= MAX_SEGMENT:
            raise InputError(
                "path segment", expected="1 to 255 AS numbers", found=f"{len(self.asns)} of them"
            )
        if min(self.asns) < 0 or max(self.asns) > 0xFFFFFFFF:
            raise InputError(
                "path segment", expected="AS numbers from 0 to 4294967295", found=str(self)
            )

    def __str__(self) -> str:
        """Return the members in the brackets of the segment's type."""
        opening, closing, separator = _BRACKETS[self.type]
        return opening + separator.join(map(str, self.asns)) + closing


@attrs.frozen
class AsPath:
    """The AS_PATH of a route; the leftmost AS announced it last.

    Attributes:
        segments: as sent; a long sequence may be split over several.
    """

    segments: tuple[Segment, ...] = ()

    @classmethod
    def sequence(cls, *asns: int) -> Self:
        """Make a path of one AS_SEQUENCE, which is split after every 255 AS numbers."""
        return cls(_chunks(SegmentType.AS_SEQUENCE, tuple(map(Asn, asns))))

    @classmethod
    def parse(cls, text: str) -> Self:
        """Parse a path such as `64500 64501 {64502,64503} (64512) [64513,64514]`.

        Braces contain an AS_SET, parentheses an AS_CONFED_SEQUENCE, square brackets an
        AS_CONFED_SET. AS numbers may be in asplain or asdot. `str` returns the same text, with
        adjacent sequences written as one.

        Raises:
            InputError: brackets are not balanced, a set is empty, or a word is not an AS number.
        """
        must_be("text", text, str, A_STRING)
        segments: list[Segment] = []
        loose: list[int] = []
        at = 0
        stripped = text.rstrip()
        while at < len(stripped):
            match = _TOKEN.match(stripped, at)
            if match is None:
                raise InputError("AS path", expected=_EXPECTED, found=text)
            at = match.end()
            if match["asn"]:
                loose.append(Asn.parse(match["asn"]))
                continue
            segments += _chunks(SegmentType.AS_SEQUENCE, tuple(loose))
            loose.clear()
            kind = _BY_OPENING[match["open"]]
            if _BRACKETS[kind][1] != match["close"]:
                raise InputError("AS path", expected=_EXPECTED, found=text)
            members = tuple(Asn.parse(word) for word in _COMMA.split(match["inside"].strip()))
            segments += _chunks(kind, members)
        return cls((*segments, *_chunks(SegmentType.AS_SEQUENCE, tuple(loose))))

    def __str__(self) -> str:
        """Return the segments, separated by blanks."""
        return " ".join(map(str, self.segments))

    @property
    def length(self) -> int:
        """The length as in route selection: a set counts as 1, a confederation segment as 0.

        RFC 4271 section 9.1.2.2 a, RFC 5065 section 5.3. Repeats count.
        """
        return sum(
            {SegmentType.AS_SEQUENCE: len(segment.asns), SegmentType.AS_SET: 1}.get(segment.type, 0)
            for segment in self.segments
        )

    @property
    def asns(self) -> Iterator[int]:
        """All AS numbers of all segments, from left to right."""
        return (asn for segment in self.segments for asn in segment.asns)

    @property
    def has_set(self) -> bool:
        """Whether the path has an AS_SET (deprecated, RFC 9774)."""
        return any(segment.type is SegmentType.AS_SET for segment in self.segments)

    @property
    def has_confederation(self) -> bool:
        """Whether a segment lists members of a confederation."""
        return any(segment.type.is_confederation for segment in self.segments)

    @property
    def first_as(self) -> Asn | None:
        """The leftmost AS number outside confederations (RFC 4271 section 6.3).

        None if the first segment is an AS_SET, or if there is none.
        """
        for segment in self.without_confederations().segments:
            return Asn(segment.asns[0]) if segment.type is SegmentType.AS_SEQUENCE else None
        return None

    @property
    def origins(self) -> frozenset[int]:
        """The last AS outside confederations, or all members of an AS_SET at the end."""
        outside = [segment for segment in self.segments if not segment.type.is_confederation]
        if not outside:
            return frozenset()
        last = outside[-1]
        return frozenset(last.asns if last.type is SegmentType.AS_SET else last.asns[-1:])

    def origin(self, speaker: int | None) -> Asn | None:
        """Return the origin AS as RFC 6811 section 2 defines it.

        Args:
            speaker: the AS that announces the route; it is the origin if the path is empty or
                ends in a confederation.

        Returns:
            None if the path ends in an AS_SET, or if the origin is the speaker and that is None.
        """
        last = self.segments[-1] if self.segments else None
        if last is None or last.type.is_confederation:
            return None if speaker is None else Asn(speaker)
        return Asn(last.asns[-1]) if last.type is SegmentType.AS_SEQUENCE else None

    def without_confederations(self) -> AsPath:
        """Return the path as it leaves the confederation (RFC 5065 section 4)."""
        if not self.has_confederation:
            return self
        return AsPath(tuple(s for s in self.segments if not s.type.is_confederation))

    def prepended_by(self, asn: int) -> AsPath:
        """Return the path with an AS number prepended (RFC 4271 section 5.1.2 b)."""
        asn = Asn(asn)
        if self.segments and self.segments[0].type is SegmentType.AS_SEQUENCE:
            first = self.segments[0].asns
            return AsPath((*_chunks(SegmentType.AS_SEQUENCE, (asn, *first)), *self.segments[1:]))
        return AsPath((Segment(SegmentType.AS_SEQUENCE, (asn,)), *self.segments))

    def cut_before(self, asn: int) -> AsPath | None:
        """Return the path from the leftmost occurrence of an AS number in a sequence on.

        Returns:
            None if no sequence contains the AS number.
        """
        for index, segment in enumerate(self.segments):
            if segment.type is SegmentType.AS_SEQUENCE and asn in segment.asns:
                kept = segment.asns[segment.asns.index(asn) :]
                return AsPath((Segment(segment.type, kept), *self.segments[index + 1 :]))
        return None

    def runs(self) -> list[list[tuple[int, int]]]:
        """Return the sequences as lists of (AS number, consecutive occurrences), split at sets.

        Confederation segments are dropped and adjacent sequences joined, because a sequence may be
        split into segments at any point.
        """
        sequences: list[list[int]] = [[]]
        for segment in self.without_confederations().segments:
            if segment.type is SegmentType.AS_SET:
                sequences.append([])
            else:
                sequences[-1] += segment.asns
        return [
            [(asn, len(list(group))) for asn, group in groupby(sequence)]
            for sequence in sequences
            if sequence
        ]

    def prepends(self) -> dict[Asn, int]:
        """Return the AS numbers with consecutive occurrences, and the length of the longest run."""
        found: dict[Asn, int] = {}
        for asn, times in (pair for run in self.runs() for pair in run):
            if times > 1:
                found[Asn(asn)] = max(times, found.get(Asn(asn), 0))
        return found

    def repeats(self) -> tuple[Asn, ...]:
        """Return the AS numbers that occur again after another AS (a loop), ascending."""
        # Sorted, not in a set: Python hashes integers without a key, and these are untrusted.
        asns = sorted(asn for run in self.runs() for asn, _ in run)
        again = (one for one, other in pairwise(asns) if one == other)
        return tuple(Asn(asn) for asn, _ in groupby(again))

    def joined(self) -> AsPath:
        """Return the same path with adjacent sequences in as few segments as possible."""
        joined: list[Segment] = []
        for kind, group in groupby(self.segments, key=lambda segment: segment.type):
            if kind in (SegmentType.AS_SEQUENCE, SegmentType.AS_CONFED_SEQUENCE):
                joined += _chunks(kind, tuple(asn for segment in group for asn in segment.asns))
            else:
                joined += group
        return AsPath(tuple(joined))


def _chunks(kind: SegmentType, asns: tuple[int, ...]) -> tuple[Segment, ...]:
    cuts = (*range(0, len(asns), MAX_SEGMENT), len(asns))
    return tuple(Segment(kind, asns[start:stop]) for start, stop in pairwise(cuts))
