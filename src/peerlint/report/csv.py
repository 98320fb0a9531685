"""The findings as CSV for spreadsheets: RFC 4180, except for the line ends."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from typing import Final
from unicodedata import normalize

from peerlint.report.phrases import cleaned
from peerlint.report.rows import Rows
from peerlint.report.sentence import sentence
from peerlint.results import FilePosition, Finding, Outcome, Report
from peerlint.rules import CATALOGUE

#: The columns. A row is a finding; `state` and `checks` are those of its prefix.
COLUMNS: Final = (
    "id", "rule", "outcome", "severity", "confidence", "stage", "peering", "connection", "session",
    "router", "prefix", "message", "portal", "basis", "missing", "file", "record", "route",
    "state", "checks", "location", "fix", "statement",
)  # fmt: skip
#: Spreadsheets evaluate cells that start with one of these signs as formulas.
_SIGNS: Final = frozenset("=+-@")
#: Further signs that look like a minus and that NFKC does not map to it.
_MINUS: Final = frozenset("\u2010\u2011\u2012\u2013\u2014\u2212\u2796\ufe58\ufe63")
#: The outcomes with a fix; for unknown outcomes, `missing` says what would decide them.
_WITH_FIX: Final = (Outcome.FAIL, Outcome.WAIVED)


def render_csv(report: Report) -> str:
    """Return a row of column names, and a row for each finding with its first piece of evidence.

    Texts that a spreadsheet would evaluate as a formula are prefixed with an apostrophe.
    """
    report = cleaned(report)
    rows = Rows.of(report)
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for finding in report.findings:
        writer.writerow(map(_cell, _row(finding, rows)))
    return out.getvalue()


def _row(finding: Finding, rows: Rows) -> Iterable[object]:
    subject = finding.subject
    seen = finding.evidence[0] if finding.evidence else None
    row = rows.row(finding)
    rule = CATALOGUE.get(finding.rule)
    return (
        finding.id,
        finding.rule,
        finding.outcome,
        finding.severity,
        finding.confidence,
        finding.stage,
        subject.peering,
        subject.connection,
        subject.session,
        subject.router,
        subject.prefix,
        sentence(finding),
        "; ".join(finding.portal),
        "; ".join(finding.basis),
        "; ".join(finding.missing_texts),
        seen and seen.source,
        seen.position.octet if seen and isinstance(seen.position, FilePosition) else None,
        seen and seen.route,
        row and row.state,
        row and "; ".join(f"{check.name}: {check.result}" for check in row.checks),
        rows.location(finding),
        rule.fix if rule is not None and finding.outcome in _WITH_FIX else None,
        finding.statement,
    )


def _cell(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and _is_formula(value) else value


def _is_formula(text: str) -> bool:
    """Whether a text starts like a formula, also after blanks and with full-width signs."""
    first = text.lstrip()[:1]
    return first in _MINUS or bool(_SIGNS.intersection(normalize("NFKC", first)))
