"""Files of updates that follow one another, and what is missing between them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Final, Self

import attrs

from peerlint.errors import FeedError
from peerlint.events import Gap
from peerlint.feeds.archive.clock import ArchiveClock
from peerlint.feeds.archive.files import ArchiveFile
from peerlint.feeds.archive.mrt import MrtFile
from peerlint.feeds.archive.steps import Step
from peerlint.feeds.follow.folder import series_of
from peerlint.observations.timeline import LONGEST_GAP
from peerlint.wording import counted

MISSING: Final = "updates before its first record may be missing"
_SECOND: Final = 1_000_000
#: Makes a gap of a reason, and of the time from which on events may be missing.
MakeGap = Callable[[str, int | None], Gap]


@attrs.define(eq=False)
class Series:
    """Files of one series, in order.

    Attributes:
        files: the files; one at least.
        open: returns what reads a file.
        reached: the time of the last record so far, in microseconds since 1970.
        holes: from when until when updates are missing between files.
    """

    files: tuple[ArchiveFile, ...]
    open: Callable[[ArchiveFile], MrtFile]
    reached: int = 0
    holes: list[tuple[int, int]] = attrs.Factory(list)

    @classmethod
    def of(
        cls, files: Iterable[ArchiveFile], open_file: Callable[[ArchiveFile], MrtFile]
    ) -> tuple[Self, ...]:
        """Return the series that files belong to, by what their names have in common.

        Args:
            files: the files, by time.
            open_file: returns what reads a file.
        """
        found: dict[tuple[str, str], list[ArchiveFile]] = {}
        for each in files:
            path = Path(each.path)
            found.setdefault((str(path.parent), series_of(path.name)), []).append(each)
        return tuple(cls(tuple(each), open_file) for each in found.values())

    @property
    def start(self) -> int:
        """The time of the first records."""
        return self.files[0].start or 0

    def steps(self, gap: MakeGap) -> Iterator[Step]:
        """Yield the steps of all files, each with a time; times never go back.

        In front of a file is a gap if updates may be missing there, unless a table closes it.
        """
        clock = ArchiveClock(self.start)
        yield from clock.in_order(self._of_files(clock, gap))
        remark_on_clock(clock, self.files[0])

    def _of_files(self, clock: ArchiveClock, gap: MakeGap) -> Iterator[Step]:
        for file in self.files:
            start = file.start or self.reached
            clock.expect(start)
            if not self.reached or start > self.reached + LONGEST_GAP:
                since = self.reached or None
                if since is not None:
                    self.holes.append((since, start))
                reason = f"{file.reading.name}: {MISSING}"
                yield Step(start, MISSING, file.reading, event=gap(reason, since))
            yield from self._of_file(file, gap)

    def _of_file(self, file: ArchiveFile, gap: MakeGap) -> Iterator[Step]:
        reader = self.open(file)
        for step in read_steps(reader, gap):
            self.reached = max(self.reached, reader.reached)
            yield step
        self.reached = max(self.reached, reader.reached)


def read_steps(reader: MrtFile, gap: MakeGap) -> Iterator[Step]:
    """Yield the steps of a file; if reading fails, that is its end, and a gap."""
    reading = reader.file.reading
    try:
        yield from reader.steps()
    except FeedError as error:
        reading.add_damage(error.reason)
        reason = f"{reading.name}: {error.reason}"
        yield Step(None, reason, reading, event=gap(reason, None))


def remark_on_clock(clock: ArchiveClock, file: ArchiveFile) -> None:
    """Say which times were not in order, once for all files of a series."""
    if clock.late:
        records = counted(clock.late, "record")
        seconds = clock.latest / _SECOND
        file.reading.add_remark(
            f"{records} with a time up to {seconds:,.0f} s before one in front of it, "
            "which happened at the same time as that one here"
        )
    if clock.doubted:
        records = counted(clock.doubted, "record")
        file.reading.add_remark(
            f"{records} with a time far ahead of those around it, which is not believed"
        )
