"""The shapes of Azure's JSON: one item looks the same whichever tool wrote it.

==============  ======================================================================
ARM             `{"value": [...], "nextLink": ...}`, facts under `properties`
az              a list, facts beside name and id, nulls printed
PowerShell      PascalCase, inner objects flattened into the outer one's names
==============  ======================================================================

Nothing is refused that can be passed over: what is missing, null or empty is absent, unknown
keys and words are let through, and what has the wrong type is a remark.
"""

from __future__ import annotations

import json
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, cast

from peerlint.errors import ExportError, Mistake
from peerlint.inventory.keys import without_keys

#: Called with everything that a reader should know and that is no reason to stop.
Remark = Callable[[str], object]
#: PowerShell before version 6 writes UTF-16, and marks UTF-8 too.
_MARKS: Final = {
    BOM_UTF8: "utf-8-sig",
    BOM_UTF16_LE: "utf-16",
    BOM_UTF16_BE: "utf-16",
}
#: How PowerShell's ConvertTo-Json prints what lies deeper than it was asked to go.
_TOO_DEEP: Final = ("@{", "System.", "Microsoft.Azure.")


class Fields:
    """One JSON object, found by names in any spelling.

    `peerAsn`, `PeerAsn` and `peer_asn` are one name. What stands under `properties` is found as
    if it stood outside; the outer one wins.
    """

    def __init__(self, data: Mapping[str, Any], place: str, remark: Remark) -> None:
        """Take an object as JSON gives it; `place` says where it stands."""
        self.place = place
        self._remark = remark
        self._values: dict[str, Any] = {}
        inner = next((v for k, v in data.items() if _folded(k) == "properties"), None)
        for source in (data, inner if isinstance(inner, Mapping) else {}):
            for key, value in source.items():
                if value is not None and value != "":
                    self._values.setdefault(_folded(key), value)

    def __contains__(self, name: str) -> bool:
        """Whether there is something of that name: neither null nor an empty text."""
        return _folded(name) in self._values

    def has_any(self, *names: str) -> bool:
        """Whether there is something of one of the names."""
        return any(name in self for name in names)

    def text(self, *names: str) -> str | None:
        """Return the text of the first of the names that is there."""
        name, value = self._first(names)
        if isinstance(value, str):
            # JSON can spell half a character, which no file can hold.
            return value.encode("utf-8", "replace").decode().strip() or None
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
        self._pass_over(name, value, "a text")
        return None

    def number(self, *names: str) -> int | None:
        """Return the number of the first of the names that is there."""
        name, value = self._first(names)
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if isinstance(value, str) and value.strip().isascii() and value.strip().isdigit():
            value = int(value.strip()) if len(value) < 20 else value
        if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
            return value
        self._pass_over(name, value, "a number")
        return None

    def boolean(self, *names: str) -> bool | None:
        """Return the truth value of the first of the names that is there."""
        name, value = self._first(names)
        if isinstance(value, bool):
            return value
        if isinstance(value, str) and value.strip().casefold() in ("true", "false"):
            return value.strip().casefold() == "true"
        self._pass_over(name, value, "true or false")
        return None

    def inner(self, *names: str) -> Fields | None:
        """Return the object of the first of the names that is there."""
        name, value = self._first(names)
        if isinstance(value, Mapping):
            return Fields(value, f"{self.place}, {name}", self._remark)
        self._pass_over(name, value, "an object")
        return None

    def each(self, *names: str) -> tuple[Fields, ...]:
        """Return the list of objects of the first of the names that is there.

        A single object is a list of one: PowerShell unwraps it.
        """
        name, value = self._first(names)
        found = [value] if isinstance(value, Mapping) else value
        if not isinstance(found, list):
            self._pass_over(name, found, "a list")
            return ()
        place = f"{self.place}, {name}"
        objects = []
        for number, each in enumerate(found, start=1):
            if isinstance(each, Mapping):
                objects.append(Fields(each, f"{place} {number}", self._remark))
            else:
                self._pass_over(f"{name} {number}", each, "an object")
        return tuple(objects)

    def texts(self, *names: str) -> tuple[str, ...]:
        """Return the list of texts of the first of the names that is there; one alone is a list."""
        name, value = self._first(names)
        found = [value] if isinstance(value, str) else value
        if not isinstance(found, list):
            self._pass_over(name, found, "a list of texts")
            return ()
        whole = [each.encode("utf-8", "replace").decode() for each in found if type(each) is str]
        return tuple(filter(None, whole))

    def remark(self, text: str) -> None:
        """Say something about this object."""
        self._remark(without_keys(f"{self.place}: {text}"))

    def _first(self, names: tuple[str, ...]) -> tuple[str, Any]:
        for name in names:
            if name in self:
                return name, self._values[_folded(name)]
        return names[0], None

    def _pass_over(self, name: str, value: object, expected: str) -> None:
        if value is None:
            return
        is_text = not isinstance(value, (list, dict))
        found = without_keys(repr(value))[:40] if is_text else type(value).__name__
        deep = isinstance(value, str) and value.startswith(_TOO_DEEP)
        hint = "; use ConvertTo-Json -Depth 10" if deep else ""
        self.remark(f"{name}: expected {expected}, found {found}: passed over{hint}")


def _folded(key: str) -> str:
    folded = key.replace("_", "").casefold()
    # PowerShell's way out where a property would be called like its class: PropertiesPeerAsn.
    return folded.removeprefix("properties") or folded


def items(octets: bytes, file: str, remark: Remark) -> tuple[tuple[Fields, ...], bool]:
    """Return the objects of one file, and whether there are more pages that it does not have.

    Args:
        octets: JSON.
        file: its name.
        remark: called with what has to be passed over.

    Raises:
        ExportError: it is no JSON, or no list and no object.
    """
    data = _parsed(octets, file)
    found: list[Fields] = []
    more = False
    for each, is_page in _unwrapped(data):
        if is_page:
            more = more or bool(each)
        elif isinstance(each, Mapping):
            found.append(Fields(each, f"{file}, item {len(found) + 1}", remark))
        else:
            # Not its text: it may be a list of keys.
            remark(f"{file}: expected an object, found {type(each).__name__}: passed over")
    return tuple(found), more


def _unwrapped(data: object) -> Iterator[tuple[Any, bool]]:
    """Yield what lies in lists and pages; of a page its link to the next one, marked."""
    waiting = deque([data])
    while waiting:
        each = waiting.popleft()
        if isinstance(each, list):
            waiting.extendleft(reversed(each))
            continue
        if isinstance(each, Mapping):
            keys = {_folded(key): value for key, value in cast("Mapping[str, Any]", each).items()}
            if isinstance(keys.get("value"), list):
                yield keys.get("nextlink"), True
                waiting.extendleft(reversed(keys["value"]))
                continue
        yield each, False


def _parsed(octets: bytes, file: str) -> object:
    encoding = next((name for mark, name in _MARKS.items() if octets.startswith(mark)), "utf-8")
    try:
        data = json.loads(octets.decode(encoding))
    except UnicodeDecodeError as error:
        raise _error(file, "JSON in UTF-8", f"octet {error.start} that is not") from None
    except RecursionError:
        raise _error(file, "JSON", "nesting too deep") from None
    except ValueError as error:
        raise _error(file, "JSON", str(error)[:100]) from None
    if not isinstance(data, (list, dict)):
        raise _error(file, "a list or an object", type(data).__name__)
    return data


def _error(file: str, expected: str, found: str) -> ExportError:
    return ExportError(file, (Mistake("the file", "", expected, found),))
