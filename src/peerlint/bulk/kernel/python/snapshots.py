"""The part of the Python kernel that separates snapshots: tables of different times."""

from __future__ import annotations

from typing import Final

from peerlint.bulk.kernel.contract import (
    IPV4_RECORDS,
    IPV6_RECORDS,
    LONGEST_PAUSE,
    MAX_SNAPSHOTS,
    BrokenError,
    Fault,
    Moment,
    SnapshotRow,
)
from peerlint.bulk.kernel.python.messages import Messages
from peerlint.bulk.prefix_filter import PrefixFilter
from peerlint.model import Criteria
from peerlint.wire.mrt import HEADER_OCTETS

#: Sequence numbers of TABLE_DUMP have two octets (RFC 6396 section 4.2).
_LAST_SEQUENCE: Final = 0xFFFF
#: TABLE_DUMP has no collector.
_NO_COLLECTOR: Final = b""


class Snapshots(Messages):
    """The snapshot that records belong to, and the ones before it."""

    #: See `contract.MAX_SNAPSHOTS`.
    max_snapshots = MAX_SNAPSHOTS

    def __init__(
        self, criteria: Criteria, prefix_filter: PrefixFilter | None, *, tagged_too: bool
    ) -> None:
        """See `python.route_kernel.Kernel`."""
        super().__init__(criteria, prefix_filter, tagged_too=tagged_too)
        self._snapshots: list[SnapshotRow] = []
        # Of the current snapshot: its number, the families of its records, the time of the last
        # one, the last sequence number by subtype, whether something was lost, the last of its
        # row, and the view if it is a TABLE_DUMP.
        self._hand = -1
        self._families = self._last = 0
        self._sequences: dict[int, int] = {}
        self._is_damaged = False
        self._lost_start: Moment | None = None
        self._view: int | None = None
        # Of each view of TABLE_DUMP: its last snapshot, and that one's sequence numbers.
        self._views: dict[int, tuple[int, dict[int, int]]] = {}

    def snapshots(self) -> list[SnapshotRow]:
        """Return the snapshots so far, in the order of the dump."""
        self._settle_snapshot()
        return self._snapshots

    def _begin_snapshot(self, collector: bytes, view: bytes, *, is_late: bool = False) -> None:
        self._settle_snapshot()
        if len(self._snapshots) >= self.max_snapshots:
            at = self._record - self._base + HEADER_OCTETS
            raise BrokenError(at, Fault.SNAPSHOTS, self.max_snapshots, 0)
        time = self._timestamp
        self._hand = len(self._snapshots)
        self._snapshots.append((collector, view, time, self._record, 0, time, None, is_late))
        self._families, self._last = 0, time
        self._sequences = {}
        self._is_damaged, self._lost_start = False, None
        self._view = None

    def _settle_snapshot(self) -> None:
        """Store what is known of the current snapshot."""
        if self._snapshots:
            collector, view, time, record, _, _, _, is_late = self._snapshots[self._hand]
            known = (self._families, self._last, self._lost_start, is_late)
            self._snapshots[self._hand] = (collector, view, time, record, *known)

    def _note_record(self, subtype: int, family: int, safi: int, sequence: int) -> None:
        """Record that the snapshot has a record, and whether that may belong to another one.

        Sequence numbers of a table grow (RFC 6396 section 4.3.2). Where they fall back behind
        damage, or long after the record before it, another table begins, and its peer table is
        lost.
        """
        if self._view is not None:
            return  # it belongs to the table before the current one
        last = self._sequences.get(subtype, -1)
        is_strange = sequence <= last or self._timestamp - self._last > LONGEST_PAUSE
        if self._is_damaged and is_strange and self._lost_start is None:
            self._lost_start = (self._timestamp, self._record)
        self._sequences[subtype] = sequence
        if safi == 1:
            self._families |= IPV4_RECORDS if family == 4 else IPV6_RECORDS

    # -- TABLE_DUMP, whose records have view and sequence number instead of a peer table

    def _find_snapshot(self, view: int, subtype: int, sequence: int) -> None:
        """Make the snapshot current that a record of TABLE_DUMP belongs to."""
        if self._view != view and view in self._views:
            self._take_up(view)
        if self._view != view or self._starts_anew(subtype, sequence):
            is_late = self._is_damaged and sequence > 0
            self._begin_snapshot(_NO_COLLECTOR, view.to_bytes(2), is_late=is_late)
            self._view = view
            self._views[view] = self._hand, self._sequences

    def _take_up(self, view: int) -> None:
        """Make the last snapshot of a view current."""
        self._settle_snapshot()
        self._hand, self._sequences = self._views[view]
        *_, self._families, self._last, self._lost_start, _ = self._snapshots[self._hand]
        self._is_damaged, self._view = False, view

    def _starts_anew(self, subtype: int, sequence: int) -> bool:
        """Whether a record belongs to a later table than the current snapshot.

        Sequence numbers grow from 0, for each family on its own, and go on with 0 behind 65,535.
        Damage may have taken the start of a later table: behind it, another time is enough.
        """
        last = self._sequences.get(subtype)
        is_elsewhen = self._timestamp != self._last
        is_late = self._timestamp - self._last > LONGEST_PAUSE
        if last is None:
            return bool(self._sequences) and (is_late or (self._is_damaged and is_elsewhen))
        if self._is_damaged and (is_elsewhen or sequence <= last):
            return True
        if sequence == 0 and last == _LAST_SEQUENCE:
            return is_late
        return sequence < last or (sequence == last == 0 and is_elsewhen)

    def _note_table_record(self, subtype: int, family: int, sequence: int) -> None:
        """Record that the snapshot has a record of TABLE_DUMP."""
        self._sequences[subtype] = sequence
        self._last = self._timestamp
        self._families |= IPV4_RECORDS if family == 4 else IPV6_RECORDS
