"""Damping: a state counts after it has held for its time, whatever the clock does."""

from __future__ import annotations

import heapq
from collections.abc import Hashable
from typing import Final, Generic, TypeVar

import attrs

#: If nobody looked for so long after a state would have counted, the clock jumped or the program
#: was suspended. In microseconds.
LATE: Final = 60_000_000
#: How many entries of the heap may be outdated, besides as many as there are values.
_SLACK: Final = 1_000

_Key = TypeVar("_Key", bound=Hashable)
_Value = TypeVar("_Value")


class SteadyTime:
    """Time that never goes back, made from times that may jump; all in microseconds.

    Attributes:
        wall: the last time given, in microseconds since 1970.
        now: the steady time. It goes on with `wall`, and stops while `wall` is set back.
    """

    def __init__(self) -> None:
        """Start at the first time that is given."""
        self._is_started = False
        self.wall = 0
        self.now = 0

    def advance(self, time: int) -> None:
        """Go on to a time, which may lie before the last one."""
        if self._is_started and time > self.wall:
            self.now += time - self.wall
        self._is_started = True
        self.wall = time

    def restore(self, wall: int, now: int) -> None:
        """Go on at the times of another clock."""
        self._is_started, self.wall, self.now = True, wall, now

    def wall_at(self, steady: int) -> int:
        """Return the time, in microseconds since 1970, at which the steady time will be reached."""
        return self.wall + max(0, steady - self.now)


@attrs.define
class Wait(Generic[_Value]):
    """A value that has to hold until it counts.

    Attributes:
        value: the value.
        seen: when it was first seen, in microseconds since 1970.
        hold: how long it has to hold, in microseconds.
        since: from when on it has held without interruption, in steady time.
    """

    value: _Value
    seen: int
    hold: int
    since: int

    @property
    def due(self) -> int:
        """When it counts, in steady time."""
        return self.since + self.hold


class Holds(Generic[_Key, _Value]):
    """New values of many things, each of which has to hold for a time until it counts."""

    def __init__(self, clock: SteadyTime) -> None:
        """Start without values.

        Args:
            clock: the clock, which the owner advances.
        """
        self._clock = clock
        self._waits: dict[_Key, Wait[_Value]] = {}
        #: Entries of waits that were cancelled or changed are skipped.
        self._heap: list[tuple[int, int, _Key]] = []
        self._pushed = 0

    def __contains__(self, key: _Key) -> bool:
        """Return whether a value of a thing waits."""
        return key in self._waits

    def start(self, key: _Key, value: _Value, hold: int, *, since: int | None = None) -> None:
        """Let a value wait, unless it already does.

        Args:
            key: what has the value.
            value: the value; another value that waits is discarded.
            hold: how long it has to hold. If the value already waits, only this changes.
            since: from when on it has held, in steady time; None for now.
        """
        wait = self._waits.get(key)
        if wait is not None and wait.value == value and since is None:
            if wait.hold == hold:
                return
            wait.hold = hold
        else:
            start = self._clock.now if since is None else since
            wait = self._waits[key] = Wait(value, self._clock.wall, hold, start)
        self._push(key, wait)

    def cancel(self, key: _Key) -> None:
        """Discard the value that waits, if there is one."""
        self._waits.pop(key, None)

    def take_due(self) -> list[tuple[_Key, Wait[_Value]]]:
        """Return the values that have held for their time, in the order in which they count.

        If this is called more than `LATE` after a value would have counted, the time between was
        not observed: the value has to hold again from now on.
        """
        found = []
        now = self._clock.now
        while self._heap and self._heap[0][0] <= now:
            due, _, key = heapq.heappop(self._heap)
            wait = self._waits.get(key)
            if wait is None or wait.due != due:
                continue
            if now - due > LATE:
                wait.since = now
                self._push(key, wait)
            else:
                del self._waits[key]
                found.append((key, wait))
        return found

    def next_due(self) -> int | None:
        """Return when the next value counts, in steady time; None if none waits."""
        while self._heap:
            due, _, key = self._heap[0]
            wait = self._waits.get(key)
            if wait is not None and wait.due == due:
                return due
            heapq.heappop(self._heap)
        return None

    def _push(self, key: _Key, wait: Wait[_Value]) -> None:
        self._pushed += 1
        heapq.heappush(self._heap, (wait.due, self._pushed, key))
        if len(self._heap) > _SLACK + 2 * len(self._waits):
            # Values that change again and again would leave an entry each time.
            self._heap = [
                (each.due, number, key) for number, (key, each) in enumerate(self._waits.items())
            ]
            heapq.heapify(self._heap)
