"""Reports that were written before: read, compare and explain them."""

from __future__ import annotations

from pathlib import Path

from peerlint.arguments import A_PATH, A_STRING, PATH, must_be, must_be_one_of
from peerlint.errors import ReportError
from peerlint.feeds import read_text
from peerlint.redaction import collected
from peerlint.report.diff import render_diff_json, render_diff_text
from peerlint.report.explain import render_explanation
from peerlint.report.json import parse_report
from peerlint.report.phrases import without_secrets
from peerlint.results import Difference, FailOn, StoredReport, compare

_STORED = "a report, as load_report() returns it"


def load_report(path: str | Path) -> StoredReport:
    """Read a report that `peerlint check --format json` wrote, in this version or an earlier one.

    Secrets in the URLs of its sources, which an earlier version left there, are masked.

    Raises:
        FeedError: the file cannot be read.
        ReportError: it is no such report; all its mistakes are in the error.
    """
    must_be("path", path, PATH, A_PATH)
    stored = parse_report(read_text(Path(path), ReportError, "JSON"), str(path))
    with collected() as secrets:
        for source in stored.report.sources:
            secrets.add_name(source.name)
        return without_secrets(stored)


def compare_reports(before: StoredReport, after: StoredReport) -> Difference:
    """Return what is new, changed, fixed or gone between two reports.

    Args:
        before: the first report, as `load_report` returns it.
        after: the second report.
    """
    must_be("before", before, StoredReport, _STORED)
    must_be("after", after, StoredReport, _STORED)
    return compare(before, after)


def render_difference(
    difference: Difference, form: str = "text", *, fail_on: FailOn | str | None = None
) -> str:
    """Return the difference of two reports as text or JSON.

    Args:
        difference: as `compare_reports` returns it.
        form: "text" or "json".
        fail_on: for text, the level at which the last line says why the change fails; None for no
            such line.

    Raises:
        InputError: there is no such format or level.
    """
    must_be("difference", difference, Difference, "a Difference")
    must_be_one_of("form", form, ("text", "json"))
    if form == "json":
        return render_diff_json(difference)
    return render_diff_text(difference, None if fail_on is None else FailOn(fail_on))


def explain_subject(report: StoredReport, subject: str) -> str:
    """Return every check of one prefix or registered AS, with its evidence.

    Args:
        report: as `load_report` returns it.
        subject: a prefix as the inventory has it, or a registered AS such as "AS64501".

    Raises:
        InputError: the report knows no such prefix and no such registered AS.
    """
    must_be("report", report, StoredReport, _STORED)
    must_be("subject", subject, str, A_STRING)
    return render_explanation(report, subject)
