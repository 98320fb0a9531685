"""Alerting: from results of subjects to transitions, alerts and notices."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

import attrs

from peerlint.engine.prepare import SubjectKey
from peerlint.engine.state import UNKNOWN
from peerlint.engine.subject_result import SubjectResult
from peerlint.inventory import Inventory
from peerlint.monitor.alert_texts import AlertTexts
from peerlint.monitor.alerts import Alert, Resolution
from peerlint.monitor.changes import Changes
from peerlint.monitor.damping import SteadyTime
from peerlint.monitor.declared_names import DeclaredNames
from peerlint.monitor.maintenance import MaintenanceWindows
from peerlint.monitor.open_alerts import OpenAlerts
from peerlint.monitor.persistence import restored, saved_state
from peerlint.monitor.problem_tracker import ProblemTracker
from peerlint.monitor.problems import (
    MISSING,
    NOTHING,
    SubjectProblems,
    feed_problem,
    session_problem,
)
from peerlint.monitor.saved_alerts import as_json, from_json
from peerlint.monitor.state_changes import DOWN, UP, StateChanges
from peerlint.monitor.tracked_problem import TrackedProblem, TrackedSubject
from peerlint.monitor.transitions import Transition, TransitionKind
from peerlint.profiles.hold_times import HoldTimes
from peerlint.rules import Scope

_NO_SESSION = "no feed says whether the session is up"


class Alerting:
    """What is wrong, for how long, and which alerts say so.

    All times are microseconds since 1970. The owner calls `settle` after changes, and at
    `next_time`: a state that settled much earlier than `settle` is called has to hold again.
    """

    def __init__(
        self,
        inventory: Inventory,
        times: Mapping[str, HoldTimes],
        *,
        new_id: Callable[[], str],
        saved: str | None = None,
    ) -> None:
        """Start with what was saved, or with nothing.

        Args:
            inventory: the inventory.
            times: the hold times, by the name of the peering.
            new_id: returns an id that no alert has had.
            saved: what `saved` returned before a restart; None without it.

        Raises:
            StateError: `saved` is no such text, or one of another version.
        """
        self._clock = SteadyTime()
        self._times = times
        self._sessions = {each.id: each for each in inventory.sessions}
        self._records: dict[SubjectKey, TrackedSubject] = {}
        #: What feeds said last of sessions.
        self._up: dict[str, bool | None] = {}
        #: The sessions of which not all routes are known.
        self._blind: set[str] = set()
        #: The subjects that nothing shows while not all routes are known.
        self._absent: dict[SubjectKey, None] = {}
        self._alerts = OpenAlerts(self._clock, AlertTexts(inventory, self._reading_of), new_id)
        self._tracker = ProblemTracker(self._clock, self._alerts, MaintenanceWindows(inventory))
        self._states = StateChanges(self._clock, inventory)
        if saved is not None:
            self._restore(saved, DeclaredNames(inventory))

    # -- another inventory, another process

    def reload(self, inventory: Inventory, times: Mapping[str, HoldTimes], time: int) -> None:
        """Go on with another inventory; alerts end whose subjects it does not have.

        Args:
            inventory: the inventory.
            times: the hold times, by the name of the peering.
            time: the time.
        """
        self._clock.advance(time)
        self._times = times
        self._sessions = {each.id: each for each in inventory.sessions}
        self._alerts.texts = AlertTexts(inventory, self._reading_of)
        self._tracker.maintenance = MaintenanceWindows(inventory)
        declared = DeclaredNames(inventory)
        self._drop_undeclared(declared)
        gone = [key for key in self._records if not declared.has_subject(key)]
        for key in gone:
            del self._records[key]
            self._absent.pop(key, None)
        self._states.reload(inventory, gone)
        self._blind &= self._sessions.keys()
        for session in self._up.keys() - self._sessions.keys():
            del self._up[session]
        for alert in self._alerts.all():
            alert.times = self._times_of(alert.cause.peering)

    def saved(self) -> str:
        """Return the open alerts as JSON, for `saved` of another process."""
        return as_json(saved_state(self._clock, self._alerts, self._tracker.unstable))

    def _restore(self, text: str, declared: DeclaredNames) -> None:
        saved = from_json(text)
        self._clock.restore(saved.wall, saved.steady)
        for each in saved.changes:
            times = self._times_of(each.key.peering)
            self._tracker.unstable.restore(each, times)
        for alert in saved.alerts:
            members = restored(self._alerts, alert, self._times_of(alert.alert.cause.peering))
            for tracked in members:
                self._tracker.index.add(tracked)
                if tracked.subject is not None:
                    new = TrackedSubject(tracked.subject, tracked.times)
                    record = self._records.setdefault(tracked.subject, new)
                    record.tracked[tracked.key] = tracked
        self._alerts.resolved.extend(saved.resolved)
        self._drop_undeclared(declared)

    def _drop_undeclared(self, declared: DeclaredNames) -> None:
        for tracked in self._tracker.index:
            if not declared.has(tracked.key, tracked.subject):
                self._tracker.drop(tracked, Resolution.NOT_DECLARED)

    # -- what is known

    def update(self, time: int, result: SubjectResult) -> None:
        """Take the result of a subject.

        Args:
            time: the time of the evaluation.
            result: the result.
        """
        self._clock.advance(time)
        times = self._times_of(result.peering)
        record = self._records.get(result.subject)
        is_first = record is None or record.reading is NOTHING
        if record is None:
            record = self._records[result.subject] = TrackedSubject(result.subject, times)
        self._absent.pop(result.subject, None)
        reading = record.reading = SubjectProblems.of(result)
        for key, problem in reading.problems.items():
            known = self._tracker.index.get(key)
            if known is not None and known.subject != record.key:
                continue  # another subject reports the same problem
            record.tracked[key] = self._tracker.show(
                problem, times, subject=record.key, missing=reading.missing, is_first=is_first
            )
        if len(record.tracked) > len(reading.problems):
            for key, tracked in [*record.tracked.items()]:
                if key not in reading.problems:
                    self._assess(record, tracked)
        if result.subject.scope is Scope.SESSION:
            self._see(result.subject.name, is_blind=reading.is_blind)
        self._states.observe(result, times)

    def session(
        self,
        time: int,
        session: str,
        is_up: bool | None,  # noqa: FBT001  # the state itself
        *,
        hold: int | None = None,
        reason: str = "",
    ) -> None:
        """Take the state of a session.

        Args:
            time: the time.
            session: its id.
            is_up: whether a feed says that it is established; None if no feed says it.
            hold: for how long a graceful restart may be going on: what its routes showed is not
                over before; None if there is none. The time of the profile has to pass in any case.
            reason: why it is down, as the feed says it.
        """
        self._clock.advance(time)
        ref = self._sessions.get(session)
        if ref is None:
            return
        times = self._times_of(ref.peering.name)
        problem = session_problem(ref, reason)
        tracked = self._tracker.index.get(problem.key)
        before = self._up.get(session)
        is_first = session not in self._up
        self._up[session] = is_up
        down = max(times.session_down, hold or 0)
        if is_up is False:
            if not reason and tracked is not None and tracked.problem is not None:
                problem = attrs.evolve(problem, reason=tracked.problem.reason)
            self._tracker.show(problem, times, hold=down, is_first=is_first)
            self._states.session(session, DOWN, down, is_restart=hold is not None)
            return
        may_restart = self._states.may_restart(session)
        self._states.session(session, UNKNOWN if is_up is None else UP, times.other)
        if is_up and before is not True:
            self._restart_missing(session)
        if tracked is not None and is_up:
            self._tracker.end(tracked, Resolution.SESSION_UP)
        elif tracked is not None:
            self._tracker.hide(tracked, _NO_SESSION)
        if may_restart or (before is not is_up and None in (before, is_up)):
            self._assess_all(session)

    def feed(self, time: int, feed: str, reason: str) -> None:
        """Take the state of a feed.

        Args:
            time: the time.
            feed: its name; for one router of it, followed by a blank and the router.
            reason: why it is silent or lost; empty if it is there.
        """
        self._clock.advance(time)
        problem = feed_problem(feed, reason)
        times = self._feed_times()
        if reason:
            self._tracker.show(problem, times, hold=times.restart)
            return
        tracked = self._tracker.index.get(problem.key)
        if tracked is not None:
            self._tracker.end(tracked, Resolution.FEED_BACK)

    def keep(self, time: int, subjects: Collection[SubjectKey]) -> None:
        """Forget all subjects but these: no route shows the prefix of another member any more.

        Problems of the other ones end, or are unknown while routes of sessions of their peering
        are.

        Args:
            time: the time.
            subjects: all subjects that there are.
        """
        self._clock.advance(time)
        for key in [each for each in self._records if each not in subjects]:
            self._forget(key, self._records[key])

    def _forget(self, key: SubjectKey, record: TrackedSubject) -> None:
        record.reading = NOTHING
        self._states.forget(key)
        blind = self._blind_session_of(key.owner)
        for tracked in [*record.tracked.values()]:
            if self._tracker.index.get(tracked.key) is tracked:
                if blind:
                    self._tracker.hide(tracked, f"not all routes of {blind} are known")
                elif tracked.is_shown or tracked.unknown:
                    self._tracker.end(tracked, Resolution.GONE)
            if self._tracker.index.get(tracked.key) is not tracked:
                del record.tracked[tracked.key]
        self._absent[key] = None
        if not record.tracked:
            del self._records[key], self._absent[key]

    # -- what settles

    def settle(self, time: int, *, is_whole: bool = True) -> Changes:
        """Return what has held for its time: transitions, alerts and notices.

        Args:
            time: the time.
            is_whole: whether the results of all subjects are those of now.
        """
        self._clock.advance(time)
        transitions = self._states.settle(is_whole=is_whole)
        for each in transitions:
            if each.kind is TransitionKind.SESSION:
                self._assess_all(each.session)  # it is not restarting any more
        self._tracker.settle()
        alerts, notices = self._alerts.flush(self._tracker.is_silent)
        return Changes(tuple(alerts), tuple(notices), tuple(transitions))

    def next_time(self) -> int | None:
        """Return when `settle` may return something without further results; None for never."""
        dues = (self._tracker.next_due(), self._states.next_due(), self._alerts.next_due())
        due = min((each for each in dues if each is not None), default=None)
        return None if due is None else self._clock.wall_at(due)

    def open_alerts(self) -> tuple[Alert, ...]:
        """Return the open alerts: errors first, then the oldest first."""
        found = (each.now(self._clock.wall) for each in self._alerts.all())
        return tuple(
            sorted(
                (each for each in found if each is not None),
                key=lambda each: (each.severity.rank, each.opened),
            )
        )

    def last_resolved(self, count: int = 50) -> tuple[Alert, ...]:
        """Return the alerts that were resolved last, the newest first."""
        return tuple(self._alerts.resolved)[:count]

    def last_transitions(self, count: int = 50) -> tuple[Transition, ...]:
        """Return the last transitions, the newest first."""
        return tuple(self._states.last)[:count]

    # -- parts

    def _assess(self, record: TrackedSubject, tracked: TrackedProblem) -> None:
        """Find out whether a problem that is not shown any more is over."""
        key = tracked.key
        if self._tracker.index.get(key) is not tracked:
            record.tracked.pop(key, None)
            return
        ending = record.reading.ending(key, tracked.missing)
        is_on_other = key.session and key.session not in record.reading.missing
        if is_on_other and self._is_blind(key.session) and ending is Resolution.WITHDRAWN:
            ending = f"not all routes of {key.session} are known"
        if ending is Resolution.WITHDRAWN and self._states.may_restart(key.session):
            ending = f"{key.session} may be restarting"
        if isinstance(ending, Resolution):
            self._tracker.end(tracked, ending)
            if self._tracker.index.get(key) is not tracked:
                record.tracked.pop(key, None)
        else:
            self._tracker.hide(tracked, ending)

    def _assess_all(self, session: str) -> None:
        """Assess the problems on a session again: what is known of it has changed."""
        for tracked in self._tracker.index.on_session(session):
            record = None if tracked.subject is None else self._records.get(tracked.subject)
            is_read = record is not None and record.reading is not NOTHING
            if record is not None and is_read and tracked.key not in record.reading.problems:
                self._assess(record, tracked)
        for key in [*self._absent]:
            self._forget(key, self._records[key])

    def _see(self, session: str, *, is_blind: bool) -> None:
        if is_blind is (session in self._blind):
            return
        if is_blind:
            self._blind.add(session)
        else:
            self._blind.discard(session)
        self._assess_all(session)

    def _is_blind(self, session: str) -> bool:
        return session in self._blind or self._up.get(session, True) is None

    def _blind_session_of(self, peering: str) -> str:
        """Return the id of a session of a peering whose routes are not all known; or nothing."""
        sessions = (each.id for each in self._sessions.values() if each.peering.name == peering)
        return next(
            (each for each in sessions if self._is_blind(each) or self._states.may_restart(each)),
            "",
        )

    def _restart_missing(self, session: str) -> None:
        """Let what is missing on a session hold again: the session is up again."""
        for tracked in self._tracker.index.on_session(session):
            if tracked.key.rule in MISSING:
                self._tracker.restart(tracked, self._clock.now)

    def _times_of(self, peering: str) -> HoldTimes:
        return self._times.get(peering) or HoldTimes()

    def _feed_times(self) -> HoldTimes:
        """Return the times of feeds, which belong to no peering: the longest of all."""
        return max(self._times.values(), key=lambda each: each.restart, default=HoldTimes())

    def _reading_of(self, subject: SubjectKey | None) -> SubjectProblems:
        record = None if subject is None else self._records.get(subject)
        return NOTHING if record is None else record.reading
