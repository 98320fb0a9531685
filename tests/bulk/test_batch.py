"""Batches: columns, decoding of chosen rows, what the fast path owns."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from ipaddress import IPv4Address
from typing import Any

import numpy as np
import pytest

from peerlint.bulk import AttributeSet, DumpPeer, RouteBatch, attribute_set
from peerlint.bulk.kernel import ROW
from peerlint.bulk.peers import MetPeers
from peerlint.model import Prefix
from peerlint.testing.dumps import FeedSession, RibDump, UpdateDump
from peerlint.wire.attributes import Attributes, MpUnreach
from peerlint.wire.bgp import MessageType, Update, encode_message
from peerlint.wire.mrt import MrtType, Peer, decode_header
from peerlint.wire.nlri import Nlri

Read = Callable[..., Any]


@pytest.fixture(name="batch")
def _batch(read: Read) -> Any:  # noqa: ANN401
    rib = RibDump()
    rib.routes(
        rib.peer("192.0.2.1", 64500),
        "203.0.113.0/24 path 64500 community 8075:8007",
        "2001:db8::/32 path 64500 0 next-hop 2001:db8::1 path-id 7",
        "198.51.100.0/24 path 64500 {64501}",
    )
    (found,) = read(rib.octets()).batches
    return found


#: The columns that `RouteBatch` promises.
COLUMNS = {
    "kind": "u1",
    "timestamp": "i8",
    "peer": "u4",
    "family": "u1",
    "safi": "u1",
    "prefix_hi": "u8",
    "prefix_lo": "u8",
    "length": "u1",
    "path_id": "i8",
    "facts": "u4",
    "path_length": "u2",
    "origin": "i8",
    "record": "u8",
    "attr_at": "u4",
    "attr_len": "u4",
    "form": "u1",
}


def test_columns_and_their_types(batch: Any) -> None:  # noqa: ANN401
    """Every column of the contract is there, an attribute, of its width."""
    assert {name: np.dtype(code) for name, code in COLUMNS.items()} == {
        name: ROW[name] for name in ROW.names or ()
    }
    for name, code in COLUMNS.items():
        column = getattr(batch, name)
        assert (np.dtype(code), len(batch)) == (column.dtype, len(column))


def test_there_is_no_other_column(batch: Any) -> None:  # noqa: ANN401
    """A misspelt column is an `AttributeError`, as of any other value."""
    with pytest.raises(AttributeError, match="fact"):
        _ = batch.fact


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        ("family", [4, 6, 4]),
        ("length", [24, 32, 24]),
        ("prefix_hi", [0xCB007100_00000000, 0x20010DB8_00000000, 0xC6336400_00000000]),
        ("prefix_lo", [0, 0, 0]),
        ("path_id", [-1, 7, -1]),
        ("origin", [64500, 0, -1]),
        ("path_length", [1, 2, 2]),
        ("safi", [1, 1, 1]),
        ("form", [1, 3, 1]),
    ],
)
def test_values(batch: Any, column: str, expected: list[int]) -> None:  # noqa: ANN401
    """Prefixes are left-aligned; -1 is none; AS 0 is an AS number."""
    assert expected == getattr(batch, column).tolist()


def test_routes_of_a_mask(batch: Any) -> None:  # noqa: ANN401
    """Only the chosen rows are decoded, in their order."""
    every = batch.routes()

    assert [str(route.prefix) for route in every] == [
        "203.0.113.0/24",
        "2001:db8::/32",
        "198.51.100.0/24",
    ]
    assert every[1:2] == batch.routes(batch.family == 6)
    assert [] == batch.routes(np.zeros(3, np.bool_))
    assert [route.prefix for route in every] == [batch.prefix(row) for row in range(3)]


def test_record_is_where_the_record_starts(read: Read) -> None:
    """The column `record` leads back to the head of the record that a row stands in."""
    rib = RibDump()
    peer = rib.peer("192.0.2.1", 64500)
    rib.routes(peer, "203.0.113.0/24 path 64500", "203.0.113.0/24 path 64501")
    octets = rib.routes(peer, "198.51.100.0/24 path 64500").octets()
    first = 12 + decode_header(octets).length
    second = first + 12 + decode_header(octets, first).length

    assert [first, first, second] == read(octets).column("record")


def test_multicast_has_its_safi(read: Read) -> None:
    """Multicast routes are rows too, told apart by `safi`."""
    rib = RibDump(safi=2)
    rib.routes(rib.peer("192.0.2.1", 64500), "203.0.113.0/24 path 64500")
    rib.routes(0, "2001:db8::/32 path 64500 next-hop 2001:db8::1")
    session = FeedSession("192.0.2.1", 64500, "192.0.2.0", 8075)
    gone = MpUnreach(6, 2, (Nlri(Prefix.parse("2001:db8::/32")),))
    feed = UpdateDump().update(session, Update((), Attributes(mp_unreach=gone)))

    assert [2, 2] == read(rib.octets()).column("safi")
    assert [2] == read(feed.octets()).column("safi")


@pytest.mark.parametrize(
    ("octets", "family", "expected"),
    [
        ("18 cb0071", 4, "203.0.113.0/24"),
        ("17 cb0071", 4, "203.0.112.0/23"),
        ("19 cb0071ff", 4, "203.0.113.128/25"),
        ("01 ff", 4, "128.0.0.0/1"),
        ("21 20010db8ff", 6, "2001:db8:8000::/33"),
        ("7f" + "ff" * 16, 6, "ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe/127"),
    ],
)
def test_trailing_bits_are_irrelevant(read: Read, octets: str, family: int, expected: str) -> None:
    """Bits right of the length are cleared in a RIB and in an UPDATE (RFC 4271 section 4.3)."""
    nlri = bytes.fromhex(octets)
    rib = RibDump()
    head = rib.peer("192.0.2.1", 64500).to_bytes(4) + nlri
    entry = bytes.fromhex("0001") + bytes(8)
    rib.record(MrtType.TABLE_DUMP_V2, 2 if family == 4 else 4, head + entry)
    session = FeedSession("192.0.2.1", 64500, "192.0.2.0", 8075)
    unreach = bytes.fromhex(f"800f {len(nlri) + 3:02x} 000{family // 2 - 1} 01") + nlri
    body = bytes(2) + len(unreach).to_bytes(2) + unreach
    feed = UpdateDump().message(session, encode_message(MessageType.UPDATE, body))

    for dump in (rib.octets(), feed.octets()):
        (route,) = read(dump).routes
        assert expected == str(route.prefix)


def test_long_lists_of_attributes_are_not_remembered() -> None:
    """65,536 lists of 64 KiB would take gigabytes: only short ones are remembered."""
    long = bytes.fromhex("d0ff1000") + bytes(0x1000)  # an optional attribute of 4,096 octets
    before = attribute_set._decoded.cache_info().currsize

    for number in range(10):
        AttributeSet(long + bytes((0x80, 0xFE, 1, number)), 1, 4).route()

    assert before == attribute_set._decoded.cache_info().currsize


def test_the_peers_of_a_batch_are_those_met_so_far() -> None:
    """All batches share one list that grows; each sees its first part, as a tuple would be."""
    known = [DumpPeer(Peer(IPv4Address(0xC0000200 + each), 64500)) for each in range(5)]
    every = list(known)
    met = MetPeers(known)
    known.append(DumpPeer(Peer(IPv4Address(0xC00002FF), 64501)))

    assert (5, every) == (len(met), list(met))
    assert (every[-1], tuple(every[1:3])) == (met[-1], met[1:3])
    with pytest.raises(IndexError):
        met[5]
    assert tuple(every) == met
    assert hash(tuple(every)) == hash(met)
    assert repr(tuple(every)) == repr(met)
    assert met == pickle.loads(pickle.dumps(met))  # noqa: S301  # our own octets
    assert met != MetPeers(known)
    assert known[5] in MetPeers(known)
    assert known[5] not in met


@pytest.mark.parametrize("rows", [1, 32, 33, 500])
@pytest.mark.parametrize("peers", [3, 100, 5_000])
def test_the_peers_that_turn_up(rows: int, peers: int) -> None:
    """Rows point into the peers that turn up in them, however many of either there are."""
    known = [DumpPeer(Peer(IPv4Address(each), 64500)) for each in range(peers)]
    table = np.zeros(rows, ROW)
    table["peer"] = [7 * row % peers for row in range(rows)]

    index, met = RouteBatch(table, MetPeers(known), b"").met_peers()

    assert [known[peer] for peer in table["peer"]] == [met[place] for place in index]
    assert len(set(table["peer"].tolist())) == len(met)
