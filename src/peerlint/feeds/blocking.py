"""Read a blocking iterator in a thread, for an event loop that must not wait for it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from queue import Empty, Queue
from typing import Final, TypeVar

_Value = TypeVar("_Value")
#: The number of values that wait; the thread reads no further while it is reached.
WAITING: Final = 1000


class _End:
    """The end of the values."""


async def in_thread(values: Iterator[_Value], waiting: int = WAITING) -> AsyncIterator[_Value]:
    """Yield the values of an iterator that blocks, in their order, none lost.

    The thread ends with the process if the iterator never returns: nothing can interrupt a library
    that waits for the network.

    Args:
        values: the iterator; it is used by the thread alone.
        waiting: the number of values that wait for the event loop.

    Raises:
        Exception: what the iterator raises.
    """
    loop, wake, closed = asyncio.get_running_loop(), asyncio.Event(), threading.Event()
    queue: Queue[_Value | Exception | _End] = Queue(waiting)

    def read() -> None:
        last: Exception | _End = _End()
        try:
            for value in values:
                queue.put(value)
                if closed.is_set():
                    return
                loop.call_soon_threadsafe(wake.set)
        except Exception as error:  # noqa: BLE001  # raised again in the event loop
            last = error
        if not closed.is_set():
            queue.put(last)
            loop.call_soon_threadsafe(wake.set)

    threading.Thread(target=read, name="peerlint feed", daemon=True).start()
    try:
        while True:
            wake.clear()
            try:
                value = queue.get_nowait()
            except Empty:
                await wake.wait()
                continue
            if isinstance(value, _End):
                return
            if isinstance(value, Exception):
                raise value
            yield value
    finally:
        closed.set()
        while not queue.empty():  # so that a thread that waits for room can end
            queue.get_nowait()
