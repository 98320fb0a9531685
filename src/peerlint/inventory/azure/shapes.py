"""Read Azure's JSON in the shapes of all tools.

==============  ======================================================================
ARM             `{"value": [...], "nextLink": ...}`, values under `properties`
az              a list, values beside name and id, nulls printed
PowerShell      PascalCase, inner objects flattened into names of the outer object;
                version 5.1 wraps inner lists into `{"value": [...], "Count": n}`
==============  ======================================================================

The reader is tolerant: values that are missing, null or empty are absent, unknown keys and words
are accepted, and a value of the wrong type is ignored with a remark.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, cast

from peerlint.inventory.azure.documents import (
    documents,
    flattened,
    folded,
    inside,
    type_of,
    unwrapped,
)
from peerlint.redaction import redacted, without_keys
from peerlint.wording import counted

#: Called with a place and a remark about it.
Remark = Callable[[str, str], object]
#: How PowerShell's ConvertTo-Json prints objects below its depth.
_CUT: Final = re.compile(r"@\{.*|(?:System|Microsoft\.Azure)\.[\w.+\[\]` ]*", re.DOTALL)
_TOO_DEEP: Final = "; use ConvertTo-Json -Depth 10"
#: The hint for an enumeration that was printed as an object without properties (Az.Peering up to
#: 0.4 has structs for them) or as a number (ConvertTo-Json does so for other enumerations).
_NO_WORD: Final = (
    "; use `az ... -o json`, or in PowerShell `| ForEach-Object ToJsonString` instead of "
    "ConvertTo-Json"
)
#: The maximum number of characters of a value that a remark quotes.
_QUOTED: Final = 40
#: The keys of a page of results; a list with one page may have lost its brackets.
_OF_A_PAGE: Final = frozenset({"value", "nextlink", "count"})


class Remarks:
    """The remarks about one file; equal remarks about several places are joined."""

    def __init__(self) -> None:
        """Start without remarks."""
        self._places: dict[str, list[str]] = {}

    def add(self, place: str, text: str) -> None:
        """Add a remark about a place."""
        self._places.setdefault(text, []).append(place)

    def __iter__(self) -> Iterator[str]:
        """Yield the remarks, in the order of their first places."""
        for text, places in self._places.items():
            more = len(places) - 1
            also = f" (and the same in {counted(more, 'more place')})" if more else ""
            yield redacted(f"{places[0]}: {without_keys(text)}{also}")


class Fields:
    """The fields of one JSON object, by names in any notation.

    `peerAsn`, `PeerAsn` and `peer_asn` are the same name. Fields under `properties` are found like
    fields of the object itself, which take precedence.
    """

    def __init__(self, data: Mapping[str, Any], place: str, remark: Remark) -> None:
        """Index the fields of a decoded object; `place` is its place in the file, for remarks."""
        self.place = place
        self.keys = tuple(data)
        self._remark = remark
        self._values: dict[str, Any] = {}
        inner = next((v for k, v in data.items() if folded(k) == "properties"), None)
        properties = next(iter(_objects(inner)), {})
        if not properties:
            self._ignore("properties", inner or None, "an object")
        for source in (data, properties):
            for key, value in source.items():
                plain = unwrapped(value)
                if plain is not None and plain != "":
                    self._values.setdefault(folded(key), plain)

    def __contains__(self, name: str) -> bool:
        """Whether there is a field of that name that is neither null nor an empty string."""
        return folded(name) in self._values

    def has_any(self, *names: str) -> bool:
        """Return whether there is a field of one of the names."""
        return any(name in self for name in names)

    def text(self, *names: str) -> str | None:
        """Return the string of the first name that has a field; None if there is none."""
        name, value = self._first(names)
        if isinstance(value, str) and not _CUT.fullmatch(value):
            # JSON can escape half of a surrogate pair, which cannot be written to a file.
            return value.encode("utf-8", "replace").decode().strip() or None
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
        self._ignore(name, value, "a string")
        return None

    def word(self, *names: str) -> str | None:
        """Return the member of an enumeration of the first name that has a field, or None.

        A number or an object without properties means that the tool did not print the member.
        """
        name, value = self._first(names)
        if isinstance(value, str) and not value.strip().isdecimal():
            return self.text(*names)
        self._ignore(name, value, "a word", _NO_WORD)
        return None

    def number(self, *names: str) -> int | None:
        """Return the integer of the first name that has a field; None if there is none."""
        name, value = self._first(names)
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if isinstance(value, str) and value.strip().isascii() and value.strip().isdigit():
            value = int(value.strip()) if len(value) < 20 else value
        if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
            return value
        self._ignore(name, value, "a number")
        return None

    def boolean(self, *names: str) -> bool | None:
        """Return the boolean of the first name that has a field; None if there is none."""
        name, value = self._first(names)
        if isinstance(value, bool):
            return value
        if isinstance(value, str) and value.strip().casefold() in ("true", "false"):
            return value.strip().casefold() == "true"
        self._ignore(name, value, "true or false")
        return None

    def is_object(self, name: str) -> bool:
        """Return whether the field of that name is an object."""
        return len(_objects(self._values.get(folded(name)))) == 1

    def inner(self, *names: str) -> Fields | None:
        """Return the object of the first name that has a field; None if there is none."""
        name, value = self._first(names)
        found = _objects(value)
        if len(found) == 1:
            return Fields(found[0], f"{self.place}, {name}", self._remark)
        self._ignore(name, value, "an object")
        return None

    def each(self, *names: str) -> tuple[Fields, ...]:
        """Return the objects in the list of the first name that has a field.

        A single object counts as a list of one, because PowerShell unwraps such lists.
        """
        name, value = self._first(names)
        if not isinstance(value, (list, Mapping)) and not inside(value):
            self._ignore(name, value, "a list")
            return ()
        place = f"{self.place}, {name}"
        objects: list[Fields] = []
        for number, each in enumerate(flattened(value), start=1):
            found = _objects(each)
            objects += [Fields(one, f"{place} {number}", self._remark) for one in found]
            if not found:
                self._ignore(f"{name} {number}", each, "an object", even_none=True)
        return tuple(objects)

    def texts(self, *names: str) -> tuple[str, ...]:
        """Return the strings of the first name that has a field; one string counts as a list."""
        name, value = self._first(names)
        if not isinstance(value, (str, list)) or (isinstance(value, str) and _CUT.fullmatch(value)):
            self._ignore(name, value, "a list of strings")
            return ()
        whole = [
            each.encode("utf-8", "replace").decode()
            for each in flattened(value)
            if isinstance(each, str)
        ]
        return tuple(filter(None, whole))

    def remark(self, text: str) -> None:
        """Add a remark about this object."""
        self._remark(self.place, text)

    def _first(self, names: tuple[str, ...]) -> tuple[str, Any]:
        for name in names:
            if name in self:
                return name, self._values[folded(name)]
        return names[0], None

    def _ignore(
        self, name: str, value: object, expected: str, hint: str = "", *, even_none: bool = False
    ) -> None:
        if value is None and not even_none:
            return
        if isinstance(value, str) and _CUT.fullmatch(value):
            hint = _TOO_DEEP
        self.remark(f"{name}: expected {expected}, found {_quoted(value)}: ignored{hint}")


def _quoted(value: object) -> str:
    """Return a value as a remark quotes it: short, and with possible keys masked."""
    if value is None or isinstance(value, (list, dict)):
        return type_of(value)
    if isinstance(value, str):
        text = redacted(without_keys(value))
        return repr(text if len(text) <= _QUOTED else f"{text[:_QUOTED]}...")
    return repr(value)[:_QUOTED]


def _objects(value: object) -> list[Mapping[str, Any]]:
    """Return the objects in a value: the object itself, those of a list, or those in a string."""
    if isinstance(value, list):
        plain = list(flattened(value))
        return [each for each in plain if isinstance(each, Mapping)]
    return [value] if isinstance(value, Mapping) else inside(value)


def items(octets: bytes, file: str, remark: Remark) -> tuple[tuple[Fields, ...], int, bool]:
    """Read the objects of one file.

    Args:
        octets: the content of the file.
        file: the name of the file.
        remark: called for everything that is ignored.

    Returns:
        The objects, the number of items that are not objects, and whether the last page links to
        a page that the file does not contain.

    Raises:
        ExportError: the file is not JSON, or a document is neither a list nor an object.
    """
    found: list[Fields] = []
    lost = 0
    more = False
    for each, is_page in _unpaged(documents(octets, file)):
        if is_page:
            more = more or bool(each)
        elif objects := _objects(each):
            found += [
                Fields(one, f"{file}, item {number}", remark)
                for number, one in enumerate(objects, start=len(found) + 1)
            ]
        else:
            # The remark does not quote the value: it may be a list of keys.
            hint = _TOO_DEEP if isinstance(each, str) and _CUT.fullmatch(each) else ""
            remark(file, f"expected an object, found {type_of(each)}: ignored{hint}")
            lost += 1
    return tuple(found), lost, more


def _unpaged(data: tuple[Any, ...]) -> Iterator[tuple[Any, bool]]:
    """Yield (item, False) for the items of lists and pages, and (link, True) for each page."""
    waiting = [*reversed(data)]
    while waiting:
        each = unwrapped(waiting.pop())
        if isinstance(each, list):
            waiting.extend(reversed(each))
            continue
        if isinstance(each, Mapping):
            keys = {folded(key): value for key, value in cast("Mapping[str, Any]", each).items()}
            is_bare = "value" in keys and _OF_A_PAGE.issuperset(keys)
            if is_bare or isinstance(unwrapped(keys.get("value")), list):
                yield keys.get("nextlink"), True
                waiting.append(keys["value"])
                continue
        yield each, False
