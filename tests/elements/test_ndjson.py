"""Elements as JSON: names and nulls for every kind."""

from __future__ import annotations

import json
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path

import pytest

from peerlint.elements import Element, bgpdump_line, element_data, elements_of
from peerlint.model import AsPath, Community, ExtendedCommunity, LargeCommunity, Prefix
from peerlint.testing.dumps import TIMESTAMP, FeedSession, RibDump, UpdateDump
from peerlint.wire.attributes import (
    Aggregator,
    Attributes,
    Form,
    MpReach,
    MpUnreach,
    RawAttribute,
    encode_attributes,
)
from peerlint.wire.bgp import MessageType, Update, encode_message
from peerlint.wire.mrt import Bgp4mpEntry, Body, TableDump, encode_body
from peerlint.wire.nlri import Nlri
from peerlint.wire.reader import Reader

#: `json.dumps([...], indent=1)`, checked by hand: field names are those of bgpkit.
GOLDEN = Path(__file__).parents[1] / "golden" / "elements.json"
SESSION = FeedSession("192.0.2.1", 200_001, "192.0.2.0", 64500)
OLD = FeedSession("192.0.2.1", 64501, "192.0.2.0", 64500, as4=False)
SENT = FeedSession("2001:db8::1", 64501, "2001:db8::2", 64500, sent=True, add_path=True)
DOC4, DOC6 = Prefix.parse("203.0.113.0/24"), Prefix.parse("2001:db8::/32")
HOP = IPv4Address("192.0.2.9")
EVERYTHING = Attributes(
    origin=2,
    as_path=AsPath.parse("200001 64501 {64502,64503}"),
    next_hop=HOP,
    med=0,
    local_pref=100,
    atomic_aggregate=True,
    aggregator=Aggregator(64501, HOP),
    communities=(Community.of(8075, 8007), Community.parse("no-export")),
    extended_communities=(ExtendedCommunity.parse("rt:8075:8007"),),
    large_communities=(LargeCommunity(64500, 1, 2),),
    originator_id=HOP,
    cluster_list=(HOP, IPv4Address("192.0.2.10")),
    only_to_customer=64501,
    others=(RawAttribute(0xC0, 99, b"\1\2"),),
)


def dump() -> bytes:
    """Return a dump with an element of every kind."""
    rib = RibDump()
    peer = rib.peer("192.0.2.1", 200_001)
    rib.entry(peer, DOC4, encode_attributes(EVERYTHING, Form(in_rib=True)))
    rib.entry(peer, DOC4, b"", 7)
    feed = UpdateDump(timestamp=TIMESTAMP + 250_000).state_change(SESSION).at(TIMESTAMP)
    feed.withdraw(SESSION, "203.0.113.0/24")
    merged = Attributes(
        origin=1,
        as_path=AsPath.sequence(64501, 23456),
        next_hop=HOP,
        aggregator=Aggregator(23456, HOP),
        as4_path=AsPath.sequence(200_002),
        as4_aggregator=Aggregator(200_002, HOP),
    )
    feed.update(OLD, Update((), merged, (Nlri(DOC4),)))
    reach = MpReach((IPv6Address("2001:db8::9"), IPv6Address("fe80::1")), 6, 2, (Nlri(DOC6, 3),))
    gone = MpUnreach(6, 1, (Nlri(DOC6, 4),))
    feed.update(
        SENT,
        Update((), Attributes(origin=0, as_path=AsPath(), mp_reach=reach, mp_unreach=gone)),
    )
    body = "0000 0018 40010107 400206 0201 0000fbf4 400304c0000201 40060100 18cb0071"
    feed.message(SESSION, encode_message(MessageType.UPDATE, bytes.fromhex(body)))
    feed.state_change(OLD, 7, 9)
    return rib.octets() + feed.octets()


def elements() -> list[Element]:
    """Return the elements of the dump."""
    reader = Reader([dump()], source="test")
    return [element for record in reader for element in elements_of(record)]


def test_every_kind_of_element() -> None:
    """Names, values and nulls are those of the golden file."""
    expected = json.loads(GOLDEN.read_text(encoding="ascii"))

    assert expected == [element_data(element) for element in elements()]


def test_the_file_stands_first() -> None:
    """The name of a file comes before all other fields, as the user wrote it."""
    first = elements()[0]
    data = element_data(first, "a/b.gz")

    assert next(iter(data.items())) == ("file", "a/b.gz")
    assert element_data(first) == {name: data[name] for name in data if name != "file"}


def test_kinds_have_the_letters_of_others() -> None:
    """JSON has the letters of bgpreader (R, A, W, S), lines those of bgpdump (B, A, W, STATE)."""
    found = [(element_data(each)["elem_type"], str(each.kind)) for each in elements()]

    assert {("R", "B"), ("A", "A"), ("W", "W"), ("S", "STATE")} == set(found)


