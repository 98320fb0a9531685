"""Files of text: from octets to text, and from JSON to values, with what is wrong in words.

Whoever wrote the file may have been a stranger. What Python's decoders pass over (numbers that
are none, repeated names) or end with a traceback for (depth, numbers of thousands of digits) is a
mistake in the file here.
"""

from __future__ import annotations

import codecs
import json
import math
import re
from collections.abc import Iterator, Mapping
from typing import Final

from peerlint.errors import Mistake, MistakesError

#: Tables and lists inside each other, at most: no file of ours needs ten.
DEEPEST: Final = 64
#: Decimal digits that Python turns into a number unless it is told otherwise.
_DIGITS: Final = 4300
_LONG_NUMBER: Final = re.compile(rf"(?<![0-9_])[0-9](?:_?[0-9]){{{_DIGITS},}}+")
_WIDE: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
#: Octets at the start of a text in which a NUL tells that it is not UTF-8.
_HEAD: Final = 4


def decoded(octets: bytes, file: str, error_of: type[MistakesError], form: str) -> str:
    """Return the text of a file in UTF-8, without the byte order mark that Windows writes.

    Args:
        octets: the file.
        file: its name, for the error.
        error_of: what to raise.
        form: what the text is ("TOML"), for the error.

    Raises:
        MistakesError: it is not UTF-8; the mistake has the line and the octet.
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
    """Return what is to be said of the first number with too many digits, and its line.

    None if there is none.
    """
    match = _LONG_NUMBER.search(text)
    if match is None:
        return None
    digits = len(match[0].replace("_", ""))
    return f"a number of {digits:,} digits", text.count("\n", 0, match.start()) + 1


def is_too_deep(value: object) -> bool:
    """Whether lists and tables are nested deeper than any file of ours has to be."""
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
    """Something that Python's decoder reads, and that has no meaning."""


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        for name, value in pairs:
            # The values are not compared further: they may be long, or NaN.
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


#: Reads JSON as RFC 8259 has it; what goes wrong is told by `json_mistake`.
JSON: Final = json.JSONDecoder(
    object_pairs_hook=_object, parse_constant=_constant, parse_float=_float
)


def json_mistake(error: ValueError | RecursionError, text: str) -> str:
    """Return what was found in a text that is no JSON.

    Args:
        error: from `JSON`.
        text: the text.
    """
    if isinstance(error, RecursionError):
        return "nesting too deep"
    if isinstance(error, RefusedJsonError):
        return str(error)
    if isinstance(error, json.JSONDecodeError):
        place = f"line {error.lineno}, column {error.colno}"
        return f"an error in {place}: {error.msg[:1].lower()}{error.msg[1:]}"
    number = long_number(text)
    return str(error) if number is None else f"{number[0]} in line {number[1]}"
