"""`python -m benchmarks.replay [--small] [--save]`: a day of one collector's updates, replayed.

A collector has sessions with 30 peers, two of which are those of the inventory. A seeded day of
updates is written as gzip files of five minutes, behind a table. Peers change routes that nobody
asks about; on the two sessions, registered prefixes lose their community, are prepended and are
withdrawn again and again. `peerlint.replay` reads all of it, and has to raise exactly the alerts
that were planted. The ratio is that of a day to the time that this takes, decompression and
monitoring included. With --small, the day has fewer updates.
"""

from __future__ import annotations

import argparse
import gzip
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from ipaddress import IPv4Address
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import attrs
import numpy as np

import peerlint
from benchmarks.bmp_results import save
from peerlint.inventory.toml import parse_inventory
from peerlint.model import Route
from peerlint.testing.dumps import TIMESTAMP, FeedSession, RibDump, UpdateDump

SEED: Final = 20261121
TAG: Final = "community 8075:8007"
_SECOND: Final = 1_000_000
_FILE: Final = 300
_FILES: Final = 24 * 3600 // _FILE
#: Benchmarking space (RFC 2544): half of it is registered, the other half is everybody else's.
_REGISTERED: Final = int(IPv4Address("198.18.0.0"))
_OTHERS: Final = int(IPv4Address("198.19.0.0"))
_PEERS: Final = 30
#: How many different records the others send.
_RECORDS: Final = 20_000
#: Every so many files, a registered prefix is wrong for one file.
_EVERY: Final = 4
_KINDS: Final = ("community", "prepend", "withdraw")


@attrs.frozen
class Day:
    """The archive of a day.

    Attributes:
        updates: how many updates it has.
        octets: its size, decompressed.
        planted: how many alerts it gives cause for.
    """

    updates: int
    octets: int
    planted: int


