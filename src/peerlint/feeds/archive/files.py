"""The files of an archive: their octets, and what kind they are."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Final

import attrs

from peerlint.errors import FeedError
from peerlint.feeds.archive.clock import typical
from peerlint.feeds.archive.header_scan import HeaderScanner, PartKind
from peerlint.feeds.archive.readings import ArchiveKind, ArchiveReading
from peerlint.feeds.dumps import Dump, OnChunk, is_descriptor
from peerlint.feeds.json_values import microseconds
from peerlint.feeds.ris_messages import RisMessage
from peerlint.wire.bmp import PEER_HEADER_OCTETS, decode_peer_header
from peerlint.wire.reader import Reader

#: How many records at the start of a file are read to find out when it begins.
_HEAD: Final = 16
_BMP_VERSION: Final = 3
_BMP_HEADER: Final = 6
_BMP_TYPES: Final = 7
#: Initiation and termination have no per-peer header.
_BMP_WITHOUT_PEER: Final = (4, 5)
_BMP_MESSAGES: Final = 1000
_NOTHING: Final = "it is empty"
_STRANGE: Final = "it is no MRT file, no BMP stream and no recording of RIS Live"


@attrs.define(eq=False)
class ArchiveFile:
    """One file, which is read once; its head is read before.

    Attributes:
        path: where it is; `-` is standard input.
        reading: what is found in it.
        start: the time of its first records, in microseconds since 1970; None if they have none.
        begins_connection: for a BMP stream, whether it begins with the start of a connection.
        table: identifies the table that it begins with, so that a later one of the same is known;
            None if it begins with no table.
        follow_redirects: whether a URL may lead to another server.
        on_chunk: called for every chunk that is read.
    """

    path: str
    reading: ArchiveReading
    start: int | None = None
    begins_connection: bool = False
    table: bytes | None = None
    follow_redirects: bool = False
    on_chunk: OnChunk | None = None
    _dump: Dump | None = None
    _head: bytes = b""
    _rest: Iterator[bytes] | None = None

    @property
    def cut(self) -> str | None:
        """Why the compressed stream ended early; None if it did not."""
        return None if self._dump is None else self._dump.cut

    def inspect(self) -> None:
        """Read the head: what it is, and when it begins. The reading says what is wrong."""
        try:
            dump = self._open(threads=1)
            chunks = dump.chunks()
            self._head = next(chunks, b"")
        except FeedError as error:
            self.reading.error = error.reason
            return
        if Path(self.path).is_file() and not is_descriptor(self.path):
            self._head, head = b"", self._head  # it is opened again, so that few files are open
        else:
            head, self._dump, self._rest = self._head, dump, chunks
        self._recognise(head, dump.cut)
        self.reading.first = self.start

    def chunks(self) -> Iterator[bytes]:
        """Return an iterator over the decompressed octets.

        Raises:
            FeedError: reading fails.
        """
        if self._rest is not None:
            return chain((self._head,), self._rest)
        self._dump = self._open()
        return self._dump.chunks(self.on_chunk)

    def _open(self, threads: int | None = None) -> Dump:
        return Dump(self.path, threads=threads, follow_redirects=self.follow_redirects)

    def _recognise(self, head: bytes, cut: str | None) -> None:
        reading = self.reading
        if not head:
            reading.error = cut or _NOTHING
        elif head[0] == _BMP_VERSION and head[5:6] < bytes((_BMP_TYPES,)):
            reading.kind = ArchiveKind.BMP
            self.start = _bmp_start(head)
            self.begins_connection = head[5] in _BMP_WITHOUT_PEER
        elif head.lstrip()[:1] == b"{":
            self._recognise_json(head)
        else:
            self._recognise_mrt(head)

    def _recognise_mrt(self, head: bytes) -> None:
        scanned = HeaderScanner(limit=_HEAD).scan(head)
        times = scanned.times
        if not times:
            # Damage at the start hides what it is, unless records are found behind it.
            found = next(iter(Reader((head,), source=self.path)), None)
            if found is None:
                self.reading.error = _STRANGE
                return
            times = [found.header.timestamp]
        limits = typical(times)
        self.start = None if limits is None else limits[0]
        first = scanned.parts[0] if scanned.parts else None
        is_table = first is not None and first.kind in (PartKind.TABLE, PartKind.OLD_TABLE)
        self.reading.kind = ArchiveKind.TABLE if is_table else ArchiveKind.UPDATES
        if is_table:
            subtypes = {each for part in scanned.parts for each in part.subtypes}
            self.table = repr((scanned.peers[12:18], sorted(subtypes))).encode()

    def _recognise_json(self, head: bytes) -> None:
        lines = head.splitlines()[:_HEAD]
        times: list[int] = []
        for line in lines:
            try:
                message = RisMessage.parse(line)
                times.append(microseconds("timestamp", message.data.get("timestamp")))
            except Exception:  # noqa: BLE001, S112  # whatever is wrong with it, it has no time
                continue
        limits = typical(times)
        if limits is None:
            self.reading.error = _STRANGE
            return
        self.reading.kind, self.start = ArchiveKind.RIS_LIVE, limits[0]


def _bmp_start(head: bytes) -> int | None:
    """Return the time of the first messages of a BMP stream; None if they have none."""
    times: list[int] = []
    at = 0
    for _ in range(_BMP_MESSAGES):
        if len(times) >= _HEAD or head[at : at + 1] != bytes((_BMP_VERSION,)):
            break
        length, kind = int.from_bytes(head[at + 1 : at + 5]), head[at + 5 : at + 6]
        end = at + _BMP_HEADER + PEER_HEADER_OCTETS
        if end > len(head) or length < _BMP_HEADER:
            break
        if kind and kind[0] not in _BMP_WITHOUT_PEER:
            time = decode_peer_header(head[at + _BMP_HEADER : end]).timestamp
            if time:
                times.append(time)
        at += length
    limits = typical(times)
    return None if limits is None else limits[0]
