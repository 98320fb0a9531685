"""UPDATEs with malformed attributes that announce no prefix (RFC 7606 section 5.2)."""

from __future__ import annotations

from typing import Final

from peerlint.errors import WireError
from peerlint.wire.attribute_bounds import whole_attributes
from peerlint.wire.attribute_types import ATTRIBUTE_LIST, AttributeType, Fault, Treatment
from peerlint.wire.attribute_values import Attributes
from peerlint.wire.damage import Lost
from peerlint.wire.raw_types import NAMES
from peerlint.wire.reach import is_foreign

_TYPES: Final = {name: kind for kind, name in NAMES.items()}
#: The type that `find_malformed` returns for the rest of a list that overruns its end.
NO_TYPE: Final = -1


def lost_without_nlri(octets: bytes, attributes: Attributes, start: int) -> Lost | None:
    """Return the damage for which a receiver resets the session of an UPDATE without NLRI.

    Treat-as-withdraw needs prefixes. A receiver of an UPDATE that announces none cannot be
    confident that it found them all: the malformed attribute may be an MP_REACH_NLRI with a
    wrong type octet. So the damage may hide prefixes although the attribute's end is known;
    prefixes that were read remain withdrawn.

    Args:
        octets: the list of attributes.
        attributes: the attributes read from it.
        start: the offset of the list in the message; it is added to offsets.

    Returns:
        None if no attribute is malformed, or if the UPDATE may announce prefixes of an address
        family that is not read.
    """
    malformed = find_malformed(octets, attributes)
    if malformed is None:
        return None
    at, end, kind = malformed
    if kind == NO_TYPE:
        expected, found = "whole attributes to the end of the list", f"{end - at} octets left"
    else:
        expected = "well-formed attributes where no prefix is announced"
        found = f"a malformed {NAMES[kind]}"
    error = WireError(at, expected=expected, found=found)
    return Lost(at, end, error).moved(start)


def find_malformed(octets: bytes, attributes: Attributes) -> tuple[int, int, int] | None:
    """Find the first malformed attribute that requires treat-as-withdraw.

    Args:
        octets: the list of attributes of an UPDATE that announces no prefix peerlint reads.
        attributes: the attributes read from it.

    Returns:
        The offsets of its start and end, and its type code or `NO_TYPE`. None if there is no such
        attribute, or if the UPDATE may announce prefixes of an address family that is not read.
    """
    fault = _first_fault(attributes)
    if fault is None or _may_announce(attributes):
        return None
    kind = NO_TYPE if fault.attribute == ATTRIBUTE_LIST else _TYPES[fault.attribute]
    at = 0
    for start, type_, _, end in whole_attributes(octets):
        if type_ == kind:
            return start, end, kind
        at = end
    return at, len(octets), NO_TYPE


def _first_fault(attributes: Attributes) -> Fault | None:
    for fault in attributes.faults:
        if fault.treatment is Treatment.WITHDRAW:
            return fault
    return None


def _may_announce(attributes: Attributes) -> bool:
    """Return whether an MP_REACH_NLRI has an address family that is not read."""
    return any(
        raw.type == AttributeType.MP_REACH_NLRI and is_foreign(raw.value)
        for raw in attributes.others
    )
