"""The tables of live feeds, with the routes that rules ask about."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

import attrs

from peerlint.bulk import PrefixFilter
from peerlint.events import (
    Announce,
    EndOfRib,
    Event,
    FeedBack,
    FeedLost,
    Gap,
    OtherRoutes,
    SessionDown,
    SessionUp,
    Statistics,
    TableEvent,
    TableRef,
    Withdraw,
)
from peerlint.inventory import Inventory
from peerlint.model import Community, Prefix, Route, View
from peerlint.monitor.feed_peers import FeedPeers
from peerlint.monitor.feed_sessions import (
    is_explicit,
    sessions_of_loc_rib,
    sessions_of_table,
)
from peerlint.monitor.router_state import FeedRoute, FeedRouterState, FeedTable, GapCounts
from peerlint.monitor.synchronisation import HOLD, Reconnect, Synchronisation
from peerlint.observations import RibArgument, SessionMatch, UnmappedPeer

#: How many routes of all tables together are kept.
MAX_KEPT: Final = 1_000_000
#: How many tables have noted what they are needed for.
_MAX_USES: Final = 1 << 16
_SECOND: Final = 1_000_000
_TableEvents = SessionUp | SessionDown | Announce | Withdraw | EndOfRib | OtherRoutes | Statistics


@attrs.frozen
class KeptRoutes:
    """Which routes rules ask about; all others are counted only.

    Attributes:
        prefix_filter: the space that rules ask about; None for all of it.
        communities: routes with one of these are kept too, wherever they are.
    """

    prefix_filter: PrefixFilter | None
    communities: frozenset[Community]

    def has(self, route: Route) -> bool:
        """Return whether a route is kept."""
        prefix = route.prefix
        return (
            self.prefix_filter is None
            or self.prefix_filter.overlaps(prefix.family, prefix.first, prefix.last)
            or not self.communities.isdisjoint(route.communities)
        )


@attrs.frozen
class _Use:
    """What a table is needed for.

    Attributes:
        needs_coverage: whether it, or the tables of its peer, may be a session's, so that absence
            matters.
        is_kept: whether its routes may be evaluated.
    """

    needs_coverage: bool
    is_kept: bool


class FeedTables:
    """The tables of all routers of one or several feeds.

    Attributes:
        argument_of: returns a router as the user names it.
        peers: what routers say of their sessions.
        synchronisation: what is known of the tables of sessions.
        routers: what is known of each router, by feed and router.
        gaps: why events of all routers may be missing.
        is_full: whether routes were left out, because there are too many.
    """

    def __init__(
        self,
        inventory: Inventory,
        kept: KeptRoutes,
        argument_of: Callable[[str], RibArgument],
        *,
        hold: int = HOLD,
    ) -> None:
        """Start without tables.

        Args:
            inventory: the sessions.
            kept: which routes are kept.
            argument_of: returns a router as the user names it.
            hold: how many microseconds End-of-RIB has to be over, see `Synchronisation`.
        """
        self.routers: dict[tuple[str, str], FeedRouterState] = {}
        self.is_full = False
        self.gaps = GapCounts()
        self.argument_of = argument_of
        self._inventory, self._kept = inventory, kept
        self.peers = FeedPeers(inventory)
        self._number = self._size = 0
        self._quiet: dict[tuple[str, TableRef], int | None] = {}
        self._uses: dict[tuple[str, TableRef], _Use] = {}
        self._sessions: dict[
            tuple[str, str, TableRef], tuple[SessionMatch, ...] | UnmappedPeer
        ] = {}
        has_quiet = any(each.declared.sync is not None for each in inventory.sessions)
        self.synchronisation = (
            Synchronisation(quiet=self._quiet_time, hold=hold)
            if has_quiet
            else Synchronisation(hold=hold)
        )

    def add(self, event: Event) -> None:
        """Take an event."""
        self._number += 1
        if isinstance(event, TableEvent):
            self._table_event(event)
            return
        self.synchronisation.add(event)
        if isinstance(event, Gap | FeedLost):
            self._gap(event)
        elif isinstance(event, FeedBack):
            for router in self._routers(event.feed, event.router, event.time):
                router.lost = None
                for table in router.tables.values():
                    self._clear(table)
            self.peers.forget(event)
            self._sessions.clear()
            self._quiet.clear()

    def _gap(self, event: Gap | FeedLost) -> None:
        if event.router is None:
            self.gaps.add(event.reason)
        for router in self._routers(event.feed, event.router, event.time):
            if event.router is not None:
                router.gaps.add(event.reason)
            if isinstance(event, FeedLost):
                router.lost = event.reason  # what was known then is as old as its last event
                continue
            where = event.table
            for table in router.tables.values() if where is None else router.covered(where):
                table.gap = self._number

    def watches(self, router: str, table: TableRef) -> bool:
        """Return whether events of a table are needed: rules may ask about its routes."""
        return table.view is View.COLLECTOR or self._use_of(router, table).needs_coverage

    def advance(self, time: int) -> None:
        """Note that all events until a time have been given."""
        self.synchronisation.advance(time)

    def set_back(self, time: int) -> None:
        """Note that the clock was set back: what came after a time has come just now."""
        for state in self.routers.values():
            state.first, state.last = min(state.first, time), min(state.last, time)
        self.synchronisation.set_back(time)

    def end(self) -> None:
        """Note that no more events come: nothing follows an End-of-RIB that came."""
        self.synchronisation.end()

    def take_reconnects(self) -> tuple[Reconnect, ...]:
        """Return the connections that should be closed, see `Synchronisation`."""
        return self.synchronisation.take_reconnects()

    def _routers(self, feed: str, router: str | None, time: int) -> Iterator[FeedRouterState]:
        """Yield a router, or all routers of a feed."""
        if router is not None:
            yield self._router(feed, router, time)
            return
        yield from (each for (of, _), each in self.routers.items() if of == feed)

    def _router(self, feed: str, router: str, time: int) -> FeedRouterState:
        found = self.routers.get((feed, router))
        if found is None:
            found = self.routers[feed, router] = FeedRouterState(time, time)
        found.last = max(found.last, time)
        found.events += 1
        return found

    def _table_event(self, event: _TableEvents) -> None:
        router = self._router(event.feed, event.router, event.time)
        use = self._use_of(event.router, event.table)
        if use.needs_coverage:
            self.synchronisation.add(event)
        else:
            self.synchronisation.advance(event.time)
        if isinstance(event, Announce):
            self._announce(event, router, use)
        elif isinstance(event, Withdraw):
            self._remove(router.table(event.table), (event.prefix, event.path_id))
        elif isinstance(event, EndOfRib | OtherRoutes):
            router.table(event.table)
        elif isinstance(event, SessionUp | SessionDown):
            self.peers.add(event)
            self._sessions.clear()  # the peer's addresses may be others now
            self._quiet.clear()
            for table in router.covered(event.table):
                self._clear(table)

    def _announce(self, event: Announce, router: FeedRouterState, use: _Use) -> None:
        route = event.route
        table = router.table(event.table)
        table.announced += 1
        router.announced += 1
        router.malformed += bool(route.malformed)
        key = (route.prefix, route.path_id)
        if not use.is_kept or not self._kept.has(route):
            self._remove(table, key)
            return
        if key not in table.routes:
            if self._size >= MAX_KEPT:
                self.is_full = True
                table.gap = self._number  # what is kept may be half of a prefix
                return
            self._size += 1
        if route.timestamp is None:
            route = attrs.evolve(route, timestamp=event.time)
        table.routes[key] = FeedRoute(route, self._number, event.shows_other_communities)

    def _remove(self, table: FeedTable, key: tuple[Prefix, int | None]) -> None:
        self._size -= table.routes.pop(key, None) is not None

    def _clear(self, table: FeedTable) -> None:
        self._size -= len(table.routes)
        table.routes.clear()
        table.cleared += 1

    def _use_of(self, router: str, table: TableRef) -> _Use:
        """Return what a table is needed for."""
        found = self._uses.get((router, table))
        if found is None:
            if len(self._uses) >= _MAX_USES:
                self._uses.clear()
            found = _use_of(table, self.argument_of(router), self._inventory)
            self._uses[router, table] = found
        return found

    # -- queries

    def sessions_of(
        self, feed: str, router: str, table: TableRef
    ) -> tuple[SessionMatch, ...] | UnmappedPeer:
        """Return the sessions that a table belongs to, or why it belongs to none."""
        key = (feed, router, table)
        found = self._sessions.get(key)
        if found is None:
            found = self._sessions[key] = self._found_sessions(*key)
        return found

    def _found_sessions(
        self, feed: str, router: str, table: TableRef
    ) -> tuple[SessionMatch, ...] | UnmappedPeer:
        argument = self.argument_of(router)
        if table.view is View.LOC_RIB and not is_explicit(argument):
            sessions = self.peers.sessions(feed, router)
            return sessions_of_loc_rib(table, sessions, argument, self._inventory)
        up = self.peers.up(feed, router, table)
        return sessions_of_table(table, up, argument, self._inventory)

    def sessions_with_peer(self, table: TableRef) -> list[str]:
        """Return the ids of the sessions whose own side is the peer of a table."""
        return [
            each.id
            for each in self._inventory.by_peer.get(table.peer, ())
            if table.asn in (None, each.peering.asn)
        ]

    def _quiet_time(self, router: str, table: TableRef) -> int | None:
        """Return after how many microseconds without changes a table is known; None if never."""
        key = (router, table)
        if key not in self._quiet:
            feeds = [feed for feed, name in self.routers if name == router]
            times = [self._quiet_of(feed, router, table) for feed in feeds]
            self._quiet[key] = max((each for each in times if each is not None), default=None)
        return self._quiet[key]

    def _quiet_of(self, feed: str, router: str, table: TableRef) -> int | None:
        found = self.sessions_of(feed, router, table)
        if isinstance(found, UnmappedPeer):
            return None
        times = [each.session.declared.sync for each in found]
        # A table that several sessions share is known when it is for all of them.
        known = [each.length.total_seconds() for each in times if each is not None]
        return int(max(known) * _SECOND) if len(known) == len(times) else None


def _use_of(table: TableRef, argument: RibArgument, inventory: Inventory) -> _Use:
    """Return what a table is needed for.

    Routes after import policy are not evaluated: they are what a router made of the routes that it
    received.
    """
    is_of_collector = table.view is View.COLLECTOR
    needs_coverage = not is_of_collector and (
        table.view is View.LOC_RIB
        or is_explicit(argument)
        or table.peer in inventory.by_microsoft
        or table.peer in inventory.by_peer
    )
    is_kept = not table.is_post_policy and (is_of_collector or needs_coverage)
    return _Use(needs_coverage, is_kept)
