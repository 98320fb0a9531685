"""OPENs with their capabilities, and messages of every other type."""

from __future__ import annotations

from typing import Final

import attrs

from fuzz.harnesses._laws import agree, form_of, in_order, inside
from peerlint.errors import WireError
from peerlint.wire.attributes import Form
from peerlint.wire.bgp import (
    Message,
    MessageType,
    Open,
    Update,
    decode_body,
    decode_message,
    encode,
    longest_message,
    negotiated_form,
)
from peerlint.wire.capabilities import Capability, decode_capabilities, encode_capability

#: The first octet determines the others: for 1 to 5 they are a body of this message type, for 6
#: capabilities, from 7 on a whole message whose form the octet encodes.
CAPABILITIES: Final = 6
MESSAGE: Final = 7
_TYPES: Final = {int(kind): kind for kind in MessageType}


def check_open(octets: bytes) -> None:
    """Decode and encode the octets after the first one, which determines what they are.

    Raises:
        AssertionError: a message or capability does not survive encoding and decoding.
    """
    what, rest = int.from_bytes(octets[:1]), octets[1:]
    form = form_of(what)
    try:
        found = _decode(what, rest, form)
    except WireError as error:
        inside(error, rest)
        return
    if isinstance(found, tuple):
        written = b"".join(map(encode_capability, found))
        agree("capabilities read back", found, decode_capabilities(written))
    else:
        _message_holds(found, form)


def _decode(what: int, rest: bytes, form: Form) -> Message | tuple[Capability, ...]:
    if what == CAPABILITIES:
        return decode_capabilities(rest)
    kind, body = (_TYPES[what], rest) if what in _TYPES else decode_message(rest)
    return decode_body(kind, body, form)


def _message_holds(message: Message, form: Form) -> None:
    if isinstance(message, Open):
        agree("an AS number in its range", expected=True, actual=0 <= message.asn <= 0xFFFFFFFF)
        negotiated_form(message, message)
        longest_message(message, message)
    if isinstance(message, Update):
        if message.attributes.faults:  # a repeated or cut attribute is not encoded
            return
        message = attrs.evolve(message, attributes=in_order(message.attributes))
    kind, body = decode_message(encode(message, form))
    agree("a message read back", message, decode_body(kind, body, form))
