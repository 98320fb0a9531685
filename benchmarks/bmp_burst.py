"""`python -m benchmarks.bmp_burst [--save]`: two routers send 500,000 updates each, at once.

They send over TCP as fast as they are read, to a listener in a process of its own. Twice: with two
watched prefixes, where the numbers of routes of all tables have to be those that the routers count;
and with every route an event, where all of them are counted. Memory is that of the listener's
process at its largest.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from ipaddress import ip_network
from pathlib import Path
from typing import Any, Final

from benchmarks.bmp_results import save
from benchmarks.bmp_stream import PEERS, SEED, WATCHED, make_streams, proof_of
from peerlint.events import Announce, FeedLost, Withdraw
from peerlint.feeds.bmp import BmpListener, RouteSelection
from peerlint.monitor import Proof, Synchronisation

ROUTERS: Final = ("127.0.0.1", "127.0.0.2")


def main() -> None:
    """Print what came, and how much memory it took."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.bmp_burst", description=__doc__)
    parser.add_argument("--messages", type=int, default=1_000_000, help="of both routers together")
    parser.add_argument("--save", action="store_true", help="write results/DATE-bmp-burst.json")
    parser.add_argument("--listen", choices=("watched", "every"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.listen:
        asyncio.run(listen(is_watched=arguments.listen == "watched"))
        return
    each = arguments.messages // len(ROUTERS)
    streams = [make_streams(each, SEED + number)[0] for number in range(len(ROUTERS))]
    rows = {how: burst(streams, how) for how in ("watched", "every")}
    for how, row in rows.items():
        print(how, json.dumps(row))
    if rows["watched"]["counted_tables"] != PEERS * len(ROUTERS):
        sys.exit("updates were lost: a number of routes is not the router's")
    if rows["every"]["updates"] != each * len(ROUTERS):
        sys.exit("updates were lost")
    if arguments.save:
        save("bmp-burst", {"messages": each * len(ROUTERS), "rows": rows})


def burst(streams: list[bytes], how: str) -> dict[str, Any]:
    """Send streams at once to a listener in another process, and return what it says."""
    command = [sys.executable, "-m", "benchmarks.bmp_burst", "--listen", how]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as program:
        if program.stdout is None:
            raise RuntimeError
        port = int(program.stdout.readline())
        senders = [
            threading.Thread(target=_send, args=(port, *pair))
            for pair in zip(ROUTERS, streams, strict=True)
        ]
        for sender in senders:
            sender.start()
        for sender in senders:
            sender.join()
        row: dict[str, Any] = json.loads(program.stdout.readline())
        return row


def _send(port: int, router: str, octets: bytes) -> None:
    with socket.create_connection(("127.0.0.1", port), source_address=(router, 0)) as connection:
        connection.sendall(octets)


async def listen(*, is_watched: bool) -> None:
    """Read what two routers send, to its end, and print what came."""
    selection = RouteSelection(WATCHED) if is_watched else None
    listener = BmpListener("127.0.0.1", 0, allow=[ip_network("127.0.0.0/8")], selection=selection)
    await listener.start()
    print(listener.port, flush=True)
    synchronisation, lost, events = Synchronisation(), set[str | None](), Counter[str]()
    updates, started = 0, time.process_time()
    async for event in listener:
        events[type(event).__name__] += 1
        updates += isinstance(event, Announce | Withdraw)
        if isinstance(event, FeedLost):
            lost.add(event.router)
            if len(lost) == len(ROUTERS):
                break
        else:
            synchronisation.add(event)
    seconds = time.process_time() - started
    await listener.close()
    proofs = [
        proof_of(synchronisation, router, peer) for router in ROUTERS for peer in range(PEERS)
    ]
    row = {
        "updates": updates,
        "events": events,
        "counted_tables": proofs.count(Proof.COUNT),
        "cpu": seconds,
        "peak_mib": peak_mib(),
    }
    print(json.dumps(row), flush=True)


def peak_mib() -> float:
    """Return the largest resident set of this process; getrusage has that of its parent too."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    found = re.search(r"^VmHWM:\s*(\d+) kB$", status, re.MULTILINE)
    return int(found[1]) / 1024 if found else 0.0


if __name__ == "__main__":
    main()
