"""BMP streams through the kernels: the rows that `peerlint.wire.bmp` makes objects of."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from ipaddress import IPv4Address
from itertools import pairwise
from typing import Any
from unittest.mock import patch

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from peerlint.bulk import BmpReader, PrefixFilter, RouteBatch, bmp
from peerlint.bulk.kernel.contract import Stop
from peerlint.bulk.kernel.python import route_kernel as python
from peerlint.errors import DamageError
from peerlint.model import Criteria, Fact, Prefix, Route, View, Viewpoint, facts
from peerlint.testing import malformed_bmp, malformed_dumps
from peerlint.testing.bmp import BmpPeer, BmpStream
from peerlint.wire.attributes import Attributes, Form, RawAttribute
from peerlint.wire.bgp import Keepalive, Open, Update, encode
from peerlint.wire.bmp import (
    MAX_MESSAGE,
    PeerFlags,
    PeerHeader,
    PeerType,
    PeerUp,
    Reader,
    Record,
    RouteMonitoring,
    encode_body,
    encode_message,
)
from peerlint.wire.capabilities import AddPath, Direction, FourOctetAs
from peerlint.wire.damage import Quality
from peerlint.wire.nlri import AFIS, Nlri

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
        # In a Loc-RIB, no attribute counts as missing.
        in_rib, time = body.peer.is_loc_rib, body.peer.timestamp or 0
        yield from one(nlri, update.attributes.route(nlri, time, in_rib=in_rib))


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


UPDATE, KEEPALIVE = encode(Update(), Form()), encode(Keepalive(), Form())
PLAIN = encode(Update((Nlri(Prefix.parse("203.0.113.0/24")),)), Form())
#: Its last prefix runs over its end.
BROKEN = UPDATE[:16] + (len(UPDATE) + 3).to_bytes(2) + UPDATE[18:] + b"\x18\xcb\0"


# -- What a kernel reads, and what it leaves to its caller

IN = BmpPeer("192.0.2.1", 64500, "192.0.2.0", 64502)
AFTER = attrs.evolve(IN, post_policy=True)
SENT = BmpPeer("192.0.2.3", 8075, "192.0.2.2", 64502, view="sent", as4=False)
LOC_RIB = BmpPeer("192.0.2.9", 64502, "192.0.2.9", 64502, view="loc-rib")
ROUTE = "203.0.113.0/24 path 64500 community 8075:8007"
ROUTE6 = "2001:db8:113::/48 path 64500 next-hop 2001:db8::1"
OTHER = "198.51.100.0/24 path 64500"
WATCHED = PrefixFilter.of([Prefix.parse("203.0.113.0/24")])


def parts(kernel: KernelClass, stream: BmpStream, wanted: PrefixFilter | None = None) -> list[str]:
    """Return what a stream gives: rows as their prefixes, records as the names of their bodies."""
    found, _ = by_kernel(kernel, [stream.octets()], wanted)
    return [str(each.prefix) if isinstance(each, Row) else type(each.body).__name__
            for each in found]  # fmt: skip


def read_with(
    kernel: KernelClass,
    stream: BmpStream,
    **options: Any,  # noqa: ANN401
) -> tuple[BmpReader, list[RouteBatch | Record]]:
    """Read a stream; return its reader, and everything in it."""
    with patch.object(bmp, "Kernel", kernel):
        reader = BmpReader(
            source="test", viewpoint=lambda _: VIEWPOINT, criteria=CRITERIA, **options
        )
    return reader, list(reader.feed(stream.octets()))


@BOTH
def test_order(kernel: KernelClass) -> None:
    """Rows and other messages come in the order of the stream, also around a session's end."""
    stream = BmpStream("edge1").up(IN).announce(IN, ROUTE, OTHER).down(IN).up(IN)
    stream.withdraw(AFTER, ROUTE).terminate()

    assert [
        *("Initiation", "PeerUp", "203.0.113.0/24", "198.51.100.0/24", "PeerDown", "PeerUp"),
        *("203.0.113.0/24", "Termination"),
    ] == parts(kernel, stream)


@BOTH
def test_unwatched_routes_give_nothing(kernel: KernelClass) -> None:
    """A route outside the filter is counted; neither a row nor a record is made of it."""
    stream = BmpStream("edge1").up(IN).announce(IN, *[OTHER] * 50).announce(IN, ROUTE)

    reader, found = read_with(kernel, stream, prefix_filter=WATCHED)

    assert ["Initiation", "PeerUp", "203.0.113.0/24"] == parts(kernel, stream, WATCHED)
    assert [1] == [len(each) for each in found if isinstance(each, RouteBatch)]
    assert (51, 51) == (reader.quality.entries, reader.messages(IN.header()))
    assert reader.quality.is_complete


