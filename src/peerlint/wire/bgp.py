"""Decode and encode BGP messages (RFC 4271), ROUTE-REFRESH (RFC 2918) among them."""

from __future__ import annotations

import struct
from enum import IntEnum
from ipaddress import IPv4Address
from typing import Final

import attrs

from peerlint.errors import WireError
from peerlint.wire.attribute_types import Form
from peerlint.wire.capabilities import (
    Capability,
    Direction,
    ExtendedMessage,
    FourOctetAs,
    add_path_families,
    decode_capabilities,
    encode_capability,
)
from peerlint.wire.update import Update, decode_update, encode_update, read_update

__all__ = [
    "HEADER_OCTETS",
    "MARKER",
    "MAX_EXTENDED_MESSAGE",
    "MAX_MESSAGE",
    "MESSAGE_TYPES",
    "Keepalive",
    "Message",
    "MessageType",
    "Notification",
    "Open",
    "RouteRefresh",
    "Update",
    "decode_body",
    "decode_keepalive",
    "decode_message",
    "decode_message_head",
    "decode_notification",
    "decode_open",
    "decode_route_refresh",
    "decode_update",
    "encode",
    "encode_message",
    "encode_open",
    "encode_update",
    "longest_message",
    "negotiated_form",
    "read_update",
    "wrong_length",
]

MARKER: Final = b"\xff" * 16
#: Octets of marker, length and type.
HEADER_OCTETS: Final = 19
#: The longest message, without and with extended messages (RFC 8654).
MAX_MESSAGE: Final = 4096
MAX_EXTENDED_MESSAGE: Final = 65535
_VERSION: Final = 4
_CAPABILITIES: Final = 2  # an optional parameter, RFC 5492
_EXTENDED_PARAMETERS: Final = 255  # RFC 9072 section 2


class MessageType(IntEnum):
    """Message types (RFC 4271 section 4.1, RFC 2918)."""

    OPEN = 1
    UPDATE = 2
    NOTIFICATION = 3
    KEEPALIVE = 4
    ROUTE_REFRESH = 5


#: Message types by number.
MESSAGE_TYPES: Final = {int(kind): kind for kind in MessageType}


@attrs.frozen
class Open:
    """An OPEN (RFC 4271 section 4.2).

    Attributes:
        my_as: the field of two octets; AS_TRANS for a number that does not fit.
        hold_time: seconds.
        bgp_id: the speaker's BGP identifier.
        capabilities: the capabilities of all parameters, in the order sent.
        parameters: (type, value) of all other optional parameters.
    """

    my_as: int
    hold_time: int
    bgp_id: IPv4Address
    capabilities: tuple[Capability, ...] = ()
    parameters: tuple[tuple[int, bytes], ...] = ()

    @property
    def asn(self) -> int:
        """The speaker's AS number, from its capability if it has one (RFC 6793 section 4.1)."""
        for capability in self.capabilities:
            if isinstance(capability, FourOctetAs):
                return capability.asn
        return self.my_as


@attrs.frozen
class Notification:
    """A NOTIFICATION (RFC 4271 section 4.5): error code, subcode and data."""

    code: int
    subcode: int
    data: bytes = b""


@attrs.frozen
class Keepalive:
    """A KEEPALIVE (RFC 4271 section 4.4)."""


@attrs.frozen
class RouteRefresh:
    """A ROUTE-REFRESH (RFC 2918 section 3).

    Attributes:
        afi: address family identifier.
        safi: subsequent address family identifier.
        subtype: 0 for a request, 1 for the begin and 2 for the end of the refresh (RFC 7313 section
            3.2).
        data: outbound route filters (RFC 5291 section 4).
    """

    afi: int
    safi: int
    subtype: int = 0
    data: bytes = b""


Message = Open | Update | Notification | Keepalive | RouteRefresh


