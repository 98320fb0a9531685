"""Both ways to read MRT give the same events: rows of the kernel, and records one by one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

import attrs
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from peerlint.bulk import DumpReader, PrefixFilter, RouteBatch
from peerlint.events import Announce, EndOfRib, Event, Gap, Withdraw
from peerlint.feeds.archive import mrt
from peerlint.feeds.archive.files import ArchiveFile
from peerlint.feeds.archive.growing_selection import GrowingSelection
from peerlint.feeds.archive.header_scan import ScannedChunk
from peerlint.feeds.archive.mrt import MrtFile
from peerlint.feeds.archive.overlap import overlapping
from peerlint.feeds.archive.readings import ArchiveKind, ArchiveReading
from peerlint.feeds.archive.router import MrtRouter
from peerlint.feeds.bmp import RouteSelection
from peerlint.model import Criteria, Prefix, Route, View, Viewpoint
from peerlint.testing import malformed_dumps, strategies
from peerlint.testing.dumps import TIMESTAMP, FeedSession, RibDump, UpdateDump
from peerlint.wire.mrt import MrtType

TAG: Final = "community 8075:8007"
PREFIXES: Final = ("203.0.113.0/24", "203.0.113.128/25", "198.51.100.0/24", "2001:db8::/32")
SESSIONS: Final = (
    FeedSession("192.0.2.1", 64500, "192.0.2.2", 64496),
    FeedSession("192.0.2.3", 64501, "192.0.2.2", 64496, as4=False),
    FeedSession("192.0.2.1", 64500, "192.0.2.2", 64496, sent=True),
    FeedSession("2001:db8::1", 64502, "2001:db8::2", 64496, add_path=True),
)
#: What is done to a session in a dump.
Action = Callable[[UpdateDump, FeedSession], object]


class _Nowhere:
    """A scanner that leaves everything to the reader of records."""

    def scan(self, _: bytes) -> ScannedChunk:
        return ScannedChunk([], 0, is_sound=False, times=[], peers=b"")


@attrs.define(eq=False)
class _InMemory(ArchiveFile):
    """A file in memory, in chunks of a size."""

    octets: bytes = b""
    size: int = 1 << 20

    def chunks(self) -> Iterator[bytes]:
        """Yield the chunks."""
        yield from (
            self.octets[at : at + self.size] for at in range(0, len(self.octets), self.size)
        )


def events(octets: bytes, selection: RouteSelection, size: int, *, is_table: bool) -> list[Event]:
    """Return the events of one file."""
    reading = ArchiveReading("a")
    reading.kind = ArchiveKind.TABLE if is_table else ArchiveKind.UPDATES
    file = _InMemory("a", reading, TIMESTAMP, octets=octets, size=size)
    router = MrtRouter(
        [file], feed="archive", router="edge1", view=None, watched=GrowingSelection(selection)
    )
    return [*router.events()]


def slow_events(octets: bytes, selection: RouteSelection, *, is_table: bool) -> list[Event]:
    """Return the events of one file whose records are read one by one."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(mrt, "HeaderScanner", _Nowhere)
        return events(octets, selection, len(octets) or 1, is_table=is_table)


def without(found: list[Event], kinds: tuple[type, ...]) -> list[Event]:
    """Return all other events."""
    return [each for each in found if not isinstance(each, kinds)]


def assert_same(fast: list[Event], slow: list[Event], known: PrefixFilter | None) -> None:
    """Check that events are the same.

    The kernel reads a chunk again when a route in it is tagged, so that what the chunk has of its
    prefix in front of that is an event too.
    """
    left = iter(fast)
    for each in slow:
        for other in left:
            if other == each:
                break
            assert isinstance(other, Announce | Withdraw)
            prefix = other.route.prefix if isinstance(other, Announce) else other.prefix
            assert known is not None
            assert not known.overlaps(prefix.family, prefix.first, prefix.last)
        else:
            raise AssertionError(f"missing: {each}")
    assert not without([*left], (Announce, Withdraw))


