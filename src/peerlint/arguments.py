"""Check arguments of the public API: a wrong type is an `InputError` that names the argument."""

from __future__ import annotations

import os
from collections.abc import Iterable
from enum import Enum, EnumMeta, StrEnum
from typing import Any, Final, TypeVar

from peerlint.errors import InputError

Value = TypeVar("Value")
PATH: Final = (str, os.PathLike)
A_PATH: Final = "a path"
A_STRING: Final = "a string"
AN_INTEGER: Final = "an integer"


class _StringEnumMeta(EnumMeta):
    """Look up members of `ArgumentEnum` by strings only."""

    def __call__(cls, value: Any, *others: Any, **options: Any) -> Any:  # noqa: ANN401  # as Enum's own
        """Return the member with a value; Python's own error would print numbers of any length."""
        if not isinstance(value, str):
            members: list[Enum] = [*cls.__members__.values()]
            words = " or ".join(repr(str(each)) for each in members)
            raise InputError(cls.__name__, expected=words, found=value)
        return super().__call__(value, *others, **options)


class ArgumentEnum(StrEnum, metaclass=_StringEnumMeta):
    """An enumeration of strings; `ArgumentEnum(value)` raises `InputError` for other types."""


def must_be(
    name: str,
    value: object,
    kinds: type | tuple[type, ...],
    expected: str,
    *,
    or_none: bool = False,
) -> None:
    """Check the type of an argument. True and False do not count as integers.

    Args:
        name: the name of the argument.
        value: the value of the argument.
        kinds: the allowed types.
        expected: a description of these types, for the error.
        or_none: whether None is allowed too.

    Raises:
        InputError: the value has another type.
    """
    if value is None and or_none:
        return
    if not isinstance(value, kinds) or isinstance(value, bool):
        raise InputError(name, expected=expected, found=value)


def must_be_callable(name: str, value: object) -> None:
    """Check that an argument is callable or None.

    Raises:
        InputError: the value is neither.
    """
    if value is not None and not callable(value):
        raise InputError(name, expected="a function, or None", found=value)


def must_be_one_of(name: str, value: object, words: tuple[str, ...]) -> None:
    """Check that an argument is one of the strings in `words`.

    Raises:
        InputError: the value is none of them.
    """
    if not isinstance(value, str) or value not in words:
        raise InputError(name, expected=" or ".join(map(repr, words)), found=value)


def as_tuple(
    name: str,
    values: Iterable[Value],
    kinds: type | tuple[type, ...] = object,
    expected: str = "",
) -> tuple[Value, ...]:
    """Return the values of an argument as a tuple.

    Args:
        name: the name of the argument.
        values: an iterable of values.
        kinds: the allowed types of a value.
        expected: a description of these types, for the error.

    Raises:
        InputError: the argument is a single string (which would be split into letters), is not
            iterable, or has a value of another type.
    """
    if isinstance(values, (str, bytes, os.PathLike)):
        raise InputError(name, expected=f"a list, such as [{str(values)!r}]", found=str(values))
    try:
        items = tuple(values)
    except TypeError:
        raise InputError(name, expected="a list", found=values) from None
    for each in items:
        must_be(name, each, kinds, expected)
    return items