@BOTH
def test_tables(kernel: KernelClass) -> None:
    """Each view and policy of a peer is a table of its own (RFC 7854 4.2, RFC 8671, RFC 9069)."""
    stream = BmpStream()
    for peer in (IN, AFTER, SENT, attrs.evolve(SENT, view=View.ADVERTISED), LOC_RIB):
        stream.announce(peer, ROUTE)

    reader, found = read_with(kernel, stream)

    assert [
        (View.ADJ_RIB_IN, False), (View.ADJ_RIB_IN, True), (View.SENT, True),
        (View.ADVERTISED, False), (View.LOC_RIB, False),
    ] == [(table.view, table.is_post_policy) for table in reader.tables]  # fmt: skip
    (batch,) = (each for each in found if isinstance(each, RouteBatch))
    assert [0, 1, 2, 3, 4] == batch.rows["peer"].tolist()
    assert [False, False, True, True, False] == [peer.sent for peer in batch.peers]
    assert {"64500"} == {str(route.path) for route in batch.routes()}


@BOTH
def test_the_time_of_a_row_is_the_header_s(kernel: KernelClass) -> None:
    """Seconds and microseconds; more than a million of those are none."""
    stream = BmpStream().at(1_795_219_200_000_001).announce(IN, ROUTE).at(None).announce(IN, ROUTE)
    octets = bytearray(stream.octets())
    octets[-len(stream.messages[-1]) + 44 :][:4] = b"\xff" * 4

    (batch,) = (each for each in read_with(kernel, stream)[1] if isinstance(each, RouteBatch))

    assert [1_795_219_200_000_001, 0] == batch.rows["timestamp"].tolist()


@BOTH
@pytest.mark.parametrize(
    ("families", "route", "is_row"),
    [
        ({(4, 1)}, f"{ROUTE} path-id 7", True),
        ({(6, 1)}, f"{ROUTE6} path-id 7", True),
        ({(4, 1), (6, 1)}, f"{ROUTE6} path-id 7", True),
        ({(4, 1)}, ROUTE6, True),
        ({(6, 1)}, ROUTE, True),
        ({(4, 1)}, ROUTE, False),
        (set(), ROUTE, True),
        (set(), ROUTE6, True),
    ],
)
def test_path_identifiers_by_family(
    kernel: KernelClass, families: set[tuple[int, int]], route: str, *, is_row: bool
) -> None:
    """The Peer Up says which families have path identifiers (RFC 7911 section 4).

    A message that contradicts it is a record.
    """
    both = Direction.SEND | Direction.RECEIVE
    offered = AddPath(tuple((AFIS[family], safi, both) for family, safi in sorted(families)))
    opened = (Open(asn, 90, IPv4Address("192.0.2.9"), (FourOctetAs(asn), offered))
              for asn in (64502, 64500))  # fmt: skip
    up = PeerUp(IN.header(), IN.local, 179, 40000, *opened)
    peer = attrs.evolve(IN, add_path="path-id" in route)
    stream = BmpStream().body(up).announce(peer, route)

    _, found = read_with(kernel, stream)

    assert is_row == isinstance(found[-1], RouteBatch)
    if isinstance(found[-1], RouteBatch):
        assert [7 if peer.add_path else None] == [each.path_id for each in found[-1].routes()]
    else:
        assert found[-1].missing_path_ids


@BOTH
def test_as_numbers_of_two_octets_without_flag_a(kernel: KernelClass) -> None:
    """If the session has AS numbers of two octets and flag A says four, messages are records.

    FRR 8.4 leaves the flag out. What is malformed with four octets may be whole with two.
    """
    peer = attrs.evolve(IN, as4=False)
    sent = bytearray(BmpStream().announce(peer, ROUTE).messages[-1])
    sent[7] &= ~PeerFlags.A
    stream = BmpStream().up(peer).announce(peer, ROUTE).raw(bytes(sent)).announce(IN, ROUTE)

    _, found = read_with(kernel, stream)

    flagged, narrow, wide = found[-3:]
    assert isinstance(flagged, RouteBatch)
    assert [True, False] == [each.undeclared_as2 for each in (narrow, wide)]
    (route,) = flagged.routes()
    assert {str(route.path)} == {str(each.update.attributes.path) for each in (narrow, wide)}


@BOTH
@pytest.mark.parametrize(("view", "malformed"), [(View.LOC_RIB, 0), (View.ADJ_RIB_IN, 1)])
def test_own_routes_without_a_path(kernel: KernelClass, view: View, malformed: int) -> None:
    """A route of a Loc-RIB without AS_PATH is not malformed."""
    peer = attrs.evolve(IN, view=view)
    own = Attributes(origin=0, next_hop=IPv4Address("192.0.2.0"))
    update = Update((), own, (Nlri(Prefix.parse("203.0.113.0/24")),))

    reader, found = read_with(kernel, BmpStream().announce(peer, ROUTE).update(peer, update))

    assert isinstance(found[-1], RouteBatch)
    assert reader.quality.malformed == malformed


