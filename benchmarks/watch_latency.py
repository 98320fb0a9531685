"""From the arrival of an update to the commit of its transition, while many updates arrive."""

from __future__ import annotations

import asyncio
import itertools
import multiprocessing
import socket
import statistics
import time
from collections.abc import Iterator
from concurrent.futures import Future
from functools import cache
from pathlib import Path
from typing import Any, Final
from unittest.mock import patch

import peerlint
from benchmarks.watch_inventory import bad_route, good_route, peer, prefixes, whole_tables
from peerlint.cli.watching import collect_rarely
from peerlint.feeds.clock import microseconds_now
from peerlint.service.store import Store
from peerlint.testing.bmp import BmpStream
from peerlint.wire.bmp import Statistic

#: One update in so many changes a state.
_STATES: Final = 100
#: Updates are sent so often in a second.
_SENDS: Final = 100
#: Prefixes that change their state, and those that are updated at all, so that their octets are
#: made once.
_CHANGING: Final = 16
_UPDATED: Final = 400
#: Seconds after which so many routes are evaluated; End-of-RIB counts after 10 s without a change.
_SETTLED: Final = 20.0
_ROUTES: Final = 2_000


def latencies(
    inventory: Path, number: int, sessions: int, rate: int, seconds: int
) -> tuple[float, float, int]:
    """Return median and 99th percentile in milliseconds, and the number of transitions.

    Args:
        inventory: the file of the inventory; the profile is beside it.
        number: the number of prefixes.
        sessions: the number of sessions.
        rate: how many updates arrive in a second.
        seconds: for how long.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    found: list[float] = []
    context = multiprocessing.get_context("spawn")
    begun = context.Value("q", 0)
    process = context.Process(target=_send, args=(port, number, sessions, rate, seconds, begun))
    with patch.object(Store, "save", _measuring(found, begun)):
        asyncio.run(_watch(inventory, port, process))
    if len(found) < 2:
        raise RuntimeError("no transition was committed")
    return statistics.median(found), statistics.quantiles(found, n=100)[98], len(found)


def _measuring(found: list[float], begun: Any) -> Any:  # noqa: ANN401  # a method with the arguments of another one
    """Return a `Store.save` that notes the time of each transition and of its commit."""
    save = Store.save

    def measured(store: Store, *given: Any, **named: Any) -> Future[None]:  # noqa: ANN401
        future = save(store, *given, **named)
        transitions = named.get("transitions", ())
        times = [each.time for each in transitions if 0 < begun.value <= each.time]

        def committed(_: Future[None]) -> None:
            now = microseconds_now()
            found.extend((now - each) / 1000 for each in times)

        future.add_done_callback(committed)
        return future

    return measured


async def _watch(inventory: Path, port: int, process: Any) -> None:  # noqa: ANN401  # of the context
    collecting = asyncio.create_task(collect_rarely())  # as the program does
    control = peerlint.WatchControl()
    declared = peerlint.load_inventory(inventory)
    watching = asyncio.create_task(
        peerlint.watch(
            declared,
            [peerlint.bmp_feed(declared, f"127.0.0.1:{port}")],
            profile=str(inventory.with_name("profile.toml")),
            state=inventory.with_name("latency.db"),
            control=control,
            on_remark=lambda _: None if process.pid else process.start(),
        )
    )
    while process.pid is None or process.is_alive():
        await asyncio.sleep(0.1)
        if watching.done():
            watching.result()
    control.stop()
    await watching
    collecting.cancel()


def _send(  # noqa: PLR0917  # of a process
    port: int,
    number: int,
    sessions: int,
    rate: int,
    seconds: int,
    begins: Any,  # noqa: ANN401  # a value of multiprocessing
) -> None:
    """Send all routes, and then updates, as a router; note the time in between."""
    names = prefixes(number)
    with socket.create_connection(("127.0.0.1", port)) as router:
        for octets in whole_tables(number, sessions):
            router.sendall(octets)
        stream = BmpStream("edge1")
        stream.messages.clear()
        for session in range(sessions):
            stream.statistics(peer(session), Statistic(15, number))
        router.sendall(stream.octets())
        updates = _updates(names, sessions)
        pieces = [
            b"".join(itertools.islice(updates, rate // _SENDS)) for _ in range(seconds * _SENDS)
        ]
        time.sleep(_SETTLED + number * sessions / _ROUTES)
        begins.value = microseconds_now()
        begun = time.perf_counter()
        for at, octets in enumerate(pieces):
            time.sleep(max(0.0, begun + at / _SENDS - time.perf_counter()))
            router.sendall(octets)
        time.sleep(1)
        begins.value = 0  # the end of the connection is no update


def _updates(names: list[str], sessions: int) -> Iterator[bytes]:
    """Yield updates of routes that comply, and once in a while one that does not, or does again.

    A route that changes does so on all sessions, one after another. The prefixes of the first
    session that change their state are apart from all others.
    """
    changing, others = names[:_CHANGING], names[_CHANGING:_UPDATED]
    changed = 0
    for turn in itertools.count():
        name = changing[turn % len(changing)]
        is_bad = turn // len(changing) % 2 == 0
        yield _update(0, bad_route(name) if is_bad else good_route(name))
        for _ in range(_STATES - 1):
            route, session = divmod(changed, sessions)
            mark = (route // len(others) + 1) % 2
            yield _update(session, good_route(others[route % len(others)], mark))
            changed += 1


@cache
def _update(session: int, route: str) -> bytes:
    """Return the octets of an update."""
    stream = BmpStream("edge1")
    stream.messages.clear()
    return stream.announce(peer(session), route).octets()
