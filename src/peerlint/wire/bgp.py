"""BGP messages (RFC 4271): the common header and UPDATE."""

from __future__ import annotations

import struct
from enum import IntEnum
from typing import Final

import attrs

from peerlint.errors import WireError
from peerlint.wire.attributes import Attributes, Form, decode_attributes, encode_attributes
from peerlint.wire.nlri import Nlri, decode_nlri, encode_nlri

MARKER: Final = b"\xff" * 16
#: Marker, length and type.
HEADER_OCTETS: Final = 19


class MessageType(IntEnum):
    """Message types (RFC 4271 section 4.1, RFC 2918)."""

    OPEN = 1
    UPDATE = 2
    NOTIFICATION = 3
    KEEPALIVE = 4
    ROUTE_REFRESH = 5


@attrs.frozen
class Update:
    """An UPDATE (RFC 4271 section 4.3).

    Attributes:
        withdrawn: IPv4 unicast prefixes withdrawn in the message's own field.
        attributes: they may announce and withdraw more, see `MpReach` and `MpUnreach`.
        nlri: IPv4 unicast prefixes announced in the message's own field.
    """

    withdrawn: tuple[Nlri, ...] = ()
    attributes: Attributes = Attributes()
    nlri: tuple[Nlri, ...] = ()


def decode_message(octets: bytes) -> tuple[MessageType, bytes]:
    """Cut one message into its type and body.

    Raises:
        WireError: no marker, a length that is not the buffer's, or an unknown type.
    """
    if len(octets) < HEADER_OCTETS or octets[:16] != MARKER:
        raise WireError(0, expected="a BGP marker of 16 octets 0xff", found=octets[:16].hex())
    length = int.from_bytes(octets[16:18])
    if length != len(octets):
        raise WireError(16, expected=f"a message of {len(octets)} octets", found=str(length))
    try:
        return MessageType(octets[18]), octets[HEADER_OCTETS:]
    except ValueError:
        raise WireError(18, expected="a message type from 1 to 5", found=str(octets[18])) from None


def encode_message(kind: MessageType, body: bytes) -> bytes:
    """Return a message with its header."""
    return MARKER + struct.pack(">HB", HEADER_OCTETS + len(body), kind) + body


def decode_update(body: bytes, form: Form) -> Update:
    """Read the body of an UPDATE.

    Raises:
        WireError: its lengths do not fit together, or prefixes cannot be read.
    """
    withdrawn_end = 2 + _length_at(body, 0)
    attributes_start = withdrawn_end + 2
    attributes_end = attributes_start + _length_at(body, withdrawn_end)
    withdrawn = decode_nlri(body[2:withdrawn_end], 4, add_path=form.add_path, base=2)
    nlri = decode_nlri(body[attributes_end:], 4, add_path=form.add_path, base=attributes_end)
    try:
        attributes = decode_attributes(body[attributes_start:attributes_end], form)
    except WireError as error:
        at = attributes_start + error.offset
        raise WireError(at, expected=error.expected, found=error.found) from None
    return Update(withdrawn, attributes, nlri)


def encode_update(update: Update, form: Form) -> bytes:
    """Return the body of an UPDATE."""
    withdrawn = encode_nlri(update.withdrawn)
    attributes = encode_attributes(update.attributes, form)
    return b"".join(
        (
            len(withdrawn).to_bytes(2),
            withdrawn,
            len(attributes).to_bytes(2),
            attributes,
            encode_nlri(update.nlri),
        )
    )


def _length_at(body: bytes, at: int) -> int:
    length = int.from_bytes(body[at : at + 2])
    if at + 2 + length > len(body) or at + 2 > len(body):
        raise WireError(at, expected="a length that ends inside the message", found=str(length))
    return length
