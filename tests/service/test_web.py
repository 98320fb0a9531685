"""The web server: what each address answers, to whom, and what it withstands."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, Final, Protocol

import attrs
import pytest
from aiohttp import ClientSession
from prometheus_client.parser import text_string_to_metric_families

from peerlint.errors import FeedError, InputError
from peerlint.monitor.status import MonitorStatus
from peerlint.report.json import parse_report
from peerlint.results import Report
from peerlint.service.status_source import Changes, StatusSource
from peerlint.service.web import WebServer
from peerlint.service.web_access import is_authorised, is_loopback, is_own_host
from peerlint.service.web_limits import WebLimits

TOKEN: Final = "a-token-of-some-length"  # noqa: S105  # a test's
PATHS: Final = ("/", "/metrics", "/api/v1/report", "/healthz", "/readyz")
#: Seconds that a test waits for anything: much longer than it takes.
LONG: Final = 60


class Source(StatusSource, Protocol):
    """See conftest.py."""

    values: MonitorStatus
    document: Report
    reason: str
    changes: Changes
    asked: int


@attrs.frozen
class Answer:
    """What a server answered."""

    status: int
    headers: dict[str, str]
    text: str


Ask = Callable[..., Awaitable[Answer]]


def serve(
    source: Source,
    story: Callable[[WebServer, Ask], Awaitable[None]],
    **options: Any,  # noqa: ANN401  # those of WebServer
) -> None:
    """Run a story with a server of a source, and a function that asks it."""

    async def run() -> None:
        server = WebServer(source, host="127.0.0.1", port=0, **options)
        await server.start()
        try:
            async with ClientSession(f"http://127.0.0.1:{server.port}") as session:

                async def ask(path: str, method: str = "GET", **more: Any) -> Answer:  # noqa: ANN401  # those of aiohttp
                    async with session.request(method, path, **more) as answer:
                        return Answer(answer.status, dict(answer.headers), await answer.text())

                await asyncio.wait_for(story(server, ask), LONG)
        finally:
            await server.close()

    asyncio.run(run())


def test_every_address_answers(source: Source) -> None:
    """Each address answers GET, and HEAD with the same headers and nothing else."""

    async def story(_: WebServer, ask: Ask) -> None:
        for path in PATHS:
            full, empty = await ask(path), await ask(path, "HEAD")
            assert (200, 200) == (full.status, empty.status)
            assert full.text
            assert not empty.text
            assert full.headers["Content-Type"] == empty.headers["Content-Type"]

    serve(source, story)


def test_metrics_are_those_of_now(source: Source) -> None:
    """`/metrics` is in Prometheus' text format, with counters of now."""

    async def story(_: WebServer, ask: Ask) -> None:
        first = await ask("/metrics")
        source.values = attrs.evolve(source.values, alerts=())
        second = await ask("/metrics")
        assert "text/plain; version=0.0.4; charset=utf-8" == first.headers["Content-Type"]
        assert "gzip" == first.headers["Content-Encoding"]
        for answer, number in ((first, 1), (second, 0)):
            families = {each.name: each for each in text_string_to_metric_families(answer.text)}
            samples = {each.labels["severity"]: each.value
                       for each in families["peerlint_alerts_open"].samples}  # fmt: skip
            assert number == samples["error"]

    serve(source, story)


@pytest.mark.parametrize("encoding", ["gzip", "identity", "deflate, gzip;q=0"])
def test_the_report_is_the_one_of_check(source: Source, encoding: str) -> None:
    """`/api/v1/report` is what `peerlint check --format json` writes, whatever its encoding."""

    async def story(_: WebServer, ask: Ask) -> None:
        answer = await ask("/api/v1/report", headers={"Accept-Encoding": encoding})
        assert "application/json; charset=utf-8" == answer.headers["Content-Type"]
        assert ("gzip" if encoding == "gzip" else None) == answer.headers.get("Content-Encoding")
        stored = parse_report(answer.text, "the answer")
        assert len(source.document.findings) == len(stored.report.findings)
        assert "peerlint/report/2" == json.loads(answer.text)["schema"]

    serve(source, story)


def test_the_report_is_made_once_for_each_version(source: Source) -> None:
    """However many ask, a report is asked for once until something changes."""

    async def story(_: WebServer, ask: Ask) -> None:
        await asyncio.gather(*(ask(path) for path in PATHS * 2))
        assert 1 == source.asked
        source.changes.note()
        await asyncio.gather(*(ask(path) for path in PATHS * 2))
        assert 2 == source.asked

    serve(source, story)


