"""Run a monitor: feeds in, changes saved, alerts out, until it is asked to end."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import Future
from contextlib import AsyncExitStack
from enum import Enum
from typing import TYPE_CHECKING, Final, Protocol

import attrs

from peerlint.errors import PeerlintError
from peerlint.inventory import Inventory
from peerlint.profiles import Profile
from peerlint.service.evaluation import Evaluation
from peerlint.service.watchdog import give_signs_of_life

if TYPE_CHECKING:
    from peerlint.monitor.monitor import Changes, Monitor
    from peerlint.monitor.transitions import Transition
    from peerlint.service.intake import Intake
    from peerlint.service.notify import ServiceManager
    from peerlint.service.publication import Publication
    from peerlint.service.running_feeds import RunningFeeds
    from peerlint.service.watch_status import WatchStatus

#: An inventory, and its profiles by the name of the peering.
Declared = tuple[Inventory, Mapping[str, Profile]]
#: Seconds for deliveries and for saving, when the program ends.
DRAIN: Final = 10.0


class KeepsChanges(Protocol):
    """A store, as far as its life is concerned."""

    @property
    def is_behind(self) -> bool:
        """Whether so much waits to be saved that the monitor should not go on."""
        ...

    def transitions(self, limit: int) -> Future[tuple[Transition, ...]]:
        """Return the last transitions."""
        ...


class WatchEnd(Enum):
    """Why a watch ended."""

    ASKED = "asked to end: all is saved and delivered"
    UNDELIVERED = "asked to end: something is not delivered or not saved"
    FEEDS = "all feeds have ended, and none can be opened again"


class Deliveries(Protocol):
    """A dispatcher, as far as its life is concerned."""

    def wake(self) -> None:
        """Deliver what is saved now."""
        ...

    async def drain(self, seconds: float) -> bool:
        """Wait until all is delivered, at most so long; return whether it is."""
        ...


@attrs.frozen(eq=False)
class Parts:
    """The parts of a watch.

    Attributes:
        monitor: evaluates.
        feeds: yield the events.
        intake: where events wait.
        publication: saves changes.
        deliveries: delivers alerts.
        status: what is shown.
        manager: the service manager, such as systemd.
        store: keeps the changes.
        now: returns the time in microseconds since 1970.
        log: called with each remark.
    """

    monitor: Monitor
    feeds: RunningFeeds
    intake: Intake
    publication: Publication
    deliveries: Deliveries
    status: WatchStatus
    manager: ServiceManager
    store: KeepsChanges
    now: Callable[[], int]
    log: Callable[[str], object]


class Watch:
    """Runs the parts of a watch."""

    def __init__(self, parts: Parts, read: Callable[[], Declared]) -> None:
        """Prepare; `run` begins.

        Args:
            parts: the parts; nothing of them runs yet.
            read: reads inventory and profiles again, in another thread; raises `PeerlintError` if
                they have mistakes.
        """
        self._parts, self._read = parts, read
        self._stop, self._reload = asyncio.Event(), asyncio.Event()
        self._evaluation = Evaluation(
            parts.monitor,
            parts.feeds,
            parts.intake,
            self._publish,
            now=parts.now,
            is_behind=lambda: parts.store.is_behind,
        )

    def stop(self) -> None:
        """Ask it to end."""
        self._stop.set()

    def reload(self) -> None:
        """Ask it to read inventory and profiles again."""
        self._reload.set()

    async def run(self) -> WatchEnd:
        """Run until it is asked to end, or all feeds have ended.

        Raises:
            FeedError: a feed cannot be opened.
        """
        parts = self._parts
        for each in await parts.feeds.start():
            parts.log(f"{each}: listening")
        parts.status.is_listening = True
        parts.manager.ready(self._text())
        parts.deliveries.wake()
        async with AsyncExitStack() as stack:
            stack.push_async_callback(parts.feeds.close)
            ended = await self._until_one_ends(
                self._stop.wait(),
                parts.feeds.wait(),
                self._evaluation.run(),
                self._reload_when_asked(),
                parts.publication.failure(),
                give_signs_of_life(parts.manager, self._store_answer, self._text),
            )
        return await self._end(is_asked=ended == 0)

    @staticmethod
    async def _until_one_ends(*works: Awaitable[object]) -> int:
        """Run all works until one of them ends, and return which one; cancel the others."""
        tasks = [asyncio.ensure_future(each) for each in works]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        ended = [at for at, task in enumerate(tasks) if not task.cancelled()]
        for at in ended:
            tasks[at].result()
        return ended[0]

    async def _end(self, *, is_asked: bool) -> WatchEnd:
        parts = self._parts
        parts.manager.stopping()
        parts.status.is_ending = True
        self._evaluation.evaluate()
        parts.publication.save_state()
        loop = asyncio.get_running_loop()
        until = loop.time() + DRAIN
        try:
            async with asyncio.timeout_at(until):
                await parts.publication.saved()
        except TimeoutError:
            return WatchEnd.UNDELIVERED
        parts.deliveries.wake()
        is_drained = await parts.deliveries.drain(max(until - loop.time(), 0))
        if not is_asked:
            return WatchEnd.FEEDS
        return WatchEnd.ASKED if is_drained else WatchEnd.UNDELIVERED

    def _publish(self, changes: Changes) -> None:
        self._parts.publication.publish(changes)
        self._parts.status.changed()

    async def _reload_when_asked(self) -> None:
        while True:
            await self._reload.wait()
            self._reload.clear()
            self._parts.manager.reloading()
            await self._read_again()
            self._parts.status.changed()
            self._parts.manager.ready(self._text())

    async def _read_again(self) -> None:
        """Use inventory and profiles as they are now, or keep the old ones if they are invalid."""
        parts = self._parts
        before = parts.monitor.kept, parts.monitor.inventory
        try:
            inventory, profiles = await asyncio.to_thread(self._read)
            feeds = parts.feeds.opened_for(inventory)
        except PeerlintError as error:
            parts.status.refused = str(error)
            parts.log(f"the inventory is not read again, the old one stays: {error}")
            return
        parts.status.refused = ""
        parts.monitor.reload(inventory, profiles, parts.now())
        if (parts.monitor.kept, parts.monitor.inventory) != before:
            await parts.feeds.reload(inventory, feeds)
        parts.log("the inventory was read again")

    def _store_answer(self) -> Future[tuple[Transition, ...]]:
        """Ask the store's thread something, to see whether it lives."""
        return self._parts.store.transitions(1)

    def _text(self) -> str:
        """Return the status for the service manager."""
        parts = self._parts
        status = parts.status
        if status.refused:
            return f"the inventory is invalid, the old one is used: {status.refused}"
        if error := status.store_error():
            return f"alerts cannot be saved: {error}"
        return f"watching {', '.join(parts.feeds.names)}; {status.open_alerts} alerts open"
