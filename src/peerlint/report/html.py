"""The report as one HTML file that needs nothing else, in the order of the screen.

The totals, the matrices of all peerings with Microsoft's checks, what failed, each cause once,
what people vouch for, what was not checked, and the sources. Everything stands in the page itself:
its script only filters, and unfolds what is folded for the printer.
"""

from __future__ import annotations

import base64
import hashlib
from collections import Counter
from collections.abc import Iterator
from importlib.resources import files
from typing import Final
from xml.etree import ElementTree as ET

from peerlint.model.times import time_text
from peerlint.observations import SourceSummary
from peerlint.report.grouping import groups
from peerlint.report.html_findings import Findings
from peerlint.report.html_rows import Anchors, matrices
from peerlint.report.markup import LABELS, STATES, badge, e
from peerlint.report.phrases import cleaned, label, source_remarks
from peerlint.report.rows import Row, Rows
from peerlint.report.sources import age_text
from peerlint.report.subjects import Names
from peerlint.report.totals import first_line, last_line
from peerlint.results import FailOn, Report
from peerlint.wording import counted, listed

#: The totals are one line of any length: a browser wraps it.
_ENDLESS: Final = 1 << 30
#: Sessions of one source that are named, at most.
_SESSIONS: Final = 12


def render_html(report: Report, fail_on: FailOn = FailOn.OPEN) -> str:
    """Return the report as one HTML page, with its styles and its script in it.

    Args:
        report: what was found out.
        fail_on: what counts as a failure, for the line that says the exit status.
    """
    report = cleaned(report)
    found = groups(report)
    anchors = Anchors.of(report, [group.rule for group in found])
    findings = Findings(report, found, anchors, Rows.of(report), Names.of(report))
    body = e("body", _header(report, fail_on), _filter(report))
    body.extend(matrices(report, anchors))
    body.extend(findings.sections())
    if report.remarks:
        items = (e("li", text) for text in report.remarks)
        body.append(e("section", e("h2", "Remarks"), e("ul", *items)))
    body.append(_sources(report))
    script = _file("page.js")
    body.append(e("script", script))
    page = e("html", _head(report, script), body, lang="en")
    return "<!doctype html>\n" + ET.tostring(page, "unicode", method="html") + "\n"


def _file(name: str) -> str:
    return files(__package__).joinpath(name).read_text(encoding="utf-8")


def _head(report: Report, script: str) -> ET.Element:
    """Return what a browser needs: it runs this script and no other, and loads nothing."""
    names = ", ".join(peering.name for peering in report.peerings)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'"
    return e(
        "head",
        e("meta", charset="utf-8"),
        e("meta", name="viewport", content="width=device-width, initial-scale=1"),
        e("meta", {"http-equiv": "Content-Security-Policy"}, content=policy),
        e("title", f"peerlint: {names or 'report'}"),
        e("style", _file("page.css")),
    )


def _header(report: Report, fail_on: FailOn) -> ET.Element:
    return e(
        "header",
        e("h1", "Would Azure Peering Service take these routes?"),
        e("p", f"{time_text(report.now)}, peerlint {report.version}", class_="faint"),
        e("p", e("b", first_line(report, _ENDLESS))),
        e("p", last_line(report, fail_on), f" (--fail-on {fail_on})"),
    )


def _filter(report: Report) -> ET.Element:
    """Return a checkbox for each state and outcome on the page; without scripts it is hidden."""
    rows: tuple[Row, ...] = (*report.prefixes, *report.service_prefixes)
    states = Counter(str(row.state) for row in rows)
    labels = Counter(map(label, report.findings))
    return e(
        "form",
        _choices("state", "Prefixes", states, {str(each): STATES[each] for each in STATES}),
        _choices("label", "Findings", labels, LABELS),
        e("output", class_="faint"),
        {"hidden": "hidden", "autocomplete": "off"},
        id="filter",
    )


def _choices(
    name: str, title: str, numbers: Counter[str], colours: dict[str, str]
) -> ET.Element | None:
    if not numbers:
        return None
    boxes = e("fieldset", e("legend", title))
    for word, colour in colours.items():
        if numbers[word]:
            box = e("input", {"checked": "checked"}, type="checkbox", name=name, value=word)
            boxes.append(e("label", box, badge(f"{word} {numbers[word]:,}", colour), " "))
    return boxes


def _sources(report: Report) -> ET.Element:
    section = e("section", e("h2", "What was read"))
    if not report.sources:
        section.append(e("p", "No source was given."))
        return section
    names = ("source", "taken", "sessions", "coverage", "routes", "octets lost", "remarks")
    head = e("tr", *(e("th", name, scope="col") for name in names))
    body = e("tbody", *(e("tr", *_source(source)) for source in report.sources))
    table = e("table", e("thead", head), body, class_="sources")
    section.append(e("div", table, {"tabindex": "0"}, class_="scroll"))
    return section


def _source(source: SourceSummary) -> Iterator[ET.Element]:
    yield e("th", source.name, scope="row")
    yield e("td", *_taken(source))
    views: dict[str, list[str]] = {}
    for session, view in source.views:
        views.setdefault(str(view), []).append(session)
    lines = (f"{view}: {listed(these, _SESSIONS)}" for view, these in views.items())
    yield e("td", *(e("p", line) for line in lines))
    yield e("td", "" if source.error is not None else str(source.coverage))
    yield e("td", f"{source.quality.entries:,}")
    yield e("td", f"{source.quality.lost:,}", class_="bad" if source.quality.lost else "none")
    remarks = (e("p", remark) for remark in source_remarks(source))
    yield e("td", *remarks, class_="none" if source.is_sound else "bad")


def _taken(source: SourceSummary) -> Iterator[ET.Element | str]:
    """Yield when a source was taken and how long ago, or that this is not known."""
    if source.error is not None:
        return
    if source.is_in_future:
        yield "time not known (in the future)"
    elif source.last is None:
        yield "time not known"
    else:
        if source.first is not None and source.first != source.last:
            yield f"{time_text(source.first)} to "
        yield time_text(source.last)
        if source.age_seconds is not None:
            yield f", {age_text(source.age_seconds)} old"
    if source.is_too_old:
        yield e("p", badge("too old", "bad"))
    if source.replaced:
        number = counted(len(source.replaced) + source.more_replaced, "older snapshot")
        yield e("p", f"{number} left out")
