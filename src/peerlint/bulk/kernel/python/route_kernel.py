"""The route kernel in plain Python: the specification of the compiled one.

A kernel reads the MRT records or BMP messages in a buffer and appends one row for each wanted
route. It takes and returns plain values and knows nothing of files, sessions or rules. It stops
where its caller has to act: at the end of the buffer, at a new peer, whose viewpoint the caller has
to set, at invalid octets, and at BMP messages that are no plain UPDATE.
"""

from __future__ import annotations

from struct import Struct
from typing import Final, NoReturn

import numpy as np
import numpy.typing as npt

from peerlint.bulk.kernel.contract import (
    FORM_ADD_PATH,
    FORM_AS4,
    LIMITS,
    RIB,
    ROW,
    RUN,
    BrokenError,
    Fault,
    PeerRow,
    Stop,
    describe,
    need,
)
from peerlint.bulk.kernel.counts import Counts, RowCounter, Violations
from peerlint.bulk.kernel.peers import read_peer_table, read_table_name
from peerlint.bulk.kernel.python.monitoring import Monitoring
from peerlint.bulk.kernel.python.rows import TAGGED, left_aligned, read_prefix
from peerlint.bulk.kernel.python.table_dumps import TableDumps
from peerlint.bulk.kernel.runs import runs_of
from peerlint.bulk.prefix_filter import PrefixFilter
from peerlint.errors import WireError
from peerlint.model import Criteria, Fact
from peerlint.wire.mrt import (
    EXTENDED_TYPES,
    MAX_RECORD,
    MESSAGE_SUBTYPES,
    PEER_INDEX_TABLE,
    RIB_SUBTYPES,
    STATE_CHANGE_SUBTYPES,
    MrtType,
)
from peerlint.wire.nlri import FAMILIES

_HEADER: Final = Struct(">IHHI")
_ENTRY: Final = Struct(">HIH")
_ENTRY_ADD_PATH: Final = Struct(">HIIH")
_KNOWN_TYPES: Final = frozenset(map(int, MrtType))
_MALFORMED: Final = np.uint32(Fact.MALFORMED)


