"""`peerlint watch --rtr` as a program: what the cache changes is seen at once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Final

import pytest
from tests.cli.doubles.watching import Watching, wait_for, watching_in
from tests.cli.test_watch_registry import BothSessions
from tests.feeds.rtr.stayrtr import StayRtr, free_port, skip_without_stayrtr, write_json
from tests.registry.rtr.rtr_cache import vrp

from peerlint.cli import main as program
from peerlint.cli.exits import Exit

INVALID: Final = "route.rpki-invalid"


@pytest.fixture(name="watching")
def _watching(tmp_path: Path) -> Iterator[Watching]:
    """Yield a watch whose two sessions are those of one router."""
    with watching_in(tmp_path) as found:
        text = found.inventory.read_text()
        found.inventory.write_text(text.replace("edge2.ams", "edge1.ams"))
        yield found


@pytest.mark.slow
def test_a_cache_that_changes(watching: Watching, tmp_path: Path) -> None:
    """With the ROA of another AS an alert opens, and with the own one it resolves."""
    skip_without_stayrtr()
    good, bad = [vrp("203.0.113.0/24 64500")], [vrp("203.0.113.0/24 64501")]
    file = tmp_path / "vrps.json"
    write_json(file, good)
    port = free_port()
    watching.words = ("--rtr", f"127.0.0.1:{port}")
    with StayRtr(file, port):
        watching.start()
        with closing(BothSessions(watching.port)):
            write_json(file, bad)
            wait_for(lambda: watching.kinds(INVALID) == ["opened"], "that the route is invalid")

            write_json(file, good)
            wait_for(lambda: watching.kinds(INVALID)[-1] == "resolved", "that it is valid")
    assert watching.end() == Exit.CLEAN


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--rtr", "192.0.2.1"), "--rtr: expected an address and a port"),
        (("--rtr", "127.0.0.1:9"), "rtr 127.0.0.1:9"),
        (("--whois", "127.0.0.1:9"), "127.0.0.1"),
    ],
)
def test_a_server_that_is_not_there(
    watching: Watching, words: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A watch does not begin without the registry data that it was told to ask for."""
    watching.words = words
    status = program.run(watching.arguments)

    assert status in (Exit.USAGE, Exit.SOURCES)
    error = capsys.readouterr().err
    assert said in error
    assert "Traceback" not in error
