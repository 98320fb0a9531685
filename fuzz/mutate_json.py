"""Mutations of lines of JSON of which most stay JSON.

Nearly all changes of single octets make a line unreadable as a whole, which tests one branch only.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from typing import Any, Final

#: What a value is replaced by, as text: JSON, and what Python takes for JSON.
_TEXTS: Final = (
    *("null", "true", "0", "-1", "65536", "4294967296", "18446744073709551616", "1e300", "1e999"),
    *("1.5", "NaN", "-Infinity", '""', '"x"', '"\\ud800"', '"\\u0000"', '"4294967295"', '"-1"'),
    *('"203.0.113.0/24"', '"203.0.113.1/24"', '"2001:db8::/32"', '"fe80::1%eth0"', '"0.0.0.0/0"'),
    *("[]", "{}", "[[]]", '{"": 0}', "[" * 90 + "]" * 90, '{"a":' * 90 + "0" + "}" * 90),
    *('{"a": 1, "a": 2}', "9" * 400),
)
#: Takes the place of a text until the line is written.
_MARK: Final = "\x01text\x01"


def in_lines(octets: bytes, most: int, chance: random.Random) -> bytes:
    """Change a value, or repeat or move a line.

    Args:
        octets: the lines.
        most: the maximum length of the result.
        chance: the source of decisions.
    """
    lines = octets.split(b"\n")
    place = chance.randrange(len(lines))
    match chance.randrange(8):
        case 0:
            lines.insert(chance.randrange(len(lines) + 1), lines[place])
        case 1:
            lines.append(lines.pop(place))
        case _:
            lines[place] = _changed(lines[place], chance)
    return b"\n".join(lines)[:most]


def _changed(line: bytes, chance: random.Random) -> bytes:
    """Replace, remove or add a value of a line; a line that is no JSON becomes one."""
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return chance.choice(_TEXTS).encode()
    places = list(_places(value))
    if not places:
        return chance.choice(_TEXTS).encode()
    holder, key = chance.choice(places)
    match chance.randrange(6):
        case 0:
            del holder[key]
        case 1:
            other, its = chance.choice(places)
            holder[key] = json.loads(json.dumps(other[its]))
        case 2 if isinstance(holder, list):
            holder.append(holder[key])
        case 3 if isinstance(holder, dict):
            holder[chance.choice(("x", "", str(key) + "s"))] = holder.pop(key)
        case _:
            holder[key] = _MARK
    text = chance.choice(_TEXTS)
    return json.dumps(value).replace(json.dumps(_MARK), text).encode()


def _places(value: Any) -> Iterator[tuple[Any, Any]]:  # noqa: ANN401  # JSON
    """Yield the objects and lists in a value, with each key or index."""
    if not isinstance(value, dict | list):
        return
    for key, each in value.items() if isinstance(value, dict) else enumerate(value):
        yield value, key
        yield from _places(each)
