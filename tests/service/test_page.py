"""The status page as a text: what is above the report, and that it stays small and escaped."""

from __future__ import annotations

import re
import time
from html.parser import HTMLParser
from typing import Protocol

import attrs
import pytest

from peerlint.monitor.status import MonitorStatus
from peerlint.monitor.transitions import Transition, TransitionKind
from peerlint.observations import Coverage
from peerlint.report.html_page import content_hash
from peerlint.results import Matrix, MatrixSession, PrefixResult, Report, Severity, State
from peerlint.service.page import PageStatus, ReportPart, page_policy, render_page
from peerlint.service.page_texts import colour_of, duration_text
from peerlint.service.status_source import DeliveryStatus

SECOND = 1_000_000


class Source(Protocol):
    """See conftest.py."""

    values: MonitorStatus
    document: Report
    sinks: tuple[DeliveryStatus, ...]


class Parsed(HTMLParser):
    """The texts, links and icons of a page."""

    def __init__(self, text: str) -> None:
        """Parse a page."""
        super().__init__()
        self.texts: list[str] = []
        self.links: list[str] = []
        self.icon = ""
        self.scripts: list[str] = []
        self._is_script = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note links."""
        values = dict(attrs)
        self._is_script = tag == "script"
        if tag == "a":
            self.links.append(values.get("href") or "")
        if tag == "link":
            self.icon = values.get("href") or ""

    def handle_data(self, data: str) -> None:
        """Note texts."""
        if self._is_script:
            self.scripts.append(data)
            self._is_script = False
        else:
            self.texts.append(data)

    @property
    def text(self) -> str:
        """All texts, with single blanks."""
        return " ".join(" ".join(self.texts).split())


@pytest.fixture(scope="session")
def part(report: Report) -> ReportPart:
    """Give the report's part of the page."""
    return ReportPart.of(report)


def page(part: ReportPart, status: MonitorStatus, **more: object) -> Parsed:
    """Return a page with a status."""
    return Parsed(render_page(part, PageStatus(status, **more)))


def test_the_page_of_a_calm_monitor(source: Source, part: ReportPart) -> None:
    """Without alerts, changes and receivers, the page says so, or leaves the section out."""
    status = attrs.evolve(source.values, alerts=(), transitions=(), resolved=(), feeds=())
    found = page(part, status)

    assert "No alert is open." in found.text
    assert "Nothing has changed since the start." in found.text
    assert "No feed is read." in found.text
    assert "Resolved last" not in found.text
    assert "Receivers of alerts" not in found.text


def calm(status: MonitorStatus) -> MonitorStatus:
    """Return a status in which all is known, and nothing is wrong."""
    return attrs.evolve(status, sessions=status.sessions[:2], feeds=status.feeds[:1], alerts=())


def test_no_alert_is_good_only_if_all_is_known(source: Source, part: ReportPart) -> None:
    """The absence of alerts is green only if feeds are heard and all routes are known."""
    status = calm(source.values)
    unheard = attrs.evolve(status.feeds[0], last_event=None)

    assert "Not everything is known" not in page(part, status).text
    for less in (
        attrs.evolve(status, sessions=source.values.sessions),
        attrs.evolve(status, feeds=(unheard,)),
        attrs.evolve(status, feeds=source.values.feeds),
        attrs.evolve(status, feeds=()),
    ):
        found = page(part, less)
        assert "No alert is open. Not everything is known" in found.text
        assert "%231a7f37" not in found.icon
    assert "no event yet" in page(part, attrs.evolve(status, feeds=(unheard,))).text


@pytest.mark.parametrize(
    ("severities", "more", "colour"),
    [
        ((), {}, "1a7f37"),
        ((), {"not_ready": "no feed yet"}, "7a2e9e"),
        ((Severity.WARNING,), {"not_ready": "no feed yet"}, "b7791f"),
        ((Severity.INFO, Severity.ERROR), {}, "b42318"),
        ((), {"store_error": "the disk is full"}, "b42318"),
    ],
)
def test_the_icon_has_the_colour_of_the_worst(
    source: Source,
    part: ReportPart,
    severities: tuple[Severity, ...],
    more: dict[str, str],
    colour: str,
) -> None:
    """In a row of tabs, the icon and the number in the title say how it is."""
    alerts = tuple(attrs.evolve(source.values.alerts[0], severity=each) for each in severities)
    found = page(part, attrs.evolve(calm(source.values), alerts=alerts), **more)

    assert f"%23{colour}" in found.icon
    title = f"({len(alerts)}) peerlint: " if alerts else "peerlint: "
    assert found.text.startswith(title)


def test_troubles_are_said_first(source: Source, part: ReportPart) -> None:
    """What makes the page less reliable comes before all that it says."""
    found = page(
        part, source.values, store_error="the disk is full", not_ready="bmp is closed"
    ).text

    full = found.index("Alerts cannot be stored: the disk is full. None is forgotten meanwhile.")
    assert full < found.index("Not ready: bmp is closed") < found.index("Open alerts")


def test_many_alerts_and_sessions_are_counted(source: Source, part: ReportPart) -> None:
    """A page with thousands of alerts and sessions shows the first, and counts the others."""
    status = source.values
    alerts = tuple(attrs.evolve(status.alerts[0], id=f"a{at}") for at in range(1_200))
    up = tuple(attrs.evolve(status.sessions[0], session=f"up-{at}") for at in range(300))
    down = tuple(
        attrs.evolve(each, session=f"down-{at}", is_up=False) for at, each in enumerate(up)
    )
    found = page(part, attrs.evolve(status, alerts=alerts, sessions=(*up, *down))).text

    assert "and 1,000 more alerts" in found
    assert "300 more sessions: up, and all of their routes known" in found
    assert "100 more sessions, too many to be shown" in found
    assert "up-1" not in found
    assert "300 of 600" in found


