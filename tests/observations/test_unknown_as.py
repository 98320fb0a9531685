"""AS 0 and AS_TRANS as the AS of a peer mean that its AS is not known (RFC 7607, RFC 6793)."""

from __future__ import annotations

from datetime import UTC, datetime
from ipaddress import IPv4Address, ip_address
from pathlib import Path

import pytest

import peerlint
from peerlint.model import Fact
from peerlint.report.sentence import sentence
from peerlint.testing.dumps import FeedSession, RibDump, UpdateDump
from peerlint.wire.mrt import Peer

#: An hour after the time of the dumps.
NOW = datetime(2026, 11, 21, 1, tzinfo=UTC)
#: The peer that FRR names for a router's own routes.
OWN_ROUTES = str(IPv4Address(0))
ROUTE = "203.0.113.0/24 path 64500 64501 community 8075:8007"
INVENTORY = """
[[peering]]
name = "contoso-ams"
profile = "maps"
asn = 64500

[[peering.connection]]
name = "ams-1"

[[peering.connection.session]]
microsoft = "192.0.2.2"
peer = "192.0.2.1"

[[peering.registered_prefix]]
prefix = "203.0.113.0/24"

[lab]
allow = ["documentation"]
"""


def rib(asn: int, route: str = ROUTE, address: str = "192.0.2.1") -> bytes:
    """Return a table of one peer with one route."""
    dump = RibDump()
    dump.routes(dump.peer(address, asn), route)
    return dump.octets()


def feed(asn: int, *, as4: bool) -> bytes:
    """Return messages of one peer."""
    session = FeedSession("192.0.2.1", asn, "192.0.2.2", 8075, as4)
    return UpdateDump().announce(session, "203.0.113.0/24 path 200000 community 8075:8007").octets()


@pytest.mark.parametrize(
    ("octets", "facts", "origin", "why"),
    [
        (rib(64500), Fact.TAGGED, 64501, "an AS that is known"),
        (rib(64502), Fact.TAGGED | Fact.FIRST_AS_OTHER, 64501, "another one"),
        (rib(0), Fact.TAGGED, 64501, "AS 0, as GoBGP wrote it until 2026"),
        (rib(0, "203.0.113.0/24 community 8075:8007", OWN_ROUTES),
         Fact.TAGGED | Fact.EMPTY_PATH | Fact.NO_ORIGIN, -1, "a router's own route, as of FRR"),
        (feed(23456, as4=False), Fact.TAGGED, 200_000, "AS_TRANS in two octets"),
        (feed(64500, as4=False), Fact.TAGGED | Fact.FIRST_AS_OTHER, 200_000, "a peer of two"),
    ],
)  # fmt: skip
def test_scan(tmp_path: Path, octets: bytes, facts: Fact, origin: int, why: str) -> None:
    """No first AS differs from an AS that is not known, and no origin is AS 0."""
    path = tmp_path / "dump.mrt"
    path.write_bytes(octets)

    (batch,) = peerlint.scan(path, allow={"documentation"})

    assert ([int(facts)], [origin]) == (batch.facts.tolist(), batch.origin.tolist()), why


@pytest.mark.parametrize("argument", ["{}", "ams-1={}"])
def test_check(tmp_path: Path, argument: str) -> None:
    """With an inventory the address decides, and the findings are those with a known AS."""
    (tmp_path / "peering.toml").write_text(INVENTORY)
    inventory = peerlint.load_inventory(tmp_path / "peering.toml")
    found = []
    for asn in (64500, 0):
        path = tmp_path / "dump.mrt"
        path.write_bytes(rib(asn))
        report = peerlint.check(inventory, ribs=[argument.format(path)], now=NOW)
        (source,) = report.sources
        found.append((source.unmapped_peers, [sentence(each) for each in report.findings]))

    assert found[0] == found[1]
    assert () == found[1][0]


@pytest.mark.parametrize(
    ("asn", "known", "text"),
    [
        (64500, 64500, "192.0.2.1 AS64500"),
        (0, None, "192.0.2.1 AS not known"),
        (23456, None, "192.0.2.1 AS not known"),
    ],
)
def test_text_of_a_peer(asn: int, known: int | None, text: str) -> None:
    """The text of a peer never has AS0."""
    peer = Peer(ip_address("192.0.2.1"), asn)

    assert (known, text) == (peer.known_asn, str(peer))
