"""Members of objects in a SLURM file, checked one by one: all mistakes are collected."""

from __future__ import annotations

import re
from typing import Final

from peerlint.errors import InputError, Mistake
from peerlint.model import Prefix
from peerlint.wording import closest, shown

_WIDEST: Final = 0xFFFFFFFF
#: RFC 8416 section 3.3.2: Base64 without trailing `=` (RFC 4648 section 5); files with them exist.
_BASE64: Final = re.compile(r"[A-Za-z0-9_+/-]+={0,2}", re.ASCII)


def unique_members(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """Return an object; of two equal keys, Python would keep the last one in silence.

    Raises:
        InputError: a key is there twice.
    """
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise InputError("JSON", expected="each member once", found=f"{twice} twice")
    return found


class Members:
    """The members of one JSON object; a missing or wrong one is added to the mistakes."""

    def __init__(self, place: str, value: object, mistakes: list[Mistake]) -> None:
        """Check that the value is an object.

        Args:
            place: what the object is, for messages.
            value: the parsed JSON.
            mistakes: where mistakes are added.
        """
        self._place = place
        self._mistakes = mistakes
        self._members: dict[str, object] = value if isinstance(value, dict) else {}
        self._is_object = isinstance(value, dict)
        if not self._is_object:
            self._add("", "an object", value)

    def get(self, key: str) -> object:
        """Return the value of a member; None if it is missing."""
        return self._members.get(key)

    def has(self, key: str) -> bool:
        """Return whether a member is there."""
        return key in self._members

    def only(self, *known: str) -> None:
        """Check that there are no other members (RFC 8416 section 3.1)."""
        for key in self._members:
            if key not in known:
                close = closest(key, known)
                found = f"{shown(key)}, which RFC 8416 does not have"
                expected = " or ".join(known)
                self._mistakes.append(Mistake(self._place, "", expected, found, close))

    def wrong(self, key: str, expected: str) -> None:
        """Say that a member, or with an empty key the object, is not what was expected."""
        if self._is_object:
            found = self._members.get(key) if key else sorted(self._members)
            self._add(key, expected, found)

    def table(self, key: str) -> Members:
        """Return the members of a member that is an object itself."""
        # The parent's own mistake is enough if it is no object.
        value = self._members.get(key) if self._is_object else {}
        return Members(key, value, self._mistakes)

    def tables(self, key: str) -> list[Members]:
        """Return the objects in a member that is a list of them."""
        value = self._members.get(key)
        if not isinstance(value, list):
            self.wrong(key, "a list")
            return []
        return [Members(f"{key}[{i}]", each, self._mistakes) for i, each in enumerate(value)]

    def prefix(self) -> Prefix | None:
        """Return the member `prefix`."""
        value = self._members.get("prefix")
        try:
            return Prefix.parse(value if isinstance(value, str) else "")
        except InputError as error:
            self.wrong("prefix", error.expected or "a prefix")
            return None

    def asn(self) -> int | None:
        """Return the member `asn`, a number."""
        return self.number("asn", 0, _WIDEST)

    def number(self, key: str, least: int, most: int) -> int | None:
        """Return a member that is an integer in a range."""
        value = self._members.get(key)
        if type(value) is int and least <= value <= most:
            return value
        self.wrong(key, f"a number from {least} to {most}")
        return None

    def base64(self, key: str) -> None:
        """Check a member that is text in Base64."""
        value = self._members.get(key)
        if not isinstance(value, str) or not _BASE64.fullmatch(value):
            self.wrong(key, "text in Base64")

    def comment(self) -> None:
        """Check the optional member `comment`."""
        if self.has("comment") and not isinstance(self.get("comment"), str):
            self.wrong("comment", "a string")

    def _add(self, key: str, expected: str, found: object) -> None:
        self._mistakes.append(Mistake(self._place, key, expected, shown(found)))
