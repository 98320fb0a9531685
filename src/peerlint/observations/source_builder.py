"""Filing: from the batches of one dump to a source for each session."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

import attrs
import numpy as np
import numpy.typing as npt

from peerlint.bulk import (
    DumpPeer,
    DumpReader,
    DumpTimes,
    Moment,
    PeerCounts,
    Quality,
    RouteBatch,
    SessionEvents,
    Snapshot,
    counted,
    is_left_out,
    replaced_times,
)
from peerlint.inventory import Inventory
from peerlint.model import Criteria, View, Viewpoint
from peerlint.model.facts import attribute_facts, prefix_facts
from peerlint.model.times import from_microseconds
from peerlint.observations.coverage import Coverage
from peerlint.observations.route_columns import ROW, InternTable, Rows
from peerlint.observations.session_records import (
    FeedPart,
    Member,
    PeerKey,
    SessionRecords,
    TablePart,
)
from peerlint.observations.session_routes import SessionCounts
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
from peerlint.observations.table import Table
from peerlint.observations.timeline import sources_of

_BEST_FIRST: Final = list(Coverage)
#: Unicast: routes of other SAFIs are not announcements to AS8075.
_UNICAST: Final = 1
#: Type and subtype of RIB_GENERIC, without and with path identifiers (RFC 6396, RFC 8050).
_RIB_GENERIC: Final = frozenset({(13, 6), (13, 12)})
_FAMILIES: Final = frozenset({4, 6})
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
            criteria: what routes are measured against, by the name of the peering.
        """
        self._argument = argument
        self._inventory = inventory
        #: The criteria for reading the dump: those of the first peering.
        self.criteria = next(iter(criteria.values()), Criteria())
        self._criteria = criteria
        #: For each sighting of a peer, whether the kernel used its viewpoint and criteria.
        self._judged: list[tuple[bool, ...]] = []
        self._mapped: list[tuple[SessionMatch, ...] | UnmappedPeer] = []
        #: By peer, because every snapshot names its peers again.
        self._known: dict[DumpPeer, tuple[SessionMatch, ...] | UnmappedPeer] = {}
        #: Larger than needed, because appending would copy the array for each batch.
        self._is_mapped = np.zeros(0, np.bool_)
        self._marked = 0
        self._table = Table()

    def viewpoint(self, peer: DumpPeer) -> Viewpoint | None:
        """Return the viewpoint of a peer's routes; must be called once for each peer, in order."""
        if peer not in self._known:
            self._known[peer] = session_matches(peer, self._argument, self._inventory)
        found = self._known[peer]
        self._mapped.append(found)
        if not isinstance(found, tuple):
            self._judged.append(())
            return None
        first = found[0].viewpoint
        self._judged.append(
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
            reader: with `criteria`, seen as `viewpoint` says.
        """
        begun = 0
        for batch in reader:
            # Not for each snapshot: this looks at all peers, which may outnumber the routes.
            if reader.snapshots_begun > begun and self._table.is_full_with(batch):
                begun = reader.snapshots_begun
                # It is not known yet of which families the last snapshot has records, nor
                # whether a snapshot without a record is empty.
                known = _with_others(reader.counts, reader.times.snapshots, is_generic=True)
                self._table.replace(_replaced(reader.counts, known[:-1]))
            self.add(batch)

    def add(self, batch: RouteBatch) -> None:
        """Add the rows of a batch; in a feed, the last announcement of a route counts.

        Args:
            batch: read with `criteria`, seen as `viewpoint` says.
        """
        if len(self._is_mapped) < len(self._mapped):
            self._is_mapped = np.resize(self._is_mapped, 2 * len(self._mapped))
        for index in range(self._marked, len(self._mapped)):
            self._is_mapped[index] = isinstance(self._mapped[index], tuple)
        self._marked = len(self._mapped)
        self._table.add(batch, self._is_mapped[batch.peer] & (batch.safi == _UNICAST))

    def close(
        self, counts: tuple[PeerCounts, ...], quality: Quality, times: DumpTimes
    ) -> SourceReading:
        """Return the summary of the dump, and the sources of each session.

        Args:
            counts: of each peer, in the order of `viewpoint`.
            quality: how well the dump could be read.
            times: of its records, snapshots and messages.
        """
        if quality.cut is not None:
            times = _cut(times)
        known = _with_others(counts, times.snapshots, is_generic=_has_generic(quality))
        times = attrs.evolve(times, snapshots=known)
        peers = _peers(counts, self._mapped, times)
        shown = [each for each in peers if each.is_shown]
        sources = self._sources(peers, quality, times)
        every = [source for by_view in sources.values() for source in by_view]
        span = times.span
        unmapped_peers, more_unmapped_peers = kept_unmapped_peers(_strangers(shown))
        replaced = replaced_times(times.snapshots)
        summary = SourceSummary(
            self._argument.file,
            tuple((session, each.view) for session, by_view in sources.items() for each in by_view),
            min(
                (source.coverage for source in every), key=_BEST_FIRST.index, default=Coverage.NONE
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
            # Every snapshot names the same peers.
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

    def _from_microsoft(self, shown: list[_Peer], quality: Quality) -> Iterator[tuple[str, int]]:
        """Count Microsoft's routes on each session of which the dump shows all of them."""
        found: dict[str, list[int]] = {}
        for each in shown:
            if each.mapped is not UnmappedPeer.MICROSOFT:
                continue
            sessions = [
                session.id
                for session in self._inventory.by_microsoft.get(each.counts.peer.peer.address, ())
            ]
            # In a mesh, an address has several sessions: it is not known which of them this is.
            if len(sessions) == 1 and each.coverage(quality) is Coverage.COMPLETE:
                routes = each.counts.entries - each.counts.withdrawn
                found.setdefault(sessions[0], []).append(routes)
        # The count of a table with updates after it is neither of the two counts.
        yield from (
            (session_id, routes[0]) for session_id, routes in found.items() if len(routes) == 1
        )

    def _sources(
        self, peers: list[_Peer], quality: Quality, times: DumpTimes
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
        self, peers: list[_Peer], quality: Quality, times: DumpTimes
    ) -> Iterator[SessionRecords]:
        """Yield the records of each view of a session."""
        self._table.replace(_replaced([each.counts for each in peers], times.snapshots))
        shared, rows = self._table.close()
        by_peer = np.argsort(rows["peer"], kind="stable")
        bounds = np.searchsorted(rows["peer"][by_peer], np.arange(len(peers) + 1))
        found: dict[tuple[str, View], list[tuple[SessionMatch, bool, int]]] = {}
        for number, peer in enumerate(peers):
            if not isinstance(peer.mapped, tuple):
                continue
            for each, judged in zip(peer.mapped, self._judged[number], strict=True):
                key = (each.session.id, each.viewpoint.view)
                found.setdefault(key, []).append((each, judged, number))
        members = _members(peers)
        floors = _floors(peers, times)
        for seen in found.values():
            numbers = [number for _, _, number in seen if peers[number].is_shown]
            if not numbers:
                continue
            some = [by_peer[bounds[number] : bounds[number + 1]] for number in numbers]
            sessions = np.sort(np.concatenate(some))
            chosen = np.empty(len(sessions), ROW)
            for name in ROW.names or ():
                chosen[name] = rows[name][sessions]
            session_match = seen[0][0]
            criteria = self._criteria[session_match.session.peering.name]
            if not all(judged for _, judged, _ in seen):
                chosen["facts"] = _facts(chosen, shared, session_match.viewpoint, criteria)
            index = np.searchsorted(numbers, rows["peer"][sessions]).astype(np.uint32)
            some_peers = [peers[number] for number in numbers]
            table = _table_part(some_peers, quality, times, floors)
            feed = _feed_part(some_peers, quality, times)
            if table is None and feed is None:
                continue
            yield SessionRecords(
                self._argument.file,
                session_match.session.id,
                session_match.viewpoint,
                shared,
                chosen,
                index,
                rows["withdrawn"][sessions],
                rows["in_table"][sessions],
                tuple(members[number] for number in numbers),
                table,
                feed,
            )


@attrs.frozen
class _Peer:
    """A peer of the dump, and the sessions that it was mapped to.

    Attributes:
        counts: of its routes.
        mapped: its sessions, or why it has none.
        snapshot: the one that names it; None in a feed.
        families: those whose routes count.
    """

    counts: PeerCounts
    mapped: tuple[SessionMatch, ...] | UnmappedPeer
    snapshot: Snapshot | None
    families: frozenset[int]

    @property
    def is_shown(self) -> bool:
        """Whether it counts: peers of a replaced snapshot do not."""
        return self.snapshot is None or not is_left_out(self.snapshot, self.families)

    def counts_for(self, family: int) -> bool:
        """Whether it shows the routes of an address family.

        A peer of a TABLE_DUMP shows routes of its own address's family, and no others: the
        record has one address family for both (RFC 6396 section 4.2).
        """
        if self.snapshot is None:
            return family in self.families
        if not self.snapshot.has_peer_table and family != self.counts.peer.peer.address.version:
            return False
        return family in self.families & self.snapshot.replaces

    @property
    def key(self) -> PeerKey:
        """The identity of the peer, independent of the record that names it."""
        peer = self.counts.peer.peer
        return peer.address, peer.known_asn

    def coverage(self, quality: Quality) -> Coverage:
        """Return whether a prefix that it does not show is absent."""
        return coverage_of(self.counts, quality, self.snapshot)

    def session_counts(self) -> SessionCounts:
        """Return the numbers of its routes that count."""
        counts = self.counts
        shown = counts.entries - counts.withdrawn
        ipv6 = counts.ipv6 if 6 in self.families else 0
        routes = shown - counts.ipv6 + ipv6 if 4 in self.families else ipv6
        return SessionCounts(routes, min(counts.tagged, routes), ipv6, _is_rib(counts))


def _peers(
    counts: Iterable[PeerCounts],
    mapped: Iterable[tuple[SessionMatch, ...] | UnmappedPeer],
    times: DumpTimes,
) -> list[_Peer]:
    families = counted(times.snapshots)

    def peer(each: PeerCounts, mapped: tuple[SessionMatch, ...] | UnmappedPeer) -> _Peer:
        number = each.snapshot
        if number is None or number >= len(families):
            return _Peer(each, mapped, None, _FAMILIES)
        return _Peer(each, mapped, times.snapshots[number], families[number])

    return [peer(*pair) for pair in zip(counts, mapped, strict=True)]


def _replaced(counts: Sequence[PeerCounts], snapshots: Sequence[Snapshot]) -> npt.NDArray[np.bool_]:
    """Return for each peer whether a later snapshot replaces its IPv4 and its IPv6 routes."""
    families = counted(snapshots)
    found = np.zeros((len(counts), 2), np.bool_)
    for number, each in enumerate(counts):
        if each.snapshot is not None and each.snapshot < len(families):
            found[number] = [family not in families[each.snapshot] for family in (4, 6)]
    return found


def _with_others(
    counts: Iterable[PeerCounts], snapshots: Iterable[Snapshot], *, is_generic: bool
) -> tuple[Snapshot, ...]:
    """Mark the snapshots that have routes, but none of a family that is read.

    Args:
        counts: of each peer.
        snapshots: in the order of the dump.
        is_generic: whether the dump may have records of other families. They are counted for the
            dump as a whole, so that no snapshot without a record that is read is known to be empty.
    """
    full = {each.snapshot for each in counts if each.entries}
    return tuple(
        attrs.evolve(each, has_others=True)
        if not each.families and (is_generic or number in full)
        else each
        for number, each in enumerate(snapshots)
    )


def _has_generic(quality: Quality) -> bool:
    return any((kind, subtype) in _RIB_GENERIC for kind, subtype, _ in quality.unsupported)


def _cut(times: DumpTimes) -> DumpTimes:
    """Return the times of a dump whose compressed stream is cut: the end is missing."""
    snapshots = [attrs.evolve(each, is_sound=False) for each in times.snapshots]
    snapshots[-1:] = [attrs.evolve(each, is_damaged=True) for each in snapshots[-1:]]
    return attrs.evolve(times, snapshots=tuple(snapshots))


def _members(peers: Sequence[_Peer]) -> list[Member]:
    """Return the peers as members of their sessions.

    A session starts and ends for both of its directions, which a feed names apart.
    """
    latest: dict[PeerKey, SessionEvents] = {}
    for each in peers:
        events, known = each.counts.events, latest.get(each.key, SessionEvents())
        latest[each.key] = SessionEvents(
            _later(events.started, known.started),
            _later(events.down, known.down),
            heard=_later(events.heard, known.heard),
        )
    return [
        Member(
            each.key,
            None if each.snapshot is None else each.snapshot.taken,
            attrs.evolve(latest[each.key], end_of_rib=each.counts.events.end_of_rib),
            each.counts.opened or latest[each.key].started is not None,
            4 in each.counts.ended,
        )
        for each in peers
    ]


def _later(one: Moment | None, other: Moment | None) -> Moment | None:
    return max((each for each in (one, other) if each is not None), default=None)


def _floors(peers: Iterable[_Peer], times: DumpTimes) -> dict[tuple[PeerKey, int], Moment]:
    """Return by peer and family the time after which updates are not in a table of the peer."""
    tables: dict[PeerKey, set[tuple[bytes, bytes] | None]] = {}
    for each in peers:
        if each.snapshot is not None:
            tables.setdefault(each.key, set()).add(each.snapshot.table)
    since: dict[tuple[tuple[bytes, bytes] | None, int], Moment] = {}
    for snapshot, families in zip(times.snapshots, counted(times.snapshots), strict=True):
        for family in families & snapshot.replaces:
            moment = (snapshot.taken, snapshot.record)
            since[snapshot.table, family] = max(since.get((snapshot.table, family), moment), moment)
    found: dict[tuple[PeerKey, int], Moment] = {}
    for key, names in tables.items():
        for family in (4, 6):
            moments = [since[name, family] for name in (*names, None) if (name, family) in since]
            if moments:
                found[key, family] = max(moments)
    return found


def _table_part(
    peers: Sequence[_Peer],
    quality: Quality,
    times: DumpTimes,
    floors: Mapping[tuple[PeerKey, int], Moment],
) -> TablePart | None:
    shown = [each for each in peers if _is_rib(each.counts)]
    if not shown:
        return None
    # Only IPv4 counts: a peer that shows IPv6 alone says nothing of coverage and age.
    judged = [each for each in shown if each.counts_for(4)]
    snapshots = [each.snapshot for each in judged or shown if each.snapshot is not None]
    # A table whose snapshot is not known has the time of the dump's first record.
    first, last = times.span or (0, 0)
    keys = {each.key for each in shown}
    return TablePart(
        max(
            (each.coverage(quality) for each in judged),
            key=_BEST_FIRST.index,
            default=Coverage.PARTIAL,
        ),
        sum((each.session_counts() for each in shown), SessionCounts()),
        min((each.taken for each in snapshots), default=first),
        min((each.last for each in snapshots), default=last),
        {pair: floors[pair] for key in keys for pair in ((key, 4), (key, 6)) if pair in floors},
    )


def _feed_part(peers: Sequence[_Peer], quality: Quality, times: DumpTimes) -> FeedPart | None:
    shown = [each for each in peers if not _is_rib(each.counts)]
    if not shown or times.messages is None:
        return None
    counts = sum((each.session_counts() for each in shown), SessionCounts())
    return FeedPart(counts, *times.messages, quality.is_complete)


def _strangers(shown: Iterable[_Peer]) -> dict[str, int]:
    """Return the peers without a session, by name, with their numbers of routes."""
    found: dict[str, int] = {}
    for each in shown:
        if each.mapped is UnmappedPeer.UNKNOWN and each.counts.entries:
            name = str(each.counts.peer.peer)
            found[name] = found.get(name, 0) + each.counts.entries
    return found


def _facts(rows: Rows, shared: InternTable, viewpoint: Viewpoint, criteria: Criteria) -> Facts:
    """Take the facts of rows: of each prefix and each wording once."""
    attribute_sets, worded = np.unique(rows["wording"], return_inverse=True)
    prefixes, prefixed = np.unique(rows["prefix"], return_inverse=True)
    of_wordings = [
        attribute_facts(shared.attributes(each), viewpoint, criteria)
        for each in attribute_sets.tolist()
    ]
    of_prefixes = [prefix_facts(shared.prefixes[each], criteria) for each in prefixes.tolist()]
    return np.array(of_wordings, np.uint32)[worded] | np.array(of_prefixes, np.uint32)[prefixed]


def coverage_of(counts: PeerCounts, quality: Quality, snapshot: Snapshot | None = None) -> Coverage:
    """Return whether a prefix that a peer does not show is absent.

    A complete RIB shows everything. So does a feed that has the start of the session and its
    End-of-RIB for IPv4 (RFC 4724), the family of registered prefixes.

    Args:
        counts: of the peer.
        quality: how well the dump could be read.
        snapshot: the one that names the peer; None in a feed, or if it is not known.
    """
    if snapshot is not None:
        return Coverage.COMPLETE if snapshot.is_sound else Coverage.PARTIAL
    if not quality.is_complete:
        return Coverage.PARTIAL
    whole = _is_rib(counts) or (counts.opened and 4 in counts.ended)
    return Coverage.COMPLETE if whole else Coverage.PARTIAL


def _is_rib(counts: PeerCounts) -> bool:
    """Whether a peer is one of a RIB, not of a feed."""
    return counts.peer.local_asn is None
