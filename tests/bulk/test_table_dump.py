"""TABLE_DUMP (RFC 6396 section 4.2): tables whose routes name their peer themselves."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import ip_address
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from peerlint.bulk import DumpPeer, Kind, PrefixFilter
from peerlint.model import Criteria, Fact, Prefix, Route, Viewpoint
from peerlint.testing import malformed, strategies
from peerlint.testing.dumps import TIMESTAMP, FeedSession, OldRibDump, RibDump, UpdateDump
from peerlint.wire.attributes import Form
from peerlint.wire.mrt import Peer
from peerlint.wire.reader import Reader

#: What the fixtures of conftest.py are.
Read = Callable[..., Any]
FactsOf = Callable[[Route, Viewpoint, Criteria], tuple[Fact, int, int]]

TAGGED = "203.0.113.0/24 path 64500 community 8075:8007"
IPV6 = "2001:db8::/32 path 64501"
#: By family: the addresses of two peers.
ADDRESSES = {4: ("192.0.2.1", "192.0.2.2"), 6: ("2001:db8::1", "2001:db8::2")}
AS2_RIB = Form(as4=False, in_rib=True)
TOGETHER = pytest.mark.parametrize("together", [1, 2, 100])


def table(together: int = 1) -> OldRibDump:
    """Return routes of three peers, of which two share an address and two an AS number."""
    dump = OldRibDump(together=together)
    dump.routes("192.0.2.1", 64500, TAGGED, "198.51.100.0/24 path 64500 64502")
    dump.routes("192.0.2.1", 64501, "203.0.113.0/24 path 64501 64502")
    dump.routes("192.0.2.2", 64500, "203.0.113.0/24 path 64500")
    return dump.routes("2001:db8::2", 64501, IPV6)


@TOGETHER
def test_columns(read: Read, together: int) -> None:
    """A route is a row as one of any RIB is, with the peer that its record names."""
    found = read(table(together).octets(), lambda peer: Viewpoint("received", peer.peer.asn))

    (*_, last) = found.batches
    assert ["192.0.2.1 64500", "192.0.2.1 64501", "192.0.2.2 64500", "2001:db8::2 64501"] == [
        f"{each.peer.address} {each.peer.asn}" for each in last.peers
    ]
    assert {None} == {each.local_asn for each in last.peers}
    assert [0, 0, 1, 2, 3] == found.column("peer")
    assert [Kind.RIB] * 5 == found.column("kind")
    assert [4, 4, 4, 4, 6] == found.column("family")
    assert [1] * 5 == found.column("safi")
    assert [24, 24, 24, 24, 32] == found.column("length")
    assert [64500, 64502, 64502, 64500, 64501] == found.column("origin")
    assert [1, 2, 2, 1, 1] == found.column("path_length")
    assert [0] * 5 == found.column("form")  # two octets per AS, no path identifiers
    assert [TIMESTAMP] * 5 == found.column("timestamp")
    assert found.quality.is_complete
    assert (
        {1: 5, 2: 3, 100: 2}[together] == found.quality.records == len(set(found.column("record")))
    )
    assert [(2, 1, 0), (1, 0, 0), (1, 0, 0), (1, 0, 1)] == [
        (each.entries, each.tagged, each.ipv6) for each in found.counts
    ]


@pytest.mark.parametrize(
    ("prefixes", "tagged_too", "expected"),
    [
        (["198.51.100.0/24"], False, ["198.51.100.0/24"]),
        (["198.51.100.0/24"], True, ["203.0.113.0/24", "198.51.100.0/24"]),
        (["203.0.113.128/25", "::/0"], False, ["203.0.113.0/24"] * 3 + ["2001:db8::/32"]),
        ([], True, ["203.0.113.0/24"]),
        ([], False, []),
    ],
)
@TOGETHER
def test_a_watch(
    read: Read, prefixes: list[str], tagged_too: bool, expected: list[str], together: int
) -> None:
    """Rows outside a watch are left out, but for those that carry the community."""
    watch = PrefixFilter.of(map(Prefix.parse, prefixes))

    found = read(table(together).octets(), prefix_filter=watch, tagged_too=tagged_too)

    assert expected == [str(route.prefix) for route in found.routes]
    assert 5 == found.quality.entries


@TOGETHER
def test_peers_that_nobody_asks_for(read: Read, together: int) -> None:
    """Routes of a peer without a viewpoint are counted and give no row."""

    def viewpoint(peer: DumpPeer) -> Viewpoint | None:
        return None if peer.peer.asn == 64500 else Viewpoint("received", peer.peer.asn)

    found = read(table(together).octets(), viewpoint)

    assert [1, 3] == found.column("peer")
    assert [2, 1, 1, 1] == [each.entries for each in found.counts]


def test_peers_of_other_tables_and_feeds_are_others(read: Read) -> None:
    """An address and AS number of a feed, or of a TABLE_DUMP_V2, is not the peer of the table."""
    rib = RibDump()
    rib.routes(rib.peer("192.0.2.1", 64500), TAGGED)
    feed = UpdateDump().announce(FeedSession("192.0.2.1", 64500, "192.0.2.0", 0, as4=False), TAGGED)
    old = OldRibDump().routes("192.0.2.1", 64500, TAGGED)

    found = read(old.octets() + feed.octets() + old.octets() + rib.octets() + old.octets())

    assert [0, 1, 0, 2, 0] == found.column("peer")
    assert [None, 0, None] == [each.peer.local_asn for each in found.counts]


@st.composite
def tables(draw: st.DrawFn) -> list[tuple[int, Route]]:
    """Return routes, with the index of one of two peers."""
    peers = st.integers(0, 1)
    routes = strategies.routes(path_id=False)
    return draw(st.lists(st.tuples(peers, routes), max_size=6))


@given(tables(), st.integers(1, 3), strategies.viewpoints(), strategies.criteria())
def test_any_table(
    read: Read,
    facts_of: FactsOf,
    routes: list[tuple[int, Route]],
    together: int,
    viewpoint: Viewpoint,
    criteria: Criteria,
) -> None:
    """Every route comes back, and its row says what the model says.

    Two octets lose where sequences were split, and wide numbers inside confederations.
    """
    dump = OldRibDump(together=together)
    expected = []
    for peer, route in routes:
        address = ADDRESSES[route.prefix.family][peer]
        dump.routes(address, 64500 + peer, route)
        hop = route.next_hop or ip_address(address)
        expected.append((address, attrs.evolve(route, next_hop=hop)))

    found = read(dump.octets(), viewpoint, criteria)

    assert found.quality.damage == ()
    assert [facts_of(route, viewpoint, criteria) for route in found.routes] == found.route_facts
    peers = [each.peer.peer for each in found.counts]
    assert [address for address, _ in expected] == [
        str(peers[index].address) for index in found.column("peer")
    ]
    assert len(expected) == len(found.routes)
    for (_, there), back in zip(expected, found.routes, strict=True):
        if not there.path.has_confederation or max(there.path.asns, default=0) <= 0xFFFF:
            assert attrs.evolve(there, path=there.path.joined()) == attrs.evolve(
                back, path=back.path.joined(), timestamp=None
            )


@given(
    st.lists(malformed.attribute_octets(AS2_RIB), min_size=1, max_size=4),
    strategies.viewpoints(),
    strategies.criteria(),
)
def test_attributes_that_lie(
    read: Read, facts_of: FactsOf, lists: list[bytes], viewpoint: Viewpoint, criteria: Criteria
) -> None:
    """Attributes that lie give a row all the same, malformed exactly if the route is."""
    dump = OldRibDump()
    for octets in lists:
        dump.entry("192.0.2.1", 64500, "203.0.113.0/24", octets)

    found = read(dump.octets(), viewpoint, criteria)

    assert found.quality.damage == ()
    assert [facts_of(route, viewpoint, criteria) for route in found.routes] == found.route_facts
    assert len(lists) == len(found.route_facts)
    assert sum(bool(route.malformed) for route in found.routes) == found.quality.malformed


# -- damage

#: View and sequence, then a route of 22 octets.
HEAD, ROUTE = "0000 0007", "cb007100 18 01 65000000 c0000201 fbf4 0004 40010100"
HEAD6 = "0000 0007"
ROUTE6 = f"20010db8{'00' * 12} 20 01 65000000 20010db8{'00' * 11}01 fbf4 0004 40010100"
FEED = UpdateDump().announce(FeedSession("192.0.2.1", 64500, "192.0.2.0", 8075), TAGGED).octets()


@pytest.mark.parametrize(
    ("subtype", "body", "rows", "offset", "why"),
    [
        (1, "", 0, 0, "nothing"),
        (1, HEAD + ROUTE[:-13], 0, 0, "no length of attributes"),
        (1, HEAD + ROUTE.replace(" 18 ", " 21 "), 0, 8, "a length of 33"),
        (1, HEAD + ROUTE[:-2], 0, 22, "the attributes are cut"),
        (1, HEAD + ROUTE + "00", 1, 26, "an octet behind it"),
        (1, HEAD + 2 * ROUTE + "cb007100", 2, 48, "the third is cut"),
        (1, HEAD + 2 * ROUTE + ROUTE[:-2], 2, 48, "its attributes are cut"),
        (1, HEAD + ROUTE + ROUTE.replace(" 18 ", " 21 ") + ROUTE, 1, 26, "33, behind another"),
        (1, HEAD + ROUTE + ROUTE.replace("0004", "0000"), 1, 26, "no attributes, behind another"),
        (1, HEAD + ROUTE + ROUTE.replace("0004", "0005") + "40", 1, 26, "a list that is not whole"),
        (2, HEAD6 + ROUTE6[:-2], 0, 46, "the attributes are cut, IPv6"),
        (2, HEAD6 + ROUTE6.replace(" 20 01 ", " 81 01 "), 0, 20, "a length of 129"),
        (2, HEAD6 + 2 * ROUTE6 + "20010db8", 2, 96, "the third is cut, IPv6"),
    ],
)
def test_broken_routes(
    read: Read, subtype: int, body: str, rows: int, offset: int, why: str
) -> None:
    """Routes in front of the first that makes no sense are kept; only the rest of it is lost."""
    octets = UpdateDump().record(12, subtype, bytes.fromhex(body)).octets()  # type: ignore[arg-type]

    found = read(octets + FEED)

    assert rows + 1 == len(found.rows), why
    assert [(12 + offset, len(octets) - 12 - offset)] == [
        (each.offset, each.octets) for each in found.quality.damage
    ], why


@pytest.mark.slow
@TOGETHER
def test_every_cut(read: Read, together: int) -> None:
    """A table cut at any octet gives the rows of the records before the cut."""
    octets = table(together).octets()
    whole = read(octets).rows
    records = [*sorted(set(whole["record"].tolist())), len(octets)]
    for end in range(1, len(octets)):
        found = read(octets[:end])

        last = max(start for start in records if start <= end)
        assert whole[whole["record"] < last].tolist() == found.rows.tolist()
        assert (end, end - last) == (found.quality.octets, found.quality.lost)


@pytest.mark.slow
@TOGETHER
def test_chunks_of_every_size(read: Read, together: int) -> None:
    """The size of chunks changes nothing."""
    octets = table(together).octets()
    whole = read(octets)
    for size in range(1, 200):
        found = read([octets[at : at + size] for at in range(0, len(octets), size)])

        assert whole.rows.tolist() == found.rows.tolist()
        assert (whole.quality, whole.counts) == (found.quality, found.counts)


RIB = RibDump()
RIB.routes(RIB.peer("192.0.2.1", 64500), TAGGED, "0.0.0.0/0 path 64500", "8.0.0.0/5 path 64500")


@pytest.mark.parametrize(
    "behind",
    [
        OldRibDump().routes("192.0.2.1", 64500, TAGGED),
        OldRibDump().routes("192.0.2.1", 64500, "0.0.0.0/0 path 64500"),
        OldRibDump().routes("2001:db8::2", 64501, IPV6, "::/0 path 64501"),
        UpdateDump().announce(FeedSession("192.0.2.1", 64500, "192.0.2.0", 8075), TAGGED),
        UpdateDump().state_change(FeedSession("192.0.2.1", 64500, "192.0.2.0", 8075)),
        RIB,
    ],
    ids=["a route", "a default route", "IPv6", "an UPDATE", "a change of state", "a RIB"],
)
@pytest.mark.parametrize("first", [("192.0.2.1", TAGGED), ("2001:db8::2", IPV6)])
def test_a_record_that_swallows_what_follows(
    read: Read, first: tuple[str, str], behind: OldRibDump | UpdateDump | RibDump
) -> None:
    """The record behind one whose length lies is no second route of it."""
    address, route = first
    one = OldRibDump().routes(address, 64500, route).octets()
    octets = bytearray(one + behind.octets())
    octets[8:12] = (len(octets) - 12).to_bytes(4)

    found = read(bytes(octets))

    assert [route.split()[0]] == [str(each.prefix) for each in found.routes]
    assert (1, len(one)) == (found.quality.damages, found.quality.damage[0].offset)


def test_the_peer_is_what_dump_says(read: Read) -> None:
    """`dump` and `scan` name the same peers in the same order."""
    octets = table(2).octets()
    reader = Reader([octets], source="test")

    said = [
        Peer(route.peer, route.peer_asn)
        for record in reader
        for route in record.body  # type: ignore[union-attr]  # all are TABLE_DUMP
    ]

    found = read(octets)
    peers = [each.peer.peer for each in found.counts]
    assert said == [attrs.evolve(peers[at], bgp_id=said[0].bgp_id) for at in found.column("peer")]
    assert reader.quality == found.quality
