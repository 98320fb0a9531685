"""The report as one self-contained HTML file, in the order of the text report.

It has the totals, the matrices of all peerings with Microsoft's checks, the failures by cause, the
attestations, what was not checked, and the sources. Without its script the page is complete: the
script only filters, and opens folded blocks for printing.
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
from peerlint.report.markup import LABELS, STATES, badge, element
from peerlint.report.phrases import cleaned, label, source_remarks
from peerlint.report.rows import Row, Rows
from peerlint.report.sources import age_text
from peerlint.report.subjects import Names
from peerlint.report.totals import first_line, last_line
from peerlint.results import FailOn, Report
from peerlint.wording import counted, listed

#: The width of the totals, so large that they are one line: browsers wrap it.
_ENDLESS: Final = 1 << 30
#: The most sessions of one source that are named.
_SESSIONS: Final = 12


def render_html(report: Report, fail_on: FailOn = FailOn.OPEN) -> str:
    """Return the report as one HTML page that includes its styles and its script.

    Args:
        report: the report.
        fail_on: the level of failure, for the line with the exit status.
    """
    report = cleaned(report)
    found = groups(report)
    anchors = Anchors.of(report, [group.rule for group in found])
    findings = Findings(report, found, anchors, Rows.of(report), Names.of(report))
    body = element("body", _header(report, fail_on), _filter(report))
    body.extend(matrices(report, anchors))
    body.extend(findings.sections())
    if report.remarks:
        items = (element("li", text) for text in report.remarks)
        body.append(element("section", element("h2", "Remarks"), element("ul", *items)))
    body.append(_sources(report))
    script = _file("page.js")
    body.append(element("script", script))
    page = element("html", _head(report, script), body, lang="en")
    return "<!doctype html>\n" + ET.tostring(page, "unicode", method="html") + "\n"


def _file(name: str) -> str:
    return files(__package__).joinpath(name).read_text(encoding="utf-8")


def _head(report: Report, script: str) -> ET.Element:
    """Return the head; its policy allows this script only, and loads nothing."""
    names = ", ".join(peering.name for peering in report.peerings)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'"
    return element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", {"http-equiv": "Content-Security-Policy"}, content=policy),
        element("title", f"peerlint: {names or 'report'}"),
        element("style", _file("page.css")),
    )


def _header(report: Report, fail_on: FailOn) -> ET.Element:
    return element(
        "header",
        element("h1", "Would Azure Peering Service take these routes?"),
        element("p", f"{time_text(report.now)}, peerlint {report.version}", class_="faint"),
        element("p", element("b", first_line(report, _ENDLESS))),
        element("p", last_line(report, fail_on), f" (--fail-on {fail_on})"),
    )


def _filter(report: Report) -> ET.Element:
    """Return checkboxes for the states and outcomes on the page; hidden unless the script runs."""
    rows: tuple[Row, ...] = (*report.prefixes, *report.service_prefixes)
    states = Counter(str(row.state) for row in rows)
    labels = Counter(map(label, report.findings))
    return element(
        "form",
        _choices("state", "Prefixes", states, {str(each): STATES[each] for each in STATES}),
        _choices("label", "Findings", labels, LABELS),
        element("output", class_="faint"),
        {"hidden": "hidden", "autocomplete": "off"},
        id="filter",
    )


def _choices(
    name: str, title: str, numbers: Counter[str], colours: dict[str, str]
) -> ET.Element | None:
    if not numbers:
        return None
    boxes = element("fieldset", element("legend", title))
    for word, colour in colours.items():
        if numbers[word]:
            box = element("input", {"checked": "checked"}, type="checkbox", name=name, value=word)
            boxes.append(element("label", box, badge(f"{word} {numbers[word]:,}", colour), " "))
    return boxes


def _sources(report: Report) -> ET.Element:
    section = element("section", element("h2", "What was read"))
    if not report.sources:
        section.append(element("p", "No source was given."))
        return section
    names = ("source", "taken", "sessions", "coverage", "routes", "octets lost", "remarks")
    head = element("tr", *(element("th", name, scope="col") for name in names))
    body = element("tbody", *(element("tr", *_source(source)) for source in report.sources))
    table = element("table", element("thead", head), body, class_="sources")
    section.append(element("div", table, {"tabindex": "0"}, class_="scroll"))
    return section


def _source(source: SourceSummary) -> Iterator[ET.Element]:
    yield element("th", source.name, scope="row")
    yield element("td", *_taken(source))
    views: dict[str, list[str]] = {}
    for session, view in source.views:
        views.setdefault(str(view), []).append(session)
    lines = (f"{view}: {listed(these, _SESSIONS)}" for view, these in views.items())
    yield element("td", *(element("p", line) for line in lines))
    yield element("td", "" if source.error is not None else str(source.coverage))
    yield element("td", f"{source.quality.entries:,}")
    yield element("td", f"{source.quality.lost:,}", class_="bad" if source.quality.lost else "none")
    remarks = (element("p", remark) for remark in source_remarks(source))
    yield element("td", *remarks, class_="none" if source.is_sound else "bad")


def _taken(source: SourceSummary) -> Iterator[ET.Element | str]:
    """Yield the time and age of a source."""
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
        yield element("p", badge("too old", "bad"))
    if source.replaced:
        number = counted(len(source.replaced) + source.more_replaced, "older snapshot")
        yield element("p", f"{number} left out")
