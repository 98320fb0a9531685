"""Signs of life for the service manager: only while the event loop and the store's writer live."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Future
from typing import Final, TypeVar

from peerlint.service.notify import ServiceManager

Answer = TypeVar("Answer")
#: Seconds between two statuses for the service manager.
_STATUS_INTERVAL: Final = 10.0


async def give_signs_of_life(
    manager: ServiceManager, ask: Callable[[], Future[Answer]], status: Callable[[], str]
) -> None:
    """Give a sign of life twice in the time of the watchdog, and the status, until cancelled.

    If the store does not answer, no sign is given, and the service manager starts the program
    again. A disk that is full is an answer.

    Args:
        manager: the service manager.
        ask: asks the store's thread something.
        status: returns the status.
    """
    watchdog = manager.watchdog
    interval = _STATUS_INTERVAL if watchdog is None else min(watchdog / 2, _STATUS_INTERVAL)
    asked: Future[Answer] | None = None
    told = ""
    while True:
        if watchdog is not None and (asked is None or asked.done()):
            manager.alive()
            asked = ask()
        text = status()
        if text != told:
            manager.status(text)
            told = text
        await asyncio.sleep(interval)
