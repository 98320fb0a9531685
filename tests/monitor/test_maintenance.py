"""Which maintenance window covers a problem."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

import attrs
import pytest

from peerlint.inventory import Connection, Inventory, MaintenanceWindow, Peering, Session
from peerlint.model import Asn
from peerlint.model.times import to_microseconds
from peerlint.monitor.maintenance import MaintenanceWindows
from peerlint.monitor.problem_keys import FEED_SILENT, SESSION_DOWN, ProblemKey

START: Final = datetime(2026, 11, 21, 22, tzinfo=UTC)
UNTIL: Final = START + timedelta(hours=4)
NOW: Final = to_microseconds(START)
HOUR: Final = 3_600_000_000
PREFIX: Final = "203.0.113.0/24"
INVENTORY: Final = Inventory(
    (
        Peering(
            "contoso-ams",
            "maps",
            Asn(64500),
            connections=(
                Connection("ams-1", "edge1.ams", sessions=(Session(), Session())),
                Connection("ams-2", sessions=(Session(),)),
            ),
        ),
    )
)
CELL: Final = ProblemKey(
    "route.not-received", "contoso-ams", "ams-1", "ams-1/2", PREFIX
)  # fmt: skip


def windows(*scopes: str) -> MaintenanceWindows:
    """Return windows of one time with some scopes; the reason of each is its scope."""
    every = (MaintenanceWindow(each, START, UNTIL, each, "noc") for each in scopes)
    return MaintenanceWindows(attrs.evolve(INVENTORY, maintenance=tuple(every)))


@pytest.mark.parametrize(
    ("key", "covering", "others"),
    [
        (
            CELL,
            ("contoso-ams", "ams-1", "ams-1/2", "edge1.ams", PREFIX, "*"),
            ("ams-2", "198.51.100.0/24"),
        ),
        # a session that is down: its connection, router and peering are those of the inventory
        (
            ProblemKey(SESSION_DOWN, session="ams-1/2"),
            ("contoso-ams", "ams-1", "ams-1/2", "edge1.ams", "*"),
            ("ams-2", PREFIX),
        ),
        (
            ProblemKey("topology.lacp", "contoso-ams", "ams-1"),
            ("contoso-ams", "ams-1", "edge1.ams", "*"),
            ("ams-1/2", "ams-2"),
        ),
        # a whole peering is more than one of its routers
        (
            ProblemKey("topology.local-redundancy", "contoso-ams"),
            ("contoso-ams", "*"),
            ("ams-1", "edge1.ams"),
        ),
        (ProblemKey(FEED_SILENT, about="bmp"), ("*",), ("contoso-ams", "edge1.ams", "bmp")),
        # what the inventory does not have any more
        (ProblemKey(SESSION_DOWN, session="gone"), ("gone", "*"), ("ams-1",)),
    ],
)
def test_scopes(key: ProblemKey, covering: tuple[str, ...], others: tuple[str, ...]) -> None:
    """A window covers problems of its scope and of everything inside of it."""
    for scope in covering:
        found = windows(scope).covering(key, NOW)
        assert found is not None, scope
        assert scope == found.reason
    assert windows(*others).covering(key, NOW) is None


def test_a_router_of_a_feed() -> None:
    """A router's window covers its silent feed: the caller names the router."""
    key = ProblemKey(FEED_SILENT, about="bmp")

    assert windows("edge1.ams").covering(key, NOW, router="edge1.ams") is not None
    assert windows("edge1.ams").covering(key, NOW, router="edge2.ams") is None


@pytest.mark.parametrize(
    ("time", "is_covered", "next_time"),
    [
        (NOW - 1, False, NOW),
        (NOW, True, NOW + 4 * HOUR),
        (NOW + 4 * HOUR - 1, True, NOW + 4 * HOUR),
        (NOW + 4 * HOUR, False, None),
    ],
)
def test_times(time: int, is_covered: bool, next_time: int | None) -> None:  # a row
    """A window covers problems from its start until before its end, and says when that changes."""
    found = windows("*")

    assert is_covered is (found.covering(CELL, time) is not None)
    assert next_time == found.next_time(time)


def test_the_second_window_of_a_scope() -> None:
    """Between two windows of one scope nothing is covered."""
    later = MaintenanceWindow(
        "ams-1", START + timedelta(days=1), UNTIL + timedelta(days=1), "2", ""
    )
    first = MaintenanceWindow("ams-1", START, UNTIL, "1", "noc")
    found = MaintenanceWindows(attrs.evolve(INVENTORY, maintenance=(later, first)))

    covering = [found.covering(CELL, NOW + hours * HOUR) for hours in (0, 4, 24, 28)]

    assert [first, None, later, None] == covering


def test_no_windows() -> None:
    """Without windows nothing is covered, and time changes nothing."""
    found = windows()

    assert (None, None) == (found.covering(CELL, NOW), found.next_time(NOW))
