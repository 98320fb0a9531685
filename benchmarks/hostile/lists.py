"""Lists that grow with distinct content of the input: what a dump makes the program say."""

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

#: Octets of what is said of a dump in a few lines.
_A_SCREEN: Final = 4_000
_BATCHES: Final = 50


def rows() -> Iterator[Row]:
    """Yield how much is said of crafted dumps, and what a batch costs a dump with many peers."""
    said = len("".join(source_remarks(_source(_kinds()))))
    yield Row("records of 65,536 kinds, all skipped", "octets of remarks", _A_SCREEN, said, 1)
    one, many = (_looks(number) for number in (1, 2_000))
    yield Row("2,000 peers times 50 batches", "peers looked at", one, many)


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
    """The peers of a batch; counts how many are looked at."""

    def __init__(self, peers: Sequence[DumpPeer]) -> None:
        self.peers = peers
        self.looks = 0

    def __len__(self) -> int:
        return len(self.peers)

    def __getitem__(self, index: int) -> DumpPeer:  # type: ignore[override]  # no slices
        self.looks += 1
        return self.peers[index]


def _looks(number: int) -> int:
    """Spell a route of one peer for each of some batches; count the peers looked at."""
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
    seen_from = Viewpoint(View.RECEIVED, Asn(64500))
    looks = 0
    for batch in DumpReader(
        [octets], source="", viewpoint=lambda _: seen_from, criteria=Criteria(max_path=3)
    ):
        counted = _Counted(batch.peers)
        made = RouteBatch(batch.rows, counted, batch.buffer)
        peers(made)
        peer_asns(made)
        looks += counted.looks
    return looks
