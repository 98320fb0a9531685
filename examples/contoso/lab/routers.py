"""The configuration of each router of the lab: its neighbors and the routes it originates."""

from collections.abc import Iterable
from dataclasses import dataclass

from announcements import Announcement
from topology import (
    CONTOSO,
    CUSTOMER,
    MICROSOFT,
    MICROSOFT_PREFIXES,
    Core,
    Session,
    StationLink,
)


@dataclass(frozen=True, slots=True)
class Neighbor:
    """A BGP neighbor as one router sees it."""

    name: str
    asn: int
    address: str
    local_address: str


@dataclass(frozen=True, slots=True)
class BmpTarget:
    """Where a router sends BMP."""

    address: str
    port: int


@dataclass(frozen=True, slots=True)
class Router:
    """One router.

    A transit router waits for its neighbors to connect and passes on routes from one to the other;
    the others connect by themselves, and announce their own routes only.
    """

    name: str
    asn: int
    neighbors: tuple[Neighbor, ...]
    originated: tuple[Announcement, ...]
    transit: bool = False
    bmp_targets: tuple[BmpTarget, ...] = ()

    @property
    def router_id(self) -> str:
        """The BGP identifier: the router's address on its first link."""
        return self.neighbors[0].local_address


def edge_router(session: Session, originated: tuple[Announcement, ...]) -> Router:
    """Return the Contoso router of a session, between Microsoft and the customer."""
    microsoft = Neighbor("microsoft", MICROSOFT, session.microsoft, session.contoso)
    customer = Neighbor("customer", CUSTOMER, session.customer, session.contoso_to_customer)
    if session.core is None:
        return Router(session.edge, CONTOSO, (microsoft, customer), originated, transit=True)
    core = Neighbor("core", CONTOSO, session.core.address, session.core.contoso_to_core)
    return Router(session.edge, CONTOSO, (microsoft, customer, core), (), transit=True)


def core_router(core: Core, originated: tuple[Announcement, ...]) -> Router:
    """Return the second router of Contoso's, which has an iBGP session with the edge router."""
    edge = Neighbor("contoso", CONTOSO, core.contoso_to_core, core.address)
    return Router(core.name, CONTOSO, (edge,), originated)


def customer_router(session: Session, originated: tuple[Announcement, ...]) -> Router:
    """Return the customer's router, which announces its routes to the edge router."""
    edge = Neighbor("contoso", CONTOSO, session.contoso_to_customer, session.customer)
    return Router(session.customer_router, CUSTOMER, (edge,), originated)


def collector_router(name: str, sessions: Iterable[Session]) -> Router:
    """Return a router of Microsoft's, with those of all sessions that are its own."""
    neighbors = tuple(
        Neighbor(session.name, CONTOSO, session.contoso, session.microsoft)
        for session in sessions
        if session.collector == name
    )
    originated = tuple(Announcement(prefix) for prefix in MICROSOFT_PREFIXES)
    return Router(name, MICROSOFT, neighbors, originated)


def bmp_targets(
    name: str, links: Iterable[StationLink], ports: tuple[int, ...]
) -> tuple[BmpTarget, ...]:
    """Return where a router sends BMP: its address of the station, at every port."""
    return tuple(
        BmpTarget(link.station, port) for link in links if link.router == name for port in ports
    )
