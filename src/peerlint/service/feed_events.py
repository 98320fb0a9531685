"""Read the events of a feed, and close it: for checks and for monitors."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from inspect import isawaitable
from typing import Final

from peerlint.arguments import must_be
from peerlint.events import Event, Feed, FeedEvent, FeedLost
from peerlint.monitor import FeedTables
from peerlint.service.feed_input import FeedInput

#: The number of events after which a feed that never waits lets other tasks go on.
EVENTS_PER_TURN: Final = 256


async def _turn() -> None:
    await asyncio.sleep(0)


async def take_events(
    feed: Feed, take: Callable[[Event], object], pause: Callable[[], Awaitable[object]] = _turn
) -> None:
    """Give each event of a feed to a function, until the feed ends.

    Args:
        feed: the events.
        take: called with each event.
        pause: waited for after every `EVENTS_PER_TURN` events; lets other tasks go on.

    Raises:
        FeedError: the feed cannot start.
        InputError: it yields something else than events.
    """
    number = 0
    async for event in feed:
        must_be("feeds", event, FeedEvent, "events, see peerlint.events")
        take(event)
        number += 1
        if not number % EVENTS_PER_TURN:
            await pause()


async def close_feed(given: FeedInput) -> None:
    """End a feed, if there is something to end."""
    if given.close is None:
        return
    closing = given.close()
    if isawaitable(closing):
        await closing


def feed_names(tables: FeedTables) -> tuple[str, ...]:
    """Return the names that a feed's events have; none before its first event."""
    return tuple({feed: None for feed, _ in tables.routers})


def losses(tables: FeedTables, reason: str) -> tuple[FeedLost, ...]:
    """Return the events that say that all of a feed is lost, at the time of its last event.

    Args:
        tables: the tables of the feed. A feed without an event has no name yet, and no loss.
        reason: why.
    """
    time = tables.synchronisation.time
    return tuple(FeedLost(feed=each, time=time, reason=reason) for each in feed_names(tables))
