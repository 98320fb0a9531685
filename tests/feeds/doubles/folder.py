"""A folder of MRT files that changes between two looks at it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Final

from peerlint.events import Event, Gap
from peerlint.feeds.follow import FolderFeed
from peerlint.testing.dumps import TIMESTAMP, FeedSession, RibDump, UpdateDump

SESSION: Final = FeedSession("192.0.2.1", 64500, "192.0.2.2", 64496)
SECOND: Final = 1_000_000
MINUTE: Final = 60 * SECOND
ONE: Final = "203.0.113.0/24 path 64500"
TWO: Final = "198.51.100.0/24 path 64500"


class Story:
    """A folder that changes between two looks at it, and the events of each look."""

    def __init__(self, folder: Path, router_of: Callable[[str], str] | None = None) -> None:
        """Begin with a folder."""
        self.folder = folder
        self.now = TIMESTAMP + 60 * MINUTE
        self.feed = FolderFeed(
            folder,
            router_of=router_of,
            view="adj-rib-in",
            now=lambda: self.now,
            wait=self._wait,
            poll=1,
            settle=60,
        )
        self.waits = 0

    async def _wait(self, _: float) -> None:
        self.waits += 1
        raise _LookOverError

    def look(self) -> list[Event]:
        """Return the events of one look."""
        found: list[Event] = []

        async def run() -> None:
            try:
                while True:
                    found.append(await anext(self.feed))
            except _LookOverError:
                self.feed._events = self.feed._all()

        asyncio.run(run())
        self.now += 61 * SECOND
        return found

    def settled(self) -> list[Event]:
        """Return the events of two looks, between which all tables settle."""
        return self.look() + self.look()


class _LookOverError(Exception):
    """Nothing more is there now."""


def rib(*routes: str, at: int = 0) -> bytes:
    """Return a table of one peer."""
    dump = RibDump(timestamp=TIMESTAMP + at)
    return dump.routes(dump.peer("192.0.2.1", 64500), *routes).octets()


def updates(at: int = 0) -> UpdateDump:
    """Return a file of updates that begins some time after `TIMESTAMP`."""
    return UpdateDump(timestamp=TIMESTAMP + at)


def kinds(events: list[Event]) -> list[type[Event]]:
    """Return the types of events."""
    return [type(each) for each in events]


def gaps(events: list[Event]) -> list[str]:
    """Return the reasons of the gaps."""
    return [each.reason for each in events if isinstance(each, Gap)]
