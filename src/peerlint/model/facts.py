"""Facts: the bits of a route, and their definition.

A fact is true or false for one route, seen from one viewpoint, under given criteria. Rules are
built on facts, and scans of dumps count them. The kernels in `peerlint.bulk` compute the same bits
from octets; this module is their specification.
"""

from __future__ import annotations

from enum import IntFlag
from typing import Final

from peerlint.arguments import must_be
from peerlint.iana import AsnClass, asn_class, special_blocks
from peerlint.model.asn import EXPRESSROUTE, MICROSOFT
from peerlint.model.aspath import AsPath
from peerlint.model.community import Community
from peerlint.model.prefix import Prefix
from peerlint.model.route import Route
from peerlint.model.viewpoint import Criteria, Viewpoint


class Fact(IntFlag):
    """The facts of a route as bits; `MEANINGS` defines them. Numbers never change."""

    TAGGED = 1 << 0
    NEAR_LARGE = 1 << 1
    NEAR_EXTENDED = 1 << 2
    NEAR_SWAPPED = 1 << 3
    NEAR_VALUE = 1 << 4
    NO_ADVERTISE = 1 << 5
    NO_EXPORT = 1 << 6
    NO_EXPORT_SUBCONFED = 1 << 7
    NOPEER = 1 << 8
    BLACKHOLE = 1 << 9
    GRACEFUL_SHUTDOWN = 1 << 10
    LLGR_STALE = 1 << 11
    NO_LLGR = 1 << 12
    BLOCKED_8075 = 1 << 13
    LONG_PATH = 1 << 14
    PRIVATE_ASN = 1 << 15
    BOGON_ASN = 1 << 16
    PREPENDED = 1 << 17
    LOOP = 1 << 18
    HAS_8075 = 1 << 19
    HAS_12076 = 1 << 20
    AS_SET = 1 << 21
    CONFED = 1 << 22
    EMPTY_PATH = 1 << 23
    FIRST_AS_OTHER = 1 << 24
    NO_ORIGIN = 1 << 25
    IPV6 = 1 << 26
    SPECIAL_PREFIX = 1 << 27
    LONGER_THAN_24 = 1 << 28
    MALFORMED = 1 << 29
    NO_STATEMENT = 1 << 30

    @classmethod
    def _missing_(cls, value: object) -> object:
        must_be("fact", value, int, "bits")
        return super()._missing_(value)


