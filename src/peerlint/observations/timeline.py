"""A session's routes in time order: a table, the updates after it, and the routes that result.

A dump yields `SessionRecords`. `sources_of` turns the records of one session in one view, from one
dump or several, into sources.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import attrs

from peerlint.model.times import from_microseconds
from peerlint.observations.coverage import Coverage
from peerlint.observations.route_columns import InternTable, RouteColumns, Rows
from peerlint.observations.session_records import (
    MergedInternTable,
    PeerKey,
    SessionRecords,
    TablePart,
)
from peerlint.observations.session_routes import SessionCounts
from peerlint.observations.sources import SessionSource
from peerlint.observations.synchronisation import is_synchronised
from peerlint.observations.timeline_rows import NEVER, TimelineDump, TimelineRows
from peerlint.wording import listed

_SECOND: Final = 1_000_000
#: A file of updates may begin so long after the last record of the file before it, in
#: microseconds: collectors start a file every five or fifteen minutes.
LONGEST_GAP: Final = 15 * 60 * _SECOND
#: How many files the name of a source lists.
_NAMED: Final = 3


def sources_of(
    parts: Sequence[SessionRecords], merged: MergedInternTable | None = None
) -> list[tuple[SessionSource, tuple[SessionRecords, ...]]]:
    """Return the sources of one session in one view, each with the dumps that it was made from.

    Every table is a source, together with the updates after it. Updates after a gap are a source
    of their own: the routes that they replace or withdraw are removed from the table, whose other
    routes are as old as the last update before the gap.

    Args:
        parts: the records of each dump.
        merged: the common table of their prefixes and attribute sets, if there are several dumps.
    """
    parts = _with_known_asns(parts)
    alone = parts[0] if len(parts) == 1 else None
    if alone is not None and alone.table is not None and alone.feed is None:
        return [(_of_table(alone, alone.table), (alone,))]
    merged = merged or MergedInternTable.of(parts)
    tables = sorted(
        (part for part in parts if part.table is not None),
        key=lambda part: 0 if part.table is None else part.table.taken,
        reverse=True,
    )
    feeds = [part for part in parts if part.feed is not None]
    found: list[tuple[SessionSource, tuple[SessionRecords, ...]]] = []
    for number in range(max(1, len(tables))):
        timeline = _Timeline.of(tables[number] if tables else None, feeds)
        made = timeline.sources(merged)
        # The updates after a gap are the same for each table.
        found += made if not found else made[:1]
    return found


def _with_known_asns(parts: Sequence[SessionRecords]) -> Sequence[SessionRecords]:
    """Fill in the AS of peers that one dump names without it, if other dumps agree on it."""
    asns: dict[object, set[int]] = {}
    for part in parts:
        for peer in part.session_peers:
            address, asn = peer.key
            asns.setdefault(address, set()).update(() if asn is None else (asn,))
    known: dict[PeerKey, PeerKey] = {
        (address, None): (address, min(found)) for address, found in asns.items() if len(found) == 1
    }

    def named(part: SessionRecords) -> SessionRecords:
        peers = tuple(
            attrs.evolve(each, key=known.get(each.key, each.key)) for each in part.session_peers
        )
        table = part.table
        if table is not None:
            moments = {
                (known.get(key, key), family): moment
                for (key, family), moment in table.snapshot_moments.items()
            }
            table = attrs.evolve(table, snapshot_moments=moments)
        return attrs.evolve(part, session_peers=peers, table=table)

    is_known = all(peer.key[1] is not None for part in parts for peer in part.session_peers)
    return parts if is_known else [named(part) for part in parts]


def _of_table(part: SessionRecords, table: TablePart) -> SessionSource:
    routes = RouteColumns(part.rows, part.shared, part.session, part.viewpoint, part.file)
    last = from_microseconds(table.last)
    view = part.viewpoint.view
    return SessionSource(part.file, view, table.coverage, table.counts, routes, last=last)


@attrs.frozen
class _Timeline:
    """A table and the updates after it, or updates alone, in time order.

    Attributes:
        base: the table; None for updates alone.
        dumps: the dumps, without those whose updates are all older than the table.
    """

    base: SessionRecords | None
    dumps: tuple[TimelineDump, ...]

    @classmethod
    def of(cls, base: SessionRecords | None, feeds: Iterable[SessionRecords]) -> _Timeline:
        """Append dumps of updates to a table, and find the gaps between them."""
        return cls(base, tuple(_timeline_dumps(base, feeds)))

    def sources(
        self, merged: MergedInternTable
    ) -> list[tuple[SessionSource, tuple[SessionRecords, ...]]]:
        """Return a source for each run of dumps without a gap, the oldest first."""
        columns = TimelineRows.of(self.base, self.dumps, merged)
        is_current = columns.current()
        last = max((dump.run for dump in self.dumps), default=0)
        found: list[tuple[SessionSource, tuple[SessionRecords, ...]]] = []
        for run in range(last + 1):
            parts = tuple(dump.part for dump in self.dumps if dump.run == run)
            rows = columns.rows[is_current & (columns.run == run)]
            if run and not len(rows):
                continue  # only withdrawals, which were applied to the table
            source = self._source(parts, rows, merged.shared, is_last=run == last)
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
        files = tuple(dump.part.file for dump in self.dumps)
        used = list(dict.fromkeys(part.file for part in parts))
        routes = RouteColumns(rows, shared, one.session, one.viewpoint, used[0], files=files)
        last = max(([] if table is None else [table.last]) + [each.last for each in feeds])
        is_complete = (
            is_last
            and all(each.is_sound for each in feeds)
            and (table is None or table.coverage is Coverage.COMPLETE)
            and is_synchronised(parts, table)
        )
        return SessionSource(
            listed(used, _NAMED),
            one.viewpoint.view,
            Coverage.COMPLETE if is_complete else Coverage.PARTIAL,
            sum(counts, SessionCounts()),
            routes,
            last=from_microseconds(last),
            files=tuple(used),
        )


def _timeline_dumps(
    base: SessionRecords | None, feeds: Iterable[SessionRecords]
) -> Iterator[TimelineDump]:
    """Yield the table and the dumps of updates that reach beyond it, in time order."""
    parts = [(part, part.feed) for part in feeds if part.feed is not None and part is not base]
    parts.sort(key=lambda pair: (pair[1].first, pair[1].last))
    table = None if base is None else base.table
    reached: int | None = None
    latest_start = NEVER
    run = 0
    if base is not None and table is not None:
        yield TimelineDump(base, 0)
        # The first file of updates begins within the table, unless the table's own stream has
        # updates.
        reached, latest_start = table.last, table.last
        if base.feed is not None and base.feed.last >= table.taken:
            reached = max(reached, base.feed.last)
            latest_start = reached + LONGEST_GAP
    for part, feed in parts:
        if table is not None and feed.last < table.taken:
            continue
        if reached is not None and feed.first // _SECOND > latest_start // _SECOND:
            run += 1
            reached = feed.last
        reached = feed.last if reached is None else max(reached, feed.last)
        latest_start = reached + LONGEST_GAP
        yield TimelineDump(part, run)
