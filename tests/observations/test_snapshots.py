"""Several snapshots of one table, and the updates after a table: which of them count.

The rows are those of views#several-snapshots-of-one-table and views#updates-after-a-table. A dump
is spelled as its parts: `old` and `new` are tables, `v6` is one of IPv6 routes only, and so on.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

import pytest

from peerlint.bulk import DumpReader
from peerlint.model import Criteria, View
from peerlint.observations import (
    Coverage,
    Observations,
    RibArgument,
    SessionSource,
    SourceBuilder,
    SourceSummary,
)
from peerlint.testing.dumps import (
    ESTABLISHED,
    TIMESTAMP,
    FeedSession,
    OldRibDump,
    RibDump,
    UpdateDump,
)
from peerlint.testing.notation import scenario

INVENTORY: Final = scenario("").inventory
SESSION: Final = scenario("").feed("ams-1")
OTHER: Final = scenario("").feed("ams-2")
SENT: Final = FeedSession("192.0.2.1", 8075, "192.0.2.0", 64500, sent=True)
START: Final = datetime(2026, 11, 21, tzinfo=UTC)
SECOND: Final = 1_000_000
MINUTE: Final = 60 * SECOND
#: Documentation prefixes, as tests call them: three of IPv4, one of IPv6.
A, B, C, SIX = "203.0.113.0/24", "198.51.100.0/24", "198.18.0.0/15", "2001:db8::/32"


def table(
    time: int, *prefixes: str, view: str = "", collector: str = "192.0.2.255", peer: str = "ams-1"
) -> bytes:
    """Return a snapshot of one session, `time` microseconds after the start."""
    dump = RibDump(timestamp=TIMESTAMP + time, collector=collector, view=view)
    number = dump.peer({"ams-1": "192.0.2.0", "ams-2": "192.0.2.2"}[peer], 64500)
    return dump.routes(number, *(f"{each} path 64500" for each in prefixes)).octets()


def updates(time: int, *words: str, session: FeedSession = SESSION, step: int = SECOND) -> bytes:
    """Return updates, the first `time` microseconds after the start: `+A`, `-A`, `down`..."""
    dump = UpdateDump()
    for number, word in enumerate(words):
        dump.at(TIMESTAMP + time + number * step)
        name = word[1:]
        if word == "up":
            dump.state_change(session)
        elif word == "down":
            dump.state_change(session, ESTABLISHED, 1)
        elif word == "open":
            dump.open(session)
        elif word == "end":
            dump.end_of_rib(session)
        elif word == "notification":
            dump.message(session, b"\xff" * 16 + b"\x00\x15\x03\x06\x02")
        elif word == "keepalive":
            dump.message(session, b"\xff" * 16 + b"\x00\x13\x04")
        elif word[0] == "+":
            dump.announce(session, f"{name} path 64500")
        else:
            dump.withdraw(session, name)
    return dump.octets()


def read(octets: bytes, argument: str = "f", chunk: int = 1 << 20) -> Reading:
    """Read one dump."""
    dump = RibArgument.parse(argument, INVENTORY)
    builder = SourceBuilder(dump, INVENTORY, {"contoso-ams": Criteria()})
    chunks = [octets[at : at + chunk] for at in range(0, len(octets), chunk)]
    reader = DumpReader(chunks, source=dump.file, viewpoint=builder.viewpoint, criteria=Criteria())
    builder.read(reader)
    return builder.close(reader.counts, reader.quality, reader.times)


Reading = tuple[SourceSummary, dict[str, tuple[SessionSource, ...]]]


def shown(source: SessionSource) -> set[str]:
    """Return the prefixes that a source shows."""
    return {str(each.route.prefix) for each in source.observations}


def sources_of(*dumps: bytes, session: str = "ams-1") -> list[tuple[set[str], str]]:
    """Return prefixes and coverage of a session's sources, in order of precedence."""
    names = (f"f{number}" for number in range(len(dumps)))
    found = Observations.join([read(*each) for each in zip(dumps, names, strict=True)])
    return [(shown(each), str(each.coverage)) for each in found.of(session)]


