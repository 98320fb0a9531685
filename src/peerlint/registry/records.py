"""Records of a registry file as values."""

from __future__ import annotations

from enum import StrEnum

import attrs

from peerlint.model import Prefix
from peerlint.registry.delegated import Delegation
from peerlint.registry.peeringdb import Network


class SourceKind(StrEnum):
    """What a source of a registry file has.

    Attributes:
        IRR: objects of one registry (`source:`), from one or several dumps.
        DELEGATED: the delegations of a regional registry.
        VRPS: validated ROA payloads.
        PEERINGDB: records of PeeringDB.
    """

    IRR = "irr"
    DELEGATED = "delegated"
    VRPS = "vrps"
    PEERINGDB = "peeringdb"


@attrs.frozen
class SourceInfo:
    """One source of a registry file.

    Attributes:
        kind: what it has.
        name: the registry, in upper case; for VRPs and PeeringDB the name of the file.
        time: as of when the data are, in microseconds since 1970; None if unknown.
        records: the number of records that were read.
        skipped: the number of records that were not used, because they are invalid.
        is_cut: whether a file of the source ends in the middle.
        lacks: classes of objects (`aut-num`, `route`, `route6`) of which a registry has none: it
            may have a file of them that was not given.
        server: the server that was asked instead of a file, such as "whois 192.0.2.43"; empty for
            files.
    """

    kind: SourceKind
    name: str
    time: int | None
    records: int
    skipped: int = 0
    is_cut: bool = False
    lacks: tuple[str, ...] = ()
    server: str = ""

    def age(self, now: int) -> int | None:
        """Return the age at a time, in microseconds; None if unknown.

        Args:
            now: the time, in microseconds since 1970.
        """
        return None if self.time is None else now - self.time


@attrs.frozen(order=True)
class Vrp:
    """A validated ROA payload (RFC 6811 section 2).

    Attributes:
        prefix: the prefix.
        max_length: the maximum length of a route's prefix that it matches.
        asn: the AS that may originate the prefix; 0 for none (RFC 6483 section 4).
        source: the trust anchor.
        expires: when it expires, in seconds since 1970; None for never.
    """

    prefix: Prefix
    max_length: int
    asn: int
    source: str
    expires: int | None = attrs.field(default=None, order=False)

    def __str__(self) -> str:
        """Return the VRP as Routinator's and StayRTR's documentation write it."""
        return f"{self.prefix}-{self.max_length} AS{self.asn} ({self.source})"


@attrs.frozen(order=True)
class RouteObject:
    """A `route` or `route6` object of an IRR (RFC 2622 section 4, RFC 4012 section 3).

    Attributes:
        prefix: its prefix.
        origin: its origin AS.
        source: the registry.
        modified: when it was last modified, in seconds since 1970; None if unknown.
        is_route_object: False if a mirror made it from a ROA (the pseudo source RPKI).
    """

    prefix: Prefix
    origin: int
    source: str
    modified: int | None = attrs.field(default=None, order=False)
    is_route_object: bool = attrs.field(default=True, order=False)

    @property
    def object_class(self) -> str:
        """The class of the object: `route` or `route6`."""
        return "route" if self.prefix.family == 4 else "route6"

    @property
    def key(self) -> str:
        """The primary key of the object, as registries write it: prefix and origin."""
        return f"{self.prefix}AS{self.origin}"


@attrs.frozen(order=True)
class AutNum:
    """An `aut-num` object of an IRR (RFC 2622 section 6).

    Attributes:
        asn: its AS number.
        source: the registry.
        modified: when it was last modified, in seconds since 1970; None if unknown.
    """

    asn: int
    source: str
    modified: int | None = attrs.field(default=None, order=False)


@attrs.frozen(order=True)
class OriginRoutes:
    """How many route objects of one registry have an AS as their origin.

    Attributes:
        source: the registry.
        count: the number of route objects.
        modified: when the last of them was modified, in seconds since 1970; None if unknown.
        is_route_object: False if a mirror made them from ROAs (the pseudo source RPKI).
    """

    source: str
    count: int
    modified: int | None = attrs.field(default=None, order=False)
    is_route_object: bool = attrs.field(default=True, order=False)


@attrs.frozen
class OriginRecords:
    """What each source says of an AS number as an origin.

    Attributes:
        asn: the AS number.
        aut_nums: the aut-num objects, in the order of registries.
        routes: the route objects with this origin, by registry.
        vrps: the number of VRPs for this AS that have not expired.
        delegations: what RIRs say of the number, those to a holder first.
        peeringdb: its network in PeeringDB; None if there is none.
    """

    asn: int
    aut_nums: tuple[AutNum, ...]
    routes: tuple[OriginRoutes, ...]
    vrps: int
    delegations: tuple[Delegation, ...]
    peeringdb: Network | None
