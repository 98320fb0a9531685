"""A dump as values: every record decoded, damage accounted for, memory constant."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, Literal

import attrs

from peerlint.errors import WireError
from peerlint.wire.bgp import HEADER_OCTETS as MESSAGE_HEADER
from peerlint.wire.bgp import Message, MessageType, Update, decode_message, read_update
from peerlint.wire.bgp import decode_body as decode_message_body
from peerlint.wire.damage import Quality
from peerlint.wire.framing import Framing
from peerlint.wire.mrt import (
    HEADER_OCTETS,
    MAX_RECORD,
    PEER_INDEX_TABLE,
    RIB_SUBTYPES,
    SUBTYPES,
    Bgp4mpEntry,
    Bgp4mpMessage,
    Body,
    Header,
    MrtType,
    Peer,
    PeerIndexTable,
    Rib,
    TableDump,
    decode_body,
    decode_header,
    is_supported,
    read_rib,
)
from peerlint.wire.mrt.rib import GENERIC_SUBTYPES, LostEntry
from peerlint.wire.reach import ForeignFamilyError

_RIB_SUBTYPES: Final = frozenset((*RIB_SUBTYPES, *GENERIC_SUBTYPES))


@attrs.frozen
class Record:
    """One record of a dump.

    Attributes:
        offset: of its head in the decompressed stream.
        header: its head.
        body: what it says, as far as it can be read.
        peers: for a RIB record, the peer table in force; empty for all others.
        message: for a BGP4MP message, what it says, as far as it can be read.
    """

    offset: int
    header: Header
    body: Body
    peers: tuple[Peer, ...] = ()
    message: Message | None = None


class Reader:
    """One reading of one dump, record by record; iterate over it once.

    Attributes:
        quality: how well the dump could be read; whole after the last record.
    """

    def __init__(
        self, pages: Iterable[bytes], *, source: str, on_damage: Literal["keep", "raise"] = "keep"
    ) -> None:
        """Set up; nothing is read yet.

        Args:
            pages: the decompressed dump, in pieces of any size.
            source: its name, for errors.
            on_damage: "raise" raises a `DamageError` at the first damage.
        """
        self.quality = Quality()
        self._framing = Framing(pages, source=source, on_damage=on_damage)
        self._peers: tuple[Peer, ...] | None = None
        self._unsupported: Counter[tuple[int, int]] = Counter()
        self._records = self._entries = self._malformed = self._read = self._skipped = 0

    def __iter__(self) -> Iterator[Record]:
        """Yield the records that can be read, in the dump's order.

        Raises:
            DamageError: with on_damage="raise", at the first damage.
        """
        framing = self._framing
        while framing.next_page() or framing.pass_tail():
            yield from self._page()
        self._note_quality()

    def _page(self) -> Iterator[Record]:
        """Yield the records up to the one that the end of the page cuts."""
        framing = self._framing
        while framing.at + HEADER_OCTETS <= len(framing.buffer):
            at = framing.at
            kind = int.from_bytes(framing.buffer[at + 4 : at + 6])
            end = at + HEADER_OCTETS + int.from_bytes(framing.buffer[at + 8 : at + 12])
            if end - at - HEADER_OCTETS > MAX_RECORD or kind not in SUBTYPES:
                self._pass_unknown(kind, end)
                continue
            if end > len(framing.buffer):
                return
            record = self._record(end)
            if record is not None:
                yield record

    def _pass_unknown(self, kind: int, end: int) -> None:
        """Go on after a head of no known type: an unsupported record, or no record at all."""
        framing = self._framing
        at = framing.at
        if end - at - HEADER_OCTETS > MAX_RECORD or not framing.is_chain(end):
            framing.pass_headless()
            return
        subtype = int.from_bytes(framing.buffer[at + 6 : at + 8])
        self._skip(kind, subtype, end)

    def _skip(self, kind: int, subtype: int, end: int) -> None:
        self._unsupported[kind, subtype] += 1
        self._skipped += end - self._framing.at
        self._framing.at = end

    def _record(self, end: int) -> Record | None:
        """Read the record in hand and go on after it; None if nothing of it can be read."""
        framing = self._framing
        at = start = framing.at
        self._records += 1
        try:
            header = decode_header(framing.buffer, at)
            if not is_supported(header.type, header.subtype):
                self._skip(header.type, header.subtype, end)
                return None
            start = at + header.octets
            found = self._decode(header, framing.buffer[start:end])
        except ForeignFamilyError:
            self._skip(header.type, header.subtype, end)
            return None
        except WireError as error:
            # A head counts from the start of the buffer, a body from its own.
            self._break(error if start == at else error.moved(start), end)
            return None
        record = attrs.evolve(found.record, offset=framing.base + at)
        for lost in found.lost:
            framing.note(start + lost.at, lost.octets, found.expected, str(lost.peer))
            self._read -= lost.octets
        if found.error is not None:
            self._break(found.error.moved(start), end)
        else:
            self._read += end - at
            framing.at = end
        self._count(record)
        return record

    def _break(self, error: WireError, end: int) -> None:
        """Lose the rest of the record from the error's offset in the buffer on."""
        self._read += error.offset - self._framing.at
        self._framing.pass_broken(error.offset, end, error.expected, error.found)

    def _decode(self, header: Header, body: bytes) -> _Found:
        if header.type == MrtType.TABLE_DUMP_V2 and header.subtype in _RIB_SUBTYPES:
            return self._rib(header, body)
        if header.type == MrtType.TABLE_DUMP_V2 and header.subtype == PEER_INDEX_TABLE:
            self._peers = None  # a broken table must not leave the one before it in force
        value = decode_body(header.type, header.subtype, body)
        if isinstance(value, PeerIndexTable):
            self._peers = value.peers
        if isinstance(value, Bgp4mpMessage):
            return _message(header, value, len(body))
        return _Found(Record(0, header, value))

    def _rib(self, header: Header, body: bytes) -> _Found:
        peers = self._peers
        count = None if peers is None else len(peers)
        rib, lost, error = read_rib(header.subtype, body, count)
        record = Record(0, header, rib, peers or ())
        return _Found(record, error, lost, f"a peer index below {count}")

    def _count(self, record: Record) -> None:
        match record.body:
            case Rib(entries=entries):
                self._entries += len(entries)
                self._malformed += sum(bool(entry.attributes.malformed) for entry in entries)
            case TableDump(attributes=attributes) | Bgp4mpEntry(attributes=attributes):
                self._entries += 1
                self._malformed += bool(attributes.malformed)
        if isinstance(record.message, Update):
            announced, withdrawn = record.message.announced, record.message.all_withdrawn
            self._entries += len(announced) + len(withdrawn)
            if announced and record.message.attributes.withdrawn_for(in_rib=False):
                self._malformed += len(announced)

    def _note_quality(self) -> None:
        framing = self._framing
        self.quality = Quality(
            octets=framing.octets,
            records=self._records,
            entries=self._entries,
            malformed=self._malformed,
            read=self._read,
            skipped=self._skipped,
            lost=framing.lost,
            damages=framing.damages,
            damage=tuple(framing.damage),
            unsupported=tuple(
                (kind, subtype, count)
                for (kind, subtype), count in sorted(self._unsupported.items())
            ),
        )


@attrs.frozen
class _Found:
    """What could be read of a record, and what could not."""

    record: Record
    error: WireError | None = None
    lost: Sequence[LostEntry] = ()
    expected: str = ""


def _message(header: Header, value: Bgp4mpMessage, octets: int) -> _Found:
    """Read the message inside a record of so many octets."""
    at = octets - len(value.message)
    try:
        kind, body = decode_message(value.message)
    except WireError as error:
        raise error.moved(at) from None
    at += MESSAGE_HEADER
    if kind is not MessageType.UPDATE:
        try:
            return _Found(Record(0, header, value, (), decode_message_body(kind, body, value.form)))
        except WireError as error:
            raise error.moved(at) from None
    update, broken = read_update(body, value.form)
    if update.attributes.is_foreign:
        raise ForeignFamilyError(at, expected="IPv4 or IPv6", found="another family")
    record = Record(0, header, value, (), update)
    return _Found(record, None if broken is None else broken.moved(at))
