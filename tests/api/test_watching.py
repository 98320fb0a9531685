"""`peerlint.watch` in a program: what it is told, and how it ends."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from ipaddress import ip_address
from pathlib import Path
from time import time_ns
from typing import Any, Final

import pytest

import peerlint
from peerlint import FeedError, InputError, Inventory, Route, WatchControl, WatchEnd
from peerlint.errors import StateError
from peerlint.events import Announce, EndOfRib, Event, SessionDown, SessionUp, TableRef
from peerlint.monitor.alerts import Notice
from peerlint.service.feed_input import FeedInput

EXAMPLE: Final = Path(__file__).resolve().parents[2] / "examples" / "direct" / "peering.toml"
PROFILE: Final = """\
extends = "direct"

[watch]
missing = "0s"
session_down = "0s"
other = "0s"
flapping_changes = 1000
"""
PEER: Final = TableRef("192.0.2.1", 8075)
TABLE: Final = TableRef("192.0.2.1", 8075, "sent")
#: Seconds until a watch that does not end is a failure.
BOUND: Final = 30


def place(table: TableRef = TABLE) -> dict[str, Any]:
    """Return the arguments of an event that arrives now."""
    return {"feed": "mine", "router": "edge1.ams", "table": table, "time": time_ns() // 1000}


def up() -> tuple[Event, ...]:
    """Return that the session ams-1 is up, with its route."""
    route = Route.parse("203.0.113.0/24 path 64500 community 8075:8007")
    return (
        SessionUp(**place(PEER), local=ip_address("192.0.2.0")),
        Announce(**place(), route=route),
        EndOfRib(**place()),
    )


class Watched:
    """A watch in a task, with the means to steer it.

    Attributes:
        notices: what it was told.
        remarks: its remarks.
        control: steers it.
        task: runs it.
        events: what its feed yields; None ends the feed.
    """

    def __init__(self) -> None:
        """Begin without events."""
        self.notices: list[Notice] = []
        self.remarks: list[str] = []
        self.control = WatchControl()
        self.events: asyncio.Queue[Event | None] = asyncio.Queue()

    async def feed(self) -> AsyncIterator[Event]:
        """Yield the events of the queue."""
        while (event := await self.events.get()) is not None:
            yield event

    def add(self, *events: Event | None) -> None:
        """Let the feed yield events."""
        for each in events:
            self.events.put_nowait(each)

    def watch(self, inventory: Inventory, **options: Any) -> asyncio.Task[WatchEnd]:  # noqa: ANN401  # those of watch
        """Begin to watch."""
        self.task = asyncio.create_task(
            peerlint.watch(
                inventory,
                options.pop("feeds", None) or [self.feed()],
                control=self.control,
                on_notice=self.notices.append,
                on_remark=self.remarks.append,
                **options,
            )
        )
        return self.task

    async def until(self, condition: Callable[[], object]) -> None:
        """Wait for a condition, while the watch runs."""
        async with asyncio.timeout(BOUND):
            while not condition() and not self.task.done():  # noqa: ASYNC110  # a condition of any kind
                await asyncio.sleep(0.005)
        if self.task.done():
            self.task.result()

    @property
    def kinds(self) -> list[str]:
        """The kinds of notices of sessions that are down, in order."""
        return [str(each.kind) for each in self.notices if each.alert.cause.rule == "session.down"]


@pytest.fixture(name="files")
def _files(tmp_path: Path) -> Path:
    """Return a folder with an inventory and a profile."""
    text = EXAMPLE.read_text().replace('ribs = ["microsoft.mrt"]', "")
    (tmp_path / "peering.toml").write_text(text)
    (tmp_path / "profile.toml").write_text(PROFILE)
    return tmp_path


@pytest.fixture(name="inventory")
def _inventory(files: Path) -> Inventory:
    """Return the inventory of the files."""
    return peerlint.load_inventory(files / "peering.toml")


def test_a_story(files: Path, inventory: Inventory) -> None:
    """An alert opens and resolves, is told and delivered once each, and the end is clean."""

    async def body() -> None:
        watched = Watched()
        task = watched.watch(
            inventory,
            profile=str(files / "profile.toml"),
            alerts=[f"jsonl:{files / 'alerts.jsonl'}"],
            listen="127.0.0.1:0",
        )
        watched.add(*up(), SessionDown(**place(PEER), reason="hold timer"))
        await watched.until(lambda: watched.kinds == ["opened"])
        watched.add(*up())
        await watched.until(lambda: watched.kinds == ["opened", "resolved"])
        watched.control.stop()

        assert await asyncio.wait_for(task, BOUND) is WatchEnd.ASKED
        assert watched.remarks[0].startswith("status page and metrics: 127.0.0.1, port ")
        assert "the feed: listening" in watched.remarks

    asyncio.run(body())
    lines = (files / "alerts.jsonl").read_text().splitlines()
    found = [json.loads(line) for line in lines]
    assert [each["kind"] for each in found if each["rule"] == "session.down"] == [
        "opened",
        "resolved",
    ]


def test_alerts_outlive_a_watch(files: Path, inventory: Inventory) -> None:
    """The next watch with the same state goes on with the alert of the last one."""
    options = {"profile": str(files / "profile.toml"), "state": files / "watch.db"}

    async def first() -> str:
        watched = Watched()
        task = watched.watch(inventory, **options)
        watched.add(*up(), SessionDown(**place(PEER), reason="hold timer"))
        await watched.until(lambda: watched.kinds == ["opened"])
        watched.control.stop()
        assert await asyncio.wait_for(task, BOUND) is WatchEnd.ASKED
        return next(e.alert.id for e in watched.notices if e.alert.cause.rule == "session.down")

    async def second() -> str:
        watched = Watched()
        task = watched.watch(inventory, **options)
        watched.add(*up())
        await watched.until(lambda: watched.kinds == ["resolved"])
        watched.control.stop()
        assert await asyncio.wait_for(task, BOUND) is WatchEnd.ASKED
        return next(e.alert.id for e in watched.notices if e.alert.cause.rule == "session.down")

    assert asyncio.run(first()) == asyncio.run(second())


def test_all_feeds_end(inventory: Inventory) -> None:
    """If nothing can be read any more, the watch ends and says so."""

    async def body() -> WatchEnd:
        watched = Watched()
        task = watched.watch(inventory)
        watched.add(*up(), None)
        return await asyncio.wait_for(task, BOUND)

    assert asyncio.run(body()) is WatchEnd.FEEDS


def test_asked_to_end_before_it_begins(inventory: Inventory) -> None:
    """A request to end counts whenever it comes."""

    async def body() -> WatchEnd:
        watched = Watched()
        watched.control.stop()
        watched.control.reload()
        return await asyncio.wait_for(watched.watch(inventory), BOUND)

    assert asyncio.run(body()) is WatchEnd.ASKED


def test_the_inventory_is_read_again(files: Path, inventory: Inventory) -> None:
    """A bad one is refused, and the old one stays; a good one with other sessions begins anew."""
    file = files / "peering.toml"
    good = file.read_text()

    async def body() -> None:
        watched = Watched()
        task = watched.watch(inventory, profile=str(files / "profile.toml"))
        watched.add(*up(), SessionDown(**place(PEER)))
        await watched.until(lambda: watched.kinds == ["opened"])

        file.write_text(good.replace("asn = 64500", "asn = -1"))
        watched.control.reload()
        await watched.until(lambda: any("the old one stays" in each for each in watched.remarks))
        assert any("expected an AS number" in each for each in watched.remarks)

        file.write_text(good.replace("utilization = 20", "utilization = 21"))
        watched.control.reload()
        await watched.until(lambda: watched.remarks.count("the inventory was read again") == 1)

        file.write_text(good.replace('"ams-1"', '"ams-9"'))
        watched.control.reload()
        await watched.until(lambda: watched.kinds == ["opened", "resolved"])
        await watched.until(lambda: watched.remarks.count("the inventory was read again") == 2)
        watched.control.stop()
        assert await asyncio.wait_for(task, BOUND) is WatchEnd.ASKED

    asyncio.run(body())


def test_an_inventory_without_a_file(inventory: Inventory) -> None:
    """An inventory from memory cannot be read again, and says so."""
    inventory = peerlint.Inventory(inventory.peerings, lab=inventory.lab)

    async def body() -> None:
        watched = Watched()
        task = watched.watch(inventory)
        await watched.until(lambda: watched.remarks)
        watched.control.reload()
        await watched.until(lambda: any("from a file" in each for each in watched.remarks))
        watched.control.stop()
        await asyncio.wait_for(task, BOUND)

    asyncio.run(body())


async def unusable() -> str:
    """Fail to start."""
    raise FeedError("127.0.0.1:1", "Address already in use")


@pytest.mark.parametrize(
    ("options", "error", "expected"),
    [
        ({"feeds": []}, InputError, "feeds: expected one feed at least"),
        ({"feeds": ["bmp"]}, InputError, "feeds: expected async iterators"),
        ({"listen": "here"}, InputError, "listen: expected an address and a port"),
        ({"listen": "192.0.2.1:80"}, InputError, "a loopback address"),
        ({"alerts": ["mail:noc@example.net"]}, InputError, "expected jsonl:PATH"),
        ({"profile": "none.toml"}, FeedError, "none.toml"),
        ({"state": "/nonexistent/watch.db"}, StateError, "/nonexistent/watch.db"),
        ({"state": 3}, InputError, "state: expected"),
        ({"url": 3}, InputError, "url: expected"),
    ],
)
def test_mistakes(
    inventory: Inventory, options: dict[str, Any], error: type[Exception], expected: str
) -> None:
    """A mistake in an argument is an error before anything runs."""
    feeds = options.pop("feeds", [Watched.feed])

    async def body() -> None:
        given = [Watched().feed()] if feeds == [Watched.feed] else feeds
        await peerlint.watch(inventory, given, **options)

    with pytest.raises(error, match=expected):
        asyncio.run(body())


def test_a_feed_cannot_be_opened(inventory: Inventory) -> None:
    """If a feed cannot begin, the watch does not."""

    async def body() -> None:
        given = FeedInput(Watched().feed(), "bmp", start=unusable)
        await peerlint.watch(inventory, [given])

    with pytest.raises(FeedError, match="already in use"):
        asyncio.run(body())
