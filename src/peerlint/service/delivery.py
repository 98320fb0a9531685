"""One sink's deliveries: what waits in the store is delivered, marked, and tried again."""

from __future__ import annotations

import asyncio
import random
from asyncio import Event, wrap_future
from collections.abc import Awaitable, Callable, Sequence
from time import monotonic
from typing import Final

import attrs

from peerlint.errors import StateError
from peerlint.feeds.clock import microseconds_now
from peerlint.monitor.alerts import Notice
from peerlint.service.sink_status import SinkStatus
from peerlint.service.sinks import DeliveryError, Sink
from peerlint.service.store import Store
from peerlint.wording import counted

#: How often a receiver may refuse a message until it counts as undeliverable.
MAX_REFUSALS: Final = 3


@attrs.frozen
class DeliveryTimes:
    """When a delivery is tried again, in seconds.

    Attributes:
        first: the time before the second attempt; it doubles with each one. A random part of it,
            half at most, is left out, so that several senders do not come at once.
        longest: the maximum of that time.
        longest_asked: the maximum for which a receiver may ask by Retry-After.
    """

    first: float = 1.0
    longest: float = 300.0
    longest_asked: float = 3600.0


@attrs.frozen
class Clock:
    """Times and waiting, which tests replace.

    Attributes:
        now: returns microseconds since 1970.
        monotonic: returns seconds that never go back.
        sleep: waits for some seconds.
        jitter: returns a random number from 0 to 1.
    """

    now: Callable[[], int] = microseconds_now
    monotonic: Callable[[], float] = monotonic
    sleep: Callable[[float], Awaitable[object]] = asyncio.sleep
    jitter: Callable[[], float] = random.random


