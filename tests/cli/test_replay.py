"""`peerlint replay`: exactly the alerts that an archive gives cause for."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import jsonschema
import pytest

import peerlint
from peerlint.cli import main as program
from peerlint.cli.exits import Exit
from peerlint.schemas import shipped_schema
from peerlint.testing.bmp import BmpPeer, BmpStream
from peerlint.testing.dumps import TIMESTAMP, FeedSession, RibDump, UpdateDump

GOLDEN: Final = Path(__file__).resolve().parents[1] / "golden"
SECOND: Final = 1_000_000
MINUTE: Final = 60 * SECOND
TAG: Final = "community 8075:8007"
SBC: Final = f"203.0.113.0/24 path 64500 {TAG}"
MEDIA: Final = f"198.51.100.0/24 path 64500 {TAG}"
INVENTORY: Final = """
[[peering]]
name = "contoso-ams"
profile = "maps"
asn = 64500
[[peering.connection]]
name = "ams-1"
router = "edge1.ams"
[[peering.connection.session]]
microsoft = "192.0.2.1"
peer = "192.0.2.2"
[[peering.connection]]
name = "ams-2"
router = "edge2.ams"
[[peering.connection.session]]
microsoft = "192.0.2.5"
peer = "192.0.2.6"
[[peering.registered_prefix]]
name = "sbc"
prefix = "203.0.113.0/24"
[[peering.registered_prefix]]
name = "media"
prefix = "198.51.100.0/24"
[lab]
allow = ["documentation"]
"""
ONE: Final = FeedSession("192.0.2.1", 8075, "192.0.2.2", 64500, sent=True)
TWO: Final = FeedSession("192.0.2.5", 8075, "192.0.2.6", 64500, sent=True)
RECEIVED: Final = FeedSession("192.0.2.5", 8075, "192.0.2.6", 64500)


def at(dump: UpdateDump, minutes: float) -> UpdateDump:
    """Go on at a time of the story."""
    return dump.at(TIMESTAMP + int(minutes * MINUTE))


def edge1() -> bytes:
    """A session that loses the community of one prefix, and withdraws another one."""
    dump = UpdateDump(timestamp=TIMESTAMP).state_change(
        FeedSession("192.0.2.1", 8075, "192.0.2.2", 64500)
    )
    dump.announce(ONE, SBC, MEDIA).end_of_rib(ONE)
    at(dump, 5).announce(ONE, SBC.removesuffix(TAG))
    at(dump, 10).announce(ONE, SBC)
    at(dump, 20).withdraw(ONE, MEDIA)
    at(dump, 25).announce(ONE, MEDIA)
    at(dump, 26).withdraw(ONE, SBC)  # for less than the time that it has to hold
    at(dump, 26.5).announce(ONE, SBC)
    return at(dump, 60).announce(ONE, SBC).octets()


def edge2() -> bytes:
    """A session that prepends, and is reset; at the end it withdraws a prefix."""
    dump = UpdateDump(timestamp=TIMESTAMP).state_change(RECEIVED)
    dump.announce(TWO, SBC, MEDIA).end_of_rib(TWO)
    at(dump, 30).announce(TWO, SBC.replace("path 64500", "path 64500 64500"))
    at(dump, 35).announce(TWO, SBC)
    at(dump, 40).state_change(RECEIVED, 6, 1)
    at(dump, 42).state_change(RECEIVED).announce(TWO, SBC, MEDIA).end_of_rib(TWO)
    return at(dump, 59.5).withdraw(TWO, MEDIA).octets()


@pytest.fixture(name="folder", autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the inventory and the archives of two routers."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "peering.toml").write_text(INVENTORY, encoding="utf-8")
    (tmp_path / "edge1.mrt.gz").write_bytes(gzip.compress(edge1()))
    (tmp_path / "edge2").mkdir()
    (tmp_path / "edge2" / "updates.mrt").write_bytes(edge2())
    return tmp_path


Run = Callable[..., tuple[int, str, str]]
ARCHIVES: Final = ("edge1.ams=edge1.mrt.gz@sent", "edge2.ams=edge2@sent")


@pytest.fixture(name="run")
def _run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Return what runs the program, and returns its status and both outputs."""

    def run(*arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as caught:
            program.main(["replay", *arguments])
        out, err = capsys.readouterr()
        return int(str(caught.value.code)), out, err

    return run


def test_exactly_the_planted_alerts_are_raised(run: Run) -> None:
    """A lost community, a withdrawal, a prepend and a reset: each opens and resolves once."""
    status, out, err = run("peering.toml", *ARCHIVES)

    assert out == (GOLDEN / "replay.txt").read_text(encoding="utf-8")
    assert (status, err) == (Exit.FINDINGS, "")


def test_as_json_it_conforms_to_its_schema(run: Run) -> None:
    """Alerts are documents of `peerlint/alert/1`; transitions and files are there too."""
    status, out, _ = run("peering.toml", *ARCHIVES, "--format", "json")
    found: dict[str, Any] = json.loads(out)

    jsonschema.Draft202012Validator(shipped_schema("replay")).validate(found)
    for each in found["alerts"]:
        jsonschema.Draft202012Validator(shipped_schema("alert")).validate(each)
    assert [each["rule"] for each in found["alerts"]] == [
        "route.community-missing",
        "route.not-received",
        "route.prepending",
        "session.down",
    ]
    assert {each["status"] for each in found["alerts"]} == {"resolved"}
    assert (status, found["pending"], found["last"]) == (
        Exit.FINDINGS, 1, "2026-11-21T01:00:00Z",
    )  # fmt: skip
    assert [each["kind"] for each in found["archives"]] == ["MRT updates", "MRT updates"]
    assert {each["kind"] for each in found["transitions"]} == {
        "cell", "prefix", "redundancy", "session",
    }  # fmt: skip


def test_python_says_the_same(run: Run, folder: Path) -> None:
    """The command calls `peerlint.replay`, which is an iterator of the notices."""
    _, out, _ = run("peering.toml", *ARCHIVES)
    found = peerlint.replay(peerlint.load_inventory(folder / "peering.toml"), ARCHIVES)
    notices = [*found]

    assert peerlint.render_replay(found.summary) == out
    assert len(notices) >= 2 * len(found.summary.alerts)


def test_nothing_wrong_is_status_zero(run: Run, folder: Path) -> None:
    """A table, and no updates."""
    table = RibDump(timestamp=TIMESTAMP)
    table.routes(table.peer("192.0.2.2", 64500), SBC, MEDIA)
    table.routes(table.peer("192.0.2.6", 64500), SBC, MEDIA)
    (folder / "rib.mrt").write_bytes(table.octets())
    status, out, err = run("peering.toml", "rib.mrt")

    assert (status, err) == (Exit.CLEAN, "")
    assert out == "would have raised 0 alerts in 0 s; 8 events\n"


def test_a_recorded_bmp_stream_is_replayed(run: Run, folder: Path) -> None:
    """The times are those of its headers."""
    peer = BmpPeer("192.0.2.1", 8075, "192.0.2.2", 64500, view="sent")
    stream = BmpStream("edge1").up(peer).announce(peer, SBC, MEDIA).end_of_rib(peer)
    stream.at(TIMESTAMP + 5 * MINUTE).withdraw(peer, SBC)
    stream.at(TIMESTAMP + 10 * MINUTE).announce(peer, SBC)
    stream.at(TIMESTAMP + 15 * MINUTE).announce(peer, SBC)
    (folder / "edge1.bmp").write_bytes(stream.octets())
    status, out, _ = run("peering.toml", "edge1.ams=edge1.bmp")

    assert status == Exit.FINDINGS
    assert [line.partition(": ")[0] for line in out.splitlines()] == [
        "2026-11-21T00:06:00Z opened",
        "2026-11-21T00:10:10Z resolved",
        out.splitlines()[-1].partition(": ")[0],
    ]


def test_damage_is_status_three(run: Run, folder: Path) -> None:
    """The alerts are still printed, and each file is said."""
    with (folder / "edge2" / "updates.mrt").open("ab") as file:
        file.write(b"\xff" * 30)
    status, out, err = run("peering.toml", *ARCHIVES, "missing.mrt")

    assert status == Exit.SOURCES
    assert "Peering Service community is missing" in out
    assert "peerlint: edge2/updates.mrt: damaged: octet" in err
    assert "peerlint: missing.mrt: no such file; expected an MRT dump\n" in err


def test_nothing_is_replayed_of_files_without_events(run: Run, folder: Path) -> None:
    """The reason is on standard error, unless it is quiet."""
    (folder / "empty").write_bytes(b"")
    nothing = "no event was read, so nothing was replayed\n"

    assert run("peering.toml", "empty") == (Exit.SOURCES, nothing, "peerlint: empty: it is empty\n")
    assert run("peering.toml", "empty", "--quiet") == (Exit.SOURCES, nothing, "")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("peering.toml",), "ARCHIVE: expected one archive at least, found none"),
        (("peering.toml", "a", "--speed", "0"), "--speed: expected a number above 0, found 0.0"),
        (("peering.toml", "a@loc-rib"), "a loc-rib names no session"),
        (("peering.toml", "edge1.mrt.gz", "-o", "edge1.mrt.gz"), "the result would replace"),
    ],
)
def test_wrong_usage_is_status_two(run: Run, arguments: tuple[str, ...], message: str) -> None:
    """The message names the argument."""
    status, out, err = run(*arguments)

    assert (status, out) == (Exit.USAGE, "")
    assert message in err


def test_the_result_may_go_to_a_file(run: Run, folder: Path) -> None:
    """It is there when the replay is over."""
    status, out, _ = run("peering.toml", *ARCHIVES, "-o", "found.txt")

    assert (status, out) == (Exit.FINDINGS, "")
    text = (folder / "found.txt").read_text(encoding="utf-8")
    assert text == (GOLDEN / "replay.txt").read_text(encoding="utf-8")
