"""What `--alert` accepts, and what it says about the rest."""

from __future__ import annotations

import pytest

from peerlint.errors import InputError
from peerlint.service.sinks import (
    Alertmanager,
    JsonLines,
    SinkArgument,
    SinkKind,
    Webhook,
    make_sink,
    parse_sink,
)

#: Texts with the kind, the target and the name that they give.
VALID = {
    "jsonl:alerts.jsonl": (SinkKind.JSONL, "alerts.jsonl", "jsonl:alerts.jsonl"),
    "jsonl:-": (SinkKind.JSONL, "-", "jsonl:-"),
    "jsonl:C:\\alerts": (SinkKind.JSONL, "C:\\alerts", "jsonl:C:\\alerts"),
    "alertmanager:http://127.0.0.1:9093": (
        SinkKind.ALERTMANAGER,
        "http://127.0.0.1:9093",
        "alertmanager:http://127.0.0.1:9093",
    ),
    "webhook:https://noc.example/hooks/peerlint": (
        SinkKind.WEBHOOK,
        "https://noc.example/hooks/peerlint",
        "webhook:https://noc.example/hooks/peerlint",
    ),
    "webhook:http://[2001:db8::1]:8080/": (
        SinkKind.WEBHOOK,
        "http://[2001:db8::1]:8080/",
        "webhook:http://[2001:db8::1]:8080/",
    ),
}
FORMS = "jsonl:PATH, jsonl:- (standard output), alertmanager:URL or webhook:URL"
A_URL = "a URL that begins with http:// or https:// and has a host"
#: Texts with a part of the message.
INVALID = {
    "": FORMS,
    "jsonl": FORMS,
    "jsonl:": FORMS,
    "JSONL:alerts": FORMS,
    "slack:https://hooks.example/": FORMS,
    "https://noc.example/": FORMS,
    "alerts.jsonl": FORMS,
    "jsonl:a\0b": "the name of a file",
    "webhook:noc.example": A_URL,
    "webhook:ftp://noc.example/": A_URL,
    "webhook:https://": A_URL,
    "webhook:https:///path": A_URL,
    "webhook:https://noc.example:0/": A_URL,
    "webhook:https://noc.example:99999/": A_URL,
    "webhook:https://noc.example:http/": A_URL,
    "webhook:https://[2001:db8::1/": A_URL,
    "webhook:https://noc.example/a b": A_URL,
    "webhook:https://noc.example/\r\nHost: a": A_URL,
    "alertmanager:/run/alertmanager": A_URL,
    "webhook:https://user:hunter2secret@noc.example/": "PEERLINT_WEBHOOK_TOKEN",
    "alertmanager:https://user@noc.example/": "PEERLINT_ALERTMANAGER_TOKEN",
}


@pytest.mark.parametrize(("text", "expected"), VALID.items())
def test_a_sink_is_read(text: str, expected: tuple[SinkKind, str, str]) -> None:
    """The form decides what the rest is."""
    assert SinkArgument(*expected) == parse_sink(text)


@pytest.mark.parametrize(("text", "expected"), INVALID.items())
def test_an_invalid_sink_is_an_error(text: str, expected: str) -> None:
    """The message has the forms that there are, and no password."""
    with pytest.raises(InputError) as raised:
        parse_sink(text)

    assert str(raised.value).startswith("alerts: expected ")
    assert expected in str(raised.value)
    assert "hunter2secret" not in str(raised.value)


def test_a_secret_in_a_url_is_in_no_name() -> None:
    """Names are in messages, metrics and the state file; a hash tells two sinks apart."""
    first = parse_sink("webhook:https://noc.example/hook?token=abcdefgh1234")
    second = parse_sink("webhook:https://noc.example/hook?token=ijklmnop5678")

    assert first.name.startswith("webhook:https://noc.example/hook?token=... (")
    assert first.name != second.name
    assert "abcdefgh1234" not in repr(first)
    assert first == parse_sink("webhook:https://noc.example/hook?token=abcdefgh1234")


@pytest.mark.parametrize(
    ("text", "kind", "url"),
    [
        ("jsonl:alerts.jsonl", JsonLines, None),
        ("webhook:http://noc.example/hook", Webhook, "http://noc.example/hook"),
        (
            "alertmanager:http://noc.example",
            Alertmanager,
            "http://noc.example/api/v2/alerts",
        ),
        (
            "alertmanager:http://noc.example/am/",
            Alertmanager,
            "http://noc.example/am/api/v2/alerts",
        ),
        (
            "alertmanager:http://noc.example/am/api/v2/alerts",
            Alertmanager,
            "http://noc.example/am/api/v2/alerts",
        ),
    ],
)
def test_each_form_makes_its_sink(text: str, kind: type, url: str | None) -> None:
    """An Alertmanager is given by its own URL, with its path prefix; the API's path is added."""
    pytest.importorskip("aiohttp", reason="the extra `live`")
    sink = make_sink(parse_sink(text), environ={})

    assert isinstance(sink, kind)
    assert sink.name == text
    if url is not None:
        assert url == sink._client._url


@pytest.mark.parametrize(
    ("text", "header"),
    [
        ("webhook:http://noc.example", "Bearer for-webhooks"),
        ("alertmanager:http://noc.example", "Bearer for-alertmanager"),
    ],
)
def test_tokens_come_by_the_environment(text: str, header: str) -> None:
    """Each form has its variable."""
    pytest.importorskip("aiohttp", reason="the extra `live`")
    environ = {
        "PEERLINT_WEBHOOK_TOKEN": "for-webhooks",
        "PEERLINT_ALERTMANAGER_TOKEN": "for-alertmanager",
    }

    sink = make_sink(parse_sink(text), environ=environ)

    assert isinstance(sink, Webhook | Alertmanager)
    assert sink._client._headers["Authorization"] == header


def test_a_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without aiohttp, a webhook says what to install; a file needs nothing."""
    monkeypatch.setattr("peerlint.service.sinks.http.find_spec", lambda _: None)

    with pytest.raises(InputError, match="pip install 'peerlint\\[live\\]'"):
        make_sink(parse_sink("webhook:http://noc.example"), environ={})
    make_sink(parse_sink("jsonl:-"), environ={})
