"""`python -m benchmarks.bmp_stream [--messages N]`: UPDATEs of routers, watched by two prefixes.

A seeded stream of Route Monitoring messages of four peers, and the same UPDATEs as MRT. Processor
seconds of `BmpReader` with two prefixes are compared with the sum of two limits in the same run: a
bare asyncio reader that only finds the messages, and `DumpReader` on the MRT with the same
prefixes. The reader of BMP gets its octets in pieces as they come from a socket.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import struct
import time
from collections.abc import Callable, Iterator
from ipaddress import IPv4Address
from typing import Final

from peerlint import AsPath, Community, Prefix
from peerlint.bulk import BmpReader, DumpReader, PrefixFilter, RouteBatch
from peerlint.model import Criteria, Viewpoint
from peerlint.testing.bmp import BmpPeer, BmpStream
from peerlint.wire.attributes import Attributes, Form, encode_attributes
from peerlint.wire.bgp import MessageType, encode_message
from peerlint.wire.bmp import RouteMonitoring, encode_body
from peerlint.wire.bmp import encode_message as encode_bmp_message
from peerlint.wire.mrt import MrtType
from peerlint.wire.nlri import Nlri, encode_nlri

SEED: Final = 20261129
#: The time of all messages: 2026-11-24.
NOW: Final = 1_795_478_400
_PEERS: Final = 4
#: Different attribute lists of a peer, and different prefixes.
_LISTS: Final = 2_000
_PREFIXES: Final = 100_000
#: Octets that a socket gives at once.
_PIECE: Final = 1 << 16
_FORM: Final = Form()
_MESSAGE_AS4: Final = 4
_WATCHED: Final = PrefixFilter.of(map(Prefix.parse, ("203.0.113.0/24", "198.51.100.0/24")))
_VIEWPOINT: Final = Viewpoint("received", 64500)
_CRITERIA: Final = Criteria()


def main() -> None:
    """Print processor seconds, and the ratio to the sum of the limits."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.bmp_stream", description=__doc__)
    parser.add_argument("--messages", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=3)
    arguments = parser.parse_args()
    stream, dump = make_streams(arguments.messages)
    rows: list[tuple[str, Callable[[], int]]] = [
        ("find the messages", lambda: asyncio.run(found_messages(stream))),
        ("scan of the same UPDATEs in MRT", lambda: scanned(dump)),
        ("BmpReader", lambda: read(stream)),
    ]
    seconds = []
    for label, run in rows:
        seconds.append(least_seconds(run, arguments.runs))
        print(f"{label:<34}{seconds[-1]:>8.3f} s{run():>10}")
    print(f"ratio to the sum of the first two {seconds[2] / (seconds[0] + seconds[1]):>8.2f}")


def make_streams(messages: int, seed: int = SEED) -> tuple[bytes, bytes]:
    """Return a BMP stream and a dump with the same UPDATEs, one in five a withdrawal."""
    rng = random.Random(seed)  # noqa: S311  # no secret
    peers = [
        BmpPeer(f"192.0.2.{1 + number}", 64500 + number, "192.0.2.254", 64510, post_policy=True)
        for number in range(_PEERS)
    ]
    opened = BmpStream("edge1")
    for peer in peers:
        opened.up(peer)
    lists = [[_attributes(rng, peer) for _ in range(_LISTS)] for peer in peers]
    prefixes = [_prefix(rng) for _ in range(_PREFIXES)]
    heads = [_heads(peer) for peer in peers]
    stream, dump = [opened.octets()], []
    for number in range(messages):
        bmp, mrt = heads[number % _PEERS]
        prefix = rng.choice(prefixes)
        if rng.random() < 0.2:
            body = len(prefix).to_bytes(2) + prefix + bytes(2)
        else:
            attributes = rng.choice(lists[number % _PEERS])
            body = bytes(2) + len(attributes).to_bytes(2) + attributes + prefix
        message = encode_message(MessageType.UPDATE, body)
        stream.append(struct.pack(">BIB", 3, 6 + len(bmp) + len(message), 0) + bmp + message)
        size = len(mrt) + len(message)
        dump.append(struct.pack(">IHHI", NOW, MrtType.BGP4MP, _MESSAGE_AS4, size) + mrt + message)
    return b"".join(stream), b"".join(dump)


def _heads(peer: BmpPeer) -> tuple[bytes, bytes]:
    """Return what is before a peer's messages: the per-peer header, and that of MRT."""
    header = peer.header(NOW * 1_000_000)
    bmp = encode_bmp_message(*encode_body(RouteMonitoring(header, b"")))[6:]
    mrt = struct.pack(">IIHH", peer.asn, peer.local_asn, 0, 1)
    return bmp, mrt + peer.address.packed + peer.local.packed


def _attributes(rng: random.Random, peer: BmpPeer) -> bytes:
    path = [peer.asn, *(rng.randrange(131_072, 400_000) for _ in range(rng.randrange(5)))]
    communities = [Community(rng.randrange(1 << 16, 65_535 << 16)) for _ in range(rng.randrange(8))]
    if rng.random() < 0.002:
        communities.append(Community(8075 << 16 | 8007))
    found = Attributes(
        origin=0,
        as_path=AsPath.sequence(*path),
        next_hop=IPv4Address(int(peer.address)),
        communities=tuple(communities),
    )
    return encode_attributes(found, _FORM)


def _prefix(rng: random.Random) -> bytes:
    length = rng.choice((24, 24, 24, 24, 24, 24, 23, 22, 22, 21, 20, 19, 16))
    first = rng.randrange(1 << 24, 224 << 24) >> 32 - length << 32 - length
    return encode_nlri((Nlri(Prefix(4, first, length)),))


def least_seconds(run: Callable[[], object], runs: int) -> float:
    """Return the least processor seconds of several runs."""
    found = []
    for _ in range(runs):
        start = time.process_time()
        run()
        found.append(time.process_time() - start)
    return min(found)


def _pieces(octets: bytes) -> Iterator[bytes]:
    return (octets[at : at + _PIECE] for at in range(0, len(octets), _PIECE))


async def found_messages(octets: bytes) -> int:
    """Find the messages of a stream with asyncio's reader, and return how many there are."""
    reader = asyncio.StreamReader()
    rest, count = b"", 0
    for piece in _pieces(octets):
        reader.feed_data(piece)
        rest += await reader.read(_PIECE)
        at = 0
        while at + 6 <= len(rest):
            end = at + int.from_bytes(rest[at + 1 : at + 5])
            if end > len(rest):
                break
            at, count = end, count + 1
        rest = rest[at:]
    return count


def scanned(dump: bytes) -> int:
    """Read a dump, and return its number of records."""
    reader = DumpReader(
        [dump],
        source="benchmark",
        viewpoint=lambda _: _VIEWPOINT,
        criteria=_CRITERIA,
        prefix_filter=_WATCHED,
    )
    for _ in reader:
        pass
    return reader.quality.records


def read(octets: bytes) -> int:
    """Read a stream, and return its number of messages."""
    reader = BmpReader(
        source="benchmark",
        viewpoint=lambda _: _VIEWPOINT,
        criteria=_CRITERIA,
        prefix_filter=_WATCHED,
    )
    rows = 0
    for piece in _pieces(octets):
        rows += sum(len(each) for each in reader.feed(piece) if isinstance(each, RouteBatch))
    reader.end()
    return reader.quality.records


if __name__ == "__main__":
    main()
