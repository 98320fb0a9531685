"""Invariants of every value, for any octets it was decoded from."""

from __future__ import annotations

from typing import Final

import attrs

from peerlint.errors import WireError
from peerlint.wire.attributes import Attributes, Form, decode_attributes, encode_attributes
from peerlint.wire.nlri import ALL_FAMILIES

_FAMILIES: Final = sorted(ALL_FAMILIES)
#: Bits of the octet that encodes the form of the others.
_AS4: Final = 0x01
_IN_RIB: Final = 0x02
_ADD_PATH: Final = 0x04  # of the first family; the others follow


def agree(what: str, expected: object, actual: object) -> None:
    """Check that two values are equal.

    Raises:
        AssertionError: they are different; the message starts with `what`.
    """
    if expected != actual:
        raise AssertionError(f"{what}: expected {expected!r}, found {actual!r}")


def inside(error: WireError, octets: bytes) -> None:
    """Check that the offset of an error is inside the octets.

    Raises:
        AssertionError: it is outside.
    """
    if not 0 <= error.offset <= len(octets):
        raise AssertionError(f"an offset of {error.offset} in {len(octets)} octets: {error}")


def form_of(octet: int) -> Form:
    """Return the form that the bits of an octet encode: as4, in_rib, add-path by family."""
    return Form(
        as4=bool(octet & _AS4),
        in_rib=bool(octet & _IN_RIB),
        add_path=frozenset(
            family for place, family in enumerate(_FAMILIES) if octet & _ADD_PATH << place
        ),
    )


def octet_of(form: Form) -> int:
    """Return the octet that encodes a form, see `form_of`."""
    families = (_ADD_PATH << _FAMILIES.index(family) for family in form.add_path)
    return form.as4 * _AS4 | form.in_rib * _IN_RIB | sum(families)


def in_order(attributes: Attributes) -> Attributes:
    """Return attributes with undecoded ones in the order in which the encoder writes them."""
    return attrs.evolve(
        attributes, others=tuple(sorted(attributes.others, key=lambda raw: raw.type))
    )


def attributes_hold(attributes: Attributes, form: Form) -> None:
    """Compute all properties of attributes, and check that they survive encoding and decoding.

    Raises:
        AssertionError: they do not survive. Attributes with faults need not, because a repeated or
            cut attribute is not encoded.
    """
    again = encode_attributes(attributes, form)
    if not attributes.faults:
        agree("attributes read back", in_order(attributes), decode_attributes(again, form))
    merged, sent = attributes.path, attributes.as_path
    if sent is not None:
        agree("ASes of a path merged with AS4_PATH", sent.length, merged.length)
    str(merged), list(map(str, attributes.faults))  # they may raise
    malformed = set(attributes.malformed) <= {fault.attribute for fault in attributes.faults}
    agree("malformed attributes have faults", expected=True, actual=malformed)
