"""Build the sources of sessions from the batches of one dump."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

import attrs
import numpy as np
import numpy.typing as npt

from peerlint.bulk import (
    DumpPeer,
    DumpReader,
    DumpTimes,
    PeerCounts,
    Quality,
    RouteBatch,
    replaced_times,
)
from peerlint.inventory import Inventory
from peerlint.model import Criteria, View, Viewpoint
from peerlint.model.facts import attribute_facts, prefix_facts
from peerlint.model.times import from_microseconds
from peerlint.observations.coverage import BEST_COVERAGE_FIRST, Coverage
from peerlint.observations.dump_peers import (
    MappedPeer,
    feed_part,
    has_generic,
    mapped_peers,
    replaced_families,
    session_peers_of,
    snapshot_moments,
    table_part,
    unmapped_routes,
    with_cut_end,
    with_others,
)
from peerlint.observations.latest_routes import LatestRoutes
from peerlint.observations.route_columns import ROW, InternTable, Rows
from peerlint.observations.session_records import SessionRecords
from peerlint.observations.sessions import (
    RibArgument,
    SessionMatch,
    UnmappedPeer,
    session_matches,
    swapped,
)
from peerlint.observations.sources import (
    KEPT,
    SessionSource,
    SourceReading,
    SourceSummary,
    kept_unmapped_peers,
)
from peerlint.observations.timeline import sources_of

#: The SAFI of unicast; routes of other SAFIs are not announcements to AS8075.
_UNICAST: Final = 1
Facts = npt.NDArray[np.uint32]


class SourceBuilder:
    """Collects the routes of one dump by session while it is read."""

    def __init__(
        self, argument: RibArgument, inventory: Inventory, criteria: Mapping[str, Criteria]
    ) -> None:
        """Start without routes.

        Args:
            argument: the dump, and the session or router that it belongs to.
            inventory: the sessions.
            criteria: the limits that routes are compared with, by the name of the peering.
        """
        self._argument = argument
        self._inventory = inventory
        #: The criteria for reading the dump: those of the first peering.
        self.criteria = next(iter(criteria.values()), Criteria())
        self._criteria = criteria
        #: For each peer, in the order of `viewpoint`: for each of its sessions, whether the kernel
        #: used that session's viewpoint and criteria, so that its facts hold for the session.
        self._uses_kernel_facts: list[tuple[bool, ...]] = []
        self._mapped: list[tuple[SessionMatch, ...] | UnmappedPeer] = []
        #: By peer, because every snapshot lists its peers again.
        self._known: dict[DumpPeer, tuple[SessionMatch, ...] | UnmappedPeer] = {}
        #: Larger than needed, because appending would copy the array for each batch.
        self._is_mapped = np.zeros(0, np.bool_)
        self._marked = 0
        self._routes = LatestRoutes()

    def viewpoint(self, peer: DumpPeer) -> Viewpoint | None:
        """Return the viewpoint of a peer's routes; None if the peer belongs to no session.

        It must be called once for each peer, in the order of the dump.
        """
        if peer not in self._known:
            self._known[peer] = session_matches(peer, self._argument, self._inventory)
        found = self._known[peer]
        self._mapped.append(found)
        if not isinstance(found, tuple):
            self._uses_kernel_facts.append(())
            return None
        first = found[0].viewpoint
        self._uses_kernel_facts.append(
            tuple(
                each.viewpoint == first
                and self._criteria[each.session.peering.name] == self.criteria
                for each in found
            )
        )
        return first

    def read(self, reader: DumpReader) -> None:
        """Add all batches of a reader.

        Args:
            reader: uses `criteria`, and `viewpoint` for each peer.
        """
        begun = 0
        for batch in reader:
            # Not for each snapshot: this visits all peers, which may outnumber the routes.
            if reader.snapshots_begun > begun and self._routes.is_full_with(batch):
                begun = reader.snapshots_begun
                # At this point it is not known which families the last snapshot has records of,
                # nor whether a snapshot without a record is empty.
                known = with_others(reader.counts, reader.times.snapshots, is_generic=True)
                self._routes.replace(replaced_families(reader.counts, known[:-1]))
            self.add(batch)

    def add(self, batch: RouteBatch) -> None:
        """Add the rows of a batch; in a feed, the last announcement of a route counts.

        Args:
            batch: read with `criteria`, and with `viewpoint` for each peer.
        """
        if len(self._is_mapped) < len(self._mapped):
            self._is_mapped = np.resize(self._is_mapped, 2 * len(self._mapped))
        for index in range(self._marked, len(self._mapped)):
            self._is_mapped[index] = isinstance(self._mapped[index], tuple)
        self._marked = len(self._mapped)
        self._routes.add(batch, self._is_mapped[batch.peer] & (batch.safi == _UNICAST))

    def close(
        self, counts: tuple[PeerCounts, ...], quality: Quality, times: DumpTimes
    ) -> SourceReading:
        """Return the summary of the dump, and the sources of each session.

        Args:
            counts: the counts of each peer, in the order of `viewpoint`.
            quality: how well the dump could be read.
            times: the times of its records, snapshots and messages.
        """
        if quality.cut is not None:
            times = with_cut_end(times)
        known = with_others(counts, times.snapshots, is_generic=has_generic(quality))
        times = attrs.evolve(times, snapshots=known)
        peers = mapped_peers(counts, self._mapped, times)
        shown = [each for each in peers if each.is_shown]
        sources = self._sources(peers, quality, times)
        every = [source for by_view in sources.values() for source in by_view]
        span = times.span
        unmapped_peers, more_unmapped_peers = kept_unmapped_peers(unmapped_routes(shown))
        replaced = replaced_times(times.snapshots)
        summary = SourceSummary(
            self._argument.file,
            tuple((session, each.view) for session, by_view in sources.items() for each in by_view),
            min(
                (source.coverage for source in every),
                key=BEST_COVERAGE_FIRST.index,
                default=Coverage.NONE,
            ),
            quality,
            microsoft=sum(
                each.counts.entries for each in shown if each.mapped is UnmappedPeer.MICROSOFT
            ),
            from_microsoft=tuple(self._from_microsoft(shown, quality)),
            unmapped_peers=unmapped_peers,
            more_unmapped_peers=more_unmapped_peers,
            first=None if span is None else from_microseconds(span[0]),
            last=None if span is None else from_microseconds(span[1]),
            snapshots=len(times.snapshots),
            replaced=tuple(map(from_microseconds, replaced[:KEPT])),
            more_replaced=max(0, len(replaced) - KEPT),
            # Every snapshot lists the same peers.
            swapped=tuple(
                dict.fromkeys(
                    one
                    for each in shown
                    if isinstance(each.mapped, UnmappedPeer)
                    for one in swapped(each.counts.peer, self._inventory)
                )
            ),
        )
        return SourceReading(summary, sources)

    def _from_microsoft(
        self, shown: list[MappedPeer], quality: Quality
    ) -> Iterator[tuple[str, int]]:
        """Yield the number of Microsoft's routes on each session whose routes are all shown."""
        found: dict[str, list[int]] = {}
        for each in shown:
            if each.mapped is not UnmappedPeer.MICROSOFT:
                continue
            sessions = [
                session.id
                for session in self._inventory.by_microsoft.get(each.counts.peer.peer.address, ())
            ]
            # In a mesh, an address has several sessions: the dump does not tell which one this is.
            if len(sessions) == 1 and each.coverage(quality) is Coverage.COMPLETE:
                routes = each.counts.entries - each.counts.withdrawn
                found.setdefault(sessions[0], []).append(routes)
        # With updates after a table, neither the table's count nor the feed's count is right.
        yield from (
            (session_id, routes[0]) for session_id, routes in found.items() if len(routes) == 1
        )

    def _sources(
        self, peers: list[MappedPeer], quality: Quality, times: DumpTimes
    ) -> dict[str, tuple[SessionSource, ...]]:
        """Return one source for each view of a session."""
        by_session: dict[str, tuple[SessionSource, ...]] = {}
        for records in self._records(peers, quality, times):
            for source, _ in sources_of((records,)):
                sources = by_session.get(records.session, ())
                made = attrs.evolve(source, records=records)
                by_session[records.session] = (*sources, made)
        return by_session

    def _records(
        self, peers: list[MappedPeer], quality: Quality, times: DumpTimes
    ) -> Iterator[SessionRecords]:
        """Yield the records of each view of a session."""
        self._routes.replace(replaced_families([each.counts for each in peers], times.snapshots))
        shared, rows = self._routes.close()
        by_peer = np.argsort(rows["peer"], kind="stable")
        bounds = np.searchsorted(rows["peer"][by_peer], np.arange(len(peers) + 1))
        found: dict[tuple[str, View], list[tuple[SessionMatch, bool, int]]] = {}
        for number, peer in enumerate(peers):
            if not isinstance(peer.mapped, tuple):
                continue
            for each, has_facts in zip(peer.mapped, self._uses_kernel_facts[number], strict=True):
                key = (each.session.id, each.viewpoint.view)
                found.setdefault(key, []).append((each, has_facts, number))
        session_peers = session_peers_of(peers)
        moments = snapshot_moments(peers, times)
        for matches in found.values():
            numbers = [number for _, _, number in matches if peers[number].is_shown]
            if not numbers:
                continue
            some = [by_peer[bounds[number] : bounds[number + 1]] for number in numbers]
            chosen_rows = np.sort(np.concatenate(some))
            chosen = np.empty(len(chosen_rows), ROW)
            for name in ROW.names or ():
                chosen[name] = rows[name][chosen_rows]
            session_match = matches[0][0]
            criteria = self._criteria[session_match.session.peering.name]
            if not all(has_facts for _, has_facts, _ in matches):
                chosen["facts"] = _facts(chosen, shared, session_match.viewpoint, criteria)
            index = np.searchsorted(numbers, rows["peer"][chosen_rows]).astype(np.uint32)
            some_peers = [peers[number] for number in numbers]
            table = table_part(some_peers, quality, times, moments)
            feed = feed_part(some_peers, quality, times)
            if table is None and feed is None:
                continue
            yield SessionRecords(
                self._argument.file,
                session_match.session.id,
                session_match.viewpoint,
                shared,
                chosen,
                index,
                rows["withdrawn"][chosen_rows],
                rows["in_table"][chosen_rows],
                tuple(session_peers[number] for number in numbers),
                table,
                feed,
            )


def _facts(rows: Rows, shared: InternTable, viewpoint: Viewpoint, criteria: Criteria) -> Facts:
    """Return the facts of rows, computed once for each prefix and each attribute set."""
    attribute_sets, by_attributes = np.unique(rows["attribute_set"], return_inverse=True)
    prefixes, by_prefix = np.unique(rows["prefix"], return_inverse=True)
    of_attributes = [
        attribute_facts(shared.attributes(each), viewpoint, criteria)
        for each in attribute_sets.tolist()
    ]
    of_prefixes = [prefix_facts(shared.prefixes[each], criteria) for each in prefixes.tolist()]
    attribute_bits = np.array(of_attributes, np.uint32)[by_attributes]
    return attribute_bits | np.array(of_prefixes, np.uint32)[by_prefix]
