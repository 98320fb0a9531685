"""The events of archives: files of the past, in the order of time."""

from __future__ import annotations

import asyncio
import bz2
import gzip
import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

import pytest
from tests.feeds.doubles.folder import Story

from peerlint.bulk import PrefixFilter
from peerlint.events import (
    Announce,
    EndOfRib,
    Event,
    Feed,
    FeedBack,
    FeedLost,
    Gap,
    SessionDown,
    SessionUp,
    TableRef,
    Withdraw,
)
from peerlint.feeds.archive import Archive, ArchiveFeed, ArchiveKind, ArchiveReading
from peerlint.feeds.bmp import RouteSelection
from peerlint.model import Prefix, View
from peerlint.testing.bmp import BmpPeer, BmpStream
from peerlint.testing.dumps import TIMESTAMP, FeedSession, OldRibDump, RibDump, UpdateDump
from peerlint.wire.mrt import MrtType

SECOND: Final = 1_000_000
MINUTE: Final = 60 * SECOND
DAY: Final = 24 * 60 * MINUTE
TAG: Final = "community 8075:8007"
ONE: Final = f"203.0.113.0/24 path 64500 {TAG}"
TWO: Final = f"198.51.100.0/24 path 64500 {TAG}"
OTHER: Final = "192.0.2.0/25 path 64500"
SESSION: Final = FeedSession("192.0.2.1", 64500, "192.0.2.2", 64496)
SECOND_SESSION: Final = FeedSession("192.0.2.3", 64501, "192.0.2.2", 64496)
PEER: Final = BmpPeer("192.0.2.1", 64500, "192.0.2.2", 64496)
ASKED: Final = RouteSelection(PrefixFilter.of([Prefix.parse("203.0.113.0/24")]))


def rib(*routes: str, at: int = 0) -> bytes:
    """Return a table of the peer of `SESSION`."""
    dump = RibDump(timestamp=TIMESTAMP + at)
    return dump.routes(dump.peer("192.0.2.1", 64500), *routes).octets()


def updates(at: int = 0) -> UpdateDump:
    """Return an empty file of updates."""
    return UpdateDump(timestamp=TIMESTAMP + at)


@pytest.fixture(name="feed")
def _feed(tmp_path: Path) -> Callable[..., ArchiveFeed]:
    """Return what writes files into a folder and reads them as those of one router."""

    def feed(selection: RouteSelection | None = None, **files: bytes) -> ArchiveFeed:
        for name, octets in files.items():
            (tmp_path / name).write_bytes(octets)
        paths = tuple(str(tmp_path / name) for name in files)
        found = ArchiveFeed([Archive("edge1", paths)])
        if selection is not None:
            found.select(selection)
        return found

    return feed


MakeFeed = Callable[..., ArchiveFeed]


def told(events: Iterable[Event]) -> list[str]:
    """Return events as lines: seconds, kind, and what they are about."""
    return [f"{(each.time - TIMESTAMP) / SECOND:g} {_words(each)}" for each in events]


def _words(event: Event) -> str:
    name = type(event).__name__
    if isinstance(event, Announce):
        return f"{name} {event.route.prefix}"
    return f"{name} {event.prefix}" if isinstance(event, Withdraw) else name


def test_a_table_and_its_updates_are_one_story(feed: MakeFeed) -> None:
    """The table is there at once, at its time; updates follow at theirs, whatever the names say."""
    later = updates(MINUTE).withdraw(SESSION, ONE).at(TIMESTAMP + 2 * MINUTE)
    found = feed(a=bz2.compress(later.announce(SESSION, ONE).octets()), b=gzip.compress(rib(ONE)))

    assert told(found) == [
        "0 SessionUp",
        "0 Announce 203.0.113.0/24",
        "0 EndOfRib",
        "60 Withdraw 203.0.113.0/24",
        "120 Announce 203.0.113.0/24",
    ]
    assert [each.kind for each in found.readings] == [ArchiveKind.UPDATES, ArchiveKind.TABLE]
    assert all(each.is_sound and not each.remarks for each in found.readings)


