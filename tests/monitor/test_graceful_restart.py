"""How long a session that is down may be in a graceful restart."""

from __future__ import annotations

from typing import Any, Final

import pytest

from peerlint.events import SessionDown, SessionUp, TableRef
from peerlint.monitor.feed_peers import FeedPeers
from peerlint.monitor.graceful_restart import graceful_hold
from peerlint.testing.notation import scenario

WHERE: Final[dict[str, Any]] = {
    "feed": "bmp",
    "router": "edge1",
    "table": TableRef("192.0.2.1", 8075),
    "time": 0,
}
SECOND: Final = 1_000_000


@pytest.mark.parametrize(
    ("restart_time", "is_possible", "expected"),
    [
        (120, True, 120 * SECOND),
        (600, True, 600 * SECOND),
        (601, True, 600 * SECOND),  # a peer may not hide for an hour that it is gone
        (4095, True, 600 * SECOND),
        (0, True, None),
        (None, True, None),
        (120, False, None),
    ],
)
def test_times(
    restart_time: int | None,
    is_possible: bool,  # a row
    expected: int | None,
) -> None:
    """It is the time that both sides agreed, ten minutes at most, if a restart may have begun."""
    up = SessionUp(**WHERE, restart_time=restart_time)
    down = SessionDown(**WHERE, is_restart_possible=is_possible)

    assert expected == graceful_hold(up, down)


def test_the_first_end_counts() -> None:
    """A session that is down does not go down again: further ends are failed attempts."""
    text = "peering contoso-ams maps 64500 Amsterdam\nsession ams-1 edge1"
    inventory = scenario(text).inventory
    (declared,) = (each.declared for each in inventory.sessions)
    peers = FeedPeers(inventory)
    session = {**WHERE, "table": TableRef(declared.microsoft, 8075)}
    peers.add(SessionUp(**session))
    peers.add(SessionDown(**session, reason="notification", is_restart_possible=False))
    peers.add(SessionDown(**session, reason="no data"))

    assert [False] == [
        each.down.is_restart_possible for each in peers.claims("bmp", "edge1") if each.down
    ]


def test_an_unknown_start() -> None:
    """If no feed said the start of the session, nothing is known of an agreement."""
    assert graceful_hold(None, SessionDown(**WHERE)) is None
