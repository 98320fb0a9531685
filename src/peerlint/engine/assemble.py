"""Assembly of the report from the results of all subjects."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import attrs

from peerlint.engine.findings import with_counts, with_unique_ids
from peerlint.engine.prepare import Prepared
from peerlint.engine.subject_result import SubjectResult
from peerlint.engine.waivers import StatementUses
from peerlint.inventory import Peering, RegisteredAsn, SessionRef, metro
from peerlint.model import View
from peerlint.observations import SourceSummary
from peerlint.results import (
    NOT_REQUIRED,
    OK,
    AsnResult,
    Finding,
    Matrix,
    MatrixSession,
    PeeringSummary,
    PrefixResult,
    Report,
    ServicePrefixResult,
)


@attrs.frozen
class RouteSummary:
    """The parts of a report that depend on all routes together.

    Attributes:
        sources: the sources of the routes.
        counts: the number of routes, by session, source and view.
        unseen: the names of route-server peerings whose members may have prefixes that no source
            shows.
    """

    sources: tuple[SourceSummary, ...] = ()
    counts: Mapping[tuple[str, str, View], int] = attrs.field(factory=dict)
    unseen: frozenset[str] = frozenset()


def assemble(
    prepared: Prepared,
    results: Iterable[SubjectResult],
    summary: RouteSummary,
) -> Report:
    """Return the report.

    Args:
        prepared: the prepared inventory.
        results: the results of all subjects, in the order of `Checker.subjects`.
        summary: the parts of the report that depend on all routes together.
    """
    every = tuple(results)
    rows = [each.row for each in every if each.row is not None]
    keys = {row.key for row in rows}
    uses = StatementUses.joined(each.uses for each in every)
    warnings = prepared.statements.warnings(uses)
    inventory = prepared.inventory
    return Report(
        now=prepared.now,
        version=prepared.version,
        kernel=prepared.kernel,
        sources=summary.sources,
        peerings=tuple(
            PeeringSummary(
                each.name,
                prepared.profiles[each.name].name,
                each.asn,
                each.location,
                each.name in summary.unseen,
            )
            for each in inventory.peerings
        ),
        prefixes=tuple(row for row in rows if isinstance(row, PrefixResult)),
        findings=with_unique_ids(with_counts((*_findings(every), *warnings), summary.counts), keys),
        cells=Matrix(tuple(map(_column, inventory.sessions)), _matrix(every)),
        service_prefixes=tuple(row for row in rows if isinstance(row, ServicePrefixResult)),
        registered_asns=tuple(
            _asn(peering, each)
            for peering in inventory.peerings
            for each in peering.registered_asns
        ),
        remarks=prepared.remarks,
        strict=prepared.strict,
        registry_sources=prepared.registry_sources,
    )


def _findings(results: Iterable[SubjectResult]) -> list[Finding]:
    """Return all findings by peering, in the order in which the results name the peerings."""
    by_peering: dict[str, list[Finding]] = {}
    for each in results:
        by_peering.setdefault(each.peering, []).extend(each.findings)
    return [finding for found in by_peering.values() for finding in found]


def _matrix(results: Iterable[SubjectResult]) -> dict[str, dict[str, str]]:
    rows = {}
    for each in results:
        if each.words is not None and each.row is not None:
            rows[each.row.key] = dict(each.words)
        for key, session, word in each.marks:
            if rows[key][session] in (OK, NOT_REQUIRED):
                rows[key][session] = word
    return rows


def _asn(peering: Peering, asn: RegisteredAsn) -> AsnResult:
    has_key = asn.key is not None
    return AsnResult(int(asn.asn), asn.name, peering.name, has_key, asn.provisioning_state)


def _column(session: SessionRef) -> MatrixSession:
    where = metro(session.peering, session.connection)
    declared = session.declared
    return MatrixSession(
        session.id,
        session.peering.name,
        session.connection.router,
        None if where is None else where.name,
        None if declared.peer is None else str(declared.peer),
        None if declared.microsoft is None else str(declared.microsoft),
    )
