"""The report as one HTML file that needs nothing else: matrix, findings, evidence, dumps.

The page is built as a tree, so whatever stands in an inventory or in a dump is text on it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from importlib.resources import files
from typing import Final
from xml.etree import ElementTree as ET

from peerlint.observe import SourceSummary
from peerlint.report.words import cleaned, findings_of, label, source_remarks, verdicts_of, where
from peerlint.rules.documents import basis_text
from peerlint.verdicts import (
    NOT_ASKED,
    OK,
    Finding,
    Outcome,
    PeeringSummary,
    PrefixVerdict,
    Report,
    Severity,
    State,
)
from peerlint.wording import counted

_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'"
_STATES: Final = {
    State.VERIFIED: "ok",
    State.WARNING: "warn",
    State.UNKNOWN: "open",
    State.PENDING: "info",
    State.FAILED: "bad",
    State.INVALID: "bad",
}
_SEVERITIES: Final = {Severity.ERROR: "bad", Severity.WARNING: "warn", Severity.INFO: "info"}
_CELLS: Final = {OK: "ok", NOT_ASKED: "none", "unknown": "open"}
#: A line feed after these keeps the source readable and changes nothing that is seen.
_BLOCKS: Final = frozenset(
    {"head", "meta", "title", "style", "body", "header", "section", "article", "div", "h1", "h2"}
    | {"h3", "p", "ul", "li", "table", "thead", "tbody", "tr", "blockquote", "footer"}
)

_Child = ET.Element | str | None


def render_html(report: Report) -> str:
    """Return the report as one HTML page, with its styles in it."""
    report = cleaned(report)
    names = ", ".join(peering.name for peering in report.peerings)
    head = _e(
        "head",
        _e("meta", charset="utf-8"),
        _e("meta", name="viewport", content="width=device-width, initial-scale=1"),
        _e("meta", {"http-equiv": "Content-Security-Policy"}, content=_POLICY),
        _e("title", f"peerlint: {names or 'report'}"),
        _e("style", files(__package__).joinpath("page.css").read_text(encoding="utf-8")),
    )
    body = _e("body", _header(report))
    found, verdicts = findings_of(report), verdicts_of(report)
    for number, peering in enumerate(report.peerings, start=1):
        anchor, name = f"peering-{number}", peering.name
        body.append(_peering(report, peering, anchor, verdicts[name], found[name]))
    whole = [finding for finding in report.findings if finding.subject.peering is None]
    if whole:
        body.append(_e("section", _e("h2", "The inventory as a whole"), *map(_finding, whole)))
    body.append(_sources(report))
    page = _e("html", head, body, lang="en")
    return "<!doctype html>\n" + ET.tostring(page, "unicode", method="html") + "\n"


def _header(report: Report) -> ET.Element:
    when = report.now.strftime("%Y-%m-%d %H:%M %Z").rstrip()
    states = Counter(verdict.state for verdict in report.prefixes)
    tiles = [
        _e("li", _e("b", f"{states[state]:,}"), state, class_=colour)
        for state, colour in _STATES.items()
        if states[state]
    ]
    return _e(
        "header",
        _e("h1", "Would Azure Peering Service take these routes?"),
        _e("p", f"{when}, peerlint {report.version}", class_="faint"),
        _e("ul", *tiles, class_="tiles") if tiles else None,
    )


def _peering(
    report: Report,
    peering: PeeringSummary,
    anchor: str,
    verdicts: list[PrefixVerdict],
    found: dict[str | None, list[Finding]],
) -> ET.Element:
    verified = sum(verdict.state is State.VERIFIED for verdict in verdicts)
    place = f", {peering.location}" if peering.location else ""
    about = (
        f"profile {peering.profile}, AS{peering.asn}{place}: "
        f"{verified} of {counted(len(verdicts), 'prefix')} would be Verified"
    )
    section = _e("section", _e("h2", peering.name), _e("p", about, class_="faint"), id=anchor)
    anchors = {
        verdict.prefix: f"{anchor}-{number}"
        for number, verdict in enumerate(verdicts, start=1)
        if verdict.prefix in found
    }
    if verdicts:
        section.append(_e("div", _matrix(report, verdicts, anchors), class_="scroll"))
    for verdict in verdicts:
        if findings := found.pop(verdict.prefix, None):
            section.append(_prefix(verdict, findings, anchors[verdict.prefix]))
    if rest := found.get(None):
        title = _e("h3", "The peering, its sessions and what they announce")
        section.append(_e("article", title, *map(_finding, rest)))
    return section


def _matrix(report: Report, verdicts: list[PrefixVerdict], anchors: dict[str, str]) -> ET.Element:
    """Return prefixes against the sessions where any of them is or has to be."""
    matrix = report.matrix()
    rows = [matrix.rows[verdict.key] for verdict in verdicts]
    sessions = [
        session
        for session in matrix.sessions
        if any(row.get(session.id, NOT_ASKED) != NOT_ASKED for row in rows)
    ]
    head = _e("tr", _e("th", "prefix"), _e("th", "state"))
    for session in sessions:
        router = _e("span", session.router, class_="router") if session.router else None
        head.append(_e("th", session.id, router, scope="col"))
    body = _e("tbody")
    for verdict, row in zip(verdicts, rows, strict=True):
        anchor = anchors.get(verdict.prefix)
        name = _e("a", verdict.prefix, href=f"#{anchor}") if anchor else verdict.prefix
        line = _e("tr", _e("th", name, scope="row"), _e("td", _state(verdict)))
        for session in sessions:
            word = row.get(session.id, NOT_ASKED)
            line.append(_e("td", word, class_=_CELLS.get(word, "bad")))
        body.append(line)
    return _e("table", _e("thead", head), body, class_="matrix")


def _state(verdict: PrefixVerdict) -> ET.Element:
    return _e("span", verdict.state, class_=f"badge {_STATES[verdict.state]}")


def _prefix(verdict: PrefixVerdict, findings: list[Finding], anchor: str) -> ET.Element:
    name = f" {verdict.name} " if verdict.name else " "
    title = _e("h3", verdict.prefix, name, _state(verdict))
    azure = None
    if verdict.azure_state is not None:
        azure = _e("p", f"Azure says: {verdict.azure_state}", class_="faint")
    return _e("article", title, azure, *map(_finding, findings), id=anchor)


def _finding(finding: Finding) -> ET.Element:
    failed = finding.outcome is Outcome.FAIL
    colour = _SEVERITIES[finding.severity] if failed else "open"
    inferred = "" if finding.confidence == "observed" else " (inferred: seen before export policy)"
    place = where(finding) or finding.subject.connection
    block = _e(
        "div",
        _e(
            "p",
            _e("span", label(finding), class_=f"badge {colour}"),
            " ",
            _e("code", finding.rule),
            f" on {place}" if place else None,
        ),
        _e("p", finding.message + inferred),
        class_=f"finding {colour}",
    )
    block.extend(_e("blockquote", f"Microsoft says: {text}") for text in finding.portal[:1])
    block.extend(_e("p", f"To decide it: {text}") for text in finding.missing)
    for seen in finding.evidence:
        route = _e("span", seen.route, class_="route")
        place = f"{seen.file}, record at octet {seen.record:,}: "
        block.append(_e("p", place, route, class_="faint"))
    if finding.basis:
        block.append(_e("p", f"basis: {basis_text(finding.basis)}", class_="faint"))
    return block


def _sources(report: Report) -> ET.Element:
    section = _e("section", _e("h2", "What was read"))
    if not report.sources:
        section.append(_e("p", "No dump."))
        return section
    names = ("dump", "view", "coverage", "routes", "octets lost", "remarks")
    head = _e("tr", *(_e("th", name, scope="col") for name in names))
    body = _e("tbody", *(_e("tr", *_source(source)) for source in report.sources))
    section.append(_e("div", _e("table", _e("thead", head), body), class_="scroll"))
    return section


def _source(source: SourceSummary) -> Iterator[ET.Element]:
    yield _e("th", source.name, scope="row")
    yield _e("td", source.view or "")
    yield _e("td", source.coverage)
    yield _e("td", f"{source.quality.entries:,}")
    yield _e("td", f"{source.quality.lost:,}", class_="bad" if source.quality.lost else "none")
    remarks = (_e("p", remark) for remark in source_remarks(source))
    yield _e("td", *remarks, class_="none" if source.is_sound else "bad")


def _e(
    tag: str, *children: _Child | dict[str, str], class_: str | None = None, **attributes: str
) -> ET.Element:
    """Make an element of texts, elements and nothings; a dict among them is more attributes."""
    element = ET.Element(tag, attributes)
    if class_ is not None:
        element.set("class", class_)
    for child in children:
        if isinstance(child, dict):
            element.attrib.update(child)
        elif isinstance(child, ET.Element):
            element.append(child)
        elif child is not None and len(element):
            element[-1].tail = (element[-1].tail or "") + child
        elif child is not None:
            element.text = (element.text or "") + child
    if tag in _BLOCKS:
        element.tail = "\n"
    return element
