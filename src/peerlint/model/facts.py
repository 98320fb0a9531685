"""Facts: the bits of a route, and their definition.

A fact is true or false of one route, seen from one viewpoint, under given criteria. Rules are
built on facts, and whole dumps are counted by them. The kernels in `peerlint.bulk` compute the
same bits from octets; where they differ, this file is right.
"""

from __future__ import annotations

from enum import IntFlag
from typing import Final

from peerlint.iana import AsnClass, asn_class, special_blocks
from peerlint.model.asn import EXPRESSROUTE, MICROSOFT
from peerlint.model.aspath import AsPath
from peerlint.model.community import Community
from peerlint.model.prefix import Prefix
from peerlint.model.route import Route
from peerlint.model.viewpoint import Criteria, Viewpoint


class Fact(IntFlag):
    """The bits, numbered for ever."""

    TAGGED = 1 << 0  #: carries the community that is asked for
    NEAR_LARGE = 1 << 1  #: carries it as a large community
    NEAR_EXTENDED = 1 << 2  #: carries it as a route target or route origin
    NEAR_SWAPPED = 1 << 3  #: carries it with its halves swapped
    NEAR_VALUE = 1 << 4  #: carries another one that differs in the last digit only
    NO_ADVERTISE = 1 << 5  #: RFC 1997
    NO_EXPORT = 1 << 6  #: RFC 1997
    NO_EXPORT_SUBCONFED = 1 << 7  #: RFC 1997
    NOPEER = 1 << 8  #: RFC 3765
    BLACKHOLE = 1 << 9  #: RFC 7999
    GRACEFUL_SHUTDOWN = 1 << 10  #: RFC 8326
    LLGR_STALE = 1 << 11  #: RFC 9494
    NO_LLGR = 1 << 12  #: RFC 9494
    BLOCKED_8075 = 1 << 13  #: 0:8075, "do not announce to AS8075" at many route servers
    LONG_PATH = 1 << 14  #: the effective path is longer than allowed
    PRIVATE_ASN = 1 << 15  #: a private AS number anywhere in it (RFC 6996)
    BOGON_ASN = 1 << 16  #: a reserved, documentation or AS_TRANS number anywhere in it
    PREPENDED = 1 << 17  #: an AS number follows itself
    LOOP = 1 << 18  #: an AS number other than 8075 returns after something else
    HAS_8075 = 1 << 19  #: AS8075 itself stands in it
    HAS_12076 = 1 << 20  #: ExpressRoute's AS stands in it
    AS_SET = 1 << 21  #: RFC 9774
    CONFED = 1 << 22  #: confederation segments that AS8075 would see (RFC 5065)
    EMPTY_PATH = 1 << 23  #: no segment at all
    FIRST_AS_OTHER = 1 << 24  #: the leftmost AS is not the announcing one
    NO_ORIGIN = 1 << 25  #: no origin AS: the path ends in an AS_SET (RFC 6811)
    IPV6 = 1 << 26  #: an IPv6 prefix
    SPECIAL_PREFIX = 1 << 27  #: overlaps special-purpose address space
    LONGER_THAN_24 = 1 << 28  #: an IPv4 prefix longer than /24
    MALFORMED = 1 << 29  #: treated as withdrawn (RFC 7606); nothing but the prefix is judged
    NO_STATEMENT = 1 << 30  #: a collector's path without the announcing AS: says nothing of it


#: Well-known communities that a rule asks about, by value.
WELL_KNOWN_FACTS: Final = {
    0xFFFF0000: Fact.GRACEFUL_SHUTDOWN,
    0xFFFF0006: Fact.LLGR_STALE,
    0xFFFF0007: Fact.NO_LLGR,
    0xFFFF029A: Fact.BLACKHOLE,
    0xFFFFFF01: Fact.NO_EXPORT,
    0xFFFFFF02: Fact.NO_ADVERTISE,
    0xFFFFFF03: Fact.NO_EXPORT_SUBCONFED,
    0xFFFFFF04: Fact.NOPEER,
    Community.of(0, MICROSOFT).number: Fact.BLOCKED_8075,
}


