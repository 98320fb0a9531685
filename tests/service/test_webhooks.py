"""Webhooks: at least once, in order, signed, whatever the receiver does."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import ssl
from collections.abc import Callable
from email.utils import formatdate
from typing import Any, Final

import pytest
from tests.service.doubles.alerts import NOON, SECOND, alert, opening, resolving

from peerlint._version import __version__
from peerlint.monitor.alerts import Notice
from peerlint.service.delivery import DeliveryTimes
from peerlint.service.dispatcher import Dispatcher
from peerlint.service.sinks import DeliveryError, HttpLimits, Sink, make_sink, parse_sink
from peerlint.service.store import open_store

pytest.importorskip("aiohttp", reason="the extra `live`")
from tests.service.doubles.http_server import (
    Answer,
    Server,
    close,
    endless,
    never,
    status,
)

#: Seconds after which something that should happen at once counts as hanging.
LIMIT: Final = 60
SECRET: Final = "correct horse battery staple"  # noqa: S105  # of the tests
#: A request that is not answered fails soon.
SHORT: Final = HttpLimits(total=2.0)


def document(notice: Notice) -> dict[str, object]:
    """Return a document that has what these tests look at."""
    return {"id": notice.id, "title": notice.alert.title}


def webhook(url: str, limits: HttpLimits | None = None, **environ: str) -> Sink:
    """Return a webhook at noon."""
    argument = parse_sink(f"webhook:{url}")
    return make_sink(argument, environ=environ, document=document, limits=limits, now=lambda: NOON)


def failure_of(answer: Answer, limits: HttpLimits | None = None) -> DeliveryError:
    """Return how a delivery fails if it is answered so."""

    async def main() -> DeliveryError:
        async with Server(answer) as server:
            sink = webhook(server.url, limits)
            with pytest.raises(DeliveryError) as raised:
                await sink.deliver([opening(alert())])
            await sink.close()
            return raised.value

    return asyncio.run(main())


def test_a_request_has_what_the_page_says() -> None:
    """JSON, the id of the notice, the time, a token, and a signature that can be verified."""

    async def main() -> Server:
        async with Server() as server:
            environ = {"PEERLINT_WEBHOOK_SECRET": SECRET, "PEERLINT_WEBHOOK_TOKEN": "token"}
            sink = webhook(server.url, **environ)
            await sink.deliver([opening(alert()), resolving(alert())])
            await sink.close()
            return server

    server = asyncio.run(main())
    assert [json.loads(each)["id"] for each in server.bodies] == ["a-1", "a-2"]
    body, headers = server.bodies[0], server.headers[0]
    signed = str(NOON // SECOND).encode() + b"." + body
    expected = "v1=" + hmac.new(SECRET.encode(), signed, hashlib.sha256).hexdigest()
    assert expected == headers["peerlint-signature"]
    assert str(NOON // SECOND) == headers["peerlint-timestamp"]
    assert headers["peerlint-notice"] == "a-1"
    assert headers["authorization"] == "Bearer token"
    assert headers["content-type"] == "application/json"
    assert headers["user-agent"] == f"peerlint/{__version__}"
    assert server.paths == ["/hook", "/hook"]


def test_without_a_secret_there_is_no_signature() -> None:
    """Nor a token without one."""

    async def main() -> Server:
        async with Server() as server:
            sink = webhook(server.url)
            await sink.deliver([opening(alert())])
            await sink.close()
            return server

    (headers,) = asyncio.run(main()).headers
    assert "peerlint-signature" not in headers
    assert "authorization" not in headers


@pytest.mark.parametrize("number", [200, 201, 202, 204])
def test_every_2xx_is_success(number: int) -> None:
    """The body is not looked at."""

    async def main() -> None:
        async with Server(status(number)) as server:
            sink = webhook(server.url)
            await sink.deliver([opening(alert())])
            await sink.close()

    asyncio.run(main())


#: Answers, with a part of the reason, whether the message is refused, and the time to wait.
ANSWERS: Final[dict[str, tuple[Answer, str, bool, float | None]]] = {
    "500": (status(500, "out  of\nmemory\x1b[0m"), "500: out of memory\\x1b[0m", False, None),
    "503": (status(503, Retry_After="120"), "HTTP status 503", False, 120.0),
    "429": (status(429, Retry_After="7"), "HTTP status 429", False, 7.0),
    "429 with a date": (
        status(429, Retry_After=formatdate(NOON / SECOND + 30, usegmt=True)),
        "HTTP status 429",
        False,
        30.0,
    ),
    "429 with a date in the past": (
        status(429, Retry_After=formatdate(NOON / SECOND - 30, usegmt=True)),
        "HTTP status 429",
        False,
        0.0,
    ),
    "429 with nonsense": (status(429, Retry_After="soon"), "HTTP status 429", False, None),
    "400": (status(400, "no such field"), "HTTP status 400: no such field", True, None),
    "413": (status(413), "HTTP status 413", True, None),
    "422": (status(422), "HTTP status 422", True, None),
    "401": (status(401), "HTTP status 401", False, None),
    "404": (status(404), "HTTP status 404", False, None),
    "302": (status(302, Location="http://192.0.2.1/"), "302, a redirection, which is", False, None),
    "307": (status(307, Location="/other"), "give the URL that it leads to", False, None),
    "closed": (close, "Server disconnected", False, None),
}


@pytest.mark.parametrize("row", ANSWERS.values(), ids=ANSWERS)
def test_what_is_no_success_is_a_failure(row: tuple[Answer, str, bool, float | None]) -> None:
    """Only some answers are about the message; the others are about the receiver."""
    answer, reason, is_refused, retry_after = row

    error = failure_of(answer)

    assert reason in error.reason
    assert is_refused == error.is_refused
    assert retry_after == error.retry_after


@pytest.mark.slow
def test_a_receiver_that_never_answers_is_a_failure() -> None:
    """After the time limit."""
    assert failure_of(never, SHORT).reason == "no answer within 2 seconds"


def test_an_answer_without_an_end_is_read_no_further() -> None:
    """A kilobyte of it is enough for the message."""
    error = failure_of(endless)

    assert error.reason == "HTTP status 500: " + "x" * 200


def test_nobody_there_is_a_failure() -> None:
    """Connection refused, a name that does not exist, and what is no TLS."""

    async def main(url: str, expected: str) -> None:
        sink = webhook(url)
        with pytest.raises(DeliveryError, match=expected) as raised:
            await sink.deliver([opening(alert())])
        assert not raised.value.is_refused
        await sink.close()

    asyncio.run(main("http://127.0.0.1:1/hook", "Cannot connect to host 127.0.0.1:1"))
    asyncio.run(main("http://name.invalid/hook", "Cannot connect to host name.invalid"))


def test_tls_is_verified() -> None:
    """A server that speaks no TLS, or has no certificate that is trusted, gets nothing."""

    async def main() -> str:
        async with Server() as server:
            sink = webhook(server.url.replace("http:", "https:"))
            with pytest.raises(DeliveryError) as raised:
                await sink.deliver([opening(alert())])
            await sink.close()
            assert server.bodies == []
            return raised.value.reason

    assert "ssl" in asyncio.run(main()).lower()
    assert ssl.create_default_context().verify_mode is ssl.CERT_REQUIRED


def test_proxies_of_the_environment_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """A request goes to the host of the URL."""
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    monkeypatch.setenv("no_proxy", "")

    async def main() -> None:
        async with Server() as server:
            sink = webhook(server.url)
            await sink.deliver([opening(alert())])
            await sink.close()

    asyncio.run(main())


def dispatched(*answers: Answer, count: int = 20) -> tuple[list[str], list[str]]:
    """Deliver notices to a server that first answers so; return what it took, and warnings."""
    warnings: list[str] = []

    async def main() -> list[str]:
        async with Server(*answers) as server:
            with open_store() as store:
                dispatcher = Dispatcher(
                    store,
                    [webhook(server.url, SHORT)],
                    times=DeliveryTimes(0.01, 0.05, longest_asked=0.02),
                    warn=warnings.append,
                )
                dispatcher.start()
                for each in range(count):
                    one = alert(f"a{each}")
                    store.save([one], [opening(one)])
                await _until(lambda: len(set(server.accepted)) >= count)
                await dispatcher.stop(LIMIT)
            # A slow machine may take longer than the limit, and the notice comes twice.
            return [json.loads(each)["id"] for each in dict.fromkeys(server.accepted)]

    return asyncio.run(main()), warnings


async def _until(condition: Callable[[], bool]) -> None:
    async def look() -> None:
        while not condition():  # noqa: ASYNC110  # any condition
            await asyncio.sleep(0.005)

    await asyncio.wait_for(look(), LIMIT)


@pytest.mark.parametrize(
    "answers",
    [
        [status(500)] * 5,
        [status(429, Retry_After="3600"), status(503, Retry_After="1")],
        [close, status(204), close],
        pytest.param([never], marks=pytest.mark.slow),
        [status(302, Location="http://192.0.2.1/"), status(404)],
    ],
    ids=["500", "429", "closes", "never answers", "wrong place"],
)
def test_nothing_is_lost_whatever_a_receiver_does(answers: list[Answer]) -> None:
    """Every notice is accepted, in order, as soon as the receiver accepts."""
    accepted, warnings = dispatched(*answers)

    assert [f"a{each}-1" for each in range(20)] == accepted
    assert warnings[-1].endswith(": works again")
    assert all("http://127.0.0.1" in each for each in warnings)


def test_a_receiver_that_fails_after_it_accepted_gets_the_same_id_again() -> None:
    """At least once: the answer is lost, so the notice is repeated."""
    seen: list[Any] = []

    async def lost(request: Any) -> Any:  # noqa: ANN401  # of aiohttp
        seen.append(request.headers["peerlint-notice"])
        return await close(request)

    accepted, _ = dispatched(lost, count=1)

    assert ["a0-1"] == seen
    assert ["a0-1"] == accepted
