"""The report as JSON, schema `peerlint/report/1`."""

from __future__ import annotations

import json
from typing import Final

from peerlint.bulk import Quality
from peerlint.observe import SourceSummary
from peerlint.verdicts import NOT_ASKED, OK, Finding, Report

SCHEMA: Final = "peerlint/report/1"

Json = dict[str, object]


def render_json(report: Report) -> str:
    """Return the report as indented JSON, with a newline at its end."""
    return json.dumps(report_data(report), indent=2, ensure_ascii=False) + "\n"


def report_data(report: Report) -> Json:
    """Return the report as what JSON is made of."""
    return {
        "schema": SCHEMA,
        "now": report.now.isoformat(),
        "tool": {"version": report.version, "kernel": report.kernel},
        "sources": [_source(source) for source in report.sources],
        "prefixes": [
            {
                "prefix": verdict.prefix,
                "name": verdict.name,
                "peering": verdict.peering,
                "state": verdict.state,
                "azure_state": verdict.azure_state,
                "passed": list(verdict.passed),
            }
            for verdict in report.prefixes
        ],
        "findings": [finding_data(finding) for finding in report.findings],
        "matrix": _matrix(report),
    }


def quality_data(quality: Quality) -> Json:
    """Return how well a dump could be read."""
    return {
        "octets": quality.octets,
        "records": quality.records,
        "entries": quality.entries,
        "malformed": quality.malformed,
        "read": quality.read,
        "skipped": quality.skipped,
        "lost": quality.lost,
        "damages": quality.damages,
        "damage": [
            {
                "offset": damage.offset,
                "octets": damage.octets,
                "expected": damage.expected,
                "found": damage.found,
            }
            for damage in quality.damage
        ],
        "unsupported": [
            {"type": kind, "subtype": subtype, "records": records}
            for kind, subtype, records in quality.unsupported
        ],
        "cut": quality.cut,
    }


def _source(source: SourceSummary) -> Json:
    return {
        "name": source.name,
        "view": source.view,
        "sessions": dict(source.views),
        "coverage": source.coverage,
        "quality": quality_data(source.quality),
        "error": source.error,
        "from_microsoft": source.microsoft,
        "other_peers": [{"peer": peer, "entries": count} for peer, count in source.strangers],
    }


def finding_data(finding: Finding) -> Json:
    """Return one finding."""
    subject = finding.subject
    return {
        "id": finding.id,
        "rule": finding.rule,
        "outcome": finding.outcome,
        "severity": finding.severity,
        "confidence": finding.confidence,
        "stage": finding.stage,
        "subject": {
            "peering": subject.peering,
            "connection": subject.connection,
            "session": subject.session,
            "router": subject.router,
            "prefix": subject.prefix,
        },
        "message": finding.message,
        "portal": list(finding.portal),
        "basis": list(finding.basis),
        "texts": list(finding.texts),
        "need": finding.need,
        "missing": list(finding.missing),
        "statement": finding.statement,
        "evidence": [
            {"file": seen.file, "record": seen.record, "route": seen.route}
            for seen in finding.evidence
        ],
    }


def _matrix(report: Report) -> Json:
    matrix = report.matrix()
    return {
        "sessions": [
            {
                "session": session.id,
                "peering": session.peering,
                "router": session.router,
                "location": session.location,
            }
            for session in matrix.sessions
        ],
        "rows": _rows(report),
    }


def _rows(report: Report) -> dict[str, dict[str, str]]:
    """Return the cells that do not pass, by prefix and session."""
    rows: dict[str, dict[str, str]] = {}
    for (_, prefix), row in report.matrix().rows.items():
        cells = {session: word for session, word in row.items() if word not in (OK, NOT_ASKED)}
        rows.setdefault(prefix, {}).update(cells)
    return rows
