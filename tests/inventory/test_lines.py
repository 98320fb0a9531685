"""The line of each table and key in a TOML file."""

from __future__ import annotations

import tomllib
from datetime import date
from typing import Any, Final

import pytest
import tomlkit
from hypothesis import example, given
from hypothesis import strategies as st
from tomlkit import TOMLDocument
from tomlkit.items import Item, Key, KeyType, SingleKey, Table

from peerlint.inventory.lines import LineIndex

#: TOML, and the lines of some paths in it (in the order of the chapters of TOML 1.0.0).
ROWS: Final = [
    # key/value pairs and comments
    ("a = 1", {("a",): 1}),
    ("\n# a = 0\n\na = 1", {("a",): 4}),
    ("a = 1 # b = 2\nb = 3", {("b",): 2}),
    ("a = 1\r\nb = 2\r\n", {("a",): 1, ("b",): 2}),
    # keys: bare, quoted, dotted
    ('"a b" = 1\n\'c d\' = 2\n"e\\u0066" = 3', {("a b",): 1, ("c d",): 2, ("ef",): 3}),
    ("a.b.c = 1\na . d = 2", {("a",): 1, ("a", "b"): 1, ("a", "b", "c"): 1, ("a", "d"): 2}),
    ('site."example.com" = 1\n3.14 = 2', {("site", "example.com"): 1, ("3", "14"): 2}),
    # strings of every kind, with characters of keys and brackets in them
    ('a = """\nb = 1\n"""\nb = 2', {("b",): 4}),
    ("a = '''\n[b]\n'''\nb = 2", {("b",): 4}),
    ('a = """x"" \\""" y"""""\nb = 2', {("b",): 2}),
    ("a = '''x'' y'''''\nb = 2", {("b",): 2}),
    ('a = "# \\" ] }"\nb = 2', {("b",): 2}),
    ("a = 'C:\\'\nb = 2", {("b",): 2}),
    ('a = "\\\\"\nb = 2', {("b",): 2}),
    # dates, numbers, truth values
    ("a = 2026-11-01 10:00:00 # x\nb = 1_000\nc = true", {("b",): 2, ("c",): 3}),
    # arrays over several lines, with comments and a comma at their end
    ("a = [\n  1, # ]\n  [2,\n   3],\n]\nb = 2",
     {("a", 0): 2, ("a", 1): 3, ("a", 1, 0): 3, ("a", 1, 1): 4, ("b",): 6}),
    ("a = []\nb = [[]]\nc = 1", {("b", 0): 2, ("c",): 3}),
    # inline tables
    ('a = { b = 1, c.d = "}" }\ne = {}\nf = 1',
     {("a", "b"): 1, ("a", "c", "d"): 1, ("e",): 2, ("f",): 3}),
    ("a = [\n  { b = 1 },\n  { b = 2 },\n]", {("a", 0, "b"): 2, ("a", 1): 3, ("a", 1, "b"): 3}),
    # tables
    ("[a]\nb = 1\n[a.c]\nd = 1", {("a",): 1, ("a", "b"): 2, ("a", "c"): 3, ("a", "c", "d"): 4}),
    ("[ a . 'b' ] # x\nc = 1", {("a", "b"): 1, ("a", "b", "c"): 2}),
    ("[a.b]\n[a]\nc = 1", {("a", "b"): 1, ("a", "c"): 3}),
    # arrays of tables, and tables in them
    ("[[a]]\nb = 1\n\n[[a]]\nb = 2",
     {("a", 0): 1, ("a", 0, "b"): 2, ("a", 1): 4, ("a", 1, "b"): 5}),
    ("[[a]]\n[[a.b]]\nc = 1\n[[a.b]]\n[a.b.d]\ne = 1\n[[a]]\n[[a.b]]\nc = 2",
     {("a", 0, "b", 0, "c"): 3, ("a", 0, "b", 1): 4, ("a", 0, "b", 1, "d", "e"): 6,
      ("a", 1): 7, ("a", 1, "b", 0, "c"): 9}),
]  # fmt: skip


@pytest.mark.parametrize(("text", "lines"), ROWS)
def test_lines(text: str, lines: dict[tuple[str | int, ...], int]) -> None:
    """Each table, key and element has the line where it begins."""
    index = LineIndex.of(text)

    assert lines == {path: index.lines.get(path) for path in lines}


def test_missing_paths() -> None:
    """A missing path has the line of the table around it; the top of the file has none."""
    index = LineIndex.of("\n[[a]]\n[[a.b]]\nc = 1")

    assert 3 == index.line(("a", 0, "b", 0, "name"))
    assert 2 == index.line(("a", 0, "name"))
    assert index.line(("name",)) is None
    assert index.line(()) is None


