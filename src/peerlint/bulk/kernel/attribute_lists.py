"""Attribute lists of rows, decoded by `wire`."""

from __future__ import annotations

from functools import cache

from peerlint.bulk.kernel import contract
from peerlint.wire.attributes import Attributes, Form, read_attributes
from peerlint.wire.cut_attributes import read_cut_attributes


def attributes_of(octets: bytes, code: int) -> Attributes:
    """Return the attributes of a row; `code` is its column `form`."""
    if code & contract.FORM_CUT:
        attributes = read_cut_attributes(octets, form_of(code)).attributes
    else:
        attributes, _ = read_attributes(octets, form_of(code))
    return attributes.with_broken_prefixes() if code & contract.FORM_BROKEN else attributes


@cache
def form_of(code: int) -> Form:
    """Return the form of a row's attributes that its column `form` encodes."""
    in_rib = not code & contract.FORM_UPDATE
    return Form(
        as4=bool(code & contract.FORM_AS4),
        in_rib=in_rib,
        # In a RIB the identifier is in the entry, not in its attributes.
        add_path=bool(code & contract.FORM_ADD_PATH) and not in_rib,
        # External sessions and those of unknown kind have the same code: for both, the same
        # attributes are discarded, and rows hold none of them.
        internal=True if code & contract.FORM_INTERNAL else None,
    )
