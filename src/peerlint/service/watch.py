"""Run a monitor: feeds in, changes saved, alerts out, until it is asked to end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from concurrent.futures import Future
from typing import TYPE_CHECKING, Final, Never, Protocol, TypeVar

import attrs

from peerlint.arguments import ArgumentEnum
from peerlint.errors import FeedError, InputError, PeerlintError
from peerlint.monitor.monitor import Monitor
from peerlint.service.change_saver import ChangeSaver
from peerlint.service.evaluation import Evaluation
from peerlint.service.intake import Intake
from peerlint.service.running_feeds import RunningFeeds
from peerlint.service.watch_status import WatchStatus
from peerlint.service.watchdog import give_signs_of_life

if TYPE_CHECKING:
    from peerlint.feeds.registry_changes import RegistryUpdate
    from peerlint.monitor.alerts import Notice
    from peerlint.monitor.changes import Changes
    from peerlint.monitor.status import MonitorStatus
    from peerlint.monitor.transitions import Transition
    from peerlint.monitor.watched import Watched
    from peerlint.service.dispatcher import Dispatcher
    from peerlint.service.feed_input import FeedInput
    from peerlint.service.notify import ServiceManager
    from peerlint.service.store import Store

_Value = TypeVar("_Value")
#: Seconds for saving and for deliveries, when the program ends.
DRAIN: Final = 10.0
#: Seconds for what is not evaluated yet, before that.
EVALUATE: Final = 2.0


class Masks(Protocol):
    """Masks secrets."""

    def __call__(self, value: _Value, /) -> _Value:
        """Return a value without secrets."""
        ...


class WatchEnd(ArgumentEnum):
    """Why a watch ended.

    ===========  =====================================================================
    asked        it was asked to end; all is saved and delivered
    undelivered  it was asked to end; something is not saved or not delivered
    feeds        all feeds have ended, and none of them can be opened again
    ===========  =====================================================================
    """

    ASKED = "asked"
    UNDELIVERED = "undelivered"
    FEEDS = "feeds"

    @classmethod
    def _missing_(cls, value: object) -> Never:
        raise InputError("end", expected=" or ".join(cls), found=value) from None


@attrs.frozen(kw_only=True)
class Dependencies:
    """What a watch works with.

    Attributes:
        store: keeps the changes.
        dispatcher: delivers alerts; it has not begun.
        manager: the service manager, such as systemd.
        read: reads inventory and profiles again; called in another thread. It raises
            `PeerlintError` if they have mistakes.
        now: returns the time in microseconds since 1970.
        new_id: returns an id that was never used, for a new alert.
        mask: returns changes or a report without secrets.
        log: called with each remark.
        tell: called with each notice, after it is saved.
        registries: yields registry data, at once and whenever they change; None without any.
    """

    store: Store
    dispatcher: Dispatcher
    manager: ServiceManager
    read: Callable[[], Watched]
    now: Callable[[], int]
    new_id: Callable[[], str]
    mask: Masks
    log: Callable[[str], object]
    tell: Callable[[Notice], object]
    registries: AsyncIterator[RegistryUpdate] | None = None


class WatchRunner:
    """Runs a monitor with its feeds.

    Attributes:
        status: what it shows.
    """

    def __init__(
        self,
        watched: Watched,
        feeds: Sequence[FeedInput],
        dependencies: Dependencies,
        *,
        saved: str | None,
    ) -> None:
        """Prepare, in the thread of the event loop; `run` begins.

        Args:
            watched: the inventory.
            feeds: the feeds, which have not begun.
            dependencies: what it works with.
            saved: what the last monitor has saved; None if there was none.

        Raises:
            StateError: `saved` is no state of a monitor.
        """
        self._watched, self._dependencies = watched, dependencies
        self._monitor = Monitor(
            watched, now=dependencies.now(), new_id=dependencies.new_id, saved=saved
        )
        self._stop, self._reload = asyncio.Event(), asyncio.Event()
        intake = Intake()
        self._feeds = RunningFeeds(feeds, intake, now=dependencies.now, log=dependencies.log)
        self.status = WatchStatus(
            lambda: self._monitor,
            self._feeds,
            dependencies.store,
            dependencies.dispatcher,
            mask=dependencies.mask,
            is_saved=lambda: self._saver.is_saved,
            on_error=self._registry_failed,
        )
        self._saver = ChangeSaver(
            dependencies.store,
            state=self._state,
            mask=dependencies.mask,
            capture=self.status.capture,
            told=self._tell,
        )
        self._evaluation = Evaluation(
            lambda: self._monitor,
            intake,
            self._publish,
            now=dependencies.now,
            is_behind=lambda: dependencies.store.is_behind,
            on_error=self._registry_failed,
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
        dependencies = self._dependencies
        dependencies.dispatcher.start()
        try:
            await self._use_first_registry()
            for each in await self._feeds.start(self._monitor, self._watched):
                dependencies.log(f"{each}: listening")
            self.status.is_listening = True
            dependencies.manager.ready(self._text())
            try:
                ended = await _first_of(
                    self._stop.wait(),
                    self._feeds.wait(),
                    self._evaluation.run(),
                    self._reload_when_asked(),
                    self._use_registries(),
                    self._saver.failure(),
                    give_signs_of_life(dependencies.manager, self._ask_store, self._text),
                )
            finally:
                dependencies.manager.stopping()
                self.status.is_ending = True
                await self._feeds.close()
            is_done = await self._finish()
        finally:
            await dependencies.dispatcher.stop(0)
        if ended != 0:
            return WatchEnd.FEEDS
        return WatchEnd.ASKED if is_done else WatchEnd.UNDELIVERED

    async def _finish(self) -> bool:
        """Evaluate, save and deliver what there is; return whether all of it is."""
        self._evaluation.finish(EVALUATE)
        self._saver.save_state()
        loop = asyncio.get_running_loop()
        until = loop.time() + DRAIN
        try:
            async with asyncio.timeout_at(until):
                await self._saver.saved()
        except TimeoutError:
            return False
        dispatcher = self._dependencies.dispatcher
        await dispatcher.stop(max(until - loop.time(), 0))
        return not any(each.waiting for each in dispatcher.status())

    def _state(self) -> str:
        return self._monitor.saved()

    def _publish(self, changes: Changes) -> None:
        self._feeds.reconnect(self._monitor.take_reconnects())
        self._saver.publish(changes)
        self.status.changed()

    def _tell(self, notices: tuple[Notice, ...], status: MonitorStatus | None) -> None:
        self.status.show(status)
        for each in notices:
            self._dependencies.tell(each)

    async def _use_first_registry(self) -> None:
        """Wait for the first registry data, if there are to be any.

        Raises:
            FeedError: they cannot be used.
        """
        registries = self._dependencies.registries
        if registries is not None:
            self._use_registry(await anext(registries))

    async def _use_registries(self) -> None:
        """Use registry data whenever they change; this never ends."""
        if self._dependencies.registries is not None:
            async for each in self._dependencies.registries:
                self._use_registry(each)
        await asyncio.Event().wait()

    def _use_registry(self, update: RegistryUpdate) -> None:
        """Use registry data, or note why those before stay in use."""
        self.status.registry_refused = update.problem
        if update.registry is None:
            self._dependencies.log(f"the registry data before stay in use: {update.problem}")
        elif update.problem:
            self._dependencies.log(update.problem)
        if update.registry is not None:
            self._watched = attrs.evolve(self._watched, registry=update.registry)
            try:
                self._monitor.use_registry(update.registry)
            except FeedError as error:  # overwritten since it was opened
                self._registry_failed(error)
        self.status.changed()

    def _registry_failed(self, error: FeedError) -> None:
        """Go on without registry data, because their file was overwritten where it is."""
        self._dependencies.log(f"there are no registry data any more: {error}")
        self.status.registry_refused = str(error)
        self._watched = attrs.evolve(self._watched, registry=None)
        self._monitor.use_registry(None)

    async def _reload_when_asked(self) -> None:
        while True:
            await self._reload.wait()
            self._reload.clear()
            self._dependencies.manager.reloading()
            await self._read_again()
            self.status.changed()
            self._dependencies.manager.ready(self._text())

    async def _read_again(self) -> None:
        """Use inventory and profiles as they are now, or keep the old ones if they are invalid."""
        dependencies = self._dependencies
        try:
            watched = await asyncio.to_thread(dependencies.read)
            feeds = self._feeds.opened_for(watched.inventory)
        except PeerlintError as error:
            lines = str(error).splitlines()
            self.status.refused = "; ".join(lines)
            dependencies.log("the inventory is not read again, the old one stays:")
            for line in lines:
                dependencies.log(line)
            return
        self.status.refused = ""
        watched = attrs.evolve(watched, registry=self._watched.registry)
        self._watched = watched
        if not self._monitor.reload(watched):
            self._evaluation.finish(0)  # alerts whose subject is gone are resolved
            self._saver.save_state()
            saved = self._monitor.saved()
            self._monitor = Monitor(
                watched, now=dependencies.now(), new_id=dependencies.new_id, saved=saved
            )
            await self._feeds.move(self._monitor, watched, feeds)
        dependencies.log("the inventory was read again")

    def _ask_store(self) -> Future[tuple[Transition, ...]]:
        """Ask the store's thread something, to see whether it lives."""
        return self._dependencies.store.transitions(1)

    def _text(self) -> str:
        """Return the status for the service manager."""
        status = self.status
        if status.refused:
            return f"the inventory is invalid, the old one is used: {status.refused}"
        if problem := status.store_error():
            return f"alerts cannot be saved: {problem}"
        return f"watching {', '.join(self._feeds.names)}; {status.open_alerts} alerts open"


async def _first_of(*works: Awaitable[object]) -> int:
    """Run all works until one of them ends, and return which one; cancel the others."""
    tasks = [asyncio.ensure_future(each) for each in works]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        ended = [at for at, task in enumerate(tasks) if task.done()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    for at in ended:
        tasks[at].result()
    return ended[0]
