"""The peers of one dump: their sessions, which of their routes count, and what they cover."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import attrs
import numpy as np
import numpy.typing as npt

from peerlint.bulk import (
    DumpTimes,
    Moment,
    PeerCounts,
    Quality,
    SessionEvents,
    Snapshot,
    counted,
    is_left_out,
)
from peerlint.observations.coverage import BEST_COVERAGE_FIRST, Coverage
from peerlint.observations.session_records import FeedPart, PeerKey, SessionPeer, TablePart
from peerlint.observations.session_routes import SessionCounts
from peerlint.observations.sessions import SessionMatch, UnmappedPeer

#: Type and subtype of RIB_GENERIC, without and with path identifiers (RFC 6396, RFC 8050).
_RIB_GENERIC: Final = frozenset({(13, 6), (13, 12)})
_FAMILIES: Final = frozenset({4, 6})


@attrs.frozen
class MappedPeer:
    """A peer of the dump, with the sessions that it was mapped to.

    Attributes:
        counts: the counts of its routes.
        mapped: its sessions, or why it has none.
        snapshot: the snapshot whose peer table lists it; None in a feed.
        families: the address families whose routes count.
    """

    counts: PeerCounts
    mapped: tuple[SessionMatch, ...] | UnmappedPeer
    snapshot: Snapshot | None
    families: frozenset[int]

    @property
    def is_shown(self) -> bool:
        """Whether its routes count: those of a replaced snapshot do not."""
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
        """The identity of the peer in all dumps: address and AS number."""
        peer = self.counts.peer.peer
        return peer.address, peer.known_asn

    def coverage(self, quality: Quality) -> Coverage:
        """Return whether a prefix that it does not show is certainly absent."""
        return coverage_of(self.counts, quality, self.snapshot)

    def session_counts(self) -> SessionCounts:
        """Return how many of its routes count."""
        counts = self.counts
        shown = counts.entries - counts.withdrawn
        ipv6 = counts.ipv6 if 6 in self.families else 0
        routes = shown - counts.ipv6 + ipv6 if 4 in self.families else ipv6
        return SessionCounts(routes, min(counts.tagged, routes), ipv6, _is_rib(counts))


def mapped_peers(
    counts: Iterable[PeerCounts],
    mapped: Iterable[tuple[SessionMatch, ...] | UnmappedPeer],
    times: DumpTimes,
) -> list[MappedPeer]:
    """Return the peers of a dump with the snapshots that list them.

    Args:
        counts: the counts of each peer, in the order of the dump.
        mapped: the sessions of each peer, or why it has none.
        times: the times of the dump's snapshots.
    """
    families = counted(times.snapshots)

    def peer(each: PeerCounts, mapped: tuple[SessionMatch, ...] | UnmappedPeer) -> MappedPeer:
        number = each.snapshot
        if number is None or number >= len(families):
            return MappedPeer(each, mapped, None, _FAMILIES)
        return MappedPeer(each, mapped, times.snapshots[number], families[number])

    return [peer(*pair) for pair in zip(counts, mapped, strict=True)]


def replaced_families(
    counts: Sequence[PeerCounts], snapshots: Sequence[Snapshot]
) -> npt.NDArray[np.bool_]:
    """Return whether a later snapshot replaces a peer's routes: peers by families IPv4, IPv6."""
    families = counted(snapshots)
    found = np.zeros((len(counts), 2), np.bool_)
    for number, each in enumerate(counts):
        if each.snapshot is not None and each.snapshot < len(families):
            found[number] = [family not in families[each.snapshot] for family in (4, 6)]
    return found


def with_others(
    counts: Iterable[PeerCounts], snapshots: Iterable[Snapshot], *, is_generic: bool
) -> tuple[Snapshot, ...]:
    """Mark the snapshots that have routes, but none of a family that is read.

    Args:
        counts: the counts of each peer.
        snapshots: in the order of the dump.
        is_generic: whether the dump may have records of other families. They are counted for the
            dump as a whole, so a snapshot without a record that is read is not known to be empty.
    """
    full = {each.snapshot for each in counts if each.entries}
    return tuple(
        attrs.evolve(each, has_others=True)
        if not each.families and (is_generic or number in full)
        else each
        for number, each in enumerate(snapshots)
    )