def test_ready_says_why_not(source: Source) -> None:
    """`/readyz` fails with the reason until the monitor can be relied on; `/healthz` does not."""
    source.reason = "no router has connected to bmp"

    async def story(_: WebServer, ask: Ask) -> None:
        ready = await ask("/readyz")
        assert (503, "not ready: no router has connected to bmp\n") == (ready.status, ready.text)
        assert 200 == (await ask("/healthz")).status
        source.reason = ""
        assert 200 == (await ask("/readyz")).status

    serve(source, story)


def test_a_token_opens_all_pages(source: Source) -> None:
    """With a token, only health can be asked without it; the reason needs it too."""
    source.reason = "edge1.ams is silent"
    right = {"Authorization": f"Bearer {TOKEN}"}
    wrong = [{}, {"Authorization": TOKEN}, {"Authorization": f"Bearer {TOKEN}x"},
             {"Authorization": f"Basic {TOKEN}"}, {"Authorization": "Bearer \u00e9"}]  # fmt: skip

    async def story(_: WebServer, ask: Ask) -> None:
        for path in ("/", "/metrics", "/api/v1/report", "/events", "/nothing"):
            for headers in wrong:
                refused = await ask(path, headers=headers)
                assert 401 == refused.status
                assert refused.headers["WWW-Authenticate"].startswith("Bearer")
        assert 200 == (await ask("/", headers=right)).status
        assert 200 == (await ask("/healthz")).status
        assert "not ready\n" == (await ask("/readyz")).text
        assert "edge1.ams" in (await ask("/readyz", headers=right)).text

    serve(source, story, token=TOKEN)


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_only_reading(source: Source, method: str) -> None:
    """Other methods than GET and HEAD are refused."""

    async def story(_: WebServer, ask: Ask) -> None:
        answer = await ask("/metrics", method)
        assert (405, "only GET and HEAD are answered\n") == (answer.status, answer.text)

    serve(source, story)


def test_every_answer_has_security_headers(source: Source) -> None:
    """Answers, also errors, tell browsers to trust nothing in them."""

    async def story(_: WebServer, ask: Ask) -> None:
        for path in (*PATHS, "/nothing"):
            headers = (await ask(path)).headers
            assert "nosniff" == headers["X-Content-Type-Options"]
            assert "DENY" == headers["X-Frame-Options"]
            assert "no-store" == headers["Cache-Control"]
            assert "peerlint" == headers["Server"]
            policy = headers["Content-Security-Policy"]
            assert policy.startswith("default-src 'none'; ")
            assert "unsafe" not in policy
            assert "frame-ancestors 'none'" in policy

    serve(source, story)


@pytest.mark.parametrize(
    "octets",
    [
        b"GET / NONSENSE\r\n\r\n",
        b"GET /" + b"a" * 9_000 + b" HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX: " + b"a" * 9_000 + b"\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100000\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nabcd\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00",
    ],
    ids=["no HTTP", "long URL", "long header", "body", "chunks", "TLS"],
)
def test_bad_requests_are_refused(
    source: Source, caplog: pytest.LogCaptureFixture, octets: bytes
) -> None:
    """What is no request, too long or has a body is refused, and nothing is logged of it."""

    async def story(server: WebServer, _: Ask) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(octets)
        status = await reader.readline()
        assert status.split()[1] in (b"400", b"413")
        with suppress(ConnectionError):  # what is left of the request is not read
            assert b"Traceback" not in await reader.read(65_536)
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()

    serve(source, story)
    assert not caplog.records


