"""Fields of a VRP as relying-party software writes them, in JSON and in CSV."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from typing import Final

from peerlint.errors import InputError
from peerlint.model import Asn

#: What stands for a value that is absent; Routinator writes "N/A" for local exceptions.
ABSENT: Final = frozenset({None, "", "N/A"})
#: A VRP without an expiry time.
NEVER: Final = -1
#: A field that has no valid value. `NEVER` is another.
INVALID: Final = -2
#: The end of the year 9999: later times are in another unit.
_LAST_SECOND: Final = 253_402_300_799
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
    if value is None or value in ABSENT:
        return NEVER
    is_digits = isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 3
    return max_length_of(int(value)) if is_digits and isinstance(value, str) else INVALID


def seconds_of(value: object) -> int:
    """Return a time in seconds since 1970, given as a number, as digits, or in ISO 8601.

    Returns:
        `NEVER` if it is absent; `INVALID` if it is none. A time without a zone is in UTC.
    """
    if type(value) is int or type(value) is float:
        return int(value) if 0 <= value <= _LAST_SECOND else INVALID
    if value is None:
        return NEVER
    return _seconds_of_text(value) if isinstance(value, str) else INVALID


@lru_cache(1 << 12)
def _seconds_of_text(text: str) -> int:
    if text in ABSENT:
        return NEVER
    if text.isascii() and text.isdigit():
        return seconds_of(int(text)) if len(text) <= 12 else INVALID
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        return INVALID
    try:
        seconds = int((time if time.tzinfo else time.replace(tzinfo=UTC)).timestamp())
    except (OverflowError, ValueError):
        return INVALID
    return seconds if seconds >= 0 else INVALID
