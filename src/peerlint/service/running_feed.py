"""One feed of a monitor: read to its end, and opened again if it can be."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Final

import attrs

from peerlint.errors import FeedError
from peerlint.events import FeedBack, FeedLost, Gap
from peerlint.service.feed_input import FeedInput
from peerlint.service.taking import close_feed, feed_names, take_events

if TYPE_CHECKING:
    from peerlint.inventory import Inventory
    from peerlint.monitor.monitor import Monitor
    from peerlint.service.intake import Intake

_RELOADED: Final = "the inventory was read again"


@attrs.frozen
class Backoff:
    """How long to wait until a feed that ended is opened again, in seconds.

    Attributes:
        first: the first time, and again after the feed was there for as long as `last`.
        last: at most; each time is twice the one before.
    """

    first: float = 1.0
    last: float = 60.0


class RunningFeed:
    """A feed whose events go to a monitor.

    Attributes:
        given: the feed as it is open now.
        number: its number in the monitor.
        task: reads it; None if it has not begun.
    """

    def __init__(
        self,
        given: FeedInput,
        inventory: Inventory,
        monitor: Monitor,
        intake: Intake,
        *,
        now: Callable[[], int],
        log: Callable[[str], object],
        backoff: Backoff,
    ) -> None:
        """Add the feed to the monitor.

        Args:
            given: the feed, which has not begun.
            inventory: what it is opened for.
            monitor: whose feed it is.
            intake: takes its events.
            now: returns the time in microseconds since 1970.
            log: called with each remark about it.
            backoff: when it is opened again.
        """
        self.given = given
        self.number = monitor.add_feed(
            given.name, given.argument_of, has_heartbeat=given.has_heartbeat
        )
        self.task: asyncio.Task[None] | None = None
        self._inventory, self._monitor, self._intake = inventory, monitor, intake
        self._now, self._log, self._backoff = now, log, backoff

    async def start(self) -> str:
        """Begin to listen.

        Returns:
            What is read, for messages.

        Raises:
            FeedError: it cannot be opened.
        """
        self._select()
        return self.given.name if self.given.start is None else await self.given.start()

    @property
    def is_running(self) -> bool:
        """Whether its events are taken."""
        return self.task is not None and not self.task.done()

    def run(self) -> None:
        """Begin to take its events, in a task of its own."""
        self.task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """Take no more events, and close it."""
        if self.task is not None:
            self.task.cancel()
            with suppress(asyncio.CancelledError):
                await self.task
        await close_feed(self.given)

    async def reload(self, inventory: Inventory, given: FeedInput | None) -> None:
        """Ask for all routes again, because other ones are needed now.

        Args:
            inventory: the inventory as it is now.
            given: the feed for it, not begun; None if it cannot be opened twice.
        """
        self._inventory = inventory
        if given is None:
            self._select()
            for feed in self._names:
                gap = Gap(feed=feed, time=self._now(), reason=_RELOADED)
                self._intake.take(self.number, gap)
            return
        await self.stop()
        self._lose(_RELOADED)
        self._open(given)
        self.run()

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        delay = self._backoff.first
        while True:
            begun = loop.time()
            reason = await self._take_events()
            self._lose(reason)
            await close_feed(self.given)
            if self.given.reopen is None:
                self._log(f"{self.given.name}: {reason}; it is not opened again")
                return
            if loop.time() - begun > self._backoff.last:
                delay = self._backoff.first
            self._log(f"{self.given.name}: {reason}; it is opened again in {delay:g} s")
            await asyncio.sleep(delay)
            delay = min(2 * delay, self._backoff.last)
            self._open(self.given.reopen(self._inventory))

    async def _take_events(self) -> str:
        """Take events until the feed ends, and return why it ended."""
        take = partial(self._intake.take, self.number)
        try:
            await take_events(self.given.feed, take, self._intake.room)
        except FeedError as error:
            return error.reason
        return "the feed ended"

    def _select(self) -> None:
        tables = self._monitor.tables(self.number)
        self.given.select(self._monitor.kept, tables.watches)

    def _open(self, given: FeedInput) -> None:
        self.given = given
        self._select()
        for feed in self._names:
            self._intake.take(self.number, FeedBack(feed=feed, time=self._now()))

    def _lose(self, reason: str) -> None:
        for feed in self._names:
            self._intake.take(self.number, FeedLost(feed=feed, time=self._now(), reason=reason))

    @property
    def _names(self) -> tuple[str, ...]:
        return feed_names(self._monitor.tables(self.number))
