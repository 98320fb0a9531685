"""The bodies of the seven messages (RFC 7854 section 4)."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from ipaddress import IPv4Address, IPv6Address

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from peerlint.errors import WireError
from peerlint.testing.bmp_messages import bodies
from peerlint.wire.bgp import Notification, Open
from peerlint.wire.bmp import (
    Body,
    Initiation,
    MessageType,
    PeerDown,
    PeerHeader,
    PeerType,
    PeerUp,
    RouteMirroring,
    RouteMonitoring,
    Termination,
    Tlv,
    decode_body,
    encode_body,
    read_body,
)

AssertParses = Callable[[Callable[[bytes], object], bytes, object], None]
ValueOrError = Callable[[Callable[[bytes], object], bytes], None]
PEER = PeerHeader(PeerType.GLOBAL, IPv4Address("192.0.2.1"), 64500, IPv4Address("192.0.2.9"))
PEER6 = attrs.evolve(PEER, address=IPv6Address("2001:db8::1"))
LOC_RIB = PeerHeader(PeerType.LOC_RIB, IPv4Address(0), 64500, IPv4Address("192.0.2.9"))
AS_AND_ID = "0000fbf4 c0000209" + "00" * 8
OF_PEER = f"00 00 {'00' * 8} {'00' * 12} c0000201 {AS_AND_ID}"
OF_PEER6 = f"00 80 {'00' * 8} 20010db8 {'00' * 11} 01 {AS_AND_ID}"
OF_LOC_RIB = f"03 00 {'00' * 24} {AS_AND_ID}"
MARKER = "ff" * 16
#: OPENs of AS 64500 and AS 64501 without parameters.
OPEN = f"{MARKER} 001d 01 04 fbf4 00b4 c0000209 00"
OPEN2 = f"{MARKER} 001d 01 04 fbf5 00b4 c0000209 00"
SENT, RECEIVED = (Open(asn, 180, IPv4Address("192.0.2.9")) for asn in (64500, 64501))
CEASE = f"{MARKER} 0015 03 06 02"
END_OF_RIB = f"{MARKER} 0017 02 0000 0000"

ROWS = [
    (
        MessageType.ROUTE_MONITORING, f"{OF_PEER} {END_OF_RIB}",
        RouteMonitoring(PEER, bytes.fromhex(END_OF_RIB)), "section 4.6",
    ),
    (
        MessageType.PEER_DOWN, f"{OF_PEER} 01 {CEASE}",
        PeerDown(PEER, 1, bytes.fromhex(CEASE)), "section 4.9, reason 1",
    ),
    (MessageType.PEER_DOWN, f"{OF_PEER} 02 0018", PeerDown(PEER, 2, b"\0\x18"), "reason 2"),
    (
        MessageType.PEER_DOWN, f"{OF_PEER} 03 {CEASE}",
        PeerDown(PEER, 3, bytes.fromhex(CEASE)), "reason 3",
    ),
    (
        MessageType.PEER_DOWN, f"{OF_PEER} 02", PeerDown(PEER, 2),
        "reason 2 of GoBGP 3.10, when an administrator stops the session",
    ),
    (
        MessageType.PEER_DOWN, f"{OF_PEER} 03", PeerDown(PEER, 3),
        "reason 3 of GoBGP 3.10, when the connection is closed",
    ),
    (MessageType.PEER_DOWN, f"{OF_PEER} 04", PeerDown(PEER, 4), "reason 4"),
    (MessageType.PEER_DOWN, f"{OF_PEER} 05", PeerDown(PEER, 5), "reason 5"),
    (
        MessageType.PEER_DOWN, f"{OF_LOC_RIB} 06 0003 0003 726564",
        PeerDown(LOC_RIB, 6, bytes.fromhex("00030003726564")), "RFC 9069 section 5.3",
    ),
    (MessageType.PEER_DOWN, f"{OF_PEER} fb 0102", PeerDown(PEER, 251, b"\1\2"), "experimental"),
    (
        MessageType.PEER_UP, f"{OF_PEER} {'00' * 12} c0000202 00b3 9c40 {OPEN} {OPEN2}",
        PeerUp(PEER, IPv4Address("192.0.2.2"), 179, 40000, SENT, RECEIVED), "section 4.10",
    ),
    (
        MessageType.PEER_UP,
        f"{OF_PEER6} 20010db8 {'00' * 11} 02 00b3 9c40 {OPEN} {OPEN2} 0000 0001 78 0004 0002 4141",
        PeerUp(
            PEER6, IPv6Address("2001:db8::2"), 179, 40000, SENT, RECEIVED,
            (Tlv(0, b"x"), Tlv(4, b"AA")),
        ),
        "information TLVs (RFC 9736 section 3.3)",
    ),
    (
        MessageType.PEER_UP, f"{OF_LOC_RIB} {'00' * 20} {OPEN} {OPEN} 0003 0003 726564",
        PeerUp(LOC_RIB, IPv4Address(0), 0, 0, SENT, SENT, (Tlv(3, b"red"),)),
        "RFC 9069 section 5.2",
    ),
    (
        MessageType.INITIATION, "0001 0003 465252 0002 0005 6564676531 0000 0001 78",
        Initiation((Tlv(1, b"FRR"), Tlv(2, b"edge1"), Tlv(0, b"x"))), "section 4.3",
    ),
    (MessageType.INITIATION, "", Initiation(), "without TLVs"),
    (
        MessageType.TERMINATION, "0001 0002 0002 0000 0003 627965",
        Termination((Tlv(1, b"\0\2"), Tlv(0, b"bye"))), "section 4.5",
    ),
    (
        MessageType.ROUTE_MIRRORING, f"{OF_PEER} 0001 0002 0000 0000 0013 {MARKER} 0013 04",
        RouteMirroring(PEER, (Tlv(1, b"\0\0"), Tlv(0, b"\xff" * 16 + b"\0\x13\4"))), "section 4.7",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "octets", "expected", "source"), ROWS)
def test_body(
    kind: MessageType, octets: str, expected: Body, source: str, assert_parses: AssertParses
) -> None:
    """Each message has the fields of its section, is written the same, and may end anywhere."""
    body = bytes.fromhex(octets)

    assert expected == decode_body(kind, body), source
    assert (kind, body) == encode_body(expected), source
    assert_parses(partial(decode_body, kind), body, expected)


def test_what_values_say() -> None:
    """TLVs, NOTIFICATIONs and events are decoded further by properties."""
    values = [value for _, _, value, _ in ROWS]
    downs = [value for value in values if isinstance(value, PeerDown)]
    ups = [value for value in values if isinstance(value, PeerUp)]
    start, no_start = (value for value in values if isinstance(value, Initiation))
    end = next(value for value in values if isinstance(value, Termination))
    mirror = next(value for value in values if isinstance(value, RouteMirroring))

    notification = Notification(6, 2)
    assert [notification, None, notification, *[None] * 6] == [down.notification for down in downs]
    assert [None, 24, *[None] * 7] == [down.fsm_event for down in downs]
    assert [(Tlv(3, b"red"),)] == [down.tlvs for down in downs if down.tlvs]
    assert [None, None, "red"] == [up.table_name for up in ups]
    assert [(), ("AA",), ()] == [up.admin_labels for up in ups]
    assert ("edge1", "FRR") == (start.name, start.description)
    assert (None, None) == (no_start.name, no_start.description)
    assert (2, None) == (end.reason, Termination().reason)
    assert ((b"\xff" * 16 + b"\0\x13\4",), (0,)) == (mirror.messages, mirror.information)


def test_text_that_is_not_utf8() -> None:
    """A name in another encoding is readable, with replaced octets."""
    assert Tlv(2, b"edge\xe9").text == "edge\ufffd"


@given(bodies())
def test_round_trip(body: Body) -> None:
    """Every message survives encoding and decoding."""
    assert body == decode_body(*encode_body(body))


@given(bodies(), st.data())
def test_any_change_gives_a_value_or_an_error(
    value_or_error: ValueOrError, body: Body, data: st.DataObject
) -> None:
    """A changed, added or removed octet gives a value, or an error inside the octets."""
    kind, octets = encode_body(body)
    at = data.draw(st.integers(0, len(octets)))
    end = data.draw(st.integers(at, min(len(octets), at + 2)))
    changed = octets[:at] + data.draw(st.binary(max_size=2)) + octets[end:]

    value_or_error(partial(decode_body, kind), changed)


LOST = [
    (
        MessageType.PEER_UP, f"{OF_PEER} {'00' * 12} c0000202 00b3 9c40 {MARKER} 0013 01 {OPEN2}",
        PeerUp(PEER, IPv4Address("192.0.2.2"), 179, 40000, None, RECEIVED), [(62, 81)],
        "an empty OPEN is lost, the next one is read",
    ),
    (
        MessageType.PEER_UP,
        f"{OF_PEER} {'00' * 12} c0000202 00b3 9c40 {MARKER} 0013 04 {OPEN2}",
        PeerUp(PEER, IPv4Address("192.0.2.2"), 179, 40000, None, RECEIVED), [(62, 81)],
        "a KEEPALIVE is no OPEN",
    ),
    (
        MessageType.PEER_UP, f"{OF_PEER} {'00' * 12} c0000202 00b3 9c40 {OPEN} {MARKER} 0012 01",
        PeerUp(PEER, IPv4Address("192.0.2.2"), 179, 40000, SENT, None), [(91, 110)],
        "after a length that cannot be, nothing is read",
    ),
    (
        MessageType.PEER_UP, f"{OF_PEER} {'00' * 12} c0000202 00b3 9c40",
        PeerUp(PEER, IPv4Address("192.0.2.2"), 179, 40000, None, None), [(62, 62)],
        "a session is up without its OPENs",
    ),
    (
        MessageType.PEER_UP,
        f"{OF_PEER} {'00' * 12} c0000202 00b3 9c40 {OPEN} {OPEN2} 0000 0001 78 0000 0009 78",
        PeerUp(
            PEER, IPv4Address("192.0.2.2"), 179, 40000, SENT, RECEIVED, (Tlv(0, b"x"),)
        ),
        [(125, 130)], "TLVs before one that runs over the end are kept",
    ),
    (
        MessageType.PEER_DOWN, f"{OF_PEER} 01", PeerDown(PEER, 1), [(43, 43)],
        "a session is down without its NOTIFICATION",
    ),
    (
        MessageType.PEER_DOWN, f"{OF_PEER} 03 {MARKER} 0013 04",
        PeerDown(PEER, 3, bytes.fromhex(f"{MARKER} 001304")), [(43, 62)],
        "a KEEPALIVE is no NOTIFICATION",
    ),
    (
        MessageType.PEER_DOWN, f"{OF_PEER} 03 {MARKER} 0013 03",
        PeerDown(PEER, 3, bytes.fromhex(f"{MARKER} 001303")), [(43, 62)], "an empty NOTIFICATION",
    ),
    (
        MessageType.PEER_DOWN, f"{OF_PEER} 02 00", PeerDown(PEER, 2, b"\0"), [(43, 44)],
        "an event of one octet",
    ),
    (
        MessageType.PEER_DOWN, f"{OF_PEER} 04 00", PeerDown(PEER, 4, b"\0"), [(43, 44)],
        "reason 4 has no data",
    ),
    (
        MessageType.PEER_DOWN, f"{OF_LOC_RIB} 06 0003 0004 726564",
        PeerDown(LOC_RIB, 6, bytes.fromhex("00030004726564")), [(43, 50)], "a TLV over the end",
    ),
    (
        MessageType.INITIATION, "0002 0001 61 0002 0003 6564",
        Initiation((Tlv(2, b"a"),)), [(5, 11)], "TLVs before it are kept",
    ),
    (
        MessageType.TERMINATION, "0001 0001 00 0000 0001 78",
        Termination((Tlv(1, b"\0"), Tlv(0, b"x"))), [(0, 5)], "a reason has two octets",
    ),
    (
        MessageType.ROUTE_MIRRORING, f"{OF_PEER} 0001 0003 000001",
        RouteMirroring(PEER, (Tlv(1, b"\0\0\1"),)), [(42, 49)], "a code has two octets",
    ),
]  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "octets", "expected", "lost", "reason"), LOST, ids=[row[4] for row in LOST]
)
def test_what_can_be_read_is_kept(
    kind: MessageType, octets: str, expected: Body, lost: list[tuple[int, int]], reason: str
) -> None:
    """A session is up or down even if the details of the message cannot be read."""
    body = bytes.fromhex(octets)

    value, ranges = read_body(kind, body)

    assert expected == value, reason
    assert lost == [(each.at, each.end) for each in ranges]
    with pytest.raises(WireError) as caught:
        decode_body(kind, body)
    assert str(ranges[0].error) == str(caught.value)
    assert all(each.at <= each.error.offset <= len(body) for each in ranges)


def test_a_notification_that_cannot_be_read_is_none() -> None:
    """The properties of a value never raise."""
    assert PeerDown(PEER, 1, b"junk").notification is None
    assert PeerDown(PEER, 2, b"junk").fsm_event is None
    assert PeerDown(PEER, 6, b"\0").tlvs == ()
    assert Tlv(1, b"").number is None
