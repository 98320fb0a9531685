"""MRT records besides RIBs and messages: rows, and the round trip of every type."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from ipaddress import IPv4Address, IPv6Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from peerlint.errors import WireError
from peerlint.model import AsPath, Prefix
from peerlint.testing import records
from peerlint.wire.attributes import Attributes
from peerlint.wire.bgp import MARKER
from peerlint.wire.mrt import (
    SUPPORTED,
    Bgp4mpEntry,
    Bgp4mpMessage,
    Body,
    GeoPeer,
    GeoPeerTable,
    MrtType,
    Peer,
    Rib,
    Snapshot,
    StateChange,
    TableDump,
    decode_body,
    encode_body,
    read_table_dump,
)
from peerlint.wire.nlri import Nlri
from peerlint.wire.reach import ForeignFamilyError

AssertParses = Callable[[Callable[[bytes], object], bytes, object], None]
ValueOrError = Callable[[Callable[[bytes], object], bytes], None]
T1, V2, BGP4MP = MrtType.TABLE_DUMP, MrtType.TABLE_DUMP_V2, MrtType.BGP4MP
PEER, LOCAL = IPv4Address("192.0.2.1"), IPv4Address("192.0.2.2")
PEER6, LOCAL6 = IPv6Address("2001:db8::1"), IPv6Address("2001:db8::2")
P6, L6 = "20010db8" + "00" * 11 + "01", "20010db8" + "00" * 11 + "02"
DOC4, DOC6 = Prefix.parse("203.0.113.0/24"), Prefix.parse("2001:db8::/32")
PATH = Attributes(origin=0, as_path=AsPath.sequence(64500))
#: ORIGIN IGP and AS_PATH 64500 in two octets, then in four.
PATH2, PATH4 = "40010100 400204 0201fbf4", "40010100 400206 0201 0000fbf4"
NONE = "7fc00000"
#: The second route of a record.
BEHIND = TableDump(
    0, 7, Prefix.parse("203.0.113.0/32"), 0x65000001, LOCAL, 64501, Attributes(origin=0), 2
)
ROUTE1 = "cb007100 18 01 65000000 c0000201 fbf4 0004 40010100"


@pytest.mark.parametrize(
    ("kind", "subtype", "octets", "expected", "source"),
    [
        (
            T1,
            1,
            "0000 0007 cb007100 18 01 65000000 c0000201 fbf4 000b" + PATH2,
            TableDump(0, 7, DOC4, 0x65000000, PEER, 64500, PATH),
            "RFC 6396 section 4.2",
        ),
        (
            T1,
            2,
            "0001 ffff 20010db8" + "00" * 12 + "20 01 65000000" + P6 + "fbf4 0000",
            TableDump(1, 65535, DOC6, 0x65000000, PEER6, 64500, Attributes()),
            "RFC 6396 section 4.2, IPv6",
        ),
        (
            T1,
            1,
            "0000 0007 cb007100 18 01 65000000 c0000201 fbf4 000b"
            + PATH2
            + "cb007100 20 02 65000001 c0000202 fbf5 0004 40010100",
            TableDump(0, 7, DOC4, 0x65000000, PEER, 64500, PATH, more=(BEHIND,)),
            "MRT itself: several routes behind one view and sequence",
        ),
        (
            V2,
            7,
            "c00002ff 0001 61"
            + NONE
            + NONE
            + "0001 02 c0000201 c0000201 0000fbf4 42500000 40900000",
            GeoPeerTable(
                IPv4Address("192.0.2.255"),
                "a",
                None,
                None,
                (GeoPeer(Peer(PEER, 64500, PEER), 52.0, 4.5),),
            ),
            "RFC 6397 section 4: NaN keeps a place private",
        ),
        (
            V2,
            6,
            "00000007 0001 01 18 cb0071 0000",
            Rib(7, Nlri(DOC4), 1, add_path=False, entries=(), generic=True),
            "RFC 6396 section 4.3.3",
        ),
        (
            V2,
            12,
            "00000007 0002 02 20 20010db8 0000",
            Rib(7, Nlri(DOC6), 2, add_path=True, entries=(), generic=True),
            "RFC 8050 section 4.2",
        ),
        (
            BGP4MP,
            0,
            "fbf4 1f8b 0003 0001 c0000201 c0000202 0006 0001",
            StateChange(64500, 8075, 3, PEER, LOCAL, 6, 1, as4=False),
            "RFC 6396 section 4.4.1",
        ),
        (
            BGP4MP,
            5,
            "0000fbf4 00001f8b 0000 0002" + P6 + L6 + "0001 0007",
            StateChange(64500, 8075, 0, PEER6, LOCAL6, 1, 7),
            "RFC 6396 section 4.4.1, and a state of Quagga's",
        ),
        (
            BGP4MP,
            2,
            "fbf4 1f8b 0000 0001 c0000201 c0000202"
            " 0000 0001 65000000 0001 01 04 c0000201 18 cb0071 000b" + PATH2,
            Bgp4mpEntry(
                64500, 8075, 0, PEER, LOCAL, 0, 1, 0x65000000, 1, (PEER,), Nlri(DOC4), PATH
            ),
            "RFC 6396 appendix B",
        ),
        (BGP4MP, 3, "0001 2f7400", Snapshot(1, b"/t"), "RFC 6396 appendix B"),
    ],
)
def test_octets(
    kind: MrtType,
    subtype: int,
    octets: str,
    expected: Body,
    source: str,
    assert_parses: AssertParses,
) -> None:
    """Octets and value, both ways."""
    raw = bytes.fromhex(octets)

    assert (kind, subtype, raw) == encode_body(expected), source
    assert_parses(partial(decode_body, kind, subtype), raw, expected)


@pytest.mark.parametrize(
    ("subtype", "octets", "expected"),
    [
        (
            1,
            "fbf4 1f8b" + MARKER.hex() + "0013 04",
            Bgp4mpMessage(
                64500,
                8075,
                0,
                IPv4Address(0),
                IPv4Address(0),
                MARKER + b"\0\x13\4",
                as4=False,
            ),
        ),
        (
            0,
            "fbf4 1f8b 0001 0002",
            StateChange(64500, 8075, 0, IPv4Address(0), IPv4Address(0), 1, 2, as4=False),
        ),
    ],
)
def test_old_zebra(subtype: int, octets: str, expected: Body, assert_parses: AssertParses) -> None:
    """Old Zebra left interface, family and addresses out; they read as 0."""
    assert_parses(partial(decode_body, BGP4MP, subtype), bytes.fromhex(octets), expected)


@pytest.mark.parametrize(
    ("kind", "subtype", "octets", "offset", "why"),
    [
        (T1, 1, "", 0, "nothing"),
        (T1, 1, "0000 0007 cb007100 21 01 65000000 c0000201 fbf4 0000", 8, "a length of 33"),
        (T1, 1, "0000 0007 cb007100 18 01 65000000 c0000201 fbf4 0001", 22, "no attributes"),
        (T1, 1, "0000 0007 cb007100 18 01 65000000 c0000201 fbf4 0000 00", 22, "it goes on"),
        (T1, 2, "0001 0000" + "00" * 16 + "81 01 65000000" + P6 + "fbf4 0000", 20, "129"),
        (T1, 1, "0000 0007" + 2 * ROUTE1 + "cb", 48, "the third route is cut"),
        (T1, 1, "0000 0007" + 2 * ROUTE1 + ROUTE1[:-4], 48, "its attributes are cut"),
        (T1, 1, "0000 0007" + ROUTE1 + ROUTE1.replace(" 18 ", " 21 "), 26, "a length of 33"),
        (T1, 1, "0000 0007" + ROUTE1 + ROUTE1[:-13] + "0000", 26, "the second says nothing"),
        (
            T1,
            1,
            "0000 0007" + ROUTE1 + ROUTE1.replace("0004", "0005") + "40",
            26,
            "its list is not whole",
        ),
        (V2, 7, "c00002ff 0000" + NONE + NONE + "0001", 16, "no peer"),
        (V2, 7, "c00002ff 0000" + NONE + NONE + "0000 00", 16, "it goes on"),
        (V2, 6, "00000007 0001 01 21 cb00710000 0000", 7, "a length of 33"),
        (BGP4MP, 0, "fbf4 1f8b 0000 0003 c0000201 c0000202 0006 0001", 6, "AFI 3"),
        (BGP4MP, 0, "fbf4 1f8b 0000 0001 c0000201 c0000202 0006", 16, "no new state"),
        (BGP4MP, 0, "fbf4 1f8b 0000 0001 c0000201 c0000202 0006 0001 00", 20, "it goes on"),
        (BGP4MP, 3, "00", 0, "no view"),
        (BGP4MP, 3, "0001", 2, "no name"),
        (BGP4MP, 3, "0001 2f74", 2, "a name without an end"),
        (BGP4MP, 3, "0001 2f0074 00", 2, "a name that ends early"),
    ],
)
def test_malformed(kind: MrtType, subtype: int, octets: str, offset: int, why: str) -> None:
    """What does not fit is an error at its place."""
    with pytest.raises(WireError) as caught:
        decode_body(kind, subtype, bytes.fromhex(octets))

    assert offset == caught.value.offset, why


@pytest.mark.parametrize(
    ("kind", "subtype", "octets", "offset"),
    [
        (V2, 6, "00000007 0019 41 00 0000", 4),
        (V2, 12, "00000007 0001 80 00 0000", 4),
        (
            BGP4MP,
            2,
            "fbf4 1f8b 0000 0001 c0000201 c0000202 0000 0001 65000000 0019 41 00 00 0000",
            24,
        ),
    ],
    ids=["L2VPN VPLS", "VPN", "L2VPN VPLS of a table"],
)
def test_other_families(kind: MrtType, subtype: int, octets: str, offset: int) -> None:
    """Families that are not read here are named, and are no damage (RFC 6396 section 4.3.3)."""
    with pytest.raises(ForeignFamilyError) as caught:
        decode_body(kind, subtype, bytes.fromhex(octets))

    assert offset == caught.value.offset


def test_routes_in_front_of_a_broken_one_are_kept() -> None:
    """Of a record with several routes, those before the first that makes no sense are read."""
    body = bytes.fromhex("0000 0007" + 2 * ROUTE1 + "cb0071")

    record, error = read_table_dump(1, body)

    assert [DOC4, DOC4] == [route.prefix for route in record]
    assert error is not None
    assert 48 == error.offset


@given(records.bodies())
def test_round_trip(body: Body) -> None:
    """Every body of every type decodes to itself."""
    kind, subtype, octets = encode_body(body)

    assert body == decode_body(kind, subtype, octets)


@given(body=records.bodies(), data=st.data())
def test_damage_gives_a_value_or_an_error(
    body: Body, data: st.DataObject, value_or_error: ValueOrError
) -> None:
    """A body cut anywhere, or with an octet changed, is read or refused."""
    kind, subtype, raw = encode_body(body)
    octets = bytearray(raw)
    at = data.draw(st.integers(0, len(octets) - 1))
    value_or_error(partial(decode_body, kind, subtype), bytes(octets[:at]))

    octets[at] = data.draw(st.integers(0, 255))

    value_or_error(partial(decode_body, kind, subtype), bytes(octets))


@given(place=st.sampled_from(sorted(SUPPORTED)), octets=st.binary(max_size=80))
def test_any_octets_give_a_value_or_an_error(
    place: tuple[int, int], octets: bytes, value_or_error: ValueOrError
) -> None:
    """No octets, of any type, make a decoder raise anything else."""
    value_or_error(partial(decode_body, *place), octets)
