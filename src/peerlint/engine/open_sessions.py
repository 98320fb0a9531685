"""The sessions of a prefix for which rules may have an answer; the others need no cell.

Nearly all prefixes of a peering share one of few announcement patterns. For each pattern it is
computed once whether rules have an answer for a session, and which sessions of other peerings have
to be evaluated.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from collections.abc import Set as AbstractSet
from typing import Final, TypeVar

import attrs

from peerlint.engine.announcement_groups import AnnouncementGroups
from peerlint.engine.cells import CellMaker
from peerlint.engine.route_index import (
    NO_ROUTES,
    IndexedSource,
    PrefixRoutes,
    RouteIndex,
    SourceAnnouncements,
    deciding_source,
)
from peerlint.engine.route_servers import RequiredSessions
from peerlint.inventory import Peering, SessionRef
from peerlint.model import Fact, View, Viewpoint
from peerlint.rules import Cell, Presence

#: Whether no rule can fire on routes with a viewpoint and these facts.
CannotFire = Callable[[Viewpoint, Iterable[Fact]], bool]

#: Whether no rule gives an answer for a cell, nor for one that differs only in its prefix.
Passes = Callable[[Cell], bool]

#: The most patterns that are cached for each peering; changing routes keep adding new ones.
_MEMO: Final = 1 << 16
_Key = TypeVar("_Key", bound=Hashable)
_Value = TypeVar("_Value")


@attrs.frozen(eq=False)
class Row:
    """The sessions of one prefix, shared by all prefixes with equal routes.

    Attributes:
        sessions: the sessions that need a cell.
        passing: the ids of sessions for which no rule has an answer, with their views.
        groups: the sessions that announce the prefix, by equal announcements.
    """

    sessions: list[SessionRef]
    passing: dict[str, View]
    groups: AnnouncementGroups


@attrs.frozen(eq=False)
class OtherSessions:
    """The sessions of other peerings that have routes for one prefix.

    Attributes:
        with_routes: the ids of all these sessions.
        to_evaluate: the sessions for which rules may have an answer.
        absent: the ids of sessions on which it is known to be absent: their routes are malformed,
            or a better source has no route for it.
        groups: the sessions that announce it and for which no rule has an answer.
    """

    with_routes: set[str]
    to_evaluate: list[SessionRef] = attrs.field(factory=list)
    absent: list[str] = attrs.field(factory=list)
    groups: AnnouncementGroups = attrs.field(factory=AnnouncementGroups)


@attrs.frozen(eq=False)
class _PeeringCache:
    """Results that the prefixes of one peering share.

    Attributes:
        here: the ids of the peering's own sessions.
        never_there: the ids of other sessions with a complete source, on which a prefix without
            routes is absent.
        passes: whether no rule has an answer for a session, by the number of the source, the
            announcement keys and the attribute sets of the routes.
        rows: the rows, by the pattern and the attribute sets of the routes.
        others: the sessions of other peerings, by the pattern of the routes and whether there are
            more specific routes.
    """

    here: AbstractSet[str]
    never_there: tuple[str, ...]
    passes: dict[tuple[int, SourceAnnouncements, Hashable], bool] = attrs.field(factory=dict)
    rows: dict[tuple[Hashable, Hashable], Row] = attrs.field(factory=dict)
    others: dict[tuple[Hashable, bool], OtherSessions] = attrs.field(factory=dict)


class OpenSessions:
    """Finds the sessions of prefixes for which rules may have an answer."""

    def __init__(self, sessions: Iterable[SessionRef], routes: RouteIndex) -> None:
        """Index the sessions.

        Args:
            sessions: all sessions of the inventory, in order.
            routes: the index of all routes.
        """
        self._routes = routes
        self._order = {session.id: (at, session) for at, session in enumerate(sessions)}
        self._of_peering: dict[str, _PeeringCache] = {}
        #: Computed once, because each peering needs it for the sessions of all others.
        self._never_there = [
            session_id
            for session_id, (_, session) in self._order.items()
            if deciding_source(routes, session, NO_ROUTES)[0] is Presence.ABSENT
        ]
        self._never_in: dict[int, list[SessionRef]] = {}
        for session_id in self._never_there:
            session = self._order[session_id][1]
            self._never_in.setdefault(session.peering.asn, []).append(session)

    def in_order(self, sessions: Iterable[SessionRef]) -> tuple[SessionRef, ...]:
        """Return sessions in the order of the inventory."""
        return tuple(sorted(sessions, key=lambda session: self._order[session.id][0]))

    # -- other peerings

    def others(
        self,
        peering: Peering,
        routes: PrefixRoutes,
        cannot_fire: CannotFire,
        *,
        has_more_specifics: bool,
    ) -> OtherSessions:
        """Return the sessions of other peerings that have routes for a prefix.

        Args:
            peering: the peering that the prefix is registered with.
            routes: the routes for the prefix.
            cannot_fire: whether a cell with such routes can be left out.
            has_more_specifics: whether there are more specific routes, which have to be evaluated.
        """
        shared = self._shared(peering)
        key = (routes.pattern, has_more_specifics)
        found = shared.others.get(key)
        if found is None:
            found = self._find_others(
                shared.here, routes, cannot_fire, has_more_specifics=has_more_specifics
            )
            _remember(shared.others, key, found)
        return found

    def _find_others(
        self,
        here: AbstractSet[str],
        routes: PrefixRoutes,
        cannot_fire: CannotFire,
        *,
        has_more_specifics: bool,
    ) -> OtherSessions:
        found = OtherSessions(self._routes.sessions(routes) - here)
        silent: dict[SourceAnnouncements, bool] = {}
        for _, session in sorted(
            (self._order[each] for each in found.with_routes), key=lambda each: each[0]
        ):
            presence, chosen = deciding_source(self._routes, session, routes)
            shown = None if chosen is None else routes.shown.get(chosen.number)
            if presence is Presence.ABSENT:
                found.absent.append(session.id)
            if chosen is None or shown is None:
                continue
            if shown not in silent:
                silent[shown] = not has_more_specifics and cannot_fire(shown.viewpoint, shown.facts)
            if not silent[shown] or not chosen.source.observations.shows_all:
                found.to_evaluate.append(session)
            elif presence is Presence.PRESENT:
                found.groups.add(session, chosen, shown)
        return found

    def absent(self, peering: Peering, others: OtherSessions) -> tuple[str, ...]:
        """Return the ids of other peerings' sessions on which a prefix is known to be absent."""
        never_there = self._shared(peering).never_there
        return (
            *others.absent,
            *(name for name in never_there if name not in others.with_routes),
        )

    def missing(self, asn: int, routes: PrefixRoutes) -> list[SessionRef]:
        """Return the sessions of an AS on which a prefix is known to be absent."""
        seen = self._routes.sessions(routes)
        found = [session for session in self._never_in.get(asn, ()) if session.id not in seen]
        for session_id in seen:
            session = self._order[session_id][1]
            presence, _ = deciding_source(self._routes, session, routes)
            if session.peering.asn == asn and presence is Presence.ABSENT:
                found.append(session)
        return found

    # -- rows

    def row(
        self,
        maker: CellMaker,
        own: RequiredSessions,
        others: OtherSessions,
        passes: Passes | None,
    ) -> Row:
        """Return the sessions for which rules may have an answer.

        Args:
            maker: makes the prefix's cells.
            own: the sessions that may have to announce it.
            others: the sessions of other peerings.
            passes: whether no rule has an answer for a cell; None to evaluate every cell.
        """
        if passes is None:
            return self._row(maker, own, others, None)
        rows = self._shared(maker.peering).rows
        key = (maker.routes.pattern, maker.routes.attribute_sets)
        found = rows.get(key)
        if found is None:
            found = self._row(maker, own, others, passes)
            _remember(rows, key, found)
        return found

    def _row(
        self,
        maker: CellMaker,
        own: RequiredSessions,
        others: OtherSessions,
        passes: Passes | None,
    ) -> Row:
        routes = maker.routes
        taken = own.in_other_rows | {session.id for session in own.sessions}
        further = [session for session in others.to_evaluate if session.id not in taken]
        row = Row([], {}, others.groups.copy())
        for session in (*own.sessions, *further):
            presence, source = deciding_source(self._routes, session, routes)
            if source is None or presence is not Presence.PRESENT:
                row.sessions.append(session)
                continue
            row.groups.add(session, source, routes.shown[source.number])
            if (
                passes is not None
                and session.id in own.required
                and self._passes(maker, session, source, passes)
            ):
                row.passing[session.id] = source.source.view
            else:
                row.sessions.append(session)
        return row

    def _passes(
        self, maker: CellMaker, session: SessionRef, source: IndexedSource, passes: Passes
    ) -> bool:
        """Whether no rule has an answer for a session; computed once for equal routes."""
        known, routes = self._shared(maker.peering).passes, maker.routes
        key = (source.number, routes.shown[source.number], routes.attributes[source.number])
        found = known.get(key)
        if found is None:
            alone = CellMaker(
                maker.index,
                maker.peering,
                maker.registered,
                maker.prefix,
                routes,
                required=frozenset({session.id}),
            )
            (cell,) = alone.on((session,))
            found = passes(cell)
            _remember(known, key, found)
        return found

    def _shared(self, peering: Peering) -> _PeeringCache:
        """Return the cache of a peering."""
        found = self._of_peering.get(peering.name)
        if found is None:
            here = frozenset(session.id for session in peering.sessions)
            never_there = tuple(each for each in self._never_there if each not in here)
            found = self._of_peering[peering.name] = _PeeringCache(here, never_there)
        return found


def _remember(known: dict[_Key, _Value], key: _Key, value: _Value) -> None:
    """Cache a value; a full cache is cleared first."""
    if len(known) >= _MEMO:
        known.clear()
    known[key] = value
