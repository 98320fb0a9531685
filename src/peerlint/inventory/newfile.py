"""Write a new inventory file.

An existing file is edited with tomlkit, which keeps its comments and layout (`edit`). A new file
has nothing to keep, and tomlkit takes milliseconds for each table.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from enum import StrEnum
from typing import Any, Final

import attrs
import tomlkit

from peerlint.display import toml_string
from peerlint.inventory.keys import Key
from peerlint.inventory.peering import Connection, Inventory, Peering
from peerlint.inventory.toml import KEYS
from peerlint.model import Asn

HEAD: Final = (
    "An inventory for peerlint, imported from Azure.",
    "Another import updates Azure's values and keeps what you add.",
)
#: Comments in new tables, by class: values that Azure does not know.
QUESTIONS: Final[dict[type, tuple[str, ...]]] = {
    Connection: (
        'Azure does not know your side; add: router = "...", role = "primary" or "backup"',
    ),
}
PROFILE_QUESTION: Final = "a guess from `network` and `peering_service`: please check"
_MBITS: Final = ("bandwidth", "provisioned_bandwidth")


def new_text(inventory: Inventory) -> str:
    """Return the text of a new inventory file; keys of registrations are in clear text."""
    lines = [f"# {line}" for line in HEAD]
    for name, value in fields_of(inventory):
        if not is_tables(value) and value != default_of(Inventory, name):
            lines.append(_pair(name, value))
    for name, value in fields_of(inventory):
        if is_tables(value):
            for each in value:
                lines += _table(KEYS.get(name, name), each)
        elif attrs.has(type(value)) and value != default_of(Inventory, name):
            raise AssertionError(f"an export has no {name}")
    return "\n".join(lines) + "\n"


def _table(head: str, value: Any) -> Iterator[str]:  # noqa: ANN401  # of any class of the inventory
    """Yield the lines of a table: its values that are not the default, then its inner tables."""
    yield ""
    yield f"[[{head}]]"
    children: list[tuple[str, tuple[Any, ...]]] = []
    for name, each in fields_of(value):
        if is_tables(each):
            children.append((KEYS.get(name, name), each))
        elif each != default_of(type(value), name):
            is_guess = name == "profile" and isinstance(value, Peering)
            yield _pair(name, each) + (f" # {PROFILE_QUESTION}" if is_guess else "")
    yield from (f"# {line}" for line in QUESTIONS.get(type(value), ()))
    for key, each in children:
        for child in each:
            yield from _table(f"{head}.{key}", child)


def _pair(name: str, value: object) -> str:
    return f"{KEYS.get(name, name)} = {_toml(toml_value(name, value))}"


def _toml(value: Any) -> str:  # noqa: ANN401  # what tomlkit takes
    if isinstance(value, str):
        return toml_string(value)
    if isinstance(value, list):
        return f"[{', '.join(map(_toml, value))}]"
    return str(tomlkit.item(value).as_string())


# -- values


def fields_of(value: Any) -> Iterator[tuple[str, Any]]:  # noqa: ANN401  # of any class of the inventory
    """Yield the names and values of the attributes that are written to the file."""
    for field in attrs.fields(type(value)):
        if not isinstance(value, Inventory) or field.name != "file":
            yield field.name, getattr(value, field.name)


def default_of(cls: type[attrs.AttrsInstance], name: str) -> object:
    """Return the default value of an attribute."""
    return attrs.fields_dict(cls)[name].default


def is_tables(value: object) -> bool:
    """Return whether a value is written as an array of tables."""
    return isinstance(value, tuple) and any(attrs.has(type(each)) for each in value)


def toml_value(name: str, value: object) -> Any:  # noqa: ANN401  # what tomlkit takes
    """Convert a value to the TOML value that a person would write."""
    if name in _MBITS and isinstance(value, int) and value % 1000 == 0:
        return f"{value // 1000}G"
    return next(
        (written(value) for cls, written in _TO_TOML.items() if isinstance(value, cls)), str(value)
    )


_TO_TOML: Final[dict[type, Callable[[Any], Any]]] = {
    bool: bool,
    Asn: int,
    int: int,
    float: float,
    Key: lambda key: key.secret,
    date: lambda day: day,
    StrEnum: str,
    str: str,
    tuple: list,
    frozenset: sorted,
}
