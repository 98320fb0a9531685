"""Whether the routes of live tables are all known, so that a missing one can be evaluated.

A feed shows the routes of a table one after another, and nothing in BMP says for certain when they
are all there. Until something does, a route that is there is evaluated, and one that is not is
unknown. The coverage of a table becomes complete by one of these:

- its End-of-RIB (RFC 4724 section 2), after a hold time, as some routers send it early;
- a Statistics Report that counts as many routes of the table as are held (RFC 7854 section 4.8,
  RFC 8671 section 6.2, RFC 9972 section 3.2), for one family or for both together;
- no change for the time that the inventory says (`sync = "quiet:60s"`);
- the end of its session: then it has no routes.

It is partial again, with a reason, while a gap lasts: a `Gap` event or the loss of the feed, until
everything is sent again; a count that stays different for two reports; a session that came back
with fewer routes than before, until the counts agree or as many routes are there.

A table that no message was about is not covered, whatever its session or its router's counts say:
routers do not send every table that they count.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import attrs

from peerlint.bulk import MAX_COUNTED, RouteBudget
from peerlint.events import (
    Announce,
    EndOfRib,
    Event,
    FeedBack,
    FeedLost,
    Gap,
    OtherRoutes,
    RouteCount,
    SessionDown,
    SessionUp,
    Statistics,
    TableEvent,
    TableRef,
    Withdraw,
)
from peerlint.monitor.counts import can_contradict, counts_of
from peerlint.monitor.table_state import Proof, TableState
from peerlint.monitor.tables import FAMILIES, Gaps, Peer, Peers, Table, kind_of
from peerlint.observations import Coverage

_SECOND: Final = 1_000_000
#: How long End-of-RIB and the last new route have to be over until absence is evaluated. Routers
#: that send it early go on sending routes, without a pause.
HOLD: Final = 10 * _SECOND
#: How often at most a router is asked to send everything again.
RECONNECT_INTERVAL: Final = 600 * _SECOND
_MESSAGES: Final = (Announce, Withdraw, EndOfRib, OtherRoutes)
_NOT_SEEN: Final = TableState(Coverage.NONE, reason="no message was about this table")


@attrs.frozen
class Reconnect:
    """A router's connection should be closed, so that the router sends everything again.

    Attributes:
        feed: the feed's name.
        router: the router.
        reason: why.
    """

    feed: str
    router: str
    reason: str


class Synchronisation:
    """What is known of the tables that events are about.

    Give it the events of tables that matter, and those about whole routers and feeds: its memory
    grows with the number of peers and routes.

    Attributes:
        time: the time of the last event.
    """

    def __init__(
        self,
        *,
        quiet: Callable[[str, TableRef], int | None] = lambda _router, _table: None,
        hold: int = HOLD,
        limit: int = MAX_COUNTED,
    ) -> None:
        """Start without events.

        Args:
            quiet: returns, for a router and a table, after how many microseconds without changes
                all routes are known; None if such a time proves nothing.
            hold: how many microseconds End-of-RIB has to be over.
            limit: how many routes are counted.
        """
        self.time = 0
        self._quiet, self._hold = quiet, hold
        self._after = 0
        self._budget = RouteBudget(limit)
        self._number = 0
        self._feeds: dict[str, Gaps] = {}
        self._routers: dict[tuple[str, str], Gaps] = {}
        self._peers = Peers()
        self._last_reconnects: dict[tuple[str, str], int] = {}
        self._reconnects: dict[tuple[str, str], Reconnect] = {}

    # -- events

    def add(self, event: Event) -> None:
        """Take an event."""
        self._number += 1
        self.advance(event.time)
        if isinstance(event, TableEvent):
            self._table_event(event)
        elif isinstance(event, Gap | FeedLost):
            self._note_gap(event)
        elif isinstance(event, FeedBack):
            self._back(event)

    def advance(self, time: int) -> None:
        """Note that all events until a time have been given; time never goes back."""
        self.time = max(self.time, time)

    def set_back(self, time: int) -> None:
        """Note that the clock was set back: what came after a time has come just now."""
        self.time = min(self.time, time)
        for _, table in self._peers.tables():
            table.set_back(time)
        for router, last in self._last_reconnects.items():
            self._last_reconnects[router] = min(last, time)

    def end(self) -> None:
        """Note that no more events come: as if the hold time passed without one."""
        self._after = self._hold

    def take_reconnects(self) -> tuple[Reconnect, ...]:
        """Return the connections that should be closed, each once.

        A router is named at most every ten minutes, and not again for a difference that was the
        same after it had sent everything again.
        """
        found = tuple(self._reconnects.values())
        self._reconnects.clear()
        return found

    def _table_event(self, event: TableEvent) -> None:
        if isinstance(event, _MESSAGES):
            self._message(event)
        elif isinstance(event, SessionUp):
            self._session_up(event)
        elif isinstance(event, SessionDown):
            for table in self._peers.of(event).covered(event.table):
                table.restart()
                table.is_down = table.is_seen
                table.gaps.restart = self._number
        elif isinstance(event, Statistics):
            self._statistics(event)

    def _session_up(self, event: SessionUp) -> None:
        peer = self._peers.of(event)
        what = peer if event.table.view is None else peer.table(event.table, self._budget)
        what.gaps.restart, what.is_filtered = self._number, event.is_filtered
        for each in peer.covered(event.table):
            each.restart()
            each.is_seen = each.is_down = False
            each.is_filtered = event.is_filtered

    def _message(self, event: Announce | Withdraw | EndOfRib | OtherRoutes) -> None:
        """Take a message about one table."""
        if event.table.view is None:
            return
        table = self._peers.table(event, self._budget)
        if table.is_seen:
            self._settle(event.router, table)
        else:
            table.changed = event.time
        table.is_seen, table.is_down = True, False
        if isinstance(event, EndOfRib):
            family = table.families[event.family]
            if family.end_of_rib is None:
                family.end_of_rib = event.time
            return
        table.changed = event.time
        if isinstance(event, OtherRoutes):
            others = table.families[event.family]
            others.hold_back(event.routes, event.time, is_grown=event.is_grown)
            return
        if isinstance(event, Withdraw):
            table.families[event.prefix.family].held.discard(event.prefix, event.path_id)
            return
        route = event.route
        family = table.families[route.prefix.family]
        if route.malformed:
            family.held.discard(route.prefix, route.path_id)
        else:
            family.add(route.prefix, route.path_id, event.time)

    def _note_gap(self, event: Gap | FeedLost) -> None:
        gaps = self._gaps_of(event)
        gaps.gap, gaps.reason = self._number, event.reason
        if isinstance(event, FeedLost):
            for router in list(self._reconnects):
                if router[0] == event.feed and event.router in (None, router[1]):
                    del self._reconnects[router]

    def _back(self, event: FeedBack) -> None:
        """Note that everything comes again."""
        self._gaps_of(event).restart = self._number
        self._peers.restart(event.feed, event.router)

    def _gaps_of(self, event: Gap | FeedLost | FeedBack) -> Gaps:
        if event.router is None:
            return self._feeds.setdefault(event.feed, Gaps())
        if event.table is None:
            return self._routers.setdefault((event.feed, event.router), Gaps())
        peer = self._peers.get_or_add(event.feed, event.router, event.table)
        return (peer if event.table.view is None else peer.table(event.table, self._budget)).gaps

    # -- statistics

    def _statistics(self, event: Statistics) -> None:
        peer = self._peers.get(event.feed, event.router, event.table)
        for table in () if peer is None else peer.covered(event.table):
            if peer is None or not table.is_seen:
                continue
            self._settle(event.router, table)
            if self._gap_reason(event.feed, event.router, peer, table) is None:
                for count in counts_of(event, table.ref):
                    self._compare(event, table, count)

    def _compare(self, event: Statistics, table: Table, count: RouteCount) -> None:
        """Compare a router's count of a table with what is held."""
        numbers = FAMILIES if count.family is None else (count.family,)
        families = [table.families[number] for number in numbers]
        numbers_held = [each.routes for each in families]
        if None in numbers_held:
            return
        held = sum(each or 0 for each in numbers_held)
        if held == count.routes:
            for each in families:
                each.agree()
        elif can_contradict(count, table.ref):
            wanted = [each.differ(count.routes, held) for each in families]
            if any(wanted) and self._request_reconnect(event, families[0].reason):
                for each in families:
                    each.reconnected_for = count.routes - held

    def _request_reconnect(self, event: Statistics, reason: str) -> bool:
        """Request that the router sends all again; return False if it is too early for that."""
        router = (event.feed, event.router)
        last = self._last_reconnects.get(router)
        if last is not None and self.time - last < RECONNECT_INTERVAL:
            return False
        self._last_reconnects[router] = self.time
        self._reconnects[router] = Reconnect(*router, reason)
        return True

    # -- queries

    @property
    def is_waiting(self) -> bool:
        """Whether time alone may show that all routes of a table are known."""
        return any(
            table.is_seen and not table.is_down and self._may_settle(router, table)
            for router, table in self._peers.tables()
        )

    def _may_settle(self, router: str, table: Table) -> bool:
        has_quiet = self._quiet(router, table.ref) is not None
        return any(
            each.proof is None and (has_quiet or each.end_of_rib is not None)
            for each in table.families.values()
        )

    def state(self, feed: str, router: str, table: TableRef, family: int = 4) -> TableState:
        """Return what is known of one address family of a table at the time of the last event.

        Args:
            feed: the feed's name.
            router: the router.
            table: the table, with its view.
            family: 4 or 6.
        """
        peer = self._peers.get(feed, router, table)
        found = None if peer is None else peer.tables.get(kind_of(table))
        if peer is None or found is None or not found.is_seen:
            return _NOT_SEEN
        gap = self._gap_reason(feed, router, peer, found)
        if gap is not None:
            return TableState(Coverage.PARTIAL, reason=gap)
        if found.is_down:
            return TableState(Coverage.COMPLETE, Proof.DOWN)
        if found.is_filtered:
            return TableState(Coverage.PARTIAL, reason="the router does not send all routes of it")
        self._settle(router, found)
        state = found.families[family]
        if state.is_known:
            return TableState(Coverage.COMPLETE, state.proof)
        return TableState(Coverage.PARTIAL, reason=state.reason)

    def held(self, feed: str, router: str, table: TableRef) -> dict[int, int] | None:
        """Return the number of routes of a table by family; None if they are not counted."""
        peer = self._peers.get(feed, router, table)
        found = None if peer is None else peer.tables.get(kind_of(table))
        numbers = {} if found is None else {of: each.routes for of, each in found.families.items()}
        known = {family: routes for family, routes in numbers.items() if routes is not None}
        return known if len(known) == len(FAMILIES) else None

    def _gap_reason(self, feed: str, router: str, peer: Peer, table: Table) -> str | None:
        """Return why events of a table may be missing since everything was sent last."""
        levels = (
            self._feeds.get(feed, Gaps()),
            self._routers.get((feed, router), Gaps()),
            peer.gaps,
            table.gaps,
        )
        restart = max(each.restart for each in levels)
        open_ones = [each for each in levels if each.gap > restart]
        return max(open_ones, key=lambda each: each.gap).reason if open_ones else None

    def _settle(self, router: str, table: Table) -> None:
        """Note what the time that has passed since the last event of a table proves."""
        quiet = self._quiet(router, table.ref)
        time = self.time + self._after
        is_unchanged = quiet is not None and time - table.changed >= quiet
        for each in table.families.values():
            each.settle(time, hold=self._hold, is_unchanged=is_unchanged)
