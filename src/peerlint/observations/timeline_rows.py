"""The rows of a timeline as columns, and which of them are current at its end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import attrs
import numpy as np

from peerlint.observations.route_columns import Rows
from peerlint.observations.session_records import (
    Mask,
    MergedInternTable,
    Numbers,
    PeerKey,
    SessionRecords,
)

#: Before every time, in microseconds since 1970.
NEVER: Final = -(1 << 63)


@attrs.frozen
class TimelineDump:
    """A dump in a timeline; the first one is the table, with its own updates.

    Attributes:
        part: the dump's records.
        run: the number of gaps before it; dumps without a gap between them have the same.
    """

    part: SessionRecords
    run: int


@attrs.frozen
class TimelineRows:
    """The rows of a timeline, as columns.

    Attributes:
        rows: see `route_columns.ROW`; `file` is the index of the dump.
        peer: a number for each peer.
        time: the time of the row, in microseconds since 1970.
        withdrawn: whether the row withdraws its route.
        in_table: whether the row belongs to a snapshot.
        run: the run of the row's dump.
        resets: by peer, when its session last started or went down: time, dump and offset.
    """

    rows: Rows
    peer: Numbers
    time: Numbers
    withdrawn: Mask
    in_table: Mask
    run: Numbers
    resets: Numbers

    @classmethod
    def of(
        cls, base: SessionRecords | None, dumps: Sequence[TimelineDump], merged: MergedInternTable
    ) -> TimelineRows:
        """Collect the rows of a timeline, without the updates that the table includes.

        Args:
            base: the table; None for updates alone.
            dumps: the dumps, in time order.
            merged: the common table of their prefixes and attribute sets.
        """
        keys: dict[PeerKey, int] = {}
        for dump in dumps:
            for each in dump.part.session_peers:
                keys.setdefault(each.key, len(keys))
        parts = [_columns_of(number, dump, base, merged, keys) for number, dump in enumerate(dumps)]
        rows, peer, time, withdrawn, in_table, run = (
            np.concatenate(each) for each in zip(*parts, strict=True)
        )
        return cls(rows, peer, time, withdrawn, in_table, run, _resets(dumps, keys))

    def current(self) -> Mask:
        """Return which rows are the latest of their route and announce it."""
        rows = self.rows
        order = np.lexsort(
            (rows["record"], rows["file"], self.time, rows["path_id"], rows["prefix"], self.peer)
        )
        starts = np.ones(len(order), np.bool_)
        starts[1:] = False
        for column in (self.peer, rows["prefix"], rows["path_id"]):
            starts[1:] |= column[order][1:] != column[order][:-1]
        group = np.cumsum(starts) - 1
        position = np.arange(len(order))
        in_table = self.in_table[order]
        count = int(group[-1]) + 1 if len(order) else 0
        last_update, last_route = np.full(count, -1), np.full(count, -1)
        np.maximum.at(last_update, group[~in_table], position[~in_table])
        np.maximum.at(last_route, group[in_table], position[in_table])
        # A table may have several equal routes; of updates, only the last one counts.
        is_current = np.where(
            in_table,
            position > last_update[group],
            (position == last_update[group])
            & (position > last_route[group])
            & ~self.withdrawn[order],
        )
        found = np.zeros(len(order), np.bool_)
        found[order] = is_current
        return found & ~self._is_reset() & ~self._is_of_other_kind()

    def _is_reset(self) -> Mask:
        """Return which rows are older than the last start or end of their session."""
        time, dump, record = (self.resets[self.peer, column] for column in range(3))
        file, offset = self.rows["file"].astype(np.int64), self.rows["record"].astype(np.int64)
        found: Mask = (self.time < time) | (
            (self.time == time) & ((file < dump) | ((file == dump) & (offset < record)))
        )
        return found

    def _is_of_other_kind(self) -> Mask:
        """Return which rows have a path identifier where a later update has none, or vice versa.

        It is not known which of the paths such an update replaces, so none of them counts.
        """
        found = np.zeros(len(self.rows), np.bool_)
        has_id = self.rows["path_id"] >= 0
        mixed = np.intersect1d(self.peer[has_id], self.peer[~has_id])
        (some,) = np.isin(self.peer, mixed).nonzero()
        if not len(some):
            return found
        order = np.lexsort((self.rows["record"], self.rows["file"], self.time))
        rank = np.empty(len(order), np.int64)
        rank[order] = np.arange(len(order))
        latest: dict[tuple[int, int, bool], int] = {}
        columns = (some, self.peer, self.rows["prefix"], has_id, self.in_table, rank)
        picked = (columns[0], *(column[some] for column in columns[1:]))
        every = list(zip(*(column.tolist() for column in picked), strict=True))
        for _, peer, prefix, kind, in_table, at in every:
            if not in_table:
                key = (peer, prefix, kind)
                latest[key] = max(latest.get(key, -1), at)
        for row, peer, prefix, kind, _, at in every:
            found[row] = latest.get((peer, prefix, not kind), -1) > at
        return found


def _columns_of(
    number: int,
    dump: TimelineDump,
    base: SessionRecords | None,
    merged: MergedInternTable,
    keys: Mapping[PeerKey, int],
) -> tuple[Rows, Numbers, Numbers, Mask, Mask, Numbers]:
    """Return the columns of one dump, see `TimelineRows`."""
    part = dump.part
    rows = part.rows.copy()
    rows["prefix"] = merged.prefixes[id(part.shared)][rows["prefix"]]
    rows["attribute_set"] += merged.attribute_sets[id(part.shared)]
    rows["file"] = number
    taken = np.array([NEVER if each.taken is None else each.taken for each in part.session_peers])
    time = np.maximum(rows["timestamp"], taken[part.peers])
    family = (part.shared.families[part.rows["prefix"]] == 6).astype(np.intp)
    kept = part.in_table.copy() if part is base else np.zeros(len(rows), np.bool_)
    moments = _snapshot_moments(base, part)
    is_new = rows["timestamp"] > moments[part.peers, family, 0]
    is_at = rows["timestamp"] == moments[part.peers, family, 0]
    if part is base:
        is_new |= is_at & (rows["record"].astype(np.int64) > moments[part.peers, family, 1])
    else:
        is_new |= is_at
    kept |= is_new & ~part.in_table
    peer = np.array([keys[each.key] for each in part.session_peers], np.int64)[part.peers]
    run = np.full(len(rows), dump.run)
    columns = (peer, time, part.withdrawn, part.in_table, run)
    peer, time, withdrawn, in_table, run = (column[kept] for column in columns)
    return rows[kept], peer, time, withdrawn, in_table, run


def _snapshot_moments(base: SessionRecords | None, part: SessionRecords) -> Numbers:
    """Return, by peer and family, time and offset of the table; it includes older updates."""
    found = np.full((len(part.session_peers), 2, 2), NEVER, np.int64)
    table = None if base is None else base.table
    if table is not None:
        for index, each in enumerate(part.session_peers):
            for side, family in enumerate((4, 6)):
                found[index, side] = table.snapshot_moments.get((each.key, family), (NEVER, NEVER))
    return found


def _resets(dumps: Sequence[TimelineDump], keys: Mapping[PeerKey, int]) -> Numbers:
    found = np.full((len(keys), 3), NEVER, np.int64)
    for number, dump in enumerate(dumps):
        for each in dump.part.session_peers:
            for event in (each.events.started, each.events.down):
                if event is not None:
                    row = found[keys[each.key]]
                    row[:] = max(tuple(row.tolist()), (event[0], number, event[1]))
    return found
