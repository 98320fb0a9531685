"""Decode and encode AS_PATH, with two or four octets per AS number (RFC 4271, RFC 6793)."""

from __future__ import annotations

import struct
from typing import Final

from peerlint.errors import WireError
from peerlint.model import AsPath, Segment, SegmentType
from peerlint.model.aspath import MAX_SEGMENT

#: The placeholder for an AS number that does not fit into two octets (RFC 6793 section 9).
AS_TRANS = 23456
#: Unpackers of segment members, by width (whether four octets) and count.
_MEMBERS: Final = {
    as4: tuple(struct.Struct(f">{count}{letter}").unpack_from for count in range(MAX_SEGMENT + 1))
    for as4, letter in ((False, "H"), (True, "I"))
}


def decode_path(octets: bytes, *, as4: bool, in_update: bool = False) -> AsPath:
    """Decode the value of an AS_PATH or AS4_PATH attribute.

    Args:
        octets: the value.
        as4: whether AS numbers have four octets.
        in_update: whether an UPDATE carries the attribute, so that AS 0 makes it malformed.

    Raises:
        WireError: a segment type is unknown, a segment has no members or overruns the end (RFC 7606
            section 7.2), or an UPDATE carries AS 0 (RFC 7607 section 2).
    """
    width = 4 if as4 else 2
    members = _MEMBERS[as4]
    segments: list[Segment] = []
    at = 0
    while at < len(octets):
        if at + 2 > len(octets):
            raise WireError(at, expected="a segment's type and count", found="the end")
        kind, count = octets[at], octets[at + 1]
        end = at + 2 + count * width
        if not 1 <= kind <= 4:
            raise WireError(at, expected="a segment type from 1 to 4", found=str(kind))
        if count == 0 or end > len(octets):
            raise WireError(at + 1, expected="a count of members that are there", found=str(count))
        asns = members[count](octets, at + 2)
        if in_update and 0 in asns:
            found_at = at + 2 + width * asns.index(0)
            raise WireError(found_at, expected="an AS number from 1 on", found="0")
        segments.append(Segment(kind, asns))
        at = end
    return AsPath(tuple(segments))


def encode_path(path: AsPath, *, as4: bool) -> bytes:
    """Encode the value of an AS_PATH; large AS numbers become AS_TRANS if two octets are used."""
    parts: list[bytes] = []
    for segment in path.segments:
        asns = segment.asns if as4 else tuple(a if a <= 0xFFFF else AS_TRANS for a in segment.asns)
        parts.append(bytes((segment.type, len(asns))))
        parts.append(struct.pack(f">{len(asns)}{'I' if as4 else 'H'}", *asns))
    return b"".join(parts)


def merge_as4_path(path: AsPath, as4_path: AsPath) -> AsPath:
    """Return the path that AS_PATH and AS4_PATH give together (RFC 6793 section 4.2.3).

    Both lengths are counted as in route selection. An AS4_PATH that is longer than the AS_PATH is
    ignored. Otherwise, the ASes that the AS_PATH has more are taken from its left end and
    prepended to the AS4_PATH. A leading confederation segment, or one that follows a part that is
    kept, is kept as well. Confederation segments in AS4_PATH are discarded (section 6).

    Args:
        path: the AS_PATH, with AS_TRANS for large AS numbers.
        as4_path: the AS4_PATH.
    """
    tail = as4_path.without_confederations()
    missing = path.length - tail.length
    if missing < 0:
        return path
    kept: list[Segment] = []
    for segment in path.segments:
        if segment.type.is_confederation:
            kept.append(segment)
            continue
        if missing == 0:
            break
        if segment.type is SegmentType.AS_SET:
            kept.append(segment)
            missing -= 1
            continue
        asns = segment.asns[:missing]
        kept.append(Segment(segment.type, asns))
        missing -= len(asns)
        if len(asns) < len(segment.asns):
            break
    return AsPath((*kept, *tail.segments)).joined()
