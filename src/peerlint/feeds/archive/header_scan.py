"""Scan the headers of MRT records: which the kernel reads, and which are decoded one by one.

A day of a collector has millions of UPDATEs and few other messages. UPDATEs are read by the kernel,
which makes rows only of routes that are asked about. Records that say when sessions begin and end,
and when all of their routes were sent, are decoded one by one.
"""

from __future__ import annotations

import struct
from enum import Enum, auto
from typing import Final

import attrs

from peerlint.wire.mrt import (
    EXTENDED_TYPES,
    HEADER_OCTETS,
    MAX_RECORD,
    MESSAGE_SUBTYPES,
    PEER_INDEX_TABLE,
    RIB_SUBTYPES,
    STATE_CHANGE_SUBTYPES,
    SUBTYPES,
    MrtType,
)

_HEADER: Final = struct.Struct(">III").unpack_from
_LENGTH: Final = struct.Struct(">H").unpack_from
_SECOND: Final = 1_000_000
_OPEN, _UPDATE, _KEEPALIVE = 1, 2, 4
#: Octets of the header of a BGP message, and its length and type in it.
_MARKER: Final = 16
#: An End-of-RIB has at most so many octets.
_END_OF_RIB: Final = 30
_IPV4: Final = 1
#: How many times at the end of a chunk are kept.
_TIMES: Final = 16


class PartKind(Enum):
    """How records of one kind are read."""

    #: Messages of sessions: by the kernel.
    MESSAGES = auto()
    #: RIB records behind a list of peers: by the kernel.
    TABLE = auto()
    #: Entries of a table of the old form, each with its peer: by the kernel.
    OLD_TABLE = auto()
    #: All others: one by one.
    OTHER = auto()


@attrs.define
class Part:
    """Records of one kind that follow one another.

    Attributes:
        kind: how they are read.
        start: the offset of the first one.
        end: the offset behind the last one.
        singles: offsets of the records that are decoded one by one.
        subtypes: the subtypes of RIB records and old entries.
    """

    kind: PartKind
    start: int
    end: int
    singles: list[int] = attrs.Factory(list)
    subtypes: set[int] = attrs.Factory(set)


@attrs.define
class ScannedChunk:
    """The records of a chunk, by how they are read.

    Attributes:
        parts: its whole records.
        end: the offset behind them.
        is_sound: whether the start of a record follows, or nothing; if not, it is damaged there.
        times: the times of its first or last records, in microseconds since 1970.
        peers: the octets of the last list of peers.
    """

    parts: list[Part]
    end: int
    is_sound: bool
    times: list[int]
    peers: bytes


@attrs.frozen
class _Form:
    """How records of one type and subtype are read.

    Attributes:
        kind: by what it is read.
        is_single: whether it is decoded by itself.
        subtype: its subtype.
        family_at: for a message, the offset of the address family in the record; else 0.
        is_sent: for a message, whether the collector sent it.
    """

    kind: PartKind
    is_single: bool
    subtype: int
    family_at: int = 0
    is_sent: bool = False


def _message(kind: int, subtype: int) -> _Form:
    """Return how a BGP message is read: by the kernel, unless `HeaderScanner` says otherwise."""
    has_four_octets, is_sent, _ = MESSAGE_SUBTYPES[subtype]
    microseconds = 4 if kind in EXTENDED_TYPES else 0
    # Two AS numbers and the number of the interface come before the address family.
    family_at = HEADER_OCTETS + microseconds + (10 if has_four_octets else 6)
    return _Form(PartKind.MESSAGES, False, subtype, family_at, is_sent)  # noqa: FBT003  # a row


