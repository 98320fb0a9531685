"""The values of an inventory: peerings with their connections, sessions and registrations."""

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
from peerlint.inventory.statements import Attestation, MaintenanceWindow, Waiver
from peerlint.model import Asn, MaxAge, Prefix, QuietTime
from peerlint.redaction import shown_repr

IPAddress = IPv4Address | IPv6Address

#: The profiles that peerlint contains, one for each of the five source documents.
PROFILES: Final = ("direct", "partner", "route-server", "maps", "voice")
#: The `state` of a connection that is in service (Azure's ConnectionState).
ACTIVE: Final = "Active"


class Role(ArgumentEnum):
    """The purpose of a connection."""

    PRIMARY = "primary"
    BACKUP = "backup"


class Egress(ArgumentEnum):
    """How export policy changes the routes that are sent to Microsoft."""

    AS_IS = "as-is"


@attrs.frozen
class Session:
    """One BGP session over a connection.

    Attributes:
        microsoft: Microsoft's address; None until it is allocated.
        peer: the partner's address; None until it is allocated.
        egress: "as-is" if export policy changes neither communities nor paths, so that the
            router's own RIB shows the routes as sent.
        state: Azure's session state (sessionStateV4); None if it is not known.
        prefix: the link's prefix (sessionPrefixV4), as text.
        max_advertised: Azure's limit for routes from the partner (maxPrefixesAdvertisedV4).
        max_prefix: the partner's limit for routes from Microsoft; 0 for no limit.
        md5_set: whether the session has an MD5 key; the key itself is never stored.
        sync: what shows that a live feed has sent all routes of the session, such as "quiet:60s":
            no change for 60 seconds; None for End-of-RIB or a count of the router.
    """

    microsoft: IPAddress | None = None
    peer: IPAddress | None = None
    egress: Egress | None = None
    state: str | None = None
    prefix: str | None = None
    max_advertised: int | None = None
    max_prefix: int | None = None
    md5_set: bool | None = None
    sync: QuietTime | None = None


@attrs.frozen
class Connection:
    """One interconnect of a peering.

    Attributes:
        name: the name, unique in the inventory; the first session has the same name.
        router: the partner's router at the end of the connection.
        role: "primary" or "backup"; None if it is not declared.
        bandwidth: the configured bandwidth in Mbit/s (bandwidthInMbps).
        state: Azure's connection state; None if it is not known.
        sessions: the BGP sessions, in the order of the file.
        provisioned_bandwidth: the bandwidth in service in Mbit/s (provisionedBandwidthInMbps).
        address_provider: who allocates the addresses of the session (sessionAddressProvider).
        peering_service: whether the connection carries Peering Service (useForPeeringService).
        facility: the number of the building in PeeringDB (peeringDBFacilityId).
        location: the metro, if it is not that of the peering.
        circuit: the partner's name for the circuit, which connections may share; None if the
            connection has its own circuit.
        identifier: Azure's identifier (connectionIdentifier).
        lacp: whether LACP runs on the partner's end.
        bfd: whether BFD is configured and up.
        stateful_firewall: whether the connection ends on a device with a stateful firewall.
        rate_limit: whether the connection has a rate limit.
        utilization: the utilization of the link in percent, which may have a fraction.
        utilization_since: the first day on which it reached the threshold for an upgrade.
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
        """Whether Azure's state says that the connection is in service."""
        return self.state is not None and self.state.casefold() == ACTIVE.casefold()


