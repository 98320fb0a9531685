"""Track problems: those that hold for long enough raise alerts, and end them."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import Final, Protocol

from peerlint.engine.prepare import SubjectKey
from peerlint.monitor.alerts import Resolution
from peerlint.monitor.causes import causes_of, grouped, of_flapping, session_cause
from peerlint.monitor.damping import Holds, SteadyTime
from peerlint.monitor.open_alerts import OpenAlerts
from peerlint.monitor.problem_index import ProblemIndex
from peerlint.monitor.problem_keys import FEED_SILENT, SESSION_DOWN, ProblemKey
from peerlint.monitor.problems import MISSING, Problem
from peerlint.monitor.tracked_problem import OpenAlert, TrackedProblem
from peerlint.monitor.unstable_problems import UnstableProblems
from peerlint.profiles.hold_times import HoldTimes

_MAINTENANCE: Final = "maintenance"


class Maintenance(Protocol):
    """Maintenance windows."""

    def covering(self, key: ProblemKey, time: int, *, router: str = "") -> object | None:
        """Return the window that covers a problem at a time; None if none does."""

    def next_time(self, time: int) -> int | None:
        """Return when the next window begins or ends after a time; None if none does."""


class ProblemTracker:
    """Problems that are shown, hidden or end, and the alerts that they raise and end."""

    def __init__(self, clock: SteadyTime, alerts: OpenAlerts, maintenance: Maintenance) -> None:
        """Start without problems.

        Args:
            clock: the clock, which the owner advances.
            alerts: the open alerts.
            maintenance: the maintenance windows.
        """
        self._clock = clock
        self._alerts = alerts
        self.maintenance = maintenance
        self.index = ProblemIndex()
        self.unstable = UnstableProblems(clock)
        self._holds: Holds[ProblemKey, bool] = Holds(clock)
        #: Problems that have held for their time and wait for something, by what they wait for.
        self._waiting: dict[Hashable, dict[ProblemKey, TrackedProblem]] = {}
        self._ready: list[TrackedProblem] = []
        self._flapping: list[TrackedProblem] = []
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
    ) -> TrackedProblem:
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
        tracked = self.index.get(key)
        if tracked is None:
            tracked = TrackedProblem(key, subject, times, problem.severity, self._clock.wall)
            tracked.problem = problem
            self.index.add(tracked)
            if not is_first:
                self._count_change(tracked)
        else:
            if not tracked.is_there:
                self._count_change(tracked)
            if tracked.alert is None and not tracked.is_shown:
                tracked.first_seen = self._clock.wall
            if not tracked.is_shown or tracked.problem != problem:
                tracked.problem = problem
                self._alerts.update(tracked, is_there=True, severity=problem.severity)
        tracked.missing, tracked.times = missing, times
        if tracked.alert is not None:
            self._holds.cancel(key)
        elif tracked.waits_for is None and not tracked.is_flapping:
            self._holds.start(key, value=True, hold=_hold(key, times) if hold is None else hold)
        self.index.recount(tracked)
        return tracked

    def end(self, tracked: TrackedProblem, ending: Resolution) -> None:
        """Note that a problem is known not to be there."""
        if tracked.is_there:
            self._count_change(tracked)
        tracked.ending = ending
        self._alerts.update(tracked, is_there=False)
        self._stop_waiting(tracked)
        if tracked.alert is not None and not tracked.is_flapping:
            self._holds.start(tracked.key, value=False, hold=tracked.times.other)
        else:
            self._holds.cancel(tracked.key)
            if not tracked.is_flapping:
                self._discard(tracked)
        self.index.recount(tracked)

    def hide(self, tracked: TrackedProblem, reason: str) -> None:
        """Note that it is not known any more whether a problem is there."""
        if tracked.unknown != reason:
            self._alerts.update(tracked, is_there=tracked.is_there, unknown=reason)
        self._holds.cancel(tracked.key)
        self._stop_waiting(tracked)
        self._release(tracked.key)
        self.index.recount(tracked)

    def drop(self, tracked: TrackedProblem, ending: Resolution) -> None:
        """Forget a problem: the inventory does not have its subject any more."""
        self._holds.cancel(tracked.key)
        self._stop_waiting(tracked)
        self.unstable.forget(tracked.key)
        tracked.is_flapping = False
        self._leave(tracked, ending, since=self._clock.now)
        self._discard(tracked)

    def restart(self, tracked: TrackedProblem, since: int) -> None:
        """Let a problem that belongs to no alert hold again.

        Args:
            tracked: the problem.
            since: from when on, in steady time.
        """
        if tracked.is_shown and tracked.alert is None and not tracked.is_flapping:
            self._stop_waiting(tracked)
            hold = _hold(tracked.key, tracked.times)
            self._holds.start(tracked.key, value=True, hold=hold, since=since)
            self.index.recount(tracked)

    def _discard(self, tracked: TrackedProblem) -> None:
        self.index.discard(tracked)
        self._release(tracked.key)

    def _count_change(self, tracked: TrackedProblem) -> None:
        if self._is_covered(tracked.key):
            return
        if self.unstable.add(tracked.key, tracked.times):
            tracked.is_flapping = True
            self._flapping.append(tracked)

    # -- what settles

    def settle(self) -> None:
        """Open and end alerts by what has held for its time."""
        settled: list[TrackedProblem] = []
        for key, wait in self._holds.take_due():
            tracked = self.index.get(key)
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

    def _leave(self, tracked: TrackedProblem, ending: Resolution, *, since: int) -> None:
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
                self._alerts.remove(each, ending)
            self._alerts.remove(tracked, ending)
            for each in others:
                self._holds.cancel(each.key)
                if each.is_flapping:
                    self._flapping.append(each)
                elif each.is_shown:
                    self.restart(each, since)
                elif not each.unknown:
                    self._discard(each)
        else:
            self._alerts.remove(tracked, ending)
        self.index.recount(tracked)

    def _join_flapping(self) -> None:
        """Move problems that flap to alerts of their own; those first that others follow from."""
        new, self._flapping = self._flapping, []
        for tracked in sorted(new, key=self.index.rank):
            if not tracked.is_flapping or self.index.get(tracked.key) is not tracked:
                continue
            self._holds.cancel(tracked.key)
            self._stop_waiting(tracked)
            moved = [tracked]
            if tracked.key.rule == SESSION_DOWN and tracked.alert is not None:
                moved = [*tracked.alert.members.values()]
            cause = of_flapping(tracked.key)
            for leader in (self.index.session_of(tracked), self.index.leader(tracked)):
                if leader is not None and leader.is_flapping and leader.alert is not None:
                    cause = leader.alert.cause
                    break
            for each in moved:
                self._alerts.remove(each, Resolution.OTHER_CAUSE)
            self._alerts.add(cause, moved)
            self._noted(moved)

    def _take_stable(self) -> list[TrackedProblem]:
        """Return the problems that flapped, are stable now, and are there."""
        found = []
        for key in self.unstable.take_quiet():
            tracked = self.index.get(key)
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

    def _open(self, settled: Iterable[TrackedProblem]) -> None:
        """Put problems that have settled into alerts, or let them wait."""
        rest: list[TrackedProblem] = []
        for tracked in sorted(settled, key=self.index.rank):
            is_free = tracked.alert is None and tracked.waits_for is None
            if not (is_free and tracked.is_shown and not tracked.is_flapping):
                continue
            if self.index.get(tracked.key) is not tracked:
                continue
            if self._is_covered(tracked.key):
                self._wait(tracked, _MAINTENANCE)
            elif tracked.key.rule == SESSION_DOWN:
                self._open_session(tracked)
            elif not self._follow(tracked):
                rest.append(tracked)
        for cause, members in grouped(rest, self.index.counts):
            self._alerts.add(cause, members)
            self._noted(members)

    def _open_session(self, tracked: TrackedProblem) -> None:
        """Open the alert of a session; what is missing on it belongs to it."""
        missing = [
            each
            for each in self.index.on_session(tracked.key.session)
            if each.key.rule in MISSING and each.alert is not None and not each.is_flapping
        ]
        for each in missing:
            self._alerts.remove(each, Resolution.OTHER_CAUSE)
        cause = session_cause(tracked.key.peering, tracked.key.session)
        members = [tracked, *missing]
        self._alerts.add(cause, members)
        self._noted(members)

    def _follow(self, tracked: TrackedProblem) -> bool:
        """Put a problem into the alert that it belongs to, or let it wait; False if there is none.

        These are the alerts of its session, of the problem that it follows from, of its rule on
        the session, and of its rule with the prefix.
        """
        for leader in (self.index.session_of(tracked), self.index.leader(tracked)):
            if leader is not None and leader.alert is not None:
                self._alerts.add(leader.alert.cause, [tracked])
                self._noted([tracked])
                return True
            if leader is not None and leader.is_shown:
                self._wait(tracked, leader.key)
                return True
        for cause in causes_of(tracked.key):
            if self._alerts.get(cause) is not None:
                self._alerts.add(cause, [tracked])
                self._noted([tracked])
                return True
        return False

    # -- waiting

    def _noted(self, members: Iterable[TrackedProblem]) -> None:
        """Note that problems belong to an alert now; those that waited for them follow."""
        for each in members:
            self.index.recount(each)
            self._release(each.key)

    def _wait(self, tracked: TrackedProblem, token: Hashable) -> None:
        tracked.waits_for = token
        self._waiting.setdefault(token, {})[tracked.key] = tracked
        if token == _MAINTENANCE:
            self._window_end = self.maintenance.next_time(self._clock.wall)
            self._windows_seen = self._clock.wall

    def _stop_waiting(self, tracked: TrackedProblem) -> None:
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

    def _take_ready(self) -> list[TrackedProblem]:
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
