"""Replays and archives in Python: time, names of routers, and what is said of archives."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final, cast

import pytest

import peerlint
from peerlint.api.archives import archive_input
from peerlint.api.replay_driver import TICK, ReplayDriver
from peerlint.api.replaying import ReplaySpeed, replay
from peerlint.errors import InputError
from peerlint.events import Event, Gap
from peerlint.feeds.archive import growing_selection
from peerlint.monitor.changes import Changes
from peerlint.testing.bmp import BmpPeer, BmpStream
from peerlint.testing.dumps import TIMESTAMP, FeedSession, RibDump, UpdateDump
from peerlint.testing.notation import scenario

SECOND: Final = 1_000_000
TAG: Final = "community 8075:8007"
SBC: Final = f"203.0.113.0/24 path 64500 {TAG}"
PEER: Final = BmpPeer("192.0.2.1", 8075, "192.0.2.0", 64500, view="sent")
SESSION: Final = FeedSession("192.0.2.0", 64500, "192.0.2.254", 64511)
INVENTORY: Final = scenario("""
    peering contoso-ams maps 64500 Amsterdam
    session ams-1 edge1.ams
    registered 203.0.113.0/24 name sbc
""").inventory


class _Monitor:
    """A monitor that wants to look at some times, and says what it was told."""

    def __init__(self, *wanted: int, is_stuck: bool = False) -> None:
        self.told: list[str] = []
        self._wanted, self._is_stuck, self._now = [*wanted], is_stuck, 0

    def add(self, _: int, event: Event) -> None:
        self.told.append(f"event {event.time}")

    def advance(self, now: int) -> None:
        self._now = now

    def next_time(self) -> int | None:
        return self._now if self._is_stuck else min(self._wanted, default=None)

    def evaluate(self) -> Changes:
        self._wanted = [each for each in self._wanted if each > self._now]
        self.told.append(f"look {self._now}")
        return Changes()


def gaps(*times: int) -> Iterator[Event]:
    """Yield events at times."""
    return (Gap(feed="archive", time=each, reason="") for each in times)


def told(monitor: _Monitor, events: Iterable[Event], until: int = 0) -> list[str]:
    """Return what a monitor was told."""
    stepper = ReplayDriver(cast("Any", monitor), 0)
    list(stepper.changes(events))
    list(stepper.until(until))
    return monitor.told


def test_events_of_one_moment_are_evaluated_together() -> None:
    """At the time of the last of them, before those of the next moment."""
    found = told(_Monitor(), gaps(0, 0, TICK - 1, TICK, 5 * TICK))

    assert found == [
        "event 0", "event 0", f"event {TICK - 1}", f"look {TICK - 1}",
        f"event {TICK}", f"look {TICK}", f"event {5 * TICK}", f"look {5 * TICK}",
    ]  # fmt: skip


def test_what_is_due_between_events_is_looked_at_then() -> None:
    """Also behind the last event; what is due at the time of an event comes first."""
    found = told(_Monitor(3 * TICK, 5 * TICK, 9 * TICK), gaps(0, 5 * TICK), 9 * TICK)

    assert found == [
        "event 0", "look 0", f"look {3 * TICK}", f"look {5 * TICK}", f"event {5 * TICK}",
        f"look {5 * TICK}", f"look {9 * TICK}",
    ]  # fmt: skip


def test_time_goes_on_whatever_a_monitor_wants() -> None:
    """One that always wants to look at once looks ten times a second."""
    found = told(_Monitor(is_stuck=True), gaps(0), 3 * TICK)

    assert found == [
        "event 0", "look 0", "look 0", f"look {TICK}", f"look {2 * TICK}", f"look {3 * TICK}",
    ]  # fmt: skip


def test_a_speed_is_kept() -> None:
    """At twice the speed, half of the time is waited for; what is late does not wait."""
    now, slept = 100.0, list[float]()
    pace = ReplaySpeed(2, clock=lambda: now, sleep=slept.append)
    for each in (7 * SECOND, 9 * SECOND):
        pace.wait_until(each)
    now = 200.0
    pace.wait_until(10 * SECOND)

    assert slept == [1.0]


def test_a_replay_at_a_speed_says_the_same(tmp_path: Path) -> None:
    """It takes its time."""
    stream = BmpStream().up(PEER).announce(PEER, SBC).end_of_rib(PEER)
    (tmp_path / "edge1.bmp").write_bytes(stream.at(TIMESTAMP + SECOND).down(PEER).octets())
    found = replay(INVENTORY, [f"edge1.ams={tmp_path / 'edge1.bmp'}"], speed=1000)

    assert [each.alert.cause.rule for each in found][:1] == ["session.down"]
    assert "1 open at the end" in peerlint.render_replay(found.summary)


@pytest.mark.parametrize("speed", [0, -1, float("inf"), float("nan"), "fast"])
def test_a_speed_is_a_number_above_zero(speed: object) -> None:
    """Nothing else."""
    with pytest.raises(InputError, match="speed: expected a number"):
        replay(INVENTORY, ["a"], speed=cast("float", speed))


def test_files_of_one_name_are_of_one_router(tmp_path: Path) -> None:
    """Without a name, those of a folder are; that is said. Another view is another router."""
    paths = [str(tmp_path / name) for name in ("a", "b")]
    named = archive_input(INVENTORY, [f"edge1.ams={each}" for each in paths])
    unnamed = archive_input(INVENTORY, paths)
    views = archive_input(
        INVENTORY, [f"edge1.ams={paths[0]}@{view}" for view in ("sent", "loc-rib")]
    )
    other = archive_input(INVENTORY, [f"edge1.ams={paths[0]}", f"edge1.ams={paths[1]}@sent"])

    assert [*named.names] == ["edge1.ams"]
    assert not named.remarks
    assert [*unnamed.names] == [str(tmp_path)]
    assert unnamed.remarks[0].startswith(
        f"{tmp_path}: 2 archives without a name, read as those of one router"
    )
    assert [*views.names] == ["edge1.ams", "edge1.ams (loc-rib)"]
    assert [*other.names] == ["edge1.ams", "edge1.ams (sent)"]
    assert other.argument_of("edge1.ams (sent)").router == "edge1.ams"
    assert other.argument_of("rrc00").file == "rrc00"


def test_a_check_reads_archives_to_their_end(tmp_path: Path) -> None:
    """As a feed: what is wrong in a file is a remark of the report."""
    table = RibDump(timestamp=TIMESTAMP)
    (tmp_path / "rib").write_bytes(table.routes(table.peer("192.0.2.1", 8075), SBC).octets())
    (tmp_path / "nothing").write_bytes(b"")
    feed = peerlint.archive_feed(INVENTORY, [f"edge1.ams={tmp_path}"])
    report = peerlint.check(INVENTORY, feeds=[feed], now="2026-11-21T00:00:00Z")

    assert any(str(each).endswith("nothing: it is empty") for each in report.remarks)
    assert [each.name for each in report.sources] == ["archive edge1.ams"]


def test_tagged_prefixes_are_followed_up_to_a_limit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beyond it, that is said."""
    monkeypatch.setattr(growing_selection, "MAX_TAGGED", 1)
    dump = UpdateDump(timestamp=TIMESTAMP).announce(SESSION, SBC)
    dump.announce(SESSION, f"198.51.100.0/25 path 64500 {TAG}")
    dump.announce(SESSION, f"198.51.100.128/25 path 64500 {TAG}")
    (tmp_path / "updates").write_bytes(dump.octets())
    found = replay(INVENTORY, [tmp_path / "updates"])
    list(found)

    assert "prefixes outside the inventory carry the community" in found.summary.remarks[-1]


def test_what_is_unusual_in_a_bmp_stream_is_said(tmp_path: Path) -> None:
    """By kind, with its number."""
    (tmp_path / "edge1.bmp").write_bytes(BmpStream().announce(PEER, SBC, SBC).octets())
    found = replay(INVENTORY, [f"edge1.ams={tmp_path / 'edge1.bmp'}"])
    list(found)
    (reading,) = found.summary.readings

    assert reading.remarks == ["routes of a peer without Peer Up: 2"]


@pytest.mark.parametrize(
    ("pending", "words"),
    [(1, "1 more had not held for its time"), (2, "2 more had not held for their")],
)
def test_the_totals_say_what_is_pending(pending: int, words: str) -> None:
    """In words that fit the number."""
    summary = peerlint.ReplaySummary(first=0, last=3 * SECOND, events=1, pending=pending)

    assert words in peerlint.render_replay(summary)
    assert peerlint.render_replay(summary).startswith("would have raised 0 alerts in 3 s; ")
