"""The first numbers of the status page: alerts, sessions, feeds and prefixes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from xml.etree import ElementTree as ET

from peerlint.monitor.status import MonitorStatus
from peerlint.report.markup import element
from peerlint.results import Severity, State
from peerlint.service.page_tables import HEARD, feed_state, is_synchronised
from peerlint.service.sink_status import SinkStatus
from peerlint.wording import counted


def is_all_known(status: MonitorStatus) -> bool:
    """Return whether the absence of alerts means that nothing is wrong."""
    is_heard = all(feed_state(each) == HEARD for each in status.feeds)
    return bool(status.feeds) and is_heard and all(map(is_synchronised, status.sessions))


def tiles(
    status: MonitorStatus, states: Counter[State], deliveries: Iterable[SinkStatus]
) -> ET.Element:
    """Return the most important numbers, each a link to its section.

    Args:
        status: the status of the monitor.
        states: the number of prefixes by state.
        deliveries: what became of the notices, by receiver.
    """
    number = len(status.sessions)
    up = sum(each.is_up is True for each in status.sessions)
    known = sum(map(is_synchronised, status.sessions))
    down = any(each.is_up is False for each in status.sessions)
    heard = sum(feed_state(each) == HEARD for each in status.feeds)
    lost = any(each.is_lost for each in status.feeds)
    every = len(status.feeds)
    verified, prefixes = states[State.VERIFIED], states.total()
    failed = states[State.FAILED] + states[State.INVALID] > 0
    found = [
        _tile("alerts", f"{len(status.alerts):,}", _open_text(status), _of_alerts(status)),
        _tile("sessions", f"{up:,} of {number:,}", "sessions up", _colour(up, number, bad=down)),
        _tile(
            "sessions", f"{known:,} of {number:,}", "with all routes known", _colour(known, number)
        ),
        _tile("feeds", f"{heard:,} of {every:,}", "feeds heard", _colour(heard, every, bad=lost)),
        _tile(
            "report",
            f"{verified:,} of {prefixes:,}",
            "prefixes would be Verified",
            _colour(verified, prefixes, bad=failed),
        ),
    ]
    if failing := sum(bool(each.last_error) for each in deliveries):
        found.append(_tile("receivers", f"{failing:,}", "receivers of alerts fail", "bad"))
    return element("nav", *found, class_="tiles")


def _tile(section: str, number: str, text: str, colour: str) -> ET.Element:
    return element(
        "a",
        element("b", number),
        element("span", text),
        href=f"#{section}",
        class_=f"tile {colour}",
    )


def _open_text(status: MonitorStatus) -> str:
    errors = sum(each.severity is Severity.ERROR for each in status.alerts)
    noun = "open alert" if len(status.alerts) == 1 else "open alerts"
    return f"{noun}, {counted(errors, 'error')}" if errors else noun


def _of_alerts(status: MonitorStatus) -> str:
    if any(each.severity is Severity.ERROR for each in status.alerts):
        return "bad"
    if status.alerts:
        return "warn"
    return "ok" if is_all_known(status) else "open"


def _colour(number: int, every: int, *, bad: bool = False) -> str:
    if number == every:
        return "ok"
    return "bad" if bad else "open"
