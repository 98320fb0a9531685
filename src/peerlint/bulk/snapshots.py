"""Snapshots: the tables of one point in time that a dump holds, and which of them count."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

import attrs

from peerlint.bulk.kernel import IPV4_RECORDS, IPV6_RECORDS, Moment

_FAMILIES: Final = ((4, IPV4_RECORDS), (6, IPV6_RECORDS))
_ALL: Final = frozenset({4, 6})


@attrs.frozen
class Snapshot:
    """One table of one point in time.

    Times are the headers' of the records, in microseconds since 1970.

    Attributes:
        table: which table it is: the collector's identifier and the view's name; of a
            TABLE_DUMP, which names no collector, nothing and the view's number. None if that is
            lost: it may be any.
        taken: the time of its peer table, or of its first record.
        last: the time of its last record.
        record: offset of its peer table, or its first record, in the decompressed stream.
        families: of which it has unicast records.
        is_damaged: whether something is lost before the next snapshot starts.
        is_sound: whether nothing is lost or left unread from its start to the end of the dump.
        has_others: whether its routes are of other families alone, such as multicast: it tells
            nothing of unicast ones.
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
        """Whether its peers stand in a table; in a TABLE_DUMP each route names its own."""
        return self.table is None or bool(self.table[0])

    @property
    def replaces(self) -> frozenset[int]:
        """The families of which it replaces earlier snapshots of its table."""
        if self.is_damaged:
            return _ALL
        return self.families or (frozenset() if self.has_others else _ALL)


@attrs.frozen
class DumpTimes:
    """What a dump tells of time.

    Attributes:
        snapshots: in the order of the dump.
        messages: the times of the first and the last record of a feed in it, in microseconds
            since 1970; None without any.
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
    stream; None if it was never seen.

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
    """Return for each snapshot the families whose routes count: the last word of its table.

    A later snapshot replaces an earlier one of the same table for each family of which it has a
    record; for all of them if it has none, or if something of it is lost.
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
    """Return whether nothing of a snapshot counts.

    Args:
        snapshot: the snapshot.
        families: those of it that count, see `counted`.
    """
    return not families & (snapshot.replaces or _ALL)


def families_of(bits: int) -> frozenset[int]:
    """Return the families that a kernel says a snapshot has records of."""
    return frozenset(family for family, bit in _FAMILIES if bits & bit)


def replaced_times(snapshots: Iterable[Snapshot]) -> tuple[int, ...]:
    """Return when the snapshots were taken of which nothing counts, in microseconds since 1970."""
    every = tuple(snapshots)
    pairs = zip(every, counted(every), strict=True)
    return tuple(sorted(each.taken for each, families in pairs if is_left_out(each, families)))
