"""The report as one self-contained HTML file, in the order of the text report.

It has the totals, the matrices of all peerings with Microsoft's checks, the failures by cause, the
attestations, what was not checked, and the sources. Without its script the page is complete: the
script only filters, and opens folded blocks for printing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final
from xml.etree import ElementTree as ET

import attrs

from peerlint.model.times import time_text
from peerlint.observations import SourceSummary
from peerlint.report.grouping import Group, groups
from peerlint.report.html_findings import Findings
from peerlint.report.html_page import content_hash, head, page_text, report_script, report_style
from peerlint.report.html_rows import Anchors, matrices
from peerlint.report.markup import LABELS, STATES, badge, element
from peerlint.report.phrases import cleaned, label, source_remarks
from peerlint.report.registry_lines import KINDS, registry_state, registry_time
from peerlint.report.rows import Row, Rows
from peerlint.report.sources import age_text
from peerlint.report.subjects import Names
from peerlint.report.totals import first_line, last_line
from peerlint.results import FailOn, RegistrySource, Report
from peerlint.wording import counted, listed

#: The heading of a report.
QUESTION: Final = "Would Azure Peering Service take these routes?"
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
    parts = ReportParts.of(report)
    script = report_script()
    body = element("body", _header(parts.report, fail_on), *parts.sections())
    body.append(element("script", script))
    policy = f"default-src 'none'; style-src 'unsafe-inline'; script-src {content_hash(script)}"
    title = f"peerlint: {peering_names(parts.report) or 'report'}"
    return page_text(head(title, policy, report_style()), body)


@attrs.frozen
class ReportParts:
    """What a page about a report is made of.

    Attributes:
        report: the report, with texts that are safe to show.
        groups: its failed and waived findings, by cause.
        anchors: the anchors of its rows and causes.
    """

    report: Report
    groups: Sequence[Group]
    anchors: Anchors

    @classmethod
    def of(cls, report: Report) -> ReportParts:
        """Prepare a report."""
        report = cleaned(report)
        found = groups(report)
        return cls(report, found, Anchors.of(report, [group.rule for group in found]))

    def sections(self) -> Iterator[ET.Element | None]:
        """Yield the parts of the page, from the filter on."""
        report = self.report
        findings = Findings(report, self.groups, self.anchors, Rows.of(report), Names.of(report))
        yield _filter(report)
        yield from matrices(report, self.anchors)
        yield from findings.sections()
        if report.remarks:
            items = (element("li", text) for text in report.remarks)
            yield element("section", element("h2", "Remarks"), element("ul", *items))
        yield _sources(report)
        if report.registry_sources:
            yield _registry_sources(report)


def peering_names(report: Report) -> str:
    """Return the names of the peerings, for titles."""
    return ", ".join(peering.name for peering in report.peerings)


def totals(report: Report) -> ET.Element:
    """Return the totals of a report as a paragraph."""
    return element("p", element("b", first_line(report, _ENDLESS)))


def _header(report: Report, fail_on: FailOn) -> ET.Element:
    return element(
        "header",
        element("h1", QUESTION),
        element("p", f"{time_text(report.now)}, peerlint {report.version}", class_="faint"),
        totals(report),
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


def _registry_sources(report: Report) -> ET.Element:
    names = ("registry data", "source", "taken", "records", "skipped", "remarks")
    head = element("tr", *(element("th", name, scope="col") for name in names))
    body = element(
        "tbody", *(element("tr", *_registry_source(each)) for each in report.registry_sources)
    )
    table = element("table", element("thead", head), body, class_="sources")
    return element("section", element("div", table, {"tabindex": "0"}, class_="scroll"))


def _registry_source(source: RegistrySource) -> Iterator[ET.Element]:
    yield element("td", KINDS.get(source.kind, source.kind))
    server = f" ({source.server})" if source.server else ""
    yield element("th", f"{source.name}{server}", scope="row")
    yield element("td", registry_time([source]))
    yield element("td", f"{source.records:,}")
    yield element("td", f"{source.skipped:,}")
    state = registry_state(source)
    yield element("td", state, class_="bad" if state else "none")


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
