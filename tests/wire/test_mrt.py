"""MRT records (RFC 6396, RFC 8050)."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from ipaddress import IPv4Address, IPv6Address

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from peerlint.errors import WireError
from peerlint.model import AsPath, Prefix
from peerlint.testing import malformed, records
from peerlint.wire.attributes import Attributes, Form
from peerlint.wire.bgp import MessageType, encode_message
from peerlint.wire.mrt import (
    MESSAGE_SUBTYPES,
    RIB_SUBTYPES,
    Bgp4mpMessage,
    Header,
    MrtType,
    Peer,
    PeerIndexTable,
    Rib,
    RibEntry,
    decode_bgp4mp_message,
    decode_header,
    decode_peer_index_table,
    decode_rib,
    encode_bgp4mp_message,
    encode_peer_index_table,
    encode_record,
    encode_rib,
)
from peerlint.wire.nlri import Nlri

AssertParses = Callable[[Callable[[bytes], object], bytes, object], None]
ValueOrError = Callable[[Callable[[bytes], object], bytes], None]
LATEST = 0xFFFFFFFF * 1_000_000
DOC4, DOC6 = Nlri(Prefix.parse("203.0.113.0/24")), Nlri(Prefix.parse("2001:db8::/32"))


@pytest.mark.parametrize(
    ("octets", "expected", "source"),
    [
        ("00000001 000d 0002 00000010", Header(1_000_000, 13, 2, 16), "RFC 6396 section 2"),
        ("00000001 0011 0004 00000014 00000005", Header(1_000_005, 17, 4, 16, 16), "section 3"),
        ("00000001 0010 0004 00000014", Header(1_000_000, 16, 4, 20), "without microseconds"),
        (
            "ffffffff ffff ffff ffffffff",
            Header(0xFFFFFFFF * 1_000_000, 65535, 65535, 0xFFFFFFFF),
            "any",
        ),
    ],
)
def test_header(octets: str, expected: Header, source: str, assert_parses: AssertParses) -> None:
    """A header has seconds, type, subtype and length; in _ET types also the microseconds."""
    assert expected == decode_header(bytes.fromhex(octets)), source
    assert_parses(decode_header, bytes.fromhex(octets), expected)


@pytest.mark.parametrize(
    ("octets", "offset"), [("", 0), ("00" * 11, 0), ("00000001 0011 0004 00000003 000000", 12)]
)
def test_short_header(octets: str, offset: int) -> None:
    """A header that is cut off, or whose record is too short for microseconds, is an error."""
    with pytest.raises(WireError) as caught:
        decode_header(bytes.fromhex(octets))

    assert offset == caught.value.offset


@given(
    st.integers(0, 4294967295_999_999),
    st.sampled_from(MrtType),
    st.integers(0, 0xFFFF),
    st.binary(max_size=20),
)
def test_record_round_trip(timestamp: int, kind: MrtType, subtype: int, body: bytes) -> None:
    """A header keeps the time, type and length of a record; only _ET types keep microseconds."""
    octets = encode_record(timestamp, kind, subtype, body)
    header = decode_header(octets)
    extended = kind.name.endswith("_ET")

    whole = timestamp if extended else timestamp // 1_000_000 * 1_000_000
    assert Header(whole, kind, subtype, len(body), 16 if extended else 12) == header
    assert body == octets[header.octets :]
    junk = b"junk"
    assert header == decode_header(junk + octets, len(junk))


def test_peer_types_have_the_widths_of_the_peer(assert_parses: AssertParses) -> None:
    """Bit 0 is IPv6, bit 1 a four-octet AS number (RFC 6396 section 4.3.1)."""
    octets = bytes.fromhex(
        "c00002ff 0001 41 0003"
        "00 c0000201 c0000201 fbf4"
        "02 c0000201 c0000202 00030d41"
        "01 c0000201 20010db8000000000000000000000001 fbf5"
    )
    identifier = IPv4Address("192.0.2.1")
    expected = PeerIndexTable(
        IPv4Address("192.0.2.255"),
        "A",
        (
            Peer(IPv4Address("192.0.2.1"), 64500, identifier),
            Peer(IPv4Address("192.0.2.2"), 200001, identifier),
            Peer(IPv6Address("2001:db8::1"), 64501, identifier),
        ),
    )

    assert_parses(decode_peer_index_table, octets, expected)


@pytest.mark.parametrize(
    ("octets", "offset", "why"),
    [
        ("", 0, "no head"),
        ("c00002ff 0001", 6, "a name over the end"),
        ("c00002ff 0000 0001", 8, "a peer that is missing"),
        ("c00002ff 0000 0001 00 c0000201 c0000201 fb", 8, "a peer that is cut"),
        ("c00002ff 0000 0000 00", 8, "an octet left over"),
    ],
)
def test_malformed_peer_index_table(octets: str, offset: int, why: str) -> None:
    """A table that ends early or late is an error at its offset."""
    with pytest.raises(WireError) as caught:
        decode_peer_index_table(bytes.fromhex(octets))

    assert offset == caught.value.offset, why


@given(records.peer_index_tables())
def test_peer_index_table_round_trip(table: PeerIndexTable) -> None:
    """Any table decodes to itself."""
    assert table == decode_peer_index_table(encode_peer_index_table(table))


@pytest.mark.parametrize(
    ("subtype", "octets", "expected", "source"),
    [
        (
            2,
            "00000007 18cb0071 0001 0003 00000009 0009 400206 0201 0000fbf4",
            Rib(
                7,
                DOC4,
                1,
                add_path=False,
                entries=(RibEntry(3, 9, Attributes(as_path=AsPath.sequence(64500))),),
            ),
            "RFC 6396 section 4.3.2",
        ),
        (
            4,
            "00000007 2020010db8 0000",
            Rib(7, DOC6, 1, add_path=False, entries=()),
            "without entries",
        ),
        (3, "00000007 18cb0071 0000", Rib(7, DOC4, 2, add_path=False, entries=()), "multicast"),
        (5, "00000007 2020010db8 0000", Rib(7, DOC6, 2, add_path=False, entries=()), "multicast"),
        (
            8,
            "00000007 18cb0071 0001 0003 00000009 0000002a 0000",
            Rib(7, DOC4, 1, add_path=True, entries=(RibEntry(3, 9, Attributes(), 42),)),
            "RFC 8050 section 4.1",
        ),
        (10, "00000007 2020010db8 0000", Rib(7, DOC6, 1, add_path=True, entries=()), "RFC 8050"),
    ],
)
def test_rib(
    subtype: int, octets: str, expected: Rib, source: str, assert_parses: AssertParses
) -> None:
    """A RIB has sequence, prefix and entries; with add-path, each entry has an identifier."""
    raw = bytes.fromhex(octets)

    assert (subtype, raw) == encode_rib(expected), source
    assert_parses(partial(decode_rib, subtype), raw, expected)


@pytest.mark.parametrize(
    ("subtype", "octets", "offset", "why"),
    [
        (1, "", 0, "no RIB"),
        (6, "00000007 0001", 0, "RIB_GENERIC without a SAFI"),
        (2, "000007", 0, "no sequence"),
        (2, "00000007 21cb007100 0000", 4, "a prefix length over 32"),
        (4, "00000007 81" + "00" * 17, 4, "a prefix length over 128"),
        (2, "00000007 18cb00", 4, "a prefix that is cut"),
        (2, "00000007 18cb0071 00", 8, "no count"),
        (2, "00000007 18cb0071 0001", 10, "an entry that is missing"),
        (2, "00000007 18cb0071 0001 0003 00000009 0001", 10, "attributes over the end"),
        (2, "00000007 18cb0071 0000 00", 10, "an octet left over"),
    ],
)
def test_malformed_rib(subtype: int, octets: str, offset: int, why: str) -> None:
    """Lengths and counts that do not match are errors at their offsets."""
    with pytest.raises(WireError) as caught:
        decode_rib(subtype, bytes.fromhex(octets))

    assert offset == caught.value.offset, why


@given(records.ribs())
def test_rib_round_trip(rib: Rib) -> None:
    """Any RIB record decodes to itself."""
    assert rib == decode_rib(*encode_rib(rib))


def decode_any(subtype: int, octets: int, body: bytes) -> Bgp4mpMessage:
    """Decode a record, and check its message's length: the record itself has none."""
    found = decode_bgp4mp_message(subtype, body)
    return attrs.evolve(found, message=found.message[:octets])


