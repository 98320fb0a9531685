"""`check --now`, `--max-age` and `--taken`, and what `scan` says of snapshots."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest

from peerlint.cli.exits import Exit
from peerlint.cli.main import run
from peerlint.testing.dumps import TIMESTAMP
from peerlint.testing.notation import scenario

INVENTORY: Final = """
[[peering]]
name = "contoso-ams"
profile = "maps"
asn = 64500

[[peering.connection]]
name = "ams-1"

[[peering.connection.session]]
peer = "192.0.2.0"

[[peering.registered_prefix]]
prefix = "203.0.113.0/24"

[lab]
allow = ["documentation"]
"""
ROUTE: Final = "ams-1 203.0.113.0/24 path 64500 community 8075:8007"
OLD: Final = scenario(ROUTE).rib()
NEW: Final = scenario("ams-1 198.51.100.0/24 path 64500").rib(TIMESTAMP + 60_000_000)
Check = Callable[..., dict[str, str]]


@pytest.fixture(name="folder")
def _folder(tmp_path: Path) -> Path:
    (tmp_path / "peering.toml").write_text(INVENTORY)
    (tmp_path / "old.mrt").write_bytes(OLD.octets())
    (tmp_path / "both.mrt").write_bytes(OLD.octets() + NEW.octets())
    (tmp_path / "received.json").write_text(
        '[{"prefix": "203.0.113.0/24", "nextHop": "192.0.2.0", "asPath": "64500"}]'
    )
    return tmp_path


def found(
    capsys: pytest.CaptureFixture[str], folder: Path, *arguments: str
) -> tuple[str, dict[str, list[str]]]:
    """Check; return the state of the prefix, and the outcomes of each rule on the session."""
    files = [str(folder / each) if (folder / each).exists() else each for each in arguments]
    run(["check", str(folder / "peering.toml"), *files, "--format", "json"])
    report = json.loads(capsys.readouterr().out)
    outcomes: dict[str, list[str]] = {}
    for each in report["findings"]:
        outcomes.setdefault(each["rule"], []).append(each["outcome"])
    return report["prefixes"][0]["state"], outcomes


@pytest.mark.parametrize(
    ("options", "state"),
    [
        (("--now", "2026-11-21T10:00:00Z"), "Verified"),
        (("--now", "2026-11-22T00:00:00Z"), "Verified"),
        (("--now", "2026-11-22T00:00:01Z"), "Unknown"),
        (("--now", "2026-11-21 10:00 UTC", "--max-age", "9h"), "Unknown"),
        (("--now", "2027-11-21T10:00:00Z", "--max-age", "off"), "Verified"),
        (("--now", "2027-11-21T10:00:00Z", "--max-age", "400d"), "Verified"),
        # A dump of the future has no time that is known; it is not old.
        (("--now", "2025-11-21T10:00:00Z"), "Verified"),
        # A dump goes by its own time.
        (("--now", "2026-11-21T10:00:00Z", "--taken", "2020-01-01T00:00:00Z"), "Verified"),
    ],
)
def test_the_clock_of_a_check(
    capsys: pytest.CaptureFixture[str], folder: Path, options: tuple[str, ...], state: str
) -> None:
    """What the dump shows counts if it is young enough at the time of the check."""
    assert state == found(capsys, folder, "--rib", "old.mrt", *options)[0]


@pytest.mark.parametrize(
    ("taken", "is_old"),
    [(None, False), ("2026-11-21T09:00:00Z", False), ("2026-11-01T00:00Z", True)],
)
def test_when_an_export_was_taken(
    capsys: pytest.CaptureFixture[str], folder: Path, taken: str | None, is_old: bool
) -> None:
    """An export has no time of its own: --taken gives it one."""
    options = () if taken is None else ("--taken", taken)
    now = ("--now", "2026-11-21T10:00:00Z")

    _, outcomes = found(capsys, folder, "--received", "received.json", *now, *options)

    assert is_old is ("unknown" in outcomes.get("route.not-received", []))


@pytest.mark.parametrize(
    ("option", "value"),
    [("--now", "yesterday"), ("--taken", "2026-11-21"), ("--max-age", "1 day")],
)
def test_what_is_no_time(
    capsys: pytest.CaptureFixture[str], folder: Path, option: str, value: str
) -> None:
    """A mistake names the option and what it wants."""
    status = run(["check", str(folder / "peering.toml"), option, value])

    said = capsys.readouterr().err
    assert Exit.USAGE == status
    assert f"{option}: expected a " in said
    assert "such as" in said
    assert repr(value) in said


def test_an_old_dump_is_said_to_be_old(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    """On the screen, by its name and the time at which it was taken."""
    run(["check", str(folder / "peering.toml"), "--rib", str(folder / "old.mrt")])

    page = capsys.readouterr().out
    assert all(said in page for said in ("old.mrt", "2026-11-21 00:00 UTC", "too old"))


def test_an_appended_dump(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    """The last snapshot counts; how many were left out, and when they were taken, is said."""
    now = ("--now", "2026-11-21T10:00:00Z")
    state, outcomes = found(capsys, folder, "--rib", "both.mrt", *now)
    run(["check", str(folder / "peering.toml"), "--rib", str(folder / "both.mrt"), *now])

    assert ("Failed", ["fail"]) == (state, outcomes["route.not-received"])
    page = " ".join(capsys.readouterr().out.split())
    assert "1 older snapshot left out, a later one counts: 2026-11-21 00:00 UTC" in page


def test_a_scan_counts_each_snapshot(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    """Every row of every snapshot, and how many there are, on the page and in JSON."""
    run(["scan", str(folder / "both.mrt")])
    page = capsys.readouterr().out
    run(["scan", str(folder / "both.mrt"), str(folder / "old.mrt"), "--format", "json"])
    data = json.loads(capsys.readouterr().out)

    assert page.startswith("2 routes in 1 dump")
    assert "2 snapshots, each counted" in page
    assert (3, [2, 1]) == (data["routes"], [each["snapshots"] for each in data["sources"]])
    assert ["2026-11-21T00:01:00+00:00"] * 1 == [data["sources"][0]["last"]]
