"""Parse TOML, and find the line of each table and key.

`tomllib` parses the text but keeps no positions, so a scanner finds them. It recognises strings,
arrays, tables and comments, and does not interpret values.
"""

from __future__ import annotations

import re
import tomllib
from ast import literal_eval
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from itertools import count
from typing import Any, Final, Self

import attrs

from peerlint.errors import Mistake, MistakesError
from peerlint.redaction import collected, masked
from peerlint.texts import is_too_deep, long_number

#: The keys and array indices (from 0) that lead from the top of a document to a position.
Path = tuple[str | int, ...]

#: Blanks, ends of lines and comments.
_GAP: Final = re.compile(r"(?:[ \t\r\n]++|#[^\n]*+)*+")
_BLANKS: Final = re.compile(r"[ \t]*+")
#: Multi-line strings, in which one or two quotes may follow each other, and one-line strings.
_STRING: Final = re.compile(
    r'"""(?:[^"\\]|\\.|"{1,2}(?!"))*+"{3,5}'
    r"|'''(?:[^']|'{1,2}(?!'))*+'{3,5}"
    r'|"(?:[^"\\\n]|\\.)*+"'
    r"|'[^'\n]*+'",
    re.DOTALL,
)
_BARE: Final = re.compile(r"[^\s.=\[\]{},#\"']++")
#: A number, a date, true or false.
_PLAIN: Final = re.compile(r"[^,\]}\n#]*+")
#: The end of an error message of `tomllib`.
_PLACE: Final = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")
#: A key in an error message of `tomllib`: a tuple of names, or one name of an inline table.
_KEY: Final = re.compile(r"""\(["'].*["'],?\)|(?<=table key )["'].*["']""", re.DOTALL)
_WORD: Final = re.compile(r"[a-z][a-z_.-]{0,39}")
#: Plainer messages for the most frequent errors of `tomllib`.
_PLAINLY: Final = {
    "Cannot overwrite a value": "this key or table is already defined",
    "Invalid value": "an invalid value (a string needs quotes)",
    "Invalid statement": "neither a key with a value nor a table",
}

_TOO_DEEP: Final = Mistake("the file", "", "TOML", "tables or arrays nested too deep")


def toml_data(text: str, file: str, error_of: type[MistakesError]) -> dict[str, Any]:
    """Parse TOML.

    Args:
        text: the text.
        file: the name of the file, for the error.
        error_of: the class of the error.

    Raises:
        MistakesError: the text is not valid TOML; the mistake has the line.
    """
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        mistake = _syntax(str(error), text)
    except RecursionError:
        mistake = _TOO_DEEP
    except ValueError as error:  # of `int`
        found, line = long_number(text) or (str(error), None)
        mistake = Mistake("the file", "", "TOML", found, line=line)
    else:
        if not is_too_deep(data):
            return data
        mistake = _TOO_DEEP
    with collected() as secrets:
        secrets.add_from_text(text)
        raise error_of(file, (mistake,)) from None


def _syntax(message: str, text: str) -> Mistake:
    match = _PLACE.search(message)
    what = message[: match.start()] if match else message
    what = _PLAINLY.get(what, what)
    what = _KEY.sub(_dotted, what)
    what = f"{what[:1].lower()}{what[1:]}"
    if match is None:
        return Mistake("the file", "", "TOML", f"an error: {what}")
    if match[1] is None:
        line = text.rstrip().count("\n") + 1
        return Mistake("the file", "", "TOML", f"an error at its end: {what}", line=line)
    found = f"an error at column {match[2]}: {what}"
    return Mistake("the file", "", "TOML", found, line=int(match[1]))


def _dotted(key: re.Match[str]) -> str:
    """Convert a key in a message of `tomllib` to TOML's notation, and mask possible secrets.

    Names of tables and keys are words; any other name may be a password in the wrong place. The
    line number of the mistake is enough to find it.
    """
    quoted = literal_eval(key[0])
    names = quoted if isinstance(quoted, tuple) else (quoted,)
    return ".".join(each if _WORD.fullmatch(each) else masked(each) for each in names)


def located(mistakes: Iterable[Mistake], text: str) -> tuple[Mistake, ...]:
    """Add lines to mistakes, and sort them by line.

    Args:
        mistakes: mistakes with paths. If the file does not have a path, the mistake gets the line
            of the innermost table around it.
        text: the text of the file, which is valid TOML.
    """
    index = LineIndex.of(text)
    found = [attrs.evolve(each, line=each.line or index.line(each.path)) for each in mistakes]
    return tuple(sorted(found, key=lambda each: each.line or 0))


