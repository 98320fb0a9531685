"""`python -m benchmarks.bmp_stream [--messages N] [--save]`: routers, watched by two prefixes.

A seeded stream of Route Monitoring messages of four peers, and the same UPDATEs as MRT. Processor
seconds of `RouterStream` with two prefixes, whose events go to a `Synchronisation` that counts all
routes, are compared in the same run with

- the sum of two limits: a bare asyncio reader that only finds the messages, and `DumpReader` on the
  MRT with the same prefixes;
- pmbmpd (Debian package pmacct) without output. It keeps every route with its attributes; peerlint
  keeps the watched ones, and a hash of each other one.

What reads BMP gets its octets in pieces as they come from a socket.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import shutil
import socket
import struct
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from ipaddress import IPv4Address
from pathlib import Path
from typing import Final

from benchmarks.bmp_results import print_rows, save
from peerlint import AsPath, Community, Prefix
from peerlint.bulk import BmpReader, DumpReader, PrefixFilter, RouteBatch
from peerlint.events import TableRef
from peerlint.feeds.bmp import RouterStream, RouteSelection
from peerlint.model import Criteria, View, Viewpoint
from peerlint.monitor import Proof, Synchronisation
from peerlint.testing.bmp import BmpPeer, BmpStream
from peerlint.wire.attributes import Attributes, Form, encode_attributes
from peerlint.wire.bgp import MessageType, encode_message
from peerlint.wire.bmp import RouteMonitoring, Statistic, encode_body
from peerlint.wire.bmp import encode_message as encode_bmp_message
from peerlint.wire.mrt import MrtType
from peerlint.wire.nlri import Nlri, encode_nlri

SEED: Final = 20261129
#: The time of all messages: 2026-11-24.
NOW: Final = 1_795_478_400
PEERS: Final = 4
#: Different attribute lists of a peer, and different prefixes.
_LISTS: Final = 2_000
_PREFIXES: Final = 100_000
#: Octets that the listener reads at once, and asyncio receives.
_PIECE: Final = 1 << 18
_FORM: Final = Form()
_MESSAGE_AS4: Final = 4
WATCHED: Final = PrefixFilter.of(map(Prefix.parse, ("203.0.113.0/24", "198.51.100.0/24")))
#: The number of routes in Adj-RIBs-In (RFC 7854 section 4.8).
_ROUTES: Final = 7
_VIEWPOINT: Final = Viewpoint("received", 64500)
_CRITERIA: Final = Criteria()


def main() -> None:
    """Print processor seconds, and the ratios."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.bmp_stream", description=__doc__)
    parser.add_argument("--messages", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--save", action="store_true", help="write results/DATE-bmp-stream.json")
    arguments = parser.parse_args()
    stream, dump = make_streams(arguments.messages)
    contenders: dict[str, Callable[[], int]] = {
        "find the messages with asyncio": lambda: asyncio.run(found_messages(stream)),
        "scan of the same UPDATEs in MRT": lambda: scanned(dump),
        "BmpReader, no counts": lambda: read(stream),
        "RouterStream and Synchronisation": lambda: watched(stream),
    }
    rows = {label: least_seconds(run, arguments.runs) for label, run in contenders.items()}
    limits, ours = sum(list(rows.values())[:2]), list(rows.values())[-1]
    ratios = {"to the sum of the first two (aim: at most 2.5)": ours / limits}
    if shutil.which("pmbmpd") is None:
        print("left out: pmbmpd, of the Debian package pmacct")
    else:
        rows["pmbmpd, which keeps every route"] = seconds = pmbmpd(stream)
        ratios["to pmbmpd (aim: at most 0.10)"] = ours / seconds
    sizes = {"messages": arguments.messages, "octets": len(stream)}
    print_rows(rows, ratios)
    if arguments.save:
        save("bmp-stream", {**sizes, "seconds": rows, "ratios": ratios})


def make_streams(messages: int, seed: int = SEED) -> tuple[bytes, bytes]:
    """Return a BMP stream and a dump with the same UPDATEs, one in five a withdrawal.

    At the end of the stream there is a Statistics Report of each peer with its number of routes.
    """
    rng = random.Random(seed)  # noqa: S311  # no secret
    peers = [
        BmpPeer(f"192.0.2.{1 + number}", 64500 + number, "192.0.2.254", 64510, post_policy=True)
        for number in range(PEERS)
    ]
    held: list[set[bytes]] = [set() for _ in peers]
    opened = BmpStream("edge1")
    for peer in peers:
        opened.up(peer)
    lists = [[_attributes(rng, peer) for _ in range(_LISTS)] for peer in peers]
    prefixes = [_prefix(rng) for _ in range(_PREFIXES)]
    heads = [_heads(peer) for peer in peers]
    stream, dump = [opened.octets()], []
    for number in range(messages):
        bmp, mrt = heads[number % PEERS]
        prefix = rng.choice(prefixes)
        if rng.random() < 0.2:
            body = len(prefix).to_bytes(2) + prefix + bytes(2)
            held[number % PEERS].discard(prefix)
        else:
            held[number % PEERS].add(prefix)
            attributes = rng.choice(lists[number % PEERS])
            body = bytes(2) + len(attributes).to_bytes(2) + attributes + prefix
        message = encode_message(MessageType.UPDATE, body)
        stream.append(struct.pack(">BIB", 3, 6 + len(bmp) + len(message), 0) + bmp + message)
        size = len(mrt) + len(message)
        dump.append(struct.pack(">IHHI", NOW, MrtType.BGP4MP, _MESSAGE_AS4, size) + mrt + message)
    reports = BmpStream()
    for peer, routes in zip(peers, held, strict=True):
        reports.statistics(peer, Statistic(_ROUTES, len(routes)))
    stream += reports.messages[1:]  # without the Initiation
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


def pieces(octets: bytes) -> Iterator[bytes]:
    """Yield a stream in pieces as they come from a socket."""
    return (octets[at : at + _PIECE] for at in range(0, len(octets), _PIECE))


async def found_messages(octets: bytes) -> int:
    """Find the messages of a stream with asyncio's reader, and return how many there are."""
    reader = asyncio.StreamReader()
    length_at = struct.Struct(">I").unpack_from
    rest, count = b"", 0
    for piece in pieces(octets):
        reader.feed_data(piece)
        rest += await reader.read(_PIECE)
        at = 0
        last = len(rest) - 6
        while at <= last:
            length = length_at(rest, at + 1)[0]
            if at + length > last + 6:
                break
            at, count = at + length, count + 1
        rest = rest[at:]
    return count


def scanned(dump: bytes) -> int:
    """Read a dump, and return its number of records."""
    reader = DumpReader(
        [dump],
        source="benchmark",
        viewpoint=lambda _: _VIEWPOINT,
        criteria=_CRITERIA,
        prefix_filter=WATCHED,
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
        prefix_filter=WATCHED,
    )
    rows = 0
    for piece in pieces(octets):
        rows += sum(len(each) for each in reader.feed(piece) if isinstance(each, RouteBatch))
    reader.end()
    return reader.quality.records


def watched(octets: bytes) -> int:
    """Make events of a stream, and return how many there are.

    Raises:
        RuntimeError: a number of routes is not the router's.
    """
    router = RouterStream("edge1", selection=RouteSelection(WATCHED))
    synchronisation = Synchronisation()
    events = 0
    for piece in pieces(octets):
        for event in router.feed(piece, NOW * 1_000_000):
            synchronisation.add(event)
            events += 1
    for number in range(PEERS):
        if proof_of(synchronisation, "edge1", number) is not Proof.COUNT:
            raise RuntimeError("a number of routes is not the router's")
    return events


def proof_of(synchronisation: Synchronisation, router: str, peer: int) -> Proof | None:
    """Return what shows that the routes of a peer of the stream are complete."""
    address = f"192.0.2.{1 + peer}"
    table = TableRef(address, 64500 + peer, View.ADJ_RIB_IN, is_post_policy=True)
    return synchronisation.state("bmp", router, table).proof


def pmbmpd(octets: bytes) -> float:
    """Let pmbmpd read a stream over TCP, without output; return its processor seconds."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    lines = ("daemonize: false", "bmp_daemon_ip: 127.0.0.1", f"bmp_daemon_port: {port}", "")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "pmbmpd.conf"
        path.write_text("\n".join(lines), encoding="ascii")
        command = ["pmbmpd", "-f", str(path)]
        with subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        ) as program:
            try:
                return _seconds_to_read(program.pid, port, octets)
            finally:
                program.terminate()


def _seconds_to_read(pid: int, port: int, octets: bytes) -> float:
    connection = None
    while connection is None:
        try:
            connection = socket.create_connection(("127.0.0.1", port))
        except OSError:
            time.sleep(0.1)
    with connection:
        before = _seconds_of(pid)
        connection.sendall(octets)
        now, last = _seconds_of(pid), -1.0
        while now != last:  # it has not read all of it
            time.sleep(1)
            now, last = _seconds_of(pid), now
        return now - before


def _seconds_of(pid: int) -> float:
    """Return the processor seconds of a process."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main()
