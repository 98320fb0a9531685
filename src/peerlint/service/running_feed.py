"""One feed of a monitor: read to its end, and opened again if it can be."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

import attrs

from peerlint.errors import FeedError
from peerlint.events import Event, FeedBack, FeedLost, Gap
from peerlint.service.feed_events import close_feed, feed_names, take_events
from peerlint.service.feed_input import FeedInput

if TYPE_CHECKING:
    from peerlint.monitor.monitor import Monitor
    from peerlint.monitor.watched import Watched
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
        ended: done when it has ended for good.
    """

    def __init__(
        self,
        given: FeedInput,
        intake: Intake,
        *,
        now: Callable[[], int],
        log: Callable[[str], object],
        backoff: Backoff,
    ) -> None:
        """Prepare, in the thread of the event loop; `use` comes next.

        Args:
            given: the feed, which has not begun.
            intake: takes its events.
            now: returns the time in microseconds since 1970.
            log: called with each remark about it.
            backoff: when it is opened again.
        """
        self.given = given
        self.number = -1
        self._is_closed = False
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._task: asyncio.Task[None] | None = None
        self._intake, self._now, self._log, self._backoff = intake, now, log, backoff
        self._monitor: Monitor
        self._watched: Watched

    def use(self, monitor: Monitor, watched: Watched) -> None:
        """Give events to a monitor from now on.

        Args:
            monitor: the monitor, which gets the feed.
            watched: what it watches.
        """
        given = self.given
        self.number = monitor.add_feed(
            given.name,
            given.argument_of,
            is_live=given.is_live and given.has_heartbeat,
            remarks=given.remarks,
            unwatched=given.unwatched,
        )
        self._monitor, self._watched = monitor, watched
        self._select()

    async def start(self) -> str:
        """Begin to listen.

        Returns:
            What is read, for messages.

        Raises:
            FeedError: it cannot be opened.
        """
        return self.given.name if self.given.start is None else await self.given.start()

    def run(self) -> None:
        """Begin to take its events, in a task of its own."""
        self._task = asyncio.create_task(self._run())
        self._task.add_done_callback(self._note_end)

    async def stop(self) -> None:
        """Take no more events, and close it."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])
        await self._close()

    async def move(self, monitor: Monitor, watched: Watched, given: FeedInput | None) -> None:
        """Give all routes to another monitor.

        Args:
            monitor: the other monitor.
            watched: what it watches.
            given: the same feed for it, not begun; None if it cannot be opened twice: then it goes
                on, and what it has shown before is missing.
        """
        if given is None:
            names = feed_names(self._monitor.tables(self.number))
            self.use(monitor, watched)
            for feed in names:
                self._take(Gap(feed=feed, time=self._now(), reason=_RELOADED))
            return
        await self.stop()
        self.given, self._is_closed = given, False
        self.use(monitor, watched)
        self.run()

    async def _close(self) -> None:
        """Close the feed, once: its descriptor may be that of another file by now."""
        if not self._is_closed:
            self._is_closed = True
            await close_feed(self.given)

    def _note_end(self, task: asyncio.Task[None]) -> None:
        """Note the end for good; one that is cancelled may run again."""
        if task.cancelled() or self.ended.done():
            return
        if (error := task.exception()) is None:
            self.ended.set_result(None)
        else:
            self.ended.set_exception(error)

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        delay = self._backoff.first
        while True:
            begun = loop.time()
            reason = await self._take_events()
            names = feed_names(self._monitor.tables(self.number))
            for feed in names:
                self._take(FeedLost(feed=feed, time=self._now(), reason=reason))
            await self._close()
            if self.given.reopen is None:
                self._log(f"{self.given.name}: {reason}; it is not opened again")
                return
            if loop.time() - begun > self._backoff.last:
                delay = self._backoff.first
            self._log(f"{self.given.name}: {reason}; it is opened again in {delay:g} s")
            await asyncio.sleep(delay)
            delay = min(2 * delay, self._backoff.last)
            self.given = self.given.reopen(self._watched.inventory)
            self._is_closed = False
            self._select()
            for feed in names:
                self._take(FeedBack(feed=feed, time=self._now()))

    async def _take_events(self) -> str:
        """Take events until the feed ends, and return why it ended."""
        try:
            await take_events(self.given.feed, self._take, self._intake.room)
        except FeedError as error:
            return error.reason
        return "the feed ended"

    def _take(self, event: Event) -> None:
        self._intake.take(self._monitor, self.number, event)

    def _select(self) -> None:
        tables = self._monitor.tables(self.number)
        self.given.select(self._watched.kept, tables.watches)
