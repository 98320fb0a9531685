"""Lists that grow with distinct content of the input: remarks and peers of a dump."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from typing import Final

from benchmarks.hostile import Row
from peerlint.bulk import DumpPeer, DumpReader, RouteBatch
from peerlint.bulk.columns import peer_asns, peers
from peerlint.model import Asn, Criteria, View, Viewpoint
from peerlint.observations import Coverage, SourceSummary
from peerlint.report.phrases import source_remarks
from peerlint.testing.dumps import RibDump
from peerlint.wire.mrt import MrtType

#: The octets of a few lines of remarks.
_A_SCREEN: Final = 4_000
_BATCHES: Final = 50


def rows() -> Iterator[Row]:
    """Yield the length of remarks on crafted dumps, and the cost of batches with many peers."""
    octets = len("".join(source_remarks(_source(_kinds()))))
    yield Row("records of 65,536 kinds, all skipped", "octets of remarks", _A_SCREEN, octets, 1)
    one, many = (_accesses(number) for number in (1, 2_000))
    yield Row("2,000 peers times 50 batches", "accesses to peers", one, many)


def _kinds() -> bytes:
    return b"".join(
        struct.pack(">IHHI", 1_795_219_200, MrtType.OSPFV2, subtype, 0)
        for subtype in range(1 << 16)
    )


def _source(octets: bytes) -> SourceSummary:
    reader = DumpReader(
        [octets], source="", viewpoint=lambda _: None, criteria=Criteria(max_path=3)
    )
    for _ in reader:
        pass
    return SourceSummary("dump", (), Coverage.NONE, reader.quality)


class _Counted(Sequence[DumpPeer]):
    """The peers of a batch; counts accesses."""

    def __init__(self, peers: Sequence[DumpPeer]) -> None:
        self.peers = peers
        self.accesses = 0

    def __len__(self) -> int:
        return len(self.peers)

    def __getitem__(self, index: int) -> DumpPeer:  # type: ignore[override]  # no slices
        self.accesses += 1
        return self.peers[index]


def _accesses(number: int) -> int:
    """Return how often peers are accessed for the text of some batches with one route each.

    Args:
        number: how many peers the dump has.
    """
    rib = RibDump()
    edge = rib.peer("192.0.2.1", 64500)
    for each in range(1, number):
        rib.peer(f"2001:db8::{each:x}", 64500)
    table = rib.octets()
    broken = (
        struct.pack(">IHHI", 1_795_219_200, MrtType.TABLE_DUMP_V2, 2, 7) + bytes(4) + b"\xc8\0\0"
    )
    rib.routes(edge, "203.0.113.0/24 path 64500")
    route = rib.octets()[len(table) :]
    octets = table + _BATCHES * (broken + route)
    viewpoint = Viewpoint(View.RECEIVED, Asn(64500))
    accesses = 0
    for batch in DumpReader(
        [octets], source="", viewpoint=lambda _: viewpoint, criteria=Criteria(max_path=3)
    ):
        counted = _Counted(batch.peers)
        made = RouteBatch(batch.rows, counted, batch.buffer)
        peers(made)
        peer_asns(made)
        accesses += counted.accesses
    return accesses
