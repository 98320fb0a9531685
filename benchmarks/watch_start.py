"""How long the program needs until it listens, with open alerts in its state file."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import IO, Final

import peerlint
from benchmarks.watch_inventory import bad_route, peer, prefixes
from peerlint.events import Event
from peerlint.feeds.bmp import RouterStream
from peerlint.testing.bmp import BmpStream

#: Seconds until a program that does not listen is a failure.
_BOUND: Final = 120


def seconds_to_start(inventory: Path, alerts: int) -> float:
    """Return the seconds from the start of the program to the moment when it listens.

    Args:
        inventory: the file of the inventory; the profile is beside it.
        alerts: the number of open alerts in the state file, which is made before.
    """
    profile, state = (str(inventory.with_name(name)) for name in ("profile.toml", "watch.db"))
    asyncio.run(_make_alerts(inventory, profile, state, alerts))
    words = [
        *(sys.executable, "-m", "peerlint", "watch", str(inventory), "--bmp", "127.0.0.1:0"),
        *("--profile", profile, "--state", state),
    ]
    started = time.perf_counter()
    with subprocess.Popen(words, stderr=subprocess.PIPE, text=True) as program:
        if program.stderr is None or not _listens(program.stderr):
            raise RuntimeError("the program ended before it listened")
        seconds = time.perf_counter() - started
        program.terminate()
        program.communicate(timeout=_BOUND)
    return seconds


def _listens(errors: IO[str]) -> bool:
    return any("listening" in line for line in errors)


async def _make_alerts(inventory: Path, profile: str, state: str, alerts: int) -> None:
    """Watch routes that lack their community, one after the other: each is an alert."""
    opened: set[str] = set()
    control = peerlint.WatchControl()
    session = peer(0)
    stream, router = BmpStream("edge1").up(session), RouterStream("edge1")

    async def feed() -> AsyncIterator[Event]:
        for prefix in prefixes(alerts):
            stream.announce(session, bad_route(prefix))
            for event in router.feed(stream.octets(), time.time_ns() // 1000):
                yield event
            stream.messages.clear()
            # Problems that begin together are one alert.
            before = len(opened)
            async with asyncio.timeout(_BOUND):
                while len(opened) == before:  # noqa: ASYNC110  # an alert of any kind
                    await asyncio.sleep(0.001)
        control.stop()
        await asyncio.Event().wait()

    await peerlint.watch(
        peerlint.load_inventory(inventory),
        [feed()],
        profile=profile,
        state=state,
        control=control,
        on_notice=lambda notice: opened.add(notice.alert.id),
    )
