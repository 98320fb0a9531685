"""Read a blocking iterator in a thread, for an event loop that must not wait for it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from queue import Empty, Queue
from typing import Final, Generic, TypeVar

_Value = TypeVar("_Value")
#: The number of values that wait; the thread reads no further while it is reached.
WAITING: Final = 1000


class _End:
    """The end of the values."""


class _Reader(Generic[_Value]):
    """A thread that reads an iterator, and the queue of what it read."""

    def __init__(self, values: Iterator[_Value], waiting: int) -> None:
        """Start the thread; it ends with the process, if the iterator never returns."""
        self.queue: Queue[_Value | Exception | _End] = Queue(waiting)
        self.wake = asyncio.Event()
        self._values, self._loop = values, asyncio.get_running_loop()
        self._closed = threading.Event()
        threading.Thread(target=self._read, name="peerlint feed", daemon=True).start()

    def close(self) -> None:
        """Let the thread end before its next value."""
        self._closed.set()
        while not self.queue.empty():  # it may wait for room
            self.queue.get_nowait()

    def _read(self) -> None:
        last: Exception | _End = _End()
        try:
            for value in self._values:
                self._put(value)
                if self._closed.is_set():
                    return
        except Exception as error:  # noqa: BLE001  # raised again in the event loop
            last = error
        self._put(last)

    def _put(self, value: _Value | Exception | _End) -> None:
        if not self._closed.is_set():
            self.queue.put(value)
            if not self._closed.is_set():
                self._loop.call_soon_threadsafe(self.wake.set)


async def in_thread(values: Iterator[_Value], waiting: int = WAITING) -> AsyncIterator[_Value]:
    """Yield the values of an iterator that blocks, in their order, none lost.

    Args:
        values: the iterator; it is used by the thread alone.
        waiting: the number of values that wait for the event loop.

    Raises:
        Exception: what the iterator raises.
    """
    reader = _Reader(values, waiting)
    try:
        while True:
            reader.wake.clear()
            try:
                value = reader.queue.get_nowait()
            except Empty:
                await reader.wake.wait()
                continue
            if isinstance(value, _End):
                return
            if isinstance(value, Exception):
                raise value
            yield value
    finally:
        reader.close()
