"""The shapes of Azure's JSON: one item looks the same whichever tool wrote it.

==============  ======================================================================
ARM             `{"value": [...], "nextLink": ...}`, facts under `properties`
az              a list, facts beside name and id, nulls printed
PowerShell      PascalCase, inner objects flattened into the outer one's names; 5.1
                wraps inner lists into `{"value": [...], "Count": n}`
==============  ======================================================================

Nothing is refused that can be passed over: what is missing, null or empty is absent, unknown
keys and words are let through, and what has the wrong type is a remark.
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
    unwrapped,
    words_of,
)
from peerlint.redaction import redacted, without_keys

#: Called with a place and what a reader should know of it, where that is no reason to stop.
Remark = Callable[[str, str], object]
#: How PowerShell's ConvertTo-Json prints what lies deeper than it was asked to go.
_CUT: Final = re.compile(r"@\{.*|(?:System|Microsoft\.Azure)\.[\w.+\[\]` ]*", re.DOTALL)
_TOO_DEEP: Final = "; use ConvertTo-Json -Depth 10"
#: What helps where an enumeration was printed as an object without properties: Az.Peering up to
#: 0.4 has structs for them, and ConvertTo-Json prints numbers for other enumerations.
_NO_WORD: Final = (
    "; use `az ... -o json`, or in PowerShell `| ForEach-Object ToJsonString` instead of "
    "ConvertTo-Json"
)
#: Letters of a value that a remark quotes.
_QUOTED: Final = 40
#: All that a page has; a list of one page may have lost its brackets.
_OF_A_PAGE: Final = frozenset({"value", "nextlink", "count"})


class Remarks:
    """What a reader should know of one file; what is so in many places is said once."""

    def __init__(self) -> None:
        """Start with none."""
        self._places: dict[str, list[str]] = {}

    def add(self, place: str, text: str) -> None:
        """Say something about a place."""
        self._places.setdefault(text, []).append(place)

    def __iter__(self) -> Iterator[str]:
        """Yield the sentences, in the order of their first places."""
        for text, places in self._places.items():
            more = len(places) - 1
            also = f" (and so in {more:,} more place{'s' * (more > 1)})" if more else ""
            yield redacted(f"{places[0]}: {without_keys(text)}{also}")


class Fields:
    """One JSON object, found by names in any spelling.

    `peerAsn`, `PeerAsn` and `peer_asn` are one name. What stands under `properties` is found as
    if it stood outside; the outer one wins.
    """

    def __init__(self, data: Mapping[str, Any], place: str, remark: Remark) -> None:
        """Take an object as JSON gives it; `place` says where it stands."""
        self.place = place
        self.keys = tuple(data)
        self._remark = remark
        self._values: dict[str, Any] = {}
        inner = next((v for k, v in data.items() if folded(k) == "properties"), None)
        properties = next(iter(_objects(inner)), {})
        if not properties:
            self._pass_over("properties", inner or None, "an object")
        for source in (data, properties):
            for key, value in source.items():
                plain = unwrapped(value)
                if plain is not None and plain != "":
                    self._values.setdefault(folded(key), plain)

    def __contains__(self, name: str) -> bool:
        """Whether there is something of that name: neither null nor an empty text."""
        return folded(name) in self._values

    def has_any(self, *names: str) -> bool:
        """Whether there is something of one of the names."""
        return any(name in self for name in names)

    def text(self, *names: str) -> str | None:
        """Return the text of the first of the names that is there."""
        name, value = self._first(names)
        if isinstance(value, str) and not _CUT.fullmatch(value):
            # JSON can spell half a character, which no file can hold.
            return value.encode("utf-8", "replace").decode().strip() or None
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
        self._pass_over(name, value, "a text")
        return None

    def word(self, *names: str) -> str | None:
        """Return the word of an enumeration, of the first of the names that is there.

        A number or an object without properties stands for a word that was not printed.
        """
        name, value = self._first(names)
        if isinstance(value, str) and not value.strip().isdecimal():
            return self.text(*names)
        self._pass_over(name, value, "a word", _NO_WORD)
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

    def is_object(self, name: str) -> bool:
        """Whether there is an object of that name."""
        return len(_objects(self._values.get(folded(name)))) == 1

    def inner(self, *names: str) -> Fields | None:
        """Return the object of the first of the names that is there."""
        name, value = self._first(names)
        found = _objects(value)
        if len(found) == 1:
            return Fields(found[0], f"{self.place}, {name}", self._remark)
        self._pass_over(name, value, "an object")
        return None

    def each(self, *names: str) -> tuple[Fields, ...]:
        """Return the list of objects of the first of the names that is there.

        A single object is a list of one: PowerShell unwraps it.
        """
        name, value = self._first(names)
        if not isinstance(value, (list, Mapping)) and not inside(value):
            self._pass_over(name, value, "a list")
            return ()
        place = f"{self.place}, {name}"
        objects: list[Fields] = []
        for number, each in enumerate(flattened(value), start=1):
            found = _objects(each)
            objects += [Fields(one, f"{place} {number}", self._remark) for one in found]
            if not found:
                self._pass_over(f"{name} {number}", each, "an object", even_none=True)
        return tuple(objects)

    def texts(self, *names: str) -> tuple[str, ...]:
        """Return the list of texts of the first of the names that is there; one alone is a list."""
        name, value = self._first(names)
        if not isinstance(value, (str, list)) or (isinstance(value, str) and _CUT.fullmatch(value)):
            self._pass_over(name, value, "a list of texts")
            return ()
        whole = [
            each.encode("utf-8", "replace").decode()
            for each in flattened(value)
            if isinstance(each, str)
        ]
        return tuple(filter(None, whole))

    def remark(self, text: str) -> None:
        """Say something about this object."""
        self._remark(self.place, text)

    def _first(self, names: tuple[str, ...]) -> tuple[str, Any]:
        for name in names:
            if name in self:
                return name, self._values[folded(name)]
        return names[0], None

    def _pass_over(
        self, name: str, value: object, expected: str, hint: str = "", *, even_none: bool = False
    ) -> None:
        if value is None and not even_none:
            return
        if isinstance(value, str) and _CUT.fullmatch(value):
            hint = _TOO_DEEP
        self.remark(f"{name}: expected {expected}, found {_quoted(value)}: passed over{hint}")


def _quoted(value: object) -> str:
    """Return what a remark says of a value: short ones as they are, but for keys."""
    if value is None or isinstance(value, (list, dict)):
        return words_of(value)
    if isinstance(value, str):
        text = redacted(without_keys(value))
        return repr(text if len(text) <= _QUOTED else f"{text[:_QUOTED]}...")
    return repr(value)[:_QUOTED]


def _objects(value: object) -> list[Mapping[str, Any]]:
    """Return the objects that a value is: one, those of a list, or those in a text of them."""
    if isinstance(value, list):
        plain = list(flattened(value))
        return [each for each in plain if isinstance(each, Mapping)]
    return [value] if isinstance(value, Mapping) else inside(value)


def items(octets: bytes, file: str, remark: Remark) -> tuple[tuple[Fields, ...], int, bool]:
    """Read one file.

    Args:
        octets: JSON.
        file: its name.
        remark: called with what has to be passed over.

    Returns:
        Its objects, how many items are none, and whether there are more pages that it does not
        have.

    Raises:
        ExportError: it is no JSON, or no list and no object.
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
            # Not its text: it may be a list of keys.
            hint = _TOO_DEEP if isinstance(each, str) and _CUT.fullmatch(each) else ""
            remark(file, f"expected an object, found {words_of(each)}: passed over{hint}")
            lost += 1
    return tuple(found), lost, more


def _unpaged(data: tuple[Any, ...]) -> Iterator[tuple[Any, bool]]:
    """Yield what lies in lists and pages; of a page its link to the next one, marked."""
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
