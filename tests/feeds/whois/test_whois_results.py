"""Results are parsed into values; words that are none are kept apart."""

from __future__ import annotations

import pytest

from peerlint.errors import WireError
from peerlint.model import Asn, Prefix
from peerlint.registry import whois
from peerlint.registry.whois import Answer, AnswerKind, JournalState, Parsed, SourceSerials

ROUTE = b"route:   203.0.113.0/24\norigin:  AS64500\nsource:  RADB"
OTHER = b"route:   203.0.113.0/24\norigin:  AS64502\nsource:  ALTDB"


def data(octets: bytes) -> Answer:
    """Return an answer with a result."""
    return Answer(AnswerKind.DATA, octets)


def test_prefixes_are_sorted() -> None:
    """A server's list has no order of its own; a prefix that is in it twice counts once."""
    answer = data(b"203.0.113.128/25 203.0.113.0/24 192.0.2.0/24 203.0.113.0/24")

    expected = tuple(map(Prefix.parse, ("192.0.2.0/24", "203.0.113.0/24", "203.0.113.128/25")))
    assert Parsed(expected) == whois.prefixes(answer)


def test_words_that_are_no_prefixes_are_kept() -> None:
    """A word that is no prefix is not lost without a trace."""
    answer = data(b"203.0.113.0/24 203.0.113.1/24 nonsense")

    skipped = ("203.0.113.1/24", "nonsense")
    assert Parsed((Prefix.parse("203.0.113.0/24"),), skipped) == whois.prefixes(answer)


def test_origins_are_numbers() -> None:
    """One origin of several objects, in several sources, counts once."""
    answer = data(b"AS64500 AS64502 AS64500 AS-CONTOSO")

    assert Parsed((Asn(64500), Asn(64502)), ("AS-CONTOSO",)) == whois.origins(answer)


@pytest.mark.parametrize(
    ("octets", "expected"),
    [
        (b"", ()),
        (ROUTE, (ROUTE,)),
        (ROUTE + b"\n\n" + OTHER, (ROUTE, OTHER)),
        (ROUTE + b"\r\n\r\n\r\n" + OTHER + b"\n\n", (ROUTE, OTHER)),
    ],
)
def test_objects_are_separated_by_empty_lines(octets: bytes, expected: tuple[bytes, ...]) -> None:
    """Each object of a result is one value."""
    assert expected == whois.objects(data(octets))


def test_serials_say_how_fresh_a_source_is() -> None:
    """A line of `!j` says the serials, that there are none, or that the source is not there."""
    answer = data(b"RADB:Y:0-1001:990\nRIPE:N:17-2002\nALTDB:N:-\nLACNIC:X:Database unknown")

    expected = (
        SourceSerials("RADB", JournalState.KEPT, 0, 1001, 990),
        SourceSerials("RIPE", JournalState.NOT_KEPT, 17, 2002),
        SourceSerials("ALTDB", JournalState.NOT_KEPT),
        SourceSerials("LACNIC", JournalState.UNKNOWN_SOURCE),
    )
    assert Parsed(expected) == whois.serials(answer)


@pytest.mark.parametrize(
    "line", ["RADB", ":Y:0-1", "RADB:Z:0-1", "RADB:Y:1", "RADB:Y:0-1:x", "RADB:Y:-1-2", "RADB:Y:"]
)
def test_other_lines_are_kept(line: str) -> None:
    """A line of another form is not lost without a trace."""
    assert Parsed((), (line,)) == whois.serials(data(line.encode()))


@pytest.mark.parametrize(
    ("octets", "expected"),
    [
        pytest.param(ROUTE + b"\n\n\n", data(ROUTE), id="IRRd"),
        pytest.param(
            b"% This is the RIPE Database query service.\n%\n\n"
            b"% Information related to '203.0.113.0/24AS64500'\n\n" + ROUTE + b"\n\n"
            b"% This query was served by the RIPE Database Query Service\n\n\n",
            data(ROUTE),
            id="RIPE",
        ),
        pytest.param(
            ROUTE.replace(b"\n", b"\r\n") + b"\r\n\r\n\r\n", data(ROUTE), id="other line ends"
        ),
        pytest.param(
            ROUTE + b"\n\n" + OTHER + b"\n\n\n", data(ROUTE + b"\n\n" + OTHER), id="two objects"
        ),
        pytest.param(
            b"%  No entries found for the selected source(s).\n\n\n",
            Answer(AnswerKind.NOT_FOUND),
            id="nothing, by IRRd",
        ),
        pytest.param(
            b"%ERROR:101: no entries found\n%\n% No entries found in source RIPE.\n\n\n",
            Answer(AnswerKind.NOT_FOUND),
            id="nothing, by RIPE",
        ),
        pytest.param(
            b"%ERROR:201: access denied for 192.0.2.1\n%\n% Queries are limited.\n\n\n",
            Answer(AnswerKind.REFUSED, reason="ERROR:201: access denied for 192.0.2.1"),
            id="refused by RIPE",
        ),
        pytest.param(
            b"%% ERROR: One or more selected sources are unavailable.\n\n\n",
            Answer(
                AnswerKind.REFUSED, reason="ERROR: One or more selected sources are unavailable."
            ),
            id="refused by IRRd",
        ),
        pytest.param(
            b"% Come back later.\n\n\n",
            Answer(AnswerKind.REFUSED, reason="Come back later."),
            id="remarks only",
        ),
        pytest.param(
            b"\n\n\n", Answer(AnswerKind.REFUSED, reason="no reason given"), id="empty lines only"
        ),
    ],
)
def test_an_answer_of_plain_whois_is_read(octets: bytes, expected: Answer) -> None:
    """Objects are kept, remarks are not; an error is one, and nothing found is none."""
    assert expected == whois.read_ripe(octets)


@pytest.mark.parametrize("end", [b"", b"\n", b"\n\n", b"\n\nroute:"])
def test_half_an_answer_of_plain_whois_is_an_error(end: bytes) -> None:
    """An answer without its end may lack objects, so nothing of it is used."""
    with pytest.raises(WireError, match="two empty lines after the answer"):
        whois.read_ripe(ROUTE + end)
