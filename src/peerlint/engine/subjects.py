"""The subjects that rules are asked about, made from sessions and their sources."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

import attrs

from peerlint.engine.route_index import (
    ColumnIndex,
    IndexedSource,
    PrefixRoutes,
    Routes,
    SourceAnnouncements,
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
from peerlint.observations import ROUTE_SERVER, Observations
from peerlint.rules import (
    AnnouncementGroup,
    Cell,
    ConnectionSubject,
    PrefixSubject,
    Presence,
    ServicePrefixSubject,
    SessionSubject,
    activations,
    is_same,
    registrations,
)

#: Whether no rule can fire on routes with a viewpoint and these facts.
CannotFire = Callable[[Viewpoint, Iterable[Fact]], bool]

#: Whether no rule gives an answer for a cell, nor for one that differs only in its prefix.
Silent = Callable[[Cell], bool]

#: The sessions in some locations, and the others.
_Sides = tuple[list[SessionRef], list[SessionRef]]


def never(_: Viewpoint, __: Iterable[Fact]) -> bool:
    """Evaluate every cell."""
    return False


def loud(_: Cell) -> bool:
    """Make a cell for each session that has to announce a prefix."""
    return False


class Subjects:
    """The subjects of one inventory with its observations."""

    def __init__(self, inventory: Inventory, observations: Observations) -> None:
        """Index the observations."""
        self._inventory = inventory
        self._places = inventory.sessions
        self._from_microsoft = observations.microsoft
        self._seen = ColumnIndex(self._places, observations)
        self._chosen: dict[tuple[int, tuple[Metro, ...]], _Sides] = {}
        self._activated = activations(inventory)
        self._servers = RouteServers(inventory, self._seen)
        self._located = {
            each.name: Located(
                sessions := tuple(each.sessions), frozenset(one.id for one in sessions)
            )
            for each in inventory.peerings
        }
        self.validated = observations.validated([session.id for session in self._places])
        #: Asked once: every one of very many peerings looks at the sessions of all others.
        self._never_there = [
            session.id
            for session in self._places
            if self._seen.best(session, PrefixRoutes())[0] is Presence.ABSENT
        ]

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
            self._seen.best(session, PrefixRoutes())[0] is Presence.ABSENT for session in sessions
        ]
        return self._servers.has_members(peering) and not (seen and all(seen))

    def prefixes(
        self, peering: Peering, cannot_fire: CannotFire = never, silent: Silent = loud
    ) -> Iterator[PrefixSubject]:
        """Yield the prefixes of a peering, one at a time: there may be many with many cells.

        Args:
            peering: that they are registered with.
            cannot_fire: whether a cell on a session of another peering can be left out.
            silent: whether a cell on one of the peering's own sessions can be left out.
        """
        if peering.profile == ROUTE_SERVER:
            registered = [RegisteredPrefix(str(each)) for each in self._servers.prefixes(peering)]
        else:
            registered = [*peering.registered_prefixes]
        others = {
            session.id: session for session in self._places if session.peering.name != peering.name
        }
        never_there = [each for each in self._never_there if each in others]
        #: By pattern: other sessions show the same for all prefixes of one pattern.
        known: dict[tuple[tuple[bytes, bytes], bool], _Elsewhere] = {}
        alike = _Alike(silent)
        for each in registered:
            prefix = each.parsed
            if prefix is None or prefix.family != 4:
                yield PrefixSubject(peering, each, prefix)
                continue
            seen = self._seen.routes(prefix)
            around = _Around.of(self._seen, prefix)
            key = (seen.pattern, bool(around.inside))
            if key not in known:
                known[key] = self._elsewhere(seen, others, cannot_fire, inside=key[1])
            found = known[key]
            own = self._own(peering, prefix)
            chosen = self._chosen_sessions(peering, prefix)
            # Declarations and Azure's messages about a prefix are compared cell by cell.
            is_plain = not (
                around
                or chosen
                or each.error is not None
                or prefix in self._activated
                or prefix in self.validated
                or peering.profile == ROUTE_SERVER
            )
            row = alike.row(seen) if is_plain else None
            if row is None:
                row = self._row(
                    peering, each, own, seen, elsewhere=found, alike=alike if is_plain else None
                )
            cells = self._cells(
                peering,
                each,
                prefix,
                row.sessions,
                seen,
                around=around,
                asked=own.asked,
                chosen=chosen,
            )
            absent = (*found.absent, *(name for name in never_there if name not in found.seen))
            yield PrefixSubject(
                peering,
                each,
                prefix,
                tuple(cells),
                row.groups.found(seen),
                absent,
                own.elsewhere,
                row.silent,
            )

    def _row(
        self,
        peering: Peering,
        registered: RegisteredPrefix,
        own: Located,
        seen: PrefixRoutes,
        *,
        elsewhere: _Elsewhere,
        alike: _Alike | None,
    ) -> _Row:
        """Return the sessions that rules may have an answer for; the others need no cell.

        Args:
            peering: whose profile is used.
            registered: the prefix.
            own: the sessions that may have to announce it.
            seen: its routes.
            elsewhere: the sessions of other peerings.
            alike: results for prefixes with equal routes; None to evaluate every cell.
        """
        taken = own.elsewhere | {session.id for session in own.sessions}
        others = [session for session in elsewhere.evaluated if session.id not in taken]
        row = _Row([], {}, elsewhere.groups.copy())
        for session in (*own.sessions, *others):
            presence, source = self._seen.best(session, seen)
            if source is None or presence is not Presence.PRESENT:
                row.sessions.append(session)
                continue
            row.groups.add(session, source, seen.shown[source.number])
            if (
                alike is not None
                and session.id in own.asked
                and self._is_silent(
                    peering, registered, seen, alike, session=session, source=source
                )
            ):
                row.silent[session.id] = source.source.view
            else:
                row.sessions.append(session)
        if alike is not None:
            alike.rows[seen.pattern, seen.attribute_sets] = row
        return row

    def _is_silent(
        self,
        peering: Peering,
        registered: RegisteredPrefix,
        seen: PrefixRoutes,
        alike: _Alike,
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
            alike.cells[key] = alike.is_silent(cell)
        return alike.cells[key]

    def _own(self, peering: Peering, prefix: Prefix) -> Located:
        """Return the sessions that have to announce a prefix, and those that may."""
        if peering.profile == ROUTE_SERVER:
            return self._servers.located(peering, prefix)
        return self._located[peering.name]

    def _chosen_sessions(self, peering: Peering, prefix: Prefix) -> frozenset[str]:
        """Return the sessions in the locations that activations of a prefix choose."""
        return frozenset(
            session.id
            for service, _ in self._activated.get(prefix, ())
            for session in self._sides(service, peering.asn)[0]
        )

    def sessions(self, peering: Peering) -> tuple[SessionSubject, ...]:
        """Return the sessions of a peering."""
        return tuple(
            SessionSubject(
                session,
                tuple(each.source for each in self._seen.sources(session)),
                self._from_microsoft.get(session.id),
            )
            for session in peering.sessions
        )

    def connections(self, peering: Peering) -> tuple[ConnectionSubject, ...]:
        """Return the connections of a peering."""
        return tuple(ConnectionSubject(peering, each) for each in peering.connections)

    def service_prefixes(
        self, registered: dict[Prefix, list[tuple[Peering, RegisteredPrefix]]]
    ) -> dict[str, list[ServicePrefixSubject]]:
        """Return the service prefixes, by the name of the peering whose profile judges them."""
        found: dict[str, list[ServicePrefixSubject]] = {}
        for service in self._inventory.peering_services if self._inventory.peerings else ():
            for declared in service.service_prefixes:
                prefix = declared.parsed
                judges = [] if prefix is None else [each for each, _ in registered.get(prefix, ())]
                peering = (judges or self._nearby(service))[0]
                subject = self._service_subject(peering, service, declared, prefix)
                found.setdefault(peering.name, []).append(subject)
        return found

    def _nearby(self, service: PeeringService) -> list[Peering]:
        peerings = self._inventory.peerings
        nearby = [each for each in peerings if is_same(each.location, service.primary)]
        return nearby or [*peerings]

    def _sides(self, service: PeeringService, asn: int) -> _Sides:
        """Return the sessions of an AS in a service's locations, and its others."""
        chosen = tuple(Metro(name) for name in (service.primary, service.backup) if name)
        sides = self._chosen.get((asn, chosen))
        if sides is None:
            sides = self._chosen[asn, chosen] = ([], [])
            for session in self._places:
                if session.peering.asn == asn:
                    is_inside = metro(session.peering, session.connection) in chosen
                    sides[not is_inside].append(session)
        return sides

    def _service_subject(
        self,
        peering: Peering,
        service: PeeringService,
        declared: ServicePrefix,
        prefix: Prefix | None,
    ) -> ServicePrefixSubject:
        if prefix is None or prefix.family != 4:
            return ServicePrefixSubject(peering, service, declared, prefix)
        inside, outside = self._sides(service, peering.asn)
        registered = RegisteredPrefix(declared.prefix, declared.name)
        routes = self._seen.routes(prefix)
        groups = AnnouncementGroups()
        for session in inside:
            presence, source = self._seen.best(session, routes)
            if source is not None and presence is Presence.PRESENT:
                groups.add(session, source, routes.shown[source.number])
        every = frozenset(session.id for session in inside)
        return ServicePrefixSubject(
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
                    around=_Around.of(self._seen, prefix),
                    asked=frozenset(),
                    chosen=every,
                )
            ),
            tuple(
                session
                for session in outside
                if self._seen.best(session, routes)[0] is Presence.ABSENT
            ),
            groups=groups.found(routes),
        )

    # -- cells

    def _elsewhere(
        self,
        routes: PrefixRoutes,
        others: Mapping[str, SessionRef],
        cannot_fire: CannotFire,
        *,
        inside: bool,
    ) -> _Elsewhere:
        """Return what sessions of other peerings show of a prefix.

        Args:
            routes: for the prefix.
            others: the sessions.
            cannot_fire: whether a cell can be left out.
            inside: whether there are more specific routes, which have to be evaluated.
        """
        found = _Elsewhere(self._seen.sessions(routes) & others.keys())
        silent: dict[SourceAnnouncements, bool] = {}
        for session_id, session in others.items():
            if session_id not in found.seen:
                continue
            presence, chosen = self._seen.best(session, routes)
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
        chosen: frozenset[str],
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
            chosen: the ids of the sessions in locations that an activation chooses.
        """
        for session in sessions:
            presence, source = self._seen.best(session, found)
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
                    each.source for each in self._seen.sources(session) if each is not source
                ),
                routes=sound or routes,
                covering=() if source is None else _among(around.covering, source),
                more_specifics=() if source is None else _among(around.inside, source),
                is_asked_for=session.id in asked,
                is_chosen=session.id in chosen,
            )


class AnnouncementGroups:
    """The different ways in which one prefix is announced."""

    def __init__(self) -> None:
        """Start with none."""
        self._places: dict[tuple[int, ...], dict[str, tuple[SessionRef, IndexedSource]]] = {}
        self._in_order: (
            list[tuple[tuple[SessionRef, ...], dict[str, tuple[SessionRef, IndexedSource]]]] | None
        ) = None

    def add(self, session: SessionRef, source: IndexedSource, shown: SourceAnnouncements) -> None:
        """Add a session to those that announce the prefix in the same way."""
        self._in_order = None
        self._places.setdefault(shown.groups, {})[session.id] = (session, source)

    def copy(self) -> AnnouncementGroups:
        """Return a copy."""
        other = AnnouncementGroups()
        other._places = {groups: sessions.copy() for groups, sessions in self._places.items()}
        return other

    def found(self, routes: PrefixRoutes) -> tuple[AnnouncementGroup, ...]:
        """Return each way with its sessions."""
        if self._in_order is None:
            self._in_order = [
                (tuple([session for session, _ in sessions.values()]), sessions)
                for sessions in self._places.values()
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
    def of(cls, seen: ColumnIndex, prefix: Prefix) -> _Around:
        """Look for them."""
        return cls(
            tuple(seen.routes(each) for each in seen.space.covering(prefix)),
            tuple(seen.routes(each) for each in seen.space.more_specifics(prefix)),
        )

    def __bool__(self) -> bool:
        """Whether there are any."""
        return bool(self.covering or self.inside)


@attrs.frozen(eq=False)
class _Row:
    """The sessions of one prefix, and of all prefixes with equal routes.

    Attributes:
        sessions: the sessions that need a cell.
        silent: those for which no rule has an answer, by id, with the view.
        groups: the ways in which the prefix is announced.
    """

    sessions: list[SessionRef]
    silent: dict[str, View]
    groups: AnnouncementGroups


@attrs.frozen(eq=False)
class _Alike:
    """Results for a peering's prefixes with equal routes.

    Attributes:
        is_silent: whether no rule has an answer for a cell.
        cells: its results, by the number of the source, the key and the wordings of the routes.
        rows: by the pattern and the wordings of the routes.
    """

    is_silent: Silent
    cells: dict[tuple[int, SourceAnnouncements, tuple[int, ...]], bool] = attrs.field(factory=dict)
    rows: dict[tuple[tuple[bytes, bytes], bytes], _Row] = attrs.field(factory=dict)

    def row(self, seen: PrefixRoutes) -> _Row | None:
        """Return the row of prefixes with such routes, None if there is none yet."""
        return self.rows.get((seen.pattern, seen.attribute_sets))


def _among(found: tuple[PrefixRoutes, ...], chosen: IndexedSource) -> Routes:
    return tuple(route for each in found for route in each.routes(chosen))
