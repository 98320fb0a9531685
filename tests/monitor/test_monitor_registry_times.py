"""Registry data and the clock: what expires counts no more, however much there is to do."""

from __future__ import annotations

from typing import Any, Final

import attrs
import pytest
from tests.monitor.test_monitor_registry import OWN, ROW, fresh, monitor_of, outcomes, shown_on
from tests.monitor.test_monitor_whole import SECOND, START, argument_of, setup

from peerlint.events import Announce, EndOfRib, TableRef
from peerlint.model import Route, View

INVALID: Final = "route.rpki-invalid"
#: Valid by one VRP, which expires ten minutes after the start; then another one contradicts it.
EXPIRING: Final = "203.0.113.0/24"
OTHERS: Final = ("198.51.100.0/24", "192.0.2.0/24")


@pytest.mark.parametrize("changing", [(), OTHERS[:1], OTHERS])
def test_a_vrp_expires_while_there_is_much_to_do(changing: tuple[str, ...]) -> None:
    """A VRP that expires is noticed although subjects wait to be evaluated all the time."""
    _, watched = setup("maps")
    monitor = monitor_of(attrs.evolve(watched, registry=fresh(ROW, OWN)))
    feed = monitor.add_feed("bmp", argument_of)
    peer = watched.inventory.sessions[0].declared.microsoft
    assert peer is not None
    table = TableRef(peer, 8075, View.SENT)
    where: dict[str, Any] = {"feed": "bmp", "router": "edge1", "table": table}

    def announce(prefix: str, time: int, path: str) -> None:
        route = Route.parse(prefix, path=path, communities="8075:8007")
        monitor.add(feed, Announce(**where, time=time, route=route))

    for each in (EXPIRING, *OTHERS):
        announce(each, START, "64500")
    monitor.add(feed, EndOfRib(**where, time=START))
    monitor.advance(START + 30 * SECOND)
    monitor.evaluate()
    monitor.evaluate()
    for step in range(1, 40):
        time = START + (30 + 20 * step) * SECOND
        for each in changing:
            announce(each, time, "64500 64500" if step % 2 else "64500")
        monitor.advance(time)
        monitor.evaluate(1)

    assert outcomes(monitor.report(), INVALID).get(EXPIRING) == "fail"


def test_the_clock_is_set_back() -> None:
    """A VRP that had expired by a wrong clock counts again."""
    _, watched = setup("maps")
    monitor = monitor_of(attrs.evolve(watched, registry=fresh(ROW, OWN)))
    shown_on(monitor, watched, EXPIRING)
    monitor.advance(START + 662 * SECOND)
    monitor.evaluate()
    assert outcomes(monitor.report(), INVALID)[EXPIRING] == "fail"

    for seconds in (60, 130):
        monitor.advance(START + seconds * SECOND)
        monitor.evaluate()

    assert EXPIRING not in outcomes(monitor.report(), INVALID)
