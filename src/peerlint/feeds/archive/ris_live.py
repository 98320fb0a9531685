"""The events of recorded messages of RIS Live, one JSON object on each line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from peerlint.errors import FeedError, InputError
from peerlint.events import Event, Gap
from peerlint.feeds.archive.clock import ArchiveClock
from peerlint.feeds.archive.files import ArchiveFile
from peerlint.feeds.archive.growing_selection import GrowingSelection
from peerlint.feeds.archive.series import remark_on_clock
from peerlint.feeds.archive.steps import Step, at_time
from peerlint.feeds.ris_messages import RisMessage, RisStream

_CHANGES_ONLY: Final = "RIS Live shows changes only: routes from before are not known"
#: The maximum number of octets of a line.
_LONGEST: Final = 1 << 22
_TOO_LONG: Final = "a line is longer than 4 MiB"


class RisRecordings:
    """Recordings of RIS Live, one after another."""

    def __init__(
        self, files: Iterable[ArchiveFile], *, feed: str, watched: GrowingSelection
    ) -> None:
        """Prepare; nothing is read yet.

        Args:
            files: the files, in any order.
            feed: the feed's name.
            watched: which routes become events.
        """
        self._files = sorted(files, key=lambda each: (each.start or 0, each.reading.name))
        self._feed, self._watched = feed, watched

    def events(self) -> Iterator[Event]:
        """Yield the events of all recordings; their times never go back."""
        clock = ArchiveClock(self._files[0].start or 0)
        yield Gap(feed=self._feed, time=clock.now, reason=_CHANGES_ONLY)
        for step in clock.in_order(self._steps(clock)):
            if step.event is not None:
                step.reading.events += 1
                yield at_time(step.event, step.time or 0)
        remark_on_clock(clock, self._files[0])

    def _steps(self, clock: ArchiveClock) -> Iterator[Step]:
        stream = RisStream(feed=self._feed)
        number = 0
        for file in self._files:
            clock.expect(file.start or 0)
            for line in self._lines(file):
                number += 1
                for event in _events(stream, line):
                    yield from self._step(event, file, number)

    def _step(self, event: Event, file: ArchiveFile, number: int) -> Iterator[Step]:
        if isinstance(event, Gap):
            file.reading.add_damage(event.reason)
        route = getattr(event, "route", None)
        prefix = getattr(event, "prefix", None)
        if route is not None and not self._watched.wants(route):
            return
        if prefix is not None and not self._watched.has(prefix):
            return
        if event.header_time is not None:
            file.reading.note_time(event.header_time)
        yield Step(event.header_time, number, file.reading, event=event)

    def _lines(self, file: ArchiveFile) -> Iterator[bytes]:
        """Yield the lines of a file that are not empty."""
        tail = b""
        try:
            for chunk in file.chunks():
                *lines, tail = (tail + chunk).split(b"\n")
                yield from (each for each in lines if each.strip())
                if len(tail) > _LONGEST:
                    file.reading.add_damage(_TOO_LONG)
                    return
        except FeedError as error:
            file.reading.add_damage(error.reason)
        if tail.strip():
            yield tail
        if file.cut is not None:
            file.reading.add_damage(file.cut)


def _events(stream: RisStream, line: bytes) -> Iterator[Event]:
    """Yield the events of a line; a message without its envelope is read too."""
    text = line.decode(errors="replace").strip()
    update = stream.update(text, 0)
    if update is not None:
        yield from update
        return
    try:
        message = RisMessage.parse(text)
    except InputError as error:
        yield from stream.damage(str(error), 0)
        return
    if message.type == "ris_message":
        yield from stream.message(message.data, 0)
