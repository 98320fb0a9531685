"""The open alerts: which problems belong to each, and what the receivers are told."""

from __future__ import annotations

import heapq
from collections import Counter, deque
from collections.abc import Callable, Iterable
from typing import Final, cast

import attrs

from peerlint.monitor.alert_texts import AlertTexts
from peerlint.monitor.alerts import Alert, Cause, Notice, NoticeKind, Resolution
from peerlint.monitor.damping import SteadyClock
from peerlint.monitor.hold_times import HoldTimes
from peerlint.monitor.problem_keys import ProblemKey
from peerlint.monitor.tracked import Tracked
from peerlint.results import Severity

#: How often an alert that grows is described anew, and its receivers are told of changes.
DESCRIBED_EVERY: Final = 1_000_000
CHANGED_EVERY: Final = 60_000_000
#: The number of resolved alerts that are kept.
_KEPT: Final = 200


@attrs.define(eq=False)
class OpenAlert:
    """An open alert.

    Attributes:
        id: its id.
        cause: what it is about.
        opened: when it was opened, in microseconds since 1970.
        first_seen: when the first of its problems began.
        last_seen: when one of its problems was last known to be there.
        times: the hold times of its peering.
        members: its problems.
        severities: the number of its problems by severity.
        unknown: the number of its problems of which it is not known whether they are there.
        ended: the number of its problems that are not there, but have not been fine long enough.
        content: changes with the set of its problems.
        number: the number of its last notice.
        noticed: when that was, in steady time.
        told: severity, content and reason in that notice.
        described: the description that was made last; None before the first one.
        described_at: when that was, in steady time.
        is_stale: whether it has changed since.
        ending: how the last of its problems ended.
        events: the names of Microsoft's events that it has had.
        is_left: whether problems were left when it was resolved.
    """

    id: str
    cause: Cause
    opened: int
    first_seen: int
    last_seen: int
    times: HoldTimes
    members: dict[ProblemKey, Tracked] = attrs.Factory(dict)
    severities: Counter[Severity] = attrs.Factory(Counter)
    unknown: int = 0
    ended: int = 0
    content: int = 0
    number: int = 0
    noticed: int = 0
    told: tuple[Severity, int, str] | None = None
    described: Alert | None = None
    described_at: int = 0
    is_stale: bool = True
    ending: Resolution = Resolution.COMPLIES
    events: set[str] = attrs.Factory(set)
    is_left: bool = False

    @property
    def severity(self) -> Severity:
        """The worst severity of its problems."""
        return min((each for each, count in self.severities.items() if count), key=_rank)

    def add(self, tracked: Tracked) -> None:
        """Add a problem."""
        tracked.alert = self
        self.members[tracked.key] = tracked
        self.content ^= hash(tracked.key)
        self.first_seen = min(self.first_seen, tracked.first_seen)
        self._count(tracked, 1)

    def remove(self, tracked: Tracked) -> None:
        """Remove a problem."""
        self._count(tracked, -1)
        del self.members[tracked.key]
        self.content ^= hash(tracked.key)
        tracked.alert = None

    def _count(self, tracked: Tracked, change: int) -> None:
        self.severities[tracked.severity] += change
        self.unknown += change * bool(tracked.unknown)
        self.ended += change * (not tracked.is_there)


def _rank(severity: Severity) -> int:
    return severity.rank


class AlertBook:
    """The open alerts, at most one for each cause."""

    def __init__(self, clock: SteadyClock, texts: AlertTexts, new_id: Callable[[], str]) -> None:
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

    def open_alerts(self) -> Iterable[OpenAlert]:
        """Return the open alerts, the oldest first."""
        return self._by_cause.values()

    def restore(self, alert: OpenAlert) -> None:
        """Add an alert that was open before a restart."""
        self._by_cause[alert.cause] = alert
        self._push_repeat(alert)

    # -- what happens to problems

    def add(self, cause: Cause, problems: Iterable[Tracked]) -> OpenAlert:
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

    def remove(self, tracked: Tracked, ending: Resolution) -> None:
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
        tracked: Tracked,
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
            if alert.unknown + alert.ended < len(alert.members):
                alert.last_seen = self._clock.wall
            alert._count(tracked, -1)  # noqa: SLF001  # they are of one module
        tracked.is_there, tracked.unknown = is_there, unknown
        tracked.severity = severity or tracked.severity
        if alert is not None:
            alert._count(tracked, 1)  # noqa: SLF001
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
        if alert.unknown + alert.ended < len(alert.members):
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
