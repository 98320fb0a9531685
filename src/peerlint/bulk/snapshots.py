"""Snapshots: tables of one point in time in a dump, and which of them count."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

import attrs

from peerlint.bulk.kernel import IPV4_RECORDS, IPV6_RECORDS, Moment

_FAMILIES: Final = ((4, IPV4_RECORDS), (6, IPV6_RECORDS))
_ALL: Final = frozenset({4, 6})


@attrs.frozen
class Snapshot:
    """One table at one point in time.

    Times are those in the headers of its records, in microseconds since 1970.

    Attributes:
        table: identifies the table: the collector's identifier and the view's name; for a
            TABLE_DUMP, which has no collector, nothing and the view's number. None if that is
            lost: it may be any table.
        taken: the time of its peer table, or of its first record.
        last: the time of its last record.
        record: offset of its peer table, or its first record, in the decompressed stream.
        families: the address families of its unicast records.
        is_damaged: whether something is lost before the next snapshot starts.
        is_sound: whether nothing is lost or skipped from its start to the end of the dump.
        has_others: whether all of its routes are of other families, such as multicast, so that it
            says nothing about unicast routes.
    """

    table: tuple[bytes, bytes] | None
    taken: int
    last: int
    record: int
    families: frozenset[int]
    is_damaged: bool = False
    is_sound: bool = True
    has_others: bool = False

    @property
    def has_peer_table(self) -> bool:
        """Whether it has a peer table; in a TABLE_DUMP each route names its own peer."""
        return self.table is None or bool(self.table[0])

    @property
    def replaces(self) -> frozenset[int]:
        """The address families for which it replaces earlier snapshots of its table."""
        if self.is_damaged:
            return _ALL
        return self.families or (frozenset() if self.has_others else _ALL)


@attrs.frozen
class DumpTimes:
    """The times in a dump.

    Attributes:
        snapshots: in the order of the dump.
        messages: the times of its first and its last record of a feed, in microseconds since
            1970; None without such records.
    """

    snapshots: tuple[Snapshot, ...] = ()
    messages: tuple[int, int] | None = None

    @property
    def span(self) -> tuple[int, int] | None:
        """The times of the first and the last record; None without any."""
        found = [(each.taken, each.last) for each in self.snapshots]
        found += [] if self.messages is None else [self.messages]
        if not found:
            return None
        return min(first for first, _ in found), max(last for _, last in found)


@attrs.frozen
class SessionEvents:
    """When things last happened to a session of a feed.

    Each is the time of a record in microseconds since 1970, and its offset in the decompressed
    stream; None if it never happened.

    Attributes:
        started: an OPEN came, or the state became Established.
        down: a NOTIFICATION came, or the state became another one.
        end_of_rib: End-of-RIB came for IPv4 (RFC 4724).
        heard: any other message came.
    """

    started: Moment | None = None
    down: Moment | None = None
    end_of_rib: Moment | None = None
    heard: Moment | None = None


def counted(snapshots: Sequence[Snapshot]) -> tuple[frozenset[int], ...]:
    """Return for each snapshot the address families for which it is the last one of its table.

    A later snapshot replaces an earlier one of the same table for each family of which it has a
    record; for all families if it has no record, or if something of it is lost.
    """
    order = sorted(range(len(snapshots)), key=lambda at: (snapshots[at].taken, at), reverse=True)
    found: dict[int, frozenset[int]] = {}
    replaced: dict[tuple[bytes, bytes] | None, frozenset[int]] = {}
    for at in order:
        each = snapshots[at]
        gone = replaced.get(each.table, frozenset()) | replaced.get(None, frozenset())
        found[at] = _ALL - gone
        replaced[each.table] = replaced.get(each.table, frozenset()) | each.replaces
    return tuple(found[at] for at in range(len(snapshots)))


def is_left_out(snapshot: Snapshot, families: frozenset[int]) -> bool:
    """Return whether a snapshot is replaced for all of its families.

    Args:
        snapshot: the snapshot.
        families: those for which it counts, see `counted`.
    """
    return not families & (snapshot.replaces or _ALL)


def families_of(bits: int) -> frozenset[int]:
    """Return the address families of the bits that a kernel sets for a snapshot."""
    return frozenset(family for family, bit in _FAMILIES if bits & bit)


def replaced_times(snapshots: Iterable[Snapshot]) -> tuple[int, ...]:
    """Return the times of the snapshots that are left out, in microseconds since 1970."""
    every = tuple(snapshots)
    pairs = zip(every, counted(every), strict=True)
    return tuple(sorted(each.taken for each, families in pairs if is_left_out(each, families)))
