"""Read a dump record by record, in constant memory, and account for damage."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable, Iterator
from typing import Final, Literal

import attrs

from peerlint.errors import WireError
from peerlint.wire.bgp import Message, Update
from peerlint.wire.damage import Damage, Lost, Quality, SkippedKinds
from peerlint.wire.framing import Framing
from peerlint.wire.messages import read_messages
from peerlint.wire.mrt import (
    HEADER_OCTETS,
    MAX_RECORD,
    PEER_INDEX_TABLE,
    RIB_SUBTYPES,
    SUBTYPES,
    SUPPORTED,
    Bgp4mpEntry,
    Body,
    Header,
    MrtType,
    Peer,
    PeerIndexTable,
    body_of,
    decode_body,
    decode_header,
    may_hold_ipv4,
    read_rib,
    read_table_dump,
)
from peerlint.wire.mrt.bgp4mp import MESSAGE_SUBTYPES, decode_bgp4mp_message
from peerlint.wire.mrt.rib import GENERIC_SUBTYPES
from peerlint.wire.nlri import FAMILIES
from peerlint.wire.reach import ForeignFamilyError

_KIND_AND_LENGTH: Final = struct.Struct(">HHI").unpack_from
#: Type and subtype of a PEER_INDEX_TABLE.
_PEER_TABLE: Final = struct.pack(">HH", MrtType.TABLE_DUMP_V2, PEER_INDEX_TABLE)
_BGP4MP: Final = (MrtType.BGP4MP, MrtType.BGP4MP_ET)
_RIB_SUBTYPES: Final = frozenset((*RIB_SUBTYPES, *GENERIC_SUBTYPES))


@attrs.frozen
class Record:
    """One record of a dump.

    Attributes:
        offset: the offset of its header in the decompressed stream.
        header: its header.
        body: its decoded body, as far as it can be read.
        peers: for a RIB record, the peers of the preceding peer table; empty for all others.
        message: for a BGP4MP message, the decoded message, as far as it can be read.
    """

    offset: int
    header: Header
    body: Body
    peers: tuple[Peer, ...] = ()
    message: Message | None = None


@attrs.frozen
class _Decoded:
    """A record as far as it can be read.

    Attributes:
        records: one for each message of a record with messages; exactly one for other records.
        error: why reading ended before the end of the record; None if it did not.
        lost: the ranges of its body, before that error, that cannot be read.
        is_foreign: whether a part of it is of an address family or message type that is not
            supported.
    """

    records: tuple[Record, ...]
    error: WireError | None = None
    lost: tuple[Lost, ...] = ()
    is_foreign: bool = False


#: Reads a body; takes the header, the body's offset in the buffer, and the body.
_Decode = Callable[[Header, int, bytes], _Decoded]


class Reader:
    """An iterator over the records of one dump, which can be used once.

    Attributes:
        quality: how well the dump could be read; complete after the last record.
    """

    def __init__(
        self, chunks: Iterable[bytes], *, source: str, on_damage: Literal["keep", "raise"] = "keep"
    ) -> None:
        """Prepare to read; no chunk is taken yet.

        Args:
            chunks: the decompressed dump, in chunks of any size.
            source: the dump's name, for errors.
            on_damage: "raise" raises a `DamageError` at the first damage.
        """
        self.quality = Quality()
        self._framing = Framing(chunks, source=source, on_damage=on_damage)
        self._peers: tuple[Peer, ...] | None = None
        self._unsupported = SkippedKinds()
        self._records = self._entries = self._malformed = self._read = self._skipped = 0
        self._may_hide = self._undeclared_path_ids = 0
        self._decoders: dict[tuple[int, int], _Decode] = {
            **dict.fromkeys(SUPPORTED, self._decode),
            **{(MrtType.TABLE_DUMP, subtype): self._table_dump for subtype in FAMILIES},
            **{(MrtType.TABLE_DUMP_V2, subtype): self._rib for subtype in _RIB_SUBTYPES},
            **{(kind, subtype): self._message for kind in _BGP4MP for subtype in MESSAGE_SUBTYPES},
        }

    def __iter__(self) -> Iterator[Record]:
        """Yield the records that can be read, in the order of the dump.

        Raises:
            DamageError: with on_damage="raise", at the first damage.
        """
        framing = self._framing
        while framing.next_chunk() or self._pass_tail():
            yield from self._complete_records()
        self._note_quality()

    @property
    def pending(self) -> bytes:
        """The octets of a dump that grows, see `feed`, that are not a complete record yet."""
        return self._framing.pending

    @property
    def octets(self) -> int:
        """The number of octets of the dump that have been passed."""
        return self._framing.octets

    @property
    def damages(self) -> int:
        """The number of damages so far."""
        return self._framing.damages

    @property
    def damage(self) -> tuple[Damage, ...]:
        """The first damages so far."""
        return tuple(self._framing.damage)

    @property
    def may_hide_routes(self) -> int:
        """The number of records so far that are not supported and may have an IPv4 route."""
        return self._may_hide

    def feed(self, octets: bytes) -> Iterator[Record]:
        """Yield the records that more octets of a dump complete, which is still being written.

        Damage is passed by what is there: the caller should wait for more octets before it feeds
        what does not look like a record.
        """
        self._framing.go_on((octets,))
        while self._framing.next_chunk():
            yield from self._complete_records()

    def end(self) -> Iterator[Record]:
        """End a dump that was fed, and yield the records that are found behind damage there."""
        while self._pass_tail():
            yield from self._complete_records()
        self._note_quality()

    def _complete_records(self) -> Iterator[Record]:
        """Yield the records that are complete in the buffer."""
        framing = self._framing
        while framing.at + HEADER_OCTETS <= len(framing.buffer):
            kind, _, length = _KIND_AND_LENGTH(framing.buffer, framing.at + 4)
            end = framing.at + HEADER_OCTETS + length
            if length > MAX_RECORD or kind not in SUBTYPES:
                self._pass_unknown(kind, end)
                continue
            if end > len(framing.buffer):
                return
            yield from self._record(end)

    def _pass_tail(self) -> bool:
        self._drop_table()
        return self._framing.pass_tail()

    def _drop_table(self) -> None:
        """Drop the peers if the current record is a peer table that cannot be read.

        The previous table must not be applied to the RIB records that follow.
        """
        framing = self._framing
        if framing.buffer[framing.at + 4 : framing.at + 8] == _PEER_TABLE:
            self._peers = None

    def _pass_unknown(self, kind: int, end: int) -> None:
        """Pass a header of an unknown type: an unsupported record, or no record at all."""
        framing = self._framing
        at = framing.at
        self._drop_table()
        subtype = int.from_bytes(framing.buffer[at + 6 : at + 8])
        size = end - at
        if size - HEADER_OCTETS > MAX_RECORD or not framing.is_sound(size):
            framing.pass_headless()
            return
        end = framing.at + size  # `is_sound` may have moved the buffer
        self._skip(kind, subtype, end, may_hide=may_hold_ipv4(kind, subtype))

    def _skip(self, kind: int, subtype: int, end: int, *, may_hide: bool, lost: int = 0) -> None:
        self._unsupported.add(kind, subtype)
        self._may_hide += may_hide
        self._skipped += end - self._framing.at - lost
        self._framing.at = end

    def _record(self, end: int) -> tuple[Record, ...]:
        """Read the current record and pass it; return no record if nothing can be read."""
        framing = self._framing
        at = start = framing.at
        self._records += 1
        try:
            header = decode_header(framing.buffer, at)
            decode = self._decoders.get((header.type, header.subtype))
            if decode is None:
                may_hide = may_hold_ipv4(header.type, header.subtype)
                self._skip(header.type, header.subtype, end, may_hide=may_hide)
                return ()
            start = at + header.octets
            decoded = decode(header, start, body_of(framing.buffer, start, end))
        except ForeignFamilyError:
            self._skip(header.type, header.subtype, end, may_hide=False)
            return ()
        except WireError as error:
            # Offsets count from the start of the buffer for a header, of the body for a body.
            self._break(error if start == at else error.moved(start), end)
            return ()
        lost = self._note_lost(decoded.lost, framing.base + start) if decoded.lost else 0
        if decoded.error is not None:
            self._read -= lost
            self._break(decoded.error.moved(start), end)
        elif decoded.is_foreign:
            self._skip(header.type, header.subtype, end, may_hide=False, lost=lost)
        else:
            self._read += end - at - lost
            framing.at = end
        return decoded.records

    def _note_lost(self, lost: Iterable[Lost], start: int) -> int:
        """Record the lost ranges of a body that starts at an offset of the stream; count them."""
        octets = 0
        for each in lost:
            size = each.end - each.at
            self._framing.note(start + each.at, size, each.error.expected, each.error.found)
            octets += size
        return octets

    def _break(self, error: WireError, end: int) -> None:
        """Count the rest of the record, from the error's offset in the buffer on, as lost."""
        self._read += error.offset - self._framing.at
        self._framing.pass_broken(error.offset, end, error.expected, error.found)

    def _decode(self, header: Header, _start: int, body: bytes) -> _Decoded:
        if (header.type, header.subtype) == (MrtType.TABLE_DUMP_V2, PEER_INDEX_TABLE):
            self._peers = None  # if this table is broken, the previous one must not apply
        value = decode_body(header.type, header.subtype, body)
        if isinstance(value, PeerIndexTable):
            self._peers = value.peers
        elif isinstance(value, Bgp4mpEntry):
            self._entries += 1
            self._malformed += bool(value.attributes.malformed)
        return _Decoded((Record(self._framing.octets, header, value),))

    def _table_dump(self, header: Header, _start: int, body: bytes) -> _Decoded:
        value, broken = read_table_dump(header.subtype, body)
        for entry in value:
            self._entries += 1
            self._malformed += bool(entry.attributes.malformed)
        return _Decoded((Record(self._framing.octets, header, value),), broken)

    def _rib(self, header: Header, start: int, body: bytes) -> _Decoded:
        peers = self._peers
        count = None if peers is None else len(peers)
        rib, outside, broken = read_rib(header.subtype, body, count)
        for lost in outside:
            expected = f"a peer index below {count}"
            at = self._framing.base + start + lost.at
            self._framing.note(at, lost.octets, expected, str(lost.peer))
            self._read -= lost.octets
        self._entries += len(rib.entries)
        for entry in rib.entries:
            if entry.attributes.faults and entry.attributes.malformed:
                self._malformed += 1
        return _Decoded((Record(self._framing.octets, header, rib, peers or ()),), broken)

    def _message(self, header: Header, _start: int, body: bytes) -> _Decoded:
        value = decode_bgp4mp_message(header.subtype, body)
        start = len(body) - len(value.message)
        readings, error = read_messages(value.message, value.form)
        records: list[Record] = []
        lost: tuple[Lost, ...] = ()
        is_foreign = False
        for each in readings:
            self._undeclared_path_ids += each.undeclared_path_ids
            entries = self._count_update(each.message) if isinstance(each.message, Update) else 0
            if each.message is not None and (entries or not each.is_foreign):
                one = value
                if each.octets is not value.message:  # a memoryview, or one of several
                    one = attrs.evolve(value, message=each.octets)
                records.append(Record(self._framing.octets, header, one, (), each.message))
            if each.lost:
                lost += tuple(part.moved(start) for part in each.lost)
            is_foreign |= each.is_foreign
        broken = None if error is None else error.moved(start)
        return _Decoded(tuple(records), broken, lost, is_foreign)

    def _count_update(self, update: Update) -> int:
        """Count the announcements and withdrawals of an UPDATE, and return their number."""
        attributes = update.attributes
        reach, unreach = attributes.mp_reach, attributes.mp_unreach
        announced = len(update.nlri) + (0 if reach is None else len(reach.nlri))
        withdrawn = len(update.withdrawn) + (0 if unreach is None else len(unreach.nlri))
        self._entries += announced + withdrawn
        if announced and attributes.withdrawn_for(in_rib=False):
            self._malformed += announced
        return announced + withdrawn

    def _note_quality(self) -> None:
        framing = self._framing
        other_kinds, other_records, kinds_full = self._unsupported.others
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
            unsupported=self._unsupported.most,
            may_hide_routes=self._may_hide,
            undeclared_path_ids=self._undeclared_path_ids,
            other_kinds=other_kinds,
            other_records=other_records,
            kinds_full=kinds_full,
        )
