"""Decode and encode Peer Up and Peer Down (RFC 7854 sections 4.9 and 4.10, RFC 9069, RFC 9736)."""

from __future__ import annotations

import struct
from enum import IntEnum
from typing import Final

import attrs

from peerlint.errors import WireError
from peerlint.wire.attribute_types import Form
from peerlint.wire.bgp import (
    HEADER_OCTETS,
    MARKER,
    MessageType,
    Notification,
    Open,
    decode_message,
    decode_message_head,
    decode_notification,
    decode_open,
    encode,
)
from peerlint.wire.bmp.peer_header import (
    ADDRESS_OCTETS,
    PEER_HEADER_OCTETS,
    PeerHeader,
    decode_padded_address,
    decode_peer_header,
    encode_padded_address,
    encode_peer_header,
)
from peerlint.wire.bmp.tlv import PeerUpTlv, Tlv, encode_tlvs, read_tlvs, texts_of
from peerlint.wire.damage import Lost
from peerlint.wire.mrt.header import need
from peerlint.wire.reach import IPAddress

#: Octets of the local address and both ports.
_ADDRESSES: Final = ADDRESS_OCTETS + 4
_FORM: Final = Form()


class PeerDownReason(IntEnum):
    """Why a session ended (RFC 7854 section 4.9, RFC 9069 section 5.3)."""

    LOCAL_NOTIFICATION = 1  # the NOTIFICATION that was sent follows
    LOCAL_FSM_EVENT = 2  # the event's number follows (RFC 4271 section 8.1)
    REMOTE_NOTIFICATION = 3  # the NOTIFICATION that was received follows
    REMOTE_NO_DATA = 4
    DECONFIGURED = 5  # the session may still be up, but is no longer monitored
    LOCAL_TLVS = 6  # of a Loc-RIB; TLVs follow


@attrs.frozen
class PeerUp:
    """A Peer Up: a session that is established, also for a Loc-RIB.

    Attributes:
        peer: the peer.
        local_address: the router's address, of the same family as the peer's.
        local_port: the router's port.
        remote_port: the peer's port.
        sent: the OPEN that the router sent; None if it cannot be read.
        received: the OPEN that the router received; None if it cannot be read.
        tlvs: further information, see `PeerUpTlv`.
    """

    peer: PeerHeader
    local_address: IPAddress
    local_port: int
    remote_port: int
    sent: Open | None
    received: Open | None
    tlvs: tuple[Tlv, ...] = ()

    @property
    def table_name(self) -> str | None:
        """The name of the VRF or table (RFC 9069 section 5.2.1); None if there is none."""
        return next(iter(texts_of(self.tlvs, PeerUpTlv.VRF_TABLE_NAME)), None)

    @property
    def admin_labels(self) -> tuple[str, ...]:
        """The administrative labels of the peer (RFC 8671 section 6.3.1)."""
        return texts_of(self.tlvs, PeerUpTlv.ADMIN_LABEL)


@attrs.frozen
class PeerDown:
    """A Peer Down: a session that ended, or that is no longer monitored.

    Attributes:
        peer: the peer.
        reason: a `PeerDownReason`; other numbers are kept.
        data: the octets that follow the reason.
    """

    peer: PeerHeader
    reason: int
    data: bytes = b""

    @property
    def is_closed(self) -> bool:
        """Whether the peer closed the connection without a NOTIFICATION."""
        closing = (PeerDownReason.REMOTE_NO_DATA, PeerDownReason.REMOTE_NOTIFICATION)
        return self.reason in closing and not self.data

    @property
    def notification(self) -> Notification | None:
        """The NOTIFICATION; None if the reason has none or it cannot be read."""
        if self.reason not in _WITH_NOTIFICATION:
            return None
        try:
            return _decode_notification(self.data)
        except WireError:
            return None

    @property
    def fsm_event(self) -> int | None:
        """The number of the event of the state machine; None if the reason has none."""
        if self.reason != PeerDownReason.LOCAL_FSM_EVENT or len(self.data) != 2:
            return None
        return int.from_bytes(self.data)

    @property
    def tlvs(self) -> tuple[Tlv, ...]:
        """The TLVs that can be read; none unless the reason has them."""
        if self.reason != PeerDownReason.LOCAL_TLVS:
            return ()
        return read_tlvs(self.data, 0)[0]


_WITH_NOTIFICATION: Final = (
    PeerDownReason.LOCAL_NOTIFICATION,
    PeerDownReason.REMOTE_NOTIFICATION,
)
_WITHOUT_DATA: Final = (PeerDownReason.REMOTE_NO_DATA, PeerDownReason.DECONFIGURED)


# -- Peer Up