def decode_message(octets: bytes) -> tuple[MessageType, bytes]:
    """Split one message into its type and body.

    Raises:
        WireError: the message has no marker, its length is not that of the buffer, or its type is
            unknown.
    """
    number, length = decode_message_head(octets)
    if length != len(octets):
        raise wrong_length(length, len(octets))
    kind = MESSAGE_TYPES.get(number)
    if kind is None:
        raise WireError(18, expected="a message type from 1 to 5", found=str(number))
    return kind, octets[HEADER_OCTETS:]


def decode_message_head(octets: bytes, available: int | None = None) -> tuple[int, int]:
    """Decode the header of a message, which may be cut off or followed by others.

    Args:
        octets: at least the header of the message.
        available: the number of octets to report in errors; None for the length of `octets`.

    Returns:
        The type code, which may be unknown, and the value of the length field.

    Raises:
        WireError: the message has no marker, or its length is less than that of a header.
    """
    if len(octets) < HEADER_OCTETS or not octets.startswith(MARKER):
        raise WireError(0, expected="a BGP marker of 16 octets 0xff", found=octets[:16].hex())
    length = int.from_bytes(octets[16:18])
    if length < HEADER_OCTETS:
        raise wrong_length(length, len(octets) if available is None else available)
    return octets[18], length


def wrong_length(length: int, octets: int) -> WireError:
    """Return the error of a message whose length field says `length`, of which `octets` exist."""
    return WireError(16, expected=f"a message of {octets} octets", found=str(length))


def encode_message(kind: MessageType, body: bytes) -> bytes:
    """Encode a message: put the header before its body."""
    return MARKER + struct.pack(">HB", HEADER_OCTETS + len(body), kind) + body


def decode_body(kind: MessageType, body: bytes, form: Form) -> Message:
    """Decode the body of a message of any type.

    Args:
        kind: the message type.
        body: the message without its header.
        form: the encoding of an UPDATE's attributes.

    Raises:
        WireError: the body is invalid; see the decoder of each type.
    """
    match kind:
        case MessageType.OPEN:
            return decode_open(body)
        case MessageType.UPDATE:
            return decode_update(body, form)
        case MessageType.NOTIFICATION:
            return decode_notification(body)
        case MessageType.KEEPALIVE:
            return decode_keepalive(body)
        case MessageType.ROUTE_REFRESH:
            return decode_route_refresh(body)


def encode(message: Message, form: Form) -> bytes:
    """Encode any message with its header; only an UPDATE depends on the form."""
    match message:
        case Open():
            return encode_message(MessageType.OPEN, encode_open(message))
        case Update():
            return encode_message(MessageType.UPDATE, encode_update(message, form))
        case Notification(code=code, subcode=subcode, data=data):
            return encode_message(MessageType.NOTIFICATION, bytes((code, subcode)) + data)
        case Keepalive():
            return encode_message(MessageType.KEEPALIVE, b"")
        case RouteRefresh(afi=afi, safi=safi, subtype=subtype, data=data):
            body = struct.pack(">HBB", afi, subtype, safi) + data
            return encode_message(MessageType.ROUTE_REFRESH, body)


# -- OPEN


