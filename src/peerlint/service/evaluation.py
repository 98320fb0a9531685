"""When a monitor evaluates what changed: soon after an event, and when time alone changes it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from time import monotonic
from typing import TYPE_CHECKING, Final

import attrs

from peerlint.errors import FeedError

if TYPE_CHECKING:
    from peerlint.monitor.changes import Changes
    from peerlint.monitor.monitor import Monitor
    from peerlint.service.intake import Intake


@attrs.frozen
class Pace:
    """How often and how much is evaluated.

    Attributes:
        interval: seconds between two evaluations: feeds are read meanwhile.
        most: how many subjects are evaluated at once; feeds have their turn before the next ones.
        least: how many are evaluated at once if each takes long.
        budget: seconds that an evaluation should take at most. How many subjects that are is
            learned: one takes a few microseconds if its result is known, and milliseconds if not.
        longest: seconds after which the time is looked at again: the wall clock may be set.
    """

    interval: float = 0.01
    most: int = 256
    least: int = 4
    budget: float = 0.01
    longest: float = 1.0


_PACE: Final = Pace()
_MICROSECONDS: Final = 1_000_000


class Evaluation:
    """Evaluates what changed, a bounded amount at a time."""

    def __init__(
        self,
        monitor: Callable[[], Monitor],
        intake: Intake,
        publish: Callable[[Changes], object],
        *,
        now: Callable[[], int],
        is_behind: Callable[[], bool],
        on_error: Callable[[FeedError], object],
        pace: Pace = _PACE,
    ) -> None:
        """Prepare; `run` begins.

        Args:
            monitor: returns what evaluates.
            intake: where events wait.
            publish: called with the changes after each evaluation.
            now: returns the time in microseconds since 1970.
            is_behind: returns whether so much waits to be saved that nothing is evaluated.
            on_error: called if registry data cannot be read any more; it takes them away.
            pace: how often and how much is evaluated.
        """
        self._monitor, self._intake, self._publish = monitor, intake, publish
        self._now, self._is_behind, self._pace = now, is_behind, pace
        self._on_error = on_error
        self._ended = float("-inf")
        self._most = pace.most

    async def run(self) -> None:
        """Evaluate whenever it is needed, until the task is cancelled."""
        while True:
            await self._wait()
            if self._is_due() and not self._is_behind():
                begun = monotonic()
                self._evaluate(self._most)
                self._learn(monotonic() - begun)

    def finish(self, seconds: float) -> None:
        """Evaluate what is due, for so many seconds at most, with nothing in between.

        What is left then changed while the program ends: the next start evaluates everything.
        """
        until = monotonic() + seconds
        self._evaluate(self._most)
        while self._monitor().due and monotonic() < until:
            self._evaluate(self._most)

    def _evaluate(self, most: int) -> None:
        monitor = self._monitor()
        monitor.advance(self._now())
        try:
            changes = monitor.evaluate(most)
        except FeedError as error:
            self._on_error(error)
            changes = monitor.evaluate(most)
        self._intake.evaluated()
        self._publish(changes)
        self._ended = asyncio.get_running_loop().time()

    def _learn(self, seconds: float) -> None:
        """Choose how many subjects are evaluated the next time, by how long it took."""
        if seconds > self._pace.budget:
            self._most = max(self._pace.least, self._most // 2)
        elif seconds < self._pace.budget / 4:
            self._most = min(self._pace.most, 2 * self._most)

    def _is_due(self) -> bool:
        due = self._monitor().next_time()
        return self._intake.waiting > 0 or (due is not None and due <= self._now())

    async def _wait(self) -> None:
        """Wait until something is due; at least one turn of the event loop, in any case."""
        if self._is_behind():
            await asyncio.sleep(self._pace.longest)
            return
        if self._monitor().due:
            await asyncio.sleep(0)
            return
        due = self._monitor().next_time()
        left = self._pace.longest if due is None else (due - self._now()) / _MICROSECONDS
        await _until(self._intake.has_events, min(left, self._pace.longest))
        rest = self._ended + self._pace.interval - asyncio.get_running_loop().time()
        await _until(self._intake.is_full, rest)


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
