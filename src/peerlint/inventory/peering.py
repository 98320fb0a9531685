"""The values of an inventory, as a partner declares them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from functools import cached_property
from ipaddress import IPv4Address, IPv6Address
from typing import Final

import attrs

from peerlint.arguments import ArgumentEnum
from peerlint.errors import InputError
from peerlint.inventory.keys import Key
from peerlint.inventory.service import PeerAsn, PeeringService, Provider
from peerlint.model import Asn, MaxAge, Prefix
from peerlint.redaction import shown_repr

IPAddress = IPv4Address | IPv6Address

#: The profiles that peerlint ships, named after the five source documents.
PROFILES: Final = ("direct", "partner", "route-server", "maps", "voice")
#: The `state` of a connection that is in service, in Azure's words.
ACTIVE: Final = "Active"


class Role(ArgumentEnum):
    """What a connection is meant for."""

    PRIMARY = "primary"
    BACKUP = "backup"


class Egress(ArgumentEnum):
    """What export policy does to routes on their way to Microsoft."""

    AS_IS = "as-is"


@attrs.frozen
class Session:
    """One BGP session over a connection.

    Attributes:
        microsoft: Microsoft's address; None until it is allocated.
        peer: the partner's address; None until it is allocated.
        egress: "as-is" if export policy changes neither communities nor paths, so that the
            router's own RIB shows what is sent.
        state: Azure's session state (sessionStateV4); None if it is not known.
        prefix: the link's prefix (sessionPrefixV4), as text.
        max_advertised: Azure's limit of routes from the partner (maxPrefixesAdvertisedV4).
        max_prefix: the partner's limit of routes from Microsoft; 0 if it has none.
        md5_set: whether the session has an MD5 key; the key itself is never stored.
    """

    microsoft: IPAddress | None = None
    peer: IPAddress | None = None
    egress: Egress | None = None
    state: str | None = None
    prefix: str | None = None
    max_advertised: int | None = None
    max_prefix: int | None = None
    md5_set: bool | None = None


@attrs.frozen
class Connection:
    """One interconnect of a peering.

    Attributes:
        name: unique in the inventory; its first session has the same name.
        router: the partner's router at its end.
        role: see `Role`.
        bandwidth: in Mbit/s.
        state: Azure's connection state; None if it is not known.
        sessions: in the order of the file.
        provisioned_bandwidth: what is in service (provisionedBandwidthInMbps), in Mbit/s.
        address_provider: who gives the session's addresses (sessionAddressProvider).
        peering_service: whether it carries the service (useForPeeringService).
        facility: the building, by its number in PeeringDB (peeringDBFacilityId).
        location: its metro, where that is not the peering's.
        circuit: the partner's name for the circuit; None for one of its own.
        identifier: Azure's name for it (connectionIdentifier).
        lacp: whether the partner's end speaks LACP.
        bfd: whether BFD is configured and up.
        stateful_firewall: whether it ends on a device that runs one.
        rate_limit: whether its rate is limited.
        utilization: of the link, in percent; may have a fraction.
        utilization_since: the first day on which it reached the trigger for more bandwidth.
        error: Azure's errorMessage.
    """

    name: str
    router: str | None = None
    role: Role | None = None
    bandwidth: int | None = None
    state: str | None = None
    sessions: tuple[Session, ...] = ()
    provisioned_bandwidth: int | None = None
    address_provider: str | None = None
    peering_service: bool | None = None
    facility: int | None = None
    location: str | None = None
    circuit: str | None = None
    identifier: str | None = None
    lacp: bool | None = None
    bfd: bool | None = None
    stateful_firewall: bool | None = None
    rate_limit: bool | None = None
    utilization: float | None = None
    utilization_since: date | None = None
    error: str | None = None

    @property
    def is_active(self) -> bool:
        """Whether Azure says that it is in service."""
        return self.state is not None and self.state.casefold() == ACTIVE.casefold()


@attrs.frozen
class RegisteredPrefix:
    """A prefix that the partner registers.

    Attributes:
        prefix: the text as it goes into the portal, right or wrong.
        name: the resource's name.
        origin: the AS that originates it, if it is declared.
        traffic_class: what kind of traffic it carries.
        endpoints: what is housed in it.
        key: what a customer activates it with (peeringServicePrefixKey).
        state: Azure's prefixValidationState; None if it is not known.
        error: Azure's errorMessage.
        provisioning_state: of the resource.
    """

    prefix: str
    name: str | None = None
    origin: Asn | None = None
    traffic_class: str | None = None
    endpoints: tuple[str, ...] = ()
    key: Key | None = None
    state: str | None = None
    error: str | None = None
    provisioning_state: str | None = None

    @cached_property
    def parsed(self) -> Prefix | None:
        """The prefix with bits right of the mask cleared, None if the text is no prefix."""
        try:
            return Prefix.parse_relaxed(self.prefix)
        except InputError:
            return None


@attrs.frozen
class RegisteredAsn:
    """A customer's AS that a route server partner registers (profile `route-server`).

    Attributes:
        asn: the customer's AS.
        name: the customer's name.
        key: what the customer activates all prefixes of the AS with.
        provisioning_state: of the resource.
    """

    asn: Asn
    name: str | None = None
    key: Key | None = None
    provisioning_state: str | None = None


@attrs.frozen
class Peering:
    """One Azure peering resource.

    Attributes:
        name: unique in the inventory.
        profile: one of `PROFILES`, or the path of a profile file.
        asn: P, the AS that announces to AS8075.
        location: the metro.
        sku: the resource's SKU.
        rs_transparent: whether a route server leaves its own AS out of paths (profile
            `route-server` only; RFC 7947 section 2.2.2.1).
        connections: in the order of the file.
        registered_prefixes: in the order of the file.
        registered_asns: in the order of the file.
        kind: of the resource, "Direct" or "Exchange".
        network: Microsoft's side (directPeeringType): "Edge", "IxRs", "Voice" ...
        provisioning_state: of the resource.
        geo_region: the part of the world that the location is in, for geo-redundancy.
        subscription: that holds the resource.
        resource_group: that holds the resource.
        peer_asn: name of the PeerAsn resource that it refers to.
        infrastructure: prefixes that have to be registered whatever communities they carry.
    """

    name: str
    profile: str
    asn: Asn
    location: str | None = None
    sku: str | None = None
    rs_transparent: bool = True
    connections: tuple[Connection, ...] = ()
    registered_prefixes: tuple[RegisteredPrefix, ...] = ()
    registered_asns: tuple[RegisteredAsn, ...] = ()
    kind: str | None = None
    network: str | None = None
    provisioning_state: str | None = None
    geo_region: str | None = None
    subscription: str | None = None
    resource_group: str | None = None
    peer_asn: str | None = None
    infrastructure: tuple[str, ...] = ()

    @property
    def infrastructure_prefixes(self) -> frozenset[Prefix]:
        """The prefixes of `infrastructure` that can be read."""
        return frozenset(
            prefix
            for text in self.infrastructure
            if (prefix := RegisteredPrefix(text).parsed) is not None
        )

    @property
    def sessions(self) -> Iterator[SessionRef]:
        """Every session with its place, in the order of the file."""
        for connection in self.connections:
            for number, session in enumerate(connection.sessions, start=1):
                name = connection.name if number == 1 else f"{connection.name}/{number}"
                yield SessionRef(name, self, connection, session)


@attrs.frozen
class SessionRef:
    """A session and where it belongs.

    Attributes:
        id: the connection's name, with `/2` and so on for further sessions.
        peering: the parent.
        connection: the interconnect that it runs over.
        declared: the session as the inventory declares it: addresses, states and limits.
    """

    id: str
    peering: Peering
    connection: Connection
    declared: Session

    def __str__(self) -> str:
        """Return the name that people know: session and router."""
        return f"{self.id} ({self.connection.router})" if self.connection.router else self.id


@attrs.frozen
class Attestation:
    """What cannot be observed, declared by a person.

    Attributes:
        rule: the rule's id.
        scope: what it holds for: the name of a peering, connection, session, router or peering
            service, or a prefix.
        by: who says so.
        on: the first day on which it counts.
        until: the last day on which it counts; None without end.
        holds: false to say that it is not so.
    """

    rule: str
    scope: str
    by: str
    on: date
    until: date | None = None
    holds: bool = True

    def is_expired(self, today: date) -> bool:
        """Whether its last day has passed."""
        return self.until is not None and self.until < today

    def counts_on(self, today: date) -> bool:
        """Whether a day is one of those from `on` to `until`."""
        return self.on <= today and not self.is_expired(today)


@attrs.frozen
class Waiver:
    """A problem that somebody decided to live with for a while.

    Attributes:
        rule: the rule's id.
        scope: what it holds for, as in an attestation.
        reason: why.
        by: who decided.
        until: the last day on which it holds.
    """

    rule: str
    scope: str
    reason: str
    by: str
    until: date

    def is_expired(self, today: date) -> bool:
        """Whether its last day has passed."""
        return self.until < today

    def counts_on(self, today: date) -> bool:
        """Whether its last day has not passed."""
        return not self.is_expired(today)


@attrs.frozen
class Lab:
    """Exceptions for examples and labs.

    Attributes:
        allow: special-purpose space that counts as public, see `peerlint.iana.ALLOWABLE`.
        max_age: how old a source may be, such as "24h", or "off"; without it the profile says it.
    """

    allow: frozenset[str] = frozenset()
    max_age: MaxAge | None = None


@attrs.frozen
class DatedRib:
    """A dump with the time at which it was taken, for one whose records do not tell.

    Attributes:
        file: the dump, as `peerlint check --rib` takes it.
        taken: when it was taken, with its zone; a dump that has times of its own goes by those.
    """

    file: str = attrs.field(repr=shown_repr)
    taken: datetime


@attrs.frozen
class Inventory:
    """Everything that a partner declares. It never changes: threads may share it.

    Attributes:
        peerings: in the order of the file.
        attestations: in the order of the file.
        lab: see `Lab`.
        ribs: dumps to read when the caller names none, as `peerlint check --rib` takes them;
            see `DatedRib` for one that does not tell its time.
        file: the file that it came from; paths in `ribs` are relative to its folder.
        waivers: in the order of the file.
        peer_asns: in the order of the file.
        peering_services: in the order of the file.
        providers: those that Microsoft lists, in the order of the file.
    """

    peerings: tuple[Peering, ...] = ()
    attestations: tuple[Attestation, ...] = ()
    lab: Lab = Lab()
    ribs: tuple[str | DatedRib, ...] = attrs.field(default=(), repr=shown_repr)
    file: str | None = None
    waivers: tuple[Waiver, ...] = ()
    peer_asns: tuple[PeerAsn, ...] = ()
    peering_services: tuple[PeeringService, ...] = ()
    providers: tuple[Provider, ...] = ()

    @cached_property
    def sessions(self) -> tuple[SessionRef, ...]:
        """The sessions of all peerings, in the order of the file."""
        return tuple(place for peering in self.peerings for place in peering.sessions)

    @cached_property
    def by_peer(self) -> dict[IPAddress, list[SessionRef]]:
        """The sessions with a partner's address, by that address."""
        found: dict[IPAddress, list[SessionRef]] = {}
        for session in self.sessions:
            if session.declared.peer is not None:
                found.setdefault(session.declared.peer, []).append(session)
        return found

    @cached_property
    def by_microsoft(self) -> dict[IPAddress, list[SessionRef]]:
        """The sessions with an address of Microsoft's, by that address."""
        found: dict[IPAddress, list[SessionRef]] = {}
        for session in self.sessions:
            if session.declared.microsoft is not None:
                found.setdefault(session.declared.microsoft, []).append(session)
        return found

    @property
    def prefixes(self) -> frozenset[Prefix]:
        """The prefixes that it names and that can be read: whether they are announced matters.

        Those that are registered, that have to be (infrastructure), and that are activated.
        """
        registered = (
            each.parsed for peering in self.peerings for each in peering.registered_prefixes
        )
        activated = (
            each.parsed for service in self.peering_services for each in service.service_prefixes
        )
        infrastructure = (peering.infrastructure_prefixes for peering in self.peerings)
        named = (prefix for prefix in (*registered, *activated) if prefix is not None)
        return frozenset(named).union(*infrastructure)

    @cached_property
    def session_order(self) -> dict[str, int]:
        """The place of each session in the order of the file, by its id."""
        return {place.id: at for at, place in enumerate(self.sessions)}

    @cached_property
    def routers(self) -> frozenset[str]:
        """The names of all routers."""
        return frozenset(
            place.connection.router for place in self.sessions if place.connection.router
        )
