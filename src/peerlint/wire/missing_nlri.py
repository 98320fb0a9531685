"""UPDATEs with malformed attributes that announce no prefix (RFC 7606 section 5.2)."""

from __future__ import annotations

from typing import Final

from peerlint.errors import WireError
from peerlint.wire.attribute_types import (
    ATTRIBUTE_LIST,
    EXTENDED_LENGTH,
    AttributeType,
    Fault,
    Treatment,
)
from peerlint.wire.attribute_values import Attributes
from peerlint.wire.damage import Lost
from peerlint.wire.raw_types import NAMES
from peerlint.wire.reach import is_foreign

_TYPES: Final = {name: kind for kind, name in NAMES.items()}
#: Stands for the type of what is left of a list that overruns its end.
NO_TYPE: Final = -1


def lost_without_nlri(octets: bytes, attributes: Attributes, start: int) -> Lost | None:
    """Return for what a receiver resets the session of an UPDATE that announces no prefix.

    Treat-as-withdraw needs prefixes, and a receiver cannot be confident that all of them were
    found: the malformed attribute, too, may be an MP_REACH_NLRI whose type octet is wrong. So it
    may hide prefixes, although its own end is known; those that were read stay withdrawn.

    Args:
        octets: the list of attributes.
        attributes: what was read of it.
        start: of the list, added to offsets.
    """
    found = find_malformed(octets, attributes)
    if found is None:
        return None
    at, end, kind = found
    if kind == NO_TYPE:
        expected, there = "whole attributes to the end of the list", f"{end - at} octets left"
    else:
        expected = "well-formed attributes where no prefix is announced"
        there = f"a malformed {NAMES[kind]}"
    error = WireError(at, expected=expected, found=there)
    return Lost(at, end, error).moved(start)


def find_malformed(octets: bytes, attributes: Attributes) -> tuple[int, int, int] | None:
    """Find the first attribute for which routes are withdrawn, if there is no other damage.

    Args:
        octets: the list of attributes of an UPDATE that announces no prefix that is read here.
        attributes: what was read of it.

    Returns:
        Where it starts and ends, and its type or `NO_TYPE`; None if there is none, or if a
        family that is not read may be announced.
    """
    fault = _first_fault(attributes)
    if fault is None or _may_announce(attributes):
        return None
    kind = NO_TYPE if fault.attribute == ATTRIBUTE_LIST else _TYPES[fault.attribute]
    at, size = 0, len(octets)
    while at + 3 <= size:
        head = 4 if octets[at] & EXTENDED_LENGTH else 3
        end = at + head + int.from_bytes(octets[at + 2 : at + head])
        if end > size:
            break
        if octets[at + 1] == kind:
            return at, end, kind
        at = end
    return at, size, NO_TYPE


def _first_fault(attributes: Attributes) -> Fault | None:
    for fault in attributes.faults:
        if fault.treatment is Treatment.WITHDRAW:
            return fault
    return None


def _may_announce(attributes: Attributes) -> bool:
    """Whether there is an MP_REACH_NLRI of a family that is not read."""
    return any(
        raw.type == AttributeType.MP_REACH_NLRI and is_foreign(raw.value)
        for raw in attributes.others
    )
