"""The events of the MRT files of one router, tables and updates merged by time.

The first table is read at its time, and a later one only if updates may be missing in front of
it: then sessions begin again with it. Updates from before the first table are read too; what they
do not show is not known.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator
from operator import itemgetter
from typing import Final

from peerlint.events import Announce, Event, Gap, Withdraw
from peerlint.feeds.archive.clock import ArchiveClock
from peerlint.feeds.archive.files import ArchiveFile
from peerlint.feeds.archive.growing_selection import GrowingSelection
from peerlint.feeds.archive.mrt import MrtFile
from peerlint.feeds.archive.readings import ArchiveKind
from peerlint.feeds.archive.series import MISSING, Series, read_steps, remark_on_clock
from peerlint.feeds.archive.steps import Step, at_time
from peerlint.feeds.follow.records import Records
from peerlint.model import View
from peerlint.observations.timeline import LONGEST_GAP
from peerlint.wire.mrt import Bgp4mpMessage, StateChange

#: No time is later: archives are from the past, whatever the time is now.
_LAST: Final = 253_402_300_799_999_999
_NO_TABLE: Final = "there is no table: routes from before the updates are not known"
_NOT_NEEDED: Final = "not read: the updates before it lead up to it"
#: A table comes before updates of the same time.
_TABLE, _UPDATES = 0, 1
_Item = tuple[int, int, int, Step | ArchiveFile]


class MrtRouter:
    """The MRT files of one router, whose heads have been read."""

    def __init__(
        self,
        files: Iterable[ArchiveFile],
        *,
        feed: str,
        router: str,
        view: View | None,
        watched: GrowingSelection,
    ) -> None:
        """Prepare; nothing is read yet.

        Args:
            files: the files, in any order.
            feed: the feed's name.
            router: the router's name.
            view: where the routes are observed; None if it is not known.
            watched: which routes become events.
        """
        self._feed, self._router, self._view, self._watched = feed, router, view, watched
        self._records = Records(feed, router, lambda: _LAST, view)
        known = sorted(files, key=lambda each: (each.start or 0, each.reading.name))
        self._tables = [each for each in known if each.reading.kind is ArchiveKind.TABLE]
        updates = [each for each in known if each.reading.kind is ArchiveKind.UPDATES]
        self._series = Series.of(updates, self._file)
        #: Which tables were read since the sessions began last, and when that was.
        self._read: dict[bytes | None, int] = {}
        self._is_gapless = True
        self._now = 0

    def events(self) -> Iterator[Event]:
        """Yield the events of all files; their times never go back."""
        streams = [self._items_of(number, each) for number, each in enumerate(self._series)]
        tables = [((each.start or 0), _TABLE, 0, each) for each in self._tables]
        if self._series and (not tables or tables[0][0] > self._series_start):
            yield self._event(self._gap(_NO_TABLE), self._series_start)
        merged: Iterator[_Item] = heapq.merge(tables, *streams, key=itemgetter(0, 1, 2))
        for time, _, _, what in merged:
            if isinstance(what, ArchiveFile):
                yield from self._table(what, time)
                continue
            if isinstance(what.event, Gap):
                if what.place == MISSING:
                    if self._is_closed(time):
                        continue
                    what.reading.add_remark(MISSING)
                self._is_gapless = False
            yield from self._expanded(what, time)

    @property
    def _series_start(self) -> int:
        return min(each.start for each in self._series)

    def _file(self, file: ArchiveFile) -> MrtFile:
        return MrtFile(file, self._feed, self._router, self._view, self._watched)

    def _items_of(self, number: int, series: Series) -> Iterator[_Item]:
        for step in series.steps(self._gap):
            yield step.time or 0, _UPDATES, number, step

    def _gap(self, reason: str, since: int | None = None) -> Gap:
        return Gap(feed=self._feed, router=self._router, time=0, reason=reason, since=since)

    def _event(self, event: Event, time: int) -> Event:
        self._now = max(self._now, time)
        return at_time(event, self._now)

    # -- tables

    def _table(self, file: ArchiveFile, time: int) -> Iterator[Event]:
        """Read a table, unless the updates lead up to it."""
        begun = max(self._read.values(), default=None)
        is_other = begun is not None and file.table not in self._read
        if not (is_other and self._is_gapless):
            if begun is not None and self._is_gapless and self._leads_up_to(time):
                file.reading.add_remark(_NOT_NEEDED)
                return
            self._records.begin()
            self._read.clear()
            self._is_gapless = True
        self._read[file.table] = time
        self._records.begin_table()
        clock = ArchiveClock(time)
        is_sound = True
        for step in clock.in_order(read_steps(self._file(file), self._gap)):
            is_sound &= not isinstance(step.event, Gap)
            yield from self._expanded(step, step.time or 0)
        remark_on_clock(clock, file)
        if is_sound:
            for event in self._records.end_table(self._now):
                file.reading.events += 1
                yield self._event(event, self._now)
        else:
            self._is_gapless = False

    def _leads_up_to(self, time: int) -> bool:
        """Return whether updates reach to a time without a hole in them."""
        reached = max((each.reached for each in self._series), default=0)
        holes = (hole for each in self._series for hole in each.holes)
        return reached >= time - LONGEST_GAP and not any(
            since <= time <= until for since, until in holes
        )

    def _is_closed(self, time: int) -> bool:
        """Return whether a table was read shortly before a hole in the updates ends.

        Without a table, nothing was known in front of it, which has been said.
        """
        return time <= max(self._read.values(), default=time) + LONGEST_GAP

    # -- steps

    def _expanded(self, step: Step, time: int) -> Iterator[Event]:
        """Yield the events of a step."""
        for event in self._events_of(step, time):
            step.reading.events += 1
            yield self._event(event, time)

    def _events_of(self, step: Step, time: int) -> Iterator[Event]:
        if step.event is not None:
            yield step.event
        elif step.peer is not None:
            yield from self._records.begin_session(step.peer, time)
        elif step.record is not None:
            yield from self._of_record(step)
        for family, safi in step.families:
            self._records.note_family(safi, family)

    def _of_record(self, step: Step) -> Iterator[Event]:
        record = step.record
        if record is None:
            return
        is_message = isinstance(record.body, Bgp4mpMessage | StateChange)
        events = (
            self._records.message(record, is_damaged=step.is_damaged)
            if is_message
            else self._records.table(record)
        )
        for event in events:
            if not isinstance(event, Announce | Withdraw) or (
                step.has_routes and self._is_wanted(event)
            ):
                yield event

    def _is_wanted(self, event: Announce | Withdraw) -> bool:
        if not self._watched.watches(self._router, event.table):
            return False
        if isinstance(event, Withdraw):
            return self._watched.has(event.prefix)
        return self._watched.wants(event.route)