class Kernel(TableDumps, Monitoring):
    """Makes rows of records; one object for one dump or one BMP stream.

    Attributes:
        peers: every peer so far; `count` returns its counts.
        unsupported: records that were skipped, by type and subtype.
        may_hide: how many of them may hold an IPv4 unicast route.
        records: records whose header was read.
        malformed: rows, of those taken, that RFC 7606 treats as withdrawn.
        octets_read: octets that could be read.
        octets_skipped: octets of unsupported records.
        undeclared_path_ids: UPDATEs that have path identifiers although their subtype has none.
        lost: parts lost inside records whose rest could be read.
        broken_at: offset in the buffer, after `Stop.BROKEN`; the rest of the record is lost.
        record_end: where that record ends, by its length field.
        expected: what should be at that offset.
        found: what is there.
        snapshot_of: for each peer, the number of the snapshot whose table lists it; -1 for a
            session of a feed.
        messages: the times of the first and the last record of a feed; None without any.
        headers: for each table of a BMP stream, by its index into `peers`, its per-peer header
            without the time.
        foreign: messages of a BMP stream with routes of address families that are not read.
    """

    def __init__(
        self,
        criteria: Criteria,
        prefix_filter: PrefixFilter | None,
        *,
        tagged_too: bool,
        writing: bool = True,
        runs: bool = False,
        violations: Violations | None = None,
        limits: tuple[int, int, int] = LIMITS,
    ) -> None:
        """Set up.

        Args:
            criteria: the community and the limits that facts depend on.
            prefix_filter: rows that do not overlap it are left out; None for all rows.
            tagged_too: whether rows outside the filter are kept if they carry the community.
            writing: whether rows are wanted, not only their counts.
            runs: whether `take_runs` is called after each `take_rows`.
            violations: the masks that make a route a violating one; None if nothing is counted.
            limits: see `contract.LIMITS`.
        """
        super().__init__(criteria, prefix_filter, tagged_too=tagged_too)
        self._writing = writing
        self._runs: list[npt.NDArray[np.void]] | None = [] if runs else None
        self._last_table: tuple[int, dict[PeerRow, int]] = (-1, {})
        self._counter = None if violations is None else RowCounter(violations, limits)

    def take_rows(self) -> npt.NDArray[np.void]:
        """Return the rows since the last call, as an array of `ROW`; none if none are wanted."""
        rows = np.array(self._rows, dtype=ROW)
        self._rows.clear()
        self.malformed += int(np.count_nonzero(rows["facts"] & _MALFORMED))
        if self._counter is not None:
            self._counter.add(rows)
        if self._runs is not None:
            self._runs.append(runs_of(rows))
        return rows if self._writing else rows[:0]

    def take_runs(self) -> npt.NDArray[np.void]:
        """Return the runs of the rows taken since the last call, as an array of `RUN`.

        There are none if none are wanted. See `runs.runs_of`.
        """
        runs = [np.zeros(0, RUN), *(self._runs or ())]
        if self._runs is not None:
            self._runs.clear()
        return np.concatenate(runs)

    def counts(self) -> Counts:
        """Return the counts of all rows taken so far; all 0 without `violations`."""
        counter = self._counter or RowCounter(())
        return counter.counts(len(self.peers))

    def drop_table(self) -> None:
        """Forget the current peer table: the one that replaced it is lost."""
        self._table = None

    def read(self, buffer: bytes, at: int, base: int) -> tuple[int, Stop]:
        """Read records from `at`; return the offset reached and why it stopped there.

        Args:
            buffer: octets of the dump.
            at: where a record starts.
            base: the offset of the buffer in the decompressed stream.
        """
        self._buffer, self._base = buffer, base
        size = len(buffer)
        while at + 12 <= size:
            seconds, kind, subtype, length = _HEADER.unpack_from(buffer, at)
            start, end = at + 12, at + 12 + length
            if length > MAX_RECORD or kind not in _KNOWN_TYPES:
                self.record_end = end
                self._is_damaged = True
                return at, Stop.UNKNOWN
            if end > size:
                break
            self._record, self._timestamp = base + at, seconds * 1_000_000
            self.record_end = end
            try:
                if kind in EXTENDED_TYPES:
                    # Microseconds count in the length (RFC 6396 section 3).
                    need(start, 4, end)
                    self._timestamp += int.from_bytes(buffer[start : start + 4])
                    start += 4
                stop = self._body(kind, subtype, start, end)
            except BrokenError as broken:
                self.records += 1
                self._is_damaged = True
                self.broken_at = broken.at
                octets = buffer[broken.at : min(broken.at + 16, end)]
                self.expected, self.found = describe(
                    broken.fault, broken.wanted, broken.found, octets
                )
                return at, Stop.BROKEN
            except WireError as error:  # in a record that gives no rows
                self.records += 1
                self._is_damaged = True
                self.broken_at, self.expected, self.found = (
                    error.offset, error.expected, error.found,
                )  # fmt: skip
                return at, Stop.BROKEN
            if stop is None:  # a new session: the record is read again
                return at, Stop.PEERS
            self.records += 1
            at = end
            if kind == MrtType.TABLE_DUMP_V2 and subtype in RIB_SUBTYPES and self._view is None:
                self._last = self._timestamp
            if stop is Stop.PEERS:
                return at, Stop.PEERS
        return at, Stop.END

    def _body(self, kind: int, subtype: int, start: int, end: int) -> Stop | None:
        if kind == MrtType.TABLE_DUMP_V2:
            if subtype in RIB_SUBTYPES:
                self._rib(subtype, start, end)
            elif subtype == PEER_INDEX_TABLE:
                self._peer_index_table(start, end)
                self._read_all(end)
                return Stop.PEERS
            else:
                self._pass_unread(kind, subtype, start, end)
            return Stop.END
        if kind == MrtType.TABLE_DUMP and subtype in FAMILIES:
            return self._table_dump(subtype, start, end)
        if kind in (MrtType.BGP4MP, MrtType.BGP4MP_ET):
            if subtype in MESSAGE_SUBTYPES:
                return self._message(kind, subtype, start, end)
            if subtype in STATE_CHANGE_SUBTYPES:
                return self._state_change(subtype, start, end)
        self._pass_unread(kind, subtype, start, end)
        return Stop.END

    def _peer_index_table(self, at: int, end: int) -> None:
        self._table = None  # if this table is broken, the one before it is no longer valid
        table = read_peer_table(self._buffer, at, end)
        name = read_table_name(self._buffer, at, end)
        known = self._peers_of_empty_table(name)
        peers = dict.fromkeys(table, -1)
        self._need_room(len(peers.keys() - known.keys()))
        self._begin_snapshot(*name)
        number = len(self._snapshots) - 1
        for row in peers:
            if row in known:
                peers[row] = known[row]
                self.snapshot_of[known[row]] = number
            else:
                peers[row] = self._add_peer(row, number)
        self._table = [peers[row] for row in table]
        self._last_table = number, peers

    def _peers_of_empty_table(self, name: tuple[bytes, bytes]) -> dict[PeerRow, int]:
        """Return the peers of the last peer table if it is of the same table and has no records.

        The new peer table replaces it and takes over its peers: otherwise each repetition of a
        peer table would take memory.
        """
        number, peers = self._last_table
        if number < 0 or self.snapshots()[number][:2] != name or self._snapshots[number][4]:
            return {}
        return {} if any(self._entries[index] for index in peers.values()) else peers

    # -- TABLE_DUMP_V2 RIB records (RFC 6396 section 4.3.2, RFC 8050 section 4.1)

    def _rib(self, subtype: int, at: int, end: int) -> None:
        buffer = self._buffer
        family, safi, add_path = RIB_SUBTYPES[subtype]
        need(at, 4, end)
        sequence = int.from_bytes(buffer[at : at + 4])
        first, length, at = read_prefix(buffer, at + 4, end, family)
        need(at, 2, end)
        count = int.from_bytes(buffer[at : at + 2])
        at += 2
        table = self._table
        if table is None:
            raise BrokenError(at, Fault.NO_PEER_TABLE, 0, 0)
        self._note_record(subtype, family, safi, sequence)
        inside = self._inside(family, first, length)
        form = FORM_AS4 | (FORM_ADD_PATH if add_path else 0)
        bits = self._prefix_bits(family, first, length)
        place = (family, safi, length, form, bits, *left_aligned(family, first))
        lost = self._rib_entries(at, end, count, table, place=place, inside=inside)
        self.octets_read += end - (self._record - self._base) - lost

    def _rib_entries(
        self,
        at: int,
        end: int,
        count: int,
        table: list[int],
        *,
        place: tuple[int, int, int, int, int, int, int],
        inside: bool,
    ) -> int:
        """Read the entries of a RIB record; return how many octets of them are lost."""
        buffer, compute, is_tagged = self._buffer, self._facts.compute, self._facts.is_tagged
        readings, entries, own_asns = self._readings, self._entries, self._own_asns
        family, safi, length, form, bits, hi, lo = place
        record, timestamp = self._record, self._timestamp
        append, add_path = self._rows.append, form & FORM_ADD_PATH
        head = _ENTRY_ADD_PATH if add_path else _ENTRY
        unpack, head_size, peers = head.unpack_from, head.size, len(table)
        ipv6, is_ipv6, tagged_too = self._ipv6, int(family == 6), self._tagged_too
        path_id, lost = -1, 0
        for _ in range(count):
            attributes = at + head_size
            if attributes > end:
                self._lose(at, end, lost, Fault.NO_ENTRY)
            if add_path:
                index, _, path_id, size = unpack(buffer, at)
            else:
                index, _, size = unpack(buffer, at)
            after = attributes + size
            if after > end:
                self._lose(at, end, lost, Fault.NO_ATTRIBUTES, size)
            if index >= peers:
                texts = describe(Fault.PEER_INDEX, peers, index)
                self.lost.add(at, after - at, *texts)
                lost += after - at
                at = after
                continue
            peer = table[index]
            entries[peer] += 1
            if (reading := readings[peer]) >= 0:
                ipv6[peer] += is_ipv6
                if inside or (tagged_too and is_tagged(buffer, attributes, after)):
                    facts, path_length, origin = compute(
                        buffer, attributes, after, form, reading, own_asns[peer]
                    )
                    if facts & TAGGED:
                        self._tagged[peer] += 1
                    append(
                        (
                            RIB, family, safi, length, form, peer, facts | bits, path_length,
                            timestamp, hi, lo, path_id, origin, record, attributes, size,
                        )
                    )  # fmt: skip
            at = after
        if at != end:
            self._lose(at, end, lost, Fault.NO_RECORD_END)
        return lost

    def _lose(self, at: int, end: int, lost: int, fault: Fault, wanted: int = 0) -> NoReturn:
        """Give up the rest of a RIB record, and keep what was read of it."""
        self.octets_read -= lost
        raise BrokenError(at, fault, wanted, end - at)
