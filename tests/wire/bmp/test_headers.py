"""The common header and the per-peer header (RFC 7854 sections 4.1 and 4.2)."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address

import pytest
from hypothesis import given

from peerlint.errors import WireError
from peerlint.model import View
from peerlint.testing.bmp_messages import peer_headers
from peerlint.wire.bmp import (
    MAX_MESSAGE,
    Header,
    MessageType,
    PeerHeader,
    PeerType,
    decode_header,
    decode_peer_header,
    encode_message,
    encode_peer_header,
)

AssertParses = Callable[[Callable[[bytes], object], bytes, object], None]
ADDRESS4 = "000000000000000000000000 c0000201"
ADDRESS6 = "20010db8000000000000000000000001"
AS_AND_ID = "0000fbf4 c0000209"
SECOND = 1_000_000


@pytest.mark.parametrize(
    ("octets", "expected", "source"),
    [
        ("03 00000006 04", Header(3, 6, 4), "RFC 7854 section 4.1"),
        ("03 00100000 00", Header(3, MAX_MESSAGE, 0), "the longest message"),
        ("03 00000007 ff", Header(3, 7, 255), "an unknown type has a valid length"),
        ("04 00000030 00", Header(4, 48, 0), "draft-ietf-grow-bmp-tlv: the same header"),
    ],
)
def test_common_header(
    octets: str, expected: Header, source: str, assert_parses: AssertParses
) -> None:
    """A message starts with version, length and type."""
    assert expected == decode_header(bytes.fromhex(octets)), source
    assert_parses(decode_header, bytes.fromhex(octets), expected)


@pytest.mark.parametrize(
    ("octets", "offset", "expected", "found"),
    [
        ("03 00000006", 0, "6 octets of BMP header", "5"),
        ("01 00 00 00 00 00", 0, "BMP version 3", "1"),
        ("02 00 00 00 00 00", 0, "BMP version 3", "2"),
        ("05 00000006 00", 0, "BMP version 3", "5"),
        ("47 45542f20 48", 0, "BMP version 3", "71"),
        ("03 00000005 00", 1, "a BMP message of 6 to 1,048,576 octets", "5"),
        ("03 00100001 00", 1, "a BMP message of 6 to 1,048,576 octets", "1,048,577"),
        ("04 ffffffff 00", 1, "a BMP message of 6 to 1,048,576 octets", "4,294,967,295"),
    ],
    ids=["cut", "version 1", "version 2", "version 5", "HTTP", "short", "long", "4 GiB"],
)
def test_no_common_header(octets: str, offset: int, expected: str, found: str) -> None:
    """Versions without a length, and lengths that cannot be, are errors."""
    with pytest.raises(WireError) as caught:
        decode_header(bytes.fromhex(octets))

    error = caught.value
    assert (offset, expected, found) == (error.offset, error.expected, error.found)


@pytest.mark.parametrize("kind", MessageType)
def test_a_message_has_its_length(kind: MessageType) -> None:
    """The length includes the header."""
    octets = encode_message(kind, bytes(10))

    assert Header(3, 16, kind) == decode_header(octets)
    assert len(octets) == 16


@pytest.mark.parametrize(
    ("octets", "expected", "source"),
    [
        (
            f"00 00 0000000000000000 {ADDRESS4} {AS_AND_ID} 6930e900 0000000a",
            PeerHeader(
                PeerType.GLOBAL,
                IPv4Address("192.0.2.1"),
                64500,
                IPv4Address("192.0.2.9"),
                timestamp=0x6930E900 * SECOND + 10,
            ),
            "RFC 7854 section 4.2",
        ),
        (
            f"01 80 0000fbf400000001 {ADDRESS6} {AS_AND_ID} 00000000 00000000",
            PeerHeader(
                PeerType.RD,
                IPv6Address("2001:db8::1"),
                64500,
                IPv4Address("192.0.2.9"),
                0,
                0xFBF4_0000_0001,
            ),
            "flag V: an IPv6 address; a time of 0 is not known",
        ),
        (
            f"02 70 0000000000000007 {ADDRESS4} {AS_AND_ID} 00000000 00000000",
            PeerHeader(
                PeerType.LOCAL,
                IPv4Address("192.0.2.1"),
                64500,
                IPv4Address("192.0.2.9"),
                0x70,
                7,
            ),
            "flags L, A and O (RFC 8671 section 4)",
        ),
        (
            f"03 80 0000000000000000 {'00' * 16} {AS_AND_ID} 00000000 00000000",
            PeerHeader(PeerType.LOC_RIB, IPv4Address(0), 64500, IPv4Address("192.0.2.9"), 0x80),
            "flag F of a Loc-RIB is no flag V (RFC 9069 section 4.2)",
        ),
        (
            f"00 0f 0000000000000000 {ADDRESS4} {AS_AND_ID} 00000000 00000000",
            PeerHeader(
                PeerType.GLOBAL, IPv4Address("192.0.2.1"), 64500, IPv4Address("192.0.2.9"), 0x0F
            ),
            "unassigned flags are kept",
        ),
    ],
    ids=["global", "instance with a route distinguisher", "local", "loc-rib", "other flags"],
)
def test_peer_header(
    octets: str, expected: PeerHeader, source: str, assert_parses: AssertParses
) -> None:
    """The per-peer header has type, flags, distinguisher, address, AS, identifier and time."""
    assert expected == decode_peer_header(bytes.fromhex(octets)), source
    assert encode_peer_header(expected) == bytes.fromhex(octets)
    assert_parses(decode_peer_header, bytes.fromhex(octets), expected)


def test_an_address_that_is_not_padded_is_not_cut() -> None:
    """Without flag V, octets before the last four belong to an IPv6 address."""
    octets = f"00 00 0000000000000000 {ADDRESS6} {AS_AND_ID} 00000000 00000000"

    assert IPv6Address("2001:db8::1") == decode_peer_header(bytes.fromhex(octets)).address


@pytest.mark.parametrize(("seconds", "expected"), [("00000002", 2 * SECOND), ("00000000", None)])
def test_microseconds_of_a_second_and_more_are_ignored(seconds: str, expected: int | None) -> None:
    """The header's time is evidence only: a wrong fraction is no damage."""
    octets = f"00 00 0000000000000000 {ADDRESS4} {AS_AND_ID} {seconds} 000f4240"

    assert expected == decode_peer_header(bytes.fromhex(octets)).timestamp


