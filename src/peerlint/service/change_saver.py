"""Save what changed; only what is saved is shown and told."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from typing import TYPE_CHECKING, Final

import attrs

if TYPE_CHECKING:
    from peerlint.monitor.alerts import Alert, Notice
    from peerlint.monitor.changes import Changes
    from peerlint.monitor.status import MonitorStatus
    from peerlint.service.store import Store


#: What the monitor knows is written down in one part in so many of the time, at most.
_SHARE: Final = 20
#: Seconds that a changed alert waits at most.
_LONGEST: Final = 0.5


@attrs.frozen(eq=False)
class _Pending:
    """What is shown and told when it is saved."""

    future: Future[None]
    notices: tuple[Notice, ...] = ()
    status: MonitorStatus | None = None


class ChangeSaver:
    """Saves changes in order, and says when they are saved."""

    def __init__(
        self,
        store: Store,
        *,
        state: Callable[[], str],
        mask: Callable[[Changes], Changes],
        capture: Callable[[], MonitorStatus | None],
        told: Callable[[tuple[Notice, ...], MonitorStatus | None], object],
    ) -> None:
        """Prepare, in the thread of the event loop.

        Args:
            store: where changes are saved.
            state: returns what a new monitor needs to go on with the alerts.
            mask: returns changes without secrets.
            capture: returns the status to be shown when the changes are saved; None if there is a
                recent one.
            told: called with the notices that are saved now, and the last status.
        """
        self._store, self._state, self._mask = store, state, mask
        self._capture, self._told = capture, told
        self._pending: deque[_Pending] = deque()
        self._alerts: list[Alert] = []
        self._notices: list[Notice] = []
        self._timer: asyncio.TimerHandle | None = None
        self._next = float("-inf")
        self._loop = asyncio.get_running_loop()
        self._failed: asyncio.Future[None] = self._loop.create_future()

    @property
    def is_saved(self) -> bool:
        """Whether nothing waits to be saved."""
        return not (self._pending or self._alerts or self._notices)

    def publish(self, changes: Changes) -> None:
        """Save changes, if there are any.

        Transitions are saved at once. Alerts are saved together with what the monitor knows of
        them, which may be large: alerts that change soon after others wait a little.
        """
        has_alerts = bool(changes.alerts or changes.notices)
        if changes.transitions:
            future = self._store.save(transitions=changes.transitions)
            # The status has alerts too: it is not saved while some of them wait.
            waits = has_alerts or self._alerts or self._notices
            self._wait_for(_Pending(future, status=None if waits else self._capture()))
        if not has_alerts:
            return
        changes = self._mask(changes)
        self._alerts += changes.alerts
        self._notices += changes.notices
        left = self._next - self._loop.time()
        if left <= 0:
            self.save_state()
        elif self._timer is None:
            self._timer = self._loop.call_later(left, self.save_state)

    def save_state(self) -> None:
        """Save the alerts that wait, and what a new monitor needs."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        begun = self._loop.time()
        state = self._state()
        ended = self._loop.time()
        self._next = ended + min(_SHARE * (ended - begun), _LONGEST)
        alerts, notices = tuple(self._alerts), tuple(self._notices)
        self._alerts.clear()
        self._notices.clear()
        future = self._store.save(alerts, notices, monitor_state=state)
        self._wait_for(_Pending(future, notices, self._capture()))

    async def saved(self) -> None:
        """Wait until all that was published is saved.

        Raises:
            StateError: the store was closed before.
        """
        while self._pending:
            await asyncio.wrap_future(self._pending[-1].future)
            self._tell()

    async def failure(self) -> None:
        """Wait until something cannot be saved or told, for another reason than the disk.

        Raises:
            Exception: the reason.
        """
        await self._failed

    def _wait_for(self, pending: _Pending) -> None:
        self._pending.append(pending)
        pending.future.add_done_callback(self._wake)

    def _wake(self, _: Future[None]) -> None:
        """Go on in the thread of the event loop: the store calls this in its own."""
        with suppress(RuntimeError):  # the loop is closed, and nobody waits any more
            self._loop.call_soon_threadsafe(self._tell)

    def _tell(self) -> None:
        """Tell what is saved, in order."""
        notices: list[Notice] = []
        status: MonitorStatus | None = None
        is_new = False
        while self._pending and self._pending[0].future.done():
            each = self._pending.popleft()
            if (error := each.future.exception()) is not None:
                self._fail(error)
                continue
            notices += each.notices
            status = each.status or status
            is_new = True
        if is_new:
            try:
                self._told(tuple(notices), status)
            except Exception as error:  # noqa: BLE001  # such as an output that is closed
                self._fail(error)

    def _fail(self, error: BaseException) -> None:
        if not self._failed.done():
            self._failed.set_exception(error)
            self._failed.exception()  # nobody waits for it when the watch has ended
