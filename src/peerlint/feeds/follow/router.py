"""Follow the MRT files of one router: its newest table first, then updates by time."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import attrs

from peerlint.events import Event, Gap
from peerlint.feeds.follow.folder import FileStatus, Head, HeadError, read_head, series_of
from peerlint.feeds.follow.growing import GrowingFile
from peerlint.feeds.follow.records import Records
from peerlint.observations.timeline import LONGEST_GAP
from peerlint.wire.mrt import Bgp4mpMessage, MrtType, StateChange
from peerlint.wire.reader import Record

_SECOND: Final = 1_000_000
_TABLES: Final = (MrtType.TABLE_DUMP, MrtType.TABLE_DUMP_V2)
#: Files that vanished whose first records are remembered: they may have been compressed.
_REMEMBERED: Final = 1 << 10

#: Events, and None where other work may be done in between.
Steps = Iterator[Event | None]


@attrs.define(eq=False)
class _File:
    """A file of the folder.

    Attributes:
        name: its name.
        status: what the system said about it last.
        since: when it was last seen to change.
        head: what its first records say; None if they are not complete.
        is_done: whether nothing more is read of it.
        is_read: whether it was read, and not only passed over.
        is_reported: whether a gap names it.
        reader: open while it is read.
    """

    name: str
    status: FileStatus
    since: int
    head: Head | None = None
    is_done: bool = False
    is_read: bool = False
    is_reported: bool = False
    reader: GrowingFile | None = None

    @property
    def is_table(self) -> bool:
        return self.head is not None and self.head.table is not None

    @property
    def has_updates(self) -> bool:
        return self.head is not None and self.head.table is None

    @property
    def first(self) -> int:
        return 0 if self.head is None else self.head.first

    @property
    def order(self) -> tuple[int, str]:
        return self.first, self.name

    def close(self) -> None:
        """Close it if it is open."""
        if self.reader is not None:
            self.reader.close()
            self.reader = None


@attrs.define(eq=False)
class RouterFiles:
    """The files of one router.

    Attributes:
        folder: the folder.
        records: makes events of records.
        settle: microseconds after which a file that did not change is complete.

    Times below are in microseconds since 1970, by the headers of records.
    """

    folder: Path
    records: Records
    settle: int
    _files: dict[str, _File] = attrs.Factory(dict)
    _has_begun: bool = False
    _is_gapless: bool = False
    #: The first and the last record of the table that was read last.
    _base: int | None = None
    _base_last: int = 0
    #: The last update that was read, by series.
    _reached: dict[str, int] = attrs.Factory(dict)
    #: Where the last gap is: only a later table closes it.
    _gap_at: int = 0
    #: Digests of the first records of files that vanished.
    _gone_heads: dict[bytes, None] = attrs.Factory(dict)

    def close(self) -> None:
        """Close all files."""
        for file in self._files.values():
            file.close()

    def poll(self, listing: dict[str, FileStatus]) -> Steps:
        """Yield what is new.

        Args:
            listing: the router's files now.
        """
        yield from self._known_files(listing)
        yield from self._new_files(listing)
        yield from self._tables()
        if self._has_begun:
            yield from self._updates()

    def _gap(self, reason: str, file: _File | None = None, since: int | None = None) -> Gap:
        self._is_gapless = False
        reached = max(self._reached.values(), default=self._base_last)
        self._gap_at = max(self._gap_at, reached)
        if file is not None:
            file.is_reported = True
            reason = f"{self.folder / file.name}: {reason}"
        return Gap(
            feed=self.records.feed,
            router=self.records.router,
            time=self.records.now(),
            reason=reason,
            since=since,
        )

    def _known_files(self, listing: dict[str, FileStatus]) -> Steps:
        """Compare the files that are known with those that are there."""
        names = {status.identity: name for name, status in listing.items()}
        for name, file in list(self._files.items()):
            status = listing.get(name)
            if status is not None and status.identity == file.status.identity:
                yield from self._same_file(file, status)
                continue
            new = names.get(file.status.identity)
            if new is not None and new not in self._files and self._is_same(file, new):
                self._files[new] = self._files.pop(name)
                file.name = new
                continue
            yield from self._gone(file, "was replaced" if status else "vanished")

    def _same_file(self, file: _File, status: FileStatus) -> Steps:
        if status.size < file.status.size:
            yield from self._gone(file, "was truncated")
            return
        if status != file.status:
            file.since = self.records.now()
            if file.is_table and not file.is_done:
                file.head = None  # it may have had only its list of peers
        if status.size != file.status.size and file.is_done and not file.is_reported:
            if file.has_updates:
                yield self._gap("grew after the next file began", file)
            elif file.is_read:
                yield self._gap("grew after it was read as a whole", file)
                # It is read again when it is complete, and the updates behind it.
                self._base, self._gap_at, file.is_reported = None, 0, False
            file.is_done = file.has_updates
        file.status = status

    def _is_same(self, file: _File, name: str) -> bool:
        """Return whether a file that was renamed is still the same: inodes are used again."""
        if file.reader is not None:
            return True
        try:
            return read_head(self.folder / name) == file.head
        except (OSError, HeadError):
            return False

    def _gone(self, file: _File, how: str) -> Steps:
        """Forget a file; what was open of it is read first."""
        is_open = file.reader is not None
        if is_open:
            yield from self._read(file, is_last=True)
        del self._files[file.name]
        if file.head is not None and how == "vanished":
            self._gone_heads[file.head.digest] = None
            if len(self._gone_heads) > _REMEMBERED:
                del self._gone_heads[next(iter(self._gone_heads))]
        is_needed = file.has_updates and not file.is_done and not self._is_before_base(file)
        if is_open or is_needed:
            has_next = how == "vanished" and is_open and self._next(file) is not None
            if not has_next:
                yield self._gap(how, file)

    def _new_files(self, listing: dict[str, FileStatus]) -> Steps:
        for name, status in listing.items():
            file = self._files.get(name)
            if file is None:
                file = self._files[name] = _File(name, status, self.records.now())
            elif file.head is not None or file.is_done:
                continue
            try:
                head = read_head(self.folder / name)
            except FileNotFoundError:
                del self._files[name]
                continue
            except (OSError, HeadError) as error:
                if not file.is_reported:
                    yield self._gap(f"cannot be read: {error}", file)
                continue
            if head is None:
                continue
            known = [each for each in self._files.values() if each.head is not None]
            file.head = head
            heads = {each.head.digest for each in known if each.head is not None}
            if head.digest in heads or head.digest in self._gone_heads:
                file.is_done = True  # a copy
            elif file.has_updates and any(
                each.has_updates
                and (each.reader is not None or each.is_done)
                and series_of(each.name) == series_of(name)
                and each.first > head.first
                for each in known
            ):
                file.is_done = True
                yield self._gap("came after a later file", file, head.first)
            yield None

    def _is_settled(self, file: _File) -> bool:
        now = self.records.now()
        return now - min(file.since, file.status.modified) >= self.settle

    def _tables(self) -> Steps:
        """Begin with the newest table, or begin again with it after a gap."""
        tables = [each for each in self._files.values() if each.is_table and not each.is_done]
        settled = sorted((each for each in tables if self._is_settled(each)), key=_order)
        if not self._has_begun and not settled:
            if not tables and any(each.has_updates for each in self._files.values()):
                self._has_begun = True
                yield self._gap("there is no table: routes from before the updates are not known")
            return
        if not settled:
            return
        newest = settled[-1].first
        if self._base is not None and newest <= self._base:
            return
        if self._is_gapless and max(self._reached.values(), default=0) >= newest - LONGEST_GAP:
            for each in settled:  # the updates say the same
                each.is_done = True
            return
        if self._has_begun and not self._is_gapless and newest <= self._gap_at:
            return
        last: dict[tuple[str, ...] | None, _File] = {}
        for each in settled:
            if each.head is not None and newest - each.first <= LONGEST_GAP:
                last[each.head.table] = each
        yield from self._begin(sorted(last.values(), key=_order))

    def _begin(self, tables: list[_File]) -> Steps:
        """Read tables, and let the updates begin again behind them."""
        for file in self._files.values():
            if file.has_updates and not file.is_reported:
                file.close()
                file.is_done = False
        self._reached.clear()
        self._has_begun = self._is_gapless = True
        self._base, self._base_last = tables[0].first, tables[-1].first
        self._gap_at = 0
        self.records.begin()
        for file in tables:
            self.records.begin_table()
            yield from self._read(file, is_last=True)
            if not file.is_reported:
                yield from self.records.end_table(self._base_last)

    def _next(self, file: _File) -> _File | None:
        """Return a file that follows a file in its series."""
        series = series_of(file.name)
        return min(
            (
                each
                for each in self._files.values()
                if each.has_updates and each.order > file.order and series_of(each.name) == series
            ),
            key=_order,
            default=None,
        )

    def _is_before_base(self, file: _File) -> bool:
        following = self._next(file)
        return self._base is not None and following is not None and following.first <= self._base

    def _updates(self) -> Steps:
        waiting = [each for each in self._files.values() if each.has_updates and not each.is_done]
        for file in sorted(waiting, key=_order):
            if self._is_before_base(file):
                file.close()
                file.is_done = True
                continue
            if file.reader is None:
                yield from self._missing(file)
            yield from self._read(file, is_last=self._next(file) is not None)

    def _missing(self, file: _File) -> Steps:
        """Yield a gap if updates may be missing in front of a file."""
        series = series_of(file.name)
        reached = self._reached.get(series)
        if reached is None and self._base is None:
            return
        limit = self._base_last if reached is None else reached + LONGEST_GAP
        if file.first // _SECOND > limit // _SECOND:
            since = self._base_last if reached is None else reached
            yield self._gap("updates before its first record may be missing", file, since)
            file.is_reported = False

    def _read(self, file: _File, *, is_last: bool) -> Steps:
        """Read what a file has now.

        Args:
            file: the file.
            is_last: whether nothing is written to it any more.
        """
        try:
            if file.reader is None:
                file.reader = GrowingFile(self.folder / file.name)
                file.is_read = True
            reader, before = file.reader, -1
            while reader.taken != before:
                before = reader.taken
                yield from self._events(file, reader, reader.read())
                yield from self._damage(file, reader)
                yield None
            if is_last:
                yield from self._events(file, reader, reader.finish())
                yield from self._damage(file, reader)
        except OSError as error:
            yield self._gap(f"cannot be read: {error.strerror or error}", file)
            is_last = True
        if is_last:
            file.close()
            file.is_done = True

    def _damage(self, file: _File, reader: GrowingFile) -> Steps:
        if reader.reason is not None and not file.is_reported:
            yield self._gap(reader.reason, file)

    def _events(self, file: _File, reader: GrowingFile, records: Iterator[Record]) -> Steps:
        damages = reader.damages
        for record in records:
            time = record.header.timestamp
            is_damaged, damages = reader.damages != damages, reader.damages
            if file.is_table:
                self._base_last = max(self._base_last, time)
                is_message = isinstance(record.body, Bgp4mpMessage | StateChange)
                if is_message:  # updates behind the table in one stream
                    yield from self.records.message(record, is_damaged=is_damaged)
                else:
                    yield from self.records.table(record)
                continue
            series = series_of(file.name)
            self._reached[series] = max(self._reached.get(series, 0), time)
            if record.header.type in _TABLES:
                if not file.is_reported:
                    yield self._gap("a table behind updates is not read", file)
            elif self._base is None or time >= self._base:
                yield from self.records.message(record, is_damaged=is_damaged)


def _order(file: _File) -> tuple[int, str]:
    return file.order
