"""Which feeds and routers are silent."""

from __future__ import annotations

from typing import Any, Final

import pytest

from peerlint.events import (
    Announce,
    EndOfRib,
    Event,
    FeedBack,
    FeedLost,
    Gap,
    Heartbeat,
    SessionDown,
    SessionUp,
    Statistics,
    TableRef,
)
from peerlint.model import Route
from peerlint.model.times import parse_time, to_microseconds
from peerlint.monitor import FeedTables, KeptRoutes
from peerlint.monitor.signs_of_life import SignsOfLife
from peerlint.observations import RibArgument
from peerlint.testing.notation import scenario
from peerlint.wire.bmp import Statistic

SECOND: Final = 1_000_000
START: Final = to_microseconds(parse_time("2026-11-21T10:00:00Z"))
MIN_SILENCE: Final = 300
ONE: Final = TableRef("192.0.2.1", 8075)
OTHER: Final = TableRef("192.0.2.5", 8075)
ROUTE: Final = Route.parse("203.0.113.0/24 path 64500")


def event(second: int, text: str) -> Event:
    """Return an event at a second, of the text `KIND [ROUTER] [other]`; `other` is another peer."""
    kind, *rest = text.split()
    place: dict[str, Any] = {
        "feed": "live",
        "router": rest[0] if rest else None,
        "time": START + second * SECOND,
    }
    where = place | {"table": OTHER if "other" in rest else ONE}
    about_peers: dict[str, Event] = (
        {
            "report": Statistics(**where, statistics=[Statistic(7, 1)]),
            "up": SessionUp(**where),
            "down": SessionDown(**where),
            "route": Announce(**where, route=ROUTE),
            "complete": EndOfRib(**where),
        }
        if rest
        else {}
    )
    about_all: dict[str, Event] = {
        "beat": Heartbeat(**place, interval=30 * SECOND),
        "gap": Gap(**place, reason="r"),
        "lost": FeedLost(**place, reason="r"),
        "back": FeedBack(**place),
    }
    return (about_peers | about_all)[kind]


def silent(rows: dict[int, str], second: int) -> set[str]:
    """Return what is silent after some events: routers, and "*" for the whole feed."""
    signs = SignsOfLife(MIN_SILENCE * SECOND)
    for each, text in rows.items():
        signs.add(event(each, text))
    found = signs.silent(START + second * SECOND)
    assert all(feed == "live" for feed, _ in found)
    return {router or "*" for _, router in found}


