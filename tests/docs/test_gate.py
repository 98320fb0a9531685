"""The gate of "Gate a change in CI" lets a good change pass, and nothing that was not seen."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from peerlint.testing.dumps import RibDump

PAGE = Path(__file__).resolve().parents[2] / "docs" / "how-to" / "gate-a-change.md"
GATE, AT_A_ROUTE_SERVER = re.findall(r"```sh\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
CHECK, STATES = GATE.splitlines()
PREFIX = """
[[peering.registered_prefix]]
name = "sbc-1"
prefix = "203.0.113.0/24"
traffic_class = "voice"
endpoints = ["session border controllers"]
"""
INVENTORY = """
[lab]
allow = ["documentation"]
max_age = "off"

[[peering]]
name = "contoso-ams"
profile = "{profile}"
asn = 64500
location = "Amsterdam"

[[peering.connection]]
name = "ams-1"
router = "edge1.ams"
session = [{{ microsoft = "192.0.2.1", peer = "192.0.2.0" }}]

[[peering.connection]]
name = "ams-2"
router = "edge2.ams"
session = [{{ microsoft = "192.0.2.3", peer = "192.0.2.2" }}]
"""
pytestmark = pytest.mark.skipif(shutil.which("jq") is None, reason="jq is not installed")


@pytest.mark.parametrize(
    ("peers", "profile", "expected"),
    [
        (("192.0.2.0", "192.0.2.2"), "maps", (0, True, True)),
        (("192.0.2.0",), "maps", (0, False, False)),
        (("192.0.2.8", "192.0.2.10"), "maps", (0, False, False)),
        (("192.0.2.0", "192.0.2.2"), "route-server", (0, False, True)),
        (("192.0.2.8", "192.0.2.10"), "route-server", (0, False, False)),
    ],
    ids=["good", "a session without a dump", "other sessions", "route server", "other members"],
)
def test_gate(
    peers: tuple[str, ...], profile: str, expected: tuple[int, bool, bool], tmp_path: Path
) -> None:
    """The status of the check, whether the states are good, whether each session was seen."""
    dump = RibDump()
    for peer in peers:
        dump.routes(dump.peer(peer, 64500), "203.0.113.0/24 path 64500 community 8075:8007")
    (tmp_path / "received.mrt").write_bytes(dump.octets())
    prefix = "" if profile == "route-server" else PREFIX
    (tmp_path / "peering.toml").write_text(INVENTORY.format(profile=profile) + prefix)

    status = check(tmp_path, "--rib", "received.mrt")

    assert expected == (status, asked(STATES, tmp_path), asked(AT_A_ROUTE_SERVER, tmp_path))


def test_no_dump_at_all(tmp_path: Path) -> None:
    """The statuses that the page of exit statuses gives."""
    (tmp_path / "peering.toml").write_text(INVENTORY.format(profile="maps") + PREFIX)

    assert (0, 1) == (check(tmp_path), check(tmp_path, "--fail-on", "unknown"))
    assert not asked(STATES, tmp_path)


def check(folder: Path, *options: str) -> int:
    """Return the exit status of the page's first line, with other dumps."""
    program, command, inventory, *rest = CHECK.partition(" > ")[0].split()
    assert ("peerlint", "check", ["--format", "json"]) == (program, command, rest[-2:])
    with (folder / "report.json").open("wb") as report:
        return subprocess.run(
            [sys.executable, "-m", program, command, inventory, *options, *rest[-2:]],
            check=False, cwd=folder, stdout=report, stderr=subprocess.DEVNULL,
        ).returncode  # fmt: skip


def asked(line: str, folder: Path) -> bool:
    """Return whether a line of the page exits with 0."""
    command = ["/bin/sh", "-c", line]
    return not subprocess.run(command, check=False, cwd=folder, capture_output=True).returncode
