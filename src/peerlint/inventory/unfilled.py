"""Find the placeholders of a new inventory that still have to be replaced."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

import attrs

from peerlint.iana import AsnClass, asn_class
from peerlint.inventory.names import TOP, Place
from peerlint.inventory.peering import Inventory
from peerlint.inventory.toml import KEYS
from peerlint.model import Asn

_PLACEHOLDER: Final = re.compile(r"<[^<>]+>")
_DOCUMENTATION: Final = "documentation"


def unfilled(inventory: Inventory) -> Iterator[str]:
    """Yield a description of each placeholder: its table, its key and its value.

    Placeholders are strings in angle brackets, and AS numbers for documentation (RFC 5398) in a
    key `asn`, unless `[lab]` allows them.
    """
    return _unfilled(inventory, TOP, may_be_documentation=_DOCUMENTATION in inventory.lab.allow)


def _unfilled(value: Any, place: Place, *, may_be_documentation: bool) -> Iterator[str]:  # noqa: ANN401  # any class of the inventory
    for field in attrs.fields(type(value)):
        key = KEYS.get(field.name, field.name)
        each = getattr(value, field.name)
        if isinstance(each, str) and _PLACEHOLDER.fullmatch(each):
            yield f"{place}, key {key}: {each}"
        elif key == "asn" and _is_documentation(each) and not may_be_documentation:
            yield f"{place}, key {key}: {each} is only for documentation"
        elif isinstance(each, tuple):
            for index, inner in enumerate(each):
                if attrs.has(type(inner)):
                    declared = {"name": getattr(inner, "name", None)}
                    deeper = place.inner(key, index, declared)
                    yield from _unfilled(inner, deeper, may_be_documentation=may_be_documentation)


def _is_documentation(asn: object) -> bool:
    return isinstance(asn, Asn) and asn_class(asn) is AsnClass.DOCUMENTATION