def test_an_old_table_begins_the_sessions_of_its_peers(feed: MakeFeed) -> None:
    """In a TABLE_DUMP each entry names its peer; one whose routes nobody asks about is up too."""
    dump = OldRibDump(timestamp=TIMESTAMP)
    octets = dump.routes("192.0.2.1", 64500, ONE).routes("192.0.2.3", 64501, OTHER).octets()

    assert told(feed(ASKED, a=octets)) == [
        "0 SessionUp", "0 SessionUp", "0 Announce 203.0.113.0/24", "0 EndOfRib", "0 EndOfRib",
    ]  # fmt: skip


def test_sessions_begin_and_end(feed: MakeFeed) -> None:
    """By states, by OPENs with an UPDATE behind them, and by NOTIFICATIONs."""
    dump = updates().state_change(SESSION).end_of_rib(SESSION).end_of_rib(SESSION, 6)
    dump.at(TIMESTAMP + SECOND).state_change(SESSION, 6, 1)
    dump.at(TIMESTAMP + 2 * SECOND).open(SESSION).announce(SESSION, OTHER)
    dump.at(TIMESTAMP + 3 * SECOND).open(SESSION)

    assert told(feed(ASKED, a=dump.octets()))[1:] == [
        "0 SessionUp",
        "0 EndOfRib",
        "0 EndOfRib",
        "1 SessionDown",
        "2 SessionUp",
        "3 SessionDown",
    ]


def test_routes_that_nobody_asks_about_are_no_events(feed: MakeFeed) -> None:
    """A tagged route is one wherever it is, until it is withdrawn, also by the loss of its tag."""
    dump = updates().announce(SESSION, OTHER, TWO, ONE, TWO.removesuffix(TAG))
    dump.withdraw(SESSION, OTHER, TWO, ONE)

    assert [line.partition(" ")[2] for line in told(feed(ASKED, a=dump.octets()))[1:]] == [
        "Announce 198.51.100.0/24",
        "Announce 203.0.113.0/24",
        "Announce 198.51.100.0/24",
        "Withdraw 198.51.100.0/24",
        "Withdraw 203.0.113.0/24",
    ]


def test_tables_that_are_not_watched_are_left_out(feed: MakeFeed) -> None:
    """The selection says which tables may matter; messages that the router sent are in `sent`."""
    seen: list[tuple[str, TableRef]] = []

    def watches(router: str, table: TableRef) -> bool:
        seen.append((router, table))
        return table.view is View.SENT

    sent = FeedSession("192.0.2.1", 64500, "192.0.2.2", 64496, sent=True)
    octets = updates().announce(SESSION, ONE).announce(sent, TWO).octets()

    found = feed(RouteSelection(None, watches=watches), a=octets)

    assert told(found)[1:] == ["0 Announce 198.51.100.0/24"]
    assert {(router, table.view) for router, table in seen} == {
        ("edge1", None),
        ("edge1", View.SENT),
    }


def test_a_later_table_is_read_only_after_a_hole(feed: MakeFeed) -> None:
    """Updates that lead up to it say the same; if some may be missing, sessions begin again."""
    first = updates(MINUTE).announce(SESSION, ONE).at(TIMESTAMP + 12 * MINUTE)
    second = updates(40 * MINUTE).withdraw(SESSION, ONE).octets()
    tables = {"rib1": rib(ONE), "rib2": rib(TWO, at=10 * MINUTE), "rib3": rib(TWO, at=DAY)}

    found = feed(**tables, updates1=first.announce(SESSION, ONE).octets(), updates2=second)

    assert told(found) == [
        "0 SessionUp",
        "0 Announce 203.0.113.0/24",
        "0 EndOfRib",
        "60 Announce 203.0.113.0/24",
        "720 Announce 203.0.113.0/24",
        "2400 Gap",
        "2400 Withdraw 203.0.113.0/24",
        "86400 SessionUp",
        "86400 Announce 198.51.100.0/24",
        "86400 EndOfRib",
    ]
    remarks = [each.remarks for each in found.readings]
    assert remarks[1] == ["not read: the updates before it lead up to it"]
    assert remarks[4] == ["updates before its first record may be missing"]
    assert not remarks[2]


