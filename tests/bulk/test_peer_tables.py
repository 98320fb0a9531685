"""Peer tables cost what is in them: equal peers are one, and how many there are has a bound."""

from __future__ import annotations

import struct
from collections.abc import Iterable
from typing import Any

import pytest

from peerlint.bulk import DumpReader
from peerlint.bulk.kernel import peers
from peerlint.bulk.kernel.contract import MAX_PEERS, MAX_SNAPSHOTS, Stop, describe
from peerlint.bulk.kernel.python import route_kernel as python
from peerlint.model import Criteria
from peerlint.wire.mrt import decode_peer_index_table

compiled = pytest.importorskip("peerlint.bulk.kernel.compiled.route_kernel")
KERNELS = [python.Kernel, compiled.Kernel]
KEEPALIVE = b"\xff" * 16 + struct.pack(">HB", 19, 4)


def record(kind: int, subtype: int, body: bytes) -> bytes:
    """Return an MRT record."""
    return struct.pack(">IHHI", 0, kind, subtype, len(body)) + body


def peer(number: int, *, as4: bool = True) -> bytes:
    """Return a row of a peer table."""
    head = struct.pack(">BII", 2 if as4 else 0, 1, 0x0A000000 + number)
    return head + (64500).to_bytes(4 if as4 else 2)


def table(peers: Iterable[bytes], collector: int = 1) -> bytes:
    """Return a PEER_INDEX_TABLE."""
    every = list(peers)
    head = struct.pack(">IHH", collector, 0, len(every))
    return record(13, 1, head + b"".join(every))


def rib(index: int) -> bytes:
    """Return a RIB record of one route, of the peer at an index."""
    attributes = bytes.fromhex("40010100400206020100 00fbf4 400304c0000201".replace(" ", ""))
    entry = struct.pack(">HIH", index, 0, len(attributes)) + attributes
    return record(13, 2, struct.pack(">IB3sH", 0, 24, bytes([198, 51, 100]), 1) + entry)


def message(number: int) -> bytes:
    """Return a KEEPALIVE of a session of its own."""
    head = struct.pack(">IIHHII", 64500 + number, 64511, 0, 1, 0x0A000001, 0x0A000002)
    return record(16, 4, head + KEEPALIVE)


def rows_of(kernel: Any, octets: bytes) -> list[tuple[int, str, str]]:  # noqa: ANN401
    """Walk to the end, past broken records; return what was broken, and where."""
    at, broken = 0, []
    while True:
        at, stop = kernel.read(octets, at, 0)
        if stop is Stop.END:
            return broken
        if stop is Stop.BROKEN:
            broken.append((kernel.broken_at, kernel.expected, kernel.found))
            at = kernel.record_end


def made(kernel_class: Any, **limits: int) -> Any:  # noqa: ANN401
    """Return a kernel with some bounds of its own."""
    kernel = kernel_class(Criteria(), None, tagged_too=False)
    for name, value in limits.items():
        setattr(kernel, name, value)
    return kernel


@pytest.mark.parametrize("kernel_class", KERNELS)
def test_equal_peers_of_a_table_are_one(kernel_class: Any) -> None:  # noqa: ANN401
    """RIB entries by the index of either are routes of the one, in whatever width its AS is."""
    kernel = made(kernel_class)
    octets = table([peer(0), peer(1), peer(0), peer(0, as4=False)]) + rib(2) + rib(0) + rib(3)
    assert rows_of(kernel, octets) == []
    assert [row[0][-1] for row in kernel.peers] == [0, 1]
    assert [kernel.count(index)[0] for index in (0, 1)] == [3, 0]


@pytest.mark.parametrize("kernel_class", KERNELS)
def test_a_repeated_table_without_records_takes_no_more_memory(
    kernel_class: Any,  # noqa: ANN401
) -> None:
    """The peers go on as those of the table that follows; the others stay where they were."""
    kernel = made(kernel_class)
    octets = table(map(peer, range(3))) * 40 + table([peer(1), peer(7)]) + rib(0)
    assert rows_of(kernel, octets) == []
    assert len(kernel.peers) == 4
    assert len(kernel.snapshots()) == 41
    assert kernel.snapshot_of == [39, 40, 39, 40]
    assert kernel.count(1)[0] == 1


@pytest.mark.parametrize("kernel_class", KERNELS)
@pytest.mark.parametrize(
    ("between", "following"),
    [(rib(0), table([peer(0)])), (b"", table([peer(0)], collector=2))],
    ids=["a table with a record", "the table of another collector"],
)
def test_peers_of_other_tables_are_others(
    kernel_class: Any,  # noqa: ANN401
    between: bytes,
    following: bytes,
) -> None:
    """What each snapshot showed of a peer is told apart."""
    kernel = made(kernel_class)
    assert rows_of(kernel, table([peer(0)]) + between + following) == []
    assert kernel.snapshot_of == [0, 1]