def facts(route: Route, viewpoint: Viewpoint, criteria: Criteria) -> Fact:
    """Return the bits of a route as AS8075 would see it."""
    return prefix_facts(route.prefix, criteria) | attribute_facts(route, viewpoint, criteria)


def attribute_facts(route: Route, viewpoint: Viewpoint, criteria: Criteria) -> Fact:
    """Return the bits that depend on anything but the prefix."""
    if route.malformed:
        return Fact.MALFORMED
    return community_facts(route, criteria) | path_facts(route.path, viewpoint, criteria)


def prefix_facts(prefix: Prefix, criteria: Criteria) -> Fact:
    """Return the bits that depend on the prefix."""
    bits = Fact(0)
    if prefix.family == 6:
        bits |= Fact.IPV6
    elif prefix.length > 24:
        bits |= Fact.LONGER_THAN_24
    if special_blocks(prefix.family, prefix.first, prefix.length, criteria.allow):
        bits |= Fact.SPECIAL_PREFIX
    return bits


def community_facts(route: Route, criteria: Criteria) -> Fact:
    """Return the bits that depend on the communities."""
    wanted = criteria.community
    bits = Fact(0)
    for community in route.communities:
        bits |= WELL_KNOWN_FACTS.get(community.number, 0)
        if community == wanted:
            bits |= Fact.TAGGED
        elif (community.asn, community.value) == (wanted.value, wanted.asn):
            bits |= Fact.NEAR_SWAPPED
        elif community.asn == wanted.asn and community.value // 10 == wanted.value // 10:
            bits |= Fact.NEAR_VALUE
    pair = (wanted.asn, wanted.value)
    if any(pair in (large.parts[:2], large.parts[1:]) for large in route.large_communities):
        bits |= Fact.NEAR_LARGE
    if any(extended.target == pair for extended in route.extended_communities):
        bits |= Fact.NEAR_EXTENDED
    return bits


def path_facts(path: AsPath, viewpoint: Viewpoint, criteria: Criteria) -> Fact:
    """Return the bits that depend on the path."""
    effective = viewpoint.effective(path)
    if effective is None:
        return Fact.NO_STATEMENT
    bits = _asn_facts(effective, criteria)
    if effective.length > criteria.max_path:
        bits |= Fact.LONG_PATH
    if effective.prepends():
        bits |= Fact.PREPENDED
    if any(asn != MICROSOFT for asn in effective.repeats()):
        bits |= Fact.LOOP
    if effective.has_set:
        bits |= Fact.AS_SET
    if effective.has_confederation:
        bits |= Fact.CONFED
    if not effective.segments:
        bits |= Fact.EMPTY_PATH
    if _starts_elsewhere(effective, viewpoint):
        bits |= Fact.FIRST_AS_OTHER
    if effective.origin(viewpoint.asn) is None:
        bits |= Fact.NO_ORIGIN
    return bits


def _asn_facts(path: AsPath, criteria: Criteria) -> Fact:
    bits = Fact(0)
    for asn in path.asns:
        kind = asn_class(asn)
        if kind is AsnClass.PRIVATE:
            bits |= Fact.PRIVATE_ASN
        elif kind.is_bogon and kind not in criteria.allow:
            bits |= Fact.BOGON_ASN
        if asn == MICROSOFT:
            bits |= Fact.HAS_8075
        elif asn == EXPRESSROUTE:
            bits |= Fact.HAS_12076
    return bits


def _starts_elsewhere(path: AsPath, viewpoint: Viewpoint) -> bool:
    outside = path.without_confederations()
    return (
        viewpoint.asn is not None and bool(outside.segments) and outside.first_as != viewpoint.asn
    )