def test_a_table_closes_a_hole(feed: MakeFeed) -> None:
    """It begins the sessions again, and the updates behind it follow it."""
    first = updates(MINUTE).announce(SESSION, ONE).octets()
    second = updates(20 * MINUTE).withdraw(SESSION, TWO).octets()

    assert told(feed(a=rib(ONE), b=rib(TWO, at=10 * MINUTE), updates1=first, updates2=second)) == [
        "0 SessionUp",
        "0 Announce 203.0.113.0/24",
        "0 EndOfRib",
        "60 Announce 203.0.113.0/24",
        "600 SessionUp",
        "600 Announce 198.51.100.0/24",
        "600 EndOfRib",
        "1200 Withdraw 198.51.100.0/24",
    ]


def test_updates_that_begin_long_after_the_table_are_a_gap(feed: MakeFeed) -> None:
    """What happened in between is not known; after some minutes, nothing is missing."""
    behind = updates(20 * MINUTE).announce(SESSION, TWO).octets()

    assert told(feed(a=rib(ONE), b=behind))[3:] == ["1200 Gap", "1200 Announce 198.51.100.0/24"]
    assert told(feed(a=rib(ONE, at=10 * MINUTE), b=behind))[3:] == ["1200 Announce 198.51.100.0/24"]


def test_the_tables_of_both_families_are_read(feed: MakeFeed) -> None:
    """Two files of one time, one for each family, are one table."""
    six = rib("2001:db8::/32 path 64500 next-hop 2001:db8::1")
    assert told(feed(a=rib(ONE), b=six)) == [
        "0 SessionUp",
        "0 Announce 203.0.113.0/24",
        "0 EndOfRib",
        "0 Announce 2001:db8::/32",
        "0 EndOfRib",
    ]


def test_updates_without_a_table_are_a_gap(feed: MakeFeed) -> None:
    """What was announced before the first record is not known."""
    (gap, _) = feed(a=updates().announce(SESSION, ONE).octets())

    assert isinstance(gap, Gap)
    assert gap.reason == "there is no table: routes from before the updates are not known"


def test_times_never_go_back(feed: MakeFeed) -> None:
    """What is out of order happens at the time of what is in front of it, and is said once."""
    dump = updates(MINUTE).announce(SESSION, ONE).at(TIMESTAMP + 50 * SECOND)
    dump.announce(SESSION, TWO).at(TIMESTAMP + 2 * MINUTE).withdraw(SESSION, ONE)
    found = feed(a=dump.octets())

    assert [each.time - TIMESTAMP for each in found] == [
        50 * SECOND, 60 * SECOND, 60 * SECOND, 120 * SECOND,
    ]  # fmt: skip
    (remark,) = found.readings[0].remarks
    assert remark.startswith("1 record with a time up to 10 s before one in front of it")


FAR: Final = 20 * 365 * DAY


@pytest.mark.parametrize(
    ("times", "expected"),
    [
        ([0, FAR, 2 * MINUTE], [0, 0, 2 * MINUTE]),
        ([0, MINUTE, FAR], [0, MINUTE, MINUTE]),
        ([0, FAR, FAR, 2 * MINUTE], [0, 0, 0, 2 * MINUTE]),
        ([0, 0, 0, FAR, FAR + 1, FAR + 2], [0, 0, 0, FAR, FAR + 1, FAR + 2]),
        ([0, MINUTE, 2 * DAY], [0, MINUTE, 2 * DAY]),
        ([FAR, MINUTE, 2 * MINUTE], [MINUTE, MINUTE, 2 * MINUTE]),
    ],
)
def test_one_wrong_clock_does_not_move_time(
    feed: MakeFeed, times: list[int], expected: list[int]
) -> None:
    """A time far ahead is doubted, until two further records agree with it."""
    dump = updates()
    for each in times:
        dump.at(TIMESTAMP - FAR + each).announce(SESSION, ONE)
    found = [each for each in feed(a=dump.octets()) if isinstance(each, Announce)]

    assert [each.time - TIMESTAMP + FAR for each in found] == expected


