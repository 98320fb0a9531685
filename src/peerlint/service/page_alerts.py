"""Alerts on the status page: the open ones with all that helps, and those resolved last."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final
from xml.etree import ElementTree as ET

from peerlint.monitor.alerts import Affected, Alert
from peerlint.report.html_rows import Anchors
from peerlint.report.markup import LABELS, Child, badge, element
from peerlint.rules.documents import basis_text
from peerlint.service.page_texts import ago, cell, duration_text, moment, named, table
from peerlint.wording import counted

#: The most open alerts that are shown; `/metrics` has the number of all.
MOST: Final = 200


def open_alerts(
    alerts: Sequence[Alert], anchors: Anchors, now: int, *, is_all_known: bool
) -> ET.Element:
    """Return the section of open alerts.

    Args:
        alerts: the open alerts: errors first.
        anchors: the anchors of the report's part of the page.
        now: the time of the page, in microseconds since 1970.
        is_all_known: whether the absence of alerts means that nothing is wrong.
    """
    section = element("section", element("h2", "Open alerts"), id="alerts")
    if not alerts:
        section.append(element("p", "No alert is open."))
    if not is_all_known:
        text = "Not everything is known: problems may be missing here. See sessions and feeds."
        section.append(element("p", text, class_="unsure"))
    section.extend(_alert(each, anchors, now) for each in alerts[:MOST])
    if (more := len(alerts) - MOST) > 0:
        section.append(element("p", f"and {counted(more, 'more alert')}"))
    return section


def resolved_alerts(alerts: Sequence[Alert]) -> ET.Element | None:
    """Return the section of the alerts that were resolved last; None if there is none."""
    if not alerts:
        return None
    names = ("alert", "resolved", "because", "was open for")
    return element(
        "section",
        element("h2", "Resolved last"),
        table(names, map(_resolved, alerts)),
        id="resolved",
    )


def _resolved(alert: Alert) -> Sequence[ET.Element]:
    at = alert.last_seen if alert.resolved is None else alert.resolved
    return (
        named(badge(alert.severity, LABELS[alert.severity]), f" {alert.title}"),
        cell(moment(at)),
        cell(alert.resolution or ""),
        cell(duration_text(at - alert.opened)),
    )


def _alert(alert: Alert, anchors: Anchors, now: int) -> ET.Element:
    colour = LABELS[alert.severity]
    return element(
        "article",
        element(
            "h3",
            badge(alert.severity, colour),
            f" {alert.title} ",
            anchors.rule(alert.cause.rule),
        ),
        element("p", "began ", *ago(alert.first_seen, now), class_="since"),
        element("p", alert.reason),
        element("p", f"not known whether it is still so: {alert.unknown}", class_="unsure")
        if alert.unknown
        else None,
        element("blockquote", f"Microsoft says: {alert.portal[0]}") if alert.portal else None,
        element("p", f"fix: {alert.fix}", class_="fix") if alert.fix else None,
        _affected(alert, anchors),
        _details(alert),
        class_=f"cause alert {colour}",
        id=f"alert-{alert.id}",
    )


def _affected(alert: Alert, anchors: Anchors) -> ET.Element | None:
    if not alert.affected:
        return None
    line = element("p", "affected: ")
    for number, each in enumerate(alert.affected):
        parts = [", " if number else "", *_subject(each, alert.cause.peering, anchors)]
        line.append(element("span", *parts))
    if alert.more:
        line.append(element("span", f" and {alert.more:,} more"))
    return line


def _subject(affected: Affected, peering: str, anchors: Anchors) -> Iterator[Child]:
    """Yield a prefix as a link to its row, and its session as a link to its."""
    if affected.prefix:
        anchor = anchors.rows.get((False, f"{peering} {affected.prefix}"))
        prefix = affected.prefix
        yield prefix if anchor is None else element("a", prefix, href=f"#{anchor}")
    if affected.session:
        yield " on " if affected.prefix else ""
        yield affected.session


def _details(alert: Alert) -> ET.Element:
    block = element("details", element("summary", "evidence, and what is known of it"))
    if alert.evidence:
        items = (element("li", element("span", each, class_="route")) for each in alert.evidence)
        block.append(element("ul", *items))
    if len(alert.portal) > 1:
        others = "; ".join(alert.portal[1:])
        block.append(element("p", f"Microsoft may also say: {others}", class_="faint"))
    if alert.events:
        block.append(element("p", f"Microsoft's events: {', '.join(alert.events)}", class_="faint"))
    if alert.basis:
        block.append(element("p", f"basis: {basis_text(alert.basis)}", class_="faint"))
    times = element("p", "opened ", moment(alert.opened), ", last seen ", moment(alert.last_seen))
    times.set("class", "faint")
    block.append(times)
    link = element("a", element("code", alert.id), href=f"#alert-{alert.id}")
    block.append(element("p", "link to this alert: ", link, class_="faint"))
    return block
