"""The subjects of rules, made from sessions and their sources."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from peerlint.engine.announcement_groups import AnnouncementGroups
from peerlint.engine.cells import CellMaker, RelatedRoutes
from peerlint.engine.open_sessions import CannotFire, OpenSessions, Passes
from peerlint.engine.route_index import NO_ROUTES, RouteIndex, deciding_source
from peerlint.engine.route_servers import RequiredSessions, RouteServers, registered_by
from peerlint.inventory import (
    Inventory,
    Metro,
    Peering,
    PeeringService,
    RegisteredPrefix,
    ServicePrefix,
    SessionRef,
    metro,
)
from peerlint.model import Fact, Prefix, Viewpoint
from peerlint.observations import ROUTE_SERVER
from peerlint.rules import (
    Cell,
    ObservedPrefix,
    ObservedServicePrefix,
    ObservedSession,
    Presence,
    activations,
    registrations,
)


def never(_: Viewpoint, __: Iterable[Fact]) -> bool:
    """Return False, so that every cell is evaluated."""
    return False


def never_passes(_: Cell) -> bool:
    """Return False, so that each session that has to announce a prefix has a cell."""
    return False


class Subjects:
    """The subjects of a prepared inventory, made from routes."""

    def __init__(self, inventory: Inventory, routes: RouteIndex) -> None:
        """Index the inventory.

        Args:
            inventory: the inventory.
            routes: the index of all routes.
        """
        self._inventory = inventory
        self._routes = routes
        #: By AS and metro, in the order of the inventory.
        self._in_metro: dict[tuple[int, Metro | None], list[SessionRef]] = {}
        for session in inventory.sessions:
            where = (session.peering.asn, metro(session.peering, session.connection))
            self._in_metro.setdefault(where, []).append(session)
        self._nearby: dict[str, Peering] = {}
        for each in inventory.peerings:
            if each.location is not None:
                self._nearby.setdefault(each.location.casefold(), each)
        self._activated = activations(inventory)
        self._servers = RouteServers(inventory, routes)
        self._located = {
            each.name: RequiredSessions(
                sessions := tuple(each.sessions), frozenset(one.id for one in sessions)
            )
            for each in inventory.peerings
        }
        self._open = OpenSessions(inventory.sessions, routes)
        #: Sessions with their sources, until routes change.
        self._observed: dict[str, ObservedSession] = {}

    # -- registered prefixes and members

    def registered(self) -> dict[Prefix, list[tuple[Peering, RegisteredPrefix]]]:
        """Return the prefixes that count as registered, with the peerings that register them.

        At a route server, where AS numbers are registered, every prefix with a row counts as
        registered. Whether its origin is registered is a separate check.
        """
        found = registrations(self._inventory)
        for prefix, peering in registered_by(self._servers, self._inventory.peerings).items():
            found.setdefault(prefix, [(peering, RegisteredPrefix(str(prefix)))])
        return found

    def is_unseen(self, peering: Peering) -> bool:
        """Whether members of a route server may have prefixes that no source shows."""
        if peering.profile != ROUTE_SERVER or self._servers.prefixes(peering):
            return False
        is_complete = [
            deciding_source(self._routes, session, NO_ROUTES)[0] is Presence.ABSENT
            for session in self._located[peering.name].sessions
        ]
        return self._servers.has_members(peering) and not (is_complete and all(is_complete))

    def of_members(self, peering: Peering) -> tuple[Prefix, ...]:
        """Return the prefixes of a peering in order; empty if it is not one of a route server."""
        return self._servers.prefixes(peering)

    # -- prefixes

    def prefix(
        self,
        peering: Peering,
        registered: RegisteredPrefix,
        cannot_fire: CannotFire = never,
        passes: Passes = never_passes,
    ) -> ObservedPrefix:
        """Return a registered prefix with its cells.

        Args:
            peering: the peering that it is registered with.
            registered: the prefix as declared.
            cannot_fire: whether a cell on a session of another peering can be left out.
            passes: whether a cell on one of the peering's own sessions can be left out.
        """
        prefix = registered.parsed
        if prefix is None or prefix.family != 4:
            return ObservedPrefix(peering, registered, prefix)
        routes, related = self._routes.routes(prefix), RelatedRoutes.of(self._routes, prefix)
        others = self._open.others(
            peering, routes, cannot_fire, has_more_specifics=bool(related.more_specifics)
        )
        own = self._own(peering, prefix)
        chosen = self._chosen_metros(prefix)
        # Declarations and Azure's messages about a prefix are compared with each of its cells.
        is_plain = not (
            related
            or chosen
            or registered.error is not None
            or prefix in self._activated
            or prefix in self._routes.validated
            or peering.profile == ROUTE_SERVER
        )
        maker = CellMaker(
            self._routes,
            peering,
            registered,
            prefix,
            routes,
            related=related,
            required=own.required,
            chosen=chosen,
        )
        row = self._open.row(maker, own, others, passes if is_plain else None)
        return ObservedPrefix(
            peering,
            registered,
            prefix,
            tuple(maker.on(row.sessions)),
            row.groups.groups(routes),
            self._open.absent(peering, others),
            own.in_other_rows,
            row.passing,
        )

    def _own(self, peering: Peering, prefix: Prefix) -> RequiredSessions:
        """Return the sessions that have to announce a prefix, and those that may."""
        if peering.profile == ROUTE_SERVER:
            return self._servers.located(peering, prefix)
        return self._located[peering.name]

    def _chosen_metros(self, prefix: Prefix) -> frozenset[Metro]:
        """Return the locations that activations of a prefix choose."""
        return frozenset(
            where for service, _ in self._activated.get(prefix, ()) for where in _chosen(service)
        )

    # -- sessions

    def session(self, session: SessionRef) -> ObservedSession:
        """Return a session with its sources."""
        found = self._observed.get(session.id)
        if found is None:
            found = self._observed[session.id] = ObservedSession(
                session,
                tuple(each.source for each in self._routes.sources(session)),
                self._routes.from_microsoft.get(session.id),
            )
        return found

    def forget(self, session: str) -> None:
        """Discard the cached sources of a session, because its routes have changed."""
        self._observed.pop(session, None)

    def sessions(self, peering: Peering) -> tuple[ObservedSession, ...]:
        """Return the sessions of a peering."""
        return tuple(map(self.session, self._located[peering.name].sessions))

    # -- service prefixes

    def peering_of(
        self,
        service: PeeringService,
        prefix: Prefix | None,
        registered: Mapping[Prefix, list[tuple[Peering, RegisteredPrefix]]],
    ) -> Peering:
        """Return the peering whose profile is used for a service prefix."""
        found = [] if prefix is None else [each for each, _ in registered.get(prefix, ())]
        return found[0] if found else self._nearest(service)

    def _nearest(self, service: PeeringService) -> Peering:
        nearby = self._nearby.get((service.primary or "").casefold())
        return nearby or self._inventory.peerings[0]

    def sessions_in_locations(self, service: PeeringService, asn: int) -> tuple[SessionRef, ...]:
        """Return the sessions of an AS in the locations that a service chooses."""
        return self._sessions_in(asn, _chosen(service))

    def _sessions_in(self, asn: int, chosen: frozenset[Metro]) -> tuple[SessionRef, ...]:
        """Return the sessions of an AS in some metros."""
        return self._open.in_order(
            session for each in chosen for session in self._in_metro.get((asn, each), ())
        )

    def service_prefix(
        self, peering: Peering, service: PeeringService, declared: ServicePrefix
    ) -> ObservedServicePrefix:
        """Return a service prefix with the cells of its locations.

        Args:
            peering: the peering whose profile is used, see `peering_of`.
            service: the peering service that activates it.
            declared: the prefix as declared.
        """
        prefix = declared.parsed
        if prefix is None or prefix.family != 4:
            return ObservedServicePrefix(peering, service, declared, prefix)
        chosen, routes = _chosen(service), self._routes.routes(prefix)
        sessions = self._sessions_in(peering.asn, chosen)
        groups = AnnouncementGroups()
        for session in sessions:
            presence, source = deciding_source(self._routes, session, routes)
            if source is not None and presence is Presence.PRESENT:
                groups.add(session, source, routes.shown[source.number])
        maker = CellMaker(
            self._routes,
            peering,
            RegisteredPrefix(declared.prefix, declared.name),
            prefix,
            routes,
            related=RelatedRoutes.of(self._routes, prefix),
            chosen=chosen,
        )
        missing = (
            each
            for each in self._open.missing(peering.asn, routes)
            if metro(each.peering, each.connection) not in chosen
        )
        return ObservedServicePrefix(
            peering,
            service,
            declared,
            prefix,
            tuple(maker.on(sessions)),
            self._open.in_order(missing),
            groups=groups.groups(routes),
        )


def _chosen(service: PeeringService) -> frozenset[Metro]:
    """Return the locations that a service chooses."""
    return frozenset(Metro(name) for name in (service.primary, service.backup) if name)
