"""A session's routes in time order: a table, the updates after it, and the routes that result.

A dump yields `SessionRecords`; `sources_of` turns those of one session and one view, from one dump
or several, into sources.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

import attrs
import numpy as np

from peerlint.bulk import Moment
from peerlint.model.times import from_microseconds
from peerlint.observations.coverage import Coverage
from peerlint.observations.route_columns import InternTable, RouteColumns, Rows
from peerlint.observations.session_records import (
    Mask,
    MergedInternTable,
    Numbers,
    PeerKey,
    SessionRecords,
    TablePart,
)
from peerlint.observations.session_routes import SessionCounts
from peerlint.observations.sources import SessionSource
from peerlint.wording import listed

_SECOND: Final = 1_000_000
#: A file of updates may begin so long behind the last record of the one before it, in
#: microseconds: collectors start a file every five or fifteen minutes.
LONGEST_GAP: Final = 15 * 60 * _SECOND
#: Before every time.
_NEVER: Final = -(1 << 63)
#: How many files the name of a source lists.
_NAMED: Final = 3


def sources_of(
    parts: Sequence[SessionRecords], shares: MergedInternTable | None = None
) -> list[tuple[SessionSource, tuple[SessionRecords, ...]]]:
    """Return the sources of one session in one view, each with the dumps that it was made from.

    Every table is a source, together with the updates after it. Updates after a gap are a source
    of their own: the routes that they replace or withdraw are removed from the table, whose other
    routes are as old as the last update before the gap.

    Args:
        parts: the records of each dump.
        shares: the common table of their prefixes and wordings, if there are several dumps.
    """
    parts = _with_known_asns(parts)
    alone = parts[0] if len(parts) == 1 else None
    if alone is not None and alone.table is not None and alone.feed is None:
        return [(_of_table(alone, alone.table), (alone,))]
    shares = shares or MergedInternTable.of(parts)
    tables = sorted(
        (part for part in parts if part.table is not None),
        key=lambda part: 0 if part.table is None else part.table.taken,
        reverse=True,
    )
    feeds = [part for part in parts if part.feed is not None]
    found: list[tuple[SessionSource, tuple[SessionRecords, ...]]] = []
    for number in range(max(1, len(tables))):
        timeline = _Timeline.of(tables[number] if tables else None, feeds)
        made = timeline.sources(shares)
        # The updates after a gap are the same for each table.
        found += made if not found else made[:1]
    return found


def _with_known_asns(parts: Sequence[SessionRecords]) -> Sequence[SessionRecords]:
    """Fill in the AS of peers that one dump names without it, if other dumps agree on it."""
    asns: dict[object, set[int]] = {}
    for part in parts:
        for member in part.members:
            address, asn = member.key
            asns.setdefault(address, set()).update(() if asn is None else (asn,))
    known: dict[PeerKey, PeerKey] = {
        (address, None): (address, min(found)) for address, found in asns.items() if len(found) == 1
    }

    def named(part: SessionRecords) -> SessionRecords:
        members = tuple(
            attrs.evolve(each, key=known.get(each.key, each.key)) for each in part.members
        )
        table = part.table
        if table is not None:
            floors = {
                (known.get(key, key), family): moment
                for (key, family), moment in table.floors.items()
            }
            table = attrs.evolve(table, floors=floors)
        return attrs.evolve(part, members=members, table=table)

    is_told = all(member.key[1] is not None for part in parts for member in part.members)
    return parts if is_told else [named(part) for part in parts]


def _of_table(part: SessionRecords, table: TablePart) -> SessionSource:
    filed = RouteColumns(part.rows, part.shared, part.session, part.viewpoint, part.file)
    last = from_microseconds(table.last)
    view = part.viewpoint.view
    return SessionSource(part.file, view, table.coverage, table.counts, filed, last=last)


@attrs.frozen
class _Link:
    """A dump in a timeline; the first link is the table, with its own updates.

    Attributes:
        part: the dump's records.
        segment: the number of gaps before it.
    """

    part: SessionRecords
    segment: int


@attrs.frozen
class _Timeline:
    """A table and the updates after it, or updates alone, in time order.

    Attributes:
        base: the table; None for updates alone.
        links: the dumps that count.
    """

    base: SessionRecords | None
    links: tuple[_Link, ...]

    @classmethod
    def of(cls, base: SessionRecords | None, feeds: Iterable[SessionRecords]) -> _Timeline:
        """Put dumps of updates behind a table, and find the gaps between them."""
        return cls(base, tuple(_links(base, feeds)))

    def sources(
        self, shares: MergedInternTable
    ) -> list[tuple[SessionSource, tuple[SessionRecords, ...]]]:
        """Return a source for each run of dumps without a gap, the oldest first."""
        columns = _Columns.of(self, shares)
        stands = columns.standing()
        last = max((link.segment for link in self.links), default=0)
        found: list[tuple[SessionSource, tuple[SessionRecords, ...]]] = []
        for segment in range(last + 1):
            parts = tuple(link.part for link in self.links if link.segment == segment)
            rows = columns.rows[stands & (columns.segment == segment)]
            if segment and not len(rows):
                continue  # only withdrawals, which were applied to the table
            source = self._source(parts, rows, shares.shared, is_last=segment == last)
            found.append((source, parts))
        return found

    def _source(
        self,
        parts: tuple[SessionRecords, ...],
        rows: Rows,
        shared: InternTable,
        *,
        is_last: bool,
    ) -> SessionSource:
        one = parts[0]
        table = one.table if one is self.base else None
        feeds = [part.feed for part in parts if part.feed is not None]
        counts = [each.counts for each in feeds]
        if table is not None:
            counts.insert(0, table.counts)
        files = tuple(link.part.file for link in self.links)
        used = list(dict.fromkeys(part.file for part in parts))
        filed = RouteColumns(rows, shared, one.session, one.viewpoint, used[0], files=files)
        last = max(([] if table is None else [table.last]) + [each.last for each in feeds])
        is_complete = (
            is_last
            and all(each.is_sound for each in feeds)
            and (table is None or table.coverage is Coverage.COMPLETE)
            and self._is_synchronised(parts, table)
        )
        return SessionSource(
            listed(used, _NAMED),
            one.viewpoint.view,
            Coverage.COMPLETE if is_complete else Coverage.PARTIAL,
            sum(counts, SessionCounts()),
            filed,
            last=from_microseconds(last),
            files=tuple(used),
        )

    def _is_synchronised(self, parts: tuple[SessionRecords, ...], table: TablePart | None) -> bool:
        """Return whether every peer's routes are known from some time on until the end."""
        floors = {} if table is None else table.floors
        merged = _events(parts)
        return all(
            _is_known(events, floors.get((key, 4)), opened=opened, ended=ended)
            for key, (events, opened, ended) in merged.items()
        )


