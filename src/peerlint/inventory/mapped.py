"""Apply a function to every string inside a value, for example to mask secrets."""

from __future__ import annotations

import operator
from collections.abc import Callable
from functools import cache
from typing import Any, TypeVar, cast

import attrs

from peerlint.inventory.keys import Key

_Value = TypeVar("_Value")


def mapped(value: _Value, change: Callable[[str], str]) -> _Value:
    """Return a value with `change` applied to every string in it.

    Args:
        value: an attrs value, a tuple, a dictionary or a string, nested to any depth.
        change: returns the new string; it is called once for equal strings.
    """
    same: set[str] = set()

    @cache
    def changed(text: str) -> str:
        new = change(text)
        if new != text:
            return new
        same.add(text)
        return text  # the same object, so that values that contain it are not copied

    return cast("_Value", _changed(value, changed, same))


def _changed(value: Any, change: Callable[[str], str], same: set[str]) -> Any:  # noqa: ANN401  # values of every kind, and back
    """Return a value with every string changed, or the same object if no string changes.

    Args:
        value: see `mapped`.
        change: returns the new string.
        same: strings that are known not to change.
    """
    kind: Any = type(value)
    if kind is str:
        new = change(value)
        # An equal text may be another object: what holds this one need not be copied.
        return value if new == value else new
    if isinstance(value, tuple):
        items = [_changed(each, change, same) for each in value]
        return tuple(items) if any(map(operator.is_not, items, value)) else value
    if isinstance(value, dict):
        # The rows of a matrix repeat the same strings: this avoids a look-up for each cell.
        if set(map(type, value.values())) == {str} and same.issuperset((*value, *value.values())):
            return value
        pairs = {
            _changed(key, change, same): _changed(each, change, same) for key, each in value.items()
        }
        is_same = pairs.keys() == value.keys() and not any(
            map(operator.is_not, pairs.values(), value.values())
        )
        return value if is_same else pairs
    changed: dict[str, object] = {}
    for name in _fields_of(kind):
        old = getattr(value, name)
        if old is None:
            continue
        new = _changed(old, change, same)
        if new is not old:
            changed[name] = new
    return attrs.evolve(value, **changed) if changed else value


@cache
def _fields_of(kind: type) -> tuple[str, ...]:
    """Return the attribute names of an attrs class; none for others and for `Key`."""
    if not attrs.has(kind) or issubclass(kind, Key):
        return ()
    return tuple(field.name for field in attrs.fields(kind))
