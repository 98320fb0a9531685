"""The client asks servers in turn, and says what it could not find out."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Final

import pytest
from tests.feeds.doubles.whois_server import GONE, NEVER, Conversation, Reply, WhoisDouble, script

from peerlint.errors import FeedError, InputError
from peerlint.feeds.whois import IrrdClient, WhoisLimits
from peerlint.model import Asn, Prefix
from peerlint.registry import whois
from peerlint.registry.whois import AnswerKind, Query, WhoisAnswer

SECOND: Final = 1_000_000
RADB: Final = ("RADB",)
QUERY: Final = whois.prefixes_of(64500, 4)
FOUND: Final = b"A15\n203.0.113.0/24\nC\n"
#: All that a working server says.
WORKS: Final = script(b"C\n", FOUND)


class Clock:
    """A clock that is set by hand, in microseconds since 1970."""

    def __init__(self) -> None:
        """Start at some time."""
        self.time = 1_000 * SECOND

    def __call__(self) -> int:
        """Return the time."""
        return self.time


Start = Callable[..., WhoisDouble]


@pytest.fixture(name="start")
def _start() -> Iterator[Start]:
    with ExitStack() as cleanup:
        yield lambda *conversations: cleanup.enter_context(WhoisDouble(*conversations))


@pytest.fixture(name="irrd")
def _irrd() -> Iterator[WhoisDouble]:
    with WhoisDouble.replaying() as double:
        yield double
        assert [] == double.unknown


@pytest.fixture(name="ask")
def _ask() -> Iterator[Callable[..., WhoisAnswer]]:
    with ExitStack() as cleanup:

        def ask(*servers: WhoisDouble, sources: tuple[str, ...] = RADB) -> WhoisAnswer:
            client = IrrdClient([each.address for each in servers])
            return cleanup.enter_context(client).ask(QUERY, sources)

        yield ask


def test_a_query_is_one_conversation(irrd: WhoisDouble) -> None:
    """The connection is kept open, the client names itself, and sources come before a query."""
    with IrrdClient([irrd.address]) as client:
        answer = client.ask(QUERY, ("RADB", "RIPE", "ALTDB"))

    expected = tuple(map(Prefix.parse, ("203.0.113.0/24", "203.0.113.128/25")))
    assert expected == whois.prefixes(answer.answer).values
    ((first, name, *rest),) = irrd.asked
    assert first == "!!"
    assert name.startswith("!npeerlint-")
    assert rest == ["!sRADB,RIPE,ALTDB", "!gAS64500"]


def test_an_answer_says_where_it_is_from(irrd: WhoisDouble) -> None:
    """Query, sources, server and time are with the answer."""
    with IrrdClient([irrd.address], now=lambda: 7) as client:
        answer = client.ask(whois.prefixes_of(64499, 4), ("radb",))

    assert answer.answer.kind is AnswerKind.NOT_FOUND
    assert answer == WhoisAnswer("!gAS64499", RADB, (), irrd.address, answer.answer, 7)


def test_queries_share_a_connection(irrd: WhoisDouble) -> None:
    """Sources are sent again only if others are asked for, and answers are in order."""
    with IrrdClient([irrd.address]) as client:
        first, second = client.ask_all((QUERY, whois.prefixes_of(64500, 6)), RADB)
        third = client.ask(whois.prefixes_of(64496, 4), ("RIPE",))

    assert [each.answer.text for each in (second, third)] == [
        "2001:db8:100::/48",
        "198.51.100.0/24",
    ]
    assert first.answer.text.startswith("203.0.113.")
    (lines,) = irrd.asked
    assert lines[2:] == ["!sRADB", "!gAS64500", "!6AS64500", "!sRIPE", "!gAS64496"]


def test_each_source_is_asked_alone(irrd: WhoisDouble) -> None:
    """A list of origins does not say from which source they are; one list of each source does."""
    query = whois.origins_of(Prefix.parse("203.0.113.0/24"))
    with IrrdClient([irrd.address]) as client:
        answers = client.ask_each(query, ("RADB", "RIPE", "ALTDB"))

    origins = {name: whois.origins(each.answer).values for name, each in answers.items()}
    assert origins == {"RADB": (Asn(64500),), "RIPE": (), "ALTDB": (Asn(64502),)}


def test_the_order_of_sources_matters(irrd: WhoisDouble) -> None:
    """The set of the first source is expanded (bgp/bgpq4#37): so the order is always sent."""
    query = whois.members_of("AS-CONTOSO", recursive=True)
    with IrrdClient([irrd.address]) as client:
        answers = [
            client.ask(query, sources).answer.text
            for sources in (("RADB", "RIPE", "ALTDB"), ("RIPE", "RADB", "ALTDB"))
        ]

    assert answers == ["AS64500 AS64501 AS65551", "AS64496"]


def test_route_objects_are_rpsl(irrd: WhoisDouble) -> None:
    """The objects behind an answer are there, with text that is not ASCII."""
    query = whois.routes_of(Prefix.parse("203.0.113.0/24"))
    with IrrdClient([irrd.address]) as client:
        first, second = whois.objects(client.ask(query, ("RADB", "RIPE", "ALTDB")).answer)

    assert "Zürich" in first.decode()
    assert second.decode().splitlines()[-1].split() == ["source:", "ALTDB"]


def test_serials_are_asked_for(irrd: WhoisDouble) -> None:
    """How fresh a server's sources are is a query, too."""
    with IrrdClient([irrd.address]) as client:
        answer = client.ask(whois.serials_of(("RADB", "ALTDB", "LACNIC")), RADB)

    newest = [(each.source, each.newest) for each in whois.serials(answer.answer).values]
    assert newest == [("RADB", 1001), ("ALTDB", None), ("LACNIC", None)]


def test_sources_that_a_server_does_not_have_are_named(irrd: WhoisDouble) -> None:
    """The others are asked, and the answer says which ones were not."""
    with IrrdClient([irrd.address]) as client:
        answer = client.ask(QUERY, ("RADB", "LACNIC"))

    assert answer.missing == ("LACNIC",)
    assert answer.sources == ("RADB", "LACNIC")
    assert answer.answer.kind is AnswerKind.DATA
    assert irrd.asked[0][2:] == ["!sRADB,LACNIC", "!j-*", "!sRADB", "!gAS64500"]


def test_a_server_without_any_of_the_sources_is_an_error(irrd: WhoisDouble) -> None:
    """The error names what was asked for, what the server says, and what it has."""
    message = (
        r"refuses the sources LACNIC: One or more selected sources are unavailable; "
        r"it has RADB, RIPE, ALTDB, NTTCOM"
    )
    with IrrdClient([irrd.address]) as client, pytest.raises(FeedError, match=message):
        client.ask(QUERY, ("LACNIC",))


def test_a_refused_query_is_an_error(irrd: WhoisDouble) -> None:
    """The error has the server's words; other queries are answered."""
    with IrrdClient([irrd.address]) as client:
        with pytest.raises(FeedError, match="refuses !x: Unrecognised command: x"):
            client.ask(Query("!x"), RADB)

        assert client.ask(QUERY, RADB).answer.kind is AnswerKind.DATA
    assert len(irrd.asked) == 1


BAD: Final = {
    "never answers": (
        lambda: lambda _: NEVER,
        "accepted the connection and did not answer in 60 seconds",
    ),
    "never answers a query": (
        script(b"C\n", NEVER),
        "answered before, and does not answer this query in 60 seconds",
    ),
    "closes": (script(GONE), "closed the connection before it answered"),
    "access denied": (
        script(Reply(b"%% Access denied", closes=True)),
        "refuses the sources RADB: Access denied",
    ),
    "access denied at once": (
        lambda: lambda line: Reply(b"%% Access denied\n" * (line == "!!"), closes=line != "!!"),
        "refuses the connection: Access denied",
    ),
    "half an answer, closed": (
        script(b"C\n", Reply(FOUND[:9], closes=True)),
        "expected the rest of the answer, found the end of the connection after 9 octets of it",
    ),
    "half an answer, silent": (
        script(b"C\n", Reply(FOUND[:9], is_last=True)),
        "sent nothing for 60 seconds after 9 octets of an answer",
    ),
    "length too short": (script(b"C\n", b"A5" + FOUND[3:]), "expected C on a line of its own"),
    "length too long": (
        script(b"C\n", Reply(b"A99" + FOUND[3:], is_last=True)),
        "sent nothing for 60 seconds after",
    ),
    "length far too long": (script(b"C\n", b"A99999999999\n"), "at most 67,108,864 octets"),
    "two answers": (script(b"C\n", FOUND + FOUND), "sent more than it was asked for"),
    "another protocol": (script(b"HTTP/1.1 400 Bad Request\r\n"), "expected the beginning of an"),
    "refuses the query": (script(b"C\n", b"F Internal error\n"), "refuses !gAS64500: Internal er"),
    "refuses sources": (script(b"F no\n", b"F no\n"), "refuses the sources RADB: no"),
    "refuses its sources": (
        script(b"F no\n", b"A33\nRIPE:N:-\nRADB:X:Database unknown\nC\n"),
        "refuses the sources RADB: no; it has RIPE",
    ),
}


@pytest.mark.parametrize(("conversation", "message"), BAD.values(), ids=BAD)
def test_a_server_that_does_not_answer_is_an_error(
    start: Start,
    ask: Callable[..., WhoisAnswer],
    conversation: Callable[[], Conversation],
    message: str,
) -> None:
    """The error names the server, and says what it did."""
    server = start(conversation)

    with pytest.raises(FeedError) as caught:
        ask(server)
    assert message in str(caught.value)
    assert caught.value.source == server.address


@pytest.mark.parametrize("conversation", [each for each, _ in BAD.values()], ids=BAD)
def test_the_next_server_is_asked(
    start: Start, ask: Callable[..., WhoisAnswer], conversation: Callable[[], Conversation]
) -> None:
    """Whatever the first server does, the second one's answer is the answer."""
    good = start(WORKS)
    answer = ask(start(conversation), good)

    assert (answer.server, answer.answer.text) == (good.address, "203.0.113.0/24")


def test_a_server_that_is_not_there_is_an_error() -> None:
    """A port that nothing listens on is named, and so is a name that no one has."""
    with socket.create_server(("127.0.0.1", 0)) as closed:
        address = f"127.0.0.1:{closed.getsockname()[1]}"
    client = IrrdClient([address, f"{'x' * 70}.invalid"])

    with pytest.raises(FeedError) as caught:
        client.ask(QUERY, RADB)
    assert "none of these servers answers: " in str(caught.value)
    assert f"{address}: cannot be reached: Connection refused" in str(caught.value)
    assert ".invalid: cannot be reached: " in str(caught.value)


def test_a_server_that_failed_is_asked_last(start: Start) -> None:
    """Later queries do not wait for it again."""
    bad, good = start(script(NEVER)), start(script(b"C\n", FOUND, b"D\n"))
    with IrrdClient([bad.address, good.address]) as client:
        client.ask(QUERY, RADB)
        client.ask(whois.prefixes_of(64501, 4), RADB)

    assert len(bad.asked) == len(good.asked) == 1


def test_only_what_is_missing_is_asked_elsewhere(start: Start) -> None:
    """One refused query of several does not take back the answers to the others."""
    first, second = start(script(b"C\n", FOUND, b"F no\n")), start(script(b"C\n", b"D\n"))
    other = whois.prefixes_of(64501, 4)
    with IrrdClient([first.address, second.address]) as client:
        answers = client.ask_all((QUERY, other), RADB)

    assert [each.server for each in answers] == [first.address, second.address]
    assert second.asked[0][2:] == ["!sRADB", "!gAS64501"]


def test_a_length_that_takes_in_the_next_answer_spoils_both(start: Start) -> None:
    """An answer that was cut at a wrong place is never used, even where it looks right."""
    lying = start(script(b"C\n", b"A17" + FOUND[3:], Reply(b"C\n", is_last=True)))
    good = start(script(b"C\n", FOUND, b"C\n"))
    with IrrdClient([lying.address, good.address]) as client:
        answers = client.ask_all((QUERY, whois.prefixes_of(64501, 4)), RADB)

    assert [each.answer.text for each in answers] == ["203.0.113.0/24", ""]
    assert [each.server for each in answers] == [good.address] * 2


def test_a_connection_that_was_idle_is_made_again(start: Start) -> None:
    """A server closes what is idle for half a minute; that is no failure."""
    server = start(script(b"C\n", Reply(FOUND, closes=True)), script(b"C\n", b"D\n"))
    with IrrdClient([server.address]) as client:
        client.ask(QUERY, RADB)
        answer = client.ask(whois.prefixes_of(64501, 4), RADB)

    assert answer.answer.kind is AnswerKind.NOT_FOUND
    assert server.asked[1][2:] == ["!sRADB", "!gAS64501"]


def test_an_answer_is_used_again_until_it_is_too_old(start: Start) -> None:
    """An answer has an age, and is asked for again when that is reached."""
    clock = Clock()
    server = start(script(b"C\n", FOUND, b"D\n"))
    with IrrdClient([server.address], max_age=60, now=clock) as client:
        first = client.ask(QUERY, RADB)
        clock.time += 60 * SECOND - 1
        again = client.ask(QUERY, RADB)
        clock.time += 1
        later = client.ask(QUERY, RADB)

    assert again == first
    assert first.age(clock.time) == 60 * SECOND
    assert later.answer.kind is AnswerKind.NOT_FOUND


def test_an_old_answer_stays_in_use_and_says_so(start: Start) -> None:
    """When no server answers, the last answer is better than none, and its age is with it."""
    clock = Clock()
    server = start(WORKS, script(GONE))
    with IrrdClient([server.address], max_age=60, now=clock) as client:
        first = client.ask(QUERY, RADB)
        client.close()
        clock.time += 61 * SECOND
        old = client.ask(QUERY, RADB)

        assert (old.answer, old.time) == (first.answer, first.time)
        assert first.failure is None
        assert old.failure is not None
        assert "closed the connection before it answered" in old.failure
        with pytest.raises(FeedError, match="closed the connection before it answered"):
            client.ask_all((QUERY, whois.prefixes_of(64501, 4)), RADB)


def test_servers_that_all_failed_are_left_alone_for_a_while(start: Start) -> None:
    """A hundred questions do not wait for a hundred time-outs."""
    clock = Clock()
    server = start(script(GONE), WORKS)
    with IrrdClient([server.address], now=clock) as client:
        for _ in range(3):
            with pytest.raises(FeedError, match="closed the connection before it answered"):
                client.ask(QUERY, RADB)
        assert len(server.asked) == 1
        clock.time += round(WhoisLimits().retry) * SECOND

        assert client.ask(QUERY, RADB).answer.kind is AnswerKind.DATA


def test_many_queries_are_sent_ahead_in_parts(start: Start) -> None:
    """More queries than are sent at once are all answered, in their order."""

    def numbered() -> Conversation:
        def reply(line: str) -> Reply:
            text = line.removeprefix("!gAS").encode()
            result = b"A%d\nAS%s\nC\n" % (len(text) + 3, text)
            return Reply() if line == "!!" else Reply(result if line.startswith("!g") else b"C\n")

        return reply

    queries = [whois.prefixes_of(asn, 4) for asn in range(64496, 64596)]
    with IrrdClient([start(numbered).address]) as client:
        answers = client.ask_all(queries, RADB)

    assert [each.answer.text for each in answers] == [f"AS{asn}" for asn in range(64496, 64596)]


@pytest.mark.parametrize(
    ("servers", "sources", "message"),
    [
        ((), RADB, "servers: expected one at least"),
        (("whois.radb.net:x",), RADB, "whois server: expected a host"),
        (("whois.radb.net",), (), "sources: expected one at least"),
        (("whois.radb.net",), ("RADB RIPE",), "source: expected the name of a registry"),
    ],
)
def test_bad_arguments_are_errors(
    servers: tuple[str, ...], sources: tuple[str, ...], message: str
) -> None:
    """Nothing is connected before the arguments are right."""
    with pytest.raises(InputError, match=message):
        IrrdClient(servers).ask(QUERY, sources)


@pytest.mark.parametrize(
    "query", ["!!", "!sRIPE", "!nme", "!q", "!Q", "!t1", "!eAS-X", "!fno-x", "-k"]
)
def test_queries_about_the_connection_are_errors(query: str) -> None:
    """A query that would change the sources of later ones behind the client's back is refused."""
    with pytest.raises(InputError, match="query: expected an IRRd query about objects"):
        IrrdClient(["whois.radb.net"]).ask(Query(query), RADB)
