"""The subjects that rules are asked about, made from sessions and their sources."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet

import attrs

from peerlint.engine.route_index import (
    NO_ROUTES,
    IndexedSource,
    PrefixRoutes,
    RouteIndex,
    Routes,
    SourceAnnouncements,
    best,
)
from peerlint.engine.route_servers import Located, RouteServers, registered_by
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
from peerlint.model import Fact, Prefix, View, Viewpoint
from peerlint.observations import ROUTE_SERVER
from peerlint.rules import (
    AnnouncementGroup,
    Cell,
    ObservedPrefix,
    ObservedServicePrefix,
    ObservedSession,
    Presence,
    activations,
    registrations,
)

#: Whether no rule can fire on routes with a viewpoint and these facts.
CannotFire = Callable[[Viewpoint, Iterable[Fact]], bool]

#: Whether no rule gives an answer for a cell, nor for one that differs only in its prefix.
Passes = Callable[[Cell], bool]


def never(_: Viewpoint, __: Iterable[Fact]) -> bool:
    """Evaluate every cell."""
    return False


def never_passes(_: Cell) -> bool:
    """Make a cell for each session that has to announce a prefix."""
    return False


class Subjects:
    """The subjects of a prepared inventory, made from routes."""

    def __init__(self, inventory: Inventory, routes: RouteIndex) -> None:
        """Index the inventory."""
        self._inventory = inventory
        self._sessions = inventory.sessions
        self._routes = routes
        self._order = {session.id: (at, session) for at, session in enumerate(self._sessions)}
        #: By AS and metro, in the order of the inventory.
        self._in_metro: dict[tuple[int, Metro | None], list[SessionRef]] = {}
        for session in self._sessions:
            where = (session.peering.asn, metro(session.peering, session.connection))
            self._in_metro.setdefault(where, []).append(session)
        self._nearby: dict[str, Peering] = {}
        for each in inventory.peerings:
            if each.location is not None:
                self._nearby.setdefault(each.location.casefold(), each)
        self._activated = activations(inventory)
        self._servers = RouteServers(inventory, routes)
        self._located = {
            each.name: Located(
                sessions := tuple(each.sessions), frozenset(one.id for one in sessions)
            )
            for each in inventory.peerings
        }
        self._of_peering: dict[str, _OfPeering] = {}
        #: Sessions with their sources, until routes change.
        self._observed: dict[str, ObservedSession] = {}
        #: Computed once: every one of very many peerings looks at the sessions of all others.
        self._never_there = [
            session.id
            for session in self._sessions
            if best(routes, session, NO_ROUTES)[0] is Presence.ABSENT
        ]
        self._never_in: dict[int, list[SessionRef]] = {}
        for session_id in self._never_there:
            session = self._order[session_id][1]
            self._never_in.setdefault(session.peering.asn, []).append(session)

    def registered(self) -> dict[Prefix, list[tuple[Peering, RegisteredPrefix]]]:
        """Return every prefix that counts as registered, with the peerings that register it.

        A route server registers AS numbers; there it is every prefix that asks for the service, and
        whether its origin is registered is a separate check.
        """
        found = registrations(self._inventory)
        for prefix, peering in registered_by(self._servers, self._inventory.peerings).items():
            found.setdefault(prefix, [(peering, RegisteredPrefix(str(prefix)))])
        return found

    def is_unseen(self, peering: Peering) -> bool:
        """Whether members of a route server may have prefixes that no source shows."""
        if peering.profile != ROUTE_SERVER or self._servers.prefixes(peering):
            return False
        sessions = [*peering.sessions]
        seen = [
            best(self._routes, session, NO_ROUTES)[0] is Presence.ABSENT for session in sessions
        ]
        return self._servers.has_members(peering) and not (seen and all(seen))

    def of_members(self, peering: Peering) -> tuple[Prefix, ...]:
        """Return the prefixes of a route-server peering in order; none of another profile's."""
        return self._servers.prefixes(peering)

    def prefix(
        self,
        peering: Peering,
        registered: RegisteredPrefix,
        cannot_fire: CannotFire = never,
        passes: Passes = never_passes,
    ) -> ObservedPrefix:
        """Return a registered prefix with its cells.

        Args:
            peering: that it is registered with.
            registered: the prefix as declared.
            cannot_fire: whether a cell on a session of another peering can be left out.
            passes: whether a cell on one of the peering's own sessions can be left out.
        """
        prefix = registered.parsed
        if prefix is None or prefix.family != 4:
            return ObservedPrefix(peering, registered, prefix)
        shared = self._shared(peering)
        seen, around = self._routes.routes(prefix), _Around.of(self._routes, prefix)
        elsewhere = self._elsewhere(shared, seen, cannot_fire, inside=bool(around.inside))
        own = self._own(peering, prefix)
        chosen = self._chosen_metros(prefix)
        # Declarations and Azure's messages about a prefix are compared cell by cell.
        is_plain = not (
            around
            or chosen
            or registered.error is not None
            or prefix in self._activated
            or prefix in self._routes.validated
            or peering.profile == ROUTE_SERVER
        )
        alike = shared.alike if is_plain else None
        row = None if alike is None else alike.rows.get((seen.pattern, seen.attribute_sets))
        if row is None:
            row = self._row(
                peering, registered, own, seen, elsewhere=elsewhere, alike=alike, passes=passes
            )
        cells = self._cells(
            peering,
            registered,
            prefix,
            row.sessions,
            seen,
            around=around,
            asked=own.asked,
            chosen=chosen,
        )
        absent = (
            *elsewhere.absent,
            *(name for name in shared.never_there if name not in elsewhere.seen),
        )
        return ObservedPrefix(
            peering,
            registered,
            prefix,
            tuple(cells),
            row.groups.found(seen),
            absent,
            own.elsewhere,
            row.passing,
        )

    def _shared(self, peering: Peering) -> _OfPeering:
        """Return what the prefixes of a peering share."""
        found = self._of_peering.get(peering.name)
        if found is None:
            here = self._located[peering.name].asked
            never_there = tuple(each for each in self._never_there if each not in here)
            found = self._of_peering[peering.name] = _OfPeering(here, never_there)
        return found

    def _row(
        self,
        peering: Peering,
        registered: RegisteredPrefix,
        own: Located,
        seen: PrefixRoutes,
        *,
        elsewhere: _Elsewhere,
        alike: _Alike | None,
        passes: Passes,
    ) -> _Row:
        """Return the sessions that rules may have an answer for; the others need no cell.

        Args:
            peering: whose profile is used.
            registered: the prefix.
            own: the sessions that may have to announce it.
            seen: its routes.
            elsewhere: the sessions of other peerings.
            alike: results for prefixes with equal routes; None to evaluate every cell.
            passes: whether no rule has an answer for a cell.
        """
        taken = own.elsewhere | {session.id for session in own.sessions}
        others = [session for session in elsewhere.evaluated if session.id not in taken]
        row = _Row([], {}, elsewhere.groups.copy())
        for session in (*own.sessions, *others):
            presence, source = best(self._routes, session, seen)
            if source is None or presence is not Presence.PRESENT:
                row.sessions.append(session)
                continue
            row.groups.add(session, source, seen.shown[source.number])
            if (
                alike is not None
                and session.id in own.asked
                and self._passes(
                    peering, registered, seen, alike, passes, session=session, source=source
                )
            ):
                row.passing[session.id] = source.source.view
            else:
                row.sessions.append(session)
        if alike is not None:
            alike.rows[seen.pattern, seen.attribute_sets] = row
        return row

    def _passes(
        self,
        peering: Peering,
        registered: RegisteredPrefix,
        seen: PrefixRoutes,
        alike: _Alike,
        passes: Passes,
        *,
        session: SessionRef,
        source: IndexedSource,
    ) -> bool:
        """Evaluate a session once for all prefixes with equal routes there."""
        key = (source.number, seen.shown[source.number], seen.attributes[source.number])
        if key not in alike.cells:
            prefix = registered.parsed
            if prefix is None:
                raise AssertionError("routes for a text that is not a prefix")
            (cell,) = self._cells(
                peering,
                registered,
                prefix,
                (session,),
                seen,
                around=_Around(),
                asked=frozenset({session.id}),
                chosen=frozenset(),
            )
            alike.cells[key] = passes(cell)
        return alike.cells[key]

    def _own(self, peering: Peering, prefix: Prefix) -> Located:
        """Return the sessions that have to announce a prefix, and those that may."""
        if peering.profile == ROUTE_SERVER:
            return self._servers.located(peering, prefix)
        return self._located[peering.name]

    def _chosen_metros(self, prefix: Prefix) -> frozenset[Metro]:
        """Return the locations that activations of a prefix choose."""
        return frozenset(
            session
            for service, _ in self._activated.get(prefix, ())
            for session in _chosen(service)
        )

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
        """Look at the sources of a session anew: its routes have changed."""
        self._observed.pop(session, None)

    def sessions(self, peering: Peering) -> tuple[ObservedSession, ...]:
        """Return the sessions of a peering."""
        return tuple(map(self.session, self._located[peering.name].sessions))

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

    def _inside(self, asn: int, chosen: frozenset[Metro]) -> list[SessionRef]:
        """Return the sessions of an AS in some metros."""
        there = (session for each in chosen for session in self._in_metro.get((asn, each), ()))
        return sorted(there, key=lambda session: self._order[session.id][0])

    def _missing_outside(
        self, asn: int, chosen: frozenset[Metro], routes: PrefixRoutes
    ) -> tuple[SessionRef, ...]:
        """Return the sessions of an AS outside of some metros that certainly have no such route."""
        seen = self._routes.sessions(routes)
        candidates = [session for session in self._never_in.get(asn, ()) if session.id not in seen]
        for session_id in seen:
            session = self._order[session_id][1]
            presence, _ = best(self._routes, session, routes)
            if session.peering.asn == asn and presence is Presence.ABSENT:
                candidates.append(session)
        outside = (
            each for each in candidates if metro(each.peering, each.connection) not in chosen
        )
        return tuple(sorted(outside, key=lambda session: self._order[session.id][0]))

    def sessions_inside(self, service: PeeringService, asn: int) -> list[SessionRef]:
        """Return the sessions of an AS in the locations that a service chooses."""
        return self._inside(asn, _chosen(service))

    def service_prefix(
        self, peering: Peering, service: PeeringService, declared: ServicePrefix
    ) -> ObservedServicePrefix:
        """Return a service prefix with the cells of its locations.

        Args:
            peering: whose profile is used, see `peering_of`.
            service: that activates it.
            declared: the prefix as declared.
        """
        prefix = declared.parsed
        if prefix is None or prefix.family != 4:
            return ObservedServicePrefix(peering, service, declared, prefix)
        chosen = _chosen(service)
        inside = self._inside(peering.asn, chosen)
        registered = RegisteredPrefix(declared.prefix, declared.name)
        routes = self._routes.routes(prefix)
        groups = AnnouncementGroups()
        for session in inside:
            presence, source = best(self._routes, session, routes)
            if source is not None and presence is Presence.PRESENT:
                groups.add(session, source, routes.shown[source.number])
        return ObservedServicePrefix(
            peering,
            service,
            declared,
            prefix,
            tuple(
                self._cells(
                    peering,
                    registered,
                    prefix,
                    inside,
                    routes,
                    around=_Around.of(self._routes, prefix),
                    asked=frozenset(),
                    chosen=chosen,
                )
            ),
            self._missing_outside(peering.asn, chosen, routes),
            groups=groups.found(routes),
        )

    # -- cells

    def _elsewhere(
        self, shared: _OfPeering, routes: PrefixRoutes, cannot_fire: CannotFire, *, inside: bool
    ) -> _Elsewhere:
        """Return what sessions of other peerings show of a prefix, once for each pattern.

        Args:
            shared: which sessions these are.
            routes: for the prefix.
            cannot_fire: whether a cell can be left out.
            inside: whether there are more specific routes, which have to be evaluated.
        """
        key = (routes.pattern, inside)
        found = shared.elsewhere.get(key)
        if found is not None:
            return found
        found = shared.elsewhere[key] = _Elsewhere(self._routes.sessions(routes) - shared.here)
        silent: dict[SourceAnnouncements, bool] = {}
        for _, session in sorted(
            (self._order[each] for each in found.seen), key=lambda each: each[0]
        ):
            session_id = session.id
            presence, chosen = best(self._routes, session, routes)
            shown = None if chosen is None else routes.shown.get(chosen.number)
            if presence is Presence.ABSENT:
                found.absent.append(session_id)
            if chosen is None or shown is None:
                continue
            if shown not in silent:
                silent[shown] = not inside and cannot_fire(shown.viewpoint, shown.facts)
            if not silent[shown] or not chosen.source.observations.shows_all:
                found.evaluated.append(session)
            elif presence is Presence.PRESENT:
                found.groups.add(session, chosen, shown)
        return found

    def _cells(
        self,
        peering: Peering,
        registered: RegisteredPrefix,
        prefix: Prefix,
        sessions: Iterable[SessionRef],
        found: PrefixRoutes,
        *,
        around: _Around,
        asked: frozenset[str],
        chosen: AbstractSet[Metro],
    ) -> Iterator[Cell]:
        """Make the cells of a prefix on some sessions.

        Args:
            peering: whose profile is used.
            registered: the prefix as declared.
            prefix: the same, read.
            sessions: the sessions.
            found: the routes for the prefix.
            around: those for prefixes that share addresses with it.
            asked: the ids of the sessions that have to announce it.
            chosen: the locations that an activation chooses.
        """
        for session in sessions:
            presence, source = best(self._routes, session, found)
            routes = () if source is None else found.routes(source)
            sound = tuple(seen for seen in routes if not seen.route.malformed)
            yield Cell(
                peering,
                registered,
                prefix,
                session,
                presence,
                None if source is None else source.source,
                others=tuple(
                    each.source for each in self._routes.sources(session) if each is not source
                ),
                routes=sound or routes,
                covering=() if source is None else _among(around.covering, source),
                more_specifics=() if source is None else _among(around.inside, source),
                is_asked_for=session.id in asked,
                is_chosen=bool(chosen)
                and session.peering.asn == peering.asn
                and metro(session.peering, session.connection) in chosen,
            )