class Delivery:
    """Delivers to one sink until it is stopped.

    Attributes:
        status: how it goes, without what the store knows.
    """

    def __init__(
        self,
        store: Store,
        sink: Sink,
        *,
        times: DeliveryTimes,
        clock: Clock,
        warn: Callable[[str], object],
    ) -> None:
        """Prepare; `run` delivers.

        Args:
            store: what waits is in it.
            sink: the receiver.
            times: when a delivery is tried again.
            clock: times and waiting.
            warn: called with a text when a delivery fails for a new reason, or works again.
        """
        self._store, self._sink = store, sink
        self._times, self._clock, self._warn = times, clock, warn
        self._wake, self._stop = Event(), Event()
        self._attempts = self._refusals = self._dropped = 0
        #: So many notices are delivered one at a time, to find the one that is refused.
        self._alone = 0
        self._refresh_at = None if sink.refresh_interval is None else clock.monotonic()
        self.status = SinkStatus(sink.name)

    def wake(self) -> None:
        """Say that there are new notices."""
        self._wake.set()

    def stop(self) -> None:
        """Let `run` end when nothing waits, or at the next failure."""
        self._stop.set()
        self._wake.set()

    async def run(self) -> None:
        """Deliver until `stop` is called."""
        try:
            while await self._go_on():
                pass
        finally:
            await self._sink.close()

    async def _go_on(self) -> bool:
        """Make one attempt, or wait for something to do; return whether that is not the end."""
        self._wake.clear()
        # Looked at first: what was saved before it was stopped is then seen by this step.
        is_last = self._stop.is_set()
        try:
            is_idle = await self._step()
        except DeliveryError as error:
            return await self._fail(error.reason, error.retry_after)
        except StateError as error:
            return await self._fail(str(error), None)
        if is_idle and is_last:
            return False
        if is_idle:
            await self._pause(self._wake, self._refresh_in())
        return True

    async def _step(self) -> bool:
        """Deliver what waits first, or refresh; return whether there was nothing to do."""
        self._look_for_drops()
        limit = 1 if self._alone else self._sink.batch
        notices = await wrap_future(self._store.undelivered(self._sink.name, limit))
        if notices and not self._is_overdue():
            await self._deliver(notices)
            return False
        due = self._refresh_in()
        if due is None or due > 0 or self._stop.is_set():
            return not notices
        await self._refresh()
        return False

    async def _deliver(self, notices: Sequence[Notice]) -> None:
        try:
            await self._attempt(notices)
        except DeliveryError as error:
            if not error.is_refused:
                raise
            if len(notices) > 1:
                self._alone = len(notices)
                return
            self._refusals += 1
            if self._refusals < MAX_REFUSALS:
                raise
            self._give_up(notices[0], error.reason)
        else:
            delivered = self.status.delivered + len(notices)
            now = self._clock.now()
            self.status = attrs.evolve(self.status, delivered=delivered, last_delivery=now)
            self._succeed()
        self._refusals, self._alone = 0, max(0, self._alone - 1)
        ids = [each.id for each in notices]
        await wrap_future(self._store.delivered(self._sink.name, ids))

    async def _attempt(self, notices: Sequence[Notice]) -> None:
        try:
            await self._sink.deliver(notices)
        except DeliveryError:
            raise
        except Exception as error:
            # A bug that one notice shows must not hold up all others.
            raise DeliveryError(f"a bug in peerlint: {error!r}", is_refused=True) from error

    def _give_up(self, notice: Notice, reason: str) -> None:
        self._warn(f"{self._sink.name}: notice {notice.id} is given up: {reason}")
        undeliverable = self.status.undeliverable + 1
        self.status = attrs.evolve(self.status, undeliverable=undeliverable, last_error=reason)
        self._attempts = 0

    def _look_for_drops(self) -> None:
        queue = self._store.queues.get(self._sink.name)
        if queue is not None and queue.dropped > self._dropped:
            new = queue.dropped - self._dropped
            self._dropped = queue.dropped
            self._warn(f"{self._sink.name}: {counted(new, 'notice')} dropped, too many waited")

    async def _refresh(self) -> None:
        alerts = await wrap_future(self._store.open_alerts())
        await self._sink.refresh(alerts)
        interval = self._sink.refresh_interval
        if interval is not None:
            self._refresh_at = self._clock.monotonic() + interval
        self._succeed()

    def _refresh_in(self) -> float | None:
        """Return in how many seconds open alerts are sent again; None for never."""
        if self._refresh_at is None:
            return None
        return max(0.0, self._refresh_at - self._clock.monotonic())

    def _is_overdue(self) -> bool:
        """Return whether open alerts must be sent again although notices wait."""
        interval = self._sink.refresh_interval
        if interval is None or self._refresh_at is None:
            return False
        return self._clock.monotonic() > self._refresh_at + interval

    def _succeed(self) -> None:
        self._attempts = 0
        if self.status.last_error:
            self._warn(f"{self._sink.name}: works again")
            self.status = attrs.evolve(self.status, last_error="")

    async def _fail(self, reason: str, retry_after: float | None) -> bool:
        """Note a failure, and wait until the next attempt; return whether there is one."""
        if reason != self.status.last_error:
            self._warn(f"{self._sink.name}: {reason}; tried again until it works")
        failures = self.status.failures + 1
        self.status = attrs.evolve(self.status, last_error=reason, failures=failures)
        if self._stop.is_set():
            return False
        # One last attempt if it is stopped meanwhile.
        await self._pause(self._stop, self._delay(retry_after))
        return True

    def _delay(self, retry_after: float | None) -> float:
        times = self._times
        longest = min(times.longest, times.first * 2.0 ** min(self._attempts, 32))
        self._attempts += 1
        delay = longest * (1 + self._clock.jitter()) / 2
        return max(delay, min(retry_after or 0.0, times.longest_asked))

    async def _pause(self, event: Event, seconds: float | None) -> None:
        """Wait for an event, for so many seconds at most."""
        waits: list[asyncio.Future[object]] = [asyncio.ensure_future(_wait(event))]
        if seconds is not None:
            waits.append(asyncio.ensure_future(self._clock.sleep(seconds)))
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for each in waits:
                each.cancel()
            await asyncio.gather(*waits, return_exceptions=True)


async def _wait(event: Event) -> object:
    return await event.wait()
