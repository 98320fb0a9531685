"""JSON as Azure's tools print it: from a file's octets to lists, objects, texts and numbers.

Windows PowerShell 5.1 redirects in UTF-16, wraps lists into objects, and marks what it writes;
every tool's output can be appended to a file that has some already.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final, cast

from peerlint.errors import ExportError, Mistake
from peerlint.redaction import collected, redacted, without_keys
from peerlint.texts import JSON, is_too_deep, json_mistake

#: Letters of a text that a message quotes.
_QUOTED: Final = 100
_MARK: Final = "\ufeff"
_BLANK: Final = re.compile(r"[ \t\r\n]*")
#: How tools announce that what follows is for a person, not for a program.
_SPOKEN: Final = re.compile(r"(?:ERROR|WARNING|az|[A-Z][a-z]+-Az\w+)\s*:|\([A-Z]\w+\) ", re.ASCII)
#: What PowerShell 5.1 adds to lists, times and texts that it turns into objects (PowerShell issue
#: 3153); what they were stands under `value`.
_ADDED: Final = frozenset({"value", "count", "datetime", "displayhint"})


def documents(octets: bytes, file: str) -> tuple[list[Any] | dict[str, Any], ...]:
    """Return the JSON documents of a file, one after the other.

    Args:
        octets: the file, in UTF-8, UTF-16 or UTF-32.
        file: its name.

    Raises:
        ExportError: it is empty or no JSON, or a document is neither a list nor an object.
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
            raise mistake(file, "a list or an object", words_of(each))
    return cast("tuple[list[Any] | dict[str, Any], ...]", found)


def _in_a_row(text: str) -> Iterator[object]:
    at = 0
    while (at := cast("re.Match[str]", _BLANK.match(text, at)).end()) < len(text):
        value, at = JSON.raw_decode(text, at)
        yield value


def mistake(file: str, expected: str, found: str, line: int | None = None) -> ExportError:
    """Return the error of a file that is no export at all."""
    return ExportError(file, (Mistake("the file", "", expected, found, line=line),))


def _of_no_json(text: str, error: ValueError | RecursionError) -> str:
    """Say what stands in a file that is no JSON: a tool's complaint as it is."""
    if text.lstrip()[0] in "[{":
        return redacted(without_keys(json_mistake(error, text)))[:_QUOTED]
    first = redacted(without_keys(text.strip().splitlines()[0]))
    hint = "; redirect standard output only" if _SPOKEN.match(first) else ""
    return f"{first[:_QUOTED]!r}{hint}"


# -- values


def folded(key: str) -> str:
    """Return what all spellings of a key have in common: `peerAsn`, `PeerAsn`, `peer_asn`."""
    lower = key.replace("_", "").casefold()
    # PowerShell's way out where a property would be called like its class: PropertiesPeerAsn.
    return lower.removeprefix("properties") or lower


def unwrapped(value: object) -> object:
    """Return what PowerShell 5.1 made an object of: `{"value": [...], "Count": n}` is the list."""
    while isinstance(value, Mapping):
        keys = {folded(key): each for key, each in cast("Mapping[str, Any]", value).items()}
        if "value" not in keys or not _ADDED.issuperset(keys):
            break
        value = keys["value"]
    return value


def flattened(value: object) -> Iterator[object]:
    """Yield what lies in a list and the lists in it, wrapped or not; of anything else, itself."""
    waiting = [value]
    while waiting:
        each = unwrapped(waiting.pop())
        if isinstance(each, list):
            waiting.extend(reversed(each))
        else:
            yield each


def inside(text: object) -> list[Any]:
    """Return the objects of a text that PowerShell made of them.

    Models of Az.Peering print themselves as JSON where ConvertTo-Json goes no deeper.

    Returns:
        Objects, one at least, or nothing if it is another text.
    """
    if not isinstance(text, str) or not text.lstrip().startswith("{"):
        return []
    try:
        found = list(_in_a_row(text.strip()))
    except (ValueError, RecursionError):
        return []
    return found if all(isinstance(each, dict) for each in found) else []


def words_of(value: object) -> str:
    """Return what a message says of a value whose text must not be shown, for it may be a key."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    kinds = {str: "a text", dict: "an object", list: "a list", int: "a number", float: "a number"}
    empty = isinstance(value, (dict, list)) and not value
    return f"an empty {kinds[type(value)].split()[1]}" if empty else kinds[type(value)]
