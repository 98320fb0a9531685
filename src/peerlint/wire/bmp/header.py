"""Decode and encode the common header of a BMP message (RFC 7854 section 4.1)."""

from __future__ import annotations

import struct
from enum import IntEnum
from typing import Final

import attrs

from peerlint.errors import WireError

#: Version, length and type.
HEADER_OCTETS: Final = 6
#: The version that is decoded.
VERSION: Final = 3
#: A version whose common header is the same, so that its messages can be skipped by their length
#: (draft-ietf-grow-bmp-tlv). Versions 1 and 2 have no length.
SKIPPED_VERSION: Final = 4
#: The longest message that is read, 1 MiB. RFC 7854 sets no limit. A Peer Up with two extended
#: OPENs has about 128 KiB, a Route Monitoring with an extended UPDATE half of that.
MAX_MESSAGE: Final = 1 << 20


class MessageType(IntEnum):
    """Message types (RFC 7854 section 4.1)."""

    ROUTE_MONITORING = 0
    STATISTICS_REPORT = 1
    PEER_DOWN = 2
    PEER_UP = 3
    INITIATION = 4
    TERMINATION = 5
    ROUTE_MIRRORING = 6


#: Message types by number.
MESSAGE_TYPES: Final = {int(kind): kind for kind in MessageType}


@attrs.frozen
class Header:
    """The common header of a message.

    Attributes:
        version: 3, or 4 for a message that is skipped.
        length: octets of the whole message, this header included.
        type: the type code, see `MessageType`; unknown codes are kept.
    """

    version: int
    length: int
    type: int


def decode_header(octets: bytes, at: int = 0, *, max_message: int = MAX_MESSAGE) -> Header:
    """Decode the common header at offset `at`.

    The type is not checked: a message of an unknown type has a valid length.

    Args:
        octets: the buffer.
        at: the offset of the header.
        max_message: the maximum length of a message.

    Raises:
        WireError: the buffer ends inside the header, the version is neither 3 nor 4, or the length
            is less than that of the header or more than `max_message`.
    """
    if at + HEADER_OCTETS > len(octets):
        found = f"{len(octets) - at}"
        raise WireError(at, expected=f"{HEADER_OCTETS} octets of BMP header", found=found)
    version, length, kind = struct.unpack_from(">BIB", octets, at)
    if version not in (VERSION, SKIPPED_VERSION):
        raise WireError(at, expected=f"BMP version {VERSION}", found=f"{version}")
    if not HEADER_OCTETS <= length <= max_message:
        expected = f"a BMP message of {HEADER_OCTETS} to {max_message:,} octets"
        raise WireError(at + 1, expected=expected, found=f"{length:,}")
    return Header(version, length, kind)


def encode_message(kind: MessageType, body: bytes) -> bytes:
    """Encode a message: put the common header before its body."""
    return struct.pack(">BIB", VERSION, HEADER_OCTETS + len(body), kind) + body
