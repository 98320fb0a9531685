"""Replay archives: what a monitor would have said of them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from itertools import chain, count
from pathlib import Path
from typing import Final

import attrs

from peerlint.api.archives import ArchiveInput, archive_input
from peerlint.api.replay_driver import ReplayDriver
from peerlint.api.secrets import secrets_of
from peerlint.api.watched import watched_of
from peerlint.arguments import PATH, as_tuple, must_be, must_be_callable
from peerlint.errors import InputError
from peerlint.events import Event
from peerlint.feeds import OnChunk
from peerlint.feeds.archive import ArchiveReading
from peerlint.inventory import Inventory
from peerlint.monitor.alerts import Alert, Notice, NoticeKind
from peerlint.monitor.changes import Changes
from peerlint.monitor.monitor import Monitor
from peerlint.monitor.problem_keys import FEED_SILENT
from peerlint.monitor.transitions import Transition
from peerlint.monitor.watched import Watched

_SECOND: Final = 1_000_000
#: How long is waited after the end to find out what had not held for its time.
_AFTERWARDS: Final = 3600 * _SECOND
_SHOWN: Final = (NoticeKind.OPENED, NoticeKind.RESOLVED)
#: The number of transitions that are kept; further ones are only counted.
MAX_TRANSITIONS: Final = 100_000


@attrs.frozen(kw_only=True)
class ReplaySummary:
    """What a replay found. All times are microseconds since 1970.

    Attributes:
        notices: the messages about alerts that opened or were resolved, in order.
        latest: the last message about each alert, with the alert as it was at the end, in the order
            in which they were opened.
        transitions: what changed and held for its time; at most `MAX_TRANSITIONS`.
        more: the number of further transitions.
        pending: how many alerts would have been opened if what was wrong at the end had gone on.
        events: the number of events.
        first: the time of the first event; None if there was none.
        last: the time of the last record.
        readings: what was found in each file.
        remarks: what is unusual about the inventory or the archives.
    """

    notices: tuple[Notice, ...] = ()
    latest: tuple[Notice, ...] = ()
    transitions: tuple[Transition, ...] = ()
    more: int = 0
    pending: int = 0
    events: int = 0
    first: int | None = None
    last: int | None = None
    readings: tuple[ArchiveReading, ...] = ()
    remarks: tuple[str, ...] = ()

    @property
    def alerts(self) -> tuple[Alert, ...]:
        """The alerts in the order in which they were opened, each as it was at the end."""
        return tuple(each.alert for each in self.latest)

    @property
    def is_readable(self) -> bool:
        """Whether all archives could be read, and one of them gave an event."""
        return all(each.is_sound for each in self.readings) and self.events > 0


class Replay:
    """An iterator of the notices that receivers of alerts would have got, in order."""

    def __init__(
        self,
        archives: ArchiveInput,
        watched: Watched,
        *,
        wait_until: Callable[[int], object] | None = None,
    ) -> None:
        """Prepare; nothing is read yet.

        Args:
            archives: the archives.
            watched: the inventory and its profiles.
            wait_until: called with the time of each evaluation.
        """
        self._archives, self._watched, self._wait_until = archives, watched, wait_until
        self._alerts: dict[str, Alert] = {}
        self._latest: dict[str, Notice] = {}
        self._shown: list[Notice] = []
        self._transitions: list[Transition] = []
        self._more = self._pending = self._number = 0
        self._first: int | None = None
        self._last: int | None = None
        self._notices = self._run()

    def __iter__(self) -> Iterator[Notice]:
        """Return the iterator."""
        return self._notices

    @property
    def summary(self) -> ReplaySummary:
        """What was found so far; complete after the last notice."""
        return ReplaySummary(
            notices=tuple(self._shown),
            latest=tuple(
                attrs.evolve(notice, alert=self._alerts.get(id_, notice.alert))
                for id_, notice in self._latest.items()
            ),
            transitions=tuple(self._transitions),
            more=self._more,
            pending=self._pending,
            events=self._number,
            first=self._first,
            last=self._last,
            readings=tuple(self._archives.feed.readings),
            remarks=(
                *self._watched.remarks,
                *self._archives.remarks,
                *self._archives.feed.remarks,
            ),
        )

    def _run(self) -> Iterator[Notice]:
        numbers = count(1)
        start = self._archives.feed.start()
        monitor = Monitor(self._watched, now=start, new_id=lambda: f"replay-{next(numbers)}")
        feed = monitor.add_feed("archives", self._archives.argument_of, is_live=False)
        self._archives.as_input.select(self._watched.kept, monitor.tables(feed).watches)
        events = iter(self._archives.feed)
        first = next(events, None)
        if first is None:
            return
        self._first = self._last = first.time
        driver = ReplayDriver(monitor, feed, self._wait_until)
        for changes in driver.changes(self._counted(chain((first,), events))):
            yield from self._taken(changes)
        end = max((each.last or 0 for each in self._archives.feed.readings), default=0)
        self._last = max(self._last, end)
        for changes in driver.until(self._last):
            yield from self._taken(changes)
        self._pending = sum(
            _was_pending(notice, self._last)
            for changes in ReplayDriver(monitor, feed).until(self._last + _AFTERWARDS)
            for notice in changes.notices
        )

    def _counted(self, events: Iterable[Event]) -> Iterator[Event]:
        for event in events:
            self._number += 1
            self._last = event.time
            yield event

    def _taken(self, changes: Changes) -> Iterator[Notice]:
        for alert in changes.alerts:
            self._alerts[alert.id] = alert
        room = MAX_TRANSITIONS - len(self._transitions)
        self._transitions += changes.transitions[:room]
        self._more += max(0, len(changes.transitions) - room)
        for notice in changes.notices:
            self._latest[notice.alert.id] = notice
            if notice.kind in _SHOWN:
                self._shown.append(notice)
            yield notice


def _was_pending(notice: Notice, end: int) -> bool:
    """Return whether an alert that opened after the end is about something from before."""
    cause = notice.alert.cause
    is_silence = cause.rule == FEED_SILENT  # nothing comes after the end
    return notice.kind is NoticeKind.OPENED and notice.alert.first_seen <= end and not is_silence


def replay(
    inventory: Inventory,
    archives: Iterable[str | Path],
    *,
    speed: float | None = None,
    profile: str | None = None,
    strict: bool = False,
    allow: Iterable[str] = (),
    on_chunk: OnChunk | None = None,
    follow_redirects: bool = False,
) -> Replay:
    """Return what a monitor would have said of archives, had it seen them as they came.

    Args:
        inventory: what is declared.
        archives: files and folders of MRT files (tables and updates), recorded BMP streams, or
            messages of RIS Live, each as `[SESSION|ROUTER=]FILE[@VIEW]`.
        speed: how many times as fast as real time; None for as fast as possible.
        profile: replaces the profile of every peering, see `load_profile`.
        strict: as for `check`.
        allow: as for `check`.
        on_chunk: called for every chunk of a file that is read.
        follow_redirects: as for `check`.

    Returns:
        An iterator of the notices of alerts. Its `summary` has the alerts and what is wrong with
        the archives.

    Raises:
        InputError: the inventory has no peering, an argument has the wrong form, or there is no
            archive.
        ProfileError: a profile file has mistakes.
    """
    must_be("inventory", inventory, Inventory, "an Inventory")
    must_be("speed", speed, (int, float), "a number", or_none=True)
    must_be_callable("on_chunk", on_chunk)
    if speed is not None and not 0 < speed < float("inf"):
        raise InputError("speed", expected="a number above 0", found=speed)
    given = as_tuple("archives", archives, PATH, "paths")
    with secrets_of((inventory,), given):
        watched = watched_of(inventory, profile=profile, strict=strict, allow=allow)
        found = archive_input(
            watched.inventory, given, on_chunk=on_chunk, follow_redirects=follow_redirects
        )
    pace = None if speed is None else ReplaySpeed(speed).wait_until
    return Replay(found, watched, wait_until=pace)


class ReplaySpeed:
    """Waits so that simulated time passes at a speed."""

    def __init__(
        self,
        speed: float,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        """Begin with the first time that is waited for.

        Args:
            speed: how many times as fast as real time.
            clock: returns seconds.
            sleep: waits for a number of seconds.
        """
        self._speed, self._clock, self._sleep = speed, clock, sleep
        self._start: tuple[int, float] | None = None

    def wait_until(self, now: int) -> None:
        """Wait until a simulated time, in microseconds."""
        if self._start is None:
            self._start = now, self._clock()
        then, started = self._start
        left = started + (now - then) / _SECOND / self._speed - self._clock()
        if left > 0:
            self._sleep(left)
