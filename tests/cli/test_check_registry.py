"""`peerlint check --registry`, and `peerlint.check` with a `Registry`."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Final

import attrs
import pytest

import peerlint
from peerlint.cli import main as program
from peerlint.feeds.registry_file import build_registry
from peerlint.model import parse_time
from peerlint.model.times import to_microseconds
from peerlint.registry import (
    AutNum,
    RegistryInputs,
    SourceInfo,
    SourceKind,
    Vrp,
    aut_num_columns,
    vrp_columns,
)
from peerlint.rules.registry_criteria import NAMED
from peerlint.testing.dumps import RibDump

NOW: Final = "2026-11-21T12:00:00Z"
DAY: Final = 86_400_000_000
INVENTORY: Final = """
[[peering]]
name = "contoso-ams"
profile = "maps"
asn = 64500
location = "Amsterdam"

[[peering.connection]]
name = "ams-1"
router = "edge1.ams"

[[peering.connection.session]]
microsoft = "192.0.2.1"
peer = "192.0.2.0"

[[peering.registered_prefix]]
prefix = "203.0.113.0/24"

[lab]
allow = ["documentation"]
max_age = "off"
"""


@attrs.frozen
class Done:
    """What a run left behind."""

    status: int
    out: str
    err: str


Run = Callable[..., Done]


@pytest.fixture(name="folder")
def _folder(tmp_path: Path) -> Path:
    """Make an inventory, a dump, and registry files of two ages."""
    (tmp_path / "peering.toml").write_text(INVENTORY, encoding="utf-8")
    dump = RibDump()
    route = "203.0.113.0/24 path 64500 community 8075:8007"
    dump.routes(dump.peer("192.0.2.0", 64500), route)
    (tmp_path / "edge1.mrt").write_bytes(dump.octets())
    build_registry(inputs(), tmp_path / "new.peerlint")
    build_registry(inputs(age=8 * DAY), tmp_path / "old.peerlint")
    build_registry(inputs(asn=64501), tmp_path / "others.peerlint")
    return tmp_path


def inputs(age: int = 0, asn: int = 64500) -> RegistryInputs:
    """Return registry data: an AS that RADB knows, and a VRP of another one."""
    now = to_microseconds(parse_time(NOW))
    irr = tuple(SourceInfo(SourceKind.IRR, name, now - age, 1) for name in NAMED)
    vrps = SourceInfo(SourceKind.VRPS, "vrps.json", now - age, 1)
    prefix = peerlint.Prefix.parse("203.0.113.0/24")
    return RegistryInputs(
        now,
        (*irr, vrps),
        aut_nums=(aut_num_columns([AutNum(asn, "RADB")]),),
        vrps=(vrp_columns([Vrp(prefix, 24, 64502, "ripe")]),),
    )


@pytest.fixture(name="run")
def _run(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run `peerlint check` in this process, in the folder."""
    monkeypatch.chdir(folder)

    def run(*arguments: str, now: str = NOW) -> Done:
        more = ("--rib", "edge1.mrt", "--now", now, *arguments)
        status = program.run(("check", "peering.toml", *more))
        said = capsys.readouterr()
        return Done(status, said.out, said.err)

    return run


def checks(done: Done) -> dict[str, str]:
    """Return the checks of the prefix in a report as JSON."""
    (row,) = json.loads(done.out)["prefixes"]
    return {each["name"]: each["result"] for each in row["checks"]}


@pytest.mark.parametrize(
    ("registry", "result"),
    [
        ("new.peerlint", "pass"),
        ("old.peerlint", "pass"),
        ("others.peerlint", "fail"),
        ("", "unknown"),
    ],
)
def test_origins(run: Run, registry: str, result: str) -> None:
    """The check of the origin is decided by the file."""
    option = ("--registry", registry) if registry else ()
    assert checks(run("--format", "json", *option))["origin-registered"] == result


def test_screen(run: Run) -> None:
    """With registry data all checks are decided, and each source has its age."""
    done = run("--registry", "new.peerlint")
    assert "203.0.113.0/24  Verified" in done.out
    assert "(4 of 5)" not in done.out
    assert "Registry data: IRR AFRINIC, ALTDB" in done.out
    assert "the route from AS64500 is RPKI invalid" in done.out
    assert done.status == 1  # of the ROA


def test_ages(run: Run) -> None:
    """Data that are too old are a remark, and in the JSON; what they lack is unknown."""
    done = run("--registry", "old.peerlint", "--format", "json")
    report = json.loads(done.out)
    assert {each["is_too_old"] for each in report["registry_sources"]} == {True}
    assert "peerlint: registry data too old: AFRINIC (of 2026-11-13 12:00 UTC)" in done.err
    outcomes = {each["rule"]: each["outcome"] for each in report["findings"]}
    assert outcomes["route.rpki-invalid"] == "unknown"
    assert outcomes["route.irr-route"] == "unknown"


def test_time_of_the_check(run: Run) -> None:
    """The ages are those at the time of the check, not of the build."""
    options = ("--registry", "new.peerlint", "--format", "json")
    done = run(*options, now="2026-12-21T12:00:00Z")
    ages = {each["age_seconds"] for each in json.loads(done.out)["registry_sources"]}
    assert ages == {30 * 86_400}


def test_without(run: Run) -> None:
    """`--without` uses registry data too."""
    done = run("--registry", "new.peerlint", "--without", "router=edge1.ams", "--format", "json")
    assert json.loads(done.out)


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("nowhere.peerlint", "nowhere.peerlint: cannot be read: No such file or directory"),
        ("edge1.mrt", "edge1.mrt: "),
        ("empty", "empty: "),
        (".", ".: cannot be read: it is not a file"),
    ],
)
def test_bad_files(run: Run, folder: Path, name: str, says: str) -> None:
    """A file that is no registry file is a mistake of the command line."""
    (folder / "empty").touch()
    done = run("--registry", name)
    assert done.status == 2
    assert done.out == ""
    assert says in done.err
    assert "Traceback" not in done.err


def test_never_overwritten(run: Run, folder: Path) -> None:
    """`--output` never replaces the registry file."""
    before = (folder / "new.peerlint").read_bytes()
    assert run("--registry", "new.peerlint", "--output", "new.peerlint").status == 2
    assert (folder / "new.peerlint").read_bytes() == before


def test_library(folder: Path) -> None:
    """`peerlint.check` takes a registry, and nothing else in its place."""
    inventory = peerlint.load_inventory(folder / "peering.toml")
    registry = peerlint.Registry.open(folder / "new.peerlint")
    ribs = [folder / "edge1.mrt"]
    report = peerlint.check(inventory, ribs, registry=registry, now=NOW)
    assert not report.prefixes[0].undecided
    assert [each.name for each in report.registry_sources if each.kind == "vrps"] == ["vrps.json"]
    with pytest.raises(peerlint.InputError, match="registry: expected a Registry"):
        peerlint.check(inventory, ribs, registry="new.peerlint")  # type: ignore[arg-type]  # the mistake
