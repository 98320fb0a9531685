"""Archives as a feed: the events of all of their files in the order of time."""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Generator, Iterable, Iterator
from operator import attrgetter
from pathlib import Path
from typing import Final, Self

import attrs

from peerlint.events import Event
from peerlint.feeds.archive.bmp import BmpRecordings
from peerlint.feeds.archive.files import ArchiveFile
from peerlint.feeds.archive.growing_selection import MAX_TAGGED, GrowingSelection
from peerlint.feeds.archive.readings import ArchiveKind, ArchiveReading
from peerlint.feeds.archive.ris_live import RisRecordings
from peerlint.feeds.archive.router import MrtRouter
from peerlint.feeds.bmp import RouteSelection
from peerlint.feeds.bmp.selection import EVERYTHING
from peerlint.feeds.dumps import OnChunk
from peerlint.feeds.follow.folder import list_folder
from peerlint.model import View
from peerlint.redaction import without_credentials
from peerlint.wording import open_failure

#: The number of events after which other work of the event loop may go on.
_EVENTS_PER_TURN: Final = 256
_NO_EVENT: Final = "no event: nothing in it is about a session or prefix of the inventory"
_TOO_MANY: Final = (
    f"more than {MAX_TAGGED:,} prefixes outside the inventory carry the community: "
    "further ones are left out"
)
_NO_FILE: Final = "the folder has no file"


@attrs.frozen
class Archive:
    """Files of one router.

    Attributes:
        router: the router's name.
        paths: files and folders; `-` is standard input.
        view: where the routes of MRT files are observed; None if it is not known.
        is_named: whether the user says that all files are of this router. If not, each BMP stream
            is of another one, which is called as its file.
    """

    router: str
    paths: tuple[str, ...]
    view: View | None = None
    is_named: bool = attrs.field(default=True, kw_only=True)


class ArchiveFeed:
    """The events of archives, in the order of time. It is an iterator, and an async iterator.

    MRT files (tables and updates), recorded BMP streams and recordings of RIS Live are told apart
    by their content; all of them may be compressed. The time of an event is that of its record, as
    the arrival is past. Times never go back, and a single record with a time far ahead does not
    move the clock.

    Attributes:
        readings: what was found in each file; complete after the last event.
        remarks: what is unusual about all of them together.
    """

    #: For `peerlint.check`: it is read to its end.
    is_live = False

    def __init__(
        self,
        archives: Iterable[Archive],
        *,
        feed: str = "archive",
        follow_redirects: bool = False,
        on_chunk: OnChunk | None = None,
    ) -> None:
        """Prepare; nothing is read yet.

        Args:
            archives: the archives.
            feed: the feed's name.
            follow_redirects: whether a URL may lead to another server.
            on_chunk: called for every chunk of a file that is read.
        """
        self.readings: list[ArchiveReading] = []
        self.remarks: list[str] = []
        self._archives, self._feed = tuple(archives), feed
        self._follow_redirects, self._on_chunk = follow_redirects, on_chunk
        self._selection = EVERYTHING
        self._found: list[tuple[Archive, list[ArchiveFile]]] | None = None
        self._events = self._all()
        self._number = 0

    def select(self, selection: RouteSelection) -> None:
        """Say which routes become events, before the first one; by default all do."""
        self._selection = selection

    def __iter__(self) -> Self:
        """Return itself."""
        return self

    def __next__(self) -> Event:
        """Return the next event."""
        return next(self._events)

    def __aiter__(self) -> Self:
        """Return itself."""
        return self

    async def __anext__(self) -> Event:
        """Return the next event; other work goes on now and then."""
        self._number += 1
        if not self._number % _EVENTS_PER_TURN:
            await asyncio.sleep(0)
        for event in self._events:
            return event
        raise StopAsyncIteration

    def start(self) -> int:
        """Return when the first event is at the earliest, in microseconds since 1970.

        The heads of all files are read. Without any record with a time, it is 0.
        """
        starts = [file.start for _, files in self._inspected() for file in files if file.start]
        return min(starts, default=0)

    def close(self) -> None:
        """Close all files."""
        self._events.close()

    def _all(self) -> Generator[Event]:
        watched = GrowingSelection(self._selection)
        streams: list[Iterator[Event]] = []
        recordings: list[ArchiveFile] = []
        for archive, files in self._inspected():
            mrt = [each for each in files if each.reading.kind in _MRT]
            bmp = [each for each in files if each.reading.kind is ArchiveKind.BMP]
            recordings += (each for each in files if each.reading.kind is ArchiveKind.RIS_LIVE)
            names = {"feed": self._feed, "router": archive.router}
            if mrt:
                routes = MrtRouter(mrt, **names, view=archive.view, watched=watched)
                streams.append(routes.events())
            for router, group in _by_router(archive, bmp).items():
                recorded = BmpRecordings(group, feed=self._feed, router=router, watched=watched)
                streams.append(recorded.events())
        if recordings:
            streams.append(RisRecordings(recordings, feed=self._feed, watched=watched).events())
        yield from heapq.merge(*streams, key=attrgetter("time"))
        if watched.is_full:
            self.remarks.append(_TOO_MANY)
        for reading in self.readings:
            if not reading.events and not reading.error and not reading.remarks:
                reading.add_remark(_NO_EVENT)

    def _inspected(self) -> list[tuple[Archive, list[ArchiveFile]]]:
        """Return the archives with their files, whose heads are read once."""
        if self._found is None:
            self._found = [(each, [*self._files(each)]) for each in self._archives]
        return self._found

    def _files(self, archive: Archive) -> Iterator[ArchiveFile]:
        """Yield the files of an archive, whose heads have been read."""
        for path in archive.paths:
            for each in self._paths(path, archive.router):
                reading = ArchiveReading(without_credentials(each), archive.router)
                self.readings.append(reading)
                file = ArchiveFile(
                    each,
                    reading,
                    follow_redirects=self._follow_redirects,
                    on_chunk=self._on_chunk,
                )
                file.inspect()
                yield file

    def _paths(self, path: str, router: str) -> Iterator[str]:
        """Yield a file, or the files of a folder."""
        folder = Path(path)
        if not folder.is_dir():
            yield path
            return
        try:
            names = sorted(list_folder(folder))
        except OSError as error:
            reason = f"cannot be read: {open_failure(error)}"
            self.readings.append(ArchiveReading(path, router, error=reason))
            return
        if not names:
            self.readings.append(ArchiveReading(path, router, error=_NO_FILE))
        yield from (str(folder / name) for name in names)


def _by_router(archive: Archive, files: Iterable[ArchiveFile]) -> dict[str, list[ArchiveFile]]:
    """Return the BMP streams of each router."""
    found: dict[str, list[ArchiveFile]] = {}
    for each in files:
        router = archive.router if archive.is_named else each.path
        found.setdefault(router, []).append(each)
    return found


_MRT: Final = (ArchiveKind.TABLE, ArchiveKind.UPDATES)