@pytest.mark.parametrize("kernel_class", KERNELS)
def test_too_many_peers_are_damage(kernel_class: Any) -> None:  # noqa: ANN401
    """A table that does not fit is broken as a whole, and what it names is no peer."""
    kernel = made(kernel_class, max_peers=4)
    first = table(map(peer, range(3))) + rib(0)
    second = table(map(peer, range(2)))
    assert rows_of(kernel, first + second + rib(0)) == [
        (len(first) + 12, "at most 4 peers and sessions in one dump", "5"),
        (len(first + second) + 22, "a PEER_INDEX_TABLE before the first RIB record", "none"),
    ]
    assert len(kernel.peers) == 3


@pytest.mark.parametrize("kernel_class", KERNELS)
def test_too_many_sessions_are_damage(kernel_class: Any) -> None:  # noqa: ANN401
    """Messages of sessions that fit are read, before and behind those of one that does not."""
    kernel = made(kernel_class, max_peers=2)
    numbers = (0, 1, 2, 0, 3)
    size = len(message(0))
    said = "at most 2 peers and sessions in one dump", "3"
    assert rows_of(kernel, b"".join(map(message, numbers))) == [
        (2 * size + 12, *said), (4 * size + 12, *said),
    ]  # fmt: skip
    assert len(kernel.peers) == 2


@pytest.mark.parametrize("kernel_class", KERNELS)
def test_too_many_tables_are_damage(kernel_class: Any) -> None:  # noqa: ANN401
    """A table too many is not read, and neither are records with its peers."""
    kernel = made(kernel_class, max_snapshots=2)
    one = table([peer(0)])
    (first, *_) = rows_of(kernel, one * 3 + rib(0))
    assert first == (2 * len(one) + 12, "at most 2 tables in one dump", "more")
    assert len(kernel.snapshots()) == 2


def test_the_bounds_are_named() -> None:
    """Who meets a bound is told its number."""
    assert describe(19, MAX_PEERS, MAX_PEERS + 1) == (
        "at most 262144 peers and sessions in one dump", "262145",
    )  # fmt: skip
    assert describe(20, MAX_SNAPSHOTS, 0) == ("at most 65536 tables in one dump", "more")


def test_a_walk_names_what_is_lost() -> None:
    """The octets of a table that does not fit are lost, and every octet is accounted for."""
    octets = table(map(peer, range(3))) + rib(0) + table(map(peer, range(2))) + rib(0)
    read = DumpReader([octets], source="dump", viewpoint=lambda _: None, criteria=Criteria())
    read._kernel.max_peers = 4  # a bound that a test can reach
    assert list(read) == []
    quality = read.quality
    assert quality.damages == 2
    assert quality.damage[0].expected == "at most 4 peers and sessions in one dump"
    assert quality.read + quality.skipped + quality.lost == quality.octets == len(octets)


def test_equal_peers_are_one_object() -> None:
    """65,535 equal peers of a table are one in memory, in the object path too."""
    octets = table([peer(0)] * 65_535)[12:]
    assert len({id(each) for each in decode_peer_index_table(octets).peers}) == 1
    assert len({id(each) for each in peers.read_peer_table(octets, 0, len(octets))}) == 1


def test_equal_peers_of_several_tables_are_one_object() -> None:
    """What each snapshot names anew takes memory once."""
    octets = (table([peer(0)]) + rib(0)) * 3
    read = DumpReader([octets], source="dump", viewpoint=lambda _: None, criteria=Criteria())
    assert list(read) == []
    assert [each.snapshot for each in read.counts] == [0, 1, 2]
    assert len({id(each.peer) for each in read.counts}) == 1


@pytest.mark.parametrize("kernel_class", KERNELS)
def test_long_names_of_views(kernel_class: Any) -> None:  # noqa: ANN401
    """A view's name of up to 65,535 octets is told from others, and takes 64 octets of memory.

    RFC 6396 section 4.3.1 gives its length 16 bits, and the name of every table is kept: 65,536
    tables took 4 GB, from 7 MB of gzip.
    """
    names = [b"", b"v" * 64, b"v" * 65, b"v" * 65_534 + b"w", b"v" * 65_534 + b"x", b"v" * 65]
    kernel = made(kernel_class)
    octets = b"".join(
        record(13, 1, struct.pack(">IH", 1, len(name)) + name + struct.pack(">H", 1) + peer(1))
        + rib(0)
        for name in names
    )
    assert rows_of(kernel, octets) == []
    kept = [name for _, name, *_ in kernel.snapshots()]
    assert kept[:2] == names[:2]
    assert [len(name) for name in kept[2:]] == [64] * 4
    assert len(set(kept)) == len(set(names))
    assert kept[2] == kept[5]
