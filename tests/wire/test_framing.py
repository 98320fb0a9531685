"""Where records start again after damage, in memory that does not grow with it."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator

import pytest

from peerlint.bulk import Walk
from peerlint.model import Asn, Criteria, View, Viewpoint
from peerlint.testing.dumps import FeedSession, RibDump, UpdateDump
from peerlint.wire.bgp import Update
from peerlint.wire.damage import Damage
from peerlint.wire.framing import Framing
from peerlint.wire.mrt import MrtType, encode_record
from peerlint.wire.reader import Reader

PAGE = 1 << 16
#: Two octets in turn that no record header has side by side.
GARBAGE = b"\xfe\xed" * (PAGE // 2)


def dump() -> bytes:
    """Return a dump with one peer and three routes."""
    rib = RibDump()
    edge = rib.peer("192.0.2.0", 64500)
    prefixes = ("203.0.113.0/24", "198.51.100.0/24", "192.0.2.0/24")
    rib.routes(edge, *(f"{prefix} path 64500" for prefix in prefixes))
    return rib.octets()


def pages(garbage: int) -> Iterator[bytes]:
    """Yield a dump, so many pages of garbage, and the dump again."""
    yield dump()
    for _ in range(garbage):
        yield GARBAGE
    yield dump()


def test_long_damage_is_passed_in_bounded_memory() -> None:
    """64 MiB of garbage take no more memory than a few pages, and every octet is accounted for."""
    size = len(dump())
    reader = Reader(pages(1 << 10), source="dump")
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


def test_rows_in_front_of_damage_stay_as_they_are() -> None:
    """Rows of the fast path point into octets that long damage does not take from them."""
    seen_from = Viewpoint(View.RECEIVED, Asn(64500))
    walk = Walk(
        pages(100), source="dump", viewpoint=lambda _: seen_from, criteria=Criteria(max_path=3)
    )

    routes = [str(route.prefix) for batch in walk for route in batch.routes()]

    assert 2 * ["203.0.113.0/24", "198.51.100.0/24", "192.0.2.0/24"] == routes


def test_pages_are_not_copied() -> None:
    """Of a record that lies across two pages only that record is joined; both pages stay whole."""
    octets = dump() * 2
    second = len(dump()) + 5
    pages = [octets[:second], octets[second:]]
    framing = Framing(pages, source="dump")

    assert framing.next_page()
    assert framing.buffer is pages[0]
    framing.at = len(dump())
    assert framing.next_page()
    head = octets[len(dump()) :]
    assert head[: 12 + int.from_bytes(head[8:12])] == framing.buffer
    framing.at = len(framing.buffer)
    assert framing.next_page()
    assert framing.buffer is pages[1]
    assert len(dump()) + 12 + int.from_bytes(head[8:12]) == framing.octets


DAY = 86_400_000_000
START = 1_795_219_200_000_000
RECORD = encode_record(START, MrtType.BGP4MP, 4, bytes(20))
EXTENDED = encode_record(START, MrtType.BGP4MP_ET, 4, b"")


def at(timestamp: int) -> bytes:
    """Return a record of a time."""
    return encode_record(timestamp, MrtType.BGP4MP, 4, bytes(20))


CHAINS = [
    (b"", 1, True, "the dump's end"),
    (RECORD, 2, True, "one record and the end"),
    (RECORD * 5, 3, True, "three will do"),
    (RECORD * 3 + b"GET / HTTP/1.1", 3, True, "what comes behind three does not count"),
    (RECORD * 2 + b"GET / HTTP/1.1", 1, False, "the third is none"),
    (RECORD + RECORD[:-1], 2, True, "the end is inside the second"),
    (RECORD + RECORD[:11], 1, True, "the end is inside the second head"),
    (RECORD + RECORD[:11], 2, False, "one, and the end is inside the second head"),
    (RECORD[:-1], 1, True, "the end is inside the first"),
    (RECORD[:-1], 2, False, "the same, and one does not do"),
    (at(START) + at(START + 400 * DAY) + at(START), 3, True, "years apart: a quiet session"),
    (EXTENDED * 3, 3, True, "microseconds and nothing else"),
    (EXTENDED[:11] + b"\3" + EXTENDED[13:] + EXTENDED * 2, 3, False, "no room for them"),
    (RECORD.replace(b"\0\x10\0\4", b"\0\x10\0\x0c") * 3, 3, False, "no such subtype"),
    (RECORD.replace(b"\0\x10\0\4", b"\0\x12\0\4") * 3, 3, False, "no such type"),
    (RECORD[:8] + (1 << 24).to_bytes(4) + bytes(1 << 24), 3, True, "the longest record"),
    (RECORD[:8] + ((1 << 24) + 1).to_bytes(4) + bytes(1 << 24), 1, False, "longer"),
]


@pytest.mark.parametrize(
    ("octets", "at_least", "expected", "why"), CHAINS, ids=[row[3] for row in CHAINS]
)
def test_chain(octets: bytes, at_least: int, expected: bool, why: str) -> None:
    """Heads that follow one another, of types that exist, are sound."""
    framing = Framing([octets[:20], octets[20:]], source="dump")
    framing.next_page()

    assert expected == framing.is_chain(0, at_least=at_least), why


@pytest.mark.parametrize(
    ("octets", "expected", "why"),
    [
        (b"", True, "the dump's end"),
        (RECORD, True, "a head"),
        (RECORD[:12], True, "a head, and the dump's end"),
        (RECORD[:11], False, "a head that is cut"),
        (RECORD + b"GET / HTTP/1.1", True, "what is behind the head does not count"),
        (RECORD.replace(b"\0\x10\0\4", b"\0\x63\0\4"), False, "no such type"),
        (RECORD[:8] + ((1 << 24) + 1).to_bytes(4), False, "longer than any record"),
    ],
)
def test_where_a_record_may_end(octets: bytes, expected: bool, why: str) -> None:
    """A record's own length is believed if one sound head, or the dump's end, is there."""
    framing = Framing([octets[:5], octets[5:]], source="dump")
    framing.next_page()

    assert expected == framing.is_sound(0), why


def feed(*days: int) -> list[bytes]:
    """Return records with a message each, so many days after the start."""
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
    """One unreadable record costs itself, however long the session is quiet."""
    records = feed(*(number * days for number in range(6)))
    octets = records[0] + unreadable + b"".join(records[1:])
    reader = Reader([octets], source="dump")

    assert 6 == sum(isinstance(record.message, Update) for record in reader), why
    assert 6 == reader.quality.entries
    assert reader.quality.lost + reader.quality.skipped <= len(unreadable)


def test_garbage_that_looks_like_a_head() -> None:
    """Two heads of different years inside garbage are no chain: reading goes on behind them."""
    fake = b"GET / HTTP/1.1" + at(START) + at(START - 400 * DAY) + b"GET / HTTP/1.1"

    reader = Reader([dump() + fake + dump()], source="dump")
    records = [record.offset for record in reader]

    size = len(dump())
    assert (8, len(fake)) == (len(records), reader.quality.lost)
    assert [size] == [each.offset for each in reader.quality.damage]