def decode_open(body: bytes) -> Open:
    """Decode the body of an OPEN.

    Raises:
        WireError: the body ends early, the version is not 4, the AS number is 0 (RFC 7607), or the
            lengths of the parameters do not match.
    """
    if len(body) < 10:
        raise WireError(len(body), expected="10 octets of OPEN", found=str(len(body)))
    if body[0] != _VERSION:
        raise WireError(0, expected=f"version {_VERSION}", found=str(body[0]))
    my_as, hold_time = struct.unpack_from(">HH", body, 1)
    # RFC 9072 section 2: two octets 255, then all lengths in two octets.
    wide = len(body) > 10 and body[9] != 0 and body[10] == _EXTENDED_PARAMETERS
    start = 13 if wide else 10
    length = int.from_bytes(body[11:13]) if wide else body[9]
    if start + length != len(body):
        expected = f"{max(0, len(body) - start)} octets of parameters"
        raise WireError(11 if wide else 9, expected=expected, found=str(length))
    capabilities: list[Capability] = []
    parameters: list[tuple[int, bytes]] = []
    at, head = start, 3 if wide else 2
    while at < len(body):
        value = at + head
        end = value + int.from_bytes(body[at + 1 : value])
        if value > len(body) or end > len(body):
            raise WireError(at, expected="a parameter that ends inside the OPEN", found="the end")
        if body[at] == _EXTENDED_PARAMETERS:  # reserved for the first octet, RFC 9072 section 2
            raise WireError(at, expected="a parameter of another type", found=str(body[at]))
        if body[at] == _CAPABILITIES:
            capabilities += decode_capabilities(body[value:end], value)
        else:
            parameters.append((body[at], body[value:end]))
        at = end
    identifier = IPv4Address(body[5:9])
    message = Open(my_as, hold_time, identifier, tuple(capabilities), tuple(parameters))
    if message.asn == 0:  # RFC 7607 section 2
        raise WireError(1, expected="an AS number other than 0", found="0")
    return message


def encode_open(message: Open) -> bytes:
    """Encode the body of an OPEN, with each capability in its own parameter."""
    parameters = [
        *message.parameters,
        *((_CAPABILITIES, encode_capability(each)) for each in message.capabilities),
    ]
    wide = sum(2 + len(value) for _, value in parameters) > 254 or any(
        len(value) > 255 for _, value in parameters
    )
    width = 2 if wide else 1
    octets = b"".join(
        bytes((kind,)) + len(value).to_bytes(width) + value for kind, value in parameters
    )
    head = struct.pack(">BHH", _VERSION, message.my_as, message.hold_time) + message.bgp_id.packed
    if wide:
        return head + struct.pack(">BBH", 255, _EXTENDED_PARAMETERS, len(octets)) + octets
    return head + bytes((len(octets),)) + octets


def negotiated_form(sender: Open, receiver: Open) -> Form:
    """Return the encoding of the sender's UPDATEs that two OPENs negotiate.

    AS numbers have four octets if both sides offer that (RFC 6793 section 4.1). Prefixes have path
    identifiers in the families that one side sends and the other receives (RFC 7911 section 5).
    """
    as4 = all(
        any(isinstance(each, FourOctetAs) for each in side.capabilities)
        for side in (sender, receiver)
    )
    return Form(
        as4=as4,
        add_path=add_path_families(sender.capabilities, Direction.SEND)
        & add_path_families(receiver.capabilities, Direction.RECEIVE),
    )


def longest_message(sender: Open, receiver: Open) -> int:
    """Return the maximum length of messages other than OPEN and KEEPALIVE (RFC 8654)."""
    extended = all(
        any(isinstance(each, ExtendedMessage) for each in side.capabilities)
        for side in (sender, receiver)
    )
    return MAX_EXTENDED_MESSAGE if extended else MAX_MESSAGE


# -- NOTIFICATION, KEEPALIVE and ROUTE-REFRESH


def decode_notification(body: bytes) -> Notification:
    """Decode the body of a NOTIFICATION.

    Raises:
        WireError: the body ends before the subcode.
    """
    if len(body) < 2:
        raise WireError(len(body), expected="a code and a subcode", found="the end")
    return Notification(body[0], body[1], body[2:])


def decode_keepalive(body: bytes) -> Keepalive:
    """Decode the body of a KEEPALIVE, which is empty.

    Raises:
        WireError: the body is not empty.
    """
    if body:
        raise WireError(0, expected="the end", found=f"{len(body)} octets")
    return Keepalive()


def decode_route_refresh(body: bytes) -> RouteRefresh:
    """Decode the body of a ROUTE-REFRESH.

    Raises:
        WireError: the body ends before the SAFI.
    """
    if len(body) < 4:
        raise WireError(len(body), expected="AFI, subtype and SAFI", found="the end")
    afi, subtype, safi = struct.unpack_from(">HBB", body)
    return RouteRefresh(afi, safi, subtype, body[4:])