def routes() -> st.SearchStrategy[str]:
    """Routes of few prefixes, with and without the community."""
    return st.builds(
        lambda prefix, tag: f"{prefix} path 64500{tag}" + (
            " next-hop 2001:db8::1" if ":" in prefix else ""
        ),
        st.sampled_from(PREFIXES), st.sampled_from(("", f" {TAG}")),
    )  # fmt: skip


def actions() -> st.SearchStrategy[Action]:
    """What may happen to a session, and to what is recorded of it."""
    return st.one_of(
        routes().map(lambda route: lambda dump, session: dump.announce(session, route)),
        routes().map(lambda route: lambda dump, session: dump.withdraw(session, route)),
        st.sampled_from((4, 6)).map(
            lambda family: lambda dump, session: dump.end_of_rib(session, family)
        ),
        st.just(lambda dump, session: dump.open(session)),
        st.sampled_from(((5, 6), (6, 1), (1, 2))).map(
            lambda states: lambda dump, session: dump.state_change(session, *states)
        ),
        st.just(lambda dump, session: dump.message(session, b"\xff" * 16 + b"\0\x13\4")),
        st.just(
            lambda dump, session: dump.message(session, b"\xff" * 16 + b"\0\x15\3\6\2")
        ),
        st.binary(max_size=40).map(
            lambda octets: lambda dump, session: dump.message(session, octets)
        ),
        st.integers(0, 2_000_000).map(
            lambda time: lambda dump, _: dump.at(dump.timestamp + time)
        ),
    )  # fmt: skip


@given(
    st.lists(st.tuples(st.sampled_from(SESSIONS), actions()), max_size=30),
    st.integers(20, 300),
    st.sampled_from((None, "203.0.113.0/24", "2001:db8:1::/48")),
)
def test_updates_give_the_same_events_both_ways(
    story: list[tuple[FeedSession, Action]], size: int, asked: str | None
) -> None:
    """Whatever the messages are, in chunks of any size; gaps are in front of the same events."""
    dump = UpdateDump(timestamp=TIMESTAMP)
    for session, action in story:
        action(dump, session)
    known = None if asked is None else PrefixFilter.of([Prefix.parse(asked)])
    selection = RouteSelection(known)
    fast = events(dump.octets(), selection, size, is_table=False)
    slow = slow_events(dump.octets(), selection, is_table=False)

    is_damaged = sum(isinstance(each, Gap) for each in slow) > 1
    assert is_damaged == (sum(isinstance(each, Gap) for each in fast) > 1)
    # Behind damage an End-of-RIB means nothing, whether or not it is an event.
    left_out = (Gap, EndOfRib) if is_damaged else (Gap,)
    assert_same(without(fast, left_out), without(slow, left_out), known)


@given(
    st.lists(st.tuples(st.integers(0, 1), routes()), max_size=12),
    st.integers(20, 300),
    st.booleans(),
)
def test_tables_give_the_same_events_both_ways(
    entries: list[tuple[int, str]], size: int, is_twice: bool
) -> None:
    """Also a file with two tables, of which the second one replaces the first."""
    dump = RibDump(timestamp=TIMESTAMP)
    peers = [dump.peer("192.0.2.1", 64500), dump.peer("192.0.2.3", 64501)]
    for peer, route in entries:
        dump.routes(peers[peer], route)
    octets = dump.octets() * (1 + is_twice)
    known = PrefixFilter.of([Prefix.parse("203.0.113.0/24")])
    fast = events(octets, RouteSelection(known), size, is_table=True)

    assert_same(fast, slow_events(octets, RouteSelection(known), is_table=True), known)


@given(malformed_dumps.dumps(), st.integers(20, 400))
def test_damaged_files_never_fail(octets: bytes, size: int) -> None:
    """Whatever the octets are, the events are valid, and their times never go back."""
    for is_table in (False, True):
        found = events(octets, RouteSelection(None), size, is_table=is_table)
        times = [each.time for each in found]
        assert times == sorted(times)


