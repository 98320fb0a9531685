"""Notices of alerts as lines for people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from peerlint.model.times import from_microseconds, rfc3339_text

if TYPE_CHECKING:
    from peerlint.monitor.alerts import Alert, Notice

_MICROSECONDS: Final = 1_000_000


def notice_text(notice: Notice) -> str:
    """Return a notice as one line: when, what happened, how bad it is, and what it is about.

    Args:
        notice: the notice.
    """
    alert = notice.alert
    parts = [f"{_time(notice.time)} {notice.kind}: {alert.severity}: {alert.title}"]
    if alert.resolved is not None and alert.resolution is not None:
        parts.append(f"{alert.resolution.value}, after {_duration(alert)}")
    elif alert.reason:
        parts.append(alert.reason)
    return "; ".join(parts) + f" [{alert.id}]"


def _time(microseconds: int) -> str:
    return rfc3339_text(from_microseconds(microseconds).replace(microsecond=0))


def _duration(alert: Alert) -> str:
    """Return how long an alert was open, from its first sign on."""
    end = alert.opened if alert.resolved is None else alert.resolved
    seconds = max(0, end - alert.first_seen) // _MICROSECONDS
    hours, minutes = seconds // 3600, seconds // 60 % 60
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {seconds % 60} s" if minutes else f"{seconds} s"
