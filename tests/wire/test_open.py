"""OPEN with its capabilities, and the messages that carry no routes."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from ipaddress import IPv4Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from peerlint.errors import WireError
from peerlint.testing import records
from peerlint.wire.attributes import Form
from peerlint.wire.bgp import (
    Keepalive,
    Message,
    MessageType,
    Notification,
    Open,
    RouteRefresh,
    decode_body,
    decode_message,
    decode_open,
    encode,
    encode_open,
    longest_message,
    negotiated_form,
)
from peerlint.wire.capabilities import (
    AddPath,
    Capability,
    Direction,
    ExtendedMessage,
    FourOctetAs,
    GracefulRestart,
    Multiprotocol,
    RawCapability,
    RestartFlag,
    decode_capabilities,
    multiprotocol,
)
from peerlint.wire.capabilities import RouteRefresh as RouteRefreshCapability

AssertParses = Callable[[Callable[[bytes], object], bytes, object], None]
ValueOrError = Callable[[Callable[[bytes], object], bytes], None]
ROUTER = IPv4Address("192.0.2.1")
#: Version 4, AS64500, hold time 180, 192.0.2.1.
HEAD = "04 fbf4 00b4 c0000201"
BOTH = Direction.SEND | Direction.RECEIVE
FORMS = [
    *(Form(as4, add_path=add_path) for as4 in (True, False) for add_path in (True, False)),
    Form(add_path=frozenset({(4, 1)})),  # two OPENs may negotiate this
    Form(add_path=frozenset({(6, 1), (4, 2)})),
]


@pytest.mark.parametrize(
    ("octets", "capabilities", "source"),
    [
        ("00", (), "none"),
        ("08 02 06 0104 00010001", (Multiprotocol(1, 1),), "RFC 4760 section 8"),
        ("08 02 06 0104 000200ff", (Multiprotocol(2, 255),), "any family"),
        ("04 02 02 0200", (RouteRefreshCapability(),), "RFC 2918 section 2"),
        ("04 02 02 0600", (ExtendedMessage(),), "RFC 8654 section 3"),
        ("08 02 06 4104 00030d41", (FourOctetAs(200001),), "RFC 6793 section 3"),
        (
            "0c 02 0a 4508 00010103 00020101",
            (AddPath(((1, 1, BOTH), (2, 1, Direction.RECEIVE))),),
            "RFC 7911 section 4",
        ),
        (
            "0e 02 0c 400a 0078 00010180 00020100",
            (GracefulRestart(120, families=((1, 1, True), (2, 1, False))),),
            "RFC 4724 section 3",
        ),
        (
            "06 02 04 4002 cfff",
            (GracefulRestart(4095, RestartFlag.RESTARTED | RestartFlag.NOTIFICATION),),
            "RFC 8538 section 2, without families",
        ),
        ("04 02 02 4000", (RawCapability(64, b""),), "RFC 4724: too short, kept raw"),
        ("07 02 05 4003 7800ff", (RawCapability(64, b"\x78\x00\xff"),), "half of a family"),
    ],
)
def test_open(
    octets: str, capabilities: tuple[Capability, ...], source: str, assert_parses: AssertParses
) -> None:
    """Each capability is in its own parameter (RFC 4271 section 4.2, RFC 5492 section 4)."""
    raw = bytes.fromhex(HEAD + octets)
    expected = Open(64500, 180, ROUTER, capabilities)

    assert raw == encode_open(expected), source
    assert_parses(decode_open, raw, expected)


@pytest.mark.parametrize(
    ("octets", "expected", "source"),
    [
        (
            "0a 02 08 0200 4104 0000fbf4",
            Open(64500, 180, ROUTER, (RouteRefreshCapability(), FourOctetAs(64500))),
            "RFC 5492 section 4: several in one parameter",
        ),
        (
            "08 02 06 4504 00010104",
            Open(64500, 180, ROUTER, (AddPath(()),)),
            "RFC 7911 section 4: another direction makes the family be ignored",
        ),
        (
            "08 02 06 0104 0001ff01",
            Open(64500, 180, ROUTER, (Multiprotocol(1, 1),)),
            "RFC 4760 section 8: the reserved octet is ignored",
        ),
        (
            "ff ff 0005 02 0002 0200",
            Open(64500, 180, ROUTER, (RouteRefreshCapability(),)),
            "RFC 9072 section 2",
        ),
        (
            "01 ff 0005 02 0002 0200",
            Open(64500, 180, ROUTER, (RouteRefreshCapability(),)),
            "RFC 9072 section 2: any length but 0 will do",
        ),
        ("03 01 01 00", Open(64500, 180, ROUTER, (), ((1, b"\0"),)), "RFC 4271: authentication"),
        (
            "0a 02 08 4006 3078 0001017f",
            Open(64500, 180, ROUTER, (GracefulRestart(120, families=((1, 1, False),)),)),
            "RFC 4724 section 3: reserved bits are ignored",
        ),
    ],
)
def test_open_in_other_encodings(
    octets: str, expected: Open, source: str, assert_parses: AssertParses
) -> None:
    """Encodings are read that other implementations write, but peerlint does not."""
    raw = bytes.fromhex(HEAD + octets)

    assert expected == decode_open(raw), source
    assert_parses(decode_open, raw, expected)


@pytest.mark.parametrize(
    ("octets", "offset", "why"),
    [
        ("", 0, "nothing"),
        ("03 fbf4 00b4 c0000201 00", 0, "version 3"),
        (HEAD, 9, "no length"),
        (HEAD + "01", 9, "fewer octets than the length"),
        (HEAD + "00 00", 9, "more octets than the length"),
        (HEAD + "01 02", 10, "a parameter without a length"),
        (HEAD + "02 02 01", 10, "a parameter over the end"),
        (HEAD + "03 02 01 41", 12, "a capability without a length"),
        (HEAD + "04 02 02 4104", 13, "a capability over the end"),
        (HEAD + "07 02 05 4103 000001", 14, "FOUR_OCTET_AS of three octets"),
        (HEAD + "07 02 05 0103 000100", 14, "MULTIPROTOCOL of three octets"),
        (HEAD + "05 02 03 0201 00", 14, "ROUTE_REFRESH with a value"),
        (HEAD + "05 02 03 0601 00", 14, "EXTENDED_MESSAGE with a value"),
        (HEAD + "07 02 05 4503 000101", 14, "ADD_PATH of three octets"),
        (HEAD + "ff ff 0006 02 0002 0200", 11, "extended, fewer octets than the length"),
        (HEAD + "04 0200 ff00", 12, "RFC 9072: type 255 has no meaning after another"),
    ],
)
def test_malformed_open(octets: str, offset: int, why: str) -> None:
    """Fields that do not match are errors at their offsets (RFC 4271 section 6.2)."""
    with pytest.raises(WireError) as caught:
        decode_open(bytes.fromhex(octets))

    assert offset == caught.value.offset, why


@pytest.mark.parametrize(
    ("octets", "expected"),
    [
        ("03 06 02", Notification(6, 2)),
        ("03 06 02 05 68656c6c6f", Notification(6, 2, b"\5hello")),
        ("04", Keepalive()),
        ("05 0001 00 01", RouteRefresh(1, 1)),
        ("05 0002 01 01", RouteRefresh(2, 1, 1)),
        ("05 0001 00 01 01 80 0001 00", RouteRefresh(1, 1, 0, b"\1\x80\0\1\0")),
    ],
)
def test_other_messages(octets: str, expected: Message, assert_parses: AssertParses) -> None:
    """RFC 4271 sections 4.4 and 4.5, RFC 2918 section 3, RFC 7313, RFC 5291, RFC 9003."""
    kind, body = MessageType(int(octets[:2], 16)), bytes.fromhex(octets[2:])

    assert (kind, body) == decode_message(encode(expected, Form()))
    assert expected == decode_body(kind, body, Form())
    if kind is not MessageType.KEEPALIVE:
        assert_parses(partial(decode_body, kind, form=Form()), body, expected)


@pytest.mark.parametrize(
    ("kind", "octets", "offset"),
    [
        (MessageType.NOTIFICATION, "", 0),
        (MessageType.NOTIFICATION, "06", 1),
        (MessageType.KEEPALIVE, "00", 0),
        (MessageType.ROUTE_REFRESH, "000100", 3),
    ],
)
def test_malformed_other_messages(kind: MessageType, octets: str, offset: int) -> None:
    """A body that is too short, or a KEEPALIVE with one, is an error (RFC 4271 section 6.1)."""
    with pytest.raises(WireError) as caught:
        decode_body(kind, bytes.fromhex(octets), Form())

    assert offset == caught.value.offset


@pytest.mark.parametrize("form", FORMS)
@given(data=st.data())
def test_round_trip(form: Form, data: st.DataObject) -> None:
    """Every message of every type decodes to itself."""
    message = data.draw(records.messages(form))

    kind, body = decode_message(encode(message, form))

    assert message == decode_body(kind, body, form)


@given(message=records.opens(), data=st.data())
def test_every_cut_gives_a_value_or_an_error(
    message: Open, data: st.DataObject, value_or_error: ValueOrError
) -> None:
    """An OPEN that is cut anywhere, or has a changed octet, gives a value or a `WireError`."""
    octets = bytearray(encode_open(message))
    at = data.draw(st.integers(0, len(octets) - 1))
    value_or_error(decode_open, bytes(octets[:at]))

    octets[at] = data.draw(st.integers(0, 255))

    value_or_error(decode_open, bytes(octets))
    value_or_error(decode_capabilities, bytes(octets[at:]))


def speaker(asn: int, *capabilities: Capability) -> Open:
    """Return the OPEN of a speaker."""
    return Open(asn, 180, ROUTER, capabilities)


V4, V6 = (4, 1), (6, 1)


@pytest.mark.parametrize(
    ("sender", "receiver", "form"),
    [
        ((), (), Form(as4=False)),
        ((FourOctetAs(64500),), (), Form(as4=False)),
        ((), (FourOctetAs(8075),), Form(as4=False)),
        ((FourOctetAs(64500),), (FourOctetAs(8075),), Form(as4=True)),
        (
            (FourOctetAs(64500), AddPath(((1, 1, Direction.SEND), (2, 1, BOTH)))),
            (FourOctetAs(8075), AddPath(((1, 1, BOTH), (2, 1, Direction.RECEIVE)))),
            Form(add_path=frozenset({V4, V6})),
        ),
        (
            (FourOctetAs(64500), AddPath(((1, 1, Direction.RECEIVE), (2, 1, Direction.SEND)))),
            (FourOctetAs(8075), AddPath(((1, 1, BOTH), (2, 1, Direction.SEND)))),
            Form(),
        ),
        (
            (FourOctetAs(64500), AddPath(((25, 70, BOTH), (1, 1, BOTH)))),
            (FourOctetAs(8075), AddPath(((25, 70, BOTH), (1, 1, BOTH)))),
            Form(add_path=frozenset({V4})),
        ),
    ],
    ids=["old", "only sender", "only receiver", "as4", "add-path", "wrong way", "other families"],
)
def test_negotiated_form(
    sender: tuple[Capability, ...], receiver: tuple[Capability, ...], form: Form
) -> None:
    """Both sides must offer it, in the direction of the routes (RFC 6793, RFC 7911 section 5)."""
    assert form == negotiated_form(speaker(64500, *sender), speaker(8075, *receiver))


def test_longest_message() -> None:
    """The limit is 65,535 octets if both sides offer that, otherwise 4,096 (RFC 8654 section 4)."""
    plain, extended = speaker(64500), speaker(64500, ExtendedMessage())

    assert 65535 == longest_message(extended, extended)
    assert [4096] * 3 == [
        longest_message(*sides) for sides in ((plain, plain), (plain, extended), (extended, plain))
    ]


def test_as_number_of_a_speaker() -> None:
    """The capability has the full number, the two-octet field AS_TRANS (RFC 6793 section 9)."""
    assert 200001 == speaker(23456, FourOctetAs(200001)).asn
    assert 64500 == speaker(64500, multiprotocol((4, 1))).asn