def main() -> None:
    """Print the ratio to real time, and whether the alerts are the planted ones."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.replay", description=__doc__)
    parser.add_argument("--updates", type=int, default=10_000_000, help="of the day")
    parser.add_argument("--prefixes", type=int, default=1_000, help="registered, 4,096 at most")
    parser.add_argument("--small", action="store_true", help="200,000 updates and 100 prefixes")
    parser.add_argument("--save", action="store_true", help="write results/DATE-replay.json")
    arguments = parser.parse_args()
    updates, prefixes = arguments.updates, arguments.prefixes
    if arguments.small:
        updates, prefixes = 200_000, 100
    with tempfile.TemporaryDirectory() as folder:
        day = make_day(Path(folder), updates, prefixes)
        row = replayed(Path(folder), day, prefixes)
    for name, value in row.items():
        print(f"{name:<24}{value:>16,.1f}")
    if row["alerts"] != day.planted or row["open at the end"]:
        sys.exit(f"{day.planted:,} alerts were planted")
    if arguments.save:
        save("replay", {"rows": row})


def replayed(folder: Path, day: Day, prefixes: int) -> dict[str, Any]:
    """Replay a day, and return what it took."""
    inventory = parse_inventory(_inventory(prefixes), "peering.toml")
    started, busy = time.perf_counter(), time.process_time()
    replay = peerlint.replay(inventory, [folder])
    for _ in replay:
        pass
    seconds, busy = time.perf_counter() - started, time.process_time() - busy
    found = replay.summary
    return {
        "updates": day.updates,
        "MiB": day.octets / 2**20,
        "events": found.events,
        "alerts": len(found.alerts),
        "open at the end": sum(each.is_open for each in found.alerts),
        "seconds": seconds,
        "processor seconds": busy,
        "updates per second": day.updates / seconds,
        "by processor seconds": 24 * 3600 / busy,
        "times real time": 24 * 3600 / seconds,
    }


# -- the archive


def make_day(folder: Path, updates: int, prefixes: int) -> Day:
    """Write a table and the updates of a day into a folder."""
    sessions = _sessions()
    routes = [Route.parse(f"{_prefix(each)} path 64500 {TAG}") for each in range(prefixes)]
    table = RibDump(timestamp=TIMESTAMP)
    for session in sessions[:2]:
        table.routes(table.peer(str(session.peer), session.peer_asn), *routes)
    (folder / "rib.mrt").write_bytes(table.octets())
    block, offsets = _block(sessions, updates // _FILES)
    octets, planted = 0, 0
    for number in range(_FILES):
        begun = TIMESTAMP + number * _FILE * _SECOND
        others = _at(block, offsets, begun // _SECOND)
        first, middle, last = _split(others, offsets)
        changes = UpdateDump(timestamp=begun + 60 * _SECOND)
        mended = UpdateDump(timestamp=begun + 240 * _SECOND)
        if number % _EVERY == 0:
            planted += 1
            route = routes[number // _EVERY % prefixes]
            _break(changes, sessions[number % 2], route, _KINDS[number // _EVERY % len(_KINDS)])
            mended.announce(sessions[number % 2], route)
        content = first + changes.octets() + middle + mended.octets() + last
        octets += len(content)
        packed = gzip.compress(content, compresslevel=1)
        (folder / f"updates.{number:03}.gz").write_bytes(packed)
    return Day(len(offsets) * _FILES, octets, planted)


def _break(dump: UpdateDump, session: FeedSession, route: Route, kind: str) -> None:
    """Let a registered prefix be wrong on a session."""
    if kind == "withdraw":
        dump.withdraw(session, route)
    elif kind == "community":
        dump.announce(session, attrs.evolve(route, communities=frozenset()))
    else:
        dump.announce(session, Route.parse(f"{route.prefix} path 64500 64500 {TAG}"))


def _block(sessions: list[FeedSession], updates: int) -> tuple[bytes, list[int]]:
    """Return the updates of others in one file, and the offsets of their records."""
    chooser = random.Random(SEED)  # noqa: S311  # it has to be the same each time
    made = [_other(chooser, sessions) for _ in range(min(updates, _RECORDS))]
    records = [made[number % len(made)] for number in range(updates)]
    offsets, at = [], 0
    for each in records:
        offsets.append(at)
        at += len(each)
    return b"".join(records), offsets


def _other(chooser: random.Random, sessions: list[FeedSession]) -> bytes:
    """Return an update of a route that nobody asks about."""
    session = chooser.choice(sessions[2:])
    prefix = f"{IPv4Address(_OTHERS + 16 * chooser.randrange(4096))}/28"
    dump = UpdateDump()
    if chooser.random() < 0.1:
        return dump.withdraw(session, prefix).octets()
    path = " ".join(str(chooser.randrange(64496, 64512)) for _ in range(chooser.randint(1, 6)))
    communities = " ".join(f"64500:{chooser.randrange(1000)}" for _ in range(chooser.randint(1, 8)))
    tail = f"path {session.peer_asn} {path} community {communities}"
    return dump.announce(session, f"{prefix} {tail}").octets()


def _at(block: bytes, offsets: list[int], begun: int) -> bytes:
    """Return a block whose records are spread over the time of a file."""
    octets = np.frombuffer(block, np.uint8).copy()
    at = np.array(offsets)
    seconds = begun + np.arange(len(at)) * _FILE // max(1, len(at))
    for place in range(4):
        octets[at + place] = seconds >> 8 * (3 - place) & 0xFF
    return octets.tobytes()


def _split(block: bytes, offsets: list[int]) -> Iterator[bytes]:
    """Yield the records of the first minute, of three more, and of the last one."""
    limits = [0, offsets[len(offsets) // 5], offsets[len(offsets) * 4 // 5], len(block)]
    return (block[first:last] for first, last in pairwise(limits))


def _sessions() -> list[FeedSession]:
    """Return the sessions of the collector; the first two are those of the inventory."""
    return [
        FeedSession(f"192.0.2.{each + 1}", 64500 if each < 2 else 64510, "192.0.2.254", 64511)
        for each in range(_PEERS)
    ]


def _prefix(number: int) -> str:
    return f"{IPv4Address(_REGISTERED + 16 * number)}/28"


def _inventory(prefixes: int) -> str:
    lines = ["[lab]", 'allow = ["documentation", "benchmarking"]']
    lines += ["[[peering]]", 'name = "contoso-ams"', 'profile = "maps"', "asn = 64500"]
    for number in (1, 2):
        lines += ["[[peering.connection]]", f'name = "ams-{number}"']
        lines += ["[[peering.connection.session]]", f'microsoft = "198.51.100.{number}"']
        lines.append(f'peer = "192.0.2.{number}"')
    for number in range(prefixes):
        lines += ["[[peering.registered_prefix]]", f'name = "sbc-{number}"']
        lines.append(f'prefix = "{_prefix(number)}"')
    return "\n".join(lines)


if __name__ == "__main__":
    main()