@pytest.mark.parametrize(
    ("rows", "second", "expected"),
    [
        # a feed that never gives signs is never silent
        ({}, 10**6, set()),
        ({0: "up edge1", 1: "route edge1", 2: "complete edge1"}, 10**6, set()),
        ({0: "gap"}, 10**6, set()),
        # two reports about one peer are needed, since one says no interval
        ({0: "up edge1", 60: "report edge1"}, 10**6, set()),
        ({60: "report edge1", 61: "report edge1 other"}, 10**6, set()),
        ({60: "report edge1", 120: "report edge1"}, 120 + MIN_SILENCE - 1, set()),
        ({60: "report edge1", 120: "report edge1"}, 120 + MIN_SILENCE, {"edge1"}),
        # any event is a sign of life
        ({60: "report edge1", 120: "report edge1", 400: "route edge1"}, 699, set()),
        ({60: "report edge1", 120: "report edge1", 400: "route edge1"}, 700, {"edge1"}),
        ({60: "report edge1", 120: "report edge1", 400: "gap edge1"}, 699, set()),
        # three intervals, if they are longer; the longest one counts
        ({0: "report edge1", 900: "report edge1"}, 900 + 2699, set()),
        ({0: "report edge1", 900: "report edge1"}, 900 + 2700, {"edge1"}),
        ({0: "report edge1", 900: "report edge1", 901: "report edge1"}, 901 + 2699, set()),
        # reports of another peer do not count, unless the first peer's session is down
        (
            {0: "report edge1", 1: "report edge1 other", 60: "report edge1"},
            60 + MIN_SILENCE,
            {"edge1"},
        ),
        (
            {0: "report edge1", 1: "down edge1", 60: "report edge1 other"},
            10**6,
            set(),
        ),
        (
            {0: "report edge1", 1: "down edge1 other", 60: "report edge1"},
            10**6,
            {"edge1"},
        ),
        # one router is silent, the other one is not
        (
            {
                0: "report edge1",
                60: "report edge1",
                70: "report edge2",
                130: "report edge2",
                350: "route edge2",
            },
            400,
            {"edge1"},
        ),
        # what is lost is not silent, and what comes back begins anew
        ({60: "report edge1", 120: "report edge1", 130: "lost edge1"}, 10**6, set()),
        ({60: "report edge1", 120: "report edge1", 130: "lost"}, 10**6, set()),
        (
            {60: "report edge1", 120: "report edge1", 130: "lost edge2"},
            10**6,
            {"edge1"},
        ),
        (
            {
                60: "report edge1",
                120: "report edge1",
                130: "back edge1",
                180: "report edge1",
            },
            10**6,
            set(),
        ),
        (
            {
                60: "report edge1",
                120: "report edge1",
                130: "back",
                180: "report edge1",
                240: "report edge1",
            },
            10**6,
            {"edge1"},
        ),
        # a heartbeat says its interval itself; events of routers are signs of their feed
        ({0: "beat"}, MIN_SILENCE - 1, set()),
        ({0: "beat"}, MIN_SILENCE, {"*"}),
        ({0: "beat", 200: "route rrc00"}, 499, set()),
        ({0: "beat", 200: "route rrc00"}, 500, {"*"}),
        ({0: "beat edge1"}, MIN_SILENCE, {"edge1"}),
        ({0: "beat", 30: "lost"}, 10**6, set()),
        ({0: "beat", 30: "lost", 40: "back"}, 10**6, set()),
        # clocks that go back change nothing
        ({60: "report edge1", 120: "report edge1", 119: "route edge1"}, 420, {"edge1"}),
        ({60: "report edge1", 120: "report edge1"}, 0, set()),
    ],
)
def test_silence(rows: dict[int, str], second: int, expected: set[str]) -> None:
    """Silent is what gave signs of life regularly, and gives none for long enough."""
    assert expected == silent(rows, second)


def test_reasons() -> None:
    """The reason says since when and what was expected, and stays the same."""
    signs = SignsOfLife(MIN_SILENCE * SECOND)
    for each in (60, 120):
        signs.add(event(each, "report edge1"))
    signs.add(event(150, "beat"))

    found = {signs.silent(START + each * SECOND)["live", "edge1"] for each in (420, 600)}

    assert {
        "nothing came since 2026-11-21 10:02 UTC, though a sign of life comes every 1m"
    } == found
    assert (
        "nothing came since 2026-11-21 10:02:30 UTC, though a sign of life comes every 30s"
        == signs.silent(START + 600 * SECOND)["live", None]
    )


def test_next_time() -> None:
    """The next time is when the first one that gives signs would be silent."""
    signs = SignsOfLife(MIN_SILENCE * SECOND)
    assert signs.next_time(START) is None
    for second, row in ((0, "route edge2"), (60, "report edge1"), (120, "report edge1")):
        signs.add(event(second, row))
    signs.add(event(150, "beat"))

    found = [signs.next_time(START + second * SECOND) for second in (150, 420, 450)]

    assert [START + 420 * SECOND, START + 450 * SECOND, None] == found


def test_a_heartbeat_changes_no_table() -> None:
    """A heartbeat is no event of a router's tables: it only shows that time has passed."""
    inventory = scenario("").inventory
    tables = FeedTables(inventory, KeptRoutes(None, frozenset()), RibArgument)
    tables.add(event(0, "beat edge1"))

    assert {} == tables.routers
    assert START == tables.synchronisation.time
