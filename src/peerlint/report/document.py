"""The report as a document, schema `peerlint/report/2`: what its JSON says."""

from __future__ import annotations

from datetime import datetime
from typing import Final, Self

import attrs

from peerlint.report.finding_entry import FindingEntry, RuleEntry, rules_of
from peerlint.report.source_entry import SourceEntry
from peerlint.results import (
    AsnResult,
    Matrix,
    MatrixSession,
    PeeringSummary,
    PrefixResult,
    Report,
    ServicePrefixResult,
)

SCHEMA: Final = "peerlint/report/2"


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
class Column:
    """A session of the matrix.

    Attributes:
        session: its id.
        peering: that it belongs to.
        router: at the partner's end; null if it is not declared.
        location: the metro; null if it is not declared.
        peer: the partner's address; null if it is not declared.
        microsoft: Microsoft's address; null if it is not declared.
    """

    session: str
    peering: str
    router: str | None
    location: str | None
    peer: str | None
    microsoft: str | None

    @classmethod
    def of(cls, session: MatrixSession) -> Self:
        """Write down a column."""
        return cls(*attrs.astuple(session))

    def column(self) -> MatrixSession:
        """Return what was written down."""
        return MatrixSession(*attrs.astuple(self))


@attrs.frozen
class Row:
    """A row of the matrix.

    Attributes:
        key: of the prefix.
        cells: a word for every session: "ok", "-" where the prefix is not announced and need not
            be, or the word of the worst finding.
    """

    key: str
    cells: dict[str, str]


@attrs.frozen
class Cells:
    """Prefixes against sessions.

    Attributes:
        sessions: the columns.
        rows: one for each registered prefix.
    """

    sessions: tuple[Column, ...]
    rows: tuple[Row, ...]

    @classmethod
    def of(cls, matrix: Matrix) -> Self:
        """Write down every cell."""
        return cls(
            tuple(map(Column.of, matrix.sessions)),
            tuple(Row(key, cells) for key, cells in matrix.rows.items()),
        )

    def matrix(self) -> Matrix:
        """Return what was written down."""
        return Matrix(
            tuple(each.column() for each in self.sessions),
            {row.key: row.cells for row in self.rows},
        )


@attrs.frozen
class Document:
    """A report, in the form of its JSON.

    Attributes:
        schema: the name of this form, "peerlint/report/2".
        now: the time of the check, with the zone.
        tool: what wrote it.
        rules: by id, the texts of the rules that findings and checks name.
        sources: one for each dump.
        peerings: every peering.
        registered_asns: every registered AS.
        prefixes: every registered prefix; at a route server every announced one.
        service_prefixes: every service prefix.
        findings: outcomes other than a plain pass.
        matrix: prefixes against sessions.
        remarks: further remarks about the inventory or its profiles.
        strict: whether what is only inferred counts as unknown.
    """

    schema: str
    now: datetime
    tool: Tool
    rules: dict[str, RuleEntry]
    sources: tuple[SourceEntry, ...]
    peerings: tuple[PeeringSummary, ...]
    registered_asns: tuple[AsnResult, ...]
    prefixes: tuple[PrefixResult, ...]
    service_prefixes: tuple[ServicePrefixResult, ...]
    findings: tuple[FindingEntry, ...]
    matrix: Cells
    remarks: tuple[str, ...]
    strict: bool

    @classmethod
    def of(cls, report: Report) -> Self:
        """Write down a report."""
        checks = [check for row in report.prefixes for check in row.checks]
        checks += [check for row in report.service_prefixes for check in row.checks]
        named = {finding.rule for finding in report.findings}
        named.update(rule for check in checks for rule in check.rules)
        return cls(
            schema=SCHEMA,
            now=report.now,
            tool=Tool(report.version, report.kernel),
            rules=rules_of(named),
            sources=tuple(map(SourceEntry.of, report.sources)),
            peerings=report.peerings,
            registered_asns=report.registered_asns,
            prefixes=report.prefixes,
            service_prefixes=report.service_prefixes,
            findings=tuple(map(FindingEntry.of, report.findings)),
            matrix=Cells.of(report.matrix()),
            remarks=report.remarks,
            strict=report.strict,
        )

    def report(self) -> Report:
        """Return the report that was written down."""
        peers: dict[str | None, str | None] = {
            each.session: each.peer for each in self.matrix.sessions
        }
        return Report(
            now=self.now,
            version=self.tool.version,
            kernel=self.tool.kernel,
            sources=tuple(each.summary() for each in self.sources),
            peerings=self.peerings,
            prefixes=self.prefixes,
            findings=tuple(each.finding(self.rules, peers) for each in self.findings),
            cells=self.matrix.matrix(),
            service_prefixes=self.service_prefixes,
            registered_asns=self.registered_asns,
            remarks=self.remarks,
            strict=self.strict,
        )
