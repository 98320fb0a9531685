"""Where records start again after damage, in memory that does not grow with it."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator

from peerlint.bulk import Walk
from peerlint.model import Asn, Criteria, View, Viewpoint
from peerlint.testing.dumps import RibDump
from peerlint.wire.damage import Damage
from peerlint.wire.framing import Framing
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
