"""The part of the Python kernel that reads TABLE_DUMP (RFC 6396 section 4.2)."""

from __future__ import annotations

from typing import Final

from peerlint.bulk._contract import (
    IPV4_RECORDS,
    IPV6_RECORDS,
    RIB,
    BrokenError,
    Fault,
    PeerRow,
    Stop,
    is_new_table,
    need,
)
from peerlint.bulk._messages_py import Messages
from peerlint.bulk._peers import read_table_peer
from peerlint.bulk._rows_py import TAGGED, SnapshotState, left_aligned
from peerlint.wire.nlri import FAMILIES

#: View and sequence, once for all routes of a record.
_HEAD: Final = 4
#: AS numbers of two octets, and no path identifiers.
_FORM: Final = 0

#: Peer, first address and length of the prefix, where the attributes start and end.
_Entry = tuple[int, int, int, int, int]


class TableDumps(Messages):
    """Rows of a table whose routes name their peer themselves: address and AS number."""

    def _table_dump(self, subtype: int, start: int, end: int) -> Stop | None:
        family = FAMILIES[subtype]
        need(start, _HEAD + _fixed(family), end)
        table = self._old_table(subtype, start)
        entries: list[_Entry] = []
        at, broken = start + _HEAD, None
        while at < end:
            try:
                # Behind the first one it may be the record behind, see `wire.mrt.table_dump`.
                entry = self._table_entry(family, at, end, table, is_first=at == start + _HEAD)
            except BrokenError as error:
                broken = error
                break
            if entry is None:  # its peer is new: rows come when that is known
                return None
            entries.append(entry)
            at = entry[-1]
        for entry in entries:
            self._table_route(family, *entry)
        if broken is not None:
            raise broken
        self._read_all(end)
        return Stop.END

    def _old_table(self, subtype: int, start: int) -> SnapshotState:
        """Return the snapshot that a record belongs to, and note that it has the record."""
        view = int.from_bytes(self._buffer[start : start + 2])
        sequence = int.from_bytes(self._buffer[start + 2 : start + 4])
        table = self._old_tables.get(view)
        if table is None or is_new_table(
            table.sequences.get(subtype, -1), sequence, self._timestamp - table.last
        ):
            is_late = table is not None and table.is_damaged and sequence > 0
            table = self._begin_snapshot(b"", view.to_bytes(2))
            table.is_late = is_late
            self._old_tables[view] = table
        table.sequences[subtype], table.last = sequence, self._timestamp
        table.families |= IPV4_RECORDS if FAMILIES[subtype] == 4 else IPV6_RECORDS
        return table

    def _old_peer(self, row: PeerRow, table: SnapshotState) -> int | None:
        """Return the peer's index, None if it is new in its snapshot."""
        key = (row, table.number)
        index = self._old_peers.get(key)
        if index is None:
            self._old_peers[key] = self._add_peer(row, table.number)
        return index

    def _table_entry(
        self, family: int, at: int, end: int, table: SnapshotState, *, is_first: bool
    ) -> _Entry | None:
        """Read the route at an offset; None if its peer is new."""
        buffer = self._buffer
        width = 4 if family == 4 else 16
        length_at, start = at + width, at + _fixed(family)
        need(at, start - at, end)
        size = int.from_bytes(buffer[start - 2 : start])
        after, length = start + size, buffer[length_at]
        if not is_first and (length > 8 * width or not self._is_list(start, after, end)):
            raise BrokenError(at, Fault.NO_RECORD_END, 0, end - at)
        if length > 8 * width:
            raise BrokenError(length_at, Fault.PREFIX_LENGTH, 8 * width, length)
        need(start, size, end)
        peer = self._old_peer(read_table_peer(buffer, at, family), table)
        if peer is None:
            return None
        shift = 8 * width - length
        first = int.from_bytes(buffer[at:length_at]) >> shift << shift
        return peer, first, length, start, after

    def _is_list(self, at: int, after: int, end: int) -> bool:
        """Whether there is an attribute, and each ends inside the list."""
        if not at < after <= end:
            return False
        while at + 3 <= after:
            value = at + (4 if self._buffer[at] & 0x10 else 3)
            if value > after:
                return False
            at = value + int.from_bytes(self._buffer[at + 2 : value])
        return at == after

    def _table_route(self, family: int, peer: int, first: int, length: int, *place: int) -> None:
        at, after = place
        self._entries[peer] += 1
        if (reading := self._readings[peer]) < 0:
            return
        self._ipv6[peer] += family == 6
        buffer = self._buffer
        if not self._inside(family, first, length) and not (
            self._tagged_too and self._facts.is_tagged(buffer, at, after)
        ):
            return
        judged = self._facts.judge(buffer, at, after, _FORM, reading, self._owns[peer])
        facts, path_length, origin = judged
        self._tagged[peer] += bool(facts & TAGGED)
        bits = facts | self._prefix_bits(family, first, length)
        self._rows.append(
            (RIB, family, 1, length, _FORM, peer, bits, path_length, self._timestamp)
            + (*left_aligned(family, first), -1, origin, self._record, at, after - at)
        )


def _fixed(family: int) -> int:
    """Return how many octets a route has in front of its attributes."""
    return 2 * (4 if family == 4 else 16) + 10
