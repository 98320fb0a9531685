"""`peerlint watch --registry` as a program: a file that is replaced is used by itself."""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Final
from urllib.request import urlopen

import pytest
from tests.cli.doubles.watching import (
    BOUND,
    Router,
    Watching,
    free_port,
    wait_for,
    watching_in,
)

from peerlint.cli import main as program
from peerlint.cli.exits import Exit
from peerlint.feeds.registry_file import build_registry
from peerlint.model import Prefix
from peerlint.registry import RegistryInputs, SourceInfo, SourceKind, Vrp, vrp_columns

INVALID: Final = "route.rpki-invalid"


class BothSessions(Router):
    """A router with both sessions of the inventory."""

    SESSIONS = (("192.0.2.1", "192.0.2.0"), ("192.0.2.3", "192.0.2.2"))


@pytest.fixture(name="watching")
def _watching(tmp_path: Path) -> Iterator[Watching]:
    """Yield a watch with registry data that has not begun."""
    with watching_in(tmp_path) as found:
        text = found.inventory.read_text()
        found.inventory.write_text(text.replace("edge2.ams", "edge1.ams"))
        found.words = ("--registry", str(tmp_path / "r.peerlint"))
        yield found


def replace(folder: Path, origin: int) -> None:
    """Build a file in which a VRP names an origin for the prefix that is shown."""
    now = time.time_ns() // 1000
    vrps = vrp_columns([Vrp(Prefix.parse("203.0.113.0/24"), 24, origin, "ripe")])
    sources = (SourceInfo(SourceKind.VRPS, "vrps.json", now, 1),)
    build_registry(RegistryInputs(now, sources, vrps=(vrps,)), folder / "r.peerlint")


@pytest.mark.slow
def test_a_file_that_is_replaced(watching: Watching) -> None:
    """An alert opens with data in which another AS has the prefix, and resolves with good ones."""
    replace(watching.folder, 64500)
    watching.start()
    with closing(BothSessions(watching.port)):
        replace(watching.folder, 64501)
        wait_for(lambda: watching.kinds(INVALID) == ["opened"], "that the route is invalid")

        (watching.folder / "part").write_bytes(b"no registry file")
        (watching.folder / "part").replace(watching.folder / "r.peerlint")
        wait_for(lambda: "before stay in use" in watching.errors, "that the file is refused")
        assert watching.kinds(INVALID) == ["opened"]

        replace(watching.folder, 64500)
        wait_for(lambda: watching.kinds(INVALID)[-1] == "resolved", "that the route is valid")
    assert "expected a registry file" in watching.errors
    assert watching.end() == Exit.CLEAN


@pytest.mark.slow
def test_the_inventory_is_read_again(watching: Watching) -> None:
    """Registry data stay in use, and in the report, when the inventory is read again."""
    replace(watching.folder, 64501)
    port = free_port()
    watching.words = (*watching.words, "--listen", f"127.0.0.1:{port}")
    watching.start()
    watching.send(signal.SIGHUP)
    wait_for(lambda: "the inventory was read again" in watching.errors, "that it is read")

    with urlopen(f"http://127.0.0.1:{port}/api/v1/report", timeout=BOUND) as answer:
        report = json.load(answer)
    assert [each["name"] for each in report["registry_sources"]] == ["vrps.json"]
    assert watching.end() == Exit.CLEAN


@pytest.mark.slow
def test_a_file_that_is_overwritten(watching: Watching) -> None:
    """A file that is cut short where it is ends nothing; a whole one is used again."""
    replace(watching.folder, 64501)
    watching.start()
    with closing(BothSessions(watching.port)) as router:
        wait_for(lambda: watching.kinds(INVALID) == ["opened"], "that the route is invalid")

        (watching.folder / "r.peerlint").write_bytes(b"")
        wait_for(lambda: "before stay in use" in watching.errors, "that the file is refused")
        router.withdraw()
        router.announce()

        replace(watching.folder, 64500)
        wait_for(lambda: watching.kinds(INVALID)[-1] == "resolved", "that the route is valid")
    assert watching.end() == Exit.CLEAN
    assert "Traceback" not in watching.errors


def test_a_first_file_that_cannot_be_used(
    watching: Watching, capsys: pytest.CaptureFixture[str]
) -> None:
    """A watch does not begin without the registry data that it was given."""
    status = program.run(watching.arguments)

    assert status == Exit.USAGE
    assert "r.peerlint: cannot be read: No such file or directory" in capsys.readouterr().err
