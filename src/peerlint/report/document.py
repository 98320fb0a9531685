"""The report as a document, schema `peerlint/report/1`: what its JSON says."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final, Self

import attrs

from peerlint.bulk import Damage, Quality
from peerlint.model import View
from peerlint.observe import Coverage, SourceSummary
from peerlint.verdicts import (
    NOT_ASKED,
    OK,
    AsnVerdict,
    Finding,
    MatrixSession,
    PrefixVerdict,
    Report,
    ServiceVerdict,
)

SCHEMA: Final = "peerlint/report/1"


@attrs.frozen
class Tool:
    """What wrote the report.

    Attributes:
        version: of peerlint.
        kernel: "c" or "python".
    """

    version: str
    kernel: str


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
        unsupported: the types of records that were skipped.
        cut: why the compressed stream ended before its end; null if it did not.
        may_hide_routes: how many of the records that were skipped may hold an IPv4 unicast route.
        undeclared_path_ids: UPDATEs that were read with path identifiers (RFC 7911) although
            the type of their record says that there are none.
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
    may_hide_routes: int
    undeclared_path_ids: int = 0

    @classmethod
    def of(cls, quality: Quality) -> Self:
        """Name the parts of what was skipped."""
        fields: dict[str, Any] = attrs.asdict(quality, recurse=False)
        fields["unsupported"] = tuple(Unsupported(*row) for row in quality.unsupported)
        return cls(**fields)


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
class SourceEntry:
    """What became of one dump.

    Attributes:
        name: as the user wrote it.
        view: the view that proves most among its sessions; null without sessions.
        sessions: the view of each session.
        coverage: the best that it gives to any session.
        quality: how well it could be read.
        error: why it could not be read at all; null if it could.
        from_microsoft: routes from AS8075, which are not judged.
        other_peers: peers that belong to no session.
    """

    name: str
    view: View | None
    sessions: dict[str, View]
    coverage: Coverage
    quality: QualityEntry
    error: str | None
    from_microsoft: int
    other_peers: tuple[OtherPeer, ...]

    @classmethod
    def of(cls, source: SourceSummary) -> Self:
        """Write down a source."""
        return cls(
            source.name,
            source.view,
            dict(source.views),
            source.coverage,
            QualityEntry.of(source.quality),
            source.error,
            source.microsoft,
            tuple(OtherPeer(peer, entries) for peer, entries in source.strangers),
        )


@attrs.frozen
class Column:
    """A session of the matrix.

    Attributes:
        session: its id.
        peering: that it belongs to.
        router: at the partner's end.
        location: the metro.
    """

    session: str
    peering: str
    router: str | None
    location: str | None

    @classmethod
    def of(cls, session: MatrixSession) -> Self:
        """Write down a column."""
        return cls(session.id, session.peering, session.router, session.location)


@attrs.frozen
class Cells:
    """Prefixes against sessions.

    Attributes:
        sessions: the columns.
        rows: by prefix and session, the worst of what is wrong; what passes is left out.
    """

    sessions: tuple[Column, ...]
    rows: dict[str, dict[str, str]]

    @classmethod
    def of(cls, report: Report) -> Self:
        """Write down the cells that do not pass."""
        matrix = report.matrix()
        rows: dict[str, dict[str, str]] = {}
        for key, row in matrix.rows.items():
            prefix = key.split(" ")[1]
            cells = {session: word for session, word in row.items() if word not in (OK, NOT_ASKED)}
            rows.setdefault(prefix, {}).update(cells)
        return cls(tuple(map(Column.of, matrix.sessions)), rows)


@attrs.frozen
class Document:
    """A report, as its JSON says it.

    Attributes:
        schema: the name of this form, "peerlint/report/1".
        now: when it was written, with the time zone.
        tool: what wrote it.
        sources: one for each dump.
        prefixes: every registered prefix.
        findings: what did not simply pass.
        matrix: prefixes against sessions.
        service_prefixes: every service prefix.
        registered_asns: every registered AS.
    """

    schema: str
    now: datetime
    tool: Tool
    sources: tuple[SourceEntry, ...]
    prefixes: tuple[PrefixVerdict, ...]
    findings: tuple[Finding, ...]
    matrix: Cells
    service_prefixes: tuple[ServiceVerdict, ...] = ()
    registered_asns: tuple[AsnVerdict, ...] = ()

    @classmethod
    def of(cls, report: Report) -> Self:
        """Write down a report."""
        return cls(
            SCHEMA,
            report.now,
            Tool(report.version, report.kernel),
            tuple(map(SourceEntry.of, report.sources)),
            report.prefixes,
            report.findings,
            Cells.of(report),
            report.service_prefixes,
            report.registered_asns,
        )