@attrs.frozen
class LineIndex:
    """The line of each table, key and array element.

    Attributes:
        lines: line numbers, from 1, by path.
    """

    lines: Mapping[Path, int]

    @classmethod
    def of(cls, text: str) -> Self:
        """Scan TOML. If the text is not valid, some lines may be missing."""
        scanner = _Scanner(text.replace("\r\n", "\n"))
        with suppress(RecursionError):
            scanner.scan()
        return cls(scanner.lines)

    def line(self, path: Path) -> int | None:
        """Return the line of a path, or of the innermost table around it if it does not exist.

        Returns:
            None for the top of the file.
        """
        while path:
            if path in self.lines:
                return self.lines[path]
            path = path[:-1]
        return None


class _Scanner:
    """A scanner that finds all lines in one pass over a text.

    Attributes:
        lines: see `LineIndex`.
    """

    def __init__(self, text: str) -> None:
        self.lines: dict[Path, int] = {}
        self._text = text
        self._at = 0
        self._ends = [match.start() for match in re.finditer("\n", text)]
        #: How many tables each array of tables has so far.
        self._tables: Counter[Path] = Counter()

    def scan(self) -> None:
        table: Path = ()
        self._skip(_GAP)
        while self._at < len(self._text):
            start = self._at
            if self._take("[["):
                table = self._head(is_array=True)
            elif self._take("["):
                table = self._head(is_array=False)
            else:
                self._pair(table)
            self._skip(_GAP)
            if self._at == start:  # not TOML
                return

    def _head(self, *, is_array: bool) -> Path:
        """Read the header of a table after its opening brackets; return the table's path."""
        path: Path = ()
        keys = self._keys()
        for number, (key, at) in enumerate(keys, start=1):
            path = (*path, key)
            self._note(path, at)
            if is_array and number == len(keys):
                self._tables[path] += 1
            if path in self._tables:
                path = (*path, self._tables[path] - 1)
                self._note(path, at)
        while self._take("]"):
            pass
        return path

    def _pair(self, table: Path) -> None:
        path = table
        for key, at in self._keys():
            path = (*path, key)
            self._note(path, at)
        if self._take("="):
            self._value(path)

    def _value(self, path: Path) -> None:
        self._skip(_BLANKS)
        if self._take("["):
            for number in self._elements("]"):
                self._note((*path, number), self._at)
                self._value((*path, number))
        elif self._take("{"):
            for _ in self._elements("}"):
                self._pair(path)
        elif not self._skip(_STRING):
            self._skip(_PLAIN)

    def _elements(self, closing: str) -> Iterator[int]:
        """Yield the index of each element or pair before it is read, up to the closing bracket."""
        for number in count():
            self._skip(_GAP)
            if number and not self._take(","):
                break
            self._skip(_GAP)
            if self._text.startswith(closing, self._at) or self._at == len(self._text):
                break
            yield number
        self._take(closing)

    def _keys(self) -> list[tuple[str, int]]:
        """Read a key, dotted or not; return its parts with their offsets in the text."""
        keys: list[tuple[str, int]] = []
        while True:
            self._skip(_BLANKS)
            at = self._at
            if self._skip(_STRING):
                keys.append((_unquoted(self._text[at : self._at]), at))
            elif self._skip(_BARE):
                keys.append((self._text[at : self._at], at))
            self._skip(_BLANKS)
            if not self._take("."):
                return keys

    def _note(self, path: Path, at: int) -> None:
        self.lines.setdefault(path, bisect_right(self._ends, at - 1) + 1)

    def _take(self, mark: str) -> bool:
        is_there = self._text.startswith(mark, self._at)
        if is_there:
            self._at += len(mark)
        return is_there

    def _skip(self, pattern: re.Pattern[str]) -> bool:
        """Skip the text that matches; return whether any does."""
        match = pattern.match(self._text, self._at)
        if match is None or match.end() == self._at:
            return False
        self._at = match.end()
        return True


def _unquoted(key: str) -> str:
    if key.startswith("'"):
        return key[1:-1]
    with suppress(tomllib.TOMLDecodeError):
        return str(tomllib.loads(f"key = {key}")["key"])
    return key
