"""The events that wait to be taken, in bounded memory and with an end."""

from __future__ import annotations

import asyncio
from collections import deque

from peerlint.events import Event


class WaitingEvents:
    """A queue of events: who puts one waits while it is full, who takes one while it is empty.

    Unlike an `asyncio.Queue` it can be closed, which wakes all who wait.
    """

    def __init__(self, limit: int) -> None:
        """Start empty.

        Args:
            limit: the number of events from which on `put` waits.
        """
        self._limit = limit
        self._events: deque[Event] = deque()
        self._is_closed = False
        self._not_empty = asyncio.Event()
        self._has_room = asyncio.Event()

    def __len__(self) -> int:
        """Return the number of events that wait."""
        return len(self._events)

    async def put(self, event: Event) -> None:
        """Add an event, when there is room."""
        while len(self._events) >= self._limit:
            self._has_room.clear()
            await self._has_room.wait()
        self.put_at_once(event)

    def put_at_once(self, event: Event) -> None:
        """Add an event even if there is no room: one that must not be lost with its sender."""
        self._events.append(event)
        self._not_empty.set()

    async def take(self) -> Event:
        """Return the next event, when it is there.

        Raises:
            StopAsyncIteration: the queue is closed and empty.
        """
        while not self._events:
            if self._is_closed:
                raise StopAsyncIteration
            self._not_empty.clear()
            await self._not_empty.wait()
        event = self._events.popleft()
        if 2 * len(self._events) <= self._limit:  # not at each event: all senders wake up
            self._has_room.set()
        return event

    def close(self) -> None:
        """End the queue after the events that wait."""
        self._is_closed = True
        self._not_empty.set()
