"""Facts of the octets of path attributes, in plain Python.

Facts are defined in `peerlint.model.facts`; here the same bits come from octets. They are a
function of the path's octets and of the communities' octets, so both are remembered.
"""

from __future__ import annotations

from collections.abc import Callable
from secrets import randbelow
from struct import iter_unpack, unpack
from typing import Final

from peerlint.bulk.kernel.contract import (
    FORM_AS4,
    FORM_CUT,
    FORM_INTERNAL,
    FORM_UPDATE,
    nothing_is_missing,
)
from peerlint.bulk.kernel.criteria import NOTED_ASNS, class_bits, community_bits
from peerlint.bulk.kernel.python.values import split_values
from peerlint.iana import asn_class
from peerlint.model import MICROSOFT, Criteria, Fact
from peerlint.model.viewpoint import Reading
from peerlint.wire.memo import LONGEST

#: Each cache is emptied when it has so many entries: 2**16 paths are some 20 MB.
MEMO_ENTRIES: Final = 1 << 16

#: AS numbers below this one are cached; registries have assigned no public one above it.
_USED_ASNS: Final = 1 << 19
#: Facts, effective path length, and origin AS, -1 for none.
RouteFacts = tuple[int, int, int]
#: Segment type and members.
Segments = list[tuple[int, tuple[int, ...]]]

# Plain integers: joining members of an enumeration takes ten times as long.
_TAGGED: Final = int(Fact.TAGGED)
_LONG_PATH: Final = int(Fact.LONG_PATH)
_PREPENDED: Final = int(Fact.PREPENDED)
_LOOP: Final = int(Fact.LOOP)
_AS_SET: Final = int(Fact.AS_SET)
_CONFED: Final = int(Fact.CONFED)
_EMPTY_PATH: Final = int(Fact.EMPTY_PATH)
_FIRST_AS_OTHER: Final = int(Fact.FIRST_AS_OTHER)
_NO_ORIGIN: Final = int(Fact.NO_ORIGIN)
_MALFORMED: Final = int(Fact.MALFORMED)
_NO_STATEMENT: Final = int(Fact.NO_STATEMENT)
_MICROSOFT: Final = int(MICROSOFT)
_NUMBER: Final = bytes(4)
_WITHDRAWN: Final = (_MALFORMED, 0, -1)
_AS_TRANS: Final = 23456
#: Paths with more segments have so many members that their hashes matter.
_FEW_SEGMENTS: Final = 4
#: The factor of AS numbers, modulo a prime above all of them: no two get the same product.
_PRIME: Final = (1 << 61) - 1
_FACTOR: Final = 1 + randbelow(_PRIME - 1)


