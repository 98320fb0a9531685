"""Drive a monitor by events of the past: time passes as their times say."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from peerlint.events import Event
    from peerlint.monitor.changes import Changes
    from peerlint.monitor.monitor import Monitor

#: Events of so many microseconds are evaluated together.
TICK: Final = 100_000


class ReplayDriver:
    """Gives a monitor events as if they happened now.

    It evaluates whenever time alone may change something, and otherwise once for the events of a
    tenth of a second, at the time of the last of them.
    """

    def __init__(
        self, monitor: Monitor, number: int, wait_until: Callable[[int], object] | None = None
    ) -> None:
        """Start before the first event.

        Args:
            monitor: the monitor.
            number: the number of the feed.
            wait_until: called with the time of each evaluation, to wait for it; None to go on at
                once.
        """
        self._monitor, self._number, self._wait_until = monitor, number, wait_until
        #: When the first event happened that is not evaluated.
        self._begun: int | None = None
        self._now = 0

    def changes(self, events: Iterable[Event]) -> Iterator[Changes]:
        """Yield what each evaluation finds.

        Args:
            events: the events in the order of time.
        """
        for event in events:
            time = event.time
            if time > self._now:
                if self._begun is not None and time - self._begun >= TICK:
                    yield self._evaluated()
                yield from self.until(time)
            self._monitor.add(self._number, event)
            if self._begun is None:
                self._begun = time
            self._now = max(self._now, time)
        if self._begun is not None:
            yield self._evaluated()

    def until(self, time: int) -> Iterator[Changes]:
        """Let time pass without an event, and yield what each evaluation finds.

        Args:
            time: until when; what is due at that time is evaluated.
        """
        if self._begun is not None:
            return  # the events of the last moments are not evaluated yet
        earliest = self._now
        while (due := self._monitor.next_time()) is not None and max(due, earliest) <= time:
            self._now = max(due, earliest)
            yield self._evaluated()
            following = self._monitor.next_time()
            # What is due again at once waits for a moment, so that time goes on in any case.
            is_due = following is not None and following <= self._now
            earliest = self._now + TICK if is_due else self._now
        self._now = max(self._now, time)
        self._monitor.advance(self._now)

    def _evaluated(self) -> Changes:
        if self._wait_until is not None:
            self._wait_until(self._now)
        self._monitor.advance(self._now)
        self._begun = None
        return self._monitor.evaluate()
