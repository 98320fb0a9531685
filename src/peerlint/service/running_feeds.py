"""The feeds of a monitor: started together, read side by side, closed together."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from peerlint.errors import PeerlintError
from peerlint.service.feed_input import FeedInput
from peerlint.service.running_feed import Backoff, RunningFeed

if TYPE_CHECKING:
    from peerlint.inventory import Inventory
    from peerlint.monitor import Reconnect
    from peerlint.monitor.monitor import Monitor
    from peerlint.monitor.watched import Watched
    from peerlint.service.intake import Intake


class RunningFeeds:
    """All feeds of a monitor."""

    def __init__(
        self,
        feeds: Sequence[FeedInput],
        intake: Intake,
        *,
        now: Callable[[], int],
        log: Callable[[str], object],
        backoff: Backoff | None = None,
    ) -> None:
        """Prepare; `start` begins.

        Args:
            feeds: the feeds, which have not begun.
            intake: takes their events.
            now: returns the time in microseconds since 1970.
            log: called with each remark about a feed.
            backoff: when feeds are opened again; None for the default.
        """
        self._feeds = [
            RunningFeed(each, intake, now=now, log=log, backoff=backoff or Backoff())
            for each in feeds
        ]

    @property
    def names(self) -> tuple[str, ...]:
        """What is read, for messages."""
        return tuple(each.given.name for each in self._feeds)

    def notes(self) -> Iterator[str]:
        """Yield what is unusual about no router in particular."""
        for each in self._feeds:
            yield from each.given.notes()

    async def start(self, monitor: Monitor, watched: Watched) -> tuple[str, ...]:
        """Begin to listen and to take events.

        Args:
            monitor: what gets the events.
            watched: what it watches.

        Returns:
            What is read, for messages.

        Raises:
            FeedError: a feed cannot be opened; the others are closed again.
        """
        for each in self._feeds:
            each.use(monitor, watched)
        try:
            names = [await each.start() for each in self._feeds]
        except PeerlintError:
            await self.close()
            raise
        for each in self._feeds:
            each.run()
        return tuple(names)

    async def wait(self) -> None:
        """Wait until all feeds have ended, and none can be opened again.

        Raises:
            InputError: a feed yields something else than events.
        """
        ends = [each.ended for each in self._feeds]
        done, _ = await asyncio.wait(ends, return_when=asyncio.FIRST_EXCEPTION)
        for each in done:
            each.result()

    async def close(self) -> None:
        """End all feeds."""
        for each in self._feeds:
            await each.stop()

    def opened_for(self, inventory: Inventory) -> tuple[FeedInput | None, ...]:
        """Return each feed, not begun, for another inventory; None if it cannot be opened twice.

        Raises:
            InputError: a feed does not fit the inventory.
        """
        reopen = [each.given.reopen for each in self._feeds]
        return tuple(None if each is None else each(inventory) for each in reopen)

    async def move(
        self, monitor: Monitor, watched: Watched, feeds: Sequence[FeedInput | None]
    ) -> None:
        """Give all routes to another monitor.

        Args:
            monitor: the other monitor.
            watched: what it watches.
            feeds: what `opened_for` returned for it.
        """
        for running, given in zip(self._feeds, feeds, strict=True):
            await running.move(monitor, watched, given)

    def reconnect(self, wanted: Sequence[tuple[int, Reconnect]]) -> None:
        """Close connections of routers, so that they send everything again.

        Args:
            wanted: the numbers of feeds, and what should be closed.
        """
        by_number = {each.number: each for each in self._feeds}
        for number, each in wanted:
            by_number[number].given.reconnect(each.router, each.reason)