@pytest.mark.parametrize(
    ("subtype", "as4", "local", "add_path", "source"),
    [
        (1, False, False, False, "RFC 6396 section 4.4.2"),
        (4, True, False, False, "RFC 6396 section 4.4.3"),
        (6, False, True, False, "RFC 6396 section 4.4.5"),
        (7, True, True, False, "RFC 6396 section 4.4.6"),
        (8, False, False, True, "RFC 8050 section 3"),
        (9, True, False, True, "RFC 8050 section 3"),
        (10, False, True, True, "RFC 8050 section 3"),
        (11, True, True, True, "RFC 8050 section 3"),
    ],
)
def test_message_subtypes(
    subtype: int,
    source: str,
    assert_parses: AssertParses,
    *,
    as4: bool,
    local: bool,
    add_path: bool,
) -> None:
    """The subtype determines AS width, direction and add-path (RFC 6396 section 4.4, RFC 8050)."""
    message = encode_message(MessageType.KEEPALIVE, b"")
    peer, own = IPv4Address("192.0.2.1"), IPv4Address("192.0.2.0")
    record = Bgp4mpMessage(64500, 8075, 1, peer, own, message, local, as4, add_path)
    asns = "0000fbf4 00001f8b" if as4 else "fbf4 1f8b"
    octets = bytes.fromhex(asns + "0001 0001 c0000201 c0000200") + message

    assert (subtype, octets) == encode_bgp4mp_message(record), source
    assert_parses(partial(decode_any, subtype, len(message)), octets, record)


