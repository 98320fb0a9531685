"""What FRRouting and GoBGP say by BMP of a neighbor that restarts gracefully (RFC 4724)."""

from __future__ import annotations

from contextlib import ExitStack
from itertools import dropwhile
from typing import Final

import pytest
from daemon import wait_until
from daemons.peers import PLAIN, RESTARTING
from daemons.recording import RESTART_HELPERS, Recording

from peerlint.events import Event, Gap, SessionDown, SessionUp
from peerlint.feeds.bmp import RouterStream
from peerlint.monitor.graceful_restart import graceful_hold

pytestmark = pytest.mark.lab

_SECONDS: Final = 60
_HELD: Final = 120_000_000


def sessions(octets: bytes) -> list[SessionUp | SessionDown]:
    """Return how the neighbor's session came up and went down; nothing is missed.

    FRRouting also says that it is down before it is up for the first time.
    """
    events: list[Event] = list(RouterStream("192.0.2.1").feed(octets, 0))
    assert not [each for each in events if isinstance(each, Gap)]
    found = [each for each in events if isinstance(each, SessionUp | SessionDown)]
    return list(dropwhile(lambda each: isinstance(each, SessionDown), found))


def holds(events: list[SessionUp | SessionDown]) -> list[int | None]:
    """Return how long each end of a session is waited for."""
    found: list[int | None] = []
    up = None
    for each in events:
        if isinstance(each, SessionUp):
            up = each
        else:
            found.append(graceful_hold(up, each))
    return found


@pytest.mark.parametrize("name", RESTART_HELPERS)
@pytest.mark.usefixtures("bmp_daemons_available")
def test_restarts(name: str) -> None:
    """A lost connection may be a restart; without an agreement, or shut down, it is an end."""
    with ExitStack() as cleanup:
        recording = Recording(name, cleanup, bmp=True, programs=RESTART_HELPERS)
        recording.connect(RESTARTING).drop()
        _wait_for_ends(recording, 1)
        recording.connect(RESTARTING).close(6, 2)  # Administrative Shutdown
        _wait_for_ends(recording, 2)
        recording.connect(PLAIN).drop()
        _wait_for_ends(recording, 3)
        octets = recording.octets()

    found = sessions(octets)

    assert [120, 120, None] == [each.restart_time for each in found if isinstance(each, SessionUp)]
    assert [_HELD, None, None] == holds(found)


def _wait_for_ends(recording: Recording, number: int) -> None:
    def have_come() -> bool:
        found = [each for each in sessions(recording.octets()) if isinstance(each, SessionDown)]
        return len(found) >= number

    assert wait_until(have_come, _SECONDS), f"no end of session {number}"
