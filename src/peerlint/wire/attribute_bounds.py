"""Find the attributes in a list by their lengths, without decoding them (RFC 4271 section 4.3)."""

from __future__ import annotations

from collections.abc import Iterator

from peerlint.wire.attribute_types import EXTENDED_LENGTH

#: The position of an attribute in a list: the offset of its start, its type code, the offset of its
#: value, and the offset of its end by its length.
Bounds = tuple[int, int, int, int]


def attribute_at(octets: bytes, at: int, end: int) -> Bounds | None:
    """Return the bounds of the attribute at an offset, whose value may overrun the list.

    Args:
        octets: a buffer with the list.
        at: the offset of the attribute.
        end: the offset of the end of the list.

    Returns:
        None if the list ends before the attribute's value.
    """
    if at + 3 > end:
        return None
    value = at + (4 if octets[at] & EXTENDED_LENGTH else 3)
    if value > end:
        return None
    return at, octets[at + 1], value, value + int.from_bytes(octets[at + 2 : value])


def whole_attributes(octets: bytes) -> Iterator[Bounds]:
    """Yield the bounds of the attributes in a list, up to one that overruns its end."""
    at, end = 0, len(octets)
    while (bounds := attribute_at(octets, at, end)) is not None and bounds[3] <= end:
        yield bounds
        at = bounds[3]


def end_of_attributes(octets: bytes, start: int, end: int) -> int:
    """Return the offset after the last attribute that does not overrun a list.

    Args:
        octets: a buffer with the list.
        start: the offset of the list.
        end: the offset of the end of the list; the result is equal if no attribute overruns it.
    """
    at = start
    while at + 3 <= end:
        value = at + (4 if octets[at] & EXTENDED_LENGTH else 3)
        after = value + int.from_bytes(octets[at + 2 : value])
        if value > end or after > end:
            break
        at = after
    return at