OLD, NEW = table(0, A, B), table(MINUTE, A)
PEER_TABLE: Final = table(MINUTE)
LAST: Final = 2 * MINUTE


@pytest.mark.parametrize(
    ("octets", "expected"),
    [
        # The last one counts, by its time and not by its position.
        (OLD + NEW, [({A}, "complete")]),
        (NEW + OLD, [({A}, "complete")]),
        (OLD + NEW + table(LAST, B), [({B}, "complete")]),
        (OLD + OLD, [({A, B}, "complete")]),
        # A prefix that is missing in between counts again.
        (NEW + table(LAST, A, B), [({A, B}, "complete")]),
        # It replaces the routes of each address family that it has a record of,
        (table(0, A, SIX) + table(MINUTE, B), [({B, SIX}, "complete")]),
        (table(0, A, SIX) + table(MINUTE, SIX), [({A, SIX}, "complete")]),
        (table(0, A) + table(MINUTE, SIX) + table(LAST, B), [({B, SIX}, "complete")]),
        # or of all families if it has no record.
        (OLD + table(MINUTE), [(set(), "complete")]),
        (table(0, A, SIX) + table(MINUTE), [(set(), "complete")]),
        # Another view or another collector means another table.
        (OLD + table(MINUTE, A, view="six"), [({A, B}, "complete")]),
        (OLD + table(MINUTE, A, collector="192.0.2.254"), [({A, B}, "complete")]),
        (table(0, A, view="a") + table(0, B, view="b") + table(LAST, view="a"),
         [({B}, "complete")]),
        # A session that the last one does not list has no source.
        (OLD + table(MINUTE, A, peer="ams-2"), []),
        # Damage before it does not matter.
        (OLD + b"\0" * 40 + NEW, [({A}, "complete")]),
    ],
)  # fmt: skip
def test_the_last_snapshot_counts(octets: bytes, expected: list[tuple[set[str], str]]) -> None:
    """Of several snapshots of one table, only the last one counts."""
    assert expected == sources_of(octets)


@pytest.mark.parametrize("cut", range(1, len(NEW) + 1))
def test_an_older_snapshot_proves_nothing(cut: int) -> None:
    """Wherever the last snapshot is cut, no older one replaces the missing part."""
    kept = len(NEW) - cut
    expected = [(set(), "partial")] if kept > len(PEER_TABLE) else []
    if kept == len(PEER_TABLE):
        expected = [(set(), "complete")]  # cut where a record ends: a table without routes
    elif kept < 8:
        # Too short to tell whether a snapshot begins there.
        expected = [({A, B}, "partial" if kept else "complete")]

    assert expected == sources_of(OLD + NEW[:kept])


@pytest.mark.parametrize("cut", range(1, len(OLD)))
def test_a_snapshot_after_one_that_is_cut(cut: int) -> None:
    """A router that fails while it writes appends the next snapshot to half a record.

    The half record extends over the start of what follows, perhaps over its peer table, so that
    the peers of the routes after it are not known. The routes of the older snapshot never count.
    """
    found = sources_of(OLD[:-cut] + table(MINUTE, A, C))

    assert all(routes <= {A, C} for routes, _ in found)
    assert all(routes == {A, C} for routes, coverage in found if coverage == "complete")


def test_a_snapshot_with_damage_inside_counts() -> None:
    """It has partial coverage, and its remaining routes count, not those of an older one."""
    whole = table(MINUTE, A, SIX)
    second = whole.index(b"\x20\x20\x01\x0d\xb8")  # the prefix of the second record
    broken = whole[:second] + b"\xff" + whole[second + 1 :]

    assert [({A}, "partial")] == sources_of(table(0, A, B, SIX) + broken)


def test_a_broken_peer_table_ends_the_one_before_it() -> None:
    """Records after a broken peer table are lost; they are not read with the one before it."""
    new = bytearray(table(MINUTE, A))
    new[12 + 4 + 2 + 1] = 9  # more peers than there are

    assert [] == sources_of(OLD + bytes(new))