def has_generic(quality: Quality) -> bool:
    """Return whether a dump has records of type RIB_GENERIC, which are not read."""
    return any((kind, subtype) in _RIB_GENERIC for kind, subtype, _ in quality.unsupported)


def with_cut_end(times: DumpTimes) -> DumpTimes:
    """Mark the snapshots of a dump whose compressed stream is cut: its end is missing."""
    snapshots = [attrs.evolve(each, is_sound=False) for each in times.snapshots]
    snapshots[-1:] = [attrs.evolve(each, is_damaged=True) for each in snapshots[-1:]]
    return attrs.evolve(times, snapshots=tuple(snapshots))


def session_peers_of(peers: Sequence[MappedPeer]) -> list[SessionPeer]:
    """Return the peers with the events of their sessions.

    A session starts and ends for both of its directions, which are two peers in a feed.
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
        SessionPeer(
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


def snapshot_moments(
    peers: Iterable[MappedPeer], times: DumpTimes
) -> dict[tuple[PeerKey, int], Moment]:
    """Return, by peer and family, the time after which updates are not in a table of the peer."""
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


def table_part(
    peers: Sequence[MappedPeer],
    quality: Quality,
    times: DumpTimes,
    moments: Mapping[tuple[PeerKey, int], Moment],
) -> TablePart | None:
    """Return what the snapshots of a dump show of a session; None if it is in none of them.

    Args:
        peers: the peers of the session.
        quality: how well the dump could be read.
        times: the times of the dump's records.
        moments: see `snapshot_moments`.
    """
    shown = [each for each in peers if _is_rib(each.counts)]
    if not shown:
        return None
    # Registered prefixes are IPv4: a peer that only shows IPv6 does not affect coverage and age.
    of_ipv4 = [each for each in shown if each.counts_for(4)]
    snapshots = [each.snapshot for each in of_ipv4 or shown if each.snapshot is not None]
    # A table whose snapshot is not known has the time of the dump's first record.
    first, last = times.span or (0, 0)
    keys = {each.key for each in shown}
    return TablePart(
        max(
            (each.coverage(quality) for each in of_ipv4),
            key=BEST_COVERAGE_FIRST.index,
            default=Coverage.PARTIAL,
        ),
        sum((each.session_counts() for each in shown), SessionCounts()),
        min((each.taken for each in snapshots), default=first),
        min((each.last for each in snapshots), default=last),
        {pair: moments[pair] for key in keys for pair in ((key, 4), (key, 6)) if pair in moments},
    )


def feed_part(peers: Sequence[MappedPeer], quality: Quality, times: DumpTimes) -> FeedPart | None:
    """Return what the updates of a dump show of a session; None if it has none.

    Args:
        peers: the peers of the session.
        quality: how well the dump could be read.
        times: the times of the dump's messages.
    """
    shown = [each for each in peers if not _is_rib(each.counts)]
    if not shown or times.messages is None:
        return None
    counts = sum((each.session_counts() for each in shown), SessionCounts())
    return FeedPart(counts, *times.messages, quality.is_complete)


def unmapped_routes(shown: Iterable[MappedPeer]) -> dict[str, int]:
    """Return the number of routes of each peer without a session, by the peer's name."""
    found: dict[str, int] = {}
    for each in shown:
        if each.mapped is UnmappedPeer.UNKNOWN and each.counts.entries:
            name = str(each.counts.peer.peer)
            found[name] = found.get(name, 0) + each.counts.entries
    return found


def coverage_of(counts: PeerCounts, quality: Quality, snapshot: Snapshot | None = None) -> Coverage:
    """Return whether a prefix that a peer does not show is certainly absent.

    A complete RIB shows everything. So does a feed that has the start of the session and its
    End-of-RIB for IPv4 (RFC 4724), the address family of registered prefixes.

    Args:
        counts: the counts of the peer.
        quality: how well the dump could be read.
        snapshot: the snapshot that lists the peer; None in a feed, or if it is not known.
    """
    if snapshot is not None:
        return Coverage.COMPLETE if snapshot.is_sound else Coverage.PARTIAL
    if not quality.is_complete:
        return Coverage.PARTIAL
    whole = _is_rib(counts) or (counts.opened and 4 in counts.ended)
    return Coverage.COMPLETE if whole else Coverage.PARTIAL


def _is_rib(counts: PeerCounts) -> bool:
    """Return whether a peer belongs to a RIB, not to a feed."""
    return counts.peer.local_asn is None
