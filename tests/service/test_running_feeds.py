"""Feeds of a monitor: read side by side, opened again, moved to another monitor, closed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any, Final

import attrs
import pytest

from peerlint import FeedError, InputError
from peerlint.events import Event, FeedBack, FeedLost, Gap, Heartbeat
from peerlint.monitor import Reconnect
from peerlint.service.feed_input import FeedInput
from peerlint.service.intake import Intake
from peerlint.service.running_feed import Backoff
from peerlint.service.running_feeds import RunningFeeds

NOW: Final = 1_795_000_000_000_000
SIGN: Final = Heartbeat(feed="mine", router="edge1", time=NOW, interval=1)
QUICK: Final = Backoff(first=0.001, last=0.01)


@attrs.define
class _Tables:
    """The tables of a feed, as far as names are concerned."""

    routers: dict[tuple[str, str], object] = attrs.Factory(dict)

    def watches(self, _router: str, _table: object) -> bool:
        """Return whether a table is needed."""
        return True


@attrs.define
class Double:
    """A monitor that keeps the events of each feed."""

    events: list[list[Event]] = attrs.Factory(list)
    all_tables: list[_Tables] = attrs.Factory(list)

    def add_feed(self, _name: str, _argument_of: object, **_options: object) -> int:
        """Add a feed."""
        self.events.append([])
        self.all_tables.append(_Tables())
        return len(self.events) - 1

    def tables(self, number: int) -> _Tables:
        """Return the tables of a feed."""
        return self.all_tables[number]

    def add(self, number: int, event: Event) -> None:
        """Take an event."""
        self.events[number].append(event)
        self.all_tables[number].routers[event.feed, event.router or ""] = None


@attrs.frozen
class Watched:
    """What is watched."""

    kept: object = None
    inventory: Any = "the inventory"


@attrs.define
class Scene:
    """Feeds with a monitor."""

    feeds: RunningFeeds
    monitor: Any = attrs.Factory(Double)
    remarks: list[str] = attrs.Factory(list)

    @classmethod
    def of(cls, *given: FeedInput) -> Scene:
        """Return a scene with some feeds."""
        remarks: list[str] = []
        feeds = RunningFeeds(given, Intake(), now=lambda: NOW, log=remarks.append, backoff=QUICK)
        return cls(feeds, remarks=remarks)

    async def start(self) -> tuple[str, ...]:
        """Start the feeds."""
        return await self.feeds.start(self.monitor, Watched())  # type: ignore[arg-type]

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait for a condition."""
        async with asyncio.timeout(10):
            while not condition():  # noqa: ASYNC110  # a condition of any kind
                await asyncio.sleep(0.001)


async def events(
    *found: Event, error: str | None = None, ends: bool = True
) -> AsyncIterator[Event]:
    """Yield events, then end, fail or wait."""
    for each in found:
        yield each
    if error is not None:
        raise FeedError("mine", error)
    if not ends:
        await asyncio.Event().wait()


