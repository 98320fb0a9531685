"""Lists of path attributes, in all forms."""

from __future__ import annotations

from typing import Final

from fuzz.harnesses._laws import agree, attributes_hold, form_of, inside
from peerlint.errors import WireError
from peerlint.wire.attribute_types import EXTENDED_LENGTH
from peerlint.wire.attributes import (
    ATTRIBUTE_LIST,
    Attributes,
    RawAttribute,
    decode_attributes,
)
from peerlint.wire.values import CODECS

_NOTHING: Final = Attributes()


def check_attributes(octets: bytes) -> None:
    """Split, decode and encode the list after the first octet, which encodes the form.

    Raises:
        AssertionError: an attribute is missing or was not in the list, or attributes do not survive
            encoding and decoding.
    """
    form, listed = form_of(int.from_bytes(octets[:1])), octets[1:]
    try:
        attributes = decode_attributes(listed, form)
    except WireError as error:
        inside(error, listed)
        return
    _nothing_missed(attributes, listed)
    attributes_hold(attributes, form)


def _nothing_missed(attributes: Attributes, listed: bytes) -> None:
    """Compare the decoded attributes with those of splitting the list by its lengths alone."""
    cut, end = _cut(listed)
    first = {raw.type: raw for raw in reversed(cut)}
    overruns = any(fault.attribute == ATTRIBUTE_LIST for fault in attributes.faults)
    agree("a list that ends inside an attribute", end < len(listed), overruns)
    again = sum(fault.found == "another" for fault in attributes.faults)
    agree("attributes repeated", len(cut) - len(first), again)
    for kind, raw in first.items():
        read = kind in CODECS and _is_set(attributes, CODECS[kind].name)
        agree(
            f"attribute {kind} is read or kept",
            expected=True,
            actual=read or raw in attributes.others,
        )
    agree("attributes made up", [], [raw for raw in attributes.others if raw != first[raw.type]])


def _cut(listed: bytes) -> tuple[list[RawAttribute], int]:
    """Return the attributes, and the offset after the last whole one (RFC 4271 section 4.3)."""
    found: list[RawAttribute] = []
    at = 0
    while at < len(listed):
        start = at + (4 if listed[at] & EXTENDED_LENGTH else 3)
        end = start + int.from_bytes(listed[at + 2 : start])
        if start > len(listed) or end > len(listed):
            break
        found.append(RawAttribute(listed[at] & ~EXTENDED_LENGTH, listed[at + 1], listed[start:end]))
        at = end
    return found, at


def _is_set(attributes: Attributes, name: str) -> bool:
    return bool(getattr(attributes, name) != getattr(_NOTHING, name))