# -- any document

_NAMES = st.one_of(
    st.sampled_from(("a", "b", "name", "a-b", "1")),
    st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=4),
)
_TEXTS = st.one_of(
    st.sampled_from(("", "x", "a = 1\n[b]\n", '"', "'", "#", "]", "}", '"""', "'''", "\\")),
    st.text(st.characters(exclude_categories=("Cs",)), max_size=6),
)
_SCALARS = st.one_of(
    st.booleans(),
    st.integers(-9, 9),
    st.floats(allow_nan=False, allow_infinity=False),
    st.dates(date(2000, 1, 1), date(2030, 1, 1)),
    _TEXTS,
)


@st.composite
def items(draw: st.DrawFn, depth: int = 2) -> Item:
    """Return a value of one line, or a string or array of several lines."""
    kind = draw(st.sampled_from(("scalar", "text", "array", "table") if depth else ("scalar",)))
    if kind == "text":
        literal, multiline = draw(st.booleans()), draw(st.booleans())
        text = draw(_TEXTS)
        try:
            return tomlkit.string(text, literal=literal, multiline=multiline)
        except ValueError:  # a literal string cannot have all characters
            return tomlkit.string(text)
    if kind == "array":
        array = tomlkit.array().multiline(draw(st.booleans()))
        for each in draw(st.lists(items(depth=depth - 1), max_size=3)):
            array.append(each)
        return array
    if kind == "table":
        inline = tomlkit.inline_table()
        for name in draw(st.lists(_NAMES, max_size=3, unique=True)):
            inline.append(key(draw, name), draw(items(depth=0)))
        return inline
    return tomlkit.item(draw(_SCALARS))


def key(draw: st.DrawFn, name: str) -> Key:
    """Return a key in one of its notations."""
    can_be_bare = name.isascii() and name.replace("-", "").isalnum()
    kinds = [KeyType.Basic, *([KeyType.Bare] if can_be_bare else [])]
    return SingleKey(name, draw(st.sampled_from(kinds)))


def fill(draw: st.DrawFn, table: Table | TOMLDocument, depth: int) -> None:
    """Put pairs, comments, blank lines, tables and arrays of tables into a table."""
    names = draw(st.lists(_NAMES, max_size=4, unique=True))
    split = draw(st.integers(0, len(names)))
    for name in names[:split]:
        if draw(st.booleans()):
            table.add(tomlkit.comment("x = [1"))
        if draw(st.booleans()):
            table.add(tomlkit.nl())
        table.append(key(draw, name), draw(items()))
    for name in names[split:] if depth else ():
        if draw(st.booleans()):
            inner = tomlkit.table()
            fill(draw, inner, depth - 1)
            table.append(key(draw, name), inner)
        else:
            tables = tomlkit.aot()
            for _ in range(draw(st.integers(1, 2))):
                each = tomlkit.table()
                fill(draw, each, depth - 1)
                tables.append(each)
            table.append(key(draw, name), tables)


@st.composite
def documents(draw: st.DrawFn) -> str:
    """Return the text of a document as tomlkit writes it."""
    document = tomlkit.document()
    fill(draw, document, 2)
    return tomlkit.dumps(document)


def paths(value: object, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """Return every path of a value that `tomllib` returns."""
    inner: list[tuple[str | int, object]] = []
    if isinstance(value, dict):
        inner = list(value.items())
    elif isinstance(value, list):
        inner = list(enumerate(value))
    found = [(*path, step) for step, _ in inner]
    return found + [deeper for step, each in inner for deeper in paths(each, (*path, step))]


@given(text=documents())
@example(text='a = """\n"""\n[[b]]\n')
def test_every_path_has_its_line(text: str) -> None:
    """Every path of any document has the right line.

    The line is checked without the scanner: the text before the line is valid TOML without the
    path, and with the line, and as many more as the value needs, it has the path.
    """
    data = tomllib.loads(text)
    index = LineIndex.of(text)
    lines = text.replace("\r\n", "\n").split("\n")

    assert set(paths(data)) == set(index.lines)
    for path, line in index.lines.items():
        before = readable(lines[: line - 1])
        if before is None:  # inside an array of several lines
            assert any(isinstance(step, int) for step in path), (path, line)
            continue
        assert path not in paths(before), (path, line)
        after = next(
            found
            for end in range(line, len(lines) + 1)
            if (found := readable(lines[:end])) is not None
        )
        assert path in paths(after), (path, line)


def readable(lines: list[str]) -> dict[str, Any] | None:
    """Parse lines; return None if they are not valid TOML."""
    try:
        return tomllib.loads("\n".join(lines))
    except tomllib.TOMLDecodeError:
        return None
