"""Short ways to make alerts, notices and transitions."""

from __future__ import annotations

from typing import Final

import attrs

from peerlint.monitor.alerts import Affected, Alert, Cause, Notice, NoticeKind, Resolution
from peerlint.monitor.transitions import Transition, TransitionKind
from peerlint.results import Severity

SECOND: Final = 1_000_000
DAY: Final = 24 * 3600 * SECOND
#: 2026-11-30 12:00:00 UTC.
NOON: Final = 1_796_040_000 * SECOND


def alert(
    name: str = "a", *, opened: int = NOON, session: str = "ams-1", severity: str = "error"
) -> Alert:
    """Return an open alert with an id."""
    return Alert(
        id=name,
        cause=Cause("session.down", "contoso", session),
        severity=Severity(severity),
        title=f"{session} is down",
        reason="the router closed the session",
        fix="look at the router's log",
        portal=("Session is down",),
        affected=(Affected("203.0.113.0/24", session),),
        first_seen=opened,
        opened=opened,
        last_seen=opened,
        link=f"#alert-{name}",
    )


def resolved(given: Alert, time: int | None = None) -> Alert:
    """Return an alert as it is when it is resolved, a minute after it was opened."""
    return attrs.evolve(
        given,
        resolved=given.opened + 60 * SECOND if time is None else time,
        resolution=Resolution.SESSION_UP,
    )


def opening(given: Alert) -> Notice:
    """Return the first notice of an alert."""
    return Notice(1, NoticeKind.OPENED, given.opened, given)


def resolving(given: Alert, number: int = 2) -> Notice:
    """Return the last notice of an alert, which has the alert resolved."""
    end = given if given.resolved is not None else resolved(given)
    assert end.resolved is not None
    return Notice(number, NoticeKind.RESOLVED, end.resolved, end)


def transition(time: int = NOON, after: str = "missing") -> Transition:
    """Return a transition of a prefix on a session."""
    return Transition(time, TransitionKind.CELL, "ok", after, "contoso", "203.0.113.0/24", "ams-1")