class AttributeFacts:
    """Computes the facts of attributes under given criteria; caches paths and communities."""

    def __init__(self, criteria: Criteria) -> None:
        """Start with empty caches."""
        self._criteria = criteria
        self._max_path = criteria.max_path
        self._pair = (criteria.community.asn, criteria.community.value)
        self._community_bits = community_bits(criteria)
        # Whether an AS number is known to have no bit. No set: numbers are hashed without a key.
        self._is_plain = bytearray(_USED_ASNS)
        self._paths: dict[tuple[bytes, int, int, bool], RouteFacts] = {}
        self._communities: dict[bytes, int] = {}

    def compute(  # noqa: PLR0917  # called for every entry: names cost a twentieth of the time
        self, buffer: bytes, at: int, end: int, form: int, reading: int, own: int
    ) -> RouteFacts:
        """Compute the facts of the attributes in `buffer[at:end]`.

        Args:
            buffer: octets.
            at: where the list of attributes starts.
            end: where it ends.
            form: bits `FORM_AS4`, `FORM_UPDATE`, `FORM_LOC_RIB`, `FORM_INTERNAL` and, if
                MP_REACH_NLRI follows, `FORM_CUT`.
            reading: a `Reading`: what turns the stored path into the one that AS8075 receives.
            own: the AS that announces to AS8075, -1 if unknown.
        """
        found = split_values(buffer, at, end, form)
        if found is None:
            return _WITHDRAWN
        if not nothing_is_missing(form) and not (
            1 in found and 2 in found and (3 in found or form & FORM_CUT or _brings_hop(found))
        ):
            return _WITHDRAWN  # RFC 7606 section 3 d
        get = found.get
        # In a RIB, BIRD and GoBGP write a router's own routes without AS_PATH.
        path, origin = get(2, b""), get(1, b"\0")
        if len(origin) != 1 or origin[0] > 2 or not _numbers_fit(found):
            return _WITHDRAWN  # RFC 7606 section 7.1
        if form & FORM_INTERNAL and not _internal_fit(found):
            return _WITHDRAWN
        in_update = bool(form & FORM_UPDATE)
        if not form & FORM_AS4:
            path = _in_four_octets(path, found, in_update=in_update)
        route = self._path_facts(path, reading, own, in_update=in_update)
        bits = 0
        if 8 in found:
            bits = self._community_facts(found[8])
        if 16 in found:
            bits |= self._extended_facts(found[16])
        if 32 in found:
            bits |= self._large_facts(found[32])
        if not bits:
            return route
        path_bits, length, origin_as = route
        bits |= path_bits
        return _WITHDRAWN if bits & _MALFORMED else (bits, length, origin_as)

    def is_tagged(self, buffer: bytes, at: int, end: int) -> bool:
        """Whether COMMUNITIES carries the community; no other attribute is read."""
        while at + 3 <= end:
            value = at + (4 if buffer[at] & 0x10 else 3)
            after = value + int.from_bytes(buffer[at + 2 : value])
            if after > end:
                return False
            if buffer[at + 1] == 8:
                return bool(self._community_facts(buffer[value:after]) & _TAGGED)
            at = after
        return False

    def _community_facts(self, octets: bytes) -> int:
        bits = self._communities.get(octets)
        if bits is None:
            if not octets or len(octets) % 4:
                bits = _MALFORMED  # RFC 7606 section 7.8
            else:
                bits = 0
                for (community,) in iter_unpack(">I", octets):
                    bits |= self._community_bits.get(community, 0)
            if len(octets) <= LONGEST:
                if len(self._communities) >= MEMO_ENTRIES:
                    self._communities.clear()
                self._communities[octets] = bits
        return bits

    def _large_facts(self, octets: bytes) -> int:
        if not octets or len(octets) % 12:
            return _MALFORMED  # RFC 8092 section 5
        for administrator, data1, data2 in iter_unpack(">III", octets):
            if self._pair in ((administrator, data1), (data1, data2)):
                return int(Fact.NEAR_LARGE)
        return 0

    def _extended_facts(self, octets: bytes) -> int:
        if not octets or len(octets) % 8:
            return _MALFORMED  # RFC 7606 section 7.14
        asn, value = self._pair
        targets = {0: asn << 32 | value, 2: asn << 16 | value}  # RFC 4360, RFC 5668
        for kind, subtype, local in iter_unpack(">BB6s", octets):
            if subtype in (2, 3) and int.from_bytes(local) == targets.get(kind):
                return int(Fact.NEAR_EXTENDED)
        return 0

    def _path_facts(self, path: bytes, reading: int, own: int, *, in_update: bool) -> RouteFacts:
        key = (path, reading, own, in_update)
        route = self._paths.get(key)
        if route is None:
            route = self._compute_path(path, reading, own, in_update=in_update)
            if len(path) <= LONGEST:
                if len(self._paths) >= MEMO_ENTRIES:
                    self._paths.clear()
                self._paths[key] = route
        return route

    def _compute_path(
        self, octets: bytes, reading: int, own: int, *, in_update: bool
    ) -> RouteFacts:
        stored = _segments(octets, 4, in_update=in_update)
        if stored is None:
            return _WITHDRAWN
        segments = _effective(stored, reading, own)
        if segments is None:
            return _NO_STATEMENT, 0, -1
        bits, length = self._walk_path(segments)
        first = _first_as(segments)
        if own >= 0 and first is not None and first != own:
            bits |= _FIRST_AS_OTHER
        origin = own
        if segments and segments[-1][0] < 3:
            origin = segments[-1][1][-1] if segments[-1][0] == 2 else -1
        if origin < 0:
            bits |= _NO_ORIGIN
        return bits, length, origin

    def _walk_path(self, segments: Segments) -> tuple[int, int]:
        bits = 0 if segments else _EMPTY_PATH
        length, previous = 0, -1
        seen: set[int] = set()
        is_plain = self._is_plain
        mixed = _mixed if len(segments) > _FEW_SEGMENTS else _as_they_are
        for kind, asns in segments:
            members = set(asns)
            for asn in members:
                if asn >= _USED_ASNS or not is_plain[asn]:
                    bits |= self._asn_facts(asn)
            if kind >= 3:
                bits |= _CONFED
            elif kind == 1:
                bits |= _AS_SET
                length += 1
                previous = -1  # a set ends a run of repeats
            else:
                length += len(asns)
                keys = mixed(members)
                if len(members) < len(asns) or not seen.isdisjoint(keys):
                    bits |= _repeats(asns, previous, seen, mixed)
                seen |= keys
                previous = asns[-1]
        if length > self._max_path:
            bits |= _LONG_PATH
        return bits, length

    def _asn_facts(self, asn: int) -> int:
        bits = class_bits(asn_class(asn), self._criteria) | NOTED_ASNS.get(asn, 0)
        if bits:
            return bits
        if asn < _USED_ASNS:
            self._is_plain[asn] = True
        return 0


def _as_they_are(asns: set[int]) -> set[int]:
    return asns


def _mixed(asns: set[int]) -> set[int]:
    """Return a different number for each AS number.

    Python hashes numbers without a key: of thousands of chosen ones, each would be compared
    with all others.
    """
    return {asn * _FACTOR % _PRIME for asn in asns}


