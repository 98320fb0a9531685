"""The status page: alerts, sessions, feeds and changes, above the HTML report of now.

It is made of the same parts as the HTML report, and complete without its script. The script keeps
it current: it fetches the page again when the server says that it has changed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Final
from urllib.parse import quote
from xml.etree import ElementTree as ET

import attrs

from peerlint.monitor.status import MonitorStatus
from peerlint.report.html import QUESTION, ReportParts, peering_names, totals
from peerlint.report.html_page import (
    content_hash,
    head,
    html_text,
    packaged_text,
    page_text,
    report_script,
    report_style,
)
from peerlint.report.html_rows import Anchors
from peerlint.report.markup import element
from peerlint.report.phrases import cleaned
from peerlint.results import Report, Severity, State
from peerlint.service.page_alerts import open_alerts, resolved_alerts
from peerlint.service.page_tables import (
    changes,
    feeds,
    receivers,
    sessions,
)
from peerlint.service.page_texts import moment
from peerlint.service.page_tiles import is_all_known, tiles
from peerlint.service.sink_status import SinkStatus

#: After how many seconds the page reloads itself in a browser without scripts.
RELOAD: Final = 60
#: Takes the place of the report in the page, until its text is put there.
_HOLE: Final = "report"
_ICON: Final = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16">'
    '<circle cx="8" cy="8" r="7" fill="{}"/></svg>'
)
_COLOURS: Final = {"bad": "#b42318", "warn": "#b7791f", "open": "#7a2e9e", "ok": "#1a7f37"}


@attrs.frozen
class ReportPart:
    """The report on the status page. It is the larger part, and changes with the report only.

    Attributes:
        text: its HTML.
        anchors: the anchors that alerts link to.
        peerings: the names of the peerings.
        states: the number of prefixes by state.
        version: the version of peerlint.
    """

    text: str
    anchors: Anchors
    peerings: str
    states: Counter[State]
    version: str

    @classmethod
    def of(cls, report: Report) -> ReportPart:
        """Render a report."""
        parts = ReportParts.of(report)
        heading = element("section", element("h2", QUESTION), totals(parts.report), id="report")
        every = (heading, *parts.sections())
        states = Counter(each.state for each in report.prefixes)
        states.update(each.state for each in report.service_prefixes)
        return cls(
            "".join(html_text(each) for each in every if each is not None),
            parts.anchors,
            peering_names(parts.report),
            states,
            parts.report.version,
        )


@attrs.frozen
class PageStatus:
    """What the page shows besides the report.

    Attributes:
        status: the status of the monitor.
        deliveries: what became of the notices, by receiver.
        store_error: why alerts cannot be stored; empty if they can.
        not_ready: why the monitor cannot be relied on; empty if it can.
        mark: changes whenever the page does.
    """

    status: MonitorStatus
    deliveries: tuple[SinkStatus, ...] = ()
    store_error: str = ""
    not_ready: str = ""
    mark: str = ""


def page_policy() -> str:
    """Return the Content-Security-Policy of the page: its own scripts and styles, and no other."""
    scripts = " ".join(map(content_hash, _scripts()))
    return (
        f"default-src 'none'; script-src {scripts}; style-src {content_hash(_style())}; "
        "img-src data:; connect-src 'self'; base-uri 'none'; form-action 'none'"
    )


def render_page(part: ReportPart, page: PageStatus) -> str:
    """Return the status page.

    Args:
        part: the report's part of it.
        page: what is above the report.
    """
    page = cleaned(page)
    main = element("main", *_above(part, page), element("div", _HOLE), id="page")
    main.set("data-mark", page.mark)
    body = element(
        "body",
        element("p", {"hidden": "hidden", "role": "status"}, id="live"),
        main,
        _footer(part),
        *(element("script", script) for script in _scripts()),
    )
    text = page_text(_head(part, page), body)
    before, hole, after = text.rpartition(f"<div>{_HOLE}</div>")
    if not hole:
        raise AssertionError(text)
    return before + part.text + after


def _scripts() -> tuple[str, str]:
    return report_script(), packaged_text(__package__, "status.js")


def _style() -> str:
    return report_style() + packaged_text(__package__, "status.css")


def _head(part: ReportPart, page: PageStatus) -> ET.Element:
    number = len(page.status.alerts)
    title = f"({number}) peerlint" if number else "peerlint"
    icon = quote(_ICON.format(_COLOURS[_worst(page)]))
    reload = element("meta", {"http-equiv": "refresh"}, content=str(RELOAD))
    return head(
        f"{title}: {part.peerings}",
        page_policy(),
        _style(),
        element("link", rel="icon", href=f"data:image/svg+xml,{icon}"),
        element("noscript", reload),
    )


def _worst(page: PageStatus) -> str:
    """Return the style class of the worst that the page has."""
    severities = {each.severity for each in page.status.alerts}
    if Severity.ERROR in severities or page.store_error:
        return "bad"
    if severities:
        return "warn"
    return "open" if page.not_ready or not is_all_known(page.status) else "ok"


def _above(part: ReportPart, page: PageStatus) -> Iterator[ET.Element | None]:
    status = page.status
    yield element(
        "header",
        element("h1", part.peerings or "peerlint"),
        element("p", "as of ", moment(status.time), _advice(), class_="faint"),
        *_troubles(page),
        tiles(status, part.states, page.deliveries),
    )
    yield open_alerts(status.alerts, part.anchors, status.time, is_all_known=is_all_known(status))
    yield sessions(status)
    yield feeds(status)
    yield receivers(page.deliveries, status.time)
    yield changes(status.transitions)
    yield resolved_alerts(status.resolved)


def _advice() -> ET.Element:
    """Return what to do if the page is old; the script takes its place."""
    text = (
        f". It reloads every {RELOAD} s. If this time is old, peerlint does not run, or the page "
        "cannot be reached: see its log."
    )
    return element("noscript", text)


def _troubles(page: PageStatus) -> Iterator[ET.Element]:
    """Yield what makes the rest of the page less reliable."""
    if page.store_error:
        text = f"Alerts cannot be stored: {page.store_error}. None is forgotten meanwhile."
        yield element("p", text, class_="cause bad")
    if page.not_ready:
        yield element("p", f"Not ready: {page.not_ready}", class_="cause open")


def _footer(part: ReportPart) -> ET.Element:
    return element(
        "footer",
        element(
            "p",
            f"peerlint {part.version}; for programs: ",
            element("a", "report (JSON)", href="api/v1/report"),
            ", ",
            element("a", "metrics", href="metrics"),
            class_="faint",
        ),
    )