def _chosen(service: PeeringService) -> frozenset[Metro]:
    """Return the locations that a service chooses."""
    return frozenset(Metro(name) for name in (service.primary, service.backup) if name)


class AnnouncementGroups:
    """The different ways in which one prefix is announced."""

    def __init__(self) -> None:
        """Start with none."""
        self._sessions: dict[tuple[int, ...], dict[str, tuple[SessionRef, IndexedSource]]] = {}
        self._in_order: (
            list[tuple[tuple[SessionRef, ...], dict[str, tuple[SessionRef, IndexedSource]]]] | None
        ) = None

    def add(self, session: SessionRef, source: IndexedSource, shown: SourceAnnouncements) -> None:
        """Add a session to those that announce the prefix in the same way."""
        self._in_order = None
        self._sessions.setdefault(shown.groups, {})[session.id] = (session, source)

    def copy(self) -> AnnouncementGroups:
        """Return a copy."""
        other = AnnouncementGroups()
        other._sessions = {groups: sessions.copy() for groups, sessions in self._sessions.items()}
        return other

    def found(self, routes: PrefixRoutes) -> tuple[AnnouncementGroup, ...]:
        """Return each way with its sessions."""
        if self._in_order is None:
            self._in_order = [
                (tuple([session for session, _ in sessions.values()]), sessions)
                for sessions in self._sessions.values()
            ]
        return tuple(_group(in_order, sessions, routes) for in_order, sessions in self._in_order)


