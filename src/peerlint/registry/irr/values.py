"""Values of RPSL attributes: AS numbers, prefixes, times, names.

These functions define what the reader accepts. `fields` reads the usual forms of the same values,
many at a time.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from typing import Final

from peerlint.model.prefix import BITS

#: A time that is not known, in seconds since 1970.
UNKNOWN: Final = -1
_ASN: Final = re.compile(rb"AS(?:([0-9]{1,10})|([0-9]{1,5})\.([0-9]{1,5}))", re.IGNORECASE)
_LARGEST_ASN: Final = 0xFFFFFFFF
_LENGTH: Final = re.compile(rb"0|[1-9][0-9]{0,2}")
#: RFC 2622 section 2: letters, digits, "_" and "-", the first a letter.
_SOURCE: Final = re.compile(rb"[A-Za-z][A-Za-z0-9_-]{0,63}")
#: RFC 2622 section 5.1: names that start with "AS-", and AS numbers, joined by colons; at least one
#: is a name.
_AS_SET: Final = re.compile(
    rb"(?:AS[0-9]{1,10}:)*AS-[A-Z0-9_-]{1,80}(?::AS(?:-[A-Z0-9_-]{1,80}|[0-9]{1,10}))*",
    re.IGNORECASE,
)
_TIME: Final = re.compile(rb"([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})Z")
_CHANGED: Final = re.compile(rb"(?:.*[ \t])?([0-9]{4})([0-9]{2})([0-9]{2})", re.DOTALL)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def as_number(value: bytes) -> int | None:
    """Return an AS number in asplain or asdot after "AS" (RFC 5396); None if it is none."""
    match = _ASN.fullmatch(value)
    if match is None:
        return None
    if match[1]:
        number = int(match[1])
        return number if number <= _LARGEST_ASN else None
    high, low = int(match[2]), int(match[3])
    return high << 16 | low if high <= 0xFFFF and low <= 0xFFFF else None


def prefix(value: bytes, family: int) -> tuple[int, int] | None:
    """Return a prefix's address, as an integer of the family's bits, and its length in bits.

    RFC 2622 section 2 allows no other form of an address than that with all four numbers.

    Args:
        value: such as `203.0.113.0/24`; bits may be set right of the length.
        family: 4 or 6.

    Returns:
        None if the value is no prefix of the family.
    """
    address_text, slash, length_text = value.partition(b"/")
    if not slash or not _LENGTH.fullmatch(length_text) or b"%" in address_text:
        return None
    length = int(length_text)
    if length > BITS[family]:
        return None
    try:
        text = address_text.decode("ascii")
        address = int(IPv4Address(text) if family == 4 else IPv6Address(text))
    except (AddressValueError, UnicodeDecodeError):
        return None
    return address, length


def timestamp(value: bytes) -> int:
    """Return the time of `last-modified`, such as `2026-11-24T10:00:00Z`; -1 if it is none."""
    match = _TIME.fullmatch(value)
    return UNKNOWN if match is None else _seconds(map(int, match.groups()))


def changed(value: bytes) -> int:
    """Return the start of the day at the end of a `changed` attribute; -1 if there is none.

    The value is an address and a date, such as `noc@contoso.example 20261124` (RFC 2622 section
    3.1).
    """
    match = _CHANGED.fullmatch(value)
    return UNKNOWN if match is None else _seconds(map(int, match.groups()))


def source(value: bytes) -> str | None:
    """Return the name of a registry in capitals; None if the value is no name."""
    return value.decode().upper() if _SOURCE.fullmatch(value) else None


def as_set_name(value: bytes) -> str | None:
    """Return the name of an as-set in capitals; None if the value is no name."""
    return value.decode().upper() if _AS_SET.fullmatch(value) else None


def _seconds(parts: Iterable[int]) -> int:
    """Return seconds since 1970; -1 for a day or an hour that does not exist, or is before it.

    Args:
        parts: year, month and day; then hour, minute and second, or nothing for the day's start.
    """
    year, month, day, hour, minute, second = (*parts, 0, 0, 0)[:6]
    try:
        time = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        return UNKNOWN
    return max(UNKNOWN, int((time - _EPOCH).total_seconds()))