@pytest.mark.parametrize(
    ("transition", "text"),
    [
        ((TransitionKind.CELL, "ok", "missing", "p", "p 203.0.113.0/24", "s"),
         "203.0.113.0/24 on s p ok missing"),
        ((TransitionKind.PREFIX, "", "Failed", "p", "p 203.0.113.0/24"),
         "203.0.113.0/24 p not known Failed"),
        ((TransitionKind.SESSION, "up", "unknown", "p", "", "s"), "session s p up unknown"),
        ((TransitionKind.REDUNDANCY, "2 of 2", "1 of 2", "p"), "redundancy of p 2 of 2 1 of 2"),
    ],
)  # fmt: skip
def test_changes_say_what_changed(
    source: Source, part: ReportPart, transition: tuple[str, ...], text: str
) -> None:
    """A change names its subject, with its peering, and the states before and after."""
    change = Transition(source.values.time, *transition)

    assert text in page(part, attrs.evolve(source.values, transitions=(change,))).text


@pytest.mark.parametrize(
    ("word", "colour"),
    [
        ("ok", "ok"), ("up", "ok"), ("Verified", "ok"), ("Verified (7 of 8 checks)", "ok"),
        ("Failed", "bad"), ("missing", "bad"), ("a word of tomorrow", "bad"), ("down", "bad"),
        ("unknown", "open"), ("Unknown", "open"), ("Pending", "info"), ("waived", "waived"),
        ("-", "none"),
    ],
)  # fmt: skip
def test_colours(word: str, colour: str) -> None:
    """A word that is not known is a problem."""
    assert colour == colour_of(word)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-5, "0 s"), (0, "0 s"), (119, "119 s"), (120, "2 min"), (7_199, "119 min"),
        (7_200, "2 h"), (172_799, "47 h"), (172_800, "2 days"),
    ],
)  # fmt: skip
def test_durations(seconds: int, text: str) -> None:
    """A duration is in its largest unit, of which there are two at least."""
    assert text == duration_text(seconds * SECOND)


def test_only_the_scripts_of_the_page_run(source: Source, part: ReportPart) -> None:
    """The policy names the hash of each script and of the style sheet, and nothing unsafe."""
    found = page(part, source.values)

    assert 2 == len(found.scripts)
    for script in found.scripts:
        assert content_hash(script) in page_policy()
    assert "unsafe" not in page_policy()


def test_alerts_link_to_the_report(source: Source, part: ReportPart) -> None:
    """The prefix of an alert leads to its row, the alert to itself; other links stay here."""
    found = page(part, source.values)
    (row,) = [
        anchor for (_, key), anchor in part.anchors.rows.items() if key.endswith(" 198.18.20.0/24")
    ]

    assert found.links.count(f"#{row}") >= 2
    assert source.values.alerts[0].link in found.links
    assert {"api/v1/report", "metrics"} == {each for each in found.links if each[0] != "#"}


def test_an_alert_has_the_first_of_several_messages(source: Source, part: ReportPart) -> None:
    """Of several messages of Microsoft's portal the first is shown, the others are folded."""
    alert = attrs.evolve(source.values.alerts[0], portal=("First.", "Second.", "Third."))
    found = page(part, attrs.evolve(source.values, alerts=(alert,))).text

    fold = found.index("evidence, and what is known of it")
    assert found.index("Microsoft says: First.") < fold
    assert fold < found.index("Microsoft may also say: Second.; Third.")


def test_secrets_are_not_on_the_page(source: Source, part: ReportPart) -> None:
    """A secret in the address of a receiver is masked, as everywhere."""
    sink = DeliveryStatus("webhook https://noc:hunter2@hooks.contoso.example/x")

    assert "hunter2" not in page(part, source.values, deliveries=(sink,)).text


def test_not_every_session_needs_a_router(source: Source, part: ReportPart) -> None:
    """What is not declared or not known is left out."""
    session = attrs.evolve(
        source.values.sessions[0], router="", coverage=Coverage.NONE, last=None, evidence=""
    )
    found = page(part, attrs.evolve(source.values, sessions=(session,))).text

    assert re.search(r"ams-1 up not known 9 never", found)


@pytest.mark.slow
def test_a_large_inventory_is_a_small_page(source: Source) -> None:
    """The page of 5,000 prefixes on 8 sessions is small, and its own part is quick to render."""
    prefixes = tuple(
        PrefixResult(f"10.{at >> 8}.{at & 255}.0/24", None, "contoso-ams",
                     State.FAILED if at % 50 == 0 else State.VERIFIED)
        for at in range(5_000)
    )  # fmt: skip
    sessions = tuple(MatrixSession(f"ams-{at}", "contoso-ams", None, None) for at in range(8))
    cells = {
        row.key: {each.id: "missing" if row.state is State.FAILED else "ok" for each in sessions}
        for row in prefixes
    }
    report = attrs.evolve(source.document, prefixes=prefixes, cells=Matrix(sessions, cells))
    part = ReportPart.of(report)
    start = time.thread_time()
    text = render_page(part, PageStatus(source.values))

    assert time.thread_time() - start < 0.5
    assert len(text) < 1_000_000
    assert "4,900 more prefixes" in text
