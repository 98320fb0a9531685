"""A clock that stands still until a test moves it."""

from __future__ import annotations

import asyncio
from heapq import heappop, heappush
from itertools import count

from tests.service.doubles.alerts import NOON

from peerlint.service.delivery import Clock


class FakeClock:
    """Two clocks: one that jumps, and one that never goes back.

    Attributes:
        now: microseconds since 1970; a test may set it.
        slept: how long sleeps were asked for, in seconds.
    """

    def __init__(self) -> None:
        """Start at noon."""
        self.now = NOON
        self.slept: list[float] = []
        self._seconds = 0.0
        self._sleepers: list[tuple[float, int, asyncio.Event]] = []
        self._number = count()

    def clock(self, jitter: float = 1.0) -> Clock:
        """Return the clock as deliveries take it."""
        return Clock(
            now=lambda: self.now,
            monotonic=lambda: self._seconds,
            sleep=self.sleep,
            jitter=lambda: jitter,
        )

    async def sleep(self, seconds: float) -> None:
        """Wait until a test has moved the clock so far."""
        self.slept.append(seconds)
        event = asyncio.Event()
        heappush(self._sleepers, (self._seconds + seconds, next(self._number), event))
        await event.wait()

    def advance(self, seconds: float) -> None:
        """Move both clocks, and wake who has slept long enough."""
        self._seconds += seconds
        self.now += int(seconds * 1_000_000)
        while self._sleepers and self._sleepers[0][0] <= self._seconds:
            heappop(self._sleepers)[2].set()
