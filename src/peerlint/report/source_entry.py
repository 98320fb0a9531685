"""Sources as the JSON report says them: sessions with view and coverage, quality, times."""

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
        type: of MRT.
        subtype: of MRT.
        records: how many.
    """

    type: int
    subtype: int
    records: int


@attrs.frozen
class QualityEntry:
    """How well a dump could be read; `read + skipped + lost == octets`.

    Attributes:
        octets: the length of the decompressed stream.
        records: records whose head could be read.
        entries: RIB entries, announcements and withdrawals.
        malformed: routes treated as withdrawn for malformed attributes (RFC 7606).
        read: octets understood.
        skipped: octets of records of a type that is not supported.
        lost: octets that are damaged or cut off.
        damages: how many pieces of damage there are.
        damage: the first of them.
        unsupported: the types of records that were skipped, of those with most records.
        cut: why the compressed stream ended before its end; null if it did not.
        may_hide_routes: how many of the records that were skipped may hold an IPv4 unicast route.
        undeclared_path_ids: UPDATEs that were read with path identifiers (RFC 7911) although
            the type of their record says that there are none.
        other_kinds: how many more types and subtypes were skipped than `unsupported` names.
        other_records: how many records of these.
        kinds_full: whether there are more of them, than are told apart.
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
        """Name the parts of what was skipped."""
        fields: dict[str, Any] = attrs.asdict(quality, recurse=False)
        fields["unsupported"] = tuple(Unsupported(*row) for row in quality.unsupported)
        return cls(**fields)

    def quality(self) -> Quality:
        """Return what was written down."""
        fields: dict[str, Any] = attrs.asdict(self, recurse=False)
        fields["unsupported"] = tuple(attrs.astuple(each) for each in self.unsupported)
        return Quality(**fields)


@attrs.frozen
class OtherPeer:
    """A peer of a dump that belongs to no session.

    Attributes:
        peer: address and AS.
        entries: how many routes it showed.
    """

    peer: str
    entries: int


@attrs.frozen
class SessionEntry:
    """What a dump shows of one session.

    Attributes:
        view: where its routes were seen; of several views the one that proves most.
        coverage: whether all of its routes are shown.
    """

    view: View
    coverage: Coverage


@attrs.frozen
class SourceEntry:
    """What became of one dump.

    Attributes:
        name: as the user wrote it.
        sessions: what it shows of each session; those that it does not show are left out.
        quality: how well it could be read.
        first: the time of its first record; null if it is not known.
        last: the time of its last record; null if it is not known.
        age_seconds: how long before `now` that was; null if it is not known.
        too_old: whether something in it is older than evidence may be, and decides nothing.
        in_future: whether its last record is of a time after `now`, so that its time is not known.
        snapshots: how many snapshots of tables are in it.
        replaced: the times of those that a later one of the same table replaces, the first ones.
        more_replaced: how many more of them there are.
        error: why it could not be read at all; null if it could.
        from_microsoft: routes from AS8075, which are not judged.
        other_peers: peers that belong to no session, of those with most routes.
        more_peers: how many more of them there are.
        remarks: what else a user has to know about it.
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

    @classmethod
    def of(cls, source: SourceSummary) -> Self:
        """Write down a source."""
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
        )

    def summary(self) -> SourceSummary:
        """Return what was written down; how many routes each session has from AS8075 is not."""
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
        )


def _by_proof(shown: tuple[tuple[str, View], Coverage]) -> int:
    """Put the view that proves most last, where it counts."""
    (_, view), _ = shown
    return -list(View).index(view)