def test_a_peer_table_of_an_absurd_length_ends_the_one_before_it() -> None:
    """It is still a peer table: records after it are not read with the one before it."""
    new = bytearray(table(MINUTE, A, C))
    new[8] = 0xFF  # of its length

    assert [] == sources_of(OLD + bytes(new))
    assert 2 == read(OLD + bytes(new))[0].quality.entries


def test_rows_are_never_older_than_their_table() -> None:
    """Some writers put the time of a route into its record: the time of the table counts."""
    dump = RibDump(timestamp=TIMESTAMP + MINUTE)
    rib = dump.routes(dump.peer("192.0.2.0", 64500), f"{A} path 64500").octets()
    second = len(PEER_TABLE)
    stamped = (TIMESTAMP // SECOND).to_bytes(4)
    early = rib[:second] + stamped + rib[second + 4 :]

    assert [({A}, "complete")] == sources_of(early, updates(MINUTE // 2, "down"))
    assert [({A}, "complete")] == sources_of(updates(MINUTE // 2, "down") + early)


def test_replaced_snapshots_are_in_the_summary() -> None:
    """The summary has the number of snapshots, and the times of those that were replaced."""
    summary, _ = read(OLD + NEW + table(LAST, B) + table(LAST, B, view="other"))

    assert (4, (START, START + timedelta(minutes=1))) == (summary.snapshots, summary.replaced)
    assert (START, START + timedelta(minutes=2)) == (summary.first, summary.last)


@pytest.mark.parametrize("chunk", [40, 100, 1 << 20])
def test_counts_are_those_of_the_last_snapshot(chunk: int) -> None:
    """Each route is counted once, however many snapshots there are."""
    _, sources = read(OLD * 3 + table(MINUTE, A, SIX), chunk=chunk)

    (source,) = sources["ams-1"]
    assert (2, 1, True) == (source.counts.routes, source.counts.ipv6, source.counts.once)


def test_routes_from_microsoft_are_those_of_the_last_snapshot() -> None:
    """Routes from AS8075 in an older snapshot are not counted."""
    dumps = []
    for minute, prefixes in enumerate((2, 1)):
        dump = RibDump(timestamp=TIMESTAMP + minute * MINUTE)
        number = dump.peer("192.0.2.1", 8075)
        dump.routes(number, *(f"198.18.{each}.0/24 path 8075" for each in range(prefixes)))
        dumps.append(dump.octets())

    summary, _ = read(b"".join(dumps))

    assert ((("ams-1", 1),), 1) == (summary.from_microsoft, summary.microsoft)


# -- TABLE_DUMP, which has no peer table: a snapshot starts where sequence numbers start again


def old_table(time: int, *prefixes: str, view: int = 0, start: int = 0) -> bytes:
    """Return a snapshot of one session in TABLE_DUMP, whose sequence begins with `start`."""
    dump = OldRibDump(timestamp=TIMESTAMP + time, view=view)
    dump._sequence = start
    for each in prefixes:
        dump.routes("192.0.2.0", 64500, f"{each} path 64500")
    return dump.octets()


def old_table6(time: int) -> bytes:
    """Return a snapshot with one IPv6 route, of a peer without a session."""
    dump = OldRibDump(timestamp=TIMESTAMP + time)
    return dump.routes("2001:db8::1", 64500, f"{SIX} path 64500 next-hop 2001:db8::1").octets()


@pytest.mark.parametrize(
    ("octets", "expected"),
    [
        # A sequence that falls back.
        (old_table(0, A, B) + old_table(0, A), [({A}, "complete")]),
        (old_table(0, A, B) + old_table(MINUTE, C, A), [({A, C}, "complete")]),
        (old_table(MINUTE, A) + old_table(0, A, B), [({A}, "complete")]),
        # A later time with sequence 0.
        (old_table(0, A) + old_table(SECOND, B), [({B}, "complete")]),
        (old_table(0, A) + old_table(0, B), [({A, B}, "complete")]),
        # A wrap: there are more routes than numbers.
        (old_table(0, A, B, start=0xFFFF), [({A, B}, "complete")]),
        (old_table(0, A, start=0xFFFF) + old_table(SECOND, B), [({A, B}, "complete")]),
        (old_table(0, A, start=0xFFFF) + old_table(10 * MINUTE, B), [({B}, "complete")]),
        # Another view is another table, also if their records alternate.
        (old_table(0, A) + old_table(SECOND, B, view=1), [({A, B}, "complete")]),
        (old_table(0, A, start=3) + old_table(0, C, view=1) + old_table(0, B, start=4),
         [({A, B, C}, "complete")]),
        (old_table(0, A, B) + old_table(0, C, view=1) + old_table(MINUTE, B),
         [({B, C}, "complete")]),
        # A TABLE_DUMP_V2 is another table.
        (OLD + old_table(MINUTE, C) + table(LAST, A), [({A, C}, "complete")]),
        (old_table(0, A, B) + updates(MINUTE, f"-{B}"), [({A}, "complete")]),
        # Cut or damaged.
        (old_table(0, A, B) + old_table(MINUTE, C, A)[:-3], [({C}, "partial")]),
        (old_table(0, A, B, C)[:-20] + old_table(MINUTE, A, B), [({B}, "partial")]),
        # Another family belongs to the same snapshot, unless it comes long after.
        (old_table(0, A) + old_table6(SECOND), [({A}, "complete")]),
        (old_table(0, A) + old_table6(10 * MINUTE) + old_table(11 * MINUTE, B),
         [({B}, "complete")]),
    ],
)  # fmt: skip
def test_snapshots_of_table_dump(octets: bytes, expected: list[tuple[set[str], str]]) -> None:
    """Of several snapshots of one view, only the last one counts."""
    assert expected == sources_of(octets)


@pytest.mark.parametrize("cut", range(1, len(old_table(0, A, B))))
def test_a_table_dump_after_one_that_is_cut(cut: int) -> None:
    """Half a record extends over the start of the next table, which still counts."""
    found = sources_of(old_table(0, A, B)[:-cut] + old_table(MINUTE, A, C))

    assert all(routes <= {A, C} for routes, _ in found)
    assert all(routes == {A, C} for routes, coverage in found if coverage == "complete")


# -- updates after a table


@pytest.mark.parametrize(
    ("dumps", "expected"),
    [
        # In the same stream.
        ((OLD + updates(MINUTE, f"-{B}"),), [({A}, "complete")]),
        ((NEW + updates(LAST, f"+{B}"),), [({A, B}, "complete")]),
        ((OLD + updates(MINUTE, f"-{B}", f"+{B}"),), [({A, B}, "complete")]),
        ((OLD + updates(MINUTE, f"-{A}", session=OTHER),), [({A, B}, "complete")]),
        # However long after it: the stream has no gap.
        ((OLD + updates(600 * MINUTE, f"-{B}"),), [({A}, "complete")]),
        # The order of times counts, not the order in the stream.
        ((updates(MINUTE, f"-{B}") + OLD,), [({A}, "complete")]),
        ((OLD + updates(LAST, f"-{B}") + updates(MINUTE, f"+{B}"),), [({A}, "complete")]),
        # The table includes updates before its time.
        ((updates(0, f"+{B}") + NEW,), [({A}, "complete")]),
        ((NEW + updates(0, f"+{B}"),), [({A}, "complete")]),
        ((NEW + updates(0, "down"),), [({A}, "complete")]),
        # The later of two snapshots includes the updates between them.
        ((OLD + updates(SECOND, f"-{A}") + NEW,), [({A}, "complete")]),
        ((NEW + updates(MINUTE + SECOND, f"+{B}") + table(LAST, A),), [({A}, "complete")]),
        # A snapshot of one family does not include updates of the other.
        ((OLD + updates(SECOND, f"-{B}") + table(MINUTE, SIX),), [({A, SIX}, "complete")]),
        # Another file continues the table if a record is not later than the table's last one.
        ((OLD, updates(0, "keepalive", f"-{B}")), [({A}, "complete")]),
        ((OLD, updates(-MINUTE, "keepalive", f"-{B}", step=2 * MINUTE)), [({A}, "complete")]),
        # Times of a table are in whole seconds.
        ((OLD, updates(999_999, f"-{B}")), [({A}, "complete")]),
        # After a gap, coverage is partial.
        ((OLD, updates(SECOND, f"-{B}")), [({A}, "partial")]),
        ((OLD, updates(SECOND, f"+{C}")), [({C}, "partial"), ({A, B}, "partial")]),
        ((OLD, updates(600 * MINUTE, f"+{A}")), [({A}, "partial"), ({B}, "partial")]),
        # A file whose updates are all before the table does not count.
        ((NEW, updates(0, f"+{B}")), [({A}, "complete")]),
        ((NEW, updates(0, f"+{B}", "down")), [({A}, "complete")]),
        # The next file begins at most 15 minutes after the last record of the one before it.
        ((OLD, updates(0, "keepalive"), updates(15 * MINUTE, f"-{B}")), [({A}, "complete")]),
        ((OLD, updates(0, "keepalive"), updates(15 * MINUTE + SECOND, f"-{B}")),
         [({A}, "partial")]),
        ((OLD + updates(MINUTE, "keepalive"), updates(16 * MINUTE, f"-{B}")),
         [({A}, "complete")]),
        ((OLD + updates(MINUTE, "keepalive"), updates(17 * MINUTE, f"-{B}")),
         [({A}, "partial")]),
        ((OLD, updates(0, "keepalive"), updates(14 * MINUTE, "keepalive"),
          updates(28 * MINUTE, f"-{B}")), [({A}, "complete")]),
        # A file that cannot be read to its end may have had more updates.
        ((OLD, updates(0, "keepalive", f"-{B}", "keepalive")[:-3]), [({A}, "partial")]),
        # A table that is cut, and whole updates.
        ((table(0, A, B)[:-60], updates(0, f"+{C}")), [({C}, "partial")]),
        # Of two tables in two files, the newer takes precedence, each with the updates after it.
        ((OLD, NEW), [({A}, "complete"), ({A, B}, "complete")]),
        ((OLD, updates(0, "keepalive", f"+{C}"), NEW),
         [({A}, "complete"), ({A, B, C}, "complete")]),
    ],
)  # fmt: skip
def test_updates_are_applied_to_the_table(
    dumps: tuple[bytes, ...], expected: list[tuple[set[str], str]]
) -> None:
    """A table and the updates after it are one source, in any order of the files."""
    assert expected == sources_of(*dumps)
    assert expected == sources_of(*reversed(dumps))


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        # A session that goes down certainly has no routes until it comes up again.
        (("down",), (set(), "complete")),
        (("notification",), (set(), "complete")),
        (("down", "up"), (set(), "partial")),
        (("down", "up", f"+{A}"), ({A}, "partial")),
        (("down", "up", f"+{A}", "end"), ({A}, "complete")),
        (("down", f"+{A}"), ({A}, "partial")),
        (("down", "keepalive"), (set(), "partial")),
        # A session that starts was down before, even if no record says so.
        (("up", f"+{A}", "end"), ({A}, "complete")),
        (("open", f"+{A}", "end"), ({A}, "complete")),
        (("open", f"+{A}"), ({A}, "partial")),
        # The End-of-RIB of an earlier session does not count for a later one.
        (("up", f"+{A}", "end", "down", "up", f"+{B}"), ({B}, "partial")),
        (("up", f"+{A}", "end", "down"), (set(), "complete")),
    ],
)
def test_a_session_that_goes_down_loses_its_routes(
    words: tuple[str, ...], expected: tuple[set[str], str]
) -> None:
    """This holds after a table, in its stream or in another file, and in a feed alone."""
    after = updates(SECOND, *words)

    assert [expected] == sources_of(OLD + after)
    assert [expected] == sources_of(OLD, updates(0, "keepalive") + after)
    assert [expected] == sources_of(after) or "up" not in words


@pytest.mark.parametrize("words", [("down",), ("up",)])
def test_only_that_session_goes_down(words: tuple[str, ...]) -> None:
    """The other sessions of the table keep their routes."""
    dump = scenario(f"ams-1 {A} path 64500\nams-2 {A} path 64500").rib().octets()

    found = [sources_of(dump + updates(SECOND, *words), session=each) for each in SESSIONS]

    assert set() == found[0][0][0]
    assert [({A}, "complete")] == found[1]


SESSIONS: Final = ("ams-1", "ams-2")


def test_both_directions_of_a_session_go_down() -> None:
    """Routers write a change of state once for both directions."""
    down = FeedSession("192.0.2.1", 8075, "192.0.2.0", 64500)
    dump = updates(0, "open", f"+{A}", "end", session=SENT) + updates(LAST, "down", session=down)

    (source,) = Observations.join([read(dump)]).of("ams-1")

    assert (View.SENT, set()) == (source.view, shown(source))


def test_updates_of_a_feed_alone() -> None:
    """Without a table, updates are applied to the routes from session start to End-of-RIB."""
    start = updates(0, "up", f"+{A}", f"+{B}", "end")

    assert [({A}, "complete")] == sources_of(start, updates(MINUTE, f"-{B}"))
    assert [({A}, "partial")] == sources_of(start, updates(60 * MINUTE, f"-{B}"))


def test_updates_with_path_identifiers_after_a_table_without() -> None:
    """Such an update may replace any of the paths, so none of them counts."""
    session = FeedSession("192.0.2.0", 64500, "192.0.2.1", 8075, add_path=True)
    after = UpdateDump(timestamp=TIMESTAMP + SECOND)
    after.withdraw(session, f"{A} path-id 1")

    assert [({B}, "complete")] == sources_of(OLD + after.octets())


def test_evidence_names_its_own_file() -> None:
    """Each route of a source of several files has the name of its own file."""
    found = Observations.join([read(NEW, "table"), read(updates(MINUTE, f"+{B}"), "updates")])

    (source,) = found.of("ams-1")
    assert "table, updates" == source.source
    assert {(A, "table"), (B, "updates")} == {
        (str(each.route.prefix), each.source) for each in source.observations
    }


def test_the_time_of_a_source() -> None:
    """It is that of the table's last record, or of the last update that follows without a gap."""
    near, far = updates(MINUTE, f"+{B}"), updates(600 * MINUTE, f"+{B}")

    def times(*dumps: bytes) -> list[timedelta]:
        found = Observations.join([read(each, f"f{n}") for n, each in enumerate(dumps)])
        return [each.last - START for each in found.of("ams-1") if each.last is not None]

    assert [timedelta(minutes=1)] == times(NEW)
    assert [timedelta(minutes=1)] == times(NEW, near)
    assert [timedelta(hours=10), timedelta(minutes=1)] == times(NEW, far)
    # A newer table does not change the time of another one.
    other = table(600 * MINUTE, A, peer="ams-2", collector="192.0.2.254")
    assert [timedelta(minutes=1)] == times(NEW + other)


def test_the_coverage_of_a_dump_is_that_of_the_joined_source() -> None:
    """A table with a gap after it has partial coverage; so do the updates after the gap."""
    whole = Observations.join([read(OLD, "a"), read(updates(0, f"-{B}"), "b")])
    broken = Observations.join([read(OLD, "a"), read(updates(LAST, f"+{B}"), "b")])

    assert [Coverage.COMPLETE] * 2 == [each.coverage for each in whole.sources]
    assert [Coverage.PARTIAL] * 2 == [each.coverage for each in broken.sources]


def test_replaced_snapshots_are_dropped_while_a_dump_is_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Memory is bounded by two snapshots, however many there are."""
    from peerlint.observations import latest_routes as module  # noqa: PLC0415  # for its private names

    sizes: list[int] = []
    tidy = module.LatestRoutes._tidy

    def tidied(self: module.LatestRoutes) -> None:
        tidy(self)
        sizes.append(self._size)

    monkeypatch.setattr(module, "_FEW", 8)
    monkeypatch.setattr(module.LatestRoutes, "_tidy", tidied)
    dumps = (table(number * MINUTE, A, B, SIX) for number in range(50))

    (source,) = Observations.join([read(b"".join(dumps), chunk=100)]).of("ams-1")

    assert {A, B, SIX} == shown(source)
    assert max(sizes) <= 8
