"""Save open alerts for another process, and restore them: unknown until something shows them."""

from __future__ import annotations

from peerlint.monitor.damping import SteadyTime
from peerlint.monitor.open_alerts import OpenAlerts
from peerlint.monitor.saved_alerts import SavedAlert, SavedProblem, SavedState
from peerlint.monitor.tracked_problem import NOT_SHOWN, OpenAlert, TrackedProblem
from peerlint.monitor.unstable_problems import UnstableProblems
from peerlint.profiles.hold_times import HoldTimes

#: The most resolved alerts that are saved.
_RESOLVED = 50


def saved_state(clock: SteadyTime, alerts: OpenAlerts, unstable: UnstableProblems) -> SavedState:
    """Return what another process needs to go on with the open alerts."""
    return SavedState(
        clock.wall,
        clock.now,
        tuple(
            SavedAlert(
                each.described,
                each.number,
                each.noticed,
                each.is_told,
                tuple(sorted(each.events)),
                tuple(map(_saved_problem, each.members.values())),
            )
            for each in alerts.all()
            if each.described is not None
        ),
        unstable.saved(),
        tuple(alerts.resolved)[:_RESOLVED],
    )


def restored(alerts: OpenAlerts, saved: SavedAlert, times: HoldTimes) -> tuple[TrackedProblem, ...]:
    """Add a saved alert to the open ones, and return its problems.

    Whether they are still there is not known until something shows it.

    Args:
        alerts: the open alerts.
        saved: the alert.
        times: the hold times of its peering.
    """
    described = saved.alert
    alert = OpenAlert(
        described.id,
        described.cause,
        described.opened,
        described.first_seen,
        described.last_seen,
        times,
        number=saved.number,
        noticed=saved.noticed,
        described=described,
        events=set(saved.events),
    )
    members = tuple(
        TrackedProblem(
            each.key,
            each.subject,
            times,
            each.severity,
            each.first_seen,
            is_there=each.is_there,
            unknown=NOT_SHOWN,
            is_flapping=each.is_flapping,
        )
        for each in saved.problems
    )
    for each in members:
        alert.add(each)
    content = alert.content if saved.is_told else ~alert.content
    alert.told = (alert.severity, content, described.reason)
    alerts.restore(alert)
    return members


def _saved_problem(tracked: TrackedProblem) -> SavedProblem:
    return SavedProblem(
        tracked.key,
        tracked.subject,
        tracked.severity,
        tracked.first_seen,
        tracked.is_there,
        tracked.is_flapping,
    )
