"""The report in the form of its JSON, schema `peerlint/report/2`."""

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
    RegistrySource,
    Report,
    ServicePrefixResult,
)

SCHEMA: Final = "peerlint/report/2"


@attrs.frozen
class Tool:
    """The program that wrote the report.

    Attributes:
        version: the version of peerlint.
        kernel: the kernel that read the dumps, "c" or "python".
    """

    version: str
    kernel: str


@attrs.frozen
class Column:
    """A session of the matrix.

    Attributes:
        session: the session's id.
        peering: the peering that it belongs to.
        router: the router at the partner's end; null if it is not declared.
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
        """Return the JSON form of a column."""
        return cls(*attrs.astuple(session))

    def column(self) -> MatrixSession:
        """Return the column."""
        return MatrixSession(*attrs.astuple(self))


@attrs.frozen
class Row:
    """A row of the matrix.

    Attributes:
        key: the key of the prefix.
        cells: the word of every session: "ok", "-" if the prefix is neither announced nor required
            there, or the word of the worst finding.
    """

    key: str
    cells: dict[str, str]


@attrs.frozen
class Cells:
    """The matrix of prefixes and sessions.

    Attributes:
        sessions: the columns.
        rows: the rows, one for each registered prefix.
    """

    sessions: tuple[Column, ...]
    rows: tuple[Row, ...]

    @classmethod
    def of(cls, matrix: Matrix) -> Self:
        """Return the JSON form of a matrix."""
        return cls(
            tuple(map(Column.of, matrix.sessions)),
            tuple(Row(key, cells) for key, cells in matrix.rows.items()),
        )

    def matrix(self) -> Matrix:
        """Return the matrix."""
        return Matrix(
            tuple(each.column() for each in self.sessions),
            {row.key: row.cells for row in self.rows},
        )


@attrs.frozen
class Document:
    """A report, in the form of its JSON.

    Attributes:
        schema: the name of the schema, "peerlint/report/2".
        now: the time of the check, with its time zone.
        tool: the program that wrote it.
        rules: the texts of the rules that findings and checks name, by id.
        sources: the sources, one for each dump.
        peerings: all peerings.
        registered_asns: all registered AS numbers.
        prefixes: all registered prefixes; at route servers, the announced prefixes.
        service_prefixes: all service prefixes.
        findings: all outcomes except passes.
        matrix: the matrix of prefixes and sessions.
        remarks: further remarks about the inventory or its profiles.
        strict: whether passes that are only inferred count as unknown.
        registry_sources: the sources of the registry data, with their ages.
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
    registry_sources: tuple[RegistrySource, ...] = ()

    @classmethod
    def of(cls, report: Report) -> Self:
        """Return the JSON form of a report."""
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
            registry_sources=report.registry_sources,
        )

    def report(self) -> Report:
        """Return the report."""
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
            registry_sources=self.registry_sources,
        )
