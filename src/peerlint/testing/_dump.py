"""The base class of the builders of dumps, and the attributes of a route."""

from __future__ import annotations

from ipaddress import IPv4Address
from typing import Final, Self

import attrs

from peerlint.errors import InputError
from peerlint.model import AsPath, Route
from peerlint.wire.attributes import Attributes, MpReach
from peerlint.wire.mrt import MrtType, encode_record
from peerlint.wire.nlri import Nlri
from peerlint.wire.reach import IPAddress

#: The default time of records: 2026-11-21 00:00 UTC, in microseconds since 1970.
TIMESTAMP: Final = 1_795_219_200_000_000


def route_attributes(
    route: Route, *, as4: bool = True, in_rib: bool = False, full_reach: bool = False
) -> Attributes:
    """Return the attributes with which a router sends a route.

    Args:
        route: the route; it needs a next hop, except an IPv4 route in a RIB.
        as4: whether AS_PATH has four octets per AS. If not, a path that needs it gets an AS4_PATH.
            RFC 6793 cannot represent large AS numbers in confederations: they become AS_TRANS.
        in_rib: whether the attributes are those of a RIB entry, where MP_REACH_NLRI has its short
            form (RFC 6396 section 4.3.4).
        full_reach: whether to write the full form there, as RouteViews does.

    Raises:
        InputError: the route is malformed, or has no next hop although an UPDATE needs one.
    """
    if route.malformed:
        raise InputError("route", expected="one that is not malformed", found=str(route))
    hop, family = route.next_hop, route.prefix.family
    reach: MpReach | None = None
    next_hop: IPv4Address | None = None
    if family == 4 and isinstance(hop, IPv4Address):
        next_hop = hop
    elif hop is not None:  # IPv6, or IPv4 over IPv6 (RFC 8950)
        nlri = (Nlri(route.prefix, None if in_rib else route.path_id),)
        short = in_rib and not full_reach
        reach = MpReach((hop,)) if short else MpReach((hop,), family, 1, nlri)
    elif family == 6 and not in_rib:
        raise InputError("route", expected="a next hop", found=str(route))
    return Attributes(
        origin=0,
        as_path=route.path,
        next_hop=next_hop,
        communities=tuple(sorted(route.communities)),
        extended_communities=tuple(sorted(route.extended_communities)),
        large_communities=tuple(sorted(route.large_communities)),
        as4_path=None if as4 else _as4_path(route.path),
        mp_reach=reach,
    )


def _as4_path(path: AsPath) -> AsPath | None:
    """Return the AS4_PATH that a path needs, without confederations (RFC 6793 section 4.2.2)."""
    outside = path.without_confederations()
    return outside if any(asn > 0xFFFF for asn in outside.asns) else None


def with_next_hop(route: Route | str, hop: IPAddress) -> Route:
    """Parse a route, and give it a next hop if it has none and can have this one."""
    read = Route.parse(route) if isinstance(route, str) else route
    if read.next_hop is not None or (read.prefix.family == 6 and hop.version == 4):
        return read
    return attrs.evolve(read, next_hop=hop)


class Dump:
    """The records of a dump that is being built."""

    def __init__(self, timestamp: int) -> None:
        """Start without records; `timestamp` is in microseconds since 1970."""
        self.timestamp = timestamp
        self.records: list[bytes] = []

    def at(self, timestamp: int) -> Self:
        """Set the time of the records that follow, in microseconds since 1970."""
        self.timestamp = timestamp
        return self

    def record(self, kind: MrtType, subtype: int, body: bytes) -> Self:
        """Append any record; its time is cut to seconds unless `kind` has microseconds."""
        self.records.append(encode_record(self.timestamp, kind, subtype, body))
        return self
