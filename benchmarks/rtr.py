"""`python -m benchmarks.rtr [--vrps N] [--runs N]`: VRPs from StayRTR, and a change of a thousand.

Seeded VRPs, one in five IPv6, are served by StayRTR (Debian package stayrtr) on loopback. The feed
is compared, in turn, with a client that only walks from PDU to PDU and counts them: seconds from
the connection to the End of Data, and processor seconds of the client alone, the least of some
runs. Then the file changes, and a change of 500 VRPs that go and 500 that come is timed from the
Serial Query to the new set.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import socket
import struct
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path
from typing import Final

from peerlint.feeds.clock import microseconds_now
from peerlint.feeds.rtr import RtrFeed
from peerlint.registry.rtr import RtrSession, VrpsReceived
from peerlint.wire.rtr import ResetQuery, encode_pdu

SEED: Final = 20261130
#: What is aimed at: times the seconds of the counting client, and seconds for a change.
AIM: Final = 1.3
CHANGE_AIM: Final = 0.05
_CHANGED: Final = 1_000
_CHUNK: Final = 1 << 18
_END_OF_DATA: Final = 7
_START: Final = 120.0

Roa = dict[str, object]


def make_roas(count: int, seed: int = SEED) -> list[Roa]:
    """Return VRPs as rpki-client writes them, all different."""
    rng = random.Random(seed)  # noqa: S311  # no secret
    found: dict[tuple[str, int, int], Roa] = {}
    while len(found) < count:
        if rng.random() < 0.2:
            length = rng.randrange(29, 49)
            address = str(
                IPv6Address((0x2001_0000 << 96) | rng.getrandbits(length) << 128 - length)
            )
        else:
            length = rng.randrange(12, 25)
            address = str(IPv4Address(rng.getrandbits(length) << 32 - length))
        longest = length + rng.choice((0, 0, 0, 1, 4))
        asn = rng.randrange(1, 400_000)
        roa: Roa = {"asn": asn, "prefix": f"{address}/{length}", "maxLength": longest, "ta": "test"}
        found[f"{address}/{length}", longest, asn] = roa
    return list(found.values())


def write_roas(path: Path, roas: list[Roa]) -> None:
    """Write the file, so that a reader sees the old one or the new one."""
    beside = path.with_suffix(".new")
    metadata = {"buildtime": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())}
    beside.write_text(json.dumps({"metadata": metadata, "roas": roas}))
    beside.replace(path)


@contextmanager
def stayrtr(path: Path, refresh: int) -> Iterator[int]:
    """Run StayRTR, and yield its port when it has read the file.

    Args:
        path: the file.
        refresh: after how many seconds it is read again.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    command = [
        *("stayrtr", "-bind", f"127.0.0.1:{port}", "-cache", str(path), "-checktime=false"),
        *("-metrics.addr", "", "-refresh", f"{refresh}"),
    ]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        until = time.monotonic() + _START
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                if process.poll() is not None or time.monotonic() > until:
                    raise
                time.sleep(0.2)
        yield port
    finally:
        process.terminate()
        process.wait()


def counted(port: int) -> int:
    """Ask for all data, and count the PDUs of the answer."""
    with socket.create_connection(("127.0.0.1", port)) as sock:
        sock.sendall(encode_pdu(ResetQuery(), 1))
        buffer, count = b"", 0
        while True:
            received = sock.recv(_CHUNK)
            if not received:
                raise ConnectionError("the cache closed the connection")
            buffer, at = buffer + received, 0
            while at + 8 <= len(buffer):
                _, kind, _, length = struct.unpack_from(">BBHI", buffer, at)
                if at + length > len(buffer):
                    break
                at += length
                count += 1
                if kind == _END_OF_DATA:
                    return count
            buffer = buffer[at:]


