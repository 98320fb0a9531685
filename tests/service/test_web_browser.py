"""The status page in a real Chromium: what a person sees, without a fault on the console."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol

import attrs
import pytest

from peerlint.monitor.alerts import Affected, Cause
from peerlint.monitor.status import MonitorStatus
from peerlint.results import Report
from peerlint.service.sink_status import SinkStatus
from peerlint.service.status_source import Changes, StatusSource
from peerlint.service.web import WebServer
from peerlint.testing.notation import evaluate

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

CHROMIUM: Final = Path("/usr/bin/chromium")
ARGUMENTS: Final = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking",
)  # fmt: skip
PHONE: Final = {"width": 360, "height": 740}
#: Milliseconds that a test waits for anything: much longer than it takes.
LONG: Final = 60_000
#: What runs as a script if it is not escaped, or breaks a layout if it is not wrapped.
HOSTILE: Final = (
    '"><img src=x onerror="window.pwned = 1">',
    "<script>window.pwned = 2</script>",
    "</script><svg/onload=window.pwned=3>",
    "javascript:window.pwned=4",
    "' onmouseover='window.pwned=5' x='",
    "a" * 300,
)
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="Chromium is not installed"),
]


class Source(StatusSource, Protocol):
    """See conftest.py."""

    values: MonitorStatus
    document: Report
    sinks: tuple[SinkStatus, ...]
    fault: str
    reason: str
    changes: Changes

    def become(self, status: MonitorStatus) -> None:
        """Change the status."""


class Running(Protocol):
    """See conftest.py."""

    source: Source
    server: WebServer
    url: str

    def become(self, status: MonitorStatus) -> None:
        """Change the status."""

    def stop(self) -> None:
        """Stop it."""


Run = Callable[..., Running]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Give a browser."""
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as running:
        browser = running.chromium.launch(executable_path=CHROMIUM, args=[*ARGUMENTS])
        yield browser
        browser.close()


@pytest.fixture
def server(source: Source, run: Run) -> Running:
    """Give a running server."""
    return run(source)


@contextmanager
def opened(browser: Browser, url: str, **options: Any) -> Iterator[tuple[Page, list[str]]]:  # noqa: ANN401
    """Open a page, and collect what is wrong with it."""
    context = browser.new_context(**options)
    context.set_default_timeout(LONG)
    page = context.new_page()
    wrong: list[str] = []
    page.on("console", lambda each: wrong.append(each.text) if each.type != "log" else None)
    page.on("pageerror", lambda each: wrong.append(str(each)))
    page.goto(url)
    try:
        yield page, wrong
    finally:
        context.close()


