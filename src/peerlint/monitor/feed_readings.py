"""What the tables of live feeds show, as the sources of a check."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Final

import attrs

from peerlint.bulk import Quality
from peerlint.events import IPAddress, TableRef
from peerlint.model import Criteria, View
from peerlint.model.facts import facts
from peerlint.model.times import from_microseconds
from peerlint.monitor.feed_remarks import (
    RouterRemarks,
    ambiguities,
    incomplete_tables,
    shown_elsewhere,
)
from peerlint.monitor.feed_tables import MAX_KEPT, FeedTables
from peerlint.monitor.router_state import FeedRouterState
from peerlint.monitor.session_routers import SessionRouters
from peerlint.monitor.session_tables import SessionTable, by_session_and_view, is_ambiguous
from peerlint.monitor.table_state import TableState
from peerlint.observations import (
    Coverage,
    FeedRouter,
    Observation,
    RouteColumns,
    SessionCounts,
    SessionRoutes,
    SessionSource,
    SourceReading,
    SourceSummary,
    UnmappedPeer,
)
from peerlint.observations.coverage import BEST_COVERAGE_FIRST
from peerlint.observations.sources import kept_unmapped_peers

_COLLECTOR: Final = "a collector does not show all routes"
_TOO_MANY: Final = f"more than {MAX_KEPT:,} routes to check: not all of them were kept"
_CONTRADICTION: Final = "its table after import policy has more routes than the one before it"


@attrs.frozen
class _MappedTables:
    """The tables of a router, by what they are of.

    Attributes:
        tables: those of sessions.
        unmapped: the number of announcements of each peer that belongs to no session.
        from_microsoft: the number of routes from Microsoft, by the id of the session, where all of
            them are known.
        microsoft: the number of announcements from Microsoft.
    """

    tables: list[SessionTable]
    unmapped: dict[str, int]
    from_microsoft: dict[str, int]
    microsoft: int


@attrs.frozen
class TableGroup:
    """The tables of a router that show one session in one view.

    Attributes:
        source: the name of the source.
        router: the router.
        criteria: what their routes are measured against.
        tables: the tables, at least one.
    """

    source: str
    router: FeedRouter
    criteria: Criteria
    tables: list[SessionTable]


#: Returns the routes of some tables.
RoutesOf = Callable[[TableGroup], SessionRoutes]


def routes_now(group: TableGroup) -> SessionRoutes:
    """Return the routes that are held now; later changes do not change them."""
    return RouteColumns.of(
        Observation(
            each.match.session.id,
            route.route,
            each.match.viewpoint,
            facts(route.route, each.match.viewpoint, group.criteria),
            group.source,
            route.record,
            shows_other_communities=route.shows_other_communities,
            router=group.router,
        )
        for each in group.tables
        for route in each.table.certain_routes
    )


def feed_readings(
    tables: FeedTables,
    criteria: Mapping[str, Criteria],
    *,
    is_live: bool,
    remarks: Mapping[str, Iterable[str]],
    unwatched: Mapping[str, Mapping[TableRef | None, int]],
    routes_of: RoutesOf = routes_now,
) -> tuple[SourceReading, ...]:
    """Return one source for each router of the feeds.

    Args:
        tables: the tables.
        criteria: what routes are measured against, by the name of the peering.
        is_live: whether a connected router has announced all changes until now; else its routes
            are as old as its last event.
        remarks: further remarks, by router.
        unwatched: the number of updates of tables without events, by router and table.
        routes_of: returns the routes of the tables of a session.
    """
    session_routers = SessionRouters(tables)
    return tuple(
        _Reading(
            tables,
            feed,
            router,
            state,
            criteria,
            unwatched.get(router, {}),
            session_routers,
            routes_of,
            is_live=is_live,
        ).reading(remarks.get(router, ()))
        for (feed, router), state in tables.routers.items()
    )


@attrs.frozen
class _Reading:
    """What one router shows."""

    tables: FeedTables
    feed: str
    router: str
    state: FeedRouterState
    criteria: Mapping[str, Criteria]
    unwatched: Mapping[TableRef | None, int]
    session_routers: SessionRouters
    routes_of: RoutesOf
    is_live: bool = attrs.field(kw_only=True)

    @property
    def name(self) -> str:
        """The name of the source."""
        return f"{self.feed} {self.router}"

    def reading(self, remarks: Iterable[str]) -> SourceReading:
        """Return the source.

        Args:
            remarks: further remarks.
        """
        mapped = self._mapped()
        groups = by_session_and_view(mapped.tables)
        elsewhere = {
            key: found
            for key in groups
            if (found := self.session_routers.others(self.router, *key))
        }
        ambiguous = {
            key: group
            for key, group in groups.items()
            if key not in elsewhere and is_ambiguous(group)
        }
        evaluated = {
            key: group
            for key, group in groups.items()
            if key not in elsewhere and key not in ambiguous
        }
        sources: dict[str, tuple[SessionSource, ...]] = {}
        for (session, view), group in evaluated.items():
            sources[session] = (*sources.get(session, ()), self._source(view, group))
        of_router = RouterRemarks(self.tables, self.feed, self.router, self.state)
        all_remarks = (
            *of_router.gaps(),
            *of_router.down(),
            *of_router.contradictions(),
            *ambiguities(ambiguous),
            *shown_elsewhere(elsewhere),
            *of_router.post_policy(sources),
            *incomplete_tables(evaluated),
            *remarks,
        )
        return SourceReading(self._summary(sources, mapped, all_remarks), sources)

    def _summary(
        self,
        sources: Mapping[str, tuple[SessionSource, ...]],
        mapped: _MappedTables,
        remarks: tuple[str, ...],
    ) -> SourceSummary:
        coverages = tuple(each.coverage for found in sources.values() for each in found)
        peers, more_peers = kept_unmapped_peers(mapped.unmapped)
        return SourceSummary(
            self.name,
            tuple((session, each.view) for session, found in sources.items() for each in found),
            min(coverages, key=BEST_COVERAGE_FIRST.index, default=Coverage.NONE),
            Quality(
                records=self.state.events,
                entries=self._entries,
                malformed=self.state.malformed,
            ),
            microsoft=mapped.microsoft,
            from_microsoft=tuple(mapped.from_microsoft.items()),
            unmapped_peers=peers,
            more_unmapped_peers=more_peers,
            remarks=remarks,
            first=from_microseconds(self.state.first),
            last=from_microseconds(self._last),
            coverages=coverages,
            is_live=True,
        )

    @property
    def _entries(self) -> int:
        """The number of routes of tables that are counted, and of updates of the others."""
        return sum(self.unwatched.values()) + sum(
            each.announced if held is None else sum(held.values())
            for each in self.state.tables.values()
            for held in [self.tables.synchronisation.held(self.feed, self.router, each.ref)]
        )

    def _unwatched_peers(self) -> dict[str, int]:
        found: dict[str, int] = {}
        for ref, number in self.unwatched.items():
            name = "other peers" if ref is None else _peer_name(ref)
            found[name] = found.get(name, 0) + number
        return found

    @property
    def _last(self) -> int:
        if self.is_live and self.state.lost is None:
            return max(self.state.last, self.tables.synchronisation.time)
        return self.state.last

    def _mapped(self) -> _MappedTables:
        """Return the tables of sessions, and what is counted of the others."""
        tables: list[SessionTable] = []
        unmapped = self._unwatched_peers()
        from_microsoft: dict[str, int] = {}
        microsoft: dict[IPAddress, int] = {}
        for table in self.state.tables.values():
            ref = table.ref
            found = self.tables.sessions_of(self.feed, self.router, ref)
            if found is UnmappedPeer.MICROSOFT:
                microsoft[ref.peer] = max(microsoft.get(ref.peer, 0), table.announced)
                from_microsoft |= self._from_microsoft(ref)
            elif isinstance(found, UnmappedPeer):
                if table.announced and not self._is_of_session(ref):
                    name = _peer_name(ref)
                    unmapped[name] = unmapped.get(name, 0) + table.announced
            else:
                state = self._table_state(ref)
                tables += (SessionTable(each, table, state) for each in found)
        return _MappedTables(tables, unmapped, from_microsoft, sum(microsoft.values()))

    def _table_state(self, ref: TableRef) -> TableState:
        if ref.view is View.COLLECTOR:
            return TableState(Coverage.PARTIAL, reason=_COLLECTOR)
        # Of IPv4: no other prefixes can be registered.
        state = self.tables.synchronisation.state(self.feed, self.router, ref)
        if state.coverage is Coverage.COMPLETE and self._contradicts_post_policy(ref):
            return TableState(Coverage.PARTIAL, reason=_CONTRADICTION)
        if self.tables.is_full and state.coverage is Coverage.COMPLETE:
            return TableState(Coverage.PARTIAL, reason=_TOO_MANY)
        return state

    def _contradicts_post_policy(self, ref: TableRef) -> bool:
        """Whether the table after import policy has more routes than the one before it.

        Policy makes no routes. FRR withdraws each prefix from the table before policy that it
        announces in the table after it (FRRouting/frr issues 13903 and 18070).
        """
        if ref.view is not View.ADJ_RIB_IN or ref.is_post_policy:
            return False
        after = attrs.evolve(ref, is_post_policy=True)
        routes_before, routes_after = (
            self.tables.synchronisation.held(self.feed, self.router, each) for each in (ref, after)
        )
        if routes_before is None or routes_after is None:
            return False
        return any(routes_after[family] > routes_before[family] for family in routes_before)

    def _is_of_session(self, ref: TableRef) -> bool:
        """Whether a table after import policy is of a session; a remark then names the session."""
        return ref.is_post_policy and bool(self.tables.sessions_with_peer(ref))

    def _from_microsoft(self, ref: TableRef) -> dict[str, int]:
        """Return the number of routes from Microsoft, if they are known and of one session."""
        sessions = self.tables.peers.sessions_with_microsoft(self.feed, self.router, ref)
        is_known = self._table_state(ref).coverage is Coverage.COMPLETE
        if len(sessions) != 1 or not is_known or ref.is_post_policy:
            return {}
        held = self.tables.synchronisation.held(self.feed, self.router, ref)
        return {} if held is None else {sessions[0]: sum(held.values())}

    def _source(self, view: View, group: list[SessionTable]) -> SessionSource:
        """Return what the router shows of a session in one view."""
        criteria = self.criteria[group[0].match.session.peering.name]
        router = FeedRouter(self.feed, self.router)
        routes = self.routes_of(TableGroup(self.name, router, criteria, group))
        worst = max((one.state.coverage for one in group), key=BEST_COVERAGE_FIRST.index)
        return SessionSource(
            self.name,
            view,
            worst,
            self._counts(group, routes),
            routes,
            last=from_microseconds(self._last),
            is_live=self.is_live,
        )

    def _counts(self, group: list[SessionTable], routes: SessionRoutes) -> SessionCounts:
        """Return the number of routes; of uncounted tables, that of announcements."""
        tagged = routes.tagged
        number = ipv6 = 0
        is_counted = True
        for one in group:
            held = self.tables.synchronisation.held(self.feed, self.router, one.table.ref)
            if held is None:
                is_counted = False
                number += one.table.announced
            else:
                number += sum(held.values())
                ipv6 += held[6]
        return SessionCounts(max(number, len(routes)), tagged, ipv6, is_counted)


def _peer_name(ref: TableRef) -> str:
    asn = "AS not known" if ref.asn is None else f"AS{ref.asn}"
    return f"{ref.peer} {asn}"
