"""AS_PATH as octets, in two and four octets per AS number (RFC 4271, RFC 6793)."""

from __future__ import annotations

import struct
from typing import Final

from peerlint.errors import WireError
from peerlint.model import AsPath, Segment, SegmentType
from peerlint.model.aspath import MAX_SEGMENT

#: Stands for an AS number that does not fit into two octets (RFC 6793 section 9).
AS_TRANS = 23456
#: How so many members are read, in two and in four octets each.
_MEMBERS: Final = {
    as4: tuple(struct.Struct(f">{count}{letter}").unpack_from for count in range(MAX_SEGMENT + 1))
    for as4, letter in ((False, "H"), (True, "I"))
}


def decode_path(octets: bytes, *, as4: bool, in_update: bool = False) -> AsPath:
    """Read the value of an AS_PATH or AS4_PATH attribute.

    Args:
        octets: of the value.
        as4: whether AS numbers have four octets.
        in_update: whether an UPDATE carries it, where AS 0 makes it malformed.

    Raises:
        WireError: an unknown segment type, a segment without members or over the end (RFC 7606
            section 7.2), or AS 0 (RFC 7607 section 2).
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
    """Return the value of an AS_PATH attribute; in two octets, large numbers become AS_TRANS."""
    parts: list[bytes] = []
    for segment in path.segments:
        asns = segment.asns if as4 else tuple(a if a <= 0xFFFF else AS_TRANS for a in segment.asns)
        parts.append(bytes((segment.type, len(asns))))
        parts.append(struct.pack(f">{len(asns)}{'I' if as4 else 'H'}", *asns))
    return b"".join(parts)


def merge_as4_path(path: AsPath, as4_path: AsPath) -> AsPath:
    """Put back what two octets could not say (RFC 6793 section 4.2.3).

    Both lengths are counted as in route selection. An AS4_PATH that is longer is ignored. Else
    as many leading ASes of the path as it has more stand before the AS4_PATH; a confederation
    segment that leads, or that follows a part that is kept, is kept as well. Confederation
    segments inside AS4_PATH are discarded (section 6).
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