def test_damage_is_a_gap_and_what_follows_is_read(feed: MakeFeed) -> None:
    """Octets between records are passed; the file is damaged, and a later table heals that."""
    before, behind = updates(SECOND).announce(SESSION, ONE), updates(2 * SECOND)
    behind.withdraw(SESSION, ONE, TWO).announce(SESSION, OTHER, TWO).end_of_rib(SESSION)
    octets = before.octets() + b"\xff" * 50 + behind.octets()
    found = feed(ASKED, a=rib(ONE), b=octets, c=rib(ONE, at=MINUTE))

    assert told(found)[3:] == [
        "1 Announce 203.0.113.0/24",
        "1 Gap",
        "2 Withdraw 203.0.113.0/24",
        "2 Announce 198.51.100.0/24",
        "2 EndOfRib",
        "60 SessionUp",
        "60 Announce 203.0.113.0/24",
        "60 EndOfRib",
    ]
    assert "an MRT record header" in found.readings[1].damage[0]
    assert [each.is_sound for each in found.readings] == [True, False, True]


@pytest.mark.parametrize(
    ("octets", "reason"),
    [
        (rib(ONE)[:-3], "the end of the dump"),
        (gzip.compress(rib(ONE))[:-3], "the gzip stream ends before its end"),
    ],
    ids=["plain", "gzip"],
)
def test_a_table_that_is_cut_is_not_complete(feed: MakeFeed, octets: bytes, reason: str) -> None:
    """Nothing says that all of its routes were read."""
    found = feed(a=octets)

    assert EndOfRib not in map(type, found)
    assert reason in found.readings[0].damage[0]


@pytest.mark.parametrize(
    ("octets", "reason"),
    [
        (b"", "it is empty"),
        (b"no dump\n" * 9, "it is no MRT file, no BMP stream and no recording of RIS Live"),
        (b'{"a": 1}\n', "it is no MRT file, no BMP stream and no recording of RIS Live"),
        (b"7z\xbc\xaf\x27\x1c", "compressed by 7-Zip, which is not read: decompress it first"),
    ],
)
def test_what_is_no_archive_is_said(feed: MakeFeed, octets: bytes, reason: str) -> None:
    """Such a file is an error of its reading; the others are read."""
    found = feed(a=octets, b=rib(ONE))

    assert len([*found]) == 3
    assert found.readings[0].error == reason


def test_an_archive_without_events_is_said(feed: MakeFeed) -> None:
    """Nobody asks about its routes."""
    table = RibDump(timestamp=TIMESTAMP)
    found = feed(ASKED, a=table.routes(table.peer("192.0.2.1", 64500), ONE).octets(),
                 b=updates().announce(SESSION, OTHER).octets())  # fmt: skip
    list(found)

    assert not found.readings[0].remarks
    assert found.readings[1].remarks == [
        "no event: nothing in it is about a session or prefix of the inventory"
    ]


def test_a_recorded_bmp_stream_has_the_times_of_its_headers(feed: MakeFeed) -> None:
    """What has no time happens with what is in front of it."""
    stream = BmpStream("edge1").up(PEER).announce(PEER, ONE).end_of_rib(PEER)
    stream.at(TIMESTAMP + MINUTE).withdraw(PEER, ONE).at(None).announce(PEER, ONE).at(
        TIMESTAMP + 2 * MINUTE
    ).down(PEER)
    found = feed(a=gzip.compress(stream.octets()))

    assert [line for line in told(found) if "Other" not in line] == [
        "0 SessionUp",
        "0 Announce 203.0.113.0/24",
        "0 EndOfRib",
        "60 Withdraw 203.0.113.0/24",
        "60 Announce 203.0.113.0/24",
        "120 SessionDown",
    ]
    assert found.readings[0].kind is ArchiveKind.BMP


