"""What the web server and the metrics need to know; `watch` provides it."""

from __future__ import annotations

import asyncio
from typing import Protocol

from peerlint.monitor.status import MonitorStatus
from peerlint.results import Report
from peerlint.service.sink_status import SinkStatus


class StatusSource(Protocol):
    """What is known now. All methods are called in the thread of the event loop."""

    @property
    def version(self) -> int:
        """A number that grows when what `report` or `status` return has changed.

        Counters and times of events do not count as changes: they change all the time.
        """
        ...

    async def wait_for_change(self, version: int) -> None:
        """Return when the version is another one; it can be cancelled at any time."""
        ...

    def report(self) -> Report:
        """Return the report of now; it is asked for once for each version."""
        ...

    def status(self) -> MonitorStatus:
        """Return the status of now, with current counters; it is cheap."""
        ...

    def deliveries(self) -> tuple[SinkStatus, ...]:
        """Return the status of each receiver of alerts."""
        ...

    def store_error(self) -> str:
        """Return why alerts cannot be stored; empty if they can."""
        ...

    def inventory_error(self) -> str:
        """Return why the inventory that was read last is not used; empty if it is."""
        ...

    def registry_error(self) -> str:
        """Return why the newest registry data are not used; empty if they are."""
        ...

    def why_not_ready(self) -> str:
        """Return why this program is not ready to be relied on; empty if it is."""
        ...


class Changes:
    """A version that tasks can wait for, for implementations of `StatusSource`.

    Attributes:
        version: the version now.
    """

    def __init__(self) -> None:
        """Begin with version 0."""
        self.version = 0
        self._next = asyncio.Event()

    def note(self) -> None:
        """Count a change, and wake up all who wait."""
        self.version += 1
        self._next.set()
        self._next = asyncio.Event()

    async def wait(self, version: int) -> None:
        """Return when the version is another one."""
        while self.version == version:
            await self._next.wait()
