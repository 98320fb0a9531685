"""What holds for every value, whatever octets it came from."""

from __future__ import annotations

from typing import Final

import attrs

from peerlint.errors import WireError
from peerlint.wire.attributes import Attributes, Form, decode_attributes, encode_attributes
from peerlint.wire.nlri import ALL_FAMILIES

_FAMILIES: Final = sorted(ALL_FAMILIES)
#: Bits of the octet that says how the others are to be read.
_AS4: Final = 0x01
_IN_RIB: Final = 0x02
_ADD_PATH: Final = 0x04  # of the first family; the others follow


def agree(what: str, expected: object, actual: object) -> None:
    """Refuse two things that differ.

    Raises:
        AssertionError: they differ.
    """
    if expected != actual:
        raise AssertionError(f"{what}: expected {expected!r}, found {actual!r}")


def inside(error: WireError, octets: bytes) -> None:
    """Refuse an error that points outside the octets that it speaks of.

    Raises:
        AssertionError: it does.
    """
    if not 0 <= error.offset <= len(octets):
        raise AssertionError(f"an offset of {error.offset} in {len(octets)} octets: {error}")


def form_of(octet: int) -> Form:
    """Return the form that the bits of an octet name: as4, in_rib, add-path for each family."""
    return Form(
        as4=bool(octet & _AS4),
        in_rib=bool(octet & _IN_RIB),
        add_path=frozenset(
            family for place, family in enumerate(_FAMILIES) if octet & _ADD_PATH << place
        ),
    )


def octet_of(form: Form) -> int:
    """Return the octet that names a form, see `form_of`."""
    families = (_ADD_PATH << _FAMILIES.index(family) for family in form.add_path)
    return form.as4 * _AS4 | form.in_rib * _IN_RIB | sum(families)


def in_order(attributes: Attributes) -> Attributes:
    """Return attributes with those kept raw in the order in which the encoder writes them."""
    return attrs.evolve(
        attributes, others=tuple(sorted(attributes.others, key=lambda raw: raw.type))
    )


def attributes_hold(attributes: Attributes, form: Form) -> None:
    """Ask attributes everything that can be asked, and read back what is written of them.

    Raises:
        AssertionError: they are not read back as they were. Attributes with faults need not be:
            an attribute that is repeated or cut is not written again.
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
