"""Resuming after damage, in memory that does not grow with the damage."""

from __future__ import annotations

import struct
import tracemalloc
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from peerlint.bulk import DumpReader
from peerlint.model import Asn, Criteria, View, Viewpoint
from peerlint.testing.dumps import FeedSession, RibDump, UpdateDump
from peerlint.wire.bgp import Update
from peerlint.wire.damage import Damage, Quality
from peerlint.wire.framing import COPIES, SLACK, Framing
from peerlint.wire.mrt import MrtType, encode_record
from peerlint.wire.reader import Reader

PAGE = 1 << 16
#: Two alternating octets that no record header has in sequence.
GARBAGE = b"\xfe\xed" * (PAGE // 2)


def dump() -> bytes:
    """Return a dump with one peer and three routes."""
    rib = RibDump()
    edge = rib.peer("192.0.2.0", 64500)
    prefixes = ("203.0.113.0/24", "198.51.100.0/24", "192.0.2.0/24")
    rib.routes(edge, *(f"{prefix} path 64500" for prefix in prefixes))
    return rib.octets()


def chunks(garbage: int) -> Iterator[bytes]:
    """Yield a dump, `garbage` chunks of garbage, and the dump again."""
    yield dump()
    for _ in range(garbage):
        yield GARBAGE
    yield dump()


@pytest.mark.slow
def test_long_damage_is_passed_in_bounded_memory() -> None:
    """64 MiB of garbage take no more memory than a few chunks, and every octet is counted."""
    size = len(dump())
    reader = Reader(chunks(1 << 10), source="dump")
    tracemalloc.start()
    try:
        records = sum(1 for _ in reader)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert records == 8
    found = "feed" * 6
    assert (Damage(size, PAGE << 10, "an MRT record header", found),) == reader.quality.damage
    assert reader.quality.octets == 2 * size + (PAGE << 10)
    assert peak < 16 * PAGE


def test_rows_before_damage_stay_valid() -> None:
    """Rows of the fast path point into octets that are kept in spite of long damage after them."""
    seen_from = Viewpoint(View.RECEIVED, Asn(64500))
    reader = DumpReader(
        chunks(100), source="dump", viewpoint=lambda _: seen_from, criteria=Criteria(max_path=3)
    )

    routes = [str(route.prefix) for batch in reader for route in batch.routes()]

    assert 2 * ["203.0.113.0/24", "198.51.100.0/24", "192.0.2.0/24"] == routes


def test_chunks_are_not_copied() -> None:
    """If a record spans two chunks, only that record is copied."""
    octets = dump() * 2
    second = len(dump()) + 5
    chunks = [octets[:second], octets[second:]]
    framing = Framing(chunks, source="dump")

    assert framing.next_chunk()
    assert framing.buffer is chunks[0]
    framing.at = len(dump())
    assert framing.next_chunk()
    head = octets[len(dump()) :]
    assert head[: 12 + int.from_bytes(head[8:12])] == framing.buffer
    framing.at = len(framing.buffer)
    assert framing.next_chunk()
    assert framing.buffer is chunks[1]
    assert len(dump()) + 12 + int.from_bytes(head[8:12]) == framing.octets


DAY = 86_400_000_000
START = 1_795_219_200_000_000
RECORD = encode_record(START, MrtType.BGP4MP, 4, bytes(20))
EXTENDED = encode_record(START, MrtType.BGP4MP_ET, 4, b"")


def at(timestamp: int) -> bytes:
    """Return a record with a timestamp."""
    return encode_record(timestamp, MrtType.BGP4MP, 4, bytes(20))


CHAINS = [
    (b"", 1, True, "the dump's end"),
    (RECORD, 2, True, "one record and the end"),
    (RECORD * 5, 3, True, "three will do"),
    (RECORD * 3 + b"GET / HTTP/1.1", 3, True, "octets after three do not count"),
    (RECORD * 2 + b"GET / HTTP/1.1", 1, False, "the third is none"),
    (RECORD + RECORD[:-1], 2, True, "the end is inside the second"),
    (RECORD + RECORD[:11], 1, True, "the end is inside the second head"),
    (RECORD + RECORD[:11], 2, False, "one, and the end is inside the second head"),
    (RECORD[:-1], 1, True, "the end is inside the first"),
    (RECORD[:-1], 2, False, "the same, and one does not do"),
    (at(START) + at(START + 400 * DAY) + at(START), 3, True, "years apart: a quiet session"),
    (EXTENDED * 3, 3, True, "microseconds and nothing else"),
    (
        EXTENDED[:11] + b"\3" + EXTENDED[13:] + EXTENDED * 2,
        3,
        False,
        "a record too short for microseconds",
    ),
    (RECORD.replace(b"\0\x10\0\4", b"\0\x10\0\x0c") * 3, 3, False, "no such subtype"),
    (RECORD.replace(b"\0\x10\0\4", b"\0\x12\0\4") * 3, 3, False, "no such type"),
    (RECORD[:8] + (1 << 24).to_bytes(4) + bytes(1 << 24), 3, True, "the longest record"),
    (RECORD[:8] + ((1 << 24) + 1).to_bytes(4) + bytes(1 << 24), 1, False, "longer"),
]


@pytest.mark.parametrize(
    ("octets", "at_least", "expected", "why"), CHAINS, ids=[row[3] for row in CHAINS]
)
def test_chain(octets: bytes, at_least: int, expected: bool, why: str) -> None:
    """Headers of known types that follow one another are a chain."""
    framing = Framing([octets[:20], octets[20:]], source="dump")
    framing.next_chunk()

    assert expected == framing.is_chain(at_least=at_least), why


@pytest.mark.parametrize(
    ("octets", "expected", "why"),
    [
        (b"", True, "the dump's end"),
        (RECORD, True, "a header"),
        (RECORD[:12], True, "a header, and the dump's end"),
        (RECORD[:11], False, "a header that is cut"),
        (RECORD + b"GET / HTTP/1.1", True, "octets after the header do not count"),
        (RECORD.replace(b"\0\x10\0\4", b"\0\x63\0\4"), False, "no such type"),
        (RECORD[:8] + ((1 << 24) + 1).to_bytes(4), False, "longer than any record"),
    ],
)
def test_where_a_record_may_end(octets: bytes, expected: bool, why: str) -> None:
    """The length of a record is trusted if a valid header, or the end of the dump, follows."""
    framing = Framing([octets[:5], octets[5:]], source="dump")
    framing.next_chunk()

    assert expected == framing.is_sound(0), why


def feed(*days: int) -> list[bytes]:
    """Return records with one message each, on some days after the start."""
    session = FeedSession("192.0.2.1", 64500, "192.0.2.0", 8075)
    return [
        UpdateDump(timestamp=START + day * DAY)
        .announce(session, f"198.51.100.{number}/32 path 64500")
        .octets()
        for number, day in enumerate(days)
    ]


@pytest.mark.parametrize("days", [0, 1, 2, 400])
@pytest.mark.parametrize(
    ("unreadable", "why"),
    [
        (b"\xde\xad\xbe\xef" * 3, "garbage"),
        (encode_record(START, MrtType.BGP4MP, 4, bytes(20)), "an AFI that does not exist"),
        (encode_record(START, MrtType.BGP4MP, 5, bytes(21)), "a state change of that AFI"),
        (encode_record(START, MrtType.TABLE_DUMP_V2, 2, bytes(8)), "a RIB record without peers"),
        (b"\0\0\0\0\0\x63\0\0\0\0\0\4abcd", "a type that no RFC defines"),
        (b"", "nothing but the gap"),
    ],
)
def test_a_quiet_feed(unreadable: bytes, why: str, days: int) -> None:
    """Only an unreadable record is lost, however long the session sends nothing."""
    records = feed(*(number * days for number in range(6)))
    octets = records[0] + unreadable + b"".join(records[1:])
    reader = Reader([octets], source="dump")

    assert 6 == sum(isinstance(record.message, Update) for record in reader), why
    assert 6 == reader.quality.entries
    assert reader.quality.lost + reader.quality.skipped <= len(unreadable)


def test_garbage_that_looks_like_a_header() -> None:
    """Two headers of different years in garbage are no chain: reading continues after them."""
    fake = b"GET / HTTP/1.1" + at(START) + at(START - 400 * DAY) + b"GET / HTTP/1.1"

    reader = Reader([dump() + fake + dump()], source="dump")
    records = [record.offset for record in reader]

    size = len(dump())
    assert (8, len(fake)) == (len(records), reader.quality.lost)
    assert [size] == [each.offset for each in reader.quality.damage]


class Counting(Framing):
    """A framing that records its buffer's size before each chunk.

    Attributes:
        longest: the maximum number of octets in the buffer.
    """

    longest = 0

    def next_chunk(self) -> bool:
        """Continue with the next chunk, and record the buffer's size."""
        more = super().next_chunk()
        self.longest = max(self.longest, len(self.buffer))
        assert self.copied <= COPIES * (self.base + len(self.buffer)) + SLACK
        return more


def slices(octets: bytes, size: int) -> Iterator[bytes]:
    """Yield octets in chunks of a size."""
    for at in range(0, len(octets), size):
        yield octets[at : at + size]


def places(quality: Quality) -> list[tuple[int, int]]:
    """Return the offset and the size of each damage."""
    return [(each.offset, each.octets) for each in quality.damage]


def read_in_slices(octets: bytes, size: int) -> tuple[Counting, Quality]:
    """Read octets in chunks by the record reader, and compare the damage with the fast path's."""
    reader = Reader([], source="dump")
    framing = Counting(slices(octets, size), source="dump")
    vars(reader)["_framing"] = framing
    for _ in reader:
        pass
    batches = DumpReader([], source="dump", viewpoint=lambda _: None, criteria=Criteria(max_path=3))
    vars(batches)["_framing"] = counted = Counting(slices(octets, size), source="dump")
    for _ in batches:
        pass
    found, rows = reader.quality, batches.quality
    assert (found.octets, found.lost, found.damages) == (rows.octets, rows.lost, rows.damages)
    assert places(found) == places(rows)
    return (framing if framing.copied > counted.copied else counted), found


def too_long(size: int) -> bytes:
    """Return the header of a RIB record whose length exceeds the rest of the dump."""
    return RECORD[:4] + struct.pack(">HHI", 13, 2, size)


#: Two records and a header whose length covers the following records, repeated.
LIES = 400 * (2 * RECORD + too_long(1 << 14))
STREAMS = [
    (encode_record(START, MrtType.TABLE_DUMP_V2, 2, bytes(1 << 16)), "one long record"),
    (
        dump() + encode_record(START, MrtType.OSPFV2, 0, bytes(1 << 16)) + dump(),
        "one that is skipped",
    ),
    (GARBAGE, "garbage"),
    (LIES, "lengths that lead nowhere"),
    (dump() + 2 * RECORD + too_long(1 << 24) + LIES, "the same, and the dump ends in them"),
    (100 * (RECORD + too_long(64) + bytes(63)), "records that are broken at the end of a page"),
    (dump() * 20, "a valid dump"),
]


@pytest.mark.slow
@pytest.mark.parametrize(("octets", "why"), STREAMS, ids=[row[1] for row in STREAMS])
@pytest.mark.parametrize("size", [1, 139, 1 << 10, 1 << 20])
def test_slices_of_any_size(octets: bytes, size: int, why: str) -> None:
    """The size of chunks does not change the result, and octets are copied a few times at most."""
    framing, quality = read_in_slices(octets, size)
    _, whole = read_in_slices(octets, len(octets))

    assert whole == quality, why
    assert framing.copied <= COPIES * len(octets) + SLACK


@given(
    st.lists(
        st.one_of(
            st.sampled_from((RECORD, EXTENDED, dump(), GARBAGE[:50])),
            st.binary(max_size=40),
            st.integers(0, 1 << 25).map(too_long),
            st.integers(0, 4096).map(too_long),
        ),
        max_size=60,
    ),
    st.integers(1, 300),
)
def test_copied_octets_are_bounded(parts: list[bytes], size: int) -> None:
    """No order of records, garbage and wrong lengths copies more than `COPIES` allow."""
    octets = b"".join(parts)
    _, quality = read_in_slices(octets, size)
    _, whole = read_in_slices(octets, len(octets) or 1)

    assert whole == quality


def test_octets_are_dropped_if_each_chunk_ends_with_damage() -> None:
    """With a broken record at the end of every chunk, the buffer has a few chunks at most."""
    page = RECORD + too_long(64) + bytes(64)
    framing, _ = read_in_slices(page * 2000, len(page))

    assert framing.longest <= SLACK
