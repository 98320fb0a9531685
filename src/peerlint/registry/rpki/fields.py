"""Fields of a VRP as relying-party software writes them, in JSON and in CSV."""

from __future__ import annotations

from typing import Final

from peerlint.errors import InputError
from peerlint.model import Asn
from peerlint.registry.columns import NO_TIME
from peerlint.registry.seconds import ABSENT, INVALID

#: A field that is absent: no expiry time, or the prefix's own length.
NEVER: Final = NO_TIME
_WIDEST: Final = 0xFFFFFFFF


def asn_of(value: object) -> int:
    """Return an AS number, given as a number or as text such as "AS65001" or "65001".

    Returns:
        `INVALID` if it is none.
    """
    if type(value) is int:
        return value if 0 <= value <= _WIDEST else INVALID
    return _asn_of_text(value) if isinstance(value, str) else INVALID


def _asn_of_text(text: str) -> int:
    digits = text.removeprefix("AS")
    # Almost all are of this form; `Asn` takes asdot (RFC 5396) and small letters too.
    if digits.isascii() and digits.isdigit() and len(digits) <= 10:
        return asn_of(int(digits))
    try:
        return int(Asn.parse(text))
    except InputError:
        return INVALID


def max_length_of(value: object) -> int:
    """Return a maximum length, given as a number or as digits.

    Returns:
        `NEVER` if it is absent, which means the prefix's own length (RFC 9582 section 4.3.2.2);
        `INVALID` if it is none.
    """
    if type(value) is int:
        return value if 0 <= value <= 128 else INVALID
    if value in ABSENT:
        return NEVER
    is_digits = isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 3
    return max_length_of(int(value)) if is_digits and isinstance(value, str) else INVALID
