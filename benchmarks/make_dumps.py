"""A seeded dump for machines that have no real one: same seed, same octets."""

from __future__ import annotations

import gzip
import random
from collections.abc import Iterator
from ipaddress import IPv4Address
from pathlib import Path
from typing import Final

from peerlint import AsPath, Community, Prefix
from peerlint.wire.attributes import Attributes
from peerlint.wire.mrt import (
    PEER_INDEX_TABLE,
    MrtType,
    Peer,
    PeerIndexTable,
    Rib,
    RibEntry,
    encode_peer_index_table,
    encode_record,
    encode_rib,
)
from peerlint.wire.nlri import Nlri

SEED: Final = 8075
#: The time in every record: 2026-11-01.
NOW: Final = 1_793_491_200


def make_dump(path: Path, *, prefixes: int, peers: int, seed: int = SEED) -> int:
    """Write a RIB and return how many entries it has."""
    records, entries = _records(random.Random(seed), prefixes, peers)  # noqa: S311  # no secret
    path.write_bytes(gzip.compress(records, compresslevel=6, mtime=0))
    return entries


def _records(rng: random.Random, prefixes: int, peers: int) -> tuple[bytes, int]:
    table = PeerIndexTable(
        IPv4Address("192.0.2.255"),
        "benchmark",
        tuple(Peer(IPv4Address(0xC0000200 + index), 3000 + index) for index in range(peers)),
    )
    parts = [_record(PEER_INDEX_TABLE, encode_peer_index_table(table))]
    total = 0
    for number in range(prefixes):
        prefix = Prefix(4, (1 << 24) + (number << 8), 24)
        entries = tuple(_entries(rng, peers))
        total += len(entries)
        parts.append(_record(*encode_rib(Rib(number, Nlri(prefix), 1, False, entries))))  # noqa: FBT003  # no add-path
    return b"".join(parts), total


def _record(subtype: int, body: bytes) -> bytes:
    return encode_record(NOW * 1_000_000, MrtType.TABLE_DUMP_V2, subtype, body)


def _entries(rng: random.Random, peers: int) -> Iterator[RibEntry]:
    """Yield the entries of most peers for one prefix: the same origin, with different paths."""
    origin = rng.randrange(10_000, 60_000)
    for peer in range(peers):
        if rng.random() < 0.85:
            middle = [rng.randrange(1_000, 3_000) for _ in range(rng.randrange(4))]
            tail = [origin] * rng.choice((1, 1, 1, 1, 2, 3))
            communities = [
                Community.of(3000 + peer, rng.randrange(500)) for _ in range(rng.randrange(6))
            ]
            if rng.random() < 0.01:
                communities.append(Community.of(8075, 8007))
            attributes = Attributes(
                origin=0,
                as_path=AsPath.sequence(3000 + peer, *middle, *tail),
                next_hop=IPv4Address(0xC0000200 + peer),
                communities=tuple(communities),
            )
            yield RibEntry(peer, NOW, attributes)