def test_a_withdrawal_has_no_attributes() -> None:
    """Fields that a kind does not have are omitted; attributes that a route lacks are null."""
    by_type = {str(element_data(each)["elem_type"]): element_data(each) for each in elements()}

    assert {"safi", "path_id", "prefix"} <= by_type["W"].keys()
    assert {"as_path", "next_hop", "old_state"}.isdisjoint(by_type["W"])
    assert {"old_state", "new_state"} <= by_type["S"].keys()
    assert {"prefix", "as_path"}.isdisjoint(by_type["S"])


def test_a_route_of_a_rib_without_attributes() -> None:
    """JSON has null where the line has bgpdump's text for a missing value."""
    (bare,) = (each for each in elements() if each.attributes == Attributes())
    data = element_data(bare)
    names = ("as_path", "origin", "local_pref", "med", "next_hop", "aggr_asn", "aggr_ip")

    assert dict.fromkeys(names) == {name: data[name] for name in names}
    assert bgpdump_line(bare) == (
        "TABLE_DUMP2_AP|1795219200|B|192.0.2.1|200001|203.0.113.0/24|7||INCOMPLETE"
        "|255.255.255.255|0|0||NAG||"
    )


OLD_TABLE = TableDump(0, 1, DOC4, 1_795_219_000, HOP, 64501, Attributes(origin=0))
OLD_ENTRY = Bgp4mpEntry(
    64501, 64500, 0, HOP, HOP, 0, 1, 1_795_219_001, 1, (HOP,), Nlri(DOC4), Attributes(origin=0)
)


@pytest.mark.parametrize(
    ("body", "record_type", "originated"),
    [
        (OLD_TABLE, "TABLE_DUMP", 1_795_219_000),
        (OLD_ENTRY, "BGP4MP", 1_795_219_001),
    ],
)
def test_routes_of_other_tables(body: Body, record_type: str, originated: int) -> None:
    """Tables of all types have routes (R) with the time at which they were received."""
    octets = UpdateDump().record(*encode_body(body)).octets()
    (element,) = (
        each for record in Reader([octets], source="test") for each in elements_of(record)
    )
    data = element_data(element)

    assert {
        "elem_type": "R",
        "record_type": record_type,
        "prefix": "203.0.113.0/24",
        "peer_ip": "192.0.2.9",
        "peer_asn": 64501,
        "safi": "unicast",
        "originated": originated,
    }.items() <= data.items()


def test_ipv4_mapped_addresses_are_dotted() -> None:
    """IPv4-mapped addresses have dots, as in RFC 5952 section 5 and in Python 3.13."""
    mapped = FeedSession("::ffff:192.0.2.1", 64501, "2001:db8::2", 64500)
    octets = UpdateDump().announce(mapped, "2001:db8::/32 path 64501").octets()
    (element,) = (
        each for record in Reader([octets], source="test") for each in elements_of(record)
    )
    data = element_data(element)

    assert ["::ffff:192.0.2.1"] * 2 == [data["peer_ip"], data["next_hop"]]


ROUTE = "40010100 400206 0201 0000fbf4 400304 c0000201"


def of_update(withdrawn: str, nlri: str) -> list[Element]:
    """Return the elements of an UPDATE with any octets as prefixes."""
    fields = [bytes.fromhex(each) for each in (withdrawn, ROUTE, nlri)]
    sizes = [len(each).to_bytes(2) for each in fields[:2]]
    body = b"".join((sizes[0], fields[0], sizes[1], fields[1], fields[2]))
    dump = UpdateDump().message(SESSION, encode_message(MessageType.UPDATE, body))
    return [
        each for record in Reader([dump.octets()], source="test") for each in elements_of(record)
    ]


def test_readable_routes_of_a_broken_update_are_malformed() -> None:
    """Routes of an UPDATE with unreadable prefixes count as withdrawn, with a fault."""
    gone, come = of_update("18c63364", "18cb0071 21")

    assert ("W", "198.51.100.0/24") == (str(gone.kind), element_data(gone)["prefix"])
    data = element_data(come)
    assert ("203.0.113.0/24", ["NLRI"]) == (data["prefix"], data["malformed"])
    assert data["faults"] == [
        "NLRI: expected prefixes to the end of their field, found one that cannot be read "
        "(treat-as-withdraw)"
    ]


def test_undeclared_path_identifiers_are_shown() -> None:
    """A prefix that was read with a path identifier has it, also if the subtype excludes it."""
    gone, come = of_update("00000001 18c63364", "00000001 18cb0071")

    assert [1, 1] == [element_data(each)["path_id"] for each in (gone, come)]
    assert bgpdump_line(come).startswith(
        "BGP4MP_AP|1795219200|A|192.0.2.1|200001|203.0.113.0/24|1|"
    )
    assert bgpdump_line(gone) == "BGP4MP_AP|1795219200|W|192.0.2.1|200001|198.51.100.0/24|1"
