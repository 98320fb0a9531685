"""One object is asked for in plain whois."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from tests.feeds.doubles.whois_server import NEVER, Conversation, Reply, WhoisDouble, script

from peerlint.errors import FeedError
from peerlint.feeds.whois import WhoisLimits, ask_ripe
from peerlint.registry import whois
from peerlint.registry.whois import AnswerCache, AnswerKind, WhoisAnswer

LIMITS = WhoisLimits(octets=1000)


def test_an_object_is_answered() -> None:
    """The object is RPSL, and has its source and time."""
    with WhoisDouble.replaying() as server:
        answer = ask_ripe(server.address, "aut-num", "AS64500", "RADB", now=lambda: 7)

    (found,) = whois.objects(answer.answer)
    assert found.decode().splitlines()[0].split() == ["aut-num:", "AS64500"]
    assert (answer.server, answer.sources, answer.time) == (server.address, ("RADB",), 7)
    assert server.asked == [["-r -s RADB -T aut-num AS64500"]]
    assert server.unknown == []


def test_an_object_that_is_not_there_is_an_answer() -> None:
    """A registry without the object says so, and that is no error."""
    with WhoisDouble.replaying() as server:
        answer = ask_ripe(server.address, "aut-num", "AS64500", "RIPE")

    assert answer.answer.kind is AnswerKind.NOT_FOUND


@pytest.mark.parametrize(
    ("conversation", "message"),
    [
        pytest.param(script(NEVER), "did not answer in 60 seconds", id="never answers"),
        pytest.param(
            script(Reply(closes=True)), "closed the connection without an answer", id="closes"
        ),
        pytest.param(
            script(Reply(b"aut-num: AS64500\nas-na", closes=True)),
            "sent half an answer, or another protocol: octet 22: expected two empty lines",
            id="half an answer",
        ),
        pytest.param(
            script(Reply(b"aut-num: AS64500\n", is_last=True)),
            "sent nothing for 60 seconds after 17 octets of an answer",
            id="half an answer, silent",
        ),
        pytest.param(
            script(Reply(b"%ERROR:201: access denied for 192.0.2.1\n\n\n", closes=True)),
            "refuses -r -s RIPE -T aut-num AS64500: ERROR:201: access denied for 192.0.2.1",
            id="refused",
        ),
        pytest.param(
            script(Reply(b"x" * 1001, closes=True)),
            "sent more than 1,000 octets in answer to one query",
            id="too much",
        ),
    ],
)
def test_a_server_that_does_not_answer_is_an_error(
    conversation: Callable[[], Conversation], message: str
) -> None:
    """The error names the server, and says what it did."""
    with WhoisDouble(conversation) as server, pytest.raises(FeedError, match=re.escape(message)):
        ask_ripe(server.address, "aut-num", "AS64500", "RIPE", limits=LIMITS)


def test_a_refused_source_is_an_error() -> None:
    """A real IRRd refuses a source that it does not have."""
    message = "refuses .*: ERROR: One or more selected sources are unavailable"
    with WhoisDouble.replaying() as server, pytest.raises(FeedError, match=message):
        ask_ripe(server.address, "aut-num", "AS64500", "LACNIC")


def test_an_answer_is_used_again_and_stays_in_use() -> None:
    """A young answer is not asked for again; an old one is used, and says so, if it must be."""
    time = 0
    cache = AnswerCache()

    def ask(server: WhoisDouble) -> WhoisAnswer:
        where, asked = server.address, ("aut-num", "AS64500", "RADB")
        return ask_ripe(where, *asked, limits=LIMITS, max_age=60, cache=cache, now=lambda: time)

    replies = (Reply(b"aut-num: AS64500\n\n\n", closes=True), Reply(closes=True))
    with WhoisDouble(*map(script, replies)) as server:
        first = ask(server)
        time = 59_999_999
        assert ask(server) == first
        assert len(server.asked) == 1
        time = 60_000_000
        old = ask(server)
        with WhoisDouble(script(Reply(closes=True))) as other, pytest.raises(FeedError):
            ask(other)

    assert (old.answer, old.time) == (first.answer, 0)
    assert old.failure is not None
    assert "closed the connection without an answer" in old.failure