def _group(
    in_order: tuple[SessionRef, ...],
    sessions: Mapping[str, tuple[SessionRef, IndexedSource]],
    routes: PrefixRoutes,
) -> AnnouncementGroup:
    def of(session: SessionRef) -> Routes:
        seen = routes.routes(sessions[session.id][1])
        return tuple(each for each in seen if not each.route.malformed)

    return AnnouncementGroup(in_order, of(in_order[0]), of)


@attrs.frozen
class _Elsewhere:
    """What sessions of other peerings show of one prefix.

    Attributes:
        seen: the ids of those that have routes for it.
        evaluated: those that rules may have an answer for.
        absent: the ids of those that do not announce it although they have routes for it.
        groups: of those that announce it without an answer of any rule.
    """

    seen: set[str]
    evaluated: list[SessionRef] = attrs.field(factory=list)
    absent: list[str] = attrs.field(factory=list)
    groups: AnnouncementGroups = attrs.field(factory=AnnouncementGroups)


@attrs.frozen(eq=False)
class _Around:
    """The routes for prefixes that share addresses with one.

    Attributes:
        covering: for less specific ones.
        inside: for more specific ones.
    """

    covering: tuple[PrefixRoutes, ...] = ()
    inside: tuple[PrefixRoutes, ...] = ()

    @classmethod
    def of(cls, routes: RouteIndex, prefix: Prefix) -> _Around:
        """Look for them."""
        return cls(
            tuple(routes.routes(each) for each in routes.covering(prefix)),
            tuple(routes.routes(each) for each in routes.more_specifics(prefix)),
        )

    def __bool__(self) -> bool:
        """Whether there are any."""
        return bool(self.covering or self.inside)


