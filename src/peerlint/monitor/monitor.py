"""The monitor: events of feeds in, what changed out.

Everything is pure: events have times, and `advance` says until when all events were given. An event
changes the tables at once; `evaluate` then evaluates what changed, and says which states have held
for long enough to count.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Final

import attrs

from peerlint.events import Event, FeedBack, FeedLost, Gap, TableRef
from peerlint.monitor.alerting import Alerting
from peerlint.monitor.changes import Changes
from peerlint.monitor.feed_tables import FeedTables
from peerlint.monitor.graceful_restart import graceful_hold
from peerlint.monitor.live_sources import LiveSources, WatchedFeed
from peerlint.monitor.session_states import SessionState, session_states
from peerlint.monitor.session_status import session_statuses
from peerlint.monitor.signs_of_life import FeedOrRouter, SignsOfLife
from peerlint.monitor.status import FeedStatus, MonitorStatus
from peerlint.monitor.synchronisation import Reconnect
from peerlint.monitor.watched import Watched
from peerlint.monitor.watched_subjects import WatchedSubjects
from peerlint.observations import RibArgument
from peerlint.profiles.hold_times import HoldTimes
from peerlint.registry import Registry
from peerlint.results import Report

#: Events are checked millions of times, and a union of types would be made each time.
_WHOLE_FEED: Final = (Gap, FeedLost, FeedBack)
#: How often signs of life, hold times of tables, and ages of sources are looked at.
_INTERVAL: Final = 1_000_000
#: How often this is done at least: waivers and attestations end with their day, sources become old.
_LOOK: Final = 60_000_000
#: If the time is earlier than before by more than this, the clock was set back; else feeds differ.
_SET_BACK: Final = 2_000_000
#: The names of events in counters.
EVENT_KINDS: Final = {
    "SessionUp": "session-up",
    "SessionDown": "session-down",
    "Announce": "announce",
    "Withdraw": "withdraw",
    "EndOfRib": "end-of-rib",
    "OtherRoutes": "other-routes",
    "Statistics": "statistics",
    "Gap": "gap",
    "FeedLost": "feed-lost",
    "FeedBack": "feed-back",
    "Heartbeat": "heartbeat",
}


@attrs.define(eq=False)
class _FeedCounts:
    """What is counted of a feed.

    Attributes:
        events: the number of events by the name of their class.
        last: the time of the last event; None before the first one.
        waiting: the number of events since the last complete evaluation.
        oldest: the time of the first one of these.
    """

    events: Counter[str] = attrs.Factory(Counter)
    last: int | None = None
    waiting: int = 0
    oldest: int | None = None


class Monitor:
    """Watches an inventory by the events of feeds.

    Attributes:
        now: the time until which all events were given, in microseconds since 1970.
    """

    def __init__(
        self,
        watched: Watched,
        *,
        now: int,
        new_id: Callable[[], str],
        saved: str | None = None,
    ) -> None:
        """Start without feeds: every prefix is unknown.

        Args:
            watched: the inventory.
            now: the time, in microseconds since 1970.
            new_id: returns an id that was never used, for a new alert.
            saved: what `saved` returned before; None at the first start.

        Raises:
            StateError: `saved` is no text that `saved` returned.
        """
        self.now = now
        self._watched = watched
        self._sources = self._new_sources(watched)
        self._subjects = WatchedSubjects(watched, self._sources.index, now)
        self._alerting = Alerting(watched.inventory, watched.times, new_id=new_id, saved=saved)
        self._signs = SignsOfLife(_silence(watched))
        self._counts: list[_FeedCounts] = []
        self._states: dict[str, SessionState] = {}
        #: Why feeds and their routers are lost or silent; empty for those that are there.
        self._lost: dict[str, str] = {}
        self._looked = 0
        #: When ages of registry data were looked at.
        self._registry_looked = 0

    @staticmethod
    def _new_sources(watched: Watched) -> LiveSources:
        ids = [each.id for each in watched.inventory.sessions]
        return LiveSources(ids, watched.criteria, watched.limits)

    def add_feed(
        self,
        name: str,
        argument_of: Callable[[str], RibArgument] = RibArgument,
        *,
        is_live: bool = True,
        remarks: Callable[[], Mapping[str, Iterable[str]]] = dict,
        unwatched: Callable[[], Mapping[str, Mapping[TableRef | None, int]]] = dict,
    ) -> int:
        """Add a feed, and return its number.

        Args:
            name: the name of the feed, for messages.
            argument_of: returns a router as the user names it.
            is_live: whether routes that did not change are still there as long as nothing says
                that the feed is lost or silent; else they are as old as the last event of their
                router, and too old at some time.
            remarks: returns what is unusual, by router.
            unwatched: returns the number of updates that are no events, by router and table.
        """
        tables = FeedTables(self._watched.inventory, self._watched.kept, argument_of)
        self._counts.append(_FeedCounts())
        return self._sources.add_feed(WatchedFeed(name, tables, is_live, remarks, unwatched))

    def tables(self, number: int) -> FeedTables:
        """Return the tables of a feed."""
        return self._sources.feeds[number].tables

    # -- events and time

    def add(self, number: int, event: Event) -> None:
        """Take an event of a feed; nothing is evaluated.

        Args:
            number: the number of the feed.
            event: the event.
        """
        counts = self._counts[number]
        counts.events[type(event).__name__] += 1
        counts.last = event.time
        counts.waiting += 1
        if counts.oldest is None:
            counts.oldest = event.time
        self.now = max(self.now, event.time)
        self._sources.add(number, event)
        self._signs.add(event)
        if isinstance(event, _WHOLE_FEED):
            self._looked = 0

    def advance(self, now: int) -> None:
        """Note that all events until a time were given.

        If the clock was set back, what came after this time has come just now.
        """
        if now < self.now - _SET_BACK:
            self._set_back(now)
        self.now = max(self.now, now)
        for each in self._sources.feeds:
            each.tables.advance(self.now)

    def _set_back(self, now: int) -> None:
        self.now = now
        self._signs.set_back(now)
        for each in self._sources.feeds:
            each.tables.set_back(now)
        for counts in self._counts:
            counts.oldest = None if counts.oldest is None else min(counts.oldest, now)

    def next_time(self) -> int:
        """Return when `evaluate` may find something although no event comes."""
        if self._subjects.due:
            return self.now
        times = [
            max(self.now, self._looked + _LOOK),
            self._alerting.next_time(),
            self._sources.next_time(),
            self._signs.next_time(self.now),
        ]
        if any(each.tables.synchronisation.is_waiting for each in self._sources.feeds):
            times.append(self._looked + _INTERVAL)
        return min(each for each in times if each is not None)

    # -- evaluation

    @property
    def due(self) -> int:
        """How many subjects have to be evaluated."""
        return self._subjects.due

    def evaluate(self, most: int | None = None) -> Changes:
        """Evaluate what changed, and return what holds for long enough to count.

        Args:
            most: how many subjects are evaluated at most; None for all that are due. The rest stays
                due.
        """
        self._look()
        was_due = self._subjects.due
        for result in self._subjects.evaluate(most):
            self._alerting.update(self.now, result)
        if self._subjects.is_changing and was_due and not self._subjects.due:
            self._alerting.keep(self.now, self._subjects.known)
        if not self._subjects.due:
            for counts in self._counts:
                counts.waiting, counts.oldest = 0, None
        return self._alerting.settle(self.now, is_whole=not self._subjects.due)

    def _look(self) -> None:
        """Find what has changed since the last time."""
        if not self._subjects.is_same_day(self.now):
            self._subjects = WatchedSubjects(self._watched, self._sources.index, self.now)
        if not 0 <= self.now - self._registry_looked < _LOOK:
            self._registry_looked = self.now
            if self._subjects.is_registry_due(self.now):
                self._subjects.use_registry(self._watched.registry, self.now)
        is_late = not 0 <= self.now - self._looked < _INTERVAL
        if is_late or self._sources.is_due(self.now):
            self._looked = self.now
            silent = self._signs.silent(self.now)
            self._sources.refresh(self.now, silent)
            self._note_sessions(silent)
            self._note_feeds(silent)
        self._subjects.invalidate(self._sources.take_changes())

    def _note_sessions(self, silent: Mapping[FeedOrRouter, str]) -> None:
        states = session_states((each.tables for each in self._sources.feeds), silent)
        for session in self._watched.inventory.sessions:
            state = states.get(session.id, SessionState())
            before = self._states.get(session.id, SessionState())
            if state == before:
                continue
            self._states[session.id] = state
            reason, hold = "", None
            if state.down is not None:
                reason, hold = state.down.reason, graceful_hold(state.up, state.down)
            self._alerting.session(self.now, session.id, state.is_up, hold=hold, reason=reason)

    def _note_feeds(self, silent: Mapping[FeedOrRouter, str]) -> None:
        found = {
            feed if router is None else f"{feed} {router}": reason
            for (feed, router), reason in silent.items()
        }
        for each in self._sources.feeds:
            for (feed, router), state in each.tables.routers.items():
                name = f"{feed} {router}"
                if state.lost is not None:
                    found[name] = state.lost
                for each_name in (feed, name):
                    if each_name not in self._lost:
                        found.setdefault(each_name, "")
        for name, reason in found.items():
            # One that is there is said once: it may have been lost before a restart.
            if reason != self._lost.get(name):
                self._alerting.feed(self.now, name, reason)
        for name in self._lost.keys() - found.keys():
            if self._lost[name]:
                self._alerting.feed(self.now, name, "")
            found[name] = ""
        self._lost = found

    # -- what is known now

    def report(self) -> Report:
        """Return the report of now; what is due is evaluated, but counts from `evaluate` on."""
        return self._subjects.report(self.now, self._sources.summaries)

    def status(self) -> MonitorStatus:
        """Return what is known now of sessions, feeds and alerts."""
        return MonitorStatus(
            self.now,
            session_statuses(self._watched.inventory, self._sources, self._states),
            tuple(
                self._feed_status(each, counts)
                for each, counts in zip(self._sources.feeds, self._counts, strict=True)
            ),
            self._alerting.open_alerts(),
            self._alerting.last_transitions(),
            self._alerting.last_resolved(),
        )

    def _feed_status(self, feed: WatchedFeed, counts: _FeedCounts) -> FeedStatus:
        names = {f"{of} {router}" for of, router in feed.tables.routers}
        names |= {of for of, _ in feed.tables.routers}
        reasons = [each for name, each in self._lost.items() if each and name in names]
        lag = 0.0 if counts.oldest is None else max(0, self.now - counts.oldest) / 1_000_000
        return FeedStatus(
            feed.name,
            bool(reasons),
            "; ".join(reasons),
            {kind: counts.events[name] for name, kind in EVENT_KINDS.items()},
            counts.events["Gap"] + counts.events["FeedLost"],
            counts.last,
            counts.waiting,
            lag,
        )

    def take_reconnects(self) -> tuple[tuple[int, Reconnect], ...]:
        """Return the connections that should be closed, each with the number of its feed."""
        return tuple(
            (number, wanted)
            for number, each in enumerate(self._sources.feeds)
            for wanted in each.tables.take_reconnects()
        )

    # -- other registry data, another inventory, another process

    def use_registry(self, registry: Registry | None) -> None:
        """Go on with other registry data: what they change has to be evaluated again.

        Args:
            registry: the registry data; None if there are none any more.
        """
        self._watched = attrs.evolve(self._watched, registry=registry)
        if self._subjects.is_same_day(self.now):  # else everything is evaluated anew
            self._subjects.use_registry(registry, self.now)

    def reload(self, watched: Watched) -> bool:
        """Go on with another version of the inventory.

        Args:
            watched: the inventory, with the registry data that are used.

        Returns:
            Whether the tables can be kept. If not, nothing is changed but the alerts whose subject
            is gone: the feeds have to begin anew with a new monitor and what `saved` returns.
        """
        self._alerting.reload(watched.inventory, watched.times, self.now)
        if not watched.asks_about_the_same_routes(self._watched):
            return False
        self._watched = watched
        self._signs.silence = _silence(watched)
        self._sources.limits = watched.limits
        self._looked = 0
        self._subjects = WatchedSubjects(watched, self._sources.index, self.now)
        return True

    def saved(self) -> str:
        """Return what a new monitor needs to go on with the alerts of this one."""
        return self._alerting.saved()


def _silence(watched: Watched) -> int:
    """Return the shortest silence of all peerings, which share their feeds."""
    times = (each.silence for each in watched.times.values())
    return min(times, default=HoldTimes().silence)
