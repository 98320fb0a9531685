"""The events of recorded BMP streams of one router: what it sent, with its own times."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Final

from peerlint.errors import FeedError
from peerlint.events import Event, FeedBack, FeedLost, Gap, TableEvent
from peerlint.feeds.archive.clock import ArchiveClock
from peerlint.feeds.archive.files import ArchiveFile
from peerlint.feeds.archive.growing_selection import GrowingSelection
from peerlint.feeds.archive.series import remark_on_clock
from peerlint.feeds.archive.steps import Step, at_time
from peerlint.feeds.bmp import RemarkCounts, RouterStream

#: Octets that are read at once: what the feed counts of other routes is said after each piece.
_PIECE: Final = 1 << 16
_ENDED: Final = "the recording ends, and another one begins"
#: How the reason of a gap starts where octets cannot be read.
_DAMAGE: Final = "damage"
_NO_TIMES: Final = "its messages have no times: all of them happened at once here"


class BmpRecordings:
    """Recorded streams of one router, one after another."""

    def __init__(
        self, files: Iterable[ArchiveFile], *, feed: str, router: str, watched: GrowingSelection
    ) -> None:
        """Prepare; nothing is read yet.

        Args:
            files: the files, in any order.
            feed: the feed's name.
            router: the router's name.
            watched: which routes become events.
        """
        self._files = sorted(files, key=lambda each: (each.start or 0, each.reading.name))
        self._feed, self._router, self._watched = feed, router, watched
        self._remarks = RemarkCounts()

    def events(self) -> Iterator[Event]:
        """Yield the events of all streams; their times never go back."""
        starts = [each.start for each in self._files if each.start is not None]
        clock = ArchiveClock(starts[0] if starts else 0)
        for step in clock.in_order(self._steps(clock)):
            if step.event is not None:
                step.reading.events += 1
                yield at_time(step.event, step.time or 0)
        remark_on_clock(clock, self._files[0])
        counts = Counter[str]()
        for each in self._remarks.all:
            counts[each.kind.value] += each.count
        for text, count in counts.items():
            self._files[0].reading.add_remark(f"{text}: {count:,}")

    def _steps(self, clock: ArchiveClock) -> Iterator[Step]:
        stream: RouterStream | None = None
        for file in self._files:
            if file.start is None:
                file.reading.add_remark(_NO_TIMES)
            else:
                clock.expect(file.start)
            if stream is None or file.begins_connection:
                if stream is not None:
                    yield from self._end(stream, file)
                stream = self._stream()
            yield from self._of_file(stream, file)
        if stream is not None:
            for event in stream.end(0):
                yield self._step(event, self._files[-1])

    def _stream(self) -> RouterStream:
        selection = self._watched.selection
        return RouterStream(
            self._router, feed=self._feed, selection=selection, remarks=self._remarks
        )

    def _end(self, stream: RouterStream, file: ArchiveFile) -> Iterator[Step]:
        """End a connection, in front of the file with the next one."""
        stream.close()
        time = file.start
        lost = FeedLost(feed=self._feed, router=self._router, time=0, reason=_ENDED)
        back = FeedBack(feed=self._feed, router=self._router, time=0)
        yield Step(time, (file.path, "lost"), file.reading, event=lost)
        yield Step(time, (file.path, "back"), file.reading, event=back)

    def _of_file(self, stream: RouterStream, file: ArchiveFile) -> Iterator[Step]:
        try:
            for chunk in file.chunks():
                for at in range(0, len(chunk), _PIECE):
                    for event in stream.feed(chunk[at : at + _PIECE], 0):
                        yield self._step(event, file, is_refused=stream.refused is not None)
        except FeedError as error:
            yield self._damage(error.reason, file)
        if file.cut is not None:
            yield self._damage(file.cut, file)

    def _step(self, event: Event, file: ArchiveFile, *, is_refused: bool = False) -> Step:
        if isinstance(event, Gap):
            # Other gaps are what the router says, and no fault of the file.
            is_damage = is_refused or event.reason.startswith(_DAMAGE)
            note = file.reading.add_damage if is_damage else file.reading.add_remark
            note(event.reason)
        time = event.header_time
        if time is not None:
            file.reading.note_time(time)
        peer = event.table.peer if isinstance(event, TableEvent) else None
        return Step(time, (time, peer), file.reading, event=event)

    def _damage(self, reason: str, file: ArchiveFile) -> Step:
        text = f"{file.reading.name}: {reason}"
        gap = Gap(feed=self._feed, router=self._router, time=0, reason=text)
        file.reading.add_damage(reason)
        return Step(None, reason, file.reading, event=gap)
