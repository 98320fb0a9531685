"""JSON files of any size, read value by value: only one element is in memory at a time.

Boundaries are found by the standard library's own scanner on the octets as Latin-1, so that a
character is an octet; octets of UTF-8 above 127 never look like punctuation of JSON.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Final, Never, Protocol

from peerlint.errors import InputError
from peerlint.wording import Words

#: Octets that are read at once.
CHUNK: Final = 1 << 20
#: The maximum length of one element, or of one string that is skipped, in octets. The largest VRP
#: of Routinator's jsonext has some hundred octets for each of its ROAs.
MAX_ELEMENT: Final = 1 << 24
_BLANK: Final = re.compile(r"[ \t\n\r]*+")
_COMMA: Final = re.compile(r"[ \t\n\r]*+,[ \t\n\r]*+")
# Possessive, because a long string must not need a stack.
_SCALARS: Final = r'[^"{}\[\]]++|"(?:[^"\\]++|\\.)*+"'
_ONE_DEEP: Final = rf"{_SCALARS}|[\[{{](?:{_SCALARS})*+[\]}}]"
_TWO_DEEP: Final = rf"{_SCALARS}|[\[{{](?:{_ONE_DEEP})*+[\]}}]"
#: What is between two brackets, with whole lists and objects of two levels: the more one match
#: takes, the fewer steps of Python there are.
_CONTENT: Final = re.compile(rf"(?:{_TWO_DEEP})*+", re.DOTALL)
#: What may follow the beginning of a longer number, if it is in the file's next chunk: also
#: nothing, which is part of every string.
_OPEN: Final = ".0123456789eE+-"
#: What is left of a word or an escape where a file is cut.
_BEGUN: Final = re.compile(r"t(?:ru?)?|f(?:a(?:ls?)?)?|n(?:ul?)?|-|\\?u?[0-9A-Fa-f]{0,3}")
_NAMES: Final = {"{": "an object", "[": "a list"}
_HINT: Final = "fetch the file again"


class Readable(Protocol):
    """A binary file, or something else that octets are read from."""

    def read(self, size: int, /) -> bytes:
        """Return up to `size` octets; none at the end."""


def _no_constant(name: str) -> Never:
    raise ValueError(f"{name} is not JSON")


_SCAN: Final = json.JSONDecoder(parse_constant=_no_constant).raw_decode


class JsonStream:
    """A pull parser: the caller asks for what comes next, in the order of the file.

    Attributes:
        name: the file's name, for errors.
        octet: where the last value that was returned starts, from 0.
    """

    def __init__(self, file: Readable, name: str) -> None:
        """Start in front of the first value.

        Args:
            file: the JSON, in UTF-8.
            name: the file's name, as given.
        """
        self.name = name
        self.octet = 0
        self._file = file
        self._text = ""
        self._at = 0
        self._before = 0  # octets of the file in front of `_text`
        self._has_ended = False
        self._is_due = False  # whether the value of a member was not asked for yet
        while len(self._text) < 3 and self._refill():
            pass
        if self._text.startswith("\xef\xbb\xbf"):  # a byte order mark
            self._at = 3

    def next_is(self, opening: str) -> bool:
        """Return whether the next value starts with a character: `{`, `[`, `"`."""
        return self._peek() == opening

    def members(self) -> Iterator[str]:
        """Yield the keys of the next value, an object; values that are not asked for are skipped.

        Raises:
            InputError: the next value is not an object, or the file is cut or no JSON.
        """
        self._open("{")
        if self._peek() == "}":
            self._at += 1
            return
        while True:
            if self._peek() != '"':
                self._fail("a key in quotation marks")
            key = self.value()
            if self._peek() != ":":
                self._fail("a colon after a key")
            self._at += 1
            self._is_due = True
            yield str(key)
            if self._is_due:
                self.skip()
            if self._is_last("}"):
                return

    def elements(self) -> Iterator[object]:
        """Yield the elements of the next value, a list.

        Raises:
            InputError: the next value is not a list, an element has more than `MAX_ELEMENT` octets,
                or the file is cut or no JSON.
        """
        self._open("[")
        if self._peek() == "]":
            self._at += 1
            return
        while True:
            yield self.value()
            # Elements inside the buffer, without the calls that its end needs.
            while comma := _COMMA.match(self._text, self._at):
                try:
                    value, end = _SCAN(self._text, comma.end())
                except (ValueError, RecursionError):
                    break
                if self._text[end : end + 1] in _OPEN:
                    break
                self._at = comma.end()
                yield self._taken(value, end)
            if self._is_last("]"):
                return

    def value(self) -> object:
        """Return the next value as a whole.

        Raises:
            InputError: it has more than `MAX_ELEMENT` octets, or the file is cut or no JSON.
        """
        self._is_due = False
        if not self._peek():
            self._fail("a value")
        while True:
            try:
                value, end = _SCAN(self._text, self._at)
            except RecursionError:
                self._fail("fewer levels of lists and objects")
            except ValueError as error:
                if not self._more():
                    self._explain(error)
                continue
            if self._text[end : end + 1] not in _OPEN or not self._more():
                break
        if end - self._at > MAX_ELEMENT:
            self._refuse("a value")
        return self._taken(value, end)

    def skip(self) -> None:
        """Skip the next value, of any size.

        Raises:
            InputError: a string in it has more than `MAX_ELEMENT` octets, or the file is cut.
        """
        if self._peek() not in _NAMES:
            self.value()
            return
        self._is_due = False
        self._at += 1
        depth = 1
        while depth:
            found = _CONTENT.match(self._text, self._at)
            self._at = found.end() if found else self._at
            character = self._text[self._at : self._at + 1]
            if character in {"", '"'}:
                if not self._more():
                    self._refuse("a string")
                continue
            depth += 1 if character in _NAMES else -1
            self._at += 1

    def end(self) -> None:
        """Check that nothing follows.

        Raises:
            InputError: something does.
        """
        if self._peek():
            self._fail("the end of the file")

    def _open(self, opening: str) -> None:
        if self._peek() != opening:
            self._fail(_NAMES[opening])
        self._is_due = False
        self._at += 1

    def _is_last(self, closing: str) -> bool:
        """Take a comma or the closing bracket; return whether it was the bracket."""
        character = self._peek()
        if character not in {",", closing}:
            self._fail(f'"," or "{closing}"')
        self._at += 1
        return character == closing

    def _peek(self) -> str:
        """Return the next character that is not blank; an empty string at the end."""
        while True:
            blank = _BLANK.match(self._text, self._at)
            self._at = blank.end() if blank else self._at
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._refill():
                return ""

    def _taken(self, value: object, end: int) -> object:
        start, self._at = self._at, end
        self.octet = self._before + start
        if self._text.isascii() or (text := self._text[start:end]).isascii():
            return value
        # Strings were decoded as Latin-1; RFC 8259 section 8.1 demands UTF-8.
        return json.loads(str(text.encode("latin-1"), "utf-8", "replace"))

    def _more(self) -> bool:
        """Read more of the current value; return False if there is none or it is too long."""
        if len(self._text) - self._at > MAX_ELEMENT:
            return False
        return self._refill()

    def _refill(self) -> bool:
        if self._has_ended:
            return False
        # As much again as there is, so that a long element is not scanned often.
        octets = self._file.read(max(CHUNK, len(self._text) - self._at))
        if not octets:
            self._has_ended = True
            return False
        self._before += self._at
        self._text = self._text[self._at :] + str(octets, "latin-1")
        self._at = 0
        return True

    def _explain(self, error: ValueError) -> Never:
        """Raise the error of a value that the scanner refused."""
        if not self._has_ended:
            self._refuse("a value")
        at = error.pos if isinstance(error, json.JSONDecodeError) else self._at
        rest = self._text[at:]
        # The scanner points at the start of a string that has no end.
        if "Unterminated" in str(error) or _BEGUN.fullmatch(rest):
            at = len(self._text)
        self._at = at
        self._fail("JSON")

    def _refuse(self, what: str) -> Never:
        """Raise the error of a value that is cut or too long."""
        if len(self._text) - self._at > MAX_ELEMENT:
            self._fail(f"{what} of at most {MAX_ELEMENT:,} octets")
        self._at = len(self._text)
        self._fail(f"the end of {what}")

    def _fail(self, expected: str) -> Never:
        octet = f"octet {self._before + self._at:,}"
        if self._at >= len(self._text):
            found = f"the end of the file at {octet}"
        else:
            found = f"{self._text[self._at : self._at + 20]!r} at {octet}"
        raise InputError(self.name, expected=expected, found=Words(found), hint=_HINT)
