"""Read the records of an MRT file while it is being written."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final, Self

from peerlint.feeds.streams import Decompressor, StreamError, kind_of, needs_more
from peerlint.wire.framing import is_record_header
from peerlint.wire.mrt import HEADER_OCTETS, MAX_RECORD
from peerlint.wire.reader import Reader, Record

#: Octets of a file that are read at a time.
PIECE: Final = 1 << 18
#: Octets that have to follow what is no record, or the end of the file, before it is passed: the
#: next records are found by their headers.
LOOKAHEAD: Final = 1 << 20


class GrowingFile:
    """An MRT file, plain or compressed, that may not be complete yet.

    It stays open, so that it can be read to its end after it was renamed or removed.

    Attributes:
        taken: octets of the file read so far.
        failure: why it cannot be read any further; None if it can.
    """

    def __init__(self, path: Path) -> None:
        """Open a file.

        Raises:
            OSError: it cannot be opened.
        """
        self.taken = 0
        self.failure: str | None = None
        # Opening a pipe would wait for its writer.
        self._file = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        self._reader = Reader((), source=str(path))
        self._head: bytes | None = b""
        self._decompressor: Decompressor | None = None
        self._held = b""
        self._is_stuck = False

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the file."""
        self.close()

    def close(self) -> None:
        """Close the file."""
        os.close(self._file)

    @property
    def size(self) -> int:
        """The octets that the file has now."""
        return os.fstat(self._file).st_size

    @property
    def damages(self) -> int:
        """The number of damages so far."""
        return self._reader.damages + self._is_stuck

    @property
    def reason(self) -> str | None:
        """What is damaged, or may hide routes, in words; None if nothing is."""
        if self.failure is not None:
            return self.failure
        if self._reader.damage:
            return f"damaged: {self._reader.damage[0]}"
        if self._is_stuck:
            return f"damaged: no MRT record header behind octet {self._reader.octets:,}"
        if self._reader.may_hide_routes:
            return "records of unsupported types may hide routes"
        return None

    def read(self) -> Iterator[Record]:
        """Take the next piece, and yield the records that are complete by it.

        `taken` says whether there was any.
        """
        if self.failure is not None:
            return
        try:
            data = os.read(self._file, PIECE)
        except OSError as error:
            self.failure = f"cannot be read: {error.strerror or error}"
            return
        self.taken += len(data)
        if data:
            yield from self._take(data)

    def finish(self) -> Iterator[Record]:
        """End the file: what is incomplete now is damage, and what follows damage is read."""
        if self.failure is None and self._head:
            yield from self._start(self._head)
        self._is_stuck = False
        if self._held:
            held, self._held = self._held, b""
            yield from self._reader.feed(held)
        yield from self._reader.end()
        if self.failure is None and self._decompressor is not None:
            try:
                self._decompressor.end()
            except StreamError as error:
                self.failure = str(error)

    def _take(self, data: bytes) -> Iterator[Record]:
        if self._head is None:
            yield from self._decompressed(data)
            return
        self._head += data
        if not needs_more(self._head):
            yield from self._start(self._head)

    def _start(self, head: bytes) -> Iterator[Record]:
        """Find out by the first octets whether the file is compressed."""
        self._head = None
        try:
            kind = kind_of(head)
        except StreamError as error:
            self.failure = str(error)
            return
        if kind is not None:
            self._decompressor = Decompressor(kind)
        yield from self._decompressed(head)

    def _decompressed(self, data: bytes) -> Iterator[Record]:
        if self._decompressor is None:
            yield from self._records(data)
            return
        try:
            for chunk in self._decompressor.feed(data):
                yield from self._records(chunk)
        except StreamError as error:
            self.failure = str(error)

    def _records(self, octets: bytes) -> Iterator[Record]:
        """Feed the reader with whole records only, or with enough to find the next one."""
        self._held += octets
        before = self._reader.pending
        data = before + self._held
        end, self._is_stuck = _whole(data)
        if self._is_stuck and len(data) - end >= LOOKAHEAD:
            end, self._is_stuck = len(data), False
        count = max(0, end - len(before))
        ready, self._held = self._held[:count], self._held[count:]
        if ready:
            yield from self._reader.feed(ready)


def _whole(data: bytes) -> tuple[int, bool]:
    """Return where the last complete record ends, and whether damage follows it for certain."""
    at = 0
    while at + HEADER_OCTETS <= len(data):
        end = at + HEADER_OCTETS + int.from_bytes(data[at + 8 : at + HEADER_OCTETS])
        is_header = is_record_header(data[at : at + HEADER_OCTETS])
        if end - at - HEADER_OCTETS > MAX_RECORD:
            return at, True
        if not is_header:  # a type that is not known, if another record follows
            if end + HEADER_OCTETS > len(data):
                return at, len(data) - at >= LOOKAHEAD
            if not is_record_header(data[end : end + HEADER_OCTETS]):
                return at, True
        if end > len(data):
            break
        at = end
    return at, False
