"""JSON of feeds: lines from octets, and values of the expected types."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Final, Never, cast

from peerlint.errors import InputError

#: The maximum length of a line: an extended message (RFC 8654) with 16,000 prefixes as text.
MAX_LINE: Final = 1 << 20
#: MRT counts seconds in 32 bits.
_LAST_SECOND: Final = 0xFFFFFFFF
LAST_MICROSECOND: Final = _LAST_SECOND * 1_000_000
_WIDEST: Final = 0xFFFFFFFF
Json = dict[str, object]


def _no_constant(name: str) -> Never:
    raise InputError("JSON", expected="numbers of JSON", found=name)


def _once(pairs: list[tuple[str, object]]) -> Json:
    """Return an object; of two equal keys, Python would keep the last one in silence."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise InputError("JSON", expected="each key once", found=[key for key, _ in pairs])
    return found


#: Made once: `json.loads` makes one for each call that has options.
_DECODER: Final = json.JSONDecoder(object_pairs_hook=_once, parse_constant=_no_constant)


def parse_object(text: str | bytes) -> Json:
    """Parse a JSON object.

    Raises:
        InputError: it is none, or has a key twice.
    """
    try:
        value = _DECODER.decode(text if isinstance(text, str) else str(text, "utf-8"))
    except InputError:
        raise
    except (ValueError, RecursionError) as error:  # ValueError: also octets that are not UTF-8
        raise InputError("JSON", expected="an object on one line", found=str(error)) from None
    return as_object("JSON", value)


def an_object(of: Json, name: str) -> Json:
    """Return an object in an object.

    Raises:
        InputError: it is missing, or something else.
    """
    return as_object(name, of.get(name))


def as_object(name: str, value: object) -> Json:
    """Return a value that has to be an object.

    Raises:
        InputError: it is something else.
    """
    if not isinstance(value, dict):
        raise InputError(name, expected="an object", found=value)
    return cast("Json", value)


def a_list(of: Json, name: str) -> list[object]:
    """Return a list in an object; an empty one if it is missing.

    Raises:
        InputError: it is something else.
    """
    return as_list(name, of.get(name, []))


def as_list(name: str, value: object) -> list[object]:
    """Return a value that has to be a list.

    Raises:
        InputError: it is something else.
    """
    if not isinstance(value, list):
        raise InputError(name, expected="a list", found=value)
    return cast("list[object]", value)


def a_string(of: Json, name: str) -> str:
    """Return a string in an object.

    Raises:
        InputError: it is missing, or something else.
    """
    value = of.get(name)
    if not isinstance(value, str):
        raise InputError(name, expected="a string", found=value)
    return value


def a_number(name: str, value: object) -> int:
    """Return a number of 32 bits, which may be in decimal digits of a string.

    Raises:
        InputError: it is something else.
    """
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 10:
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= _WIDEST:
        raise InputError(name, expected="a number from 0 to 4294967295", found=value)
    return value


def numbers(name: str, value: object, count: int | None = None) -> tuple[int, ...]:
    """Return a list of numbers of 32 bits.

    Raises:
        InputError: it is something else, or has another length than `count`.
    """
    found = tuple(a_number(name, each) for each in as_list(name, value))
    if count is not None and len(found) != count:
        raise InputError(name, expected=f"{count} numbers", found=list(found))
    return found


def an_address(name: str, value: object) -> IPv4Address | IPv6Address:
    """Return an IP address.

    Raises:
        InputError: it is something else.
    """
    try:
        # Python takes integers for addresses too.
        return _address(value if isinstance(value, str) else "")
    except ValueError:
        raise InputError(name, expected="an IP address", found=value) from None


@lru_cache(1 << 12)
def _address(text: str) -> IPv4Address | IPv6Address:
    """Return an address; the peers and next hops of a feed are few."""
    return ip_address(text)


def microseconds(name: str, value: object) -> int:
    """Return a time in microseconds since 1970 from one in seconds.

    Raises:
        InputError: it is something else.
    """
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    # The limits also exclude NaN, and integers that no float can hold.
    if not is_number or not 0 <= (number := cast("float", value)) <= _LAST_SECOND:
        raise InputError(name, expected="seconds since 1970", found=value)
    return round(number * 1_000_000)


class Lines:
    """The lines of a stream of octets, each bounded.

    Attributes:
        pending: the octets of a line whose end has not arrived.
    """

    def __init__(self, longest: int = MAX_LINE) -> None:
        """Start at the beginning of a line."""
        self.pending = b""
        self._longest = longest
        self._is_skipped = False

    def feed(self, octets: bytes) -> Iterator[bytes | None]:
        """Yield the lines that end in these octets, and None for one that is too long.

        Args:
            octets: the next octets of the stream.
        """
        *ended, self.pending = (self.pending + octets).split(b"\n")
        for line in ended:
            if self._is_skipped:
                self._is_skipped = False
                yield None
            elif len(line) > self._longest:
                yield None
            elif line.strip():
                yield line
        if self._is_skipped or len(self.pending) > self._longest:
            self._is_skipped, self.pending = True, b""
