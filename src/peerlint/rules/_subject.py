"""What rules are asked about: prefixes, sessions, and cells where the two meet."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from enum import Enum
from ipaddress import IPv4Address, IPv6Address

import attrs

from peerlint.inventory import (
    Connection,
    Inventory,
    Key,
    Metro,
    Peering,
    PeeringService,
    RegisteredPrefix,
    ServicePrefix,
    SessionRef,
    site,
)
from peerlint.model import AsPath, Criteria, Prefix, Space, View
from peerlint.observations import Observation, SessionSource
from peerlint.rules._inventory_index import InventoryIndex
from peerlint.rules.numbers import MIN_CONNECTIONS


class Presence(Enum):
    """Whether a prefix is announced on a session."""

    PRESENT = "present"
    ABSENT = "absent"
    UNKNOWN = "unknown"


@attrs.frozen
class Cell:
    """One prefix on one session.

    Attributes:
        peering: that the prefix is registered with.
        registered: the prefix as declared.
        prefix: the same, read.
        session: the session.
        presence: whether the prefix itself is announced there.
        source: the source that the presence was read from, None without any.
        others: what further sources say of the session.
        routes: the routes for the prefix, in that source.
        covering: routes for less specific prefixes.
        more_specifics: routes for more specific prefixes.
        firing: the routes among `routes` that a rule's masks hold for.
        is_asked_for: whether the prefix has to be announced there: on the sessions of its own
            peering, at a route server where another session of the location announces it.
        is_chosen: whether an activation of the prefix chooses the session's location.
    """

    peering: Peering
    registered: RegisteredPrefix
    prefix: Prefix
    session: SessionRef
    presence: Presence
    source: SessionSource | None = None
    others: tuple[SessionSource, ...] = ()
    routes: tuple[Observation, ...] = ()
    covering: tuple[Observation, ...] = ()
    more_specifics: tuple[Observation, ...] = ()
    firing: tuple[Observation, ...] = ()
    is_asked_for: bool = attrs.field(
        default=attrs.Factory(
            lambda self: self.session.peering.name == self.peering.name, takes_self=True
        )
    )
    is_chosen: bool = False

    @property
    def view(self) -> View | None:
        """Where the routes were seen."""
        return None if self.source is None else self.source.view

    @property
    def is_absent(self) -> bool:
        """Whether the prefix is missing where it has to be."""
        return self.is_asked_for and self.presence is Presence.ABSENT


@attrs.frozen
class AnnouncementGroup:
    """How a prefix is announced on some sessions, which look alike.

    Attributes:
        sessions: the sessions.
        routes: of the first of them.
        of: returns the routes of any of them; they differ in the next hop and such only.
    """

    sessions: tuple[SessionRef, ...]
    routes: tuple[Observation, ...]
    of: Callable[[SessionRef], tuple[Observation, ...]] = attrs.field(eq=False, repr=False)

    @property
    def view(self) -> View:
        """Where the routes were seen."""
        return self.routes[0].view

    @property
    def seen(self) -> Iterator[tuple[SessionRef, tuple[Observation, ...]]]:
        """Each of the sessions with its routes."""
        return ((session, self.of(session)) for session in self.sessions)

    @property
    def session_ids(self) -> tuple[str, ...]:
        """The ids of the sessions."""
        return tuple([session.id for session in self.sessions])


@attrs.frozen
class PrefixSubject:
    """One registered prefix, as declared.

    Attributes:
        peering: that it is registered with.
        registered: as declared.
        prefix: the same with bits right of the mask cleared, None if it is no prefix.
    """

    peering: Peering
    registered: RegisteredPrefix
    prefix: Prefix | None


@attrs.frozen
class ObservedPrefix(PrefixSubject):
    """One registered prefix, with its routes everywhere.

    Attributes:
        cells: one for each session of the peering, and for each other one that has routes for it,
            of which something may be said.
        groups: how it is announced, on all sessions.
        absent: the ids of the other sessions that certainly do not announce it.
        elsewhere: the ids of sessions that another row of the same prefix is about: at a route
            server each peering that announces it has one.
        passing: the ids of the peering's sessions that announce it and for which no rule has an
            answer, with the view of each; they have no cell.
    """

    cells: tuple[Cell, ...] = ()
    groups: tuple[AnnouncementGroup, ...] = ()
    absent: tuple[str, ...] = ()
    elsewhere: frozenset[str] = frozenset()
    passing: Mapping[str, View] = attrs.field(factory=dict)


@attrs.frozen
class SessionSubject:
    """One session, as declared.

    Attributes:
        session: the session.
    """

    session: SessionRef

    @property
    def peering(self) -> Peering:
        """The peering that it belongs to."""
        return self.session.peering


@attrs.frozen
class ObservedSession(SessionSubject):
    """One session, with what sources show of it.

    Attributes:
        sources: what was seen of it, the best view first.
        from_microsoft: how many routes AS8075 announces to the partner there; None if no whole
            dump shows it.
    """

    sources: tuple[SessionSource, ...] = ()
    from_microsoft: int | None = None

    @property
    def source(self) -> SessionSource | None:
        """The best source for it, None without any."""
        return self.sources[0] if self.sources else None


@attrs.frozen
class ConnectionSubject:
    """One connection.

    Attributes:
        peering: that it belongs to.
        connection: as declared.
    """

    peering: Peering
    connection: Connection

    def __str__(self) -> str:
        """Return the name that people know: connection and router."""
        router = self.connection.router
        return f"{self.connection.name} ({router})" if router else self.connection.name


@attrs.frozen
class ServicePrefixSubject:
    """One service prefix, as declared.

    Attributes:
        peering: whose profile judges it: where the prefix is registered, else the first that
            lies in the service's primary location, else the first.
        service: that it belongs to.
        declared: the prefix as it goes into the portal.
        prefix: the same, read; None if it is no prefix.
    """

    peering: Peering
    service: PeeringService
    declared: ServicePrefix
    prefix: Prefix | None

    @property
    def registered(self) -> ServicePrefix:
        """What the portal is given: for texts that name the prefix."""
        return self.declared


@attrs.frozen
class ObservedServicePrefix(ServicePrefixSubject):
    """One service prefix, with its routes in the service's locations.

    Attributes:
        cells: one for each session in the service's primary and backup location.
        elsewhere: further sessions of the peering's AS that certainly do not announce it.
        asked: ids of the sessions on which the registration asks for the prefix already.
        groups: how it is announced in those locations.
    """

    cells: tuple[Cell, ...] = ()
    elsewhere: tuple[SessionRef, ...] = ()
    asked: frozenset[str] = frozenset()
    groups: tuple[AnnouncementGroup, ...] = ()


@attrs.frozen
class InventorySubject:
    """The inventory as a whole, as one of its profiles sees it.

    Attributes:
        peering: the first peering, whose profile judges.
        inventory: everything.
    """

    peering: Peering
    inventory: Inventory


@attrs.frozen
class PeeringSubject:
    """One peering, as declared.

    Attributes:
        peering: the peering.
    """

    peering: Peering


@attrs.frozen
class ObservedPeering(PeeringSubject):
    """One peering, with what sources show of its sessions.

    Attributes:
        sessions: its sessions.
    """

    sessions: tuple[ObservedSession, ...]


Subject = (
    Cell
    | PrefixSubject
    | ServicePrefixSubject
    | SessionSubject
    | ConnectionSubject
    | PeeringSubject
    | InventorySubject
)
#: Subjects with routes.
ObservedSubject = ObservedPrefix | ObservedServicePrefix | ObservedSession | ObservedPeering


@attrs.frozen
class SetUp:
    """What a profile expects of the Azure resources.

    Attributes:
        network: Microsoft's side (directPeeringType), "Edge", "IxRs" or "Voice".
        min_connections: so many connections a peering has at least.
        address_provider: who gives the sessions' addresses; None where both may.
    """

    network: str = "Edge"
    min_connections: int = MIN_CONNECTIONS.value
    address_provider: str | None = None


@attrs.frozen
class Context:
    """What every rule may know besides its subject.

    Attributes:
        inventory: all of it.
        registered: see `registrations`.
        criteria: of the peering's profile.
        profile: the shipped one that it is or extends.
        all_routes: whether every route is the service's business (profile `partner`), not only
            those that carry the community.
        today: for what expires and what is due.
        set_up: see `SetUp`.
        plan: the inventory as it is meant to become; None if no plan was given.
        space: the registered prefixes.
        activated: see `activations`.
        activated_space: the activated prefixes.
        locations: the ids of the sessions in each location, by AS.
        sites: the location of each session, by id.
        order: the place of each session in the inventory, by id.
        validated: the routes of which Azure says how it validated them, by prefix.
        names: the registered prefixes of one peering that have one name, by both names.
        next_hops: the partner's addresses on the sessions of each peering, by its name.
        shared_keys: the keys that several registrations have, by the name of each: the key's
            number among all keys, the key, and the names.
        index: the parts of the inventory, by what rules look for.
    """

    inventory: Inventory
    registered: Mapping[Prefix, list[tuple[Peering, RegisteredPrefix]]]
    criteria: Criteria
    profile: str
    all_routes: bool = False
    today: date = date.max
    set_up: SetUp = SetUp()
    plan: Inventory | None = None
    space: Space = attrs.field(
        default=attrs.Factory(lambda self: Space(self.registered), takes_self=True)
    )
    activated: Mapping[Prefix, list[tuple[PeeringService, ServicePrefix]]] = attrs.field(
        default=attrs.Factory(lambda self: activations(self.inventory), takes_self=True)
    )
    activated_space: Space = attrs.field(
        default=attrs.Factory(lambda self: Space(self.activated), takes_self=True)
    )
    locations: Mapping[int, Mapping[str, list[str]]] = attrs.field(
        default=attrs.Factory(lambda self: _locations(self.inventory), takes_self=True)
    )
    sites: Mapping[str, str] = attrs.field(
        default=attrs.Factory(lambda self: _sites(self.locations), takes_self=True)
    )
    order: Mapping[str, int] = attrs.field(
        default=attrs.Factory(lambda self: _order(self.inventory), takes_self=True)
    )
    validated: Mapping[Prefix, tuple[Observation, ...]] = attrs.field(factory=dict)
    names: Mapping[tuple[str, str], list[RegisteredPrefix]] = attrs.field(
        default=attrs.Factory(lambda self: _names(self.inventory), takes_self=True)
    )
    next_hops: Mapping[str, frozenset[IPv4Address | IPv6Address | None]] = attrs.field(
        default=attrs.Factory(lambda self: _next_hops(self.inventory), takes_self=True)
    )
    shared_keys: Mapping[str, list[tuple[int, Key, list[str]]]] = attrs.field(
        default=attrs.Factory(lambda self: _shared_keys(self.inventory), takes_self=True)
    )
    index: InventoryIndex = attrs.field(
        default=attrs.Factory(lambda self: InventoryIndex(self.inventory), takes_self=True)
    )


def registrations(inventory: Inventory) -> dict[Prefix, list[tuple[Peering, RegisteredPrefix]]]:
    """Return every registered prefix that can be read, with the peerings that declare it."""
    found: dict[Prefix, list[tuple[Peering, RegisteredPrefix]]] = {}
    for peering in inventory.peerings:
        for registered in peering.registered_prefixes:
            if (prefix := registered.parsed) is not None:
                found.setdefault(prefix, []).append((peering, registered))
    return found


def activations(
    inventory: Inventory,
) -> dict[Prefix, list[tuple[PeeringService, ServicePrefix]]]:
    """Return every service prefix that can be read, with the services that declare it."""
    found: dict[Prefix, list[tuple[PeeringService, ServicePrefix]]] = {}
    for service in inventory.peering_services:
        for declared in service.service_prefixes:
            if (prefix := declared.parsed) is not None:
                found.setdefault(prefix, []).append((service, declared))
    return found


def _locations(inventory: Inventory) -> dict[int, dict[str, list[str]]]:
    found: dict[int, dict[Metro, list[str]]] = {}
    for session in inventory.sessions:
        where = site(session.peering, session.connection)
        found.setdefault(session.peering.asn, {}).setdefault(where, []).append(session.id)
    return {
        asn: {where.name: sessions for where, sessions in locations.items()}
        for asn, locations in found.items()
    }


def _sites(locations: Mapping[int, Mapping[str, list[str]]]) -> dict[str, str]:
    return {
        session: where
        for by_name in locations.values()
        for where, sessions in by_name.items()
        for session in sessions
    }


def _order(inventory: Inventory) -> dict[str, int]:
    return {session.id: number for number, session in enumerate(inventory.sessions)}


def _names(inventory: Inventory) -> dict[tuple[str, str], list[RegisteredPrefix]]:
    found: dict[tuple[str, str], list[RegisteredPrefix]] = {}
    for peering in inventory.peerings:
        for registered in peering.registered_prefixes:
            if registered.name is not None:
                found.setdefault((peering.name, registered.name), []).append(registered)
    return found


def _next_hops(inventory: Inventory) -> dict[str, frozenset[IPv4Address | IPv6Address | None]]:
    return {
        peering.name: frozenset(session.declared.peer for session in peering.sessions)
        for peering in inventory.peerings
    }


def keys_of(peering: Peering) -> dict[str, Key | None]:
    """Return the key of each prefix and AS number that a peering registers, by its name."""
    prefixes = {str(each.prefix or "AS"): each.key for each in peering.registered_prefixes}
    return prefixes | {f"AS{each.asn}": each.key for each in peering.registered_asns}


def _shared_keys(inventory: Inventory) -> dict[str, list[tuple[int, Key, list[str]]]]:
    everywhere: dict[Key, list[str]] = {}
    for peering in inventory.peerings:
        for name, key in keys_of(peering).items():
            if key is not None:
                everywhere.setdefault(key, []).append(name)
    found: dict[str, list[tuple[int, Key, list[str]]]] = {}
    for number, (key, names) in enumerate(everywhere.items()):
        if len(names) > 1:
            for name in dict.fromkeys(names):
                found.setdefault(name, []).append((number, key, names))
    return found


def is_same(one: str | None, other: str | None) -> bool:
    """Whether two names are there and are one, as Azure compares."""
    return one is not None and other is not None and one.casefold() == other.casefold()


def effective(observation: Observation) -> AsPath:
    """Return the path as AS8075 receives it; empty where the view does not tell."""
    return observation.viewpoint.effective(observation.route.path) or AsPath()


def routes_of(cell: Cell) -> tuple[str, str, View] | None:
    """Return the source that decides a cell, see `Problem.routes_of`; None without any."""
    source = cell.source
    return None if source is None else (cell.session.id, source.source, source.view)


def origins(seen: Iterable[Cell | AnnouncementGroup]) -> set[int]:
    """Return the AS numbers that originate routes where a prefix is announced."""
    found: set[int] = set()
    for each in seen:
        if isinstance(each, AnnouncementGroup) or each.presence is Presence.PRESENT:
            found |= {asn for route in each.routes if (asn := origin_of(route)) is not None}
    return found


def origin_of(observation: Observation) -> int | None:
    """Return the AS that originates a route, as AS8075 sees it; None if nothing tells it."""
    if not observation.shows_path:
        return None
    return effective(observation).origin(observation.viewpoint.asn)
