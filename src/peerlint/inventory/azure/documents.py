"""Decode JSON as Azure's tools print it: lists, objects, strings and numbers.

Windows PowerShell 5.1 redirects output in UTF-16 with a byte order mark, and wraps lists into
objects. A file may contain several documents, because the output of any tool can be appended.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final, cast

from peerlint.errors import ExportError, Mistake
from peerlint.redaction import collected, redacted, without_keys
from peerlint.texts import JSON, is_too_deep, json_mistake

#: The maximum number of characters that a message quotes.
_QUOTED: Final = 100
_MARK: Final = "\ufeff"
_BLANK: Final = re.compile(r"[ \t\r\n]*")
#: The start of a tool's error or warning, which is meant for people.
_SPOKEN: Final = re.compile(r"(?:ERROR|WARNING|az|[A-Z][a-z]+-Az\w+)\s*:|\([A-Z]\w+\) ", re.ASCII)
#: The keys of objects that PowerShell 5.1 makes of lists, times and strings (PowerShell issue
#: 3153); `value` has the original.
_ADDED: Final = frozenset({"value", "count", "datetime", "displayhint"})


def documents(octets: bytes, file: str) -> tuple[list[Any] | dict[str, Any], ...]:
    """Decode the JSON documents of a file, in order.

    Args:
        octets: the content of the file, in UTF-8, UTF-16 or UTF-32.
        file: the name of the file, for errors.

    Raises:
        ExportError: the file is empty or not JSON, or a document is neither a list nor an
            object.
    """
    encoding = json.detect_encoding(octets)
    try:
        text = octets.decode(encoding).removeprefix(_MARK)
    except UnicodeDecodeError as error:
        line = octets.count(b"\n", 0, error.start) + 1
        strange = f"octet {error.start} that is neither; PowerShell: Out-File -Encoding utf8"
        raise mistake(file, "JSON in UTF-8 or UTF-16", strange, line) from None
    if not text.strip():
        raise mistake(file, "JSON", "nothing: the command that wrote the file printed none")
    try:
        found = tuple(_in_a_row(text))
    except (ValueError, RecursionError) as error:
        with collected() as secrets:
            secrets.add_from_text(text)
            raise mistake(file, "JSON", _of_no_json(text, error)) from None
    if is_too_deep(list(found)):
        raise mistake(file, "JSON", "nesting too deep")
    with collected() as secrets:
        secrets.add_from(list(found))
    for each in found:
        if not isinstance(each, (list, dict)):
            raise mistake(file, "a list or an object", type_of(each))
    return cast("tuple[list[Any] | dict[str, Any], ...]", found)


def _in_a_row(text: str) -> Iterator[object]:
    at = 0
    while (at := cast("re.Match[str]", _BLANK.match(text, at)).end()) < len(text):
        value, at = JSON.raw_decode(text, at)
        yield value


def mistake(file: str, expected: str, found: str, line: int | None = None) -> ExportError:
    """Return the error of a file that is not an export."""
    return ExportError(file, (Mistake("the file", "", expected, found, line=line),))


def _of_no_json(text: str, error: ValueError | RecursionError) -> str:
    """Describe the content of a file that is not JSON; a tool's error message is quoted."""
    if text.lstrip()[0] in "[{":
        return redacted(without_keys(json_mistake(error, text)))[:_QUOTED]
    first = redacted(without_keys(text.strip().splitlines()[0]))
    hint = "; redirect standard output only" if _SPOKEN.match(first) else ""
    return f"{first[:_QUOTED]!r}{hint}"


# -- values


def folded(key: str) -> str:
    """Return the normal form of a key: `peerAsn`, `PeerAsn` and `peer_asn` have the same."""
    lower = key.replace("_", "").casefold()
    # PowerShell adds this where a property would have the name of its class: PropertiesPeerAsn.
    return lower.removeprefix("properties") or lower


def unwrapped(value: object) -> object:
    """Undo the wrapping of PowerShell 5.1: `{"value": [...], "Count": n}` becomes the list."""
    while isinstance(value, Mapping):
        keys = {folded(key): each for key, each in cast("Mapping[str, Any]", value).items()}
        if "value" not in keys or not _ADDED.issuperset(keys):
            break
        value = keys["value"]
    return value


def flattened(value: object) -> Iterator[object]:
    """Yield the items of a list and of lists in it, wrapped or not; any other value is yielded."""
    waiting = [value]
    while waiting:
        each = unwrapped(waiting.pop())
        if isinstance(each, list):
            waiting.extend(reversed(each))
        else:
            yield each


def inside(text: object) -> list[Any]:
    """Decode a string that contains JSON objects.

    Models of Az.Peering print themselves as JSON below the depth of ConvertTo-Json.

    Returns:
        At least one object; an empty list if the value is not such a string.
    """
    if not isinstance(text, str) or not text.lstrip().startswith("{"):
        return []
    try:
        found = list(_in_a_row(text.strip()))
    except (ValueError, RecursionError):
        return []
    return found if all(isinstance(each, dict) for each in found) else []


def type_of(value: object) -> str:
    """Describe the type of a value, for messages: the value itself may be a key."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    kinds = {str: "a string", dict: "an object", list: "a list", int: "a number", float: "a number"}
    empty = isinstance(value, (dict, list)) and not value
    return f"an empty {kinds[type(value)].split()[1]}" if empty else kinds[type(value)]
