"""Registry data that change while a program runs: a file that is replaced."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from time import time_ns
from typing import Final

import attrs

from peerlint.errors import FeedError
from peerlint.feeds.registry_file import identity, open_registry
from peerlint.registry import Registry

#: Seconds between two looks at the name of a file.
INTERVAL: Final = 5.0


@attrs.frozen(eq=False)
class RegistryUpdate:
    """Other registry data, or why there are none.

    Attributes:
        registry: the registry data; None to go on with those before.
        problem: why the newest data cannot be used; empty if they can.
    """

    registry: Registry | None
    problem: str = ""


async def registry_changes(
    path: str | os.PathLike[str],
    *,
    wait: Callable[[float], Awaitable[object]] = asyncio.sleep,
    now: Callable[[], int] = time_ns,
) -> AsyncIterator[RegistryUpdate]:
    """Open a registry file, and open it again whenever another file gets its name.

    A new file that cannot be used is tried again when it changes; until then the old data stay in
    use.

    Args:
        path: the file.
        wait: waits for so many seconds.
        now: returns the time in nanoseconds since 1970.

    Yields:
        The registry data, then each change.

    Raises:
        FeedError: the first file cannot be used.
    """
    known = identity(path)
    yield RegistryUpdate(await asyncio.to_thread(_opened, path, now()))
    while True:
        await wait(INTERVAL)
        found = identity(path)
        if found == known:
            continue
        known = found
        try:
            yield RegistryUpdate(await asyncio.to_thread(_opened, path, now()))
        except FeedError as error:
            yield RegistryUpdate(None, str(error))


def _opened(path: str | os.PathLike[str], now: int) -> Registry:
    """Open a file, and use what is checked at its first use: a damaged one is refused here.

    Raises:
        FeedError: the file cannot be used.
    """
    registry = open_registry(path, now // 1000)
    registry.check()
    return registry
