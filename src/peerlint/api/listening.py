"""Listen to live feeds for a time, until all routes of all sessions are known."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from inspect import isawaitable
from time import time_ns
from typing import Final

from peerlint.api.feeds import FeedInput
from peerlint.api.readers import ReaderContext
from peerlint.arguments import must_be
from peerlint.bulk import Quality
from peerlint.errors import FeedError, InputError
from peerlint.events import FeedEvent, FeedLost
from peerlint.monitor import FeedTables, KeptRoutes, feed_readings, gap_texts, synchronised_sessions
from peerlint.observations import Coverage, SourceReading, SourceSummary

#: How many seconds pass between two looks at what is known by now.
_TICK: Final = 0.25
#: After how many events of a feed that never waits the others have their turn.
_TURN: Final = 256
#: For how many seconds nothing comes of a feed without end when all that is there was read.
_IDLE: Final = 1
_CUT: Final = "the time was over before all of it was read"


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
        FeedError: a feed cannot begin, with on_damage="raise".
        InputError: an event loop runs in this thread, which would stand still.
    """
    if not feeds:
        return (), ()
    with suppress(RuntimeError):
        asyncio.get_running_loop()
        expected = "no running event loop: call it as asyncio.to_thread(peerlint.check, ...)"
        raise InputError("feeds", expected=expected, found="one in this thread")
    return asyncio.run(_Listening(feeds, context).read(wait.total_seconds()))


class _Listening:
    """Some feeds, while a check listens to them."""

    def __init__(self, feeds: Sequence[FeedInput], context: ReaderContext) -> None:
        self._context = context
        criteria = context.criteria
        communities = frozenset(each.community for each in criteria.values())
        kept = KeptRoutes(context.prefix_filter, communities)
        self._feeds = [
            (each, FeedTables(context.inventory, kept, each.argument_of)) for each in feeds
        ]
        for each, tables in self._feeds:
            each.select(kept, tables.watches)
        self._errors: dict[str, FeedError] = {}
        #: When the last event of each feed came, by the clock of the event loop.
        self._came: dict[FeedInput, float] = {}
        self._ended: set[FeedInput] = set()

    async def read(self, seconds: float) -> tuple[tuple[SourceReading, ...], tuple[str, ...]]:
        tasks = [asyncio.create_task(self._follow(each, tables)) for each, tables in self._feeds]
        until = asyncio.get_running_loop().time() + seconds
        try:
            await self._wait(tasks, until)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            for each, tables in self._feeds:
                await _close(each)
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

    def _end(self, each: FeedInput, tables: FeedTables, until: float) -> None:
        """Note that a feed from the past was read to its end, or that it was not."""
        if each in self._ended:
            return
        rest = until - self._came.get(each, -math.inf)
        if each.is_endless and rest > _IDLE:
            tables.end()
            return
        for feed in {feed: None for feed, _ in tables.routers}:
            tables.add(FeedLost(feed=feed, time=tables.synchronisation.time, reason=_CUT))

    async def _wait(self, tasks: Sequence[asyncio.Task[None]], until: float) -> None:
        """Wait for the end of all feeds, for synchronisation, or for the time."""
        loop = asyncio.get_running_loop()
        while (left := until - loop.time()) > 0:
            done, running = await asyncio.wait(tasks, timeout=min(_TICK, left))
            if any(not each.cancelled() and each.exception() is not None for each in done):
                return
            self._look()
            if not running or self._is_synchronised():
                return

    def _look(self) -> None:
        """Note that time has passed, and have routers that need it send all again."""
        now = time_ns() // 1000
        for each, tables in self._feeds:
            if each.is_live and each not in self._ended:
                tables.at(now)
            for asked in tables.take_reconnects():
                each.reconnect(asked.router, asked.reason)

    def _is_synchronised(self) -> bool:
        if not all(each.is_live for each, _ in self._feeds):
            return False  # what comes from the past is known when all of it has come
        known = set().union(*(synchronised_sessions(tables) for _, tables in self._feeds))
        return all(session.id in known for session in self._context.inventory.sessions)

    async def _follow(self, each: FeedInput, tables: FeedTables) -> None:
        """Take the events of a feed, and note its end."""
        number, loop = 0, asyncio.get_running_loop()
        try:
            async for event in each.feed:
                must_be("feeds", event, FeedEvent, "events, see peerlint.events")
                tables.add(event)
                number += 1
                self._came[each] = loop.time()
                if not number % _TURN:
                    await asyncio.sleep(0)
        except FeedError as error:
            if self._context.on_damage == "raise":
                raise
            self._errors[each.name] = error
            for feed in {feed: None for feed, _ in tables.routers}:
                time = tables.synchronisation.time
                tables.add(FeedLost(feed=feed, time=time, reason=error.reason))
        else:
            tables.end()
        self._ended.add(each)

    def _readings(self, each: FeedInput, tables: FeedTables) -> tuple[SourceReading, ...]:
        error = self._errors.get(each.name)
        found = feed_readings(
            tables,
            self._context.criteria,
            is_live=each.is_live,
            remarks=each.remarks(),
            unwatched=each.unwatched(),
        )
        if error is None and found:
            return found
        reason = each.silence() if error is None else error.reason
        reason = "; ".join((reason, *gap_texts(tables.gaps)))
        name = each.name if error is None else error.source
        summary = SourceSummary(name, (), Coverage.NONE, Quality(), error=reason, is_live=True)
        return (*found, SourceReading(summary, {}))


async def _close(each: FeedInput) -> None:
    if each.close is None:
        return
    closing = each.close()
    if isawaitable(closing):
        await closing
