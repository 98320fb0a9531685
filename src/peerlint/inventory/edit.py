"""Edit an inventory file: write changed values, and keep the rest of the text."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any

import tomlkit
from tomlkit import TOMLDocument
from tomlkit.items import AoT, Array, InlineTable, Table, Whitespace

from peerlint.display import toml_string
from peerlint.inventory.newfile import (
    PROFILE_QUESTION,
    QUESTIONS,
    default_of,
    fields_of,
    is_tables,
    new_text,
    toml_value,
)
from peerlint.inventory.order import in_order_of
from peerlint.inventory.peering import Inventory, Peering
from peerlint.inventory.toml import KEYS


def edited(text: str, before: Inventory, after: Inventory) -> str:
    """Return the text of an inventory file with changed values.

    Comments, order and layout of everything else are kept. Keys of registrations are in clear text.

    Args:
        text: the text of the file; it may be empty.
        before: the inventory that the text contains.
        after: the new inventory; the tables of `before` have the same indices, new ones follow.
    """
    if before == after:
        return text
    if not text.strip():
        return new_text(after)
    document = tomlkit.parse(text if text.endswith("\n") else f"{text}\n")
    _edit(document, before, after)
    return in_order_of(tomlkit.dumps(document), text)


def _edit(table: MutableMapping[str, Any], old: Any, new: Any) -> None:  # noqa: ANN401  # two values of one class
    """Write the differences between two values into a table."""
    for name, value in fields_of(new):
        was = getattr(old, name)
        key = KEYS.get(name, name)
        if value == was:
            continue
        if is_tables(value) or is_tables(was):
            _edit_tables(table, key, was, value)
        elif value is None:
            del table[key]
        elif isinstance(table, Table):
            tail = _cut_tail(table.value.body)
            table[key] = _item(name, value)
            table.value.body.extend(tail)
        else:
            table[key] = _item(name, value)


def _edit_tables(
    table: MutableMapping[str, Any], key: str, old: tuple[Any, ...], new: tuple[Any, ...]
) -> None:
    there: Any = table.get(key)
    if not new:
        del table[key]
        return
    for at, (was, value) in enumerate(zip(old, new, strict=False)):
        if was != value:
            _edit(there[at], was, value)
    for _ in old[len(new) :]:
        _drop_last(there)
    added = new[len(old) :]
    if isinstance(there, Array) or (there is None and isinstance(table, InlineTable)):
        array = there if isinstance(there, Array) else tomlkit.array()
        for value in added:
            array.append(_inline(value))
        table[key] = array
        return
    if not added:
        return
    is_end = isinstance(table, TOMLDocument) and there is None
    tail = [] if is_end else _cut_tail(_last_table(there or table).value.body)
    if there is None:
        # tomlkit needs an array of tables to be complete when it is inserted.
        table[key] = _of_tables(added)
    else:
        for value in added:
            there.append(_new_table(value))
    _last_table(table[key]).value.body.extend(tail)


def _drop_last(there: Any) -> None:  # noqa: ANN401  # tables, in line or not
    """Remove the last table, but keep the comments above the table that follows it."""
    if isinstance(there, Array):
        del there[-1]
        return
    tail = _cut_tail(_last_table(there).value.body)
    del there[-1]
    body = _last_table(there).value.body
    between = _cut_tail(body)
    is_blank = all(isinstance(item, Whitespace) for _, item in between)
    body.extend(tail if is_blank else [*between, *tail])


def _last_table(item: Any) -> Any:  # noqa: ANN401  # a table or a list of tables; the table that is printed last
    while True:
        if isinstance(item, AoT):
            item = item[-1]
        inner = [each for each in item.values() if isinstance(each, (AoT, Table))]
        if not inner:
            return item
        item = inner[-1]


def _cut_tail(body: list[tuple[Any, Any]]) -> list[tuple[Any, Any]]:
    """Remove and return the lines after a table's blank line, which belong to the next table."""
    start = len(body)
    while start and body[start - 1][0] is None:
        start -= 1
    while start < len(body) and not isinstance(body[start][1], Whitespace):
        start += 1
    tail = body[start:]
    del body[start:]
    return tail


def _of_tables(values: tuple[Any, ...]) -> AoT:
    tables = tomlkit.aot()
    for value in values:
        tables.append(_new_table(value))
    return tables


def _new_table(value: Any) -> Table:  # noqa: ANN401  # of any class of the inventory
    table = tomlkit.table()
    # tomlkit writes `indent` before the table: this makes a blank line.
    table.trivia.indent = "\n"
    _fill(table, value)
    return table


def _fill(table: Table | InlineTable, value: Any) -> None:  # noqa: ANN401  # of any class of the inventory
    """Write a value into an empty table: attributes that are not the default, inner tables last."""
    is_inline = isinstance(table, InlineTable)
    children: list[tuple[str, tuple[Any, ...]]] = []
    for name, each in fields_of(value):
        key = KEYS.get(name, name)
        if is_tables(each):
            children.append((key, each))
        elif each != default_of(type(value), name):
            table[key] = _item(name, each)
    if not is_inline:
        if isinstance(value, Peering):
            table["profile"].comment(PROFILE_QUESTION)
        for line in QUESTIONS.get(type(value), ()):
            table.add(tomlkit.comment(line))
    for key, each in children:
        if is_inline:
            array = tomlkit.array()
            for child in each:
                array.append(_inline(child))
            table[key] = array
        else:
            table[key] = _of_tables(each)


def _inline(value: Any) -> InlineTable:  # noqa: ANN401  # of any class of the inventory
    table = tomlkit.inline_table()
    _fill(table, value)
    return table


def _item(name: str, value: object) -> Any:  # noqa: ANN401  # what tomlkit takes
    """Convert a value for tomlkit, with invisible characters escaped."""
    written = toml_value(name, value)
    return [*map(_text, written)] if isinstance(written, list) else _text(written)


def _text(value: Any) -> Any:  # noqa: ANN401  # what tomlkit takes
    if isinstance(value, str):
        return tomlkit.string(toml_string(value)[1:-1], escape=False)
    return value