def _repeats(
    asns: tuple[int, ...], previous: int, seen: set[int], mixed: Callable[[set[int]], set[int]]
) -> int:
    """Return the bits for AS numbers that repeat, in a run or after other ones."""
    bits = 0
    here: set[int] = set()
    for asn in asns:
        if asn == previous:
            bits |= _PREPENDED
        elif asn != _MICROSOFT and (asn in here or (seen and not seen.isdisjoint(mixed({asn})))):
            bits |= _LOOP
        here.add(asn)
        previous = asn
    return bits


def _brings_hop(found: dict[int, bytes]) -> bool:
    """Whether MP_REACH_NLRI has a next hop: one of IPv4 or IPv6, unicast or multicast."""
    family = found.get(14, b"")[:3]
    return family[:2] in (b"\0\1", b"\0\2") and family[2:] in (b"\1", b"\2")


def _numbers_fit(found: dict[int, bytes]) -> bool:
    """Whether NEXT_HOP, MULTI_EXIT_DISC and ONLY_TO_CUSTOMER have four octets.

    RFC 7606 sections 7.3 and 7.4, RFC 9234 section 5.
    """
    get = found.get
    return len(get(3, _NUMBER)) == len(get(4, _NUMBER)) == len(get(35, _NUMBER)) == 4


def _internal_fit(found: dict[int, bytes]) -> bool:
    """Whether LOCAL_PREF, ORIGINATOR_ID and CLUSTER_LIST of an internal session are well-formed.

    RFC 7606 sections 7.5, 7.9 and 7.10.
    """
    get = found.get
    clusters = get(10, _NUMBER)
    return (
        len(get(5, _NUMBER)) == len(get(9, _NUMBER)) == 4
        and bool(clusters)
        and not len(clusters) % 4
    )


def _segments(octets: bytes, width: int, *, in_update: bool) -> Segments | None:
    """Cut a path; None if it is malformed (RFC 7606 section 7.2, RFC 7607 section 2)."""
    segments: Segments = []
    at, size = 0, len(octets)
    while at < size:
        if at + 2 > size:
            return None
        kind, count = octets[at], octets[at + 1]
        end = at + 2 + width * count
        if not 1 <= kind <= 4 or count == 0 or end > size:
            return None
        letter = "I" if width == 4 else "H"
        asns = unpack(f">{count}{letter}", octets[at + 2 : end])
        if in_update and 0 in asns:
            return None
        segments.append((kind, asns))
        at = end
    return segments


def _effective(segments: Segments, reading: int, own: int) -> Segments | None:
    """Return the path as AS8075 receives it; None if the view does not show it."""
    if reading == Reading.FROM_OWN:
        return _cut_before(segments, own)
    if reading == Reading.AS_IS or (
        reading == Reading.OWN_IF_ABSENT and _first_as(segments) == own
    ):
        return segments
    outside = [segment for segment in segments if segment[0] < 3]
    if reading == Reading.TRANSPARENT and outside:
        return outside
    return [(2, (own,)), *outside]


def _first_as(segments: Segments) -> int | None:
    """Return the leftmost AS outside confederations, -1 for a set, None if there is none."""
    for kind, asns in segments:
        if kind < 3:
            return asns[0] if kind == 2 else -1
    return None


def _cut_before(segments: Segments, own: int) -> Segments | None:
    for index, (kind, asns) in enumerate(segments):
        if kind == 2 and own in asns:
            return [(kind, asns[asns.index(own) :]), *segments[index + 1 :]]
    return None


def _in_four_octets(path: bytes, found: dict[int, bytes], *, in_update: bool) -> bytes:
    """Widen a path of two-octet AS numbers and merge AS4_PATH (RFC 6793 section 4.2.3).

    A malformed path is given back as something that `_segments` refuses too.
    """
    head = _segments(path, 2, in_update=in_update)
    if head is None:
        return b"\0"
    aggregator, as4_aggregator = found.get(7, b""), found.get(18, b"")
    asns = int.from_bytes(aggregator[:2]), int.from_bytes(as4_aggregator[:4])
    aggregated_since = (
        len(aggregator) == 6
        and len(as4_aggregator) == 8
        and asns[0] != _AS_TRANS
        and not (in_update and 0 in asns)  # malformed: discarded, RFC 7607 section 2
    )
    # Malformed: discarded, RFC 6793 section 6.
    tail = _segments(found.get(17, b""), 4, in_update=in_update)
    if tail is not None and not aggregated_since:
        head = _merge(head, [segment for segment in tail if segment[0] < 3])
    return b"".join(
        bytes((kind, len(asns))) + b"".join(asn.to_bytes(4) for asn in asns) for kind, asns in head
    )


def _merge(head: Segments, tail: Segments) -> Segments:
    missing = _length(head) - _length(tail)
    if missing < 0:
        return head
    kept: Segments = []
    for kind, asns in head:
        if kind >= 3:
            kept.append((kind, asns))  # one that leads, or follows a part that is kept
        elif missing == 0:
            break
        elif kind == 1:
            kept.append((kind, asns))
            missing -= 1
        else:
            kept.append((kind, asns[:missing]))
            if missing < len(asns):
                break
            missing -= len(asns)
    return kept + tail


def _length(segments: Segments) -> int:
    return sum(len(asns) if kind == 2 else kind == 1 for kind, asns in segments)
