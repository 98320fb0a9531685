"""The steps of one MRT file: rows of routes that are asked about, and records for the rest.

Octets that are no records for certain are left to the reader that finds the next record behind
damage; so is the rest of such a file.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import Final

import attrs
import numpy as np
import numpy.typing as npt

from peerlint.bulk import DumpPeer, DumpReader, Kind, RouteBatch
from peerlint.events import Gap, TableRef
from peerlint.feeds.archive.files import ArchiveFile
from peerlint.feeds.archive.growing_selection import GrowingSelection
from peerlint.feeds.archive.header_scan import HeaderScanner, Part, PartKind
from peerlint.feeds.archive.overlap import overlapping
from peerlint.feeds.archive.steps import Step
from peerlint.feeds.event_context import EventContext
from peerlint.model import Criteria, Prefix, View, Viewpoint
from peerlint.wire.mrt import (
    HEADER_OCTETS,
    RIB_SUBTYPES,
    Bgp4mpMessage,
    PeerIndexTable,
    StateChange,
)
from peerlint.wire.nlri import FAMILIES
from peerlint.wire.reader import Reader, Record

_UNICAST: Final = 1
_SECOND: Final = 1_000_000
_VIEWPOINT: Final = Viewpoint(View.RECEIVED)
_TABLES: Final = (PartKind.TABLE, PartKind.OLD_TABLE)
_HIDDEN: Final = "records of unsupported types may hide routes"


@attrs.define(eq=False)
class MrtFile:
    """Reads one file.

    Attributes:
        file: the file.
        feed: the feed's name.
        router: the router's name.
        view: where its routes are observed; messages that the router sent are of the view `sent`.
        watched: which routes become steps.
        reached: the time of the last records so far, in microseconds since 1970.
    """

    file: ArchiveFile
    feed: str
    router: str
    view: View | None
    watched: GrowingSelection
    reached: int = 0
    _tables: dict[DumpPeer, TableRef] = attrs.Factory(dict)
    _base: int = 0
    _taken: int = 0
    _start: int = 0
    _is_hiding: bool = False

    def steps(self) -> Iterator[Step]:
        """Yield the steps of the file.

        Raises:
            FeedError: reading fails.
        """
        scanner, tail, peers = HeaderScanner(), b"", b""
        reader = Reader((), source=self.file.path)
        chunks = self.file.chunks()
        for chunk in chunks:
            data = tail + chunk if tail else chunk
            scanned = scanner.scan(data)
            self._reached(scanned.times)
            for part in scanned.parts:
                yield from self._part(data, part, peers, reader)
                if part.kind is PartKind.TABLE and part.singles:
                    peers = _octets(data, part.singles[-1])
            self._base += scanned.end
            tail = data[scanned.end :]
            if not scanned.is_sound:
                break
        if tail:
            yield from self._slowly(peers, chain((tail,), chunks))
        if self.file.cut is not None:
            yield self._gap(self.file.cut, self._base)

    def _reached(self, times: list[int]) -> None:
        if not times:
            return
        middle = sorted(times)[len(times) // 2]
        self.reached = max(self.reached, middle)
        self.file.reading.note_time(middle)

    # -- what the kernel reads

    def _part(self, data: bytes, part: Part, peers: bytes, reader: Reader) -> Iterator[Step]:
        """Yield the steps of a part in the order of their records."""
        if part.kind is PartKind.OTHER:
            yield from self._records(data, part, reader, has_routes=True)
            return
        head = b"" if part.kind is not PartKind.TABLE or part.singles else peers
        octets = head + data[part.start : part.end]
        if part.kind is PartKind.TABLE and part.singles:
            self._taken = int.from_bytes(octets[:4]) * _SECOND
        elif part.kind is PartKind.OLD_TABLE:
            self._taken = self._taken or int.from_bytes(octets[:4]) * _SECOND
        batches, rows = self._rows(octets, self._base + part.start - len(head))
        steps = [
            *self._records(data, part, reader, has_routes=False),
            *self._table_steps(part, rows),
            *chain.from_iterable(map(self._row_steps, batches)),
            *self._damage(rows, part, len(head)),
        ]
        if part.kind in _TABLES:
            yield from steps  # the list of peers first, then their routes
        else:
            steps.sort(key=_place)
            yield from steps

    def _rows(self, octets: bytes, base: int) -> tuple[list[RouteBatch], DumpReader]:
        """Read octets, again if they have tagged routes outside the filter."""
        self._start = base
        while True:
            reader = DumpReader(
                (octets,),
                source=self.file.path,
                viewpoint=self._viewpoint,
                criteria=Criteria(community=self.watched.selection.community),
                prefix_filter=self.watched.prefix_filter,
                tagged_too=True,
            )
            batches = list(reader)
            known = self.watched.prefix_filter
            if known is None:
                return batches, reader
            # A withdrawal does not say whether the route carried the community.
            inside = [overlapping(each, known) for each in batches]
            if not self.watched.add(chain.from_iterable(map(_tagged, batches, inside))):
                kept = [
                    attrs.evolve(batch, rows=batch.rows[mask])
                    for batch, mask in zip(batches, inside, strict=True)
                ]
                return kept, reader

    def _viewpoint(self, peer: DumpPeer) -> Viewpoint | None:
        return _VIEWPOINT if self.watched.watches(self.router, self._table(peer)) else None

    def _table(self, peer: DumpPeer) -> TableRef:
        found = self._tables.get(peer)
        if found is None:
            view = View.SENT if peer.sent else self.view
            found = TableRef(peer.peer.address, peer.peer.known_asn, view)
            self._tables[peer] = found
        return found

    def _row_steps(self, batch: RouteBatch) -> Iterator[Step]:
        names = ("kind", "safi", "peer", "timestamp", "record")
        columns = (batch.rows[name].tolist() for name in names)
        reading = self.file.reading
        for route, kind, safi, peer, sent, record in zip(batch.routes(), *columns, strict=True):
            if safi != _UNICAST:
                continue
            time = self._taken if kind == Kind.RIB else sent
            table = self._table(batch.peers[peer])
            context = EventContext(self.feed, self.router, table, time, sent)
            event = (
                context.withdraw(route.prefix, route.path_id)
                if kind == Kind.WITHDRAW
                else context.announce(route)
            )
            yield Step(time, self._start + record, reading, event=event)

    def _table_steps(self, part: Part, rows: DumpReader) -> Iterator[Step]:
        """Yield the peers of an old table, and the families of a table."""
        reading, place = self.file.reading, self._base + part.start
        if part.kind is PartKind.OLD_TABLE:
            for each in rows.counts:
                if each.entries:
                    yield Step(self._taken, place, reading, peer=each.peer.peer)
        if part.kind in _TABLES and part.subtypes:
            families = frozenset(_families(part))
            if families:
                yield Step(self._taken, place, reading, families=families)

    def _damage(self, rows: DumpReader, part: Part, head: int) -> Iterator[Step]:
        found = rows.quality
        if found.damages:
            first = found.damage[0]
            offset = self._base + part.start - head + first.offset
            there = attrs.evolve(first, offset=offset)
            yield self._gap(f"damaged: {there}", offset)
        if found.may_hide_routes:
            yield from self._hides(self._base + part.end)

    def _hides(self, place: int) -> Iterator[Step]:
        if not self._is_hiding:
            self._is_hiding = True
            yield self._gap(_HIDDEN, place)

    # -- what is read record by record

    def _records(
        self, data: bytes, part: Part, reader: Reader, *, has_routes: bool
    ) -> Iterator[Step]:
        """Yield the records of a part that are looked at."""
        reading = self.file.reading
        for at in part.singles:
            damages, hiding = reader.damages, reader.may_hide_routes
            place = self._base + at
            for record in reader.feed(_octets(data, at)):
                time = self._slow_time(record) if has_routes else self._time(record, part.kind)
                is_damaged = reader.damages != damages
                yield Step(
                    time, place, reading,
                    record=record, is_damaged=is_damaged, has_routes=has_routes,
                )  # fmt: skip
            if has_routes and reader.damages != damages:
                yield self._gap(_damage_text(reader, place), place)
            if reader.may_hide_routes != hiding:
                yield from self._hides(place)

    def _time(self, record: Record, kind: PartKind) -> int:
        return self._taken if kind in _TABLES else record.header.timestamp

    def _slowly(self, peers: bytes, chunks: Iterator[bytes]) -> Iterator[Step]:
        """Yield the records behind damage, with their routes."""
        head = len(peers)
        reader = Reader(chain((peers,), chunks), source=self.file.path)
        damages, reading = 0, self.file.reading
        for record in reader:
            if record.offset < head:
                continue
            place = self._base + record.offset - head
            is_damaged = reader.damages != damages
            time = self._slow_time(record)
            if is_damaged:
                damages = reader.damages
                yield self._gap(_damage_text(reader, self._base - head), place)
            self._reached([record.header.timestamp])
            yield Step(time, place, reading, record=record, is_damaged=is_damaged, has_routes=True)
        if reader.damages != damages:
            yield self._gap(_damage_text(reader, self._base - head), self._base + reader.octets)
        if reader.may_hide_routes:
            yield from self._hides(self._base + reader.octets)

    def _slow_time(self, record: Record) -> int:
        """Return the time of a record; that of a table for one that is in a table."""
        time = record.header.timestamp
        if isinstance(record.body, Bgp4mpMessage | StateChange):
            return time
        if isinstance(record.body, PeerIndexTable) or not self._taken:
            self._taken = time
        return self._taken

    def _gap(self, reason: str, place: int) -> Step:
        self.file.reading.add_damage(reason)
        text = f"{self.file.reading.name}: {reason}"
        gap = Gap(feed=self.feed, router=self.router, time=0, reason=text)
        return Step(None, place, self.file.reading, event=gap)


def _octets(data: bytes, at: int) -> bytes:
    """Return the octets of the record at an offset."""
    end = at + HEADER_OCTETS + int.from_bytes(data[at + 8 : at + HEADER_OCTETS])
    return data[at:end]


def _tagged(batch: RouteBatch, inside: npt.NDArray[np.bool_]) -> Iterator[Prefix]:
    """Yield the prefixes of tagged routes outside the filter."""
    for row in np.flatnonzero(~inside & (batch.rows["kind"] != Kind.WITHDRAW)).tolist():
        yield batch.prefix(row)


def _place(step: Step) -> int:
    """Return the offset of a step's record; a record that begins a session comes first."""
    return step.place if isinstance(step.place, int) else 0


def _families(part: Part) -> Iterator[tuple[int, int]]:
    """Yield the address families and SAFIs of the records of a table."""
    for subtype in part.subtypes:
        if part.kind is PartKind.OLD_TABLE:
            if subtype in FAMILIES:
                yield FAMILIES[subtype], _UNICAST
        elif subtype in RIB_SUBTYPES:
            family, safi, *_ = RIB_SUBTYPES[subtype]
            yield family, safi


def _damage_text(reader: Reader, base: int) -> str:
    if not reader.damage:
        return "damaged"
    last = reader.damage[-1]
    return f"damaged: {attrs.evolve(last, offset=max(0, base + last.offset))}"
