"""BMP streams through the kernels: the rows that `peerlint.wire.bmp` makes objects of."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise
from typing import Any
from unittest.mock import patch

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from peerlint.bulk import BmpReader, PrefixFilter, RouteBatch, bmp
from peerlint.bulk.kernel.python import route_kernel as python
from peerlint.errors import DamageError
from peerlint.model import Criteria, Fact, Prefix, Route, View, Viewpoint, facts
from peerlint.testing import malformed_bmp, malformed_dumps
from peerlint.testing.bmp import BmpPeer, BmpStream
from peerlint.wire.bgp import Update
from peerlint.wire.bmp import (
    PeerHeader,
    Reader,
    Record,
    RouteMonitoring,
    encode_body,
    encode_message,
)
from peerlint.wire.damage import Quality
from peerlint.wire.nlri import Nlri

compiled = pytest.importorskip("peerlint.bulk.kernel.compiled.route_kernel")
KernelClass = Callable[..., Any]
BOTH = pytest.mark.parametrize("kernel", [python.Kernel, compiled.Kernel], ids=["py", "compiled"])
VIEWPOINT = Viewpoint("received", 64500)
CRITERIA = Criteria(allow={"documentation"})


@attrs.frozen
class Row:
    """A route or withdrawal: where it was read, whose it is, and what it says."""

    offset: int
    table: PeerHeader
    is_announced: bool
    prefix: Prefix
    path_id: int | None
    route: Route | None
    facts: Fact


def rows_of_record(record: Record, wanted: PrefixFilter | None) -> Iterator[Row | Record]:
    """Yield the rows of a message's UPDATE, or any other message as it is."""
    body, update = record.body, record.update
    if not isinstance(body, RouteMonitoring) or update is None:
        yield record
        return
    table = attrs.evolve(body.peer, timestamp=None)

    def one(nlri: Nlri, route: Route | None) -> Iterator[Row]:
        prefix = nlri.prefix
        last = prefix.first | (1 << (32 if prefix.family == 4 else 128) - prefix.length) - 1
        if wanted is None or wanted.overlaps(prefix.family, prefix.first, last):
            bits = Fact(0) if route is None else facts(route, VIEWPOINT, CRITERIA)
            announced = route is not None
            yield Row(record.offset, table, announced, prefix, nlri.path_id, route, bits)

    for nlri, _ in update.all_withdrawn:
        yield from one(nlri, None)
    for nlri, _ in update.announced:
        yield from one(nlri, update.attributes.route(nlri, body.peer.timestamp or 0))


def rows_of_batch(batch: RouteBatch, tables: list[PeerHeader]) -> Iterator[Row]:
    """Yield the rows of a batch, with their routes decoded."""
    for route, row in zip(batch.routes(), batch.rows, strict=True):
        announced = bool(row["kind"] == 1)
        yield Row(
            int(row["record"]),
            tables[row["peer"]],
            announced,
            route.prefix,
            route.path_id,
            route if announced else None,
            Fact(int(row["facts"])),
        )


Found = tuple[list[Row | Record], Quality]


def by_wire(chunks: Iterable[bytes], wanted: PrefixFilter | None = None) -> Found:
    """Read a stream with an object for each message."""
    reader = Reader(source="test")
    found = [row for record in reader.read(chunks) for row in rows_of_record(record, wanted)]
    return found, reader.quality


def by_kernel(
    kernel: KernelClass, chunks: Iterable[bytes], wanted: PrefixFilter | None = None
) -> Found:
    """Read a stream with a kernel."""
    with patch.object(bmp, "Kernel", kernel):
        reader = BmpReader(
            source="test", viewpoint=lambda _: VIEWPOINT, criteria=CRITERIA, prefix_filter=wanted
        )
    found: list[Row | Record] = []
    for chunk in chunks:
        for each in reader.feed(chunk):
            if isinstance(each, RouteBatch):
                found += rows_of_batch(each, reader.tables)
            else:
                found += rows_of_record(each, wanted)
    reader.end()
    quality = reader.quality
    assert quality.octets == quality.read + quality.skipped + quality.lost
    return found, quality


def cut(octets: bytes, places: list[int]) -> list[bytes]:
    """Return octets in pieces."""
    ends = [0, *sorted(place % (len(octets) + 1) for place in places), len(octets)]
    return [octets[at:end] for at, end in pairwise(ends)]


@settings(max_examples=settings().max_examples * 4)
@given(malformed_bmp.streams(), st.lists(st.integers(0, 1 << 16), max_size=4))
def test_three_readers_one_answer(octets: bytes, places: list[int]) -> None:
    """Valid or damaged, in any pieces: the same rows, messages and quality from all three."""
    expected = by_wire([octets])

    assert expected == by_kernel(python.Kernel, cut(octets, places))
    assert expected == by_kernel(compiled.Kernel, cut(octets, places))


@given(malformed_bmp.streams(), st.lists(st.sampled_from(malformed_dumps.PREFIXES[1:]), max_size=3))
def test_watched_prefixes(octets: bytes, watched: list[Prefix]) -> None:
    """With a filter there are the rows that overlap it, and all other messages."""
    wanted = PrefixFilter.of(watched)
    expected, _ = by_wire([octets], wanted)

    assert expected == by_kernel(python.Kernel, [octets], wanted)[0]
    assert expected == by_kernel(compiled.Kernel, [octets], wanted)[0]