def until(page: Page, condition: Callable[[], bool]) -> None:
    """Wait for a condition; the page's policy allows playwright's own way for selectors only."""
    for _ in range(LONG // 50):
        if condition():
            return
        page.wait_for_timeout(50)
    raise AssertionError(page.content())


def is_wider_than_the_window(page: Page) -> bool:
    """Return whether the page has to be scrolled sideways."""
    return bool(page.evaluate("document.documentElement.scrollWidth > innerWidth"))


def test_the_page_shows_everything(browser: Browser, server: Running) -> None:
    """Alerts, sessions, feeds, receivers, changes and the report are there, without faults."""
    with opened(browser, server.url) as (page, wrong):
        page.wait_for_selector("#live:not(.lost):not([hidden])")
        text = page.inner_text("main")
        assert page.title() == "(2) peerlint: contoso-ams, contoso-fra"

    for expected in (
        "198.18.20.0/24 is not announced on ams-2",
        "Microsoft says: Prefix not received from IP 192.0.2.2",
        "fix: announce 198.18.20.0/24 on ams-2 (edge2.ams)",
        "not known whether it is still so: bmp shows no sign of life since 11:59",
        "the router counts 9 routes, and 4 came",
        "no ping for 5 min",
        "answered 503",
        "complies again",
        "Would Azure Peering Service take these routes?",
        "What was read",
    ):
        assert expected in text
    assert [] == wrong


def test_alerts_come_and_go_by_themselves(browser: Browser, server: Running) -> None:
    """A change is on the page without a reload, and keeps what the reader has done."""
    status = server.source.values
    with opened(browser, server.url, viewport={"width": 1000, "height": 600}) as (page, wrong):
        page.wait_for_selector("#live:not([hidden])")
        page.evaluate("window.mine = true")
        fold = page.locator(".alert details").last
        fold.locator("summary").click()
        page.uncheck("#filter input[value=Verified]")
        page.evaluate("scrollTo(0, 900)")
        top = page.evaluate("document.querySelector('#feeds').getBoundingClientRect().top")

        server.become(attrs.evolve(status, alerts=status.alerts[1:]))
        until(page, lambda: page.title().startswith("(1)"))
        assert 1 == page.locator(".alert").count()
        assert page.locator(".alert details").first.get_attribute("open") is not None
        assert not page.is_checked("#filter input[value=Verified]")
        assert page.locator(".verdict[data-state=Verified]").first.is_hidden()
        now = page.evaluate("document.querySelector('#feeds').getBoundingClientRect().top")
        assert abs(now - top) < 2

        server.become(attrs.evolve(status, alerts=()))
        page.wait_for_selector("text=No alert is open.")
        assert page.title().startswith("peerlint:")
        assert page.evaluate("window.mine")
        assert [] == wrong


def test_the_page_is_complete_without_scripts(browser: Browser, server: Running) -> None:
    """Without scripts the page has everything, reloads itself, and says what an old time means."""
    with opened(browser, server.url) as (page, _):
        page.wait_for_selector("#live:not([hidden])")
        page.evaluate("document.getElementById('filter').hidden = true")
        scripted = page.inner_text("main")
    with opened(browser, server.url, java_script_enabled=False) as (page, wrong):
        reload = page.locator("head meta[http-equiv=refresh]").get_attribute("content")
        plain = page.inner_text("main")

    assert "60" == reload
    assert "It reloads every 60 s. If this time is old" in plain
    lines = [each for each in scripted.splitlines() if "as of" not in each]
    assert [] == [each for each in lines if each not in plain]
    assert [] == wrong


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 360, 768, 1280])
def test_no_width_scrolls_sideways(
    browser: Browser, server: Running, width: int, scheme: str
) -> None:
    """From a small phone on, nothing is wider than the window, in light and dark."""
    size = {"width": width, "height": 740}
    with opened(browser, server.url, viewport=size, color_scheme=scheme) as (page, wrong):
        page.wait_for_selector("#live:not([hidden])")
        page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
        assert not is_wider_than_the_window(page)
        assert [] == wrong


def test_colours_can_be_read(browser: Browser, server: Running) -> None:
    """Texts have a contrast of at least 4.5 to 1 with what is behind them (WCAG 2.1 AA)."""
    script = """() => {
      const parsed = (text) => text.match(/[0-9.]+/g).map(Number);
      const light = ([r, g, b]) => [r, g, b].map((one) => one / 255)
        .map((one) => (one <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4))
        .reduce((sum, one, at) => sum + one * [0.2126, 0.7152, 0.0722][at], 0);
      const behind = (one) => {
        for (let each = one; each; each = each.parentElement) {
          const colour = parsed(getComputedStyle(each).backgroundColor);
          if (colour.length === 3 || colour[3] > 0) return colour;
        }
        return [255, 255, 255];
      };
      const poor = new Set();
      for (const one of document.querySelectorAll("body *")) {
        if (![...one.childNodes].some((each) => each.nodeType === 3 && each.data.trim())) continue;
        const [a, b] = [light(parsed(getComputedStyle(one).color)), light(behind(one))];
        const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
        if (contrast < 4.5) poor.add(`${one.tagName}.${one.className} ${contrast.toFixed(2)}`);
      }
      return [...poor];
    }"""
    for scheme in ("light", "dark"):
        with opened(browser, server.url, color_scheme=scheme) as (page, _):
            page.wait_for_selector("#live:not([hidden])")
            assert [] == page.evaluate(script)


def hostile_report() -> Report:
    """Return a report whose names are all hostile."""
    report = evaluate(
        "peering contoso-ams maps 64500 Amsterdam\nsession ams-1 edge1.ams\n"
        "registered 203.0.113.0/24 name <b>x</b>\nams-1 203.0.113.0/24 path 64500\n"
    )
    peering = attrs.evolve(report.peerings[0], name=HOSTILE[0], location=HOSTILE[1])
    prefix = attrs.evolve(
        report.prefixes[0], peering=HOSTILE[0], prefix=HOSTILE[2], name=HOSTILE[5], key="k"
    )
    session = attrs.evolve(
        report.cells.sessions[0], id=HOSTILE[4], peering=HOSTILE[0], router=HOSTILE[3]
    )
    cells = attrs.evolve(report.cells, sessions=(session,), rows={"k": {HOSTILE[4]: HOSTILE[1]}})
    return attrs.evolve(
        report, peerings=(peering,), prefixes=(prefix,), cells=cells, remarks=HOSTILE
    )


