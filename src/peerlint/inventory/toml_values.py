"""Convert single TOML values of the inventory file.

The functions have the signature of cattrs hooks: they take the TOML value and the target type. All
raise `ExpectedError`, which describes valid values.
"""

from __future__ import annotations

import re
from datetime import date, datetime
from enum import StrEnum
from ipaddress import ip_address
from typing import Final, cast

from peerlint.errors import InputError
from peerlint.iana import ALLOWABLE
from peerlint.inventory.keys import Key
from peerlint.inventory.peering import PROFILES, IPAddress
from peerlint.model import Asn, MaxAge, QuietTime
from peerlint.model.times import utc
from peerlint.wording import Words, closest

_BANDWIDTH: Final = re.compile(r"([1-9][0-9]*)([MGT])", re.IGNORECASE)
_MBITS: Final = {"M": 1, "G": 1_000, "T": 1_000_000}


class ExpectedError(ValueError):
    """A value that its key does not allow.

    Attributes:
        expected: a description of valid values.
        found: the value.
        close: the valid value that is most similar; None if none is.
    """

    def __init__(self, expected: str, found: object, close: str | None = None) -> None:
        """Keep the parts of the error."""
        super().__init__(expected, found, close)
        self.expected = expected
        self.found = found
        self.close = close


def read_text(value: object, _: object) -> str:
    """Read a string that is not empty."""
    if not isinstance(value, str) or not value:
        raise ExpectedError("a string that is not empty", value)
    return value


def read_boolean(value: object, _: object) -> bool:
    """Read true or false."""
    if not isinstance(value, bool):
        raise ExpectedError("true or false", value)
    return value


def read_number(value: object, _: object) -> int:
    """Read an integer that is not negative."""
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ExpectedError("an integer that is not negative", value)
    return value


def read_percent(value: object, _: object) -> float:
    """Read a percentage from 0 to 100."""
    if isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value <= 100:
        return value
    raise ExpectedError("a percentage from 0 to 100, such as 39.9", value)


def read_key(value: object, _: object) -> Key:
    """Read the key of a registration."""
    # The error does not contain the value: it may be a mistyped key.
    if not isinstance(value, str) or not value:
        kind = "an empty string" if value == "" else "a value that is not a string"
        raise ExpectedError("a key, in quotes", Words(kind))
    return Key(value)


def read_asn(value: object, _: object) -> Asn:
    """Read an AS number, as an integer or as text."""
    expected = 'an AS number such as 64500 or "AS64500"'
    if isinstance(value, bool) or not isinstance(value, (int, str)):
        raise ExpectedError(expected, value)
    try:
        return Asn.parse(value) if isinstance(value, str) else Asn(value)
    except InputError:
        raise ExpectedError(expected, value) from None


def read_address(value: object, _: object) -> IPAddress:
    """Read an IP address."""
    try:
        return ip_address(read_text(value, _))
    except ValueError:
        raise ExpectedError("an IP address", value) from None


def read_mbits(value: object, _: object) -> int:
    """Read a bandwidth; return it in Mbit/s."""
    if isinstance(value, int) and not isinstance(value, bool) and value > 0:
        return value
    match = _BANDWIDTH.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise ExpectedError('a bandwidth such as "100G", or a number of Mbit/s', value)
    return int(match[1]) * _MBITS[match[2].upper()]


def read_date(value: object, _: object) -> date:
    """Read a date."""
    if isinstance(value, datetime) or not isinstance(value, date):
        raise ExpectedError("a date such as 2026-11-01", value)
    return value


def read_time(value: object, _: object) -> datetime:
    """Read a time with its zone; return it in UTC."""
    try:
        if isinstance(value, datetime):
            return utc(value)
    except InputError:
        pass
    raise ExpectedError("a time with its zone, such as 2026-11-21T10:00:00Z", value)


def read_max_age(value: object, _: object) -> MaxAge:
    """Read a maximum age."""
    try:
        return MaxAge.parse(value)
    except InputError as error:
        raise ExpectedError(error.expected, value) from None


def read_quiet_time(value: object, _: object) -> QuietTime:
    """Read a time without changes."""
    try:
        return QuietTime.parse(value)
    except InputError as error:
        raise ExpectedError(error.expected, value) from None


def read_word(value: object, kind: type[StrEnum]) -> StrEnum:
    """Read a member of an enumeration of strings."""
    try:
        return kind(cast("str", value))
    except ValueError:
        expected = " or ".join(f'"{word}"' for word in kind)
        raise ExpectedError(expected, value, closest(value, kind)) from None


def read_profile(value: object, _: object) -> str:
    """Read the name of a profile, or the path of a profile file."""
    if isinstance(value, str) and (value in PROFILES or value.endswith(".toml")):
        return value
    expected = f"{', '.join(PROFILES)}, or the path of a .toml file"
    raise ExpectedError(expected, value, closest(value, PROFILES))


def read_allow(value: object, _: object) -> frozenset[str]:
    """Read a list of kinds of special-purpose space."""
    if isinstance(value, list) and all(isinstance(word, str) for word in value):
        words = frozenset(cast("list[str]", value))
        if words <= ALLOWABLE:
            return words
    names = ", ".join(f'"{word}"' for word in sorted(ALLOWABLE))
    raise ExpectedError(f"a list of some of {names}", value)