@attrs.frozen(eq=False)
class _Row:
    """The sessions of one prefix, and of all prefixes with equal routes.

    Attributes:
        sessions: those that need a cell.
        passing: those for which no rule has an answer, by id, with the view.
        groups: the ways in which the prefix is announced.
    """

    sessions: list[SessionRef]
    passing: dict[str, View]
    groups: AnnouncementGroups


@attrs.frozen(eq=False)
class _Alike:
    """Results for a peering's prefixes with equal routes.

    Attributes:
        cells: whether no rule has an answer, by the number of the source, the key and the attribute
            sets of the routes.
        rows: by the pattern and the attribute sets of the routes.
    """

    cells: dict[tuple[int, SourceAnnouncements, Hashable], bool] = attrs.field(factory=dict)
    rows: dict[tuple[Hashable, Hashable], _Row] = attrs.field(factory=dict)


@attrs.frozen(eq=False)
class _OfPeering:
    """What the prefixes of one peering share.

    Attributes:
        here: the ids of the peering's own sessions.
        never_there: the ids of other sessions whose sources show that they have no routes.
        alike: see `_Alike`.
        elsewhere: what the other sessions show, by the pattern of a prefix's routes and whether
            there are more specific routes.
    """

    here: AbstractSet[str]
    never_there: tuple[str, ...]
    alike: _Alike = attrs.field(factory=_Alike)
    elsewhere: dict[tuple[Hashable, bool], _Elsewhere] = attrs.field(factory=dict)


def _among(found: tuple[PrefixRoutes, ...], chosen: IndexedSource) -> Routes:
    return tuple(route for each in found for route in each.routes(chosen))
