"""Real daemons accept sessions whose octets come from peerlint's encoders, and list the routes."""

from __future__ import annotations

from contextlib import ExitStack

import pytest
from daemon import wait_until
from daemons.birdd import RecordingBird
from daemons.frrd import RecordingFrr
from daemons.gobgpdd import RecordingGobgp
from daemons.heard import Heard, heard_by_bird, heard_by_frr, heard_by_gobgp, sent
from daemons.recording import Recorder, Recording

pytestmark = pytest.mark.lab

_ROUTES_SECONDS = 10.0
#: Only FRR shows the path identifiers that it received.
_SHOWS_PATH_IDS = {"frr"}


def _place(route: Heard) -> tuple[str, str, str]:
    return route.neighbor, route.prefix, str(route.path)


def _heard(daemon: Recorder, prefixes: set[str]) -> list[Heard]:
    match daemon:
        case RecordingFrr():
            routes = heard_by_frr(daemon, prefixes)
        case RecordingGobgp():
            routes = heard_by_gobgp(daemon)
        case RecordingBird():
            routes = heard_by_bird(daemon)
        case _:
            raise AssertionError(daemon)
    return sorted(routes, key=_place)


@pytest.mark.parametrize("name", ["bird", "frr", "gobgp"])
def test_daemon_has_the_routes_that_were_sent(
    name: str,
    daemons_available: None,  # noqa: ARG001  # skips
) -> None:
    """The daemon has every attribute of every current route, and no other route."""
    with ExitStack() as cleanup:
        recording = Recording(name, cleanup)
        recording.show()
        expected = sorted(
            (
                route
                for session in recording.sessions
                for route in sent(session, path_ids=name in _SHOWS_PATH_IDS)
            ),
            key=_place,
        )
        prefixes = {route.prefix for route in expected}

        wait_until(lambda: expected == _heard(recording.daemon, prefixes), _ROUTES_SECONDS)

        assert expected == _heard(recording.daemon, prefixes)
