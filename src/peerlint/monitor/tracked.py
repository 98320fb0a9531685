"""Problems that are tracked: what is known of each now, and the alert that it belongs to."""

from __future__ import annotations

from collections.abc import Hashable
from typing import TYPE_CHECKING, Final

import attrs

from peerlint.engine.prepare import SubjectKey
from peerlint.monitor.alerts import Resolution
from peerlint.monitor.hold_times import HoldTimes
from peerlint.monitor.problem_keys import ProblemKey
from peerlint.monitor.problems import NOTHING, Problem, Reading
from peerlint.results import Severity

if TYPE_CHECKING:
    from peerlint.monitor.alert_book import OpenAlert

#: Why the problems of an alert are unknown after a restart.
NOT_SHOWN: Final = "nothing has shown it since the restart"


@attrs.define(eq=False)
class Tracked:
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
class SubjectRecord:
    """What is known of a subject.

    Attributes:
        key: the subject.
        times: the hold times of its peering.
        reading: what its last result says of problems.
        tracked: its problems.
    """

    key: SubjectKey
    times: HoldTimes
    reading: Reading = NOTHING
    tracked: dict[ProblemKey, Tracked] = attrs.Factory(dict)
