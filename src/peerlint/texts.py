"""Decode text files and JSON, with error messages for people.

Files are untrusted. This module reports mistakes that Python's decoders accept (NaN, repeated
names), or for which they raise unrelated exceptions (deep nesting, numbers of thousands of digits).
"""

from __future__ import annotations

import codecs
import json
import math
import re
from collections.abc import Iterator, Mapping
from typing import Final

from peerlint.errors import Mistake, MistakesError

#: The maximum nesting of tables and lists; no file that peerlint reads needs ten levels.
DEEPEST: Final = 64
#: The maximum number of decimal digits that Python converts by default.
_DIGITS: Final = 4300
_LONG_NUMBER: Final = re.compile(rf"(?<![0-9_])[0-9](?:_?[0-9]){{{_DIGITS},}}+")
_WIDE: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
#: The number of octets at the start of a file in which a NUL shows that it is not UTF-8.
_HEAD: Final = 4


def decoded(octets: bytes, file: str, error_of: type[MistakesError], form: str) -> str:
    """Decode a file in UTF-8, and drop the byte order mark that Windows writes.

    Args:
        octets: the content of the file.
        file: the name of the file, for the error.
        error_of: the class of the error.
        form: the name of the format, such as "TOML", for the error.

    Raises:
        MistakesError: the file is not UTF-8; the mistake has the line and the octet.
    """
    start = len(codecs.BOM_UTF8) if octets.startswith(codecs.BOM_UTF8) else 0
    if octets.startswith(_WIDE) or b"\0" in octets[start : start + _HEAD]:
        found = "UTF-16 or UTF-32; save it as UTF-8, in PowerShell: Out-File -Encoding utf8"
        raise error_of(file, (Mistake("the file", "", f"{form} in UTF-8", found),))
    try:
        return octets[start:].decode()
    except UnicodeDecodeError as error:
        at = start + error.start
        line = octets.count(b"\n", 0, at) + 1
        found = f"other characters, from octet {at} on"
        mistake = Mistake("the file", "", f"{form} in UTF-8", found, line=line)
        raise error_of(file, (mistake,)) from None


def long_number(text: str) -> tuple[str, int] | None:
    """Find the first number with too many digits.

    Returns:
        A description of the number, and its line; None if there is no such number.
    """
    match = _LONG_NUMBER.search(text)
    if match is None:
        return None
    digits = len(match[0].replace("_", ""))
    return f"a number of {digits:,} digits", text.count("\n", 0, match.start()) + 1


def is_too_deep(value: object) -> bool:
    """Return whether lists and tables are nested deeper than `DEEPEST`."""
    level: list[object] = [value]
    for _ in range(DEEPEST):
        level = [inner for each in level for inner in _inside(each)]
        if not level:
            return False
    return True


def _inside(value: object) -> Iterator[object]:
    if isinstance(value, Mapping):
        yield from value.values()
    elif isinstance(value, list):
        yield from value


# -- JSON


class RefusedJsonError(ValueError):
    """JSON that Python's decoder accepts although it is invalid or ambiguous."""


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        for name, value in pairs:
            # Identity first: a value may be NaN, which differs from itself.
            if found[name] is not value and found[name] != value:
                raise RefusedJsonError(f"an object with two different values of {name!r}")
    return found


def _constant(name: str) -> float:
    raise RefusedJsonError(f"{name}, which is no number")


def _float(digits: str) -> float:
    found = float(digits)
    if math.isinf(found):
        raise RefusedJsonError("a number that is too large")
    return found


#: A decoder of JSON as RFC 8259 defines it; `json_mistake` describes its errors.
JSON: Final = json.JSONDecoder(
    object_pairs_hook=_object, parse_constant=_constant, parse_float=_float
)


def json_mistake(error: ValueError | RecursionError, text: str) -> str:
    """Return a description of an error in JSON, for a message.

    Args:
        error: the exception that `JSON` raised.
        text: the text that was decoded.
    """
    if isinstance(error, RecursionError):
        return "nesting too deep"
    if isinstance(error, RefusedJsonError):
        return str(error)
    if isinstance(error, json.JSONDecodeError):
        place = f"line {error.lineno}, column {error.colno}"
        return f"an error at {place}: {error.msg[:1].lower()}{error.msg[1:]}"
    number = long_number(text)
    return str(error) if number is None else f"{number[0]} on line {number[1]}"
