"""The values of an inventory, as a partner declares them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from enum import StrEnum
from ipaddress import IPv4Address, IPv6Address
from typing import Final

import attrs

from peerlint.errors import InputError
from peerlint.model import Asn, Prefix

IPAddress = IPv4Address | IPv6Address

#: The profiles that peerlint ships, named after the five source documents.
PROFILES: Final = ("direct", "partner", "route-server", "maps", "voice")
#: The `state` of a connection that is in service, in Azure's words.
ACTIVE: Final = "Active"


class Role(StrEnum):
    """What a connection is meant for."""

    PRIMARY = "primary"
    BACKUP = "backup"


class Egress(StrEnum):
    """What export policy does to routes on their way to Microsoft."""

    AS_IS = "as-is"


@attrs.frozen
class Session:
    """One BGP session over a connection.

    Attributes:
        microsoft: Microsoft's address; None until it is allocated.
        peer: the partner's address; likewise.
        egress: "as-is" if export policy changes neither communities nor paths, so that the
            router's own RIB shows what is sent.
    """

    microsoft: IPAddress | None = None
    peer: IPAddress | None = None
    egress: Egress | None = None


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
    """

    name: str
    router: str | None = None
    role: Role | None = None
    bandwidth: int | None = None
    state: str | None = None
    sessions: tuple[Session, ...] = ()


@attrs.frozen
class RegisteredPrefix:
    """A prefix that the partner registers.

    Attributes:
        prefix: the text as it goes into the portal, right or wrong.
        name: the resource's name.
        origin: the AS that originates it, if it is declared.
        traffic_class: what kind of traffic it carries.
        endpoints: what is housed in it.
    """

    prefix: str
    name: str | None = None
    origin: Asn | None = None
    traffic_class: str | None = None
    endpoints: tuple[str, ...] = ()

    @property
    def parsed(self) -> Prefix | None:
        """The prefix with bits right of the mask cleared, None if the text is no prefix."""
        try:
            return Prefix.parse_relaxed(self.prefix)
        except InputError:
            return None


@attrs.frozen
class RegisteredAsn:
    """A customer's AS that a route server partner registers (profile `route-server`)."""

    asn: Asn
    name: str | None = None


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
        registered_prefixes: likewise.
        registered_asns: likewise.
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

    @property
    def sessions(self) -> Iterator[SessionPlace]:
        """Every session with its place, in the order of the file."""
        for connection in self.connections:
            for number, session in enumerate(connection.sessions, start=1):
                name = connection.name if number == 1 else f"{connection.name}/{number}"
                yield SessionPlace(name, self, connection, session)


@attrs.frozen
class SessionPlace:
    """A session and where it belongs.

    Attributes:
        id: the connection's name, with `/2` and so on for further sessions.
        peering: the parent.
        connection: the interconnect that it runs over.
        session: its addresses.
    """

    id: str
    peering: Peering
    connection: Connection
    session: Session

    def __str__(self) -> str:
        """Return the name that people know: session and router."""
        return f"{self.id} ({self.connection.router})" if self.connection.router else self.id


@attrs.frozen
class Attestation:
    """What cannot be observed, declared by a person.

    Attributes:
        rule: the rule's id.
        scope: the name of the peering, connection or prefix that it holds for.
        by: who says so.
        on: since when.
        until: until when; None without end.
    """

    rule: str
    scope: str
    by: str
    on: date
    until: date | None = None


@attrs.frozen
class Lab:
    """Exceptions for examples and labs.

    Attributes:
        allow: special-purpose space that counts as public, see `peerlint.iana.ALLOWABLE`.
    """

    allow: frozenset[str] = frozenset()


@attrs.frozen
class Inventory:
    """Everything that a partner declares.

    Attributes:
        peerings: in the order of the file.
        attestations: likewise.
        lab: see `Lab`.
        ribs: dumps to read when the caller names none, as `peerlint check --rib` takes them.
        file: the file that it came from; paths in `ribs` are relative to its folder.
    """

    peerings: tuple[Peering, ...] = ()
    attestations: tuple[Attestation, ...] = ()
    lab: Lab = Lab()
    ribs: tuple[str, ...] = ()
    file: str | None = None

    @property
    def sessions(self) -> tuple[SessionPlace, ...]:
        """The sessions of all peerings, in the order of the file."""
        return tuple(place for peering in self.peerings for place in peering.sessions)

    @property
    def routers(self) -> frozenset[str]:
        """The names of all routers."""
        return frozenset(
            place.connection.router for place in self.sessions if place.connection.router
        )