@pytest.mark.parametrize(
    ("subtype", "octets", "offset"),
    [
        (0, "", 0),
        (4, "0000fbf4", 0),
        (4, "0000fbf4 00001f8b 0000 0003 c0000201 c0000200", 10),
        (4, "0000fbf4 00001f8b 0000 0001 c0000201 c00002", 12),
    ],
)
def test_malformed_message(subtype: int, octets: str, offset: int) -> None:
    """A wrong subtype, an unknown family and a cut are errors at their offsets."""
    with pytest.raises(WireError) as caught:
        decode_bgp4mp_message(subtype, bytes.fromhex(octets))

    assert offset == caught.value.offset


@given(records.bgp4mp_messages())
def test_message_round_trip(record: Bgp4mpMessage) -> None:
    """Any message record decodes to itself."""
    assert record == decode_bgp4mp_message(*encode_bgp4mp_message(record))


@given(st.data())
def test_every_cut_gives_a_value_or_an_error(
    value_or_error: ValueOrError, data: st.DataObject
) -> None:
    """Every body that is cut anywhere, or followed by junk, gives a value or a `WireError`."""
    junk = data.draw(st.binary(min_size=1, max_size=12))
    rib = encode_rib(data.draw(records.ribs()))
    message = encode_bgp4mp_message(data.draw(records.bgp4mp_messages()))
    table = encode_peer_index_table(data.draw(records.peer_index_tables()))
    for decode, octets in (
        (partial(decode_rib, rib[0]), rib[1]),
        (partial(decode_bgp4mp_message, message[0]), message[1]),
        (decode_peer_index_table, table),
    ):
        for end in range(len(octets)):
            value_or_error(decode, octets[:end])
        value_or_error(decode, octets + junk)


@given(st.binary(max_size=80), st.binary(max_size=8))
def test_any_octets_give_a_value_or_an_error(
    value_or_error: ValueOrError, octets: bytes, tail: bytes
) -> None:
    """Random octets give a value or a `WireError` from every decoder of the package."""
    value_or_error(decode_header, octets)
    value_or_error(decode_peer_index_table, bytes(6) + octets)
    for subtype in (*RIB_SUBTYPES, 1, 6, 12):
        value_or_error(partial(decode_rib, subtype), bytes(4) + octets + tail)
    for subtype in (*MESSAGE_SUBTYPES, 0, 12):
        value_or_error(partial(decode_bgp4mp_message, subtype), octets)


@given(malformed.attribute_octets(Form(in_rib=True)), st.integers(0, 0xFFFF))
def test_malformed_attributes_do_not_break_a_rib(octets: bytes, peer: int) -> None:
    """Malformed attributes affect only their entry (RFC 7606): the record is read."""
    body = bytes.fromhex("00000007 18cb0071 0001") + peer.to_bytes(2) + bytes(4)
    body += len(octets).to_bytes(2) + octets

    (entry,) = decode_rib(2, body).entries

    assert peer == entry.peer