def hostile_status(status: MonitorStatus, text: str) -> MonitorStatus:
    """Return a status in which every name and reason is a hostile text."""
    alert = attrs.evolve(
        status.alerts[0], id=text, cause=Cause(text, text, text, text), title=text, reason=text,
        fix=text, portal=(text,), events=(text,), affected=(Affected(text, text),),
        evidence=(text,), basis=(text,), unknown=text, link=text,
    )  # fmt: skip
    session = attrs.evolve(
        status.sessions[0], session=text, peering=text, router=text, evidence=text
    )
    feed = attrs.evolve(status.feeds[0], feed=text, reason=text, events={text: 1})
    change = attrs.evolve(
        status.transitions[1], before=text, after=text, peering=text, prefix=text, session=text
    )
    return attrs.evolve(
        status, sessions=(session,), feeds=(feed,), alerts=(alert,), transitions=(change,),
        resolved=(alert,),
    )  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_texts_do_not_run(browser: Browser, source: Source, run: Run, text: str) -> None:
    """Whatever a name says, it is a text: at first, and when the page is replaced."""
    source.document = hostile_report()
    source.values = status = hostile_status(source.values, text)
    source.sinks = (SinkStatus(text, last_error=text),)
    source.fault = source.reason = text
    running = run(source)
    with opened(browser, running.url, viewport=PHONE) as (page, wrong):
        page.wait_for_selector("#live:not([hidden])")
        running.become(attrs.evolve(status, alerts=()))
        page.wait_for_selector("text=No alert is open.")
        page.mouse.move(100, 200)
        assert page.evaluate("window.pwned") is None
        assert 0 == page.locator("main script, main img, main svg").count()
        assert [] == page.evaluate(
            "[...document.querySelectorAll('a')].filter((one) => one.protocol !== 'http:')"
            ".map((one) => one.href)"
        )
        assert text in page.text_content("#sessions")
        assert not is_wider_than_the_window(page)
        assert [] == wrong


def test_a_restart_of_peerlint(browser: Browser, source: Source, run: Run) -> None:
    """While peerlint is away the page says so, and goes on when it is back, with what is new."""
    running = run(source)
    port = running.server.port
    with opened(browser, running.url) as (page, _):
        page.wait_for_selector("#live:not([hidden])")
        running.stop()
        page.wait_for_selector("#live.lost")
        assert "Not current" in page.inner_text("#live")

        source.values = attrs.evolve(source.values, alerts=())
        source.changes = Changes()
        run(source, port)
        page.wait_for_selector("text=No alert is open.")
        page.wait_for_selector("#live:not(.lost)")


def test_links_lead_to_parts_of_the_page(browser: Browser, server: Running) -> None:
    """Every link within the page leads somewhere: alerts to prefixes, rules to their causes."""
    with opened(browser, server.url) as (page, _):
        missing = page.evaluate(
            "[...document.querySelectorAll('a[href^=\"#\"]')].map((one) => one.hash.slice(1))"
            ".filter((id) => !document.getElementById(decodeURIComponent(id)))"
        )
        link = page.locator(".alert a", has_text="198.18.20.0/24").first.get_attribute("href")
        assert re.fullmatch(r"#row-\d+", link or "")

    assert [] == missing


def test_a_proxy_may_add_the_token(browser: Browser, source: Source, run: Run) -> None:
    """With the token in a header, which a reverse proxy adds, the page is live too."""
    token = "a-token-of-some-length"  # noqa: S105  # a test's
    running = run(source, token=token)
    headers = {"Authorization": f"Bearer {token}"}
    with opened(browser, running.url, extra_http_headers=headers) as (page, wrong):
        page.wait_for_selector("#live:not([hidden]):not(.lost)")
        running.become(attrs.evolve(source.values, alerts=()))
        page.wait_for_selector("text=No alert is open.")
        assert [] == wrong


def test_the_page_can_be_printed(browser: Browser, server: Running) -> None:
    """On paper there is no line about the page being live, and what is folded is there."""
    with opened(browser, server.url) as (page, _):
        page.wait_for_selector("#live:not([hidden])")
        page.emulate_media(media="print")
        assert page.locator("#live").is_hidden()
        assert page.pdf()
