"""Problems that are tracked, and the open alerts that they belong to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable
from typing import Final

import attrs

from peerlint.engine.prepare import SubjectKey
from peerlint.monitor.alerts import Alert, Cause, Resolution
from peerlint.monitor.problem_keys import ProblemKey
from peerlint.monitor.problems import NOTHING, Problem, SubjectProblems
from peerlint.profiles.hold_times import HoldTimes
from peerlint.results import Severity

#: Why the problems of an alert are unknown after a restart.
NOT_SHOWN: Final = "nothing has shown it since the restart"


@attrs.define(eq=False)
class TrackedProblem:
    """A problem that is there, or that an alert is about.

    Attributes:
        key: what it is about.
        subject: the subject whose results show it; None for a session or feed.
        times: the hold times of its peering.
        severity: error or warning, as last shown.
        problem: the problem as last shown; None if nothing has shown it since a restart.
        first_seen: when it began, in microseconds since 1970.
        is_there: whether it was there when it was last known.
        unknown: why it is not known whether it is there; empty if it is known.
        ending: how it ended, if it is not there.
        missing: the sessions on which its prefix was missing when it was last shown.
        alert: the open alert that it belongs to; None if it has not settled.
        waits_for: what has to happen before it may raise an alert; None for nothing.
        is_flapping: whether it belongs to an alert about flapping.
    """

    key: ProblemKey
    subject: SubjectKey | None
    times: HoldTimes
    severity: Severity
    first_seen: int
    problem: Problem | None = None
    is_there: bool = True
    unknown: str = ""
    ending: Resolution = Resolution.COMPLIES
    missing: frozenset[str] = frozenset()
    alert: OpenAlert | None = None
    waits_for: Hashable = None
    is_flapping: bool = False

    @property
    def is_shown(self) -> bool:
        """Whether it is known to be there now."""
        return self.is_there and not self.unknown


@attrs.define(eq=False)
class TrackedSubject:
    """What is known of a subject.

    Attributes:
        key: the subject.
        times: the hold times of its peering.
        reading: what its last result says of problems.
        tracked: its problems.
    """

    key: SubjectKey
    times: HoldTimes
    reading: SubjectProblems = NOTHING
    tracked: dict[ProblemKey, TrackedProblem] = attrs.Factory(dict)


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
    members: dict[ProblemKey, TrackedProblem] = attrs.Factory(dict)
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

    @property
    def is_told(self) -> bool:
        """Whether the receivers of alerts know its severity, problems and reason."""
        described = self.described
        reason = "" if described is None else described.reason
        return self.told == (self.severity, self.content, reason)

    @property
    def is_seen(self) -> bool:
        """Whether one of its problems is known to be there now."""
        return self.unknown + self.ended < len(self.members)

    def now(self, wall: int) -> Alert | None:
        """Return its description at a time; None if it was not described yet."""
        if self.described is None or self.unknown or not self.is_seen:
            return self.described
        return attrs.evolve(self.described, last_seen=max(wall, self.last_seen))

    def add(self, tracked: TrackedProblem) -> None:
        """Add a problem."""
        tracked.alert = self
        self.members[tracked.key] = tracked
        self.content ^= hash(tracked.key)
        self.first_seen = min(self.first_seen, tracked.first_seen)
        self.count(tracked, 1)

    def remove(self, tracked: TrackedProblem) -> None:
        """Remove a problem."""
        self.count(tracked, -1)
        del self.members[tracked.key]
        self.content ^= hash(tracked.key)
        tracked.alert = None

    def count(self, tracked: TrackedProblem, change: int) -> None:
        """Count what is known of a problem; a change of -1 before it changes, 1 after."""
        self.severities[tracked.severity] += change
        self.unknown += change * bool(tracked.unknown)
        self.ended += change * (not tracked.is_there)


def _rank(severity: Severity) -> int:
    return severity.rank