def fed(port: int) -> int:
    """Have the feed get all data, and return the number of PDUs."""

    async def first() -> int:
        feed = RtrFeed("127.0.0.1", port)
        event = await anext(feed)
        await feed.close()
        if not isinstance(event, VrpsReceived):
            raise TypeError(f"expected VRPs, found {event}")
        return len(event.vrps) + 2  # a Cache Response and an End of Data

    return asyncio.run(first())


def seconds(run: Callable[[], int], expected: int) -> tuple[float, float]:
    """Return the seconds of a run, and its processor seconds."""
    start, busy = time.perf_counter(), time.process_time()
    if run() != expected:
        raise RuntimeError(f"expected {expected:,} PDUs")
    return time.perf_counter() - start, time.process_time() - busy


def seconds_of_change(port: int, change: Callable[[], None], runs: int) -> tuple[float, float]:
    """Return the least seconds from a Serial Query to the new set, and those of the session alone.

    The same change is asked for several times: right after it read a file StayRTR is busy.
    """
    old = RtrSession()
    first, *_ = _synchronised(port, old)
    change()
    while not (changed := _synchronised(port, _copied(old))[0]).is_changed:
        time.sleep(1)
    found = []
    for _ in range(runs):
        event, wall, busy = _synchronised(port, _copied(old))
        if event.is_reset or event.vrps != changed.vrps or event.before != len(first.vrps):
            raise RuntimeError("expected the same change again")
        found.append((wall, busy))
    return min(each[0] for each in found), min(each[1] for each in found)


def _copied(old: RtrSession) -> RtrSession:
    """Return a session with the same data."""
    session = RtrSession()
    session.vrps, session.number, session.received = old.vrps, old.number, old.received
    return session


def _synchronised(port: int, session: RtrSession) -> tuple[VrpsReceived, float, float]:
    """Connect, and return an answer, its seconds, and the processor seconds of the session."""
    with socket.create_connection(("127.0.0.1", port)) as sock:
        session.connect(microseconds_now())
        sock.sendall(session.take_output())
        asked, busy = time.perf_counter(), 0.0
        while True:
            received = sock.recv(_CHUNK)
            start = time.process_time()
            events = session.receive(received, microseconds_now())
            busy += time.process_time() - start
            for each in events:
                if isinstance(each, VrpsReceived):
                    return each, time.perf_counter() - asked, busy


def main() -> None:
    """Print seconds of both clients, their ratio, and the seconds of a change."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.rtr", description=__doc__)
    parser.add_argument("--vrps", type=int, default=900_000)
    parser.add_argument("--runs", type=int, default=5)
    arguments = parser.parse_args()
    count = arguments.vrps
    roas = make_roas(count + _CHANGED // 2)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "vrps.json"
        write_roas(path, roas[:count])
        with stayrtr(path, 3600) as port:
            rows: dict[str, list[tuple[float, float]]] = {"counts": [], "feed": []}
            for _ in range(arguments.runs):
                rows["counts"].append(seconds(lambda: counted(port), count + 2))
                rows["feed"].append(seconds(lambda: fed(port), count + 2))
        for name, found in rows.items():
            wall, busy = min(each[0] for each in found), min(each[1] for each in found)
            print(f"{name}: {wall:.2f} s, processor {busy:.2f} s")
        ratio, busy_ratio = (
            min(each[n] for each in rows["feed"]) / min(each[n] for each in rows["counts"])
            for n in (0, 1)
        )
        print(f"feed / counts: {ratio:.2f}, processor {busy_ratio:.2f}; the aim is {AIM}")
        with stayrtr(path, 10) as port:
            change = seconds_of_change(
                port, lambda: write_roas(path, roas[_CHANGED // 2 :]), arguments.runs
            )
    print(
        f"a change of {_CHANGED:,}: {change[0] * 1000:.0f} ms, of these the session "
        f"{change[1] * 1000:.0f} ms; the aim is {CHANGE_AIM * 1000:.0f} ms"
    )


if __name__ == "__main__":
    main()
