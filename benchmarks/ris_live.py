"""`python -m benchmarks.ris_live [--messages N]`: messages of RIS Live, watched by two prefixes.

Seeded messages in the published form (https://ris-live.ripe.net/manual/), each about one of two
watched prefixes, as the server sends them to a subscriber. Processor time of one message is that
from text to events: once for peers that change between some routes, as they do, and once with a new
route in each message. With `--websocket` also that of the whole feed, which gets them from a server
in another process over loopback.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import multiprocessing
import random
import sys
from collections.abc import Callable
from datetime import date
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Final

from benchmarks.bmp_stream import least_seconds
from peerlint.events import FeedLost
from peerlint.feeds.ris_live import RisLiveFeed
from peerlint.feeds.ris_messages import RisMessage, RisStream
from peerlint.model import Prefix

SEED: Final = 20261130
#: The time of the first message: 2026-11-24.
NOW: Final = 1_795_478_400
WATCHED: Final = ("203.0.113.0/24", "198.51.100.0/24")
#: What BGPalerter 2.0.1 took for a message with three monitors, on two EPYC cores, in microseconds.
BGPALERTER: Final = 51.0
#: The share of it that is aimed at.
AIM: Final = 0.25
_PEERS: Final = 400
#: Messages that are timed together.
_PART: Final = 1_000
#: Different routes of a peer to one prefix, between which it changes.
_ROUTES: Final = 4


def make_messages(count: int, seed: int = SEED, routes: int = _ROUTES) -> list[str]:
    """Return messages: four of five announce a prefix, the others withdraw one.

    Args:
        count: how many.
        seed: of the random numbers.
        routes: the number of routes of each peer to each prefix, which come again and again; 0 to
            make a new one for each message.
    """
    rng = random.Random(seed)  # noqa: S311  # no secret
    known = {
        (peer, prefix): [_route(rng, peer, prefix) for _ in range(routes)]
        for peer in range(_PEERS)
        for prefix in WATCHED
    }
    found = []
    for number in range(count):
        peer, prefix = rng.randrange(_PEERS), rng.choice(WATCHED)
        if rng.random() < 0.2:
            content: dict[str, object] = {"announcements": [], "withdrawals": [prefix]}
        else:
            several = known[peer, prefix]
            content = rng.choice(several) if several else _route(rng, peer, prefix)
        data = {
            "timestamp": NOW + number / 1000,
            "peer": _address(peer),
            "peer_asn": str(_asn(peer)),
            "id": f"{_address(peer)}-{number:016x}",
            "host": f"rrc{peer % 24:02}.ripe.net",
            "type": "UPDATE",
            **content,
        }
        found.append(json.dumps({"type": "ris_message", "data": data}, separators=(",", ":")))
    return found


def _address(peer: int) -> str:
    return f"192.0.2.{peer % 250 + 1}"


def _asn(peer: int) -> int:
    return 64496 + peer % 16


def _route(rng: random.Random, peer: int, prefix: str) -> dict[str, object]:
    """Return what a message says of a route."""
    communities = [
        [rng.randrange(1, 65_536), rng.randrange(65_536)] for _ in range(rng.randrange(8))
    ]
    if rng.random() < 0.002:
        communities.append([8075, 8007])
    return {
        "path": [
            _asn(peer),
            *(rng.randrange(131_072, 400_000) for _ in range(rng.randrange(1, 6))),
        ],
        "community": communities,
        "origin": "igp",
        "announcements": [{"next_hop": _address(peer), "prefixes": [prefix]}],
        "withdrawals": [],
    }


def read(stream: RisStream, messages: list[str]) -> int:
    """Read messages as the feed does, and return the number of events."""
    found = 0
    for number, text in enumerate(messages):
        events = stream.update(text, number)
        if events is None:
            events = tuple(stream.message(RisMessage.parse(text).data, number))
        found += len(events)
    return found


def seconds_of_known(messages: list[str]) -> float:
    """Return the least processor seconds of a message, after half of them were read.

    A feed runs for days: its start is no part of the time of a message. The other half is read in
    parts, once, since a message that comes again is outdated and makes no event.
    """
    half, stream = len(messages) // 2, _stream()
    read(stream, messages[:half])
    found = []
    for at in range(half, len(messages), _PART):
        part = messages[at : at + _PART]
        found.append(least_seconds(lambda: read(stream, part), 1) / len(part))  # noqa: B023  # at once
    if stream.outdated:
        raise RuntimeError("messages without events were timed")
    return min(found)


def _stream() -> RisStream:
    return RisStream(watched=map(Prefix.parse, WATCHED))


def parsed(messages: list[str]) -> int:
    """Parse the JSON alone, which no reader can do without."""
    for text in messages:
        json.loads(text)
    return len(messages)


def interpreter_speed() -> float:
    """Return the nanoseconds of one addition in a loop, which say how fast this machine is."""
    count = 2_000_000

    def run() -> int:
        total = 0
        for number in range(count):
            total += number
        return total

    return least_seconds(run, 5) / count * 1e9


async def received(messages: list[str]) -> int:
    """Read messages with the feed, from a server in another process, and return its events."""
    context = multiprocessing.get_context("fork")
    ours, its = context.Pipe()
    server = context.Process(target=_serve, args=(messages, its), daemon=True)
    server.start()
    feed = RisLiveFeed(WATCHED, url=f"http://127.0.0.1:{ours.recv()}/")
    count = 0
    async for event in feed:
        count += 1
        if isinstance(event, FeedLost):
            break
    await feed.close()
    server.join()
    return count


def _serve(messages: list[str], port: Connection) -> None:
    """Send the messages to the first that subscribes, and close the connection."""
    from aiohttp import web  # noqa: PLC0415  # an extra

    async def answer(request: web.Request) -> web.StreamResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        for _ in range(len(WATCHED) + 1):
            await socket.receive()
            await socket.send_json({"type": "ris_subscribe_ok", "data": {}})
        for text in messages:
            await socket.send_str(text)
        await socket.close()
        done.set()
        return socket

    async def main() -> None:
        app = web.Application()
        app.router.add_get("/", answer)
        runner = web.AppRunner(app)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        port.send(runner.addresses[0][1])
        await done.wait()
        await runner.cleanup()

    done = asyncio.Event()
    asyncio.run(main())


def main() -> None:
    """Print microseconds of processor time for a message, and the ratio to the aim."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.ris_live", description=__doc__)
    parser.add_argument("--messages", type=int, default=20_000)
    parser.add_argument("--runs", type=int, default=9)
    parser.add_argument("--websocket", action="store_true", help="the whole feed, over loopback")
    parser.add_argument("--save", action="store_true", help="keep the figures in results/")
    arguments = parser.parse_args()
    count, runs = arguments.messages, arguments.runs
    messages, others = make_messages(count), make_messages(count, routes=0)
    rows: dict[str, Callable[[], float]] = {
        "json_alone": lambda: least_seconds(lambda: parsed(messages), runs) / count,
        "text_to_events": lambda: seconds_of_known(messages),
        "text_to_events_each_route_new": lambda: (
            least_seconds(lambda: read(_stream(), others), runs) / count
        ),
    }
    if arguments.websocket:
        rows["feed_over_websocket"] = lambda: (
            least_seconds(lambda: asyncio.run(received(messages)), runs) / count
        )
    speed = interpreter_speed()
    version = ".".join(map(str, sys.version_info[:3]))
    print(f"Python {version}: {speed:.1f} ns for an addition in a loop")
    found = {}
    for label, run in rows.items():
        found[label] = round(run() * 1e6, 2)
        ratio = found[label] / BGPALERTER
        print(f"{label:<34}{found[label]:>8.2f} us a message{ratio:>8.2f} of BGPalerter's")
    print(f"the aim of text_to_events is {AIM} of BGPalerter's {BGPALERTER:g} us")
    if arguments.save:
        result = {
            "messages": arguments.messages,
            "watched": len(WATCHED),
            "microseconds_a_message": found,
            "bgpalerter": BGPALERTER,
            "ratio": round(found["text_to_events"] / BGPALERTER, 2),
            "nanoseconds_of_an_addition": round(speed, 1),
            "python": version,
        }
        path = Path(__file__).parent / "results" / f"{date.today()}-ris-live.json"  # noqa: DTZ011  # of the machine
        path.write_text(json.dumps(result, indent=2) + "\n")


if __name__ == "__main__":
    main()
