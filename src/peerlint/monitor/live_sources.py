"""The tables of live feeds as sources whose routes change, for the engine's index.

A change of one route goes straight into the index. What else an event may change (which sessions a
table belongs to, its coverage, its counts, which source decides) is found anew by `refresh`, and
compared with what it was.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import Final

import attrs

from peerlint.engine import Change, CountChange, RouteChange, SessionChange, TableIndex
from peerlint.events import (
    Announce,
    EndOfRib,
    Event,
    OtherRoutes,
    Statistics,
    TableRef,
    Withdraw,
)
from peerlint.model import Criteria, MaxAge, View
from peerlint.model.times import from_microseconds
from peerlint.monitor.feed_readings import TableGroup, feed_readings
from peerlint.monitor.feed_tables import FeedTables
from peerlint.monitor.router_state import FeedTable
from peerlint.monitor.session_tables import SessionTable
from peerlint.monitor.signs_of_life import FeedOrRouter
from peerlint.monitor.table_state import Proof
from peerlint.observations import (
    Coverage,
    Observations,
    RouteTable,
    SessionCounts,
    SessionRoutes,
    SessionSource,
    SourceReading,
    SourceSummary,
    aged,
)
from peerlint.observations.coverage import BEST_COVERAGE_FIRST

#: Events are checked millions of times, and a union of types would be made each time.
_OF_ONE_ROUTE: Final = (Announce, Withdraw)
#: How often at most counts and growing tables are looked at, in microseconds.
_INTERVAL: Final = 250_000
#: The number of the feed, the router's source, the session and the view.
TableKey = tuple[int, str, str, View]


@attrs.frozen(eq=False)
class WatchedFeed:
    """A feed whose tables are watched.

    Attributes:
        name: of the feed, for messages.
        tables: its tables.
        is_live: whether routes are as new as the feed, see `Monitor.add_feed`.
        remarks: returns what is unusual, by router.
        unwatched: see `FeedInput.unwatched`.
    """

    name: str
    tables: FeedTables
    is_live: bool = True
    remarks: Callable[[], Mapping[str, Iterable[str]]] = dict
    unwatched: Callable[[], Mapping[str, Mapping[TableRef | None, int]]] = dict


#: How often all routes of a table went, and the number of its last gap.
_Content = tuple[int, int]
_UNKNOWN: Final[_Content] = (-1, -1)


@attrs.define(eq=False)
class _LiveTable:
    """The routes of a session from one router in one view, and the tables that they are from.

    Attributes:
        routes: the routes.
        tables: the tables of the router, each with its `_Content` when its routes were taken over.
    """

    routes: RouteTable
    tables: dict[FeedTable, _Content] = attrs.Factory(dict)


@attrs.frozen
class _Target:
    """Where the routes of a router's table go.

    Attributes:
        key: the key of the table of the index.
        session: the id of its session.
        peer: the number of the router's table among those of the session.
    """

    key: TableKey
    session: str
    peer: int


class LiveSources:
    """The sources of all sessions from all feeds.

    Attributes:
        index: the routes of all sessions.
        summaries: what each router shows as a whole, since the last `refresh`.
        limits: how old a source may be, by session.
    """

    def __init__(
        self,
        sessions: Iterable[str],
        criteria: Mapping[str, Criteria],
        limits: Mapping[str, MaxAge],
    ) -> None:
        """Start without feeds.

        Args:
            sessions: the ids of all sessions, in the order of the inventory.
            criteria: what routes are measured against, by the name of the peering.
            limits: how old a source may be, by session.
        """
        self.index = TableIndex({}, sessions)
        self.summaries: tuple[SourceSummary, ...] = ()
        self.feeds: list[WatchedFeed] = []
        self._criteria, self.limits = criteria, limits
        self._live: dict[TableKey, _LiveTable] = {}
        #: By session, its sources; of one session, the better one first.
        self._sources: dict[str, dict[TableKey, SessionSource]] = {}
        self._evidence: dict[TableKey, str] = {}
        self._targets: dict[FeedTable, tuple[_Target, ...]] = {}
        #: Tables whose coverage a route may change.
        self._unsettled: set[FeedTable] = set()
        self._is_stale = self._may_be_stale = True
        self._refreshed = 0
        self._changes: dict[Change, None] = {}

    def add_feed(self, feed: WatchedFeed) -> int:
        """Add a feed, and return its number."""
        self.feeds.append(feed)
        return len(self.feeds) - 1

    # -- events

    def add(self, number: int, event: Event) -> None:
        """Take an event of a feed."""
        tables = self.feeds[number].tables
        was_full = tables.is_full
        tables.add(event)
        if isinstance(event, _OF_ONE_ROUTE):
            self._route_event(tables, event)
            self._is_stale |= tables.is_full is not was_full
        elif isinstance(event, EndOfRib | OtherRoutes | Statistics):
            self._may_be_stale = True
        else:
            self._is_stale = True

    def _route_event(self, tables: FeedTables, event: Announce | Withdraw) -> None:
        """Take over what became of one route."""
        ref = event.table
        table = tables.routers[event.feed, event.router].table(ref)
        targets = self._targets.get(table)
        if targets is None:
            self._is_stale = True  # a table that is new
            return
        if table in self._unsettled:
            self._may_be_stale = True
        if not targets:
            return
        key = (
            (event.route.prefix, event.route.path_id)
            if isinstance(event, Announce)
            else (event.prefix, event.path_id)
        )
        if table.gap and key[1] is not None:
            # Whether a prefix is certain depends on the age of all of its paths.
            for each in targets:
                self._live[each.key].tables[table] = _UNKNOWN
            self._is_stale = True
            return
        found = table.routes.get(key)
        for each in targets:
            if found is None:
                is_changed = self.index.withdraw(each.key, *key, each.peer)
            else:
                is_changed = self.index.announce(
                    each.key,
                    found.route,
                    found.record,
                    shows_other_communities=found.shows_other_communities,
                    peer=each.peer,
                )
            if is_changed:
                self._changes[RouteChange(each.session, key[0])] = None

    def is_due(self, now: int) -> bool:
        """Return whether `refresh` may find something."""
        return self._is_stale or (self._may_be_stale and not 0 <= now - self._refreshed < _INTERVAL)

    def next_time(self) -> int | None:
        """Return when `refresh` may find something although no event comes; None if never."""
        if self._is_stale:
            return self._refreshed
        return self._refreshed + _INTERVAL if self._may_be_stale else None

    def take_changes(self) -> tuple[Change, ...]:
        """Return what has changed since the last call."""
        found = tuple(self._changes)
        self._changes.clear()
        return found

    # -- everything else that may have changed

    def refresh(self, now: int, silent: Mapping[FeedOrRouter, str]) -> None:
        """Find what has changed besides single routes.

        Args:
            now: the time until which all events are known.
            silent: why routers, or whole feeds, show no sign of life: by feed and router. What they
                showed decides nothing.
        """
        self._refreshed = now
        self._is_stale = self._may_be_stale = False
        targets: dict[FeedTable, tuple[_Target, ...]] = {}
        found: dict[str, dict[TableKey, SessionSource]] = {}
        microsoft: dict[str, int] = {}
        summaries: list[SourceSummary] = []
        self._unsettled.clear()
        for number, feed in enumerate(self.feeds):
            self._note_tables(feed.tables, targets)
            for summary, sources in self._readings(number, feed, targets, now):
                summaries.append(summary)
                microsoft.update(summary.from_microsoft)
                is_silent = _is_silent(summary, feed.tables, silent)
                for session, of_session in sources.items():
                    for source in of_session:
                        key = (number, summary.name, session, source.view)
                        kept = attrs.evolve(source, is_too_old=source.is_too_old or is_silent)
                        found.setdefault(session, {})[key] = kept
        self._targets, self.summaries = targets, tuple(summaries)
        self._compare(found)
        self._count_microsoft(microsoft)

    def _note_tables(
        self, tables: FeedTables, targets: dict[FeedTable, tuple[_Target, ...]]
    ) -> None:
        """Note all tables, and those whose coverage a route may change."""
        for (feed, router), state in tables.routers.items():
            for table in state.tables.values():
                targets[table] = ()
                if table.ref.view in (None, View.COLLECTOR):
                    continue
                known = tables.synchronisation.state(feed, router, table.ref)
                if known.coverage is not Coverage.COMPLETE or known.proof is Proof.DOWN:
                    self._unsettled.add(table)

    def _readings(
        self,
        number: int,
        feed: WatchedFeed,
        targets: dict[FeedTable, tuple[_Target, ...]],
        now: int,
    ) -> Iterator[SourceReading]:
        readings = feed_readings(
            feed.tables,
            self._criteria,
            is_live=feed.is_live,
            remarks=feed.remarks(),
            unwatched=feed.unwatched(),
            routes_of=partial(self._routes_of, number, targets),
        )
        for summary, sources in readings:
            joined = aged(Observations((summary,), sources), from_microseconds(now), self.limits)
            yield SourceReading(
                joined.sources[0], {session: joined.of(session) for session in joined.sessions}
            )

    def _routes_of(
        self, number: int, targets: dict[FeedTable, tuple[_Target, ...]], group: TableGroup
    ) -> SessionRoutes:
        """Return the routes of a session in one view, from the tables of a router."""
        match = group.tables[0].match
        session, view = match.session.id, match.viewpoint.view
        key = (number, group.source, session, view)
        live = self._live.get(key)
        if live is None:
            routes = RouteTable(
                session, match.viewpoint, group.criteria, group.source, group.router
            )
            live = self._live[key] = _LiveTable(routes)
        for peer, each in enumerate(group.tables):
            targets[each.table] = (*targets[each.table], _Target(key, session, peer))
        worst = max(group.tables, key=lambda each: BEST_COVERAGE_FIRST.index(each.state.coverage))
        proof = worst.state.proof
        self._evidence[key] = worst.state.reason if proof is None else proof.value
        now = {each.table: (each.table.cleared, each.table.gap) for each in group.tables}
        if live.tables != now or [*live.tables] != [*now]:
            live.tables = now
            self._fill(key, live.routes, group.tables)
        return live.routes

    def _fill(self, key: TableKey, routes: RouteTable, tables: Iterable[SessionTable]) -> None:
        """Take over all routes of tables, because they are others, or have a new gap."""
        session = routes.session
        source = SessionSource("", routes.viewpoint.view, Coverage.NONE, SessionCounts(), routes)
        if key not in self._sources.get(session, {}):
            self.index.add(key, source)
            self._sources.setdefault(session, {})[key] = source
        self.index.clear(key)
        for peer, each in enumerate(tables):
            for one in each.table.certain_routes:
                self.index.announce(
                    key,
                    one.route,
                    one.record,
                    shows_other_communities=one.shows_other_communities,
                    peer=peer,
                )
        self._changes[SessionChange(session)] = None

    def _compare(self, found: Mapping[str, Mapping[TableKey, SessionSource]]) -> None:
        """Compare the sources with what they were, and give them to the index."""
        now: dict[str, dict[TableKey, SessionSource]] = {}
        for session, before in self._sources.items():
            for key in [each for each in before if each not in found.get(session, {})]:
                self.index.remove(key)
                del self._live[key], self._evidence[key]
                self._changes[SessionChange(session)] = None
        for session, sources in found.items():
            before = self._sources.get(session, {})
            order = Observations((), {session: tuple(sources.values())}).of(session)
            keys = {id(source): key for key, source in sources.items()}
            ordered = {keys[id(source)]: source for source in order}
            for key, source in ordered.items():
                self._compare_source(session, key, before.get(key), source)
            if [*before] != [*ordered]:
                self._changes[SessionChange(session)] = None
            self.index.order(session, ordered)
            now[session] = ordered
        self._sources = now

    def _compare_source(
        self, session: str, key: TableKey, before: SessionSource | None, source: SessionSource
    ) -> None:
        held = self._live[key].routes.counts
        counted = self.index.source(key).counts
        self.index.replace(
            key,
            source,
            SessionCounts(
                source.counts.routes - held.routes,
                0,
                source.counts.ipv6 - held.ipv6,
                source.counts.once,
            ),
        )
        if before is None or _known(before) != _known(source):
            self._changes[SessionChange(session)] = None
        elif counted != source.counts:
            self._changes[CountChange(session)] = None

    def _count_microsoft(self, routes: dict[str, int]) -> None:
        """Note the number of Microsoft's routes by session."""
        before, self.index.from_microsoft = self.index.from_microsoft, routes
        for session in before.keys() | routes.keys():
            if before.get(session) != routes.get(session):
                self._changes[CountChange(session)] = None

    # -- queries

    def evidence(self, session: str) -> str:
        """Return what shows that all routes of a session are known, or why they are not."""
        return next((self._evidence.get(each, "") for each in self._sources.get(session, ())), "")

    def of(self, session: str) -> tuple[SessionSource, ...]:
        """Return the sources of a session, the better one first."""
        return tuple(self._sources.get(session, {}).values())


def _known(source: SessionSource) -> tuple[object, ...]:
    """Return what rules may read of a source besides its routes and counts."""
    # The time of a source is shown only if it is too old.
    taken = source.last if source.is_too_old else None
    return source.source, source.view, source.coverage, source.is_live, taken


def _is_silent(
    summary: SourceSummary, tables: FeedTables, silent: Mapping[FeedOrRouter, str]
) -> bool:
    """Return whether a router is lost or silent, so that nothing is known of what it shows now."""
    return any(
        f"{feed} {router}" == summary.name
        and (state.lost is not None or (feed, router) in silent or (feed, None) in silent)
        for (feed, router), state in tables.routers.items()
    )
