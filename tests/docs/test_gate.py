"""The gate of "Gate a change in CI" passes good changes, and fails if evidence is missing."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from peerlint.testing.dumps import RibDump

PAGE = Path(__file__).resolve().parents[2] / "docs" / "how-to" / "gate-a-change.md"
GATE, *_ = re.findall(r"```sh\n(.*?)\n```", PAGE.read_text("utf-8"), re.DOTALL)
(ATTESTATION,) = re.findall(r"```toml\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
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
#: On these days the attestation of the page counts.
NOW = "2026-11-21T00:00:00Z"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("peers", "profile", "attested", "expected"),
    [
        (("192.0.2.0", "192.0.2.2"), "maps", True, 0),
        # no attestation that the origin is registered: one of Microsoft's checks is undecided
        (("192.0.2.0", "192.0.2.2"), "maps", False, 1),
        (("192.0.2.0",), "maps", True, 1),
        # no session of the inventory is in the dump
        (("192.0.2.8", "192.0.2.10"), "maps", True, 3),
        (("192.0.2.0", "192.0.2.2"), "route-server", True, 0),
        (("192.0.2.0",), "route-server", True, 1),
        (("192.0.2.8", "192.0.2.10"), "route-server", True, 3),
        ((), "route-server", True, 3),
    ],
    ids=[
        "good", "not attested", "a session without a dump", "other sessions",
        "route server", "a member missing", "other members", "nobody",
    ],
)  # fmt: skip
def test_gate(
    peers: tuple[str, ...], profile: str, expected: int, tmp_path: Path, *, attested: bool
) -> None:
    """The status of the page's command, for complete dumps and for others."""
    dump = RibDump()
    for peer in peers:
        dump.routes(dump.peer(peer, 64500), "203.0.113.0/24 path 64500 community 8075:8007")
    (tmp_path / "received.mrt").write_bytes(dump.octets())
    own = "[[peering.registered_asn]]\nasn = 64500\n" if profile == "route-server" else PREFIX
    text = INVENTORY.format(profile=profile) + own + (ATTESTATION if attested else "")
    (tmp_path / "peering.toml").write_text(text)

    assert expected == check(tmp_path, "--rib", "received.mrt")


@pytest.mark.slow
def test_no_dump_at_all(tmp_path: Path) -> None:
    """A check without any source has the statuses of the page on exit status."""
    (tmp_path / "peering.toml").write_text(INVENTORY.format(profile="maps") + PREFIX)
    levels = ("error", "open", "unverified", "warning", "unknown")

    assert (0, 1, 1, 1, 1) == tuple(check(tmp_path, level=("--fail-on", level)) for level in levels)
    assert 1 == check(tmp_path, level=())


def check(folder: Path, *options: str, level: tuple[str, ...] | None = None) -> int:
    """Return the exit status of the page's command, with other dumps."""
    program, command, inventory, *rest = shlex.split(GATE)
    assert ("peerlint", "check", ["--fail-on", "unverified"]) == (program, command, rest[-2:])
    asked = rest[-2:] if level is None else level
    return subprocess.run(
        [sys.executable, "-m", program, command, inventory, *options, *asked, "--now", NOW],
        check=False, cwd=folder, capture_output=True,
    ).returncode  # fmt: skip
