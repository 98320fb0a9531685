"""The UPDATEs of each session, which together have every attribute that peerlint decodes."""

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address

import attrs

from daemons.peers import CLIENT, CONFEDERATE, MANY, OLD, PLAIN
from daemons.speaker import Session
from peerlint.model import (
    AsPath,
    Community,
    ExtendedCommunity,
    LargeCommunity,
    Prefix,
    Segment,
    SegmentType,
)
from peerlint.wire.attributes import Attributes
from peerlint.wire.bgp import Update
from peerlint.wire.nlri import Nlri
from peerlint.wire.reach import IPAddress, MpReach, MpUnreach
from peerlint.wire.values import Aggregator

_COMMUNITIES = tuple(map(Community.parse, ("8075:8007", "64500:120", "64500:65535")))
#: More than 255 octets, so that the attribute's length takes two (RFC 4271 section 4.3).
_LONG = tuple(Community.of(64500, value) for value in range(70))
_LARGE = tuple(map(LargeCommunity.parse, ("65551:1:2", "64500:4294967295:0", "64500:0:4294967295")))
_EXTENDED = tuple(map(ExtendedCommunity.parse, ("rt:64500:120", "ro:64501:1", "rt:198.51.100.1:5")))


def nlri(prefix: str, path_id: int | None = None) -> Nlri:
    """Return a prefix as it is sent."""
    return Nlri(Prefix.parse(prefix), path_id)


def common(session: Session, *asns: int) -> Attributes:
    """Return the three mandatory attributes of an IPv4 route."""
    return Attributes(
        origin=0,
        as_path=AsPath.sequence(*asns),
        next_hop=IPv4Address(session.address if "." in session.address else PLAIN.address),
    )


def over_ipv6(attributes: Attributes, *prefixes: Nlri) -> Update:
    """Return an announcement of IPv6 prefixes in MP_REACH_NLRI."""
    reach = MpReach((IPv6Address("2001:db8::11"),), 6, 1, prefixes)
    return Update(attributes=attrs.evolve(attributes, next_hop=None, mp_reach=reach))


def _plain() -> tuple[Update, ...]:
    base = common(PLAIN, PLAIN.asn, 64496)
    communities = attrs.evolve(
        base,
        med=4000000000,
        communities=_COMMUNITIES,
        large_communities=_LARGE,
        extended_communities=_EXTENDED,
    )
    one_set = Segment(SegmentType.AS_SET, (64497, 65551))
    sequence = Segment(SegmentType.AS_SEQUENCE, (PLAIN.asn, 64496))
    aggregate = attrs.evolve(
        base,
        origin=2,
        as_path=AsPath((sequence, one_set)),
        atomic_aggregate=True,
        aggregator=Aggregator(65551, IPv4Address("198.51.100.7")),
    )
    return (
        Update(attributes=attrs.evolve(base, med=0), nlri=(nlri("198.51.100.0/28"),)),
        Update(attributes=communities, nlri=(nlri("198.51.100.0/25"), nlri("198.51.100.128/25"))),
        Update(attributes=attrs.evolve(aggregate, med=50), nlri=(nlri("203.0.113.0/26"),)),
        over_ipv6(communities, nlri("2001:db8:1::/48"), nlri("2001:db8:2::/47")),
        over_ipv6(attrs.evolve(aggregate, origin=1), nlri("2001:db8:4::/46")),
        Update(withdrawn=(nlri("198.51.100.0/28"),)),
        over_ipv6(base, nlri("2001:db8:f::/64")),
        Update(attributes=Attributes(mp_unreach=MpUnreach(6, 1, (nlri("2001:db8:f::/64"),)))),
    )


def _old() -> tuple[Update, ...]:
    path = AsPath.sequence(OLD.asn, 65550, 65551)
    base = common(OLD, *path.asns)
    wide = attrs.evolve(
        base,
        as4_path=path,
        aggregator=Aggregator(65551, IPv4Address("198.51.100.9")),
        as4_aggregator=Aggregator(65551, IPv4Address("198.51.100.9")),
    )
    # the speaker two hops away supports four octets, the two between do not
    partly = attrs.evolve(base, med=0, as4_path=AsPath.sequence(65550, 65551))
    return (
        Update(attributes=wide, nlri=(nlri("203.0.113.64/27"),)),
        Update(attributes=partly, nlri=(nlri("203.0.113.96/27"),)),
        over_ipv6(wide, nlri("2001:db8:10::/44")),
    )


def _client() -> tuple[Update, ...]:
    reflected = attrs.evolve(
        common(CLIENT, 64496),
        local_pref=4000000001,
        communities=_LONG,
        originator_id=IPv4Address("198.51.100.77"),
        cluster_list=(IPv4Address("198.51.100.1"), IPv4Address("198.51.100.2")),
    )
    return (
        Update(attributes=reflected, nlri=(nlri("203.0.113.128/28"),)),
        over_ipv6(attrs.evolve(reflected, local_pref=90), nlri("2001:db8:20::/43")),
    )


def _confederate() -> tuple[Update, ...]:
    def path(*segments: Segment) -> Attributes:
        return attrs.evolve(common(CONFEDERATE), local_pref=100, as_path=AsPath(segments))

    member = Segment(SegmentType.AS_CONFED_SEQUENCE, (CONFEDERATE.asn, 64513))
    members = Segment(SegmentType.AS_CONFED_SET, (64514, 64515))
    outside = Segment(SegmentType.AS_SEQUENCE, (64496, 65551))
    return (
        Update(attributes=path(member), nlri=(nlri("203.0.113.144/28"),)),
        Update(attributes=path(member, members, outside), nlri=(nlri("203.0.113.160/28"),)),
        over_ipv6(path(member, outside), nlri("2001:db8:40::/42")),
    )


def _many() -> tuple[Update, ...]:
    near = attrs.evolve(common(MANY, MANY.asn, 64496), med=1)
    far = attrs.evolve(common(MANY, MANY.asn, 64497, 64498), communities=_COMMUNITIES)
    return (
        Update(attributes=near, nlri=(nlri("203.0.113.192/29", 1), nlri("203.0.113.200/29", 1))),
        Update(attributes=far, nlri=(nlri("203.0.113.192/29", 4294967295),)),
        Update(withdrawn=(nlri("203.0.113.200/29", 1),)),
        over_ipv6(near, nlri("2001:db8:80::/41", 7)),
        over_ipv6(far, nlri("2001:db8:80::/41", 8)),
    )


SHOWN: dict[Session, tuple[Update, ...]] = {
    PLAIN: _plain(),
    OLD: _old(),
    CLIENT: _client(),
    CONFEDERATE: _confederate(),
    MANY: _many(),
}


@attrs.frozen
class SentRoute:
    """A current route, as it was sent."""

    nlri: Nlri
    next_hop: IPAddress | None
    attributes: Attributes


def in_force(updates: Iterable[Update]) -> tuple[SentRoute, ...]:
    """Return the routes that a neighbor has after the updates, in the order of the last ones."""
    routes: dict[Nlri, SentRoute] = {}
    for update in updates:
        for gone, _ in update.all_withdrawn:
            routes.pop(gone, None)
        for each, _ in update.announced:
            hop = update.attributes.next_hop_of(each.prefix.family, in_rib=False)
            routes.pop(each, None)
            routes[each] = SentRoute(each, hop, update.attributes)
    return tuple(routes.values())
