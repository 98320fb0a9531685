"""The clock of an archive: times of records, which never go back and do not jump for one record."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from statistics import median_low
from typing import Final

import attrs

from peerlint.feeds.archive.steps import Step

_SECOND: Final = 1_000_000
_DAY: Final = 24 * 60 * 60 * _SECOND
#: A time that is so far ahead is doubted until others agree with it.
FAR: Final = _DAY
#: At the end of an archive, where no other records follow, a time may be so far ahead.
FAR_AT_END: Final = 366 * _DAY
#: How many further records have to agree with a time that is far ahead.
AGREEING: Final = 2
#: How many steps wait for that.
_WAITING: Final = 10_000


def typical(times: Sequence[int]) -> tuple[int, int] | None:
    """Return the earliest and the latest of some times, without those far from most of them.

    Args:
        times: in microseconds since 1970.
    """
    if not times:
        return None
    middle = median_low(times)
    near = [each for each in times if abs(each - middle) <= FAR]
    return min(near), max(near)


class ArchiveClock:
    """Gives steps times that never go back.

    Attributes:
        now: the time of the last step.
        late: how many records have an earlier time than one before them.
        latest: by how many microseconds at most.
        doubted: how many records have a time that is far from those around them.
    """

    def __init__(self, now: int) -> None:
        """Start.

        Args:
            now: the time of the first step.
        """
        self.now = now
        self.late = self.latest = self.doubted = 0
        self._expected = now
        self._last: Step | None = None
        self._waiting: list[Step] = []
        self._agreeing = 0

    def expect(self, time: int) -> None:
        """Note that a file begins at a time, so that a jump to it is no surprise."""
        self._expected = time

    def in_order(self, steps: Iterable[Step]) -> Iterator[Step]:
        """Yield the same steps, each with a time."""
        for step in steps:
            yield from self._take(step)
        yield from self._end()

    def _take(self, step: Step) -> Iterator[Step]:
        if self._waiting:
            same = step.time is None or _is_same(step, self._waiting[-1])
            agrees = step.time is not None and step.time >= self._doubtful and self._is_far(step)
            if (same or agrees) and len(self._waiting) < _WAITING:
                self._waiting.append(step)
                self._agreeing += not same
                if self._agreeing >= AGREEING:
                    yield from self._accept()
                return
            yield from self._refuse()
        if self._is_far(step):
            self._waiting, self._agreeing = [step], 0
        else:
            yield self._timed(step)

    @property
    def _doubtful(self) -> int:
        return self._waiting[0].time or 0

    def _is_far(self, step: Step) -> bool:
        if step.time is None or step.time <= self.now + FAR:
            return False
        return abs(step.time - self._expected) > FAR

    def _timed(self, step: Step) -> Step:
        time = step.time
        if time is None:
            return attrs.evolve(step, time=self.now)
        if time < self.now:
            if self._last is None or not _is_same(step, self._last):
                self.late += 1
                self.latest = max(self.latest, self.now - time)
            self._last = step
            return attrs.evolve(step, time=self.now)
        self.now, self._last = time, step
        return step

    def _accept(self) -> Iterator[Step]:
        waiting, self._waiting = self._waiting, []
        for each in waiting:
            yield self._timed(each)

    def _refuse(self) -> Iterator[Step]:
        """Yield what waits at the time before it."""
        waiting, self._waiting = self._waiting, []
        self.doubted += len({each.place for each in waiting if each.time is not None})
        for each in waiting:
            yield attrs.evolve(each, time=self.now)

    def _end(self) -> Iterator[Step]:
        if self._waiting and self._doubtful <= self.now + FAR_AT_END:
            yield from self._accept()
        yield from self._refuse()


def _is_same(one: Step, other: Step) -> bool:
    """Return whether two steps are of one record."""
    return one.place == other.place and one.reading is other.reading
