"""Reports that were written before."""

from __future__ import annotations

from pathlib import Path

from peerlint.api.files import text_of
from peerlint.arguments import A_PATH, PATH, must_be
from peerlint.errors import ReportError
from peerlint.redaction import collected
from peerlint.report.json import parse_report
from peerlint.report.phrases import without_secrets
from peerlint.results import StoredReport


def load_report(path: str | Path) -> StoredReport:
    """Read a report that `peerlint check --format json` wrote, in this version or an earlier one.

    Secrets in the URLs of its sources, which an earlier version left there, are masked.

    Raises:
        FeedError: the file cannot be read.
        ReportError: it is no such report; all its mistakes are in the error.
    """
    must_be("path", path, PATH, A_PATH)
    stored = parse_report(text_of(Path(path), ReportError, "JSON"), str(path))
    with collected() as secrets:
        for source in stored.report.sources:
            secrets.add_name(source.name)
        return without_secrets(stored)
