"""When a monitor evaluates what changed: soon after an event, and when time alone changes it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from peerlint.monitor.monitor import Changes, Monitor
    from peerlint.service.intake import Intake
    from peerlint.service.running_feeds import RunningFeeds

#: Seconds between the end of an evaluation and the next one: feeds are read meanwhile.
INTERVAL: Final = 0.02
#: Seconds after which the time is looked at again, as the wall clock may have been set.
_LONGEST: Final = 1.0
_MICROSECONDS: Final = 1_000_000


class Evaluation:
    """Evaluates what changed, with a bounded number of events between two evaluations."""

    def __init__(
        self,
        monitor: Monitor,
        feeds: RunningFeeds,
        intake: Intake,
        publish: Callable[[Changes], object],
        *,
        now: Callable[[], int],
        is_behind: Callable[[], bool],
        interval: float = INTERVAL,
    ) -> None:
        """Prepare; `run` begins.

        Args:
            monitor: what evaluates.
            feeds: whose routers are reconnected if the monitor asks for it.
            intake: where events wait.
            publish: called with the changes of each evaluation.
            now: returns the time in microseconds since 1970.
            is_behind: returns whether so much waits to be saved that nothing is evaluated.
            interval: seconds between two evaluations.
        """
        self._monitor, self._feeds, self._intake = monitor, feeds, intake
        self._publish, self._now, self._is_behind = publish, now, is_behind
        self._interval = interval
        self._ended = float("-inf")

    async def run(self) -> None:
        """Evaluate whenever it is needed, until the task is cancelled."""
        while True:
            await self._wait()
            if self._is_due():
                self.evaluate()

    def evaluate(self) -> None:
        """Evaluate now."""
        self._monitor.advance(self._now())
        changes = self._monitor.evaluate()
        self._intake.evaluated()
        self._feeds.reconnect(self._monitor.take_reconnects())
        self._publish(changes)
        self._ended = asyncio.get_running_loop().time()

    def _is_due(self) -> bool:
        if self._is_behind():
            return False
        due = self._monitor.next_time()
        return self._intake.waiting > 0 or (due is not None and due <= self._now())

    async def _wait(self) -> None:
        due = self._monitor.next_time()
        left = _LONGEST if due is None else (due - self._now()) / _MICROSECONDS
        await _until(self._intake.has_events, min(left, _LONGEST))
        rest = self._ended + self._interval - asyncio.get_running_loop().time()
        if self._is_behind():
            await asyncio.sleep(_LONGEST)
        # At least one turn of the event loop, even if the monitor is always due.
        await _until(self._intake.is_full, max(rest, 0))


async def _until(event: asyncio.Event, seconds: float) -> None:
    """Wait until something happens, for so many seconds at most."""
    if seconds <= 0:
        await asyncio.sleep(0)
        return
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return
