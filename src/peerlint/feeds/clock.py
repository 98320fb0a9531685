"""The clock of live feeds: it never goes back, so that the order of events is that of their times.

A wall clock is set by people and by NTP, in both directions. This clock goes on at its own pace
when the wall clock is set back, a tenth slower until both agree again; it follows at once when the
wall clock is set forward, because times in alerts have to be right.
"""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic_ns, time_ns
from typing import Final

#: The clock loses one nanosecond in so many while it is ahead of the wall clock.
_SLOWER: Final = 10


class SteadyClock:
    """A clock that never goes back and follows the wall clock.

    Attributes:
        ahead: how many nanoseconds it was ahead of the wall clock, when it was read last.
        jumped: how many nanoseconds the wall clock was set forward in all, or had been asleep.
    """

    def __init__(
        self, wall: Callable[[], int] = time_ns, steady: Callable[[], int] = monotonic_ns
    ) -> None:
        """Start with the time of the wall clock.

        Args:
            wall: returns the nanoseconds since 1970.
            steady: returns the nanoseconds since any fixed time, and never goes back.
        """
        self._wall, self._steady = wall, steady
        self._time, self._read = wall(), steady()
        self.ahead = self.jumped = 0

    def microseconds(self) -> int:
        """Return the time in microseconds since 1970."""
        wall, read = self._wall(), self._steady()
        passed, self._read = read - self._read, read
        ahead = self._time + passed - wall
        if ahead > 0:
            slower = min(ahead, passed // _SLOWER)
            self._time += passed - slower
            self.ahead = ahead - slower
        else:
            self._time, self.ahead = wall, 0
            self.jumped -= ahead
        return self._time // 1000


#: The clock of this process: times of all live feeds and of a monitor can be compared.
CLOCK: Final = SteadyClock()


def microseconds_now() -> int:
    """Return the time in microseconds since 1970, as events have it."""
    return CLOCK.microseconds()