def run(body: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Run a test in an event loop."""
    asyncio.run(body())


def test_a_feed_ends() -> None:
    """A feed that cannot be opened twice is lost when it ends, and a remark says so."""

    async def body() -> None:
        closed: list[str] = []
        scene = Scene.of(FeedInput(events(SIGN), "mine", close=lambda: closed.append("once")))
        await scene.start()
        await asyncio.wait_for(scene.feeds.wait(), 5)
        await scene.feeds.close()

        assert ["once"] == closed

        lost = FeedLost(feed="mine", time=NOW, reason="the feed ended")
        assert [[SIGN, lost]] == scene.monitor.events
        assert ["mine: the feed ended; it is not opened again"] == scene.remarks

    run(body)


def test_a_feed_fails_and_is_opened_again() -> None:
    """A feed that can be opened again is lost, and back when it is open."""

    async def body() -> None:
        again = FeedInput(events(SIGN, ends=False), "again")
        given = FeedInput(events(SIGN, error="it broke"), "mine", reopen=lambda _: again)
        scene = Scene.of(given)
        await scene.start()
        await scene.until(lambda: len(scene.monitor.events[0]) == 4)
        await scene.feeds.close()

        kinds = [type(each) for each in scene.monitor.events[0]]
        assert [Heartbeat, FeedLost, FeedBack, Heartbeat] == kinds
        assert "mine: it broke; it is opened again in 0.001 s" in scene.remarks

    run(body)


def test_one_ends_and_another_goes_on() -> None:
    """The end of one feed is not the end of the others."""

    async def body() -> None:
        scene = Scene.of(
            FeedInput(events(SIGN), "first"), FeedInput(events(SIGN, ends=False), "second")
        )
        await scene.start()
        await scene.until(lambda: len(scene.monitor.events[0]) == 2)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(scene.feeds.wait(), 0.02)
        await scene.feeds.close()

        assert [SIGN] == scene.monitor.events[1]
        assert ("first", "second") == scene.feeds.names

    run(body)


def test_no_events() -> None:
    """A feed that yields something else is a mistake of its author, and ends the watch."""

    async def nonsense() -> AsyncIterator[Any]:
        yield "an event"

    async def body() -> None:
        scene = Scene.of(FeedInput(nonsense(), "mine"))
        await scene.start()
        with pytest.raises(InputError, match="expected events"):
            await asyncio.wait_for(scene.feeds.wait(), 5)
        await scene.feeds.close()

    run(body)


def test_a_feed_cannot_start() -> None:
    """If a feed cannot be opened, the others are closed, and nothing is read."""
    closed: list[str] = []

    async def fail() -> str:
        raise FeedError("127.0.0.1:1", "Address already in use")

    async def body() -> None:
        scene = Scene.of(
            FeedInput(events(SIGN), "first", close=lambda: closed.append("first")),
            FeedInput(events(SIGN), "second", start=fail),
        )
        with pytest.raises(FeedError, match="already in use"):
            await scene.start()

        assert [[], []] == scene.monitor.events
        assert ["first"] == closed

    run(body)


def test_what_is_listened_on() -> None:
    """Feeds are named as they are opened, or as they were given."""

    async def open_it() -> str:
        return "bmp 127.0.0.1:40123"

    async def body() -> None:
        scene = Scene.of(
            FeedInput(events(), "first"), FeedInput(events(), "bmp 127.0.0.1:0", start=open_it)
        )

        assert await scene.start() == ("first", "bmp 127.0.0.1:40123")
        await scene.feeds.close()

    run(body)


def test_another_monitor() -> None:
    """A feed is opened for the other monitor; one that cannot be goes on after a gap."""

    async def body() -> None:
        queue: asyncio.Queue[Event] = asyncio.Queue()
        queue.put_nowait(SIGN)

        async def endless() -> AsyncIterator[Event]:
            while True:
                yield await queue.get()

        again = FeedInput(events(SIGN, ends=False), "again")
        scene = Scene.of(
            FeedInput(events(SIGN, ends=False), "first", reopen=lambda _: again),
            FeedInput(endless(), "second"),
        )
        await scene.start()
        await scene.until(lambda: all(scene.monitor.events))
        other: Any = Double()
        opened = scene.feeds.opened_for("another")  # type: ignore[arg-type]
        await scene.feeds.move(other, Watched(), opened)  # type: ignore[arg-type]
        queue.put_nowait(SIGN)
        await scene.until(lambda: [1, 2] == [*map(len, other.events)])
        await scene.feeds.close()

        assert (again, None) == opened
        gap = Gap(feed="mine", time=NOW, reason="the inventory was read again")
        assert [[SIGN], [gap, SIGN]] == other.events
        assert [[SIGN], [SIGN]] == scene.monitor.events

    run(body)


def test_a_router_is_reconnected() -> None:
    """The feed that a router belongs to closes its connection."""
    closed: list[tuple[str, str]] = []

    async def body() -> None:
        scene = Scene.of(
            FeedInput(events(ends=False), "first"),
            FeedInput(
                events(ends=False),
                "second",
                reconnect=lambda *what: closed.append(what),
                notes=lambda: ("a note",),
            ),
        )
        await scene.start()
        scene.feeds.reconnect([(1, Reconnect("bmp", "192.0.2.9", "counts differ"))])
        await scene.feeds.close()

        assert [("192.0.2.9", "counts differ")] == closed
        assert ["a note"] == [*scene.feeds.notes()]

    run(body)
