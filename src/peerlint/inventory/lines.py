"""TOML text: its data, and the line on which each table and key begins.

`tomllib` reads the text. It keeps no positions, so a scanner finds them: it recognises strings,
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

#: The keys, and the numbers of elements of arrays (from 0), that lead to a place in a document.
Path = tuple[str | int, ...]

#: Blanks, ends of lines and comments.
_GAP: Final = re.compile(r"(?:[ \t\r\n]++|#[^\n]*+)*+")
_BLANKS: Final = re.compile(r"[ \t]*+")
#: Strings of several lines, in which up to two quotes in a row are allowed, and of one line.
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
#: A key in what `tomllib` says: a tuple of names, or the one name of an inline table.
_KEY: Final = re.compile(r"""\(["'].*["'],?\)|(?<=table key )["'].*["']""", re.DOTALL)
_WORD: Final = re.compile(r"[a-z][a-z_.-]{0,39}")
#: Messages of `tomllib` for the most frequent mistakes, and plainer ones.
_PLAINLY: Final = {
    "Cannot overwrite a value": "this key or table is there already",
    "Invalid value": "a value that is none (a text needs quotes)",
    "Invalid statement": "neither a key with a value nor a table",
}

_TOO_DEEP: Final = Mistake("the file", "", "TOML", "tables or arrays nested too deep")


def toml_data(text: str, file: str, error_of: type[MistakesError]) -> dict[str, Any]:
    """Return the data of a TOML text.

    Args:
        text: the text.
        file: its name, for the error.
        error_of: what to raise.

    Raises:
        MistakesError: it is not valid TOML; the mistake has the line.
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


def _syntax(said: str, text: str) -> Mistake:
    match = _PLACE.search(said)
    what = said[: match.start()] if match else said
    what = _PLAINLY.get(what, what)
    what = _KEY.sub(_dotted, what)
    what = f"{what[:1].lower()}{what[1:]}"
    if match is None:
        return Mistake("the file", "", "TOML", f"an error: {what}")
    if match[1] is None:
        line = text.rstrip().count("\n") + 1
        return Mistake("the file", "", "TOML", f"an error at its end: {what}", line=line)
    found = f"an error in column {match[2]}: {what}"
    return Mistake("the file", "", "TOML", found, line=int(match[1]))


def _dotted(key: re.Match[str]) -> str:
    """Return a key from a message of `tomllib` as TOML writes it; possible secrets are masked.

    The line tells where it is. Names of tables and keys are words; any other name may be a password
    in the wrong place.
    """
    said = literal_eval(key[0])
    names = said if isinstance(said, tuple) else (said,)
    return ".".join(each if _WORD.fullmatch(each) else masked(each) for each in names)


def located(mistakes: Iterable[Mistake], text: str) -> tuple[Mistake, ...]:
    """Return mistakes with their lines, in the order of the file.

    Args:
        mistakes: each with its path; those of a path that the file does not have get the line of
            the table that lacks it.
        text: the file, valid TOML.
    """
    index = LineIndex.of(text)
    found = [attrs.evolve(each, line=each.line or index.line(each.path)) for each in mistakes]
    return tuple(sorted(found, key=lambda each: each.line or 0))


@attrs.frozen
class LineIndex:
    """The line on which each table, key and element of an array begins.

    Attributes:
        lines: by path, from 1.
    """

    lines: Mapping[Path, int]

    @classmethod
    def of(cls, text: str) -> Self:
        """Scan a text that `tomllib` can read; of any other text, some lines may be missing."""
        scanner = _Scanner(text.replace("\r\n", "\n"))
        with suppress(RecursionError):
            scanner.scan()
        return cls(scanner.lines)

    def line(self, path: Path) -> int | None:
        """Return the line of a path; if it does not exist, of the innermost table around it.

        None for the top of the file, which has no line of its own.
        """
        while path:
            if path in self.lines:
                return self.lines[path]
            path = path[:-1]
        return None


class _Scanner:
    """Finds the lines in one pass over a text.

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
        """Read the head of a table after its opening brackets; return the table's path."""
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
        """Yield the number of each element or pair before it is read, up to the bracket."""
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
        """Read a key, dotted or not; return its parts, each with its place in the text."""
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
        """Pass over what matches; return whether that is anything."""
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
