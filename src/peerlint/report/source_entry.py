"""Sources in the form of the JSON report: sessions with view and coverage, quality, times."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Self

import attrs

from peerlint.bulk import Damage, Quality
from peerlint.model import View
from peerlint.observations import Coverage, SourceSummary


@attrs.frozen
class Unsupported:
    """Records that were skipped.

    Attributes:
        type: the MRT type.
        subtype: the MRT subtype.
        records: the number of records.
    """

    type: int
    subtype: int
    records: int


@attrs.frozen
class QualityEntry:
    """How well a dump could be read; `read + skipped + lost == octets`.

    Attributes:
        octets: the length of the decompressed stream, in octets.
        records: the number of records whose header could be read.
        entries: the number of RIB entries, announcements and withdrawals.
        malformed: the number of routes treated as withdrawn for malformed attributes (RFC 7606).
        read: the number of octets that were understood.
        skipped: the number of octets in records of a type that is not supported.
        lost: the number of octets that are damaged or cut off.
        damages: the number of pieces of damage.
        damage: the first pieces of damage.
        unsupported: the types of skipped records with most records.
        cut: the reason why the compressed stream ended early; null if it did not.
        may_hide_routes: the number of skipped records that may contain an IPv4 unicast route.
        undeclared_path_ids: the number of UPDATEs that were read with path identifiers (RFC 7911)
            although the type of their record says that there are none.
        other_kinds: the number of further skipped types and subtypes, which `unsupported` does not
            name.
        other_records: the number of their records.
        kinds_full: whether there are more types and subtypes than are counted separately.
    """

    octets: int
    records: int
    entries: int
    malformed: int
    read: int
    skipped: int
    lost: int
    damages: int
    damage: tuple[Damage, ...]
    unsupported: tuple[Unsupported, ...]
    cut: str | None
    may_hide_routes: int = 0
    undeclared_path_ids: int = 0
    other_kinds: int = 0
    other_records: int = 0
    kinds_full: bool = False

    @classmethod
    def of(cls, quality: Quality) -> Self:
        """Return the JSON form of a quality."""
        fields: dict[str, Any] = attrs.asdict(quality, recurse=False)
        fields["unsupported"] = tuple(Unsupported(*row) for row in quality.unsupported)
        return cls(**fields)

    def quality(self) -> Quality:
        """Return the quality."""
        fields: dict[str, Any] = attrs.asdict(self, recurse=False)
        fields["unsupported"] = tuple(attrs.astuple(each) for each in self.unsupported)
        return Quality(**fields)


@attrs.frozen
class OtherPeer:
    """A peer of a dump that belongs to no session.

    Attributes:
        peer: the address and the AS of the peer.
        entries: the number of its routes.
    """

    peer: str
    entries: int


@attrs.frozen
class SessionEntry:
    """A session in a dump.

    Attributes:
        view: the view of its routes; if there are several, the one that proves most.
        coverage: whether the dump has all of its routes.
    """

    view: View
    coverage: Coverage


@attrs.frozen
class SourceEntry:
    """A dump.

    Attributes:
        name: the name as the user wrote it.
        sessions: the sessions of the inventory that it has, by id.
        quality: how well it could be read.
        first: the time of its first record; null if it is not known.
        last: the time of its last record; null if it is not known.
        age_seconds: the age of its last record at `now`, in seconds; null if it is not known.
        too_old: whether a part of it is older than evidence may be, and decides nothing.
        in_future: whether its last record is later than `now`, so that its time is not known.
        snapshots: the number of table snapshots in it.
        replaced: the times of the first snapshots that are replaced by a later one of the same
            table.
        more_replaced: the number of further replaced snapshots.
        error: the reason why it could not be read at all; null if it could be read.
        from_microsoft: the number of routes from AS8075, which are not evaluated.
        other_peers: the peers with most routes that belong to no session.
        more_peers: the number of further such peers.
        live: whether it is a live feed: `quality` then counts messages, not octets.
        remarks: further remarks about it.
    """

    name: str
    sessions: dict[str, SessionEntry]
    quality: QualityEntry
    first: datetime | None
    last: datetime | None
    age_seconds: int | None
    too_old: bool
    in_future: bool
    snapshots: int
    replaced: tuple[datetime, ...]
    error: str | None
    from_microsoft: int
    other_peers: tuple[OtherPeer, ...]
    remarks: tuple[str, ...]
    more_replaced: int = 0
    more_peers: int = 0
    live: bool = False

    @classmethod
    def of(cls, source: SourceSummary) -> Self:
        """Return the JSON form of a source."""
        coverages = source.coverages or (source.coverage,) * len(source.views)
        shown = sorted(zip(source.views, coverages, strict=True), key=_by_proof)
        sessions = {session: SessionEntry(view, seen) for (session, view), seen in shown}
        return cls(
            name=source.name,
            sessions={session: sessions[session] for session, _ in source.views},
            quality=QualityEntry.of(source.quality),
            first=source.first,
            last=source.last,
            age_seconds=source.age_seconds,
            too_old=source.is_too_old,
            in_future=source.is_in_future,
            snapshots=source.snapshots,
            replaced=source.replaced,
            error=source.error,
            from_microsoft=source.microsoft,
            other_peers=tuple(OtherPeer(peer, entries) for peer, entries in source.unmapped_peers),
            remarks=source.remarks,
            more_replaced=source.more_replaced,
            more_peers=source.more_unmapped_peers,
            live=source.is_live,
        )

    def summary(self) -> SourceSummary:
        """Return the source, without the number of routes from AS8075 by session."""
        coverages = [each.coverage for each in self.sessions.values()]
        return SourceSummary(
            self.name,
            tuple((session, each.view) for session, each in self.sessions.items()),
            min(coverages, key=list(Coverage).index, default=Coverage.NONE),
            self.quality.quality(),
            microsoft=self.from_microsoft,
            unmapped_peers=tuple((each.peer, each.entries) for each in self.other_peers),
            error=self.error,
            remarks=self.remarks,
            first=self.first,
            last=self.last,
            age_seconds=self.age_seconds,
            is_too_old=self.too_old,
            is_in_future=self.in_future,
            snapshots=self.snapshots,
            replaced=self.replaced,
            more_replaced=self.more_replaced,
            more_unmapped_peers=self.more_peers,
            coverages=tuple(coverages),
            is_live=self.live,
        )


def _by_proof(shown: tuple[tuple[str, View], Coverage]) -> int:
    """Return a sort key that puts the view that proves most last."""
    (_, view), _ = shown
    return -list(View).index(view)
