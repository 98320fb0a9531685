"""`peerlint scan --registry`: what is counted and written, and what it refuses."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from peerlint.cli import main as program
from peerlint.cli.exits import Exit
from peerlint.feeds.registry_file import build_registry
from peerlint.model import Prefix
from peerlint.registry import (
    AutNum,
    RegistryInputs,
    SourceInfo,
    SourceKind,
    Vrp,
    aut_num_columns,
    vrp_columns,
)
from peerlint.testing.dumps import RibDump

#: 2026-11-30T00:53:20Z in microseconds.
BUILT = 1_796_000_000_000_000
NOW = ("--now", "2026-11-30T12:00:00Z")
LAB = ("--allow", "documentation")
VRP = Vrp(Prefix.parse("203.0.113.0/24"), 24, 64500, "ripe", expires=1_796_086_400)


@pytest.fixture(name="folder", autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A table of two routes, and a registry file with a VRP and an aut-num object."""
    rib = RibDump()
    rib.routes(rib.peer("192.0.2.1", 64510), "203.0.113.0/24 path 64510 64500")
    rib.routes(rib.peer("192.0.2.2", 64511), "203.0.113.0/24 path 64511 64501")
    (tmp_path / "rib").write_bytes(rib.octets())
    sources = (
        SourceInfo(SourceKind.IRR, "RADB", BUILT, 1),
        SourceInfo(SourceKind.VRPS, "vrps.json", BUILT, 1),
    )
    aut_nums = aut_num_columns([AutNum(64500, "RADB")])
    inputs = RegistryInputs(BUILT, sources, aut_nums=(aut_nums,), vrps=(vrp_columns([VRP]),))
    build_registry(inputs, tmp_path / "registry.peerlint")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*arguments: str) -> int:
    """Run the program in this process."""
    return program.run(("scan", "rib", "--registry", "registry.peerlint", *LAB, *arguments))


def test_text(capsys: pytest.CaptureFixture[str]) -> None:
    """The report counts routes by state, and names the sources of the registry data."""
    assert Exit.CLEAN == run(*NOW)

    text, remarks = capsys.readouterr()
    assert "\n           1    50.00%  valid      a VRP matches prefix and origin\n" in text
    assert "\n           1    50.00%  invalid    VRPs cover the prefix, and none matches\n" in text
    assert (
        "\n           1    50.00%  named      an object in a registry that Microsoft names" in text
    )
    assert "\nRegistry data: IRR RADB: 2026-11-30 00:53 UTC (11 h old);" in text
    assert "" == remarks


def test_json(capsys: pytest.CaptureFixture[str]) -> None:
    """JSON has every state, and each source with its age."""
    assert Exit.CLEAN == run(*NOW, "--format", "json")

    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert {"unknown": 0, "not-found": 0, "valid": 1, "invalid": 1} == found["states"]["rov"]
    registered = found["states"]["origin_registered"]
    assert {"named": 1, "unknown": 1} == {name: n for name, n in registered.items() if n}
    assert [("irr", "RADB", False), ("vrps", "vrps.json", False)] == [
        (each["kind"], each["name"], each["is_too_old"]) for each in found["registry_sources"]
    ]


def test_expired(capsys: pytest.CaptureFixture[str]) -> None:
    """A VRP that has expired at that time does not count, and old data give a remark."""
    assert Exit.CLEAN == run("--now", "2026-12-09T00:00:00Z", "--format", "json")

    text, remarks = capsys.readouterr()
    assert 2 == json.loads(text)["states"]["rov"]["not-found"]
    assert "registry data too old: RADB (of 2026-11-30" in remarks


def test_out(folder: Path) -> None:
    """The file has what registries say of each route."""
    assert Exit.CLEAN == run(*NOW, "--out", "routes.csv", "--quiet")

    with (folder / "routes.csv").open(newline="") as file:
        rows = [*csv.DictReader(file)]
    assert [("valid", "named"), ("invalid", "unknown")] == [
        (row["rov"], row["origin_registered"]) for row in rows
    ]


def test_jobs(capsys: pytest.CaptureFixture[str]) -> None:
    """Every process opens the file itself."""
    assert Exit.CLEAN == run("rib", *NOW, "--jobs", "2", "--format", "json", "--quiet")

    assert 2 == json.loads(capsys.readouterr().out)["states"]["rov"]["valid"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("rib", "--registry", "missing"), "missing: cannot be read: No such file"),
        (("rib", "--registry", "rib"), "rib: "),
        (("rib", "--registry", "registry.peerlint", "--now", "noon"), "--now: expected"),
        (("rib", "--now", "2026-11-30T00:00:00Z"), "--now: expected registry data with it"),
        (
            ("rib", "--registry", "registry.peerlint", "--output", "registry.peerlint"),
            "registry.peerlint: the result would replace what it is made from",
        ),
    ],
)
def test_refusals(
    capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], message: str
) -> None:
    """A mistake ends with one line that says where it is."""
    assert Exit.USAGE == program.run(("scan", *arguments))

    error = capsys.readouterr().err
    assert message in error
    assert 1 == error.count("\n")
