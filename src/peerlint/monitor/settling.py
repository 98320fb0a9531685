"""Settling: problems that hold long enough raise alerts, and end them."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import Final, Protocol

from peerlint.engine.prepare import SubjectKey
from peerlint.monitor.alert_book import AlertBook
from peerlint.monitor.alerts import Resolution
from peerlint.monitor.causes import causes_of, grouped, of_flapping, session_cause
from peerlint.monitor.damping import Holds, SteadyClock
from peerlint.monitor.hold_times import HoldTimes
from peerlint.monitor.problem_board import ProblemBoard
from peerlint.monitor.problem_keys import FEED_SILENT, SESSION_DOWN, ProblemKey
from peerlint.monitor.problems import MISSING, Problem
from peerlint.monitor.tracked import OpenAlert, Tracked
from peerlint.monitor.unstable_problems import UnstableProblems

_MAINTENANCE: Final = "maintenance"


class Maintenance(Protocol):
    """Maintenance windows."""

    def covering(self, key: ProblemKey, time: int, *, router: str = "") -> object | None:
        """Return the window that covers a problem at a time; None if none does."""

    def next_time(self, time: int) -> int | None:
        """Return when the next window begins or ends after a time; None if none does."""


class Settling:
    """Problems that are shown, hidden or end, and the alerts that they raise and end."""

    def __init__(self, clock: SteadyClock, book: AlertBook, maintenance: Maintenance) -> None:
        """Start without problems.

        Args:
            clock: the clock, which the owner advances.
            book: the open alerts.
            maintenance: the maintenance windows.
        """
        self._clock = clock
        self._book = book
        self.maintenance = maintenance
        self.board = ProblemBoard()
        self.unstable = UnstableProblems(clock)
        self._holds: Holds[ProblemKey, bool] = Holds(clock)
        #: Problems that have held for their time and wait for something, by what they wait for.
        self._waiting: dict[Hashable, dict[ProblemKey, Tracked]] = {}
        self._ready: list[Tracked] = []
        self._flapping: list[Tracked] = []
        #: When maintenance windows are looked at again, in microseconds since 1970.
        self._window_end: int | None = None
        self._windows_seen = 0

    # -- what is known of problems

    def show(
        self,
        problem: Problem,
        times: HoldTimes,
        *,
        subject: SubjectKey | None = None,
        hold: int | None = None,
        missing: frozenset[str] = frozenset(),
        is_first: bool = False,
    ) -> Tracked:
        """Note that a problem is there.

        Args:
            problem: the problem.
            times: the hold times of its peering.
            subject: the subject whose result shows it; None for a session or feed.
            hold: how long it has to hold; None for what `times` says.
            missing: the sessions on which the prefix is missing.
            is_first: whether nothing was known of the subject before.
        """
        key = problem.key
        tracked = self.board.get(key)
        if tracked is None:
            tracked = Tracked(key, subject, times, problem.severity, self._clock.wall)
            tracked.problem = problem
            self.board.add(tracked)
            if not is_first:
                self._count_change(tracked)
        else:
            if not tracked.is_there:
                self._count_change(tracked)
            if tracked.alert is None and not tracked.is_shown:
                tracked.first_seen = self._clock.wall
            if not tracked.is_shown or tracked.problem != problem:
                tracked.problem = problem
                self._book.update(tracked, is_there=True, severity=problem.severity)
        tracked.missing, tracked.times = missing, times
        if tracked.alert is not None:
            self._holds.cancel(key)
        elif tracked.waits_for is None and not tracked.is_flapping:
            self._holds.start(key, value=True, hold=_hold(key, times) if hold is None else hold)
        self.board.recount(tracked)
        return tracked

    def end(self, tracked: Tracked, ending: Resolution) -> None:
        """Note that a problem is known not to be there."""
        if tracked.is_there:
            self._count_change(tracked)
        tracked.ending = ending
        self._book.update(tracked, is_there=False)
        self._stop_waiting(tracked)
        if tracked.alert is not None and not tracked.is_flapping:
            self._holds.start(tracked.key, value=False, hold=tracked.times.other)
        else:
            self._holds.cancel(tracked.key)
            if not tracked.is_flapping:
                self._discard(tracked)
        self.board.recount(tracked)

    def hide(self, tracked: Tracked, reason: str) -> None:
        """Note that it is not known any more whether a problem is there."""
        if tracked.unknown != reason:
            self._book.update(tracked, is_there=tracked.is_there, unknown=reason)
        self._holds.cancel(tracked.key)
        self._stop_waiting(tracked)
        self._release(tracked.key)
        self.board.recount(tracked)

    def drop(self, tracked: Tracked, ending: Resolution) -> None:
        """Forget a problem: the inventory does not have its subject any more."""
        self._holds.cancel(tracked.key)
        self._stop_waiting(tracked)
        self.unstable.forget(tracked.key)
        tracked.is_flapping = False
        self._leave(tracked, ending, since=self._clock.now)
        self._discard(tracked)

    def restart(self, tracked: Tracked, since: int) -> None:
        """Let a problem that belongs to no alert hold again.

        Args:
            tracked: the problem.
            since: from when on, in steady time.
        """
        if tracked.is_shown and tracked.alert is None and not tracked.is_flapping:
            self._stop_waiting(tracked)
            hold = _hold(tracked.key, tracked.times)
            self._holds.start(tracked.key, value=True, hold=hold, since=since)
            self.board.recount(tracked)

    def _discard(self, tracked: Tracked) -> None:
        self.board.discard(tracked)
        self._release(tracked.key)

    def _count_change(self, tracked: Tracked) -> None:
        if self._is_covered(tracked.key):
            return
        if self.unstable.add(tracked.key, tracked.times):
            tracked.is_flapping = True
            self._flapping.append(tracked)

    # -- what settles

    def settle(self) -> None:
        """Open and end alerts by what has held for its time."""
        settled: list[Tracked] = []
        for key, wait in self._holds.take_due():
            tracked = self.board.get(key)
            if tracked is None:
                continue
            if wait.value:
                settled.append(tracked)
            else:
                self._leave(tracked, tracked.ending, since=wait.since)
                self._discard(tracked)
        self._join_flapping()
        settled += self._take_stable()
        self._look_at_windows()
        settled += self._take_ready()
        while settled:
            self._open(settled)
            settled = self._take_ready()

    def next_due(self) -> int | None:
        """Return when something may settle, in steady time; None if time alone changes nothing."""
        now = self._clock.now
        dues = [self._holds.next_due(), self.unstable.next_due()]
        if self._ready or self._flapping:
            dues.append(now)
        if _MAINTENANCE in self._waiting and self._window_end is not None:
            dues.append(now + max(0, self._window_end - self._clock.wall))
        return min((each for each in dues if each is not None), default=None)

    def is_silent(self, alert: OpenAlert) -> bool:
        """Whether a maintenance window covers all problems of an alert now."""
        return all(map(self._is_covered, alert.members))

    def _is_covered(self, key: ProblemKey) -> bool:
        """Whether a maintenance window covers a problem now."""
        # A feed is named by the router that it is from, see `Alerting.feed`.
        router = key.about.rpartition(" ")[2] if key.rule == FEED_SILENT else ""
        return self.maintenance.covering(key, self._clock.wall, router=router) is not None

    def _leave(self, tracked: Tracked, ending: Resolution, *, since: int) -> None:
        """Take a problem out of its alert; those that only followed a session leave it too.

        Args:
            tracked: the problem.
            ending: how it ended.
            since: from when on problems that are left have to hold again, in steady time.
        """
        alert = tracked.alert
        if alert is None:
            return
        if tracked.key.rule == SESSION_DOWN:
            others = [each for each in alert.members.values() if each is not tracked]
            alert.is_left = any(each.is_there or each.unknown for each in others)
            for each in others:
                self._book.remove(each, ending)
            self._book.remove(tracked, ending)
            for each in others:
                self._holds.cancel(each.key)
                if each.is_flapping:
                    self._flapping.append(each)
                elif each.is_shown:
                    self.restart(each, since)
                elif not each.unknown:
                    self._discard(each)
        else:
            self._book.remove(tracked, ending)
        self.board.recount(tracked)

    def _join_flapping(self) -> None:
        """Move problems that flap to alerts of their own; those first that others follow from."""
        new, self._flapping = self._flapping, []
        for tracked in sorted(new, key=self.board.rank):
            if not tracked.is_flapping or self.board.get(tracked.key) is not tracked:
                continue
            self._holds.cancel(tracked.key)
            self._stop_waiting(tracked)
            moved = [tracked]
            if tracked.key.rule == SESSION_DOWN and tracked.alert is not None:
                moved = [*tracked.alert.members.values()]
            cause = of_flapping(tracked.key)
            for leader in (self.board.session_of(tracked), self.board.leader(tracked)):
                if leader is not None and leader.is_flapping and leader.alert is not None:
                    cause = leader.alert.cause
                    break
            for each in moved:
                self._book.remove(each, Resolution.OTHER_CAUSE)
            self._book.add(cause, moved)
            self._noted(moved)

    def _take_stable(self) -> list[Tracked]:
        """Return the problems that flapped, are stable now, and are there."""
        found = []
        for key in self.unstable.take_quiet():
            tracked = self.board.get(key)
            if tracked is not None and tracked.is_flapping and tracked.unknown:
                self.unstable.wait_again(key, tracked.times)
                continue
            self.unstable.forget(key)
            if tracked is None or not tracked.is_flapping:
                continue
            tracked.is_flapping = False
            self._leave(tracked, Resolution.STABLE, since=self._clock.now)
            if tracked.is_there:
                found.append(tracked)
            else:
                self._discard(tracked)
        return found

    def _open(self, settled: Iterable[Tracked]) -> None:
        """Put problems that have settled into alerts, or let them wait."""
        rest: list[Tracked] = []
        for tracked in sorted(settled, key=self.board.rank):
            is_free = tracked.alert is None and tracked.waits_for is None
            if not (is_free and tracked.is_shown and not tracked.is_flapping):
                continue
            if self.board.get(tracked.key) is not tracked:
                continue
            if self._is_covered(tracked.key):
                self._wait(tracked, _MAINTENANCE)
            elif tracked.key.rule == SESSION_DOWN:
                self._open_session(tracked)
            elif not self._follow(tracked):
                rest.append(tracked)
        for cause, members in grouped(rest, self.board.counts):
            self._book.add(cause, members)
            self._noted(members)

    def _open_session(self, tracked: Tracked) -> None:
        """Open the alert of a session; what is missing on it belongs to it."""
        missing = [
            each
            for each in self.board.on_session(tracked.key.session)
            if each.key.rule in MISSING and each.alert is not None and not each.is_flapping
        ]
        for each in missing:
            self._book.remove(each, Resolution.OTHER_CAUSE)
        cause = session_cause(tracked.key.peering, tracked.key.session)
        members = [tracked, *missing]
        self._book.add(cause, members)
        self._noted(members)

    def _follow(self, tracked: Tracked) -> bool:
        """Put a problem into the alert that it belongs to, or let it wait; False if there is none.

        These are the alerts of its session, of the problem that it follows from, of its rule on
        the session, and of its rule with the prefix.
        """
        for leader in (self.board.session_of(tracked), self.board.leader(tracked)):
            if leader is not None and leader.alert is not None:
                self._book.add(leader.alert.cause, [tracked])
                self._noted([tracked])
                return True
            if leader is not None and leader.is_shown:
                self._wait(tracked, leader.key)
                return True
        for cause in causes_of(tracked.key):
            if self._book.get(cause) is not None:
                self._book.add(cause, [tracked])
                self._noted([tracked])
                return True
        return False

    # -- waiting

    def _noted(self, members: Iterable[Tracked]) -> None:
        """Note that problems belong to an alert now; those that waited for them follow."""
        for each in members:
            self.board.recount(each)
            self._release(each.key)

    def _wait(self, tracked: Tracked, token: Hashable) -> None:
        tracked.waits_for = token
        self._waiting.setdefault(token, {})[tracked.key] = tracked
        if token == _MAINTENANCE:
            self._window_end = self.maintenance.next_time(self._clock.wall)
            self._windows_seen = self._clock.wall

    def _stop_waiting(self, tracked: Tracked) -> None:
        token, tracked.waits_for = tracked.waits_for, None
        waiting = self._waiting.get(token)
        if waiting is not None:
            waiting.pop(tracked.key, None)
            if not waiting:
                del self._waiting[token]

    def _release(self, token: Hashable) -> None:
        for each in self._waiting.pop(token, {}).values():
            each.waits_for = None
            self._ready.append(each)

    def _take_ready(self) -> list[Tracked]:
        ready, self._ready = self._ready, []
        return ready

    def _look_at_windows(self) -> None:
        wall, end = self._clock.wall, self._window_end
        if _MAINTENANCE in self._waiting and (
            end is None or wall >= end or wall < self._windows_seen
        ):
            self._release(_MAINTENANCE)


def _hold(key: ProblemKey, times: HoldTimes) -> int:
    if key.rule == SESSION_DOWN:
        return times.session_down
    return times.missing if key.rule in MISSING else times.other
