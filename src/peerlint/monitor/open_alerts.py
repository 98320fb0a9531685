"""The open alerts: which problems belong to each, and what the receivers are told."""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Callable, Iterable
from typing import Final, cast

from peerlint.monitor.alert_texts import AlertTexts
from peerlint.monitor.alerts import Alert, Cause, Notice, NoticeKind, Resolution
from peerlint.monitor.damping import SteadyTime
from peerlint.monitor.tracked_problem import OpenAlert, TrackedProblem
from peerlint.results import Severity

#: How often an alert that grows is described anew, and its receivers are told of changes.
DESCRIBED_EVERY: Final = 1_000_000
CHANGED_EVERY: Final = 60_000_000
#: The number of resolved alerts that are kept.
_KEPT: Final = 200


class OpenAlerts:
    """The open alerts, at most one for each cause."""

    def __init__(self, clock: SteadyTime, texts: AlertTexts, new_id: Callable[[], str]) -> None:
        """Start without alerts.

        Args:
            clock: the clock, which the owner advances.
            texts: what alerts say.
            new_id: returns an id that no alert has had.
        """
        self._clock = clock
        self.texts = texts
        self._new_id = new_id
        self._by_cause: dict[Cause, OpenAlert] = {}
        self._changed: dict[str, OpenAlert] = {}
        self._empty: list[OpenAlert] = []
        #: When open alerts are repeated, in steady time.
        self._repeats: list[tuple[int, int, OpenAlert]] = []
        self._pushed = 0
        self.resolved: deque[Alert] = deque(maxlen=_KEPT)

    def get(self, cause: Cause) -> OpenAlert | None:
        """Return the open alert of a cause; None if there is none."""
        return self._by_cause.get(cause)

    def all(self) -> Iterable[OpenAlert]:
        """Return all of them, the oldest first."""
        return self._by_cause.values()

    def restore(self, alert: OpenAlert) -> None:
        """Add an alert that was open before a restart."""
        self._by_cause[alert.cause] = alert
        self._touch(alert)
        self._push_repeat(alert)

    # -- what happens to problems

    def add(self, cause: Cause, problems: Iterable[TrackedProblem]) -> OpenAlert:
        """Add problems to the alert of a cause, which is opened if it is not open."""
        alert = self._by_cause.get(cause)
        for each in problems:
            if alert is None:
                wall = self._clock.wall
                alert = OpenAlert("", cause, wall, each.first_seen, wall, each.times)
                self._by_cause[cause] = alert
            alert.add(each)
        if alert is None:
            raise AssertionError("an alert has at least one problem")
        if not alert.id:
            alert.id = self._new_id()
        self._touch(alert)
        return alert

    def remove(self, tracked: TrackedProblem, ending: Resolution) -> None:
        """Remove a problem from its alert, which is resolved if it was the last one."""
        alert = tracked.alert
        if alert is None:
            return
        alert.remove(tracked)
        alert.ending = ending
        self._touch(alert)
        if not alert.members:
            del self._by_cause[alert.cause]
            self._empty.append(alert)

    def update(
        self,
        tracked: TrackedProblem,
        *,
        is_there: bool,
        unknown: str = "",
        severity: Severity | None = None,
    ) -> None:
        """Note what is known of a problem now.

        Args:
            tracked: the problem.
            is_there: whether it was there when it was last known.
            unknown: why it is not known whether it is there; empty if it is known.
            severity: its severity; None if it has not changed.
        """
        alert = tracked.alert
        if alert is not None:
            if alert.is_seen:
                alert.last_seen = self._clock.wall
            alert.count(tracked, -1)
        tracked.is_there, tracked.unknown = is_there, unknown
        tracked.severity = severity or tracked.severity
        if alert is not None:
            alert.count(tracked, 1)
            self._touch(alert)

    def _touch(self, alert: OpenAlert) -> None:
        alert.is_stale = True
        self._changed[alert.id] = alert

    # -- what is told of alerts

    def flush(self, is_silent: Callable[[OpenAlert], bool]) -> tuple[list[Alert], list[Notice]]:
        """Return the alerts that are new or changed, and the notices.

        Args:
            is_silent: whether an alert is not to be repeated now.
        """
        alerts: list[Alert] = []
        notices: list[Notice] = []
        for alert in self._empty:
            self._changed.pop(alert.id, None)
            if alert.described is not None:
                self._tell(alert, NoticeKind.RESOLVED, self._resolve(alert), notices)
                alerts.append(notices[-1].alert)
        self._empty.clear()
        now = self._clock.now
        for alert in [*self._changed.values()]:
            if now < self._due(alert):
                continue
            if alert.is_stale or alert.described is None:
                alerts.append(self._describe(alert))
            described = cast("Alert", alert.described)
            told = (alert.severity, alert.content, described.reason)
            if alert.told is None:
                self._tell(alert, NoticeKind.OPENED, described, notices)
                self._push_repeat(alert)
            elif alert.told == told:
                del self._changed[alert.id]
            elif now >= alert.noticed + CHANGED_EVERY:
                self._tell(alert, NoticeKind.CHANGED, described, notices)
        self._repeat(is_silent, alerts, notices)
        return alerts, notices

    def next_due(self) -> int | None:
        """Return when something is to be told, in steady time; None if nothing is."""
        dues = [self._due(each) for each in self._changed.values()]
        while self._repeats and not self._is_repeat(*self._repeats[0]):
            heapq.heappop(self._repeats)
        if self._repeats:
            dues.append(self._repeats[0][0])
        return min(dues, default=None)

    def _due(self, alert: OpenAlert) -> int:
        """Return when a changed alert is described."""
        if alert.described is None:
            return self._clock.now
        if alert.is_stale:
            return alert.described_at + DESCRIBED_EVERY
        return alert.noticed + CHANGED_EVERY

    def _repeat(
        self,
        is_silent: Callable[[OpenAlert], bool],
        alerts: list[Alert],
        notices: list[Notice],
    ) -> None:
        now = self._clock.now
        while self._repeats and self._repeats[0][0] <= now:
            entry = heapq.heappop(self._repeats)
            alert = entry[2]
            if not self._is_repeat(*entry):
                continue
            if is_silent(alert):
                alert.noticed = now  # at the next interval
            else:
                alerts.append(self._describe(alert))
                self._tell(alert, NoticeKind.REPEATED, alerts[-1], notices)
            self._push_repeat(alert)

    def _is_repeat(self, due: int, _: int, alert: OpenAlert) -> bool:
        """Whether an entry is of an open alert that was not repeated otherwise meanwhile."""
        return (
            self._by_cause.get(alert.cause) is alert and due == alert.noticed + alert.times.repeat
        )

    def _push_repeat(self, alert: OpenAlert) -> None:
        if alert.times.repeat > 0:
            due = alert.noticed + alert.times.repeat
            self._pushed += 1
            heapq.heappush(self._repeats, (due, self._pushed, alert))

    def _tell(
        self, alert: OpenAlert, kind: NoticeKind, described: Alert, notices: list[Notice]
    ) -> None:
        alert.number += 1
        alert.noticed = self._clock.now
        if kind is not NoticeKind.RESOLVED:
            alert.told = (alert.severity, alert.content, described.reason)
            self._changed.pop(alert.id, None)
            if kind is NoticeKind.CHANGED:
                self._push_repeat(alert)
        notices.append(Notice(alert.number, kind, self._clock.wall, described))

    def _describe(self, alert: OpenAlert) -> Alert:
        if alert.is_seen:
            alert.last_seen = self._clock.wall
        alert.described_at, alert.is_stale = self._clock.now, False
        alert.described = self.texts.described(alert)
        return alert.described

    def _resolve(self, alert: OpenAlert) -> Alert:
        if alert.described is None:
            raise AssertionError("an alert that was not described is not resolved")
        found = self.texts.resolved(alert, alert.described, self._clock.wall)
        self.resolved.appendleft(found)
        return found
