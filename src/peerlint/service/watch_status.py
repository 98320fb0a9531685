"""What a running watch shows: the report and the status of now, and whether it is ready."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from time import monotonic
from typing import TYPE_CHECKING, Final

import attrs

from peerlint.errors import FeedError
from peerlint.service.sink_status import SinkStatus
from peerlint.service.status_source import Changes

if TYPE_CHECKING:
    from peerlint.monitor.monitor import Monitor
    from peerlint.monitor.status import MonitorStatus
    from peerlint.results import Report
    from peerlint.service.dispatcher import Dispatcher
    from peerlint.service.running_feeds import RunningFeeds
    from peerlint.service.store import Store

#: Seconds between two versions of what is shown, at least.
INTERVAL: Final = 1.0
#: A report takes at most one part in so many of the time.
_SHARE: Final = 20
_NOT_LISTENING: Final = "the feeds are not open yet"
_ENDING: Final = "peerlint is ending"


class WatchStatus:
    """What the web server and the metrics show of a watch; it is their `StatusSource`.

    Transitions and alerts are shown when they are saved; numbers and the report are those of now.

    Attributes:
        is_listening: whether all feeds were opened.
        is_ending: whether the program ends.
        refused: why the inventory that was read last is not used; empty if it is.
        registry_refused: why the newest registry data are not used; empty if they are.
    """

    def __init__(
        self,
        monitor: Callable[[], Monitor],
        feeds: RunningFeeds,
        store: Store,
        dispatcher: Dispatcher,
        *,
        mask: Callable[[Report], Report],
        is_saved: Callable[[], bool],
        on_error: Callable[[FeedError], object],
        clock: Callable[[], float] = monotonic,
    ) -> None:
        """Show a monitor.

        Args:
            monitor: returns what is shown.
            feeds: its feeds.
            store: where its changes are saved.
            dispatcher: what delivers its alerts.
            mask: returns a report without secrets.
            is_saved: returns whether all changes are saved.
            on_error: called if registry data cannot be read any more; it takes them away.
            clock: returns the seconds since any fixed time.
        """
        self.is_listening = self.is_ending = False
        self.refused = self.registry_refused = ""
        self._monitor, self._feeds = monitor, feeds
        self._store, self._dispatcher = store, dispatcher
        self._mask, self._is_saved, self._clock = mask, is_saved, clock
        self._on_error = on_error
        self._changes = Changes()
        self._shown = monitor().status()
        self._noted = self._captured = float("-inf")
        self._cost = 0.0
        self._timer: asyncio.TimerHandle | None = None

    @property
    def version(self) -> int:
        """See `StatusSource`."""
        return self._changes.version

    async def wait_for_change(self, version: int) -> None:
        """See `StatusSource`."""
        await self._changes.wait(version)

    def report(self) -> Report:
        """Return the report of now."""
        begun = self._clock()
        try:
            report = self._monitor().report()
        except FeedError as error:
            self._on_error(error)
            report = self._monitor().report()
        remarks = (*self._refusal(), *report.remarks, *self._feeds.notes())
        report = self._mask(attrs.evolve(report, remarks=remarks))
        self._cost = self._clock() - begun
        return report

    def status(self) -> MonitorStatus:
        """Return the status: alerts and transitions as they are saved, the rest as it is now."""
        now, shown = self._monitor().status(), self._shown
        if self._is_saved():
            self._shown = now
            return now
        return attrs.evolve(
            now,
            alerts=shown.alerts,
            transitions=shown.transitions,
            resolved=shown.resolved,
        )

    @property
    def open_alerts(self) -> int:
        """The number of open alerts."""
        return len(self.status().alerts)

    def deliveries(self) -> tuple[SinkStatus, ...]:
        """Return the status of each receiver of alerts."""
        return self._dispatcher.status()

    def store_error(self) -> str:
        """Return why alerts cannot be stored; empty if they can."""
        return self._store.problem

    def inventory_error(self) -> str:
        """Return why the inventory that was read last is not used; empty if it is."""
        return self.refused

    def registry_error(self) -> str:
        """Return why the newest registry data are not used; empty if they are."""
        return self.registry_refused

    def why_not_ready(self) -> str:
        """Return why this program is not ready to be relied on; empty if it is."""
        if self.is_ending:
            return _ENDING
        return self.store_error() if self.is_listening else _NOT_LISTENING

    def capture(self) -> MonitorStatus | None:
        """Return the status, to be shown when it is saved; None if there is a recent one."""
        now = self._clock()
        if now < self._captured + INTERVAL:
            return None
        self._captured = now
        return self._monitor().status()

    def show(self, status: MonitorStatus | None) -> None:
        """Show the alerts and transitions of a status, because they are saved.

        Args:
            status: what `capture` returned before.
        """
        if status is not None:
            self._shown = status
        self.changed()

    def changed(self) -> None:
        """Note that something else may be shown now; at most one version a second is made."""
        if self._timer is not None:
            return
        interval = max(INTERVAL, _SHARE * self._cost)
        left = self._noted + interval - self._clock()
        self._timer = asyncio.get_running_loop().call_later(max(left, 0), self._note)

    def _refusal(self) -> tuple[str, ...]:
        found = []
        if self.refused:
            found.append(f"the inventory was read again and is not used: {self.refused}")
        if self.registry_refused:
            found.append(f"the newest registry data are not used: {self.registry_refused}")
        return tuple(found)

    def _note(self) -> None:
        self._timer = None
        self._noted = self._clock()
        self._changes.note()