def read_peer_up(body: bytes) -> tuple[PeerUp, tuple[Lost, ...]]:
    """Decode the body of a Peer Up as far as it can be read.

    The session is up even if an OPEN cannot be read. An OPEN whose content is invalid is lost
    alone; if its length is, everything from it on is lost.

    Raises:
        WireError: the per-peer header is invalid, or the body ends before the OPENs.
    """
    peer = decode_peer_header(body)
    need(body, PEER_HEADER_OCTETS, _ADDRESSES)
    ports = PEER_HEADER_OCTETS + ADDRESS_OCTETS
    is_ipv6 = peer.address.version == 6 and not peer.is_loc_rib
    local = decode_padded_address(bytes(body[PEER_HEADER_OCTETS:ports]), is_ipv6=is_ipv6)
    local_port, remote_port = struct.unpack_from(">HH", body, ports)
    at = ports + 4
    lost: list[Lost] = []
    opens: list[Open | None] = []
    tlvs: tuple[Tlv, ...] = ()
    try:
        for _ in range(2):
            message, at, broken = _read_open(body, at)
            opens.append(message)
            lost += () if broken is None else (broken,)
    except WireError as error:
        opens += [None] * (2 - len(opens))
        lost.append(Lost(at, len(body), error))
    else:
        tlvs, error_of_tlv = read_tlvs(body, at)
        if error_of_tlv is not None:
            lost.append(Lost(error_of_tlv.offset, len(body), error_of_tlv))
    sent, received = opens
    return PeerUp(peer, local, local_port, remote_port, sent, received, tlvs), tuple(lost)


def _read_open(body: bytes, at: int) -> tuple[Open | None, int, Lost | None]:
    """Read an OPEN; return it, the offset of its end, and its loss if its content is invalid.

    Raises:
        WireError: there is no BGP message at the offset, or it does not end inside the body.
    """
    head = bytes(body[at : at + HEADER_OCTETS])
    try:
        kind, length = decode_message_head(head, len(body) - at)
    except WireError as caught:
        raise caught.moved(at) from None
    end = at + length
    if end > len(body):
        expected = f"a message of up to {len(body) - at} octets"
        raise WireError(at + len(MARKER), expected=expected, found=str(length))
    if kind != MessageType.OPEN:
        error = WireError(at + HEADER_OCTETS - 1, expected="an OPEN", found=f"type {kind}")
        return None, end, Lost(at, end, error)
    try:
        return decode_open(bytes(body[at + HEADER_OCTETS : end])), end, None
    except WireError as caught:
        return None, end, Lost(at, end, caught.moved(at + HEADER_OCTETS))


def encode_peer_up(value: PeerUp) -> bytes:
    """Encode the body of a Peer Up.

    An OPEN that is None is encoded as an OPEN without content, which cannot be read.
    """
    return b"".join(
        (
            encode_peer_header(value.peer),
            encode_padded_address(value.local_address),
            struct.pack(">HH", value.local_port, value.remote_port),
            *(_encode_open(each) for each in (value.sent, value.received)),
            encode_tlvs(value.tlvs),
        )
    )


def _encode_open(message: Open | None) -> bytes:
    if message is None:
        return MARKER + struct.pack(">HB", HEADER_OCTETS, MessageType.OPEN)
    return encode(message, _FORM)


# -- Peer Down


def read_peer_down(body: bytes) -> tuple[PeerDown, tuple[Lost, ...]]:
    """Decode the body of a Peer Down; the session ended even if the details cannot be read.

    Raises:
        WireError: the per-peer header is invalid, or there is no reason.
    """
    peer = decode_peer_header(body)
    need(body, PEER_HEADER_OCTETS, 1)
    at = PEER_HEADER_OCTETS + 1
    value = PeerDown(peer, body[PEER_HEADER_OCTETS], bytes(body[at:]))
    try:
        _check_details(value)
    except WireError as error:
        moved = error.moved(at)
        # The value keeps the octets, but they are damage: what they say is not known.
        return value, (Lost(at, len(body), moved),)
    return value, ()


def _check_details(value: PeerDown) -> None:
    """Check what follows the reason.

    GoBGP 3.10 gives the reason of a NOTIFICATION, and none, when a connection is closed, and leaves
    the event out when an administrator stops the session.

    Raises:
        WireError: it is not what the reason requires.
    """
    data = value.data
    if value.is_closed:
        return
    if value.reason in _WITH_NOTIFICATION:
        _decode_notification(data)
    elif value.reason == PeerDownReason.LOCAL_FSM_EVENT and len(data) not in (0, 2):
        raise WireError(0, expected="an event of 2 octets", found=f"{len(data)} octets")
    elif value.reason in _WITHOUT_DATA and data:
        raise WireError(0, expected="the end", found=f"{len(data)} octets")
    elif value.reason == PeerDownReason.LOCAL_TLVS:
        error = read_tlvs(data, 0)[1]
        if error is not None:
            raise error


def _decode_notification(data: bytes) -> Notification:
    kind, content = decode_message(data)
    if kind is not MessageType.NOTIFICATION:
        raise WireError(HEADER_OCTETS - 1, expected="a NOTIFICATION", found=kind.name)
    try:
        return decode_notification(content)
    except WireError as error:
        raise error.moved(HEADER_OCTETS) from None


def encode_peer_down(value: PeerDown) -> bytes:
    """Encode the body of a Peer Down."""
    return encode_peer_header(value.peer) + bytes((value.reason,)) + value.data


def notification_data(message: Notification) -> bytes:
    """Return the data of a Peer Down whose reason has a NOTIFICATION."""
    return encode(message, _FORM)