@attrs.frozen
class RegisteredPrefix:
    """A prefix that the partner registers.

    Attributes:
        prefix: the prefix as entered in the portal, which may be invalid.
        name: the name of the resource.
        origin: the AS that originates the prefix; None if it is not declared.
        traffic_class: the kind of traffic to the prefix.
        endpoints: the kinds of endpoints in the prefix.
        key: the key with which a customer activates the prefix (peeringServicePrefixKey).
        state: Azure's prefixValidationState; None if it is not known.
        error: Azure's errorMessage.
        provisioning_state: the provisioning state of the resource.
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
        """The prefix with bits right of the mask cleared; None if the text is not a prefix."""
        try:
            return Prefix.parse_relaxed(self.prefix)
        except InputError:
            return None


@attrs.frozen
class RegisteredAsn:
    """A customer's AS that a route server partner registers (profile `route-server`).

    Attributes:
        asn: the customer's AS number.
        name: the customer's name.
        key: the key with which the customer activates all prefixes of the AS.
        provisioning_state: the provisioning state of the resource.
    """

    asn: Asn
    name: str | None = None
    key: Key | None = None
    provisioning_state: str | None = None


@attrs.frozen
class Peering:
    """One Azure peering resource.

    Attributes:
        name: the name, unique in the inventory.
        profile: one of `PROFILES`, or the path of a profile file.
        asn: the AS that announces to AS8075.
        location: the metro.
        sku: the SKU of the resource.
        rs_transparent: whether a route server does not prepend its own AS to paths (profile
            `route-server` only; RFC 7947 section 2.2.2.1).
        connections: the connections, in the order of the file.
        registered_prefixes: the registered prefixes, in the order of the file.
        registered_asns: the registered AS numbers, in the order of the file.
        kind: the kind of the resource, "Direct" or "Exchange".
        network: the type of Microsoft's side (directPeeringType): "Edge", "IxRs", "Voice" ...
        provisioning_state: the provisioning state of the resource.
        geo_region: the region of the world that contains the location, for geo-redundancy.
        subscription: the subscription of the resource.
        resource_group: the resource group of the resource.
        peer_asn: the name of the PeerAsn resource that the peering refers to.
        infrastructure: prefixes that must be registered, whatever communities they carry.
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
        """The valid prefixes of `infrastructure`."""
        return frozenset(
            prefix
            for text in self.infrastructure
            if (prefix := RegisteredPrefix(text).parsed) is not None
        )

    @property
    def sessions(self) -> Iterator[SessionRef]:
        """The sessions with their peering and connection, in the order of the file."""
        for connection in self.connections:
            for number, session in enumerate(connection.sessions, start=1):
                name = connection.name if number == 1 else f"{connection.name}/{number}"
                yield SessionRef(name, self, connection, session)


@attrs.frozen
class SessionRef:
    """A session with its peering and its connection.

    Attributes:
        id: the connection's name, with `/2` and so on for further sessions.
        peering: the peering of the session.
        connection: the connection of the session.
        declared: the session as declared in the inventory: addresses, states and limits.
    """

    id: str
    peering: Peering
    connection: Connection
    declared: Session

    def __str__(self) -> str:
        """Return the session's id and its router, if it is known."""
        return f"{self.id} ({self.connection.router})" if self.connection.router else self.id


@attrs.frozen
class Lab:
    """Exceptions for examples and labs.

    Attributes:
        allow: kinds of special-purpose space that count as public, see `peerlint.iana.ALLOWABLE`.
        max_age: the maximum age of a source, such as "24h", or "off"; None for the profile's value.
    """

    allow: frozenset[str] = frozenset()
    max_age: MaxAge | None = None


@attrs.frozen
class DatedRib:
    """A dump with the time at which it was taken, for a dump whose records do not have it.

    Attributes:
        file: the dump, in the form of `peerlint check --rib`.
        taken: the time at which it was taken, with its zone; times in the dump take precedence.
    """

    file: str = attrs.field(repr=shown_repr)
    taken: datetime


@attrs.frozen
class Inventory:
    """Everything that a partner declares. It is immutable: threads may share it.

    Attributes:
        peerings: the peerings, in the order of the file.
        attestations: the attestations, in the order of the file.
        lab: exceptions for examples and labs.
        ribs: the dumps to read if the caller names none, in the form of `peerlint check --rib`; see
            `DatedRib` for dumps without times.
        file: the name of the file; paths in `ribs` are relative to its folder.
        waivers: the waivers, in the order of the file.
        peer_asns: the PeerAsn resources, in the order of the file.
        peering_services: the customers' peering services, in the order of the file.
        providers: the partners that Microsoft lists, in the order of the file.
        maintenance: the maintenance windows, in the order of the file.
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
    maintenance: tuple[MaintenanceWindow, ...] = ()

    @cached_property
    def sessions(self) -> tuple[SessionRef, ...]:
        """The sessions of all peerings, in the order of the file."""
        return tuple(session for peering in self.peerings for session in peering.sessions)

    @cached_property
    def by_peer(self) -> dict[IPAddress, list[SessionRef]]:
        """The sessions that have an address of the partner, by that address."""
        found: dict[IPAddress, list[SessionRef]] = {}
        for session in self.sessions:
            if session.declared.peer is not None:
                found.setdefault(session.declared.peer, []).append(session)
        return found

    @cached_property
    def by_microsoft(self) -> dict[IPAddress, list[SessionRef]]:
        """The sessions that have an address of Microsoft, by that address."""
        found: dict[IPAddress, list[SessionRef]] = {}
        for session in self.sessions:
            if session.declared.microsoft is not None:
                found.setdefault(session.declared.microsoft, []).append(session)
        return found

    @property
    def prefixes(self) -> frozenset[Prefix]:
        """The valid prefixes that the inventory names, whose announcements rules look up.

        These are registered prefixes, infrastructure prefixes and service prefixes.
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
        """The index of each session in the order of the file, by its id."""
        return {session.id: at for at, session in enumerate(self.sessions)}

    @cached_property
    def routers(self) -> frozenset[str]:
        """The names of all routers."""
        return frozenset(
            session.connection.router for session in self.sessions if session.connection.router
        )