def _form(kind: int, subtype: int) -> _Form:
    if kind in {MrtType.BGP4MP, MrtType.BGP4MP_ET}:
        if subtype in MESSAGE_SUBTYPES:
            return _message(kind, subtype)
        if subtype in STATE_CHANGE_SUBTYPES:
            return _Form(PartKind.MESSAGES, True, subtype)  # noqa: FBT003  # a row
    elif kind == MrtType.TABLE_DUMP:
        return _Form(PartKind.OLD_TABLE, False, subtype)  # noqa: FBT003  # a row
    elif kind == MrtType.TABLE_DUMP_V2 and subtype in {PEER_INDEX_TABLE, *RIB_SUBTYPES}:
        return _Form(PartKind.TABLE, subtype == PEER_INDEX_TABLE, subtype)
    return _Form(PartKind.OTHER, True, subtype)  # noqa: FBT003  # a row


_TABLES: Final = (PartKind.TABLE, PartKind.OLD_TABLE)
_PEERS: Final = MrtType.TABLE_DUMP_V2 << 16 | PEER_INDEX_TABLE
#: A kernel is set up for each part. Behind so many of them in a chunk, which only a crafted file
#: has, records are read one by one.
_MAX_PARTS: Final = 64
#: By type and subtype as one number.
_FORMS: Final = {
    kind << 16 | subtype: _form(kind, subtype)
    for kind, subtypes in SUBTYPES.items()
    for subtype in subtypes
}


class HeaderScanner:
    """Scans the chunks of one file.

    Attributes:
        limit: how many records are scanned; None for all.
    """

    def __init__(self, limit: int | None = None) -> None:
        """Start before the first chunk."""
        self.limit = limit
        #: Peers whose OPEN was received: their session is up with their next UPDATE.
        self._opened: set[bytes] = set()
        self._peers = b""

    def scan(self, data: bytes) -> ScannedChunk:  # noqa: C901  # calls for each record would cost
        """Scan the whole records of a chunk.

        Args:
            data: the octets, from the start of a record on.
        """
        parts: list[Part] = []
        ends: list[int] = [0]
        at, size, form, part = 0, len(data), None, None
        is_sound, limit = True, self.limit
        while at + HEADER_OCTETS <= size:
            _, code, length = _HEADER(data, at)
            form = _FORMS.get(code)
            if form is None or length > MAX_RECORD:
                is_sound = False
                break
            end = at + HEADER_OCTETS + length
            if end > size:
                break
            kind, is_single = form.kind, form.is_single
            if form.family_at:
                is_single, is_other = self._message(data, at + form.family_at, end, form)
                if is_other:
                    kind = PartKind.OTHER
            if len(parts) > _MAX_PARTS and code != _PEERS:
                kind, is_single = PartKind.OTHER, True
            if part is None or part.kind is not kind or code == _PEERS:
                part = Part(kind, at, end)
                parts.append(part)
            part.end = end
            if is_single:
                part.singles.append(at)
                if code == _PEERS:
                    self._peers = data[at:end]
            if kind in _TABLES:
                part.subtypes.add(form.subtype)
            at = end
            ends.append(at)
            if limit is not None and len(ends) > limit:
                break
        chosen = ends[:-1] if limit is not None else ends[-_TIMES - 1 : -1]
        times = [_HEADER(data, each)[0] * _SECOND for each in chosen]
        return ScannedChunk(parts, at, is_sound, times, self._peers)

    def _message(self, data: bytes, at: int, end: int, form: _Form) -> tuple[bool, bool]:
        """Return whether a message is decoded by itself, and whether with its routes.

        Args:
            data: the octets.
            at: the offset of the address family.
            end: the offset behind the record.
            form: where the record has what matters.
        """
        start = at + (10 if data[at + 1 : at + 2] == b"\1" else 34)
        if start + _MARKER + 3 > end:
            return True, True
        (length,) = _LENGTH(data, start + _MARKER)
        kind = data[start + _MARKER + 2]
        if start + length != end:
            return True, True
        if kind == _UPDATE:
            if self._opened and data[at:start] in self._opened:
                self._opened.discard(data[at:start])
                return True, False
            is_short = length <= _END_OF_RIB
            return is_short and data[start + 19 : start + 21] == b"\0\0", False
        if kind == _OPEN and not form.is_sent:
            self._opened.add(data[at:start])
        return kind != _KEEPALIVE, False