def test_a_fault_shows_no_traceback(
    source: Source, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A fault of peerlint is one line for the reader; the log has all of it but secrets."""

    def fail() -> Report:
        raise ZeroDivisionError("https://noc:hunter2@hooks.contoso.example")

    monkeypatch.setattr(type(source), "report", lambda _: fail())

    async def story(_: WebServer, ask: Ask) -> None:
        answer = await ask("/metrics")
        assert (500, "peerlint has a fault: its log says more\n") == (answer.status, answer.text)

    serve(source, story)
    assert "ZeroDivisionError" in caplog.text
    assert "hunter2" not in caplog.text


def test_a_fault_in_the_middle_cuts_the_answer_off(
    source: Source, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A reader of an answer that cannot be finished notices that it is incomplete."""

    def fail(_: object) -> str:
        raise ZeroDivisionError

    monkeypatch.setattr("peerlint.service.metrics.report_parts", fail)

    async def story(_: WebServer, ask: Ask) -> None:
        with pytest.raises(Exception, match=r"payload|disconnected|closed") as caught:
            await ask("/metrics", headers={"Accept-Encoding": "identity"})
        assert "Client" in "".join(each.__name__ for each in type(caught.value).__mro__)

    serve(source, story)
    assert "the answer to /metrics failed" in caplog.text


# -- who may reach it


@pytest.mark.parametrize("host", ["", "0.0.0.0", "::", "192.0.2.1", "2001:db8::1", "a.example"])  # noqa: S104
def test_no_public_address_without_a_token(source: Source, host: str) -> None:
    """Other addresses than loopback need a token."""
    with pytest.raises(InputError, match=r"listen: .*PEERLINT_TOKEN"):
        WebServer(source, host=host, port=0)

    assert WebServer(source, host=host, port=0, token=TOKEN)


@pytest.mark.parametrize(
    "token", ["short", "with blanks in the middle", "t\u00f6ken-of-some-length"]
)
def test_unusable_tokens_are_refused(source: Source, token: str) -> None:
    """A token that can be guessed or not be sent is refused, and not shown."""
    with pytest.raises(InputError, match="PEERLINT_TOKEN") as caught:
        WebServer(source, host="127.0.0.1", port=0, token=token)

    assert token not in str(caught.value)


@pytest.mark.parametrize(
    ("host", "answer"),
    [
        ("127.0.0.1", True), ("127.9.9.9", True), ("::1", True), ("localhost", True),
        ("192.0.2.1", False), ("0.0.0.0", False), ("", False), ("localhost.example", False),  # noqa: S104
    ],
)  # fmt: skip
def test_loopback(host: str, answer: bool) -> None:
    """Only addresses that other hosts cannot reach are loopback."""
    assert answer is is_loopback(host)


@pytest.mark.parametrize(
    ("host", "answer"),
    [
        ("127.0.0.1:9480", True), ("127.0.0.1", True), ("[::1]:9480", True), ("[::1]", True),
        ("localhost:9480", True), ("LOCALHOST", True), ("192.0.2.1:80", True),
        ("evil.example", False), ("evil.example:9480", False), ("", False), (None, False),
        ("127.0.0.1.evil.example", False),
    ],
)  # fmt: skip
def test_names_that_another_page_could_have(host: str | None, answer: bool) -> None:
    """Without a token, a request for another name may come from a page of that name."""
    assert answer is is_own_host(host)


def test_dns_rebinding_is_refused(source: Source) -> None:
    """A page whose name leads to this address cannot read here; with a token, names are free."""

    async def story(_: WebServer, ask: Ask) -> None:
        assert 403 == (await ask("/metrics", headers={"Host": "evil.example"})).status

    async def with_token(_: WebServer, ask: Ask) -> None:
        headers = {"Host": "peerlint.contoso.example", "Authorization": f"bearer {TOKEN}"}
        assert 200 == (await ask("/metrics", headers=headers)).status

    serve(source, story)
    serve(source, with_token, token=TOKEN)


@pytest.mark.parametrize(
    ("header", "answer"),
    [
        (f"Bearer {TOKEN}", True), (f"bearer  {TOKEN} ", True), (None, False), ("", False),
        ("Bearer ", False), (f"Bearer {TOKEN[:-1]}", False), (f"Token {TOKEN}", False),
        ("Bearer \udce9", False),
    ],
)  # fmt: skip
def test_tokens(header: str | None, answer: bool) -> None:
    """A request is authorised by the whole token, as a bearer token."""
    assert answer is is_authorised(header, TOKEN)
    assert is_authorised(header, None)


def test_an_address_in_use_is_said(source: Source) -> None:
    """An address that cannot be listened on is an error with the address and the reason."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        server = WebServer(source, host="127.0.0.1", port=port)

        with pytest.raises(FeedError, match=rf"127\.0\.0\.1:{port}: cannot listen there: .*in use"):
            asyncio.run(server.start())


def test_too_many_requests_come_again(source: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    """A request too many at a time is told to come again; health is always answered."""
    begun, may_end = threading.Event(), threading.Event()

    def render(*_: object) -> str:
        begun.set()
        assert may_end.wait(LONG)
        return "the page"

    monkeypatch.setattr("peerlint.service.web_pages.render_page", render)

    async def story(_: WebServer, ask: Ask) -> None:
        first = asyncio.create_task(ask("/"))
        assert await asyncio.to_thread(begun.wait, LONG)
        for path in ("/", "/metrics", "/api/v1/report"):
            refused = await ask(path)
            assert 503 == refused.status
            assert refused.headers["Retry-After"]
        assert 200 == (await ask("/healthz")).status
        may_end.set()
        assert "the page" == (await first).text
        assert 200 == (await ask("/metrics")).status

    serve(source, story, limits=WebLimits(requests=1))
