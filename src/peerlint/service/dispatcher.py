"""Delivers the notices of the store to all sinks, each by a task of its own."""

from __future__ import annotations

import asyncio
from asyncio import Task
from collections.abc import Callable, Iterable

import attrs

from peerlint.service.delivery import Clock, Delivery, DeliveryTimes
from peerlint.service.sink_status import SinkStatus
from peerlint.service.sinks import Sink
from peerlint.service.store import SinkQueue, Store


def _nothing(_: str) -> None:
    """Do nothing."""


class Dispatcher:
    """Delivers what waits in a store, at least once, in order for each sink.

    A sink that fails waits, and the others go on. Nothing that waits is in memory, but for the
    notices of one delivery of each sink.
    """

    def __init__(
        self,
        store: Store,
        sinks: Iterable[Sink],
        *,
        times: DeliveryTimes | None = None,
        clock: Clock | None = None,
        warn: Callable[[str], object] = _nothing,
    ) -> None:
        """Prepare; `start` delivers.

        Args:
            store: what waits is in it. It must stay open until `stop` has returned.
            sinks: the receivers; of those with one name only the first.
            times: when a delivery is tried again.
            clock: times and waiting.
            warn: called with a text when deliveries fail, and when they work again.
        """
        self._store = store
        by_name = {each.name: each for each in reversed(list(sinks))}
        self._deliveries = tuple(
            Delivery(store, each, times=times or DeliveryTimes(), clock=clock or Clock(), warn=warn)
            for each in reversed(by_name.values())
        )
        self._tasks: tuple[Task[None], ...] = ()

    def start(self) -> None:
        """Tell the store of the sinks, and begin to deliver; an event loop has to run."""
        loop = asyncio.get_running_loop()
        self._store.listen(lambda: loop.call_soon_threadsafe(self._wake))
        # Not waited for: if the disk is full, the watch begins all the same.
        self._store.set_sinks([each.status.name for each in self._deliveries])
        self._tasks = tuple(asyncio.create_task(each.run()) for each in self._deliveries)

    async def stop(self, limit: float = 5.0) -> None:
        """Deliver what waits, for so many seconds at most; what is left waits in the store.

        A sink that fails is not waited for.

        Raises:
            Exception: a bug ended a task; it is raised after all tasks ended.
        """
        for each in self._deliveries:
            each.stop()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=limit)
        for task in self._tasks:
            task.cancel()
        ended = await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks = ()
        for error in ended:
            if isinstance(error, Exception):
                raise error

    def status(self) -> tuple[SinkStatus, ...]:
        """Return how the deliveries to each sink go."""
        queues = self._store.queues
        found = []
        for each in self._deliveries:
            queue = queues.get(each.status.name) or SinkQueue(each.status.name, 0)
            status = attrs.evolve(each.status, waiting=queue.waiting, dropped=queue.dropped)
            found.append(status)
        return tuple(found)

    def _wake(self) -> None:
        for each in self._deliveries:
            each.wake()
