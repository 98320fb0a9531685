"""Reports that were written before."""

from __future__ import annotations

from pathlib import Path

from peerlint.api.files import text_of
from peerlint.arguments import A_PATH, PATH, must_be
from peerlint.errors import ReportError
from peerlint.report.document import StoredReport
from peerlint.report.json import parse_report


def load_report(path: str | Path) -> StoredReport:
    """Read a report that `peerlint check --format json` wrote, in this version or an earlier one.

    Raises:
        FeedError: the file cannot be read.
        ReportError: it is no such report; all its mistakes are in the error.
    """
    must_be("path", path, PATH, A_PATH)
    return parse_report(text_of(Path(path), ReportError, "JSON"), str(path))
