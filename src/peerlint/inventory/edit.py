"""Editing an inventory file: values into TOML, and what stays the same is not touched."""

from __future__ import annotations

from collections.abc import Callable, Iterator, MutableMapping
from datetime import date
from enum import StrEnum
from typing import Any, Final

import attrs
import tomlkit
from tomlkit import TOMLDocument
from tomlkit.items import AoT, Array, InlineTable, Table, Whitespace

from peerlint.display import toml_string
from peerlint.inventory.keys import Key
from peerlint.inventory.order import in_order_of
from peerlint.inventory.peering import Connection, Inventory, Peering
from peerlint.inventory.toml import KEYS
from peerlint.model import Asn

_MBITS: Final = ("bandwidth", "provisioned_bandwidth")
#: What a new table asks its reader, as comments under its keys.
_QUESTIONS: Final[dict[type, tuple[str, ...]]] = {
    Connection: (
        'Azure does not know your side; add: router = "...", role = "primary" or "backup"',
    ),
}
_PROFILE_QUESTION: Final = "a guess from `network` and `peering_service`: please check"
_HEAD: Final = (
    "An inventory for peerlint, imported from Azure.",
    "A further import updates what Azure says and leaves alone whatever you add.",
)


def edited(text: str, before: Inventory, after: Inventory) -> str:
    """Return the text of an inventory file with some values changed.

    Comments, order and spelling of everything else stay as they are. Keys are written in clear.

    Args:
        text: the file, or an empty text.
        before: what it says.
        after: what it shall say; tables of `before` are in the same places, new ones behind them.
    """
    if before == after:
        return text
    document = tomlkit.parse(text if not text or text.endswith("\n") else f"{text}\n")
    if not text.strip():
        for line in _HEAD:
            document.add(tomlkit.comment(line))
    _edit(document, before, after)
    return in_order_of(tomlkit.dumps(document), text)


def _edit(table: MutableMapping[str, Any], old: Any, new: Any) -> None:  # noqa: ANN401  # two values of one class
    """Change a table from what one value says to what another says."""
    for name, value in _fields(new):
        was = getattr(old, name)
        key = KEYS.get(name, name)
        if value == was:
            continue
        if _is_tables(value) or _is_tables(was):
            _edit_tables(table, key, was, value)
        elif value is None:
            del table[key]
        elif isinstance(table, Table):
            tail = _cut_tail(table.value.body)
            table[key] = _toml(name, value)
            table.value.body.extend(tail)
        else:
            table[key] = _toml(name, value)


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
        # tomlkit wants a list of tables to be whole when it is put in.
        table[key] = _of_tables(added)
    else:
        for value in added:
            there.append(_new_table(value))
    _last_table(table[key]).value.body.extend(tail)


def _drop_last(there: Any) -> None:  # noqa: ANN401  # tables, in line or not
    """Take the last table away, but not what introduces the next one."""
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
    """Take away what stands below a table after a blank line: it introduces what follows."""
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
    # A blank line in front, whatever stands there.
    table.trivia.indent = "\n"
    _fill(table, value)
    return table


def _fill(table: Table | InlineTable, value: Any) -> None:  # noqa: ANN401  # of any class of the inventory
    """Write a value into an empty table: what is not the default, tables last."""
    is_inline = isinstance(table, InlineTable)
    children: list[tuple[str, tuple[Any, ...]]] = []
    for name, each in _fields(value):
        key = KEYS.get(name, name)
        if _is_tables(each):
            children.append((key, each))
        elif each != _default(type(value), name):
            table[key] = _toml(name, each)
    if not is_inline:
        if isinstance(value, Peering):
            table["profile"].comment(_PROFILE_QUESTION)
        for line in _QUESTIONS.get(type(value), ()):
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


def _fields(value: Any) -> Iterator[tuple[str, Any]]:  # noqa: ANN401  # of any class of the inventory
    for field in attrs.fields(type(value)):
        if not isinstance(value, Inventory) or field.name != "file":
            yield field.name, getattr(value, field.name)


def _default(cls: type[attrs.AttrsInstance], name: str) -> object:
    return attrs.fields_dict(cls)[name].default


def _is_tables(value: object) -> bool:
    return isinstance(value, tuple) and any(attrs.has(type(each)) for each in value)


def _toml(name: str, value: object) -> Any:  # noqa: ANN401  # what tomlkit takes
    """Return a value as a person would write it."""
    if isinstance(value, str) and not isinstance(value, StrEnum):
        # Spelled by us: what nobody sees in an export is seen in the file.
        return tomlkit.string(toml_string(value)[1:-1], escape=False)
    if isinstance(value, (tuple, frozenset)):
        return [
            _toml(name, each) for each in (sorted(value) if isinstance(value, frozenset) else value)
        ]
    if name in _MBITS and isinstance(value, int) and value % 1000 == 0:
        return f"{value // 1000}G"
    return next(
        (written(value) for cls, written in _WRITTEN.items() if isinstance(value, cls)), str(value)
    )


_WRITTEN: Final[dict[type, Callable[[Any], Any]]] = {
    bool: bool,
    Asn: int,
    int: int,
    float: float,
    Key: lambda key: key.secret,
    date: lambda day: day,
    StrEnum: str,
}
