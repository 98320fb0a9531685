"""Listen to live feeds for a time, until all routes of all sessions are known."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from time import time_ns
from typing import Final

from peerlint.api.feeds import FeedInput
from peerlint.api.kept_routes import kept_routes
from peerlint.api.readers import ReaderContext
from peerlint.bulk import Quality
from peerlint.errors import FeedError, InputError
from peerlint.events import Event
from peerlint.monitor import FeedTables, feed_readings, gap_texts, synchronised_sessions
from peerlint.observations import Coverage, SourceReading, SourceSummary
from peerlint.service.feed_events import close_feed, losses, take_events

#: Seconds between two checks of whether all routes are known.
_POLL_INTERVAL: Final = 0.25
#: Seconds without an event after which an endless feed has been read as far as it goes.
_IDLE: Final = 1
_CUT_OFF: Final = "the time was over before all of it was read"


def read_feeds(
    feeds: Sequence[FeedInput], wait: timedelta, context: ReaderContext
) -> tuple[tuple[SourceReading, ...], tuple[str, ...]]:
    """Listen to feeds until all routes of all sessions are known, or the time is over.

    Args:
        feeds: the feeds, which have not begun.
        wait: how long to listen.
        context: the inventory, and what else readers need to know.

    Returns:
        One source for each router, and remarks about the feeds.

    Raises:
        FeedError: a feed fails, with on_damage="raise".
        InputError: an event loop runs in this thread, which this call would block; or a feed
            yields something else than events.
    """
    if not feeds:
        return (), ()
    with suppress(RuntimeError):
        asyncio.get_running_loop()
        expected = "no running event loop: call it as asyncio.to_thread(peerlint.check, ...)"
        raise InputError("feeds", expected=expected, found="one in this thread")
    return asyncio.run(_Listener(feeds, context).read(wait.total_seconds()))


class _Listener:
    """Takes the events of several feeds into tables, each feed into its own."""

    def __init__(self, feeds: Sequence[FeedInput], context: ReaderContext) -> None:
        self._context = context
        kept = kept_routes(context)
        self._feeds = [
            (each, FeedTables(context.inventory, kept, each.argument_of)) for each in feeds
        ]
        for each, tables in self._feeds:
            each.select(kept, tables.watches)
        self._errors: dict[FeedInput, FeedError] = {}
        #: When the last event of each feed came, by the clock of the event loop.
        self._last_event: dict[FeedInput, float] = {}
        self._ended: set[FeedInput] = set()

    async def read(self, seconds: float) -> tuple[tuple[SourceReading, ...], tuple[str, ...]]:
        tasks = [
            asyncio.create_task(self._take_events(each, tables)) for each, tables in self._feeds
        ]
        until = asyncio.get_running_loop().time() + seconds
        try:
            await self._wait(tasks, until)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            for each, tables in self._feeds:
                await close_feed(each)
                if not each.is_live:
                    self._end(each, tables, until)
        for task in tasks:
            if not task.cancelled() and (error := task.exception()) is not None:
                raise error
        return (
            tuple(
                reading for each, tables in self._feeds for reading in self._readings(each, tables)
            ),
            tuple(note for each, _ in self._feeds for note in each.notes()),
        )

    def _end(self, given: FeedInput, tables: FeedTables, until: float) -> None:
        """Note that a feed from the past was read to its end, or that it was not."""
        if given in self._ended:
            return
        rest = until - self._last_event.get(given, -math.inf)
        if given.is_endless and rest > _IDLE:
            tables.end()
            return
        for event in losses(tables, _CUT_OFF):
            tables.add(event)

    async def _wait(self, tasks: Sequence[asyncio.Task[None]], until: float) -> None:
        """Wait until all feeds end, all sessions are synchronised, or the time is over."""
        loop = asyncio.get_running_loop()
        while (left := until - loop.time()) > 0:
            done, running = await asyncio.wait(tasks, timeout=min(_POLL_INTERVAL, left))
            if any(not each.cancelled() and each.exception() is not None for each in done):
                return
            self._advance()
            if not running or self._is_synchronised():
                return

    def _advance(self) -> None:
        """Note that time has passed, and reconnect routers that have to send all again."""
        now = time_ns() // 1000
        for each, tables in self._feeds:
            if each.is_live and each not in self._ended:
                tables.advance(now)
            for wanted in tables.take_reconnects():
                each.reconnect(wanted.router, wanted.reason)

    def _is_synchronised(self) -> bool:
        if not all(each.is_live for each, _ in self._feeds):
            return False  # a feed from the past has to be read to its end
        known = set().union(*(synchronised_sessions(tables) for _, tables in self._feeds))
        return all(session.id in known for session in self._context.inventory.sessions)

    async def _take_events(self, given: FeedInput, tables: FeedTables) -> None:
        """Take the events of a feed, and note its end."""
        loop = asyncio.get_running_loop()

        def take(event: Event) -> None:
            tables.add(event)
            self._last_event[given] = loop.time()

        try:
            await take_events(given.feed, take)
        except FeedError as error:
            if self._context.on_damage == "raise":
                raise
            self._errors[given] = error
            for event in losses(tables, error.reason):
                tables.add(event)
        else:
            tables.end()
        self._ended.add(given)

    def _readings(self, given: FeedInput, tables: FeedTables) -> tuple[SourceReading, ...]:
        error = self._errors.get(given)
        found = feed_readings(
            tables,
            self._context.criteria,
            is_live=given.is_live,
            remarks=given.remarks(),
            unwatched=given.unwatched(),
        )
        if error is None and found:
            return found
        reason = given.silence() if error is None else error.reason
        reason = "; ".join((reason, *gap_texts(tables.gaps)))
        name = given.name if error is None else error.source
        summary = SourceSummary(name, (), Coverage.NONE, Quality(), error=reason, is_live=True)
        return (*found, SourceReading(summary, {}))
