"""Read the BGP messages of a BGP4MP record. RFC 6396 allows one; records may contain several."""

from __future__ import annotations

import attrs

from peerlint.errors import WireError
from peerlint.wire.attribute_types import Form
from peerlint.wire.bgp import (
    HEADER_OCTETS,
    MARKER,
    MESSAGE_TYPES,
    Message,
    MessageType,
    Update,
    decode_body,
    decode_message_head,
    wrong_length,
)
from peerlint.wire.damage import Lost
from peerlint.wire.recorded_update import examine_recorded_update
from peerlint.wire.update import UpdateReading


@attrs.frozen
class MessageReading:
    """One message, as far as it can be read; offsets count from the record's first message.

    Attributes:
        octets: the message with its header, as far as the record contains it.
        message: the decoded message; None if its type is not supported.
        lost: the ranges of octets that cannot be read.
        undeclared_path_ids: whether it has path identifiers although the record's subtype excludes
            them.
    """

    octets: bytes
    message: Message | None
    lost: tuple[Lost, ...] = ()
    undeclared_path_ids: bool = False

    @property
    def is_foreign(self) -> bool:
        """Whether its type, or an address family in it, is not supported."""
        if not isinstance(self.message, Update):
            return self.message is None
        attributes = self.message.attributes
        return bool(attributes.others) and attributes.is_foreign


def read_messages(octets: bytes, form: Form) -> tuple[list[MessageReading], WireError | None]:
    """Read all messages of a record.

    Args:
        octets: the part of the record after the session; empty input is an error.
        form: how the record encodes UPDATEs.

    Returns:
        The messages before the first octet that cannot be read, and the error at that octet.
    """
    found: list[MessageReading] = []
    at = 0
    while not found or at < len(octets):
        # Copy only this message: copying the rest each time would be quadratic.
        length = int.from_bytes(octets[at + len(MARKER) : at + len(MARKER) + 2])
        end = at + (max(length, HEADER_OCTETS))
        part = bytes(octets[at:end])
        try:
            one, length = _read_message(part, form, len(octets) - at, is_first=not found)
        except WireError as error:
            return found, error.moved(at)
        if at and one.lost:
            one = attrs.evolve(one, lost=tuple(each.moved(at) for each in one.lost))
        found.append(one)
        at += length
    return found, None


def _read_message(
    octets: bytes, form: Form, rest: int, *, is_first: bool
) -> tuple[MessageReading, int]:
    """Read one message; return it and its length.

    Args:
        octets: the message, as far as the record contains it.
        form: how the record encodes UPDATEs.
        rest: the number of octets left in the record.
        is_first: whether it is the record's first message.

    Raises:
        WireError: the message cannot be read, or octets that are no message follow another one.
    """
    if not is_first and not octets.startswith(MARKER):
        found = f"{rest} more octets"
        raise WireError(0, expected="the end of the message", found=found)
    number, length = decode_message_head(octets, rest)
    kind = MESSAGE_TYPES.get(number)
    one = octets if length == len(octets) else octets[:length]
    content, missing = one[HEADER_OCTETS:], max(0, length - len(octets))
    if kind is MessageType.UPDATE:
        return _read_update(one, form, missing), length
    if missing:
        raise wrong_length(length, len(octets))
    if kind is None:
        return MessageReading(one, None), length
    try:
        return MessageReading(one, decode_body(kind, content, form)), length
    except WireError as error:
        raise error.moved(HEADER_OCTETS) from None


def _read_update(octets: bytes, form: Form, missing: int) -> MessageReading:
    """Read an UPDATE whose last `missing` octets were cut off; offsets count from the message."""
    content = octets[HEADER_OCTETS:]
    reading = examine_recorded_update(content, form, missing)
    lost: tuple[Lost, ...] = ()
    if reading.lost:
        lost = tuple(each.moved(HEADER_OCTETS) for each in reading.lost)
    if missing:
        lost = tuple(sorted((*lost, _cut(reading, content, missing)), key=lambda each: each.at))
    return MessageReading(octets, reading.update, lost, reading.undeclared_path_ids)


def _cut(reading: UpdateReading, content: bytes, missing: int) -> Lost:
    """Return the damage of a message that its writer cut off; offsets count from the message.

    If the cut is between two prefixes, only the message's length field is lost.
    """
    there = HEADER_OCTETS + len(content)
    error = wrong_length(there + missing, there)
    if reading.unread == len(content):
        return Lost(16, 18, error)
    return Lost(HEADER_OCTETS + reading.unread, there, error)
