"""Whether feeds and routers still give signs of life, so that silence is not taken for calm.

A quiet feed and one that hangs look the same, unless it gives signs of life regularly. Two do:

- a router whose BMP sends Statistics Reports (RFC 7854 section 4.8), which come in an interval that
  is known once two reports about one peer came;
- a feed that yields `Heartbeat`, which says the interval.

Such a feed or router is silent when nothing at all came for three intervals, and for the time that
the profile says at least. Any other one is never called silent.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Final

import attrs

from peerlint.events import Event, FeedBack, FeedLost, Heartbeat, SessionDown, Statistics, TableRef
from peerlint.model.times import duration_text, from_microseconds, time_text

#: After how many intervals without a sign of life something is silent: one report may be late.
_INTERVALS: Final = 3
_SECOND: Final = 1_000_000
_LOST_OR_BACK: Final = (FeedLost, FeedBack)

#: The name of a feed and one of its routers; None as the router for the feed as a whole.
FeedOrRouter = tuple[str, str | None]


@attrs.define(eq=False)
class _Signs:
    """The signs of life of a feed or router.

    Attributes:
        last: when the last one came.
        interval: in which interval they come; 0 if that is not known.
        peer: the peer whose Statistics Reports are measured; None if there is none yet.
        reported: when the last report about this peer came.
    """

    last: int
    interval: int = 0
    peer: TableRef | None = None
    reported: int = 0

    def note(self, event: Event) -> None:
        """Note what an event says of the interval."""
        if isinstance(event, Heartbeat):
            self.interval = max(self.interval, event.interval)
        elif isinstance(event, Statistics):
            self._report(event)
        elif isinstance(event, SessionDown) and self._is_measured(event.table):
            self.peer = None

    def _is_measured(self, table: TableRef) -> bool:
        return self.peer is not None and table.covers(self.peer)

    def _report(self, event: Statistics) -> None:
        if self.peer is None:
            self.peer, self.reported = event.table, event.time
        elif self.peer == event.table:
            self.interval = max(self.interval, event.time - self.reported)
            self.reported = event.time

    def wait(self, silence: int) -> int | None:
        """Return for how long nothing may come; None if that is not known."""
        return max(silence, _INTERVALS * self.interval) if self.interval else None


class SignsOfLife:
    """The signs of life of all feeds and their routers.

    Its memory grows with the number of routers.

    Attributes:
        silence: for how many microseconds at least nothing came from what is silent.
    """

    def __init__(self, silence: int) -> None:
        """Start without signs.

        Args:
            silence: for how many microseconds at least nothing came from a feed or router that is
                silent.
        """
        self.silence = silence
        self._signs: dict[FeedOrRouter, _Signs] = {}

    def add(self, event: Event) -> None:
        """Take an event: it is a sign of life of its feed and of its router.

        What is lost is not silent, and what comes back begins anew: its configuration may be
        another one.
        """
        if isinstance(event, _LOST_OR_BACK):
            self._forget(event.feed, event.router)
            if isinstance(event, FeedLost):
                return
        signs = self._heard(event.feed, None, event.time)
        if event.router is not None:
            signs = self._heard(event.feed, event.router, event.time)
        signs.note(event)

    def _heard(self, feed: str, router: str | None, time: int) -> _Signs:
        found = self._signs.get((feed, router))
        if found is None:
            found = self._signs[feed, router] = _Signs(time)
        elif found.last < time:
            found.last = time
        return found

    def _forget(self, feed: str, router: str | None) -> None:
        if router is not None:
            self._signs.pop((feed, router), None)
            return
        for place in [each for each in self._signs if each[0] == feed]:
            del self._signs[place]

    def set_back(self, time: int) -> None:
        """Note that the clock was set back: what came after a time has come just now."""
        for each in self._signs.values():
            each.last, each.reported = min(each.last, time), min(each.reported, time)

    def silent(self, now: int) -> Mapping[FeedOrRouter, str]:
        """Return the feeds and routers that are silent, each with a reason.

        The reason stays the same while the silence lasts.

        Args:
            now: microseconds since 1970.
        """
        return {
            place: _reason(signs)
            for place, signs, wait in self._expected()
            if now - signs.last >= wait
        }

    def next_time(self, now: int) -> int | None:
        """Return when the next feed or router is silent if nothing comes; None if none can be.

        Args:
            now: microseconds since 1970.
        """
        times = (signs.last + wait for _, signs, wait in self._expected())
        return min((each for each in times if each > now), default=None)

    def _expected(self) -> Iterator[tuple[FeedOrRouter, _Signs, int]]:
        for place, signs in self._signs.items():
            wait = signs.wait(self.silence)
            if wait is not None:
                yield place, signs, wait


def _reason(signs: _Signs) -> str:
    interval = timedelta(seconds=max(1, round(signs.interval / _SECOND)))
    since = from_microseconds(signs.last)
    return (
        f"nothing came since {time_text(since)}, though a sign of life comes every "
        f"{duration_text(interval)}"
    )