def monitoring(message: bytes) -> bytes:
    """Return a Route Monitoring message with any octets in place of the UPDATE."""
    return encode_message(*encode_body(RouteMonitoring(IN.header(), message)))


@BOTH
@pytest.mark.parametrize(
    "frame",
    [
        *(monitoring(octets) for octets in (b"", bytes(23), UPDATE + UPDATE, UPDATE, KEEPALIVE)),
        monitoring(BROKEN),
        b"\4" + monitoring(UPDATE)[1:],
        b"\3\0\0\0\x06\0",
    ],
    ids=["empty", "no marker", "two", "End-of-RIB", "another", "broken", "version 4", "short"],
)
def test_what_is_not_plain_is_handed_out(kernel: KernelClass, frame: bytes) -> None:
    """The kernel stops at a message that is no plain UPDATE, counts nothing of it, and goes on."""
    one = kernel(CRITERIA, None, tagged_too=False)
    before = monitoring(PLAIN)
    octets = before + frame + before
    assert (0, Stop.PEERS) == one.read_bmp(octets, 0, 0, MAX_MESSAGE)

    assert (len(before), Stop.FRAME) == one.read_bmp(octets, 0, 0, MAX_MESSAGE)
    assert (1, len(before)) == (one.records, one.octets_read)
    after = len(before) + len(frame)
    assert (len(octets), Stop.END) == one.read_bmp(octets, after, 0, MAX_MESSAGE)
    assert (2, [2]) == (one.records, [one.count(0)[0]])


@BOTH
def test_a_long_message_is_handed_out(kernel: KernelClass) -> None:
    """A message over the caller's limit is the caller's, whole or not."""
    one = kernel(CRITERIA, None, tagged_too=False)
    frame = monitoring(PLAIN)

    assert (0, Stop.FRAME) == one.read_bmp(frame, 0, 0, len(frame) - 1)
    assert (0, Stop.FRAME) == one.read_bmp(frame[:6], 0, 0, len(frame) - 1)
    assert (0, Stop.END) == one.read_bmp(frame[:-1], 0, 0, len(frame))


@BOTH
def test_a_peer_that_is_left_out(kernel: KernelClass) -> None:
    """Messages of all its tables are passed by their length until its next Peer Up."""
    stream = BmpStream().up(IN).announce(IN, ROUTE)
    reader, _ = read_with(kernel, stream)
    reader.leave_out(IN.header())
    before = reader.quality

    assert [] == list(reader.feed(monitoring(BROKEN)))
    later = BmpStream().announce(AFTER, ROUTE).octets()[len(BmpStream().octets()) :]
    assert [] == list(reader.feed(later))
    assert 3 == reader.messages(IN.header())
    assert (before.entries, before.damages) == (reader.quality.entries, reader.quality.damages)
    assert len(monitoring(BROKEN)) + len(later) == reader.quality.skipped

    again = list(reader.feed(BmpStream().up(IN).announce(IN, ROUTE).octets()))
    assert [Record, Record, RouteBatch] == list(map(type, again))


@BOTH
def test_too_many_tables(kernel: KernelClass) -> None:
    """Memory is bounded: messages of tables beyond the limit are records."""
    peers = [attrs.evolve(IN, distinguisher=number, type=PeerType.RD) for number in range(4)]
    stream = BmpStream()
    for peer in (*peers, *peers):
        stream.announce(peer, ROUTE)

    reader, found = read_with(kernel, stream, max_tables=2)

    assert 2 == len(reader.tables)
    assert [Record, RouteBatch, Record, Record] * 2 == list(map(type, found)) or [
        Record, RouteBatch, Record, Record, RouteBatch, Record, Record,
    ] == list(map(type, found))  # fmt: skip
    assert 8 == reader.quality.entries


@BOTH
def test_another_family_is_skipped(kernel: KernelClass) -> None:
    """UPDATEs of VPNs, EVPN and the like are unsupported and counted; no object is made of them."""
    foreign = Attributes(others=(RawAttribute(0x80, 14, bytes.fromhex("0019 46 00 00")),))
    stream = BmpStream().raw(monitoring(encode(Update((), foreign), Form())))

    reader, found = read_with(kernel, stream)

    assert [Record] == list(map(type, found))  # the Initiation
    assert ((3, 0, 1),) == reader.quality.unsupported
    assert reader.quality.is_complete


@BOTH
def test_damage_can_be_raised(kernel: KernelClass) -> None:
    """With on_damage="raise", rows before the damage are given out, then there is an error."""
    stream = BmpStream().announce(IN, ROUTE).raw(monitoring(b""))
    with patch.object(bmp, "Kernel", kernel):
        reader = BmpReader(
            source="edge1", viewpoint=lambda _: VIEWPOINT, criteria=CRITERIA, on_damage="raise"
        )
    found = reader.feed(stream.octets())

    assert [Record, RouteBatch] == [type(next(found)), type(next(found))]
    with pytest.raises(DamageError):
        next(found)
