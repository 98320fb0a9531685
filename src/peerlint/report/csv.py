"""The findings as CSV (RFC 4180 but for the line ends), for spreadsheets."""

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

#: The columns; each row is one finding. `state` and `checks` are those of its prefix.
COLUMNS: Final = (
    "id", "rule", "outcome", "severity", "confidence", "stage", "peering", "connection", "session",
    "router", "prefix", "message", "portal", "basis", "missing", "file", "record", "route",
    "state", "checks", "location", "fix", "statement",
)  # fmt: skip
#: A spreadsheet takes a cell that starts with one of these for a formula, and computes it.
_SIGNS: Final = frozenset("=+-@")
#: Further signs that look like a minus, which Unicode does not fold into one.
_MINUS: Final = frozenset("\u2010\u2011\u2012\u2013\u2014\u2212\u2796\ufe58\ufe63")
#: What a user can mend; what is unknown says in `missing` what would decide it.
_TO_MEND: Final = (Outcome.FAIL, Outcome.WAIVED)


def render_csv(report: Report) -> str:
    """Return one row for each finding, under a row of names; of evidence, the first piece.

    A text that a spreadsheet would take for a formula gets an apostrophe in front.
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
        rule.fix if rule is not None and finding.outcome in _TO_MEND else None,
        finding.statement,
    )


def _cell(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and _is_formula(value) else value


def _is_formula(text: str) -> bool:
    """Whether a text starts as formulas do, behind blanks or not, in full-width signs or not."""
    first = text.lstrip()[:1]
    return first in _MINUS or bool(_SIGNS.intersection(normalize("NFKC", first)))
