"""The sessions of a prefix that rules may have an answer for; the others need no cell.

Nearly all prefixes of a peering are announced in one of few ways. What holds for one way is found
once: whether rules have an answer on a session, and which sessions of other peerings matter.
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
    best,
)
from peerlint.engine.route_servers import Located
from peerlint.inventory import Peering, SessionRef
from peerlint.model import Fact, View, Viewpoint
from peerlint.rules import Cell, Presence

#: Whether no rule can fire on routes with a viewpoint and these facts.
CannotFire = Callable[[Viewpoint, Iterable[Fact]], bool]

#: Whether no rule gives an answer for a cell, nor for one that differs only in its prefix.
Passes = Callable[[Cell], bool]

#: So many ways of announcing are remembered for each peering: routes that change bring new ones.
_MEMO: Final = 1 << 16
_Key = TypeVar("_Key", bound=Hashable)
_Value = TypeVar("_Value")


@attrs.frozen(eq=False)
class Row:
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
class Elsewhere:
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
class _OfPeering:
    """What the prefixes of one peering share.

    Attributes:
        here: the ids of the peering's own sessions.
        never_there: the ids of other sessions whose sources show that they have no routes.
        passes: whether no rule has an answer for a session, by the number of the source, and by
            the announcement keys and the attribute sets of the routes.
        rows: by the pattern and the attribute sets of the routes.
        elsewhere: what the other sessions show, by the pattern of a prefix's routes and whether
            there are more specific routes.
    """

    here: AbstractSet[str]
    never_there: tuple[str, ...]
    passes: dict[tuple[int, SourceAnnouncements, Hashable], bool] = attrs.field(factory=dict)
    rows: dict[tuple[Hashable, Hashable], Row] = attrs.field(factory=dict)
    elsewhere: dict[tuple[Hashable, bool], Elsewhere] = attrs.field(factory=dict)


class OpenSessions:
    """Finds the sessions of prefixes that rules may have an answer for."""

    def __init__(self, sessions: Iterable[SessionRef], routes: RouteIndex) -> None:
        """Join all sessions of the inventory, in order, with routes."""
        self._routes = routes
        self._order = {session.id: (at, session) for at, session in enumerate(sessions)}
        self._of_peering: dict[str, _OfPeering] = {}
        #: Found once: every one of very many peerings looks at the sessions of all others.
        self._never_there = [
            session_id
            for session_id, (_, session) in self._order.items()
            if best(routes, session, NO_ROUTES)[0] is Presence.ABSENT
        ]
        self._never_in: dict[int, list[SessionRef]] = {}
        for session_id in self._never_there:
            session = self._order[session_id][1]
            self._never_in.setdefault(session.peering.asn, []).append(session)

    def in_order(self, sessions: Iterable[SessionRef]) -> tuple[SessionRef, ...]:
        """Return sessions in the order of the inventory."""
        return tuple(sorted(sessions, key=lambda session: self._order[session.id][0]))

    # -- other peerings

    def elsewhere(
        self, peering: Peering, routes: PrefixRoutes, cannot_fire: CannotFire, *, inside: bool
    ) -> Elsewhere:
        """Return what sessions of other peerings show of a prefix, once for each pattern.

        Args:
            peering: that the prefix is registered with.
            routes: for the prefix.
            cannot_fire: whether a cell can be left out.
            inside: whether there are more specific routes, which have to be evaluated.
        """
        shared = self._shared(peering)
        key = (routes.pattern, inside)
        found = shared.elsewhere.get(key)
        if found is None:
            found = self._elsewhere(shared.here, routes, cannot_fire, inside=inside)
            _remember(shared.elsewhere, key, found)
        return found

    def _elsewhere(
        self,
        here: AbstractSet[str],
        routes: PrefixRoutes,
        cannot_fire: CannotFire,
        *,
        inside: bool,
    ) -> Elsewhere:
        found = Elsewhere(self._routes.sessions(routes) - here)
        silent: dict[SourceAnnouncements, bool] = {}
        for _, session in sorted(
            (self._order[each] for each in found.seen), key=lambda each: each[0]
        ):
            presence, chosen = best(self._routes, session, routes)
            shown = None if chosen is None else routes.shown.get(chosen.number)
            if presence is Presence.ABSENT:
                found.absent.append(session.id)
            if chosen is None or shown is None:
                continue
            if shown not in silent:
                silent[shown] = not inside and cannot_fire(shown.viewpoint, shown.facts)
            if not silent[shown] or not chosen.source.observations.shows_all:
                found.evaluated.append(session)
            elif presence is Presence.PRESENT:
                found.groups.add(session, chosen, shown)
        return found

    def absent(self, peering: Peering, elsewhere: Elsewhere) -> tuple[str, ...]:
        """Return the ids of other peerings' sessions that certainly do not announce a prefix."""
        never_there = self._shared(peering).never_there
        return (
            *elsewhere.absent,
            *(name for name in never_there if name not in elsewhere.seen),
        )

    def missing(self, asn: int, routes: PrefixRoutes) -> list[SessionRef]:
        """Return the sessions of an AS that certainly do not announce a prefix."""
        seen = self._routes.sessions(routes)
        found = [session for session in self._never_in.get(asn, ()) if session.id not in seen]
        for session_id in seen:
            session = self._order[session_id][1]
            presence, _ = best(self._routes, session, routes)
            if session.peering.asn == asn and presence is Presence.ABSENT:
                found.append(session)
        return found

    # -- rows

    def row(
        self, maker: CellMaker, own: Located, elsewhere: Elsewhere, passes: Passes | None
    ) -> Row:
        """Return the sessions that rules may have an answer for.

        Args:
            maker: of the prefix's cells.
            own: the sessions that may have to announce it.
            elsewhere: the sessions of other peerings.
            passes: whether no rule has an answer for a cell; None to evaluate every cell.
        """
        if passes is None:
            return self._row(maker, own, elsewhere, None)
        rows = self._shared(maker.peering).rows
        key = (maker.routes.pattern, maker.routes.attribute_sets)
        found = rows.get(key)
        if found is None:
            found = self._row(maker, own, elsewhere, passes)
            _remember(rows, key, found)
        return found

    def _row(
        self, maker: CellMaker, own: Located, elsewhere: Elsewhere, passes: Passes | None
    ) -> Row:
        routes = maker.routes
        taken = own.elsewhere | {session.id for session in own.sessions}
        others = [session for session in elsewhere.evaluated if session.id not in taken]
        row = Row([], {}, elsewhere.groups.copy())
        for session in (*own.sessions, *others):
            presence, source = best(self._routes, session, routes)
            if source is None or presence is not Presence.PRESENT:
                row.sessions.append(session)
                continue
            row.groups.add(session, source, routes.shown[source.number])
            if (
                passes is not None
                and session.id in own.asked
                and self._passes(maker, session, source, passes)
            ):
                row.passing[session.id] = source.source.view
            else:
                row.sessions.append(session)
        return row

    def _passes(
        self, maker: CellMaker, session: SessionRef, source: IndexedSource, passes: Passes
    ) -> bool:
        """Evaluate a session once for all prefixes with equal routes there."""
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
                asked=frozenset({session.id}),
            )
            (cell,) = alone.on((session,))
            found = passes(cell)
            _remember(known, key, found)
        return found

    def _shared(self, peering: Peering) -> _OfPeering:
        """Return what the prefixes of a peering share."""
        found = self._of_peering.get(peering.name)
        if found is None:
            here = frozenset(session.id for session in peering.sessions)
            never_there = tuple(each for each in self._never_there if each not in here)
            found = self._of_peering[peering.name] = _OfPeering(here, never_there)
        return found


def _remember(known: dict[_Key, _Value], key: _Key, value: _Value) -> None:
    """Keep a value; where there are very many, forget the others."""
    if len(known) >= _MEMO:
        known.clear()
    known[key] = value
