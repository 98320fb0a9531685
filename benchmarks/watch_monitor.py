"""The monitor alone, with all routes of a large inventory: its speed and its memory."""

from __future__ import annotations

import gc
import itertools
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import attrs

import peerlint
from benchmarks.watch_inventory import peer, prefixes, whole_tables
from peerlint.api.watched import watched_of
from peerlint.events import Announce, Event
from peerlint.feeds.bmp import RouterStream
from peerlint.monitor.monitor import Monitor
from peerlint.testing.bmp import BmpStream

#: The time of all events, in microseconds since 1970: 2026-11-24.
_NOW: Final = 1_795_478_400_000_000
#: How many events are evaluated together, at 5,000 in a second and 50 evaluations.
_TOGETHER: Final = 100
_SECOND: Final = 1_000_000


@attrs.define(eq=False)
class Loaded:
    """A monitor that has all routes of its sessions."""

    monitor: Monitor
    number: int
    stream: RouterStream
    time: int = _NOW

    @classmethod
    def of(cls, inventory: Path, number: int, sessions: int) -> Loaded:
        """Load an inventory, and give all routes to a monitor.

        Args:
            inventory: its file; the profile is beside it.
            number: the number of prefixes.
            sessions: the number of sessions.
        """
        profile = str(inventory.with_name("profile.toml"))
        declared = peerlint.load_inventory(inventory)
        watched = watched_of(declared, profile=profile, strict=False, allow=())
        ids = map(str, itertools.count())
        monitor = Monitor(watched, now=_NOW, new_id=lambda: next(ids))
        loaded = cls(monitor, monitor.add_feed("bmp"), RouterStream("edge1"))
        for octets in whole_tables(number, sessions):
            for event in loaded.stream.feed(octets, _NOW):
                monitor.add(loaded.number, event)
        loaded.evaluate(20 * _SECOND)
        return loaded

    def evaluate(self, passed: int = 1000) -> None:
        """Let time pass, and evaluate all that is due."""
        self.time += passed
        self.monitor.advance(self.time)
        self.monitor.evaluate()

    def seconds(self, events: list[Event]) -> float:
        """Return the processor seconds of taking and evaluating events."""
        started = time.process_time()
        for at in range(0, len(events), _TOGETHER):
            for event in events[at : at + _TOGETHER]:
                self.monitor.add(self.number, event)
            self.evaluate()
        return time.process_time() - started


#: Returns a route for a prefix, with a mark.
RouteOf = Callable[[str, int], str]


def changes_per_second(
    inventory: Path, number: int, sessions: int, changes: int, route_of: RouteOf
) -> tuple[float, float]:
    """Return how many changes are evaluated in a second: with new results, and with known ones."""
    loaded = Loaded.of(inventory, number, sessions)
    rounds = [
        list(_changes(loaded, (number, sessions, changes), route_of, mark)) for mark in (1, 2)
    ]
    # One collection of all objects takes longer than hundreds of changes.
    gc.collect()
    gc.freeze()
    new = loaded.seconds(rounds[0])
    loaded.seconds(rounds[1])
    known = loaded.seconds(rounds[0])
    return changes / new, changes / known


def _changes(
    loaded: Loaded, counts: tuple[int, int, int], route_of: RouteOf, mark: int
) -> Iterator[Event]:
    """Yield so many announcements: a route that changes does so on all sessions."""
    number, sessions, changes = counts
    stream = BmpStream("edge1")
    stream.messages.clear()
    names = prefixes(number)
    for each in range(changes):
        at, session = each // sessions % number, each % sessions
        stream.announce(peer(session), route_of(names[at], mark))
    found = loaded.stream.feed(stream.octets(), loaded.time)
    return (each for each in found if isinstance(each, Announce))


def peak_memory(inventory: Path, number: int, sessions: int) -> float:
    """Return the memory of this process in megabytes when it has all routes."""
    Loaded.of(inventory, number, sessions)
    # `getrusage` would give the peak of the process that started this one, if it was higher.
    status = Path("/proc/self/status").read_text(encoding="ascii")
    found = next(each for each in status.splitlines() if each.startswith("VmHWM:"))
    return int(found.split()[1]) / 1024
