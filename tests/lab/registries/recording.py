"""What IRRd answers to each query, as the server double of the tests replays it.

Each query has a connection of its own, which IRRd ends after `!q`. The answer is all that was
sent, so nothing here has to understand the protocol that the recordings are to test.
"""

from __future__ import annotations

import json
import socket
from typing import Final

import attrs

from peerlint.feeds.whois import IrrdClient
from peerlint.registry.whois import AnswerKind, AnswerReader, Query

_SECONDS: Final = 60.0
#: Of each selection of sources; the first one is the server's own.
SELECTIONS: Final = ("", "RADB,RIPE,ALTDB", "RIPE,RADB,ALTDB", "RADB", "RIPE", "ALTDB", "NTTCOM")
#: Sources that are refused.
UNKNOWN: Final = ("RADB,LACNIC", "LACNIC")
QUERIES: Final = (
    "!s-lc",
    "!j-*",
    "!jRADB,ALTDB,LACNIC",
    *(f"!{letter}AS{asn}" for letter in "g6" for asn in (64496, 64499, 64500, 64501, 64502, 65551)),
    "!iAS-CONTOSO",
    "!iAS-CONTOSO,1",
    "!iAS-CONTOSO-CUSTOMERS",
    "!iAS-GONE",
    "!iAS-EMPTY",
    "!r203.0.113.0/24",
    "!r203.0.113.0/24,o",
    "!r203.0.113.0/24,M",
    "!r203.0.113.128/25,l",
    "!r203.0.113.128/25,L",
    "!r198.51.100.0/24",
    "!r192.0.2.0/25",
    "!r2001:db8:100::/48",
    # Asked by bgpq4 only.
    "!a",
    "!a4AS-CONTOSO",
    "!a6AS-CONTOSO",
    # Refused.
    "!gCONTOSO",
    "!r203.0.113.0/24,x",
    "!x",
)
#: Queries in RIPE's syntax, which say their source themselves.
RIPE_QUERIES: Final = (
    "-r -s RADB -T aut-num AS64500",
    "-r -s RIPE -T aut-num AS64500",
    "-r -s RADB -T route -x 203.0.113.0/24",
    "-r -s LACNIC -T aut-num AS64500",
)


@attrs.frozen(order=True)
class Recorded:
    """One query and its answer.

    Attributes:
        sources: what was selected before, as it was sent; empty for the server's own selection.
        query: the query, without the line end.
        answer: all octets of the answer.
    """

    sources: str
    query: str
    answer: bytes


def record(port: int) -> tuple[Recorded, ...]:
    """Return the answers of a server on 127.0.0.1 to all queries."""
    found = [
        Recorded("", f"!s{each}", _ask(port, "!!", f"!s{each}", "!q"))
        for each in (*SELECTIONS[1:], *UNKNOWN)
    ]
    found.append(Recorded("", "!n", _ask(port, "!!", "!npeerlint", "!q")))
    for sources in SELECTIONS:
        selection = (f"!s{sources}",) if sources else ()
        before = _ask(port, "!!", *selection, "!q")
        for query in QUERIES:
            octets = _ask(port, "!!", *selection, query, "!q")
            found.append(Recorded(sources, query, octets.removeprefix(before)))
    found.extend(Recorded("", each, _ask(port, each)) for each in RIPE_QUERIES)
    return tuple(sorted(found))


def text_of(recorded: tuple[Recorded, ...], server: str) -> str:
    """Return recordings as the text of a file; the octets are UTF-8, as IRRd's always are."""
    rows = [[each.sources, each.query, each.answer.decode()] for each in recorded]
    lines = ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
    return f'{{"server": {json.dumps(server)}, "answers": [\n{lines}\n]}}\n'


def differences(port: int, recorded: tuple[Recorded, ...]) -> list[str]:
    """Return where peerlint's client does not get the recorded answers from a server."""
    found: list[str] = []
    with IrrdClient([f"127.0.0.1:{port}"]) as client:
        for each in recorded:
            reader = AnswerReader()
            reader.feed(each.answer)
            expected = reader.next() if each.query.startswith("!") and each.sources else None
            if expected is None or expected.kind is AnswerKind.REFUSED:
                continue
            if not (query := Query(each.query)).is_about_objects:
                continue
            answer = client.ask(query, each.sources.split(",")).answer
            if answer != expected:
                found.append(f"{each.sources} {each.query}: {expected.text!r}, {answer.text!r}")
    return found


def _ask(port: int, *lines: str) -> bytes:
    """Return all that the server sends until it closes the connection."""
    octets = bytearray()
    with socket.create_connection(("127.0.0.1", port), timeout=_SECONDS) as connection:
        connection.sendall("".join(f"{line}\n" for line in lines).encode())
        while received := connection.recv(1 << 16):
            octets += received
    return bytes(octets)
