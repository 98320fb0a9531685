"""Hand events to a monitor, and let feeds wait while too many are not evaluated yet."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from peerlint.events import Event
    from peerlint.monitor.monitor import Monitor

#: How many events wait at most until all feeds wait for the next evaluation.
LIMIT: Final = 512


class Intake:
    """The way of events to a monitor, which only notes them.

    Nothing is dropped: while the limit is reached, no feed is read, so that TCP slows routers and
    servers down.

    Attributes:
        has_events: set while events wait to be evaluated.
        is_full: set while no more are taken.
        waiting: how many events wait.
    """

    def __init__(self, limit: int = LIMIT) -> None:
        """Begin without events.

        Args:
            limit: how many may wait.
        """
        self.has_events, self.is_full = asyncio.Event(), asyncio.Event()
        self.waiting = 0
        self._limit = limit
        self._has_room = asyncio.Event()
        self._has_room.set()

    def take(self, monitor: Monitor, number: int, event: Event) -> None:
        """Hand an event to a monitor.

        Args:
            monitor: what gets it.
            number: the number of its feed in the monitor.
            event: the event.
        """
        monitor.add(number, event)
        self.waiting += 1
        self.has_events.set()
        if self.waiting >= self._limit:
            self.is_full.set()
            self._has_room.clear()

    async def room(self) -> None:
        """Let other tasks go on, and wait until there is room for events."""
        await asyncio.sleep(0)
        await self._has_room.wait()

    def evaluated(self) -> None:
        """Note that all events are evaluated."""
        self.waiting = 0
        self.has_events.clear()
        self.is_full.clear()
        self._has_room.set()