def test_bmp_streams_of_one_router_follow_one_another(feed: MakeFeed) -> None:
    """One that begins with an Initiation is another connection; another one goes on."""
    first = BmpStream("edge1").up(PEER).announce(PEER, ONE).octets()
    rest = BmpStream("edge1", timestamp=TIMESTAMP + MINUTE).withdraw(PEER, ONE)
    again = BmpStream("edge1", timestamp=TIMESTAMP + 2 * MINUTE).up(PEER).octets()
    found = feed(a=again, b=first[:-5], c=first[-5:] + b"".join(rest.messages[1:]))
    found = feed(a=again, b=first, c=b"".join(rest.messages[1:]))

    assert [type(each) for each in found] == [
        SessionUp, Announce, Withdraw, FeedLost, FeedBack, SessionUp,
    ]  # fmt: skip


def test_a_bmp_stream_without_times_happens_at_once(feed: MakeFeed) -> None:
    """That is said."""
    stream = BmpStream("edge1", timestamp=None).up(PEER).announce(PEER, ONE)
    found = feed(a=stream.octets())

    assert {each.time for each in found} == {0}
    assert found.readings[0].remarks == [
        "its messages have no times: all of them happened at once here"
    ]


def test_a_damaged_bmp_stream_is_a_gap(feed: MakeFeed) -> None:
    """What follows cannot be read."""
    stream = BmpStream("edge1").up(PEER).raw(b"\xff" * 20)
    found = feed(a=stream.octets())

    assert [type(each) for each in found] == [SessionUp, Gap]
    assert not found.readings[0].is_sound


def _ris(time: float, **data: object) -> str:
    head = {
        "timestamp": time, "peer": "192.0.2.1", "peer_asn": "64500", "id": "0", "host": "rrc00",
    }  # fmt: skip
    return json.dumps({"type": "ris_message", "data": head | data})


def test_messages_of_ris_live_can_be_recorded(feed: MakeFeed) -> None:
    """One on each line; they show changes only, and what is no message is a gap."""
    at = TIMESTAMP / SECOND
    announced = [{"next_hop": "192.0.2.1", "prefixes": ["203.0.113.0/24"]}]
    lines = [
        _ris(at, type="UPDATE", path=[64500], announcements=announced),
        "",
        "no message",
        _ris(at + 60, type="UPDATE", withdrawals=["203.0.113.0/24", "198.51.100.0/24"]),
        json.dumps({"type": "pong", "data": None}),
        _ris(at + 90, type="RIS_PEER_STATE", state="down"),
    ]
    found = feed(ASKED, a=gzip.compress("\n".join(lines).encode()))

    assert told(found) == [
        "0 Gap",
        "0 Announce 203.0.113.0/24",
        "0 Gap",
        "60 Withdraw 203.0.113.0/24",
        "90 SessionDown",
    ]
    assert found.readings[0].kind is ArchiveKind.RIS_LIVE