def _links(base: SessionRecords | None, feeds: Iterable[SessionRecords]) -> Iterator[_Link]:
    """Yield the table and the dumps of updates that reach beyond it, in time order."""
    parts = [(part, part.feed) for part in feeds if part.feed is not None and part is not base]
    parts.sort(key=lambda pair: (pair[1].first, pair[1].last))
    table = None if base is None else base.table
    reached: int | None = None
    latest_start = _NEVER
    segment = 0
    if base is not None and table is not None:
        yield _Link(base, 0)
        # The first file of updates begins within the table, unless there are some in its stream.
        reached, latest_start = table.last, table.last
        if base.feed is not None and base.feed.last >= table.taken:
            reached = max(reached, base.feed.last)
            latest_start = reached + LONGEST_GAP
    for part, feed in parts:
        if table is not None and feed.last < table.taken:
            continue
        if reached is not None and feed.first // _SECOND > latest_start // _SECOND:
            segment += 1
            reached = feed.last
        reached = feed.last if reached is None else max(reached, feed.last)
        latest_start = reached + LONGEST_GAP
        yield _Link(part, segment)


@attrs.frozen
class _Columns:
    """The rows of a timeline, as columns.

    Attributes:
        rows: see `filed.ROW`; `file` is the link.
        peer: a number for each peer.
        time: of the row, in microseconds since 1970.
        withdrawn: whether the row withdraws its route.
        in_table: whether it is of a snapshot.
        segment: of its link.
        resets: by peer, when its session last began anew: time, link and offset.
    """

    rows: Rows
    peer: Numbers
    time: Numbers
    withdrawn: Mask
    in_table: Mask
    segment: Numbers
    resets: Numbers

    @classmethod
    def of(cls, timeline: _Timeline, shares: MergedInternTable) -> _Columns:
        """Lay out the rows of a timeline; updates that are in the table already are left out."""
        keys: dict[PeerKey, int] = {}
        for link in timeline.links:
            for member in link.part.members:
                keys.setdefault(member.key, len(keys))
        parts = [
            _laid_out(number, link, timeline.base, shares, keys)
            for number, link in enumerate(timeline.links)
        ]
        rows, peer, time, withdrawn, in_table, segment = (
            np.concatenate(each) for each in zip(*parts, strict=True)
        )
        resets = _resets(timeline, keys)
        return cls(rows, peer, time, withdrawn, in_table, segment, resets)

    def standing(self) -> Mask:
        """Return which rows are the latest of their route, and announce it."""
        rows = self.rows
        order = np.lexsort(
            (rows["record"], rows["file"], self.time, rows["path_id"], rows["prefix"], self.peer)
        )
        starts = np.ones(len(order), np.bool_)
        starts[1:] = False
        for column in (self.peer, rows["prefix"], rows["path_id"]):
            starts[1:] |= column[order][1:] != column[order][:-1]
        group = np.cumsum(starts) - 1
        place = np.arange(len(order))
        in_table = self.in_table[order]
        count = int(group[-1]) + 1 if len(order) else 0
        last_update, last_route = np.full(count, -1), np.full(count, -1)
        np.maximum.at(last_update, group[~in_table], place[~in_table])
        np.maximum.at(last_route, group[in_table], place[in_table])
        # A table may have several routes alike; of updates, only the last one counts.
        stands = np.where(
            in_table,
            place > last_update[group],
            (place == last_update[group]) & (place > last_route[group]) & ~self.withdrawn[order],
        )
        found = np.zeros(len(order), np.bool_)
        found[order] = stands
        return found & ~self._is_reset() & ~self._is_of_other_kind()

    def _is_reset(self) -> Mask:
        """Return which rows are older than the last start or end of their session."""
        time, link, record = (self.resets[self.peer, column] for column in range(3))
        file, offset = self.rows["file"].astype(np.int64), self.rows["record"].astype(np.int64)
        found: Mask = (self.time < time) | (
            (self.time == time) & ((file < link) | ((file == link) & (offset < record)))
        )
        return found

    def _is_of_other_kind(self) -> Mask:
        """Return which rows differ from a later update in whether there is a path identifier.

        It is not known which of the paths such an update replaces, so that none of them counts.
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


def _laid_out(
    number: int,
    link: _Link,
    base: SessionRecords | None,
    shares: MergedInternTable,
    keys: Mapping[PeerKey, int],
) -> tuple[Rows, Numbers, Numbers, Mask, Mask, Numbers]:
    """Return the columns of one link, see `_Columns`."""
    part = link.part
    rows = part.rows.copy()
    rows["prefix"] = shares.prefixes[id(part.shared)][rows["prefix"]]
    rows["wording"] += shares.attribute_sets[id(part.shared)]
    rows["file"] = number
    taken = np.array([_NEVER if each.taken is None else each.taken for each in part.members])
    time = np.maximum(rows["timestamp"], taken[part.peers])
    family = (part.shared.families[part.rows["prefix"]] == 6).astype(np.intp)
    kept = part.in_table.copy() if part is base else np.zeros(len(rows), np.bool_)
    floors = _floors(base, part)
    is_new = rows["timestamp"] > floors[part.peers, family, 0]
    is_at = rows["timestamp"] == floors[part.peers, family, 0]
    if part is base:
        is_new |= is_at & (rows["record"].astype(np.int64) > floors[part.peers, family, 1])
    else:
        is_new |= is_at
    kept |= is_new & ~part.in_table
    peer = np.array([keys[each.key] for each in part.members], np.int64)[part.peers]
    segment = np.full(len(rows), link.segment)
    columns = (peer, time, part.withdrawn, part.in_table, segment)
    peer, time, withdrawn, in_table, segment = (column[kept] for column in columns)
    return rows[kept], peer, time, withdrawn, in_table, segment


def _floors(base: SessionRecords | None, part: SessionRecords) -> Numbers:
    """Return, by member and family, the time and offset of the table: it has older updates."""
    found = np.full((len(part.members), 2, 2), _NEVER, np.int64)
    table = None if base is None else base.table
    if table is not None:
        for index, member in enumerate(part.members):
            for side, family in enumerate((4, 6)):
                found[index, side] = table.floors.get((member.key, family), (_NEVER, _NEVER))
    return found


def _resets(timeline: _Timeline, keys: Mapping[PeerKey, int]) -> Numbers:
    found = np.full((len(keys), 3), _NEVER, np.int64)
    for number, link in enumerate(timeline.links):
        for member in link.part.members:
            for event in (member.events.started, member.events.down):
                if event is not None:
                    row = found[keys[member.key]]
                    row[:] = max(tuple(row.tolist()), (event[0], number, event[1]))
    return found


# -- whether routes are known


_Event = tuple[int, int, int]


def _events(
    parts: Iterable[SessionRecords],
) -> dict[PeerKey, tuple[dict[str, _Event], bool, bool]]:
    """Return the last events of each peer, and whether its start and its End-of-RIB were seen."""
    found: dict[PeerKey, tuple[dict[str, _Event], bool, bool]] = {}
    for number, part in enumerate(parts):
        for member in part.members:
            events, opened, ended = found.get(member.key, ({}, False, False))
            for name in ("started", "down", "end_of_rib", "heard"):
                moment = getattr(member.events, name)
                if moment is not None:
                    event = (moment[0], number, moment[1])
                    events[name] = max(events.get(name, event), event)
            found[member.key] = (events, opened or member.opened, ended or member.ended)
    return found


def _is_known(
    events: Mapping[str, _Event], floor: Moment | None, *, opened: bool, ended: bool
) -> bool:
    """Return whether a peer's routes are known.

    They are if a table has them, if its session came up and sent its End-of-RIB, or if it went
    down and did not come up again; the latest of these events decides.
    """
    never = (_NEVER, 0, 0)
    started, down = events.get("started", never), events.get("down", never)
    reset = max(started, down)
    if floor is not None and reset[0] < floor[0]:
        return True
    if down > started and events.get("heard", never) < down:
        return True
    if floor is None and not opened:
        return False
    if floor is not None and reset == never:
        return True
    return ended and events.get("end_of_rib", reset) >= reset
