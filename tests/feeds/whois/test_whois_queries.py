"""Queries are one safe line each."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from peerlint.errors import InputError
from peerlint.feeds.whois import WhoisServer
from peerlint.model import Prefix
from peerlint.registry import whois
from peerlint.registry.whois import Query, RouteMatch

PREFIX = Prefix.parse("203.0.113.0/24")


@pytest.mark.parametrize(
    ("query", "text"),
    [
        (whois.KEEP_OPEN, "!!"),
        (whois.ALL_SERIALS, "!j-*"),
        (whois.identify("peerlint-1.0"), "!npeerlint-1.0"),
        (whois.select_sources(["RADB", "ripe", "RADB"]), "!sRADB,RIPE"),
        (whois.prefixes_of(64500, 4), "!gAS64500"),
        (whois.prefixes_of(4294967295, 6), "!6AS4294967295"),
        (whois.routes_of(PREFIX), "!r203.0.113.0/24"),
        (whois.routes_of(PREFIX, RouteMatch.LESS_SPECIFIC), "!r203.0.113.0/24,l"),
        (whois.routes_of(PREFIX, RouteMatch.COVERING), "!r203.0.113.0/24,L"),
        (whois.routes_of(PREFIX, RouteMatch.MORE_SPECIFIC), "!r203.0.113.0/24,M"),
        (whois.origins_of(Prefix.parse("2001:db8::/32")), "!r2001:db8::/32,o"),
        (whois.members_of("as-contoso"), "!iAS-CONTOSO"),
        (whois.members_of("AS64500:AS-CONTOSO", recursive=True), "!iAS64500:AS-CONTOSO,1"),
        (whois.serials_of(["RADB", "RIPE-NONAUTH"]), "!jRADB,RIPE-NONAUTH"),
        (whois.ripe_object("aut-num", "AS64500", "ripe"), "-r -s RIPE -T aut-num AS64500"),
        (
            whois.ripe_object("route6", "2001:db8::/32", "RIPE"),
            "-r -s RIPE -T route6 -x 2001:db8::/32",
        ),
    ],
)
def test_a_query_has_its_text(query: Query, text: str) -> None:
    """Each query is what IRRd's and RIPE's documentation say."""
    assert text == str(query)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: whois.select_sources([]), "sources: expected one at least"),
        (lambda: whois.select_sources("RADB"), "sources: expected a list"),
        (lambda: whois.select_sources(["RADB,RIPE"]), "source: expected the name of a registry"),
        (lambda: whois.select_sources(["-lc"]), "source: expected the name of a registry"),
        (lambda: whois.serials_of(["RADB\n!q"]), "source: expected the name of a registry"),
        (lambda: whois.members_of("AS-CONTOSO\n!q"), "set: expected the name of a set"),
        (lambda: whois.members_of("AS-CONTOSO,1"), "set: expected the name of a set"),
        (lambda: whois.members_of("AS-ÜBER"), "set: expected the name of a set"),
        (lambda: whois.prefixes_of(-1, 4), "AS number: expected"),
        (lambda: whois.prefixes_of(64500, 5), "family: expected"),
        (lambda: whois.ripe_object("aut-num", "-q sources", "RIPE"), "key: expected"),
        (lambda: whois.ripe_object("aut-num -r", "AS64500", "RIPE"), "class: expected"),
        (lambda: Query(""), "query: expected one line of ASCII"),
        (lambda: Query("!x" * 600), "query: expected one line of ASCII, at most 1000 characters"),
        (lambda: Query("!gAS64500\r"), "query: expected one line of ASCII"),
    ],
)
def test_bad_arguments_are_errors(make: object, message: str) -> None:
    """An argument that is none of its kind, or would add a query, is an error that says so."""
    with pytest.raises(InputError, match=message):
        make()  # type: ignore[operator]


@given(st.text(max_size=20))
def test_no_name_of_a_set_adds_a_query(name: str) -> None:
    """A name is refused, or stays one word of one line."""
    try:
        text = str(whois.members_of(name))
    except InputError:
        return

    assert text.split() == [text]
    assert "," not in text


@pytest.mark.parametrize(
    ("text", "server"),
    [
        ("whois.radb.net", WhoisServer("whois.radb.net", 43)),
        ("rr.ntt.net:4343", WhoisServer("rr.ntt.net", 4343)),
        ("192.0.2.1:43", WhoisServer("192.0.2.1", 43)),
        ("2001:db8::1", WhoisServer("2001:db8::1", 43)),
        ("[2001:db8::1]", WhoisServer("2001:db8::1", 43)),
        ("[2001:db8::1]:4343", WhoisServer("2001:db8::1", 4343)),
    ],
)
def test_a_server_is_parsed(text: str, server: WhoisServer) -> None:
    """A server is a name or an address, with or without a port, and prints as it is parsed."""
    assert server == WhoisServer.parse(text)
    assert server == WhoisServer.parse(str(server))


@pytest.mark.parametrize(
    "text",
    ["", ":43", "host:", "host:x", "host:0", "host:65536", "host:٤٣", "a b", "[::1", "hö.net"],
)
def test_other_text_is_no_server(text: str) -> None:
    """Anything else is an error that shows the form."""
    with pytest.raises(InputError, match="whois server: expected a host, such as"):
        WhoisServer.parse(text)
