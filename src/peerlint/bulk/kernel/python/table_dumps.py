"""The part of the Python kernel that reads TABLE_DUMP (RFC 6396 section 4.2)."""

from __future__ import annotations

from struct import unpack_from
from typing import Final

from peerlint.bulk.kernel.contract import RIB, BrokenError, Fault, PeerRow, Stop, need
from peerlint.bulk.kernel.peers import read_table_peer
from peerlint.bulk.kernel.python.rows import TAGGED, left_aligned
from peerlint.bulk.kernel.python.snapshots import Snapshots
from peerlint.bulk.prefix_filter import PrefixFilter
from peerlint.model import Criteria
from peerlint.wire.nlri import FAMILIES

#: View and sequence, once for all routes of a record.
_HEAD: Final = 4
#: AS numbers of two octets, and no path identifiers.
_FORM: Final = 0

#: Peer, where the route starts and ends.
_Entry = tuple[int, int, int]


class TableDumps(Snapshots):
    """Makes rows of a table in which each route names its peer, by address and AS number."""

    def __init__(
        self, criteria: Criteria, prefix_filter: PrefixFilter | None, *, tagged_too: bool
    ) -> None:
        """See `python.route_kernel.Kernel`."""
        super().__init__(criteria, prefix_filter, tagged_too=tagged_too)
        # By snapshot: the peers so far.
        self._table_peers: dict[tuple[int, PeerRow], int] = {}

    def _table_dump(self, subtype: int, start: int, end: int) -> Stop | None:
        family = FAMILIES[subtype]
        need(start, _HEAD + _fixed(family), end)
        after = self._end_of_entry(family, start + _HEAD, end, is_first=True)
        view, sequence = unpack_from(">HH", self._buffer, start)
        self._find_snapshot(view, subtype, sequence)
        entries: list[_Entry] = []
        at, broken = start + _HEAD, None
        while at < end:
            try:
                # After the first route the next record may follow, see `wire.mrt.table_dump`.
                if entries:
                    after = self._end_of_entry(family, at, end, is_first=False)
            except BrokenError as error:
                broken = error
                break
            peer = self._table_peer(read_table_peer(self._buffer, at, family))
            if peer is None:  # a new peer: the record is read again
                return None
            entries.append((peer, at, after))
            at = after
        self._note_table_record(subtype, family, sequence)
        for entry in entries:
            self._table_route(family, *entry)
        if broken is not None:
            raise broken
        self._read_all(end)
        return Stop.END

    def _table_peer(self, row: PeerRow) -> int | None:
        """Return the index of a peer in the current snapshot; None if it is new."""
        key = (self._hand, row)
        index = self._table_peers.get(key)
        if index is None:
            self._table_peers[key] = self._add_peer(row, self._hand)
        return index

    def _end_of_entry(self, family: int, at: int, end: int, *, is_first: bool) -> int:
        """Return the offset after the route at an offset."""
        width = 4 if family == 4 else 16
        start = at + _fixed(family)
        need(at, start - at, end)
        size = int.from_bytes(self._buffer[start - 2 : start])
        after, length = start + size, self._buffer[at + width]
        if not is_first and (length > 8 * width or not self._is_list(start, after, end)):
            raise BrokenError(at, Fault.NO_RECORD_END, 0, end - at)
        if length > 8 * width:
            raise BrokenError(at + width, Fault.PREFIX_LENGTH, 8 * width, length)
        need(start, size, end)
        return after

    def _is_list(self, at: int, after: int, end: int) -> bool:
        """Whether there is at least one attribute, and each ends inside the list."""
        if not at < after <= end:
            return False
        while at + 3 <= after:
            value = at + (4 if self._buffer[at] & 0x10 else 3)
            if value > after:
                return False
            at = value + int.from_bytes(self._buffer[at + 2 : value])
        return at == after

    def _table_route(self, family: int, peer: int, start: int, after: int) -> None:
        """Make a row of the route between two offsets."""
        width = 4 if family == 4 else 16
        length, at = self._buffer[start + width], start + _fixed(family)
        # Bits right of the length are irrelevant, as in NLRI.
        shift = 8 * width - length
        first = int.from_bytes(self._buffer[start : start + width]) >> shift << shift
        self._entries[peer] += 1
        if (reading := self._readings[peer]) < 0:
            return
        self._ipv6[peer] += family == 6
        buffer = self._buffer
        if not self._inside(family, first, length) and not (
            self._tagged_too and self._facts.is_tagged(buffer, at, after)
        ):
            return
        route = self._facts.compute(buffer, at, after, _FORM, reading, self._own_asns[peer])
        facts, path_length, origin = route
        self._tagged[peer] += bool(facts & TAGGED)
        bits = facts | self._prefix_bits(family, first, length)
        self._rows.append(
            (RIB, family, 1, length, _FORM, peer, bits, path_length, self._timestamp)
            + (*left_aligned(family, first), -1, origin, self._record, at, after - at)
        )


def _fixed(family: int) -> int:
    """Return how many octets a route has in front of its attributes."""
    return 2 * (4 if family == 4 else 16) + 10