def test_several_routers_are_merged_by_time(tmp_path: Path) -> None:
    """Each has its own files, also a folder of them."""
    folder = tmp_path / "edge2"
    folder.mkdir()
    (tmp_path / "edge1.mrt").write_bytes(updates().announce(SESSION, ONE, TWO).octets())
    (folder / "b").write_bytes(updates(2 * SECOND).withdraw(SESSION, ONE).octets())
    (folder / "a").write_bytes(updates(-SECOND).announce(SESSION, ONE).octets())
    archives = [Archive("edge1", (str(tmp_path / "edge1.mrt"),)), Archive("edge2", (str(folder),))]
    found = [
        (each.router, (each.time - TIMESTAMP) // SECOND)
        for each in ArchiveFeed(archives)
        if not isinstance(each, Gap)
    ]

    assert found == [("edge2", -1), ("edge1", 0), ("edge1", 0), ("edge2", 2)]


def test_a_folder_without_files_is_said(tmp_path: Path) -> None:
    """And so is a file that is not there."""
    feed = ArchiveFeed([Archive("edge1", (str(tmp_path), str(tmp_path / "nowhere")))])

    assert [*feed] == []
    assert [each.error for each in feed.readings] == [
        "the folder has no file",
        "no such file; expected an MRT dump",
    ]


def test_it_is_a_feed(feed: MakeFeed) -> None:
    """Its events can be awaited, and other work goes on meanwhile."""
    routes = [f"203.0.113.{each}/32 path 64500" for each in range(256)]
    found = feed(a=rib(*routes), b=rib(*routes, at=DAY))
    turns = 0

    async def read() -> list[Event]:
        return [event async for event in found]

    async def count() -> None:
        nonlocal turns
        while True:
            await asyncio.sleep(0)
            turns += 1

    async def both() -> list[Event]:
        counting = asyncio.create_task(count())
        events = await read()
        counting.cancel()
        return events

    events = asyncio.run(both())
    assert isinstance(found, Feed)
    assert len(events) == 2 * 258
    assert turns
    assert SessionDown not in map(type, events)


def test_what_a_router_says_is_no_damage(feed: MakeFeed) -> None:
    """Routes in front of their Peer Up are a gap, and the file is sound."""
    stream = BmpStream("edge1").announce(PEER, ONE).up(PEER)
    found = feed(a=stream.octets())

    assert Gap in map(type, found)
    assert found.readings[0].is_sound
    assert "routes came before its Peer Up" in found.readings[0].remarks


@pytest.mark.parametrize("octets", [BmpStream().up(PEER).octets(), b"{}\n" * 9])
def test_what_is_cut_is_damaged(feed: MakeFeed, octets: bytes) -> None:
    """Whatever it is a recording of."""
    if octets[:1] == b"{":
        octets = _ris(TIMESTAMP / SECOND, type="RIS_PEER_STATE", state="down").encode() + b"\n"
    found = feed(a=gzip.compress(octets)[:-2])
    list(found)

    assert found.readings[0].damage == ["the gzip stream ends before its end"]


def test_records_of_other_types_may_hide_routes(feed: MakeFeed) -> None:
    """A generic RIB record of another family does not; an unknown subtype does. Said once."""
    dump = updates().announce(SESSION, ONE).record(MrtType.BGP, 0, b"").record(MrtType.BGP, 1, b"")
    found = feed(a=dump.announce(SESSION, ONE).octets())

    assert [type(each) for each in found][1:] == [Announce, Gap, Announce]
    assert found.readings[0].damage == ["records of unsupported types may hide routes"]


def test_a_file_that_vanishes_is_a_gap(tmp_path: Path) -> None:
    """It was there when it was looked at."""
    paths = [tmp_path / name for name in ("a.mrt", "b.bmp", "c.json", "d.rib")]
    paths[0].write_bytes(updates().announce(SESSION, ONE).octets())
    paths[1].write_bytes(BmpStream().up(PEER).octets())
    paths[2].write_text(_ris(TIMESTAMP / SECOND, type="RIS_PEER_STATE", state="down"))
    paths[3].write_bytes(rib(ONE))
    found = ArchiveFeed([Archive("edge1", tuple(map(str, paths)))])
    assert found.start() == TIMESTAMP
    for each in paths:
        each.unlink()

    assert {type(each) for each in found} == {Gap}
    assert {tuple(each.damage) for each in found.readings} == {
        ("no such file; expected an MRT dump",)
    }


def test_only_the_first_texts_about_a_file_are_kept() -> None:
    """The others are counted."""
    reading = ArchiveReading("a")
    for number in range(30):
        reading.add_damage(f"damage {number % 25}")

    assert (len(reading.damage), reading.more) == (20, 5)


def test_a_folder_that_is_followed_gives_the_same_events(tmp_path: Path) -> None:
    """From the same table on, at the same times."""
    dump = updates().announce(SESSION, TWO, ONE.removesuffix(TAG))
    dump.at(TIMESTAMP + SECOND).state_change(SESSION, 6, 1)
    dump.at(TIMESTAMP + 2 * SECOND).open(SESSION).announce(SESSION, ONE).end_of_rib(SESSION)
    dump.at(TIMESTAMP + 3 * SECOND).withdraw(SECOND_SESSION, TWO).announce(SECOND_SESSION, TWO)
    story = Story(tmp_path)
    (tmp_path / "rib").write_bytes(rib(ONE, TWO))
    (tmp_path / "updates").write_bytes(gzip.compress(dump.octets()))
    archive = Archive(tmp_path.name, (str(tmp_path),), View.ADJ_RIB_IN)

    assert [*ArchiveFeed([archive], feed="follow")] == story.settled()
