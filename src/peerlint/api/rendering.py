"""Reports as text, in every format that the command line has."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import attrs

from peerlint.api.inventories import InventoryLines
from peerlint.arguments import AN_INTEGER, must_be, must_be_one_of
from peerlint.errors import InputError
from peerlint.report.csv import render_csv
from peerlint.report.html import render_html
from peerlint.report.json import render_json
from peerlint.report.junit import render_junit
from peerlint.report.places import line_of
from peerlint.report.prometheus import render_prometheus
from peerlint.report.sarif import render_sarif
from peerlint.report.text import WIDTH, render_text
from peerlint.report.totals import render_totals
from peerlint.report.whatif import render_what_if_json, render_what_if_text
from peerlint.results import FailOn, Report, WhatIf

__all__ = ["REPORT_FORMATS", "WHAT_IF_FORMATS", "WIDTH", "render_report", "render_what_if"]


@attrs.frozen
class _Options:
    """The options of `render_report`; each format uses those that it needs."""

    fail_on: FailOn
    lines: InventoryLines | None
    verbose: bool
    totals_only: bool
    width: int
    color: bool


def _text(report: Report, options: _Options) -> str:
    if options.totals_only:
        return render_totals(report, options.fail_on, options.width)
    return render_text(
        report,
        fail_on=options.fail_on,
        verbose=options.verbose,
        width=options.width,
        colour=options.color,
    )


def _sarif(report: Report, options: _Options) -> str:
    if options.lines is None:
        return render_sarif(report)
    lines = options.lines
    return render_sarif(report, lines.file, line_of(lines.inventory, lines.index))


_RENDERERS: Final[dict[str, Callable[[Report, _Options], str]]] = {
    "text": _text,
    "json": lambda report, _: render_json(report),
    "junit": lambda report, options: render_junit(report, options.fail_on),
    "sarif": _sarif,
    "csv": lambda report, _: render_csv(report),
    "html": lambda report, options: render_html(report, options.fail_on),
    "prometheus": lambda report, _: render_prometheus(report),
}
#: The formats of `render_report`.
REPORT_FORMATS: Final = tuple(_RENDERERS)
#: Columns of a page, at least and at most.
_MIN_WIDTH: Final = 40
_MAX_WIDTH: Final = 10_000
#: The formats of `render_what_if`.
WHAT_IF_FORMATS: Final = ("text", "json")


def render_report(
    report: Report,
    form: str = "text",
    *,
    fail_on: FailOn | str = FailOn.OPEN,
    lines: InventoryLines | None = None,
    verbose: bool = False,
    totals_only: bool = False,
    width: int = WIDTH,
    color: bool = False,
) -> str:
    """Return a report in one of its formats.

    Args:
        report: the report.
        form: "text", "json", "junit", "sarif", "csv", "html" or "prometheus".
        fail_on: what counts as a failure; text, HTML and JUnit show it.
        lines: for SARIF, where the inventory file declares what findings are about (see
            `load_inventory_lines`); code hosts show only findings that have a file.
        verbose: for text, whether every place is shown where something was seen.
        totals_only: for text, whether only the totals are wanted.
        width: for text, the columns of the page.
        color: for text, whether it has colors.

    Raises:
        InputError: there is no such format, or no such level.
    """
    must_be("report", report, Report, "a Report")
    must_be_one_of("form", form, REPORT_FORMATS)
    must_be("width", width, int, AN_INTEGER)
    if not _MIN_WIDTH <= width <= _MAX_WIDTH:
        raise InputError("width", expected=f"{_MIN_WIDTH} to {_MAX_WIDTH}", found=width)
    must_be("lines", lines, InventoryLines, "InventoryLines", or_none=True)
    options = _Options(FailOn(fail_on), lines, verbose, totals_only, width, color)
    return _RENDERERS[form](report, options)


def render_what_if(result: WhatIf, form: str = "text", *, totals_only: bool = False) -> str:
    """Return what a failure would change, as `check_without` found it.

    Args:
        result: the second value that `check_without` returns.
        form: "text" or "json".
        totals_only: for text, whether only the totals are wanted.

    Raises:
        InputError: there is no such format.
    """
    must_be("result", result, WhatIf, "a WhatIf")
    must_be_one_of("form", form, WHAT_IF_FORMATS)
    if form == "json":
        return render_what_if_json(result)
    return render_what_if_text(result, quiet=totals_only)