@pytest.mark.parametrize("kind", [4, 251, 255])
def test_unknown_peer_type(kind: int) -> None:
    """Of an unknown type it is not known which table its routes are in: it is an error."""
    with pytest.raises(WireError) as caught:
        decode_peer_header(bytes((kind,)) + bytes(41))

    assert (0, "a peer type from 0 to 3", str(kind)) == (
        caught.value.offset, caught.value.expected, caught.value.found,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "flags", "view", "post_policy", "source"),
    [
        (PeerType.GLOBAL, 0x00, View.ADJ_RIB_IN, False, "RFC 7854 section 4.2"),
        (PeerType.GLOBAL, 0x40, View.ADJ_RIB_IN, True, "RFC 7854 section 4.2, flag L"),
        (PeerType.GLOBAL, 0x10, View.ADVERTISED, False, "RFC 8671 section 5.2"),
        (PeerType.GLOBAL, 0x50, View.SENT, True, "RFC 8671 section 5.1"),
        (PeerType.RD, 0x50, View.SENT, True, "RFC 8671 section 4: all types of RFC 7854"),
        (PeerType.LOCAL, 0x10, View.ADVERTISED, False, "RFC 8671 section 4"),
        (PeerType.LOC_RIB, 0x00, View.LOC_RIB, False, "RFC 9069 section 4.1"),
        (PeerType.LOC_RIB, 0x80, View.LOC_RIB, False, "RFC 9069 section 4.2, flag F"),
        (PeerType.LOC_RIB, 0x70, View.LOC_RIB, False, "RFC 9069 section 4.2: no flag L, A or O"),
    ],
)
def test_view(
    kind: PeerType,
    flags: int,
    view: View,
    post_policy: bool,
    source: str,
) -> None:
    """Type and flags say which table a Route Monitoring message is about."""
    peer = PeerHeader(kind, IPv4Address(0), 64500, flags=flags)

    assert (view, post_policy) == (peer.view, peer.is_post_policy), source
    assert (kind is PeerType.LOC_RIB and flags == 0x80) == peer.is_filtered


@pytest.mark.parametrize(
    ("kind", "flags", "as4"),
    [
        (PeerType.GLOBAL, 0x00, True),
        (PeerType.GLOBAL, 0x20, False),
        (PeerType.LOC_RIB, 0x20, True),
    ],
)
def test_as_number_width(kind: PeerType, flags: int, *, as4: bool) -> None:
    """Flag A says two octets; a Loc-RIB always has four (RFC 9069 section 5.4.1)."""
    assert as4 == PeerHeader(kind, IPv4Address(0), 64500, flags=flags).as4


@given(peer_headers())
def test_peer_header_round_trip(peer: PeerHeader) -> None:
    """Every per-peer header survives encoding and decoding, in 42 octets."""
    octets = encode_peer_header(peer)

    assert len(octets) == 42
    assert peer == decode_peer_header(octets)
