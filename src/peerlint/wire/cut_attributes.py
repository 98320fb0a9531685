"""Read lists of path attributes that the writer of a dump cut off."""

from __future__ import annotations

from typing import Final

import attrs

from peerlint.errors import WireError
from peerlint.wire.attribute_bounds import Bounds, attribute_at, end_of_attributes
from peerlint.wire.attribute_types import AttributeType, Form
from peerlint.wire.attributes import Attributes, read_attributes
from peerlint.wire.damage import Lost
from peerlint.wire.reach import (
    BrokenPrefixesError,
    MpReach,
    MpUnreach,
    decode_mp_reach,
    decode_mp_unreach,
)

_MP_NLRI: Final = (AttributeType.MP_REACH_NLRI, AttributeType.MP_UNREACH_NLRI)


@attrs.frozen
class CutAttributes:
    """The readable part of a list of attributes that was cut off.

    Attributes:
        attributes: the attributes with prefixes that can be read: MP_UNREACH_NLRI, and
            MP_REACH_NLRI if the cut is inside it and no attribute was to follow. Other attributes
            are omitted, because the routes' attributes are incomplete.
        unread: the offset of the part that is cut off.
        lost: the other ranges that cannot be read.
    """

    attributes: Attributes
    unread: int
    lost: tuple[Lost, ...] = ()


def read_cut_attributes(octets: bytes, form: Form, size: int | None = None) -> CutAttributes:
    """Read a list of attributes that its writer cut off.

    Args:
        octets: the octets that are left.
        form: the encoding of the attributes.
        size: the length of the whole list; None if the cut is known to be in its last attribute.
    """
    at, kind, value_at, end = _cut_attribute(octets)
    attributes, lost = read_attributes(octets[:at], form)
    reach, unreach, unread = None, attributes.mp_unreach, at
    if kind in _MP_NLRI and not _has(attributes, kind):
        part, broken = _readable(kind, octets[value_at:], form)
        if isinstance(part, MpUnreach):
            unreach = part
        elif isinstance(part, MpReach) and size in (None, end):
            reach = part
        if part in (reach, unreach) and part is not None:
            unread = len(octets)
            if broken is not None and broken.is_cut:
                unread = value_at + broken.at
            elif broken is not None:
                lost += (broken.moved(value_at),)
    if reach is not None:
        kept = attrs.evolve(attributes, mp_reach=reach)
    else:
        kept = Attributes(mp_unreach=unreach)
    return CutAttributes(kept, unread, lost)


def _cut_attribute(octets: bytes) -> Bounds:
    """Find the attribute that is cut off.

    Returns:
        Its bounds, whose end is beyond the list. If its value is cut off completely, or nothing of
        it is left, only the start is valid, and the type is -1.
    """
    size = len(octets)
    at = end_of_attributes(octets, 0, size)
    return attribute_at(octets, at, size) or (at, -1, size, -1)


def _has(attributes: Attributes, kind: int) -> bool:
    """Return whether the attributes have an MP_REACH_NLRI or MP_UNREACH_NLRI, readable or not."""
    read = attributes.mp_reach if kind == AttributeType.MP_REACH_NLRI else attributes.mp_unreach
    return read is not None or any(raw.type == kind for raw in attributes.others)


def _readable(
    kind: int, value: bytes, form: Form
) -> tuple[MpReach | MpUnreach | None, Lost | None]:
    """Return the readable part of MP_REACH_NLRI or MP_UNREACH_NLRI, and the range that is lost."""
    decode = decode_mp_reach if kind == AttributeType.MP_REACH_NLRI else decode_mp_unreach
    try:
        return decode(value, form), None
    except BrokenPrefixesError as error:
        return error.readable, error.lost
    except WireError:  # before its prefixes, or of an address family that is not supported
        return None, None