@given(st.lists(strategies.prefixes(), max_size=8), st.lists(strategies.prefixes(), max_size=8))
@example([Prefix.parse("0.0.0.0/0")], [Prefix.parse("192.0.2.0/24")])
@example([Prefix.parse("2001:db8::/127")], [Prefix.parse("2001:db8::2/127")])
@example([Prefix.parse("2001:db8::2/127")], [Prefix.parse("::/0")])
def test_rows_overlap_a_filter_as_their_prefixes_do(
    asked: list[Prefix], announced: list[Prefix]
) -> None:
    """All rows at once, of both families."""
    dump = UpdateDump()
    for each in announced:
        hop = "192.0.2.1" if each.family == 4 else "2001:db8::1"
        dump.announce(SESSIONS[0], Route.parse(f"{each} path 64500 next-hop {hop}"))
    known = PrefixFilter.of(asked)
    reader = DumpReader(
        (dump.octets(),), source="a", viewpoint=lambda _: Viewpoint(View.RECEIVED),
        criteria=Criteria(),
    )  # fmt: skip
    found = [each for batch in reader for each in overlapping(batch, known).tolist()]

    assert found == [known.overlaps(each.family, each.first, each.last) for each in announced]


def test_routes_of_records_are_selected_too() -> None:
    """Behind damage, what nobody asks about is left out as well, and tagged routes are followed."""
    other = FeedSession("192.0.2.9", 64509, "192.0.2.2", 64496)
    dump = UpdateDump(timestamp=TIMESTAMP)
    dump.announce(SESSIONS[0], f"{PREFIXES[2]} path 64500", f"{PREFIXES[2]} path 64500 {TAG}")
    dump.announce(SESSIONS[0], f"{PREFIXES[0]} path 64500").withdraw(SESSIONS[0], PREFIXES[2])
    dump.announce(other, f"{PREFIXES[0]} path 64509").withdraw(SESSIONS[0], PREFIXES[3])
    selection = RouteSelection(
        PrefixFilter.of([Prefix.parse(PREFIXES[0])]),
        watches=lambda _, table: table.asn == 64500,
    )
    found = slow_events(dump.octets(), selection, is_table=False)

    assert [type(each) for each in found] == [Gap, Announce, Announce, Withdraw]


def test_a_crafted_file_does_not_start_a_kernel_for_each_record(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Records of two kinds in turn; the events are the same."""
    dump = UpdateDump(timestamp=TIMESTAMP)
    for number in range(200):
        dump.announce(SESSIONS[0], f"203.0.113.{number}/32 path 64500")
        dump.record(MrtType.OSPFV2, 0, b"").state_change(SESSIONS[1], 5, 6)
    started: list[object] = []

    class Counted(DumpReader):
        """A reader that is counted."""

        def __iter__(self) -> Iterator[RouteBatch]:
            started.append(self)
            return super().__iter__()

    slow = slow_events(dump.octets(), RouteSelection(None), is_table=False)
    monkeypatch.setattr(mrt, "DumpReader", Counted)

    assert events(dump.octets(), RouteSelection(None), 1 << 20, is_table=False) == slow
    assert 0 < len(started) < 40


def test_a_reader_of_one_file_needs_no_table() -> None:
    """Its steps say where they are from."""
    dump = UpdateDump(timestamp=TIMESTAMP).announce(SESSIONS[0], f"{PREFIXES[0]} path 64500")
    file = _InMemory("a", ArchiveReading("a"), octets=dump.octets())
    reader = MrtFile(file, "archive", "edge1", None, GrowingSelection(RouteSelection(None)))
    (step,) = reader.steps()

    assert (step.place, step.time, reader.reached) == (0, TIMESTAMP, TIMESTAMP)