#: The meaning of each bit as a sentence, and the document that defines or requires it. Paths are
#: those that AS8075 would see. `docs/reference/facts.md` is generated from this table.
MEANINGS: Final = {
    Fact.TAGGED: (
        "It carries the required community, 8075:8007 unless another one is given.",
        "RFC 1997; 000 to 004, requirements",
    ),
    Fact.NEAR_LARGE: (
        "It carries the numbers of that community in a large community, first or last.",
        "RFC 8092 section 3",
    ),
    Fact.NEAR_EXTENDED: (
        "It carries that community as a route target or route origin.",
        "RFC 4360 sections 4 and 5, RFC 5668",
    ),
    Fact.NEAR_SWAPPED: (
        "It carries that community with its halves swapped, as 8007:8075.",
        "RFC 1997",
    ),
    Fact.NEAR_VALUE: (
        "It carries a community that differs from that one in the last digit only.",
        "RFC 1997",
    ),
    Fact.NO_ADVERTISE: (
        "It carries NO_ADVERTISE: the receiver advertises it to no neighbour.",
        "RFC 1997",
    ),
    Fact.NO_EXPORT: (
        "It carries NO_EXPORT: it stays in the AS or confederation that receives it.",
        "RFC 1997",
    ),
    Fact.NO_EXPORT_SUBCONFED: (
        "It carries NO_EXPORT_SUBCONFED: it goes to no external neighbour at all.",
        "RFC 1997",
    ),
    Fact.NOPEER: ("It carries NOPEER: it need not go to peers.", "RFC 3765"),
    Fact.BLACKHOLE: ("It carries BLACKHOLE: the receiver may discard its traffic.", "RFC 7999"),
    Fact.GRACEFUL_SHUTDOWN: (
        "It carries GRACEFUL_SHUTDOWN: its session ends soon, so others are preferred.",
        "RFC 8326",
    ),
    Fact.LLGR_STALE: (
        "It carries LLGR_STALE: it is kept although the session that announced it has ended.",
        "RFC 9494 section 3.2",
    ),
    Fact.NO_LLGR: (
        "It carries NO_LLGR: it is not to be kept when its session ends.",
        "RFC 9494 section 3.3",
    ),
    Fact.BLOCKED_8075: (
        "It carries 0:8075, which asks many route servers not to announce it to AS8075.",
        "guides of exchanges",
    ),
    Fact.LONG_PATH: (
        "Its path is longer than allowed: 3, unless the profile says otherwise.",
        "000, 003, 004; RFC 4271 section 9.1.2.2, RFC 5065 section 5.3 on how to count",
    ),
    Fact.PRIVATE_ASN: ("Its path contains a private AS number.", "RFC 6996"),
    Fact.BOGON_ASN: (
        "Its path contains a reserved AS number, one for documentation, or AS_TRANS.",
        "RFC 7607, RFC 6793, RFC 5398, RFC 7300, IANA AS Numbers",
    ),
    Fact.PREPENDED: ("In its path, an AS number follows itself.", "000, 003, 004"),
    Fact.LOOP: (
        "In its path, an AS number other than 8075 occurs again after another one.",
        "RFC 4271 section 9.1.2",
    ),
    Fact.HAS_8075: (
        "Its path contains AS8075 itself, so Microsoft drops it.",
        "RFC 4271 section 9.1.2",
    ),
    Fact.HAS_12076: (
        "Its path contains AS12076, ExpressRoute, whose routes Microsoft accepts from no peer.",
        "policy.md",
    ),
    Fact.AS_SET: ("Its path contains an AS_SET.", "RFC 9774 section 3"),
    Fact.CONFED: (
        "Its path contains confederation segments that AS8075 would see.",
        "RFC 5065 section 5",
    ),
    Fact.EMPTY_PATH: ("Its path has no segment at all.", "RFC 4271 section 5.1.2"),
    Fact.FIRST_AS_OTHER: (
        "Its path starts with another AS than the one that announces it.",
        "RFC 4271 section 6.3, RFC 7947 section 2.2.2.1",
    ),
    Fact.NO_ORIGIN: (
        "It has no origin AS: its path ends in an AS_SET, or is empty and its sender is unknown.",
        "RFC 6811 section 2",
    ),
    Fact.IPV6: (
        "Its prefix is IPv6, which Peering Service does not support.",
        "000 to 004, azure-portal.md",
    ),
    Fact.SPECIAL_PREFIX: (
        "Its prefix overlaps special-purpose address space.",
        "RFC 6890, IANA's registries",
    ),
    Fact.LONGER_THAN_24: ("Its prefix is IPv4 and longer than /24.", "001, 004"),
    Fact.MALFORMED: (
        "Its attributes are malformed: it counts as withdrawn, and only its prefix is evaluated.",
        "RFC 7606 section 2",
    ),
    Fact.NO_STATEMENT: (
        "A collector saw it without the announcing AS in its path, so it is no evidence.",
        "what the view `collector` proves",
    ),
}

#: The facts of well-known communities that rules use, by value.
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
    """Return the facts of a route as AS8075 would see it.

    Args:
        route: the route as stored.
        viewpoint: where it was observed.
        criteria: the required community, the maximum path length, and allowed kinds of space.

    Raises:
        InputError: an argument has the wrong type.
    """
    must_be("route", route, Route, "a Route")
    must_be("viewpoint", viewpoint, Viewpoint, "a Viewpoint")
    must_be("criteria", criteria, Criteria, "Criteria")
    return prefix_facts(route.prefix, criteria) | attribute_facts(route, viewpoint, criteria)


def attribute_facts(route: Route, viewpoint: Viewpoint, criteria: Criteria) -> Fact:
    """Return the facts that depend on attributes; `MALFORMED` alone if one is malformed."""
    if route.malformed:
        return Fact.MALFORMED
    return community_facts(route, criteria) | path_facts(route.path, viewpoint, criteria)


def prefix_facts(prefix: Prefix, criteria: Criteria) -> Fact:
    """Return the facts that depend on the prefix."""
    bits = Fact(0)
    if prefix.family == 6:
        bits |= Fact.IPV6
    elif prefix.length > 24:
        bits |= Fact.LONGER_THAN_24
    if special_blocks(prefix.family, prefix.first, prefix.length, criteria.allow):
        bits |= Fact.SPECIAL_PREFIX
    return bits


def community_facts(route: Route, criteria: Criteria) -> Fact:
    """Return the facts that depend on the communities."""
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
    """Return the facts that depend on the path; `NO_STATEMENT` alone if it is not known."""
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
