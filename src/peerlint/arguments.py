"""Arguments of the public API: a value of the wrong type is an `InputError` that names it."""

from __future__ import annotations

import os
from collections.abc import Iterable
from enum import Enum, EnumMeta, StrEnum
from typing import Any, Final, TypeVar

from peerlint.errors import InputError

Value = TypeVar("Value")
PATH: Final = (str, os.PathLike)
A_PATH: Final = "a path"
A_TEXT: Final = "a text"
AN_INTEGER: Final = "an integer"


class _OfTexts(EnumMeta):
    """Look up members of `ArgumentEnum` by texts only."""

    def __call__(cls, value: Any, *others: Any, **options: Any) -> Any:  # noqa: ANN401  # as Enum's own
        """Return the member of a value; Python's own error would print a number of any length."""
        if not isinstance(value, str):
            members: list[Enum] = [*cls.__members__.values()]
            words = " or ".join(repr(str(each)) for each in members)
            raise InputError(cls.__name__, expected=words, found=value)
        return super().__call__(value, *others, **options)


class ArgumentEnum(StrEnum, metaclass=_OfTexts):
    """One of some words; `ArgumentEnum(value)` raises `InputError` for what is no text."""


def must_be(
    name: str,
    value: object,
    kinds: type | tuple[type, ...],
    expected: str,
    *,
    or_none: bool = False,
) -> None:
    """Check the type of an argument; True and False do not count as integers.

    Args:
        name: of the argument.
        value: what was given.
        kinds: what it may be an instance of.
        expected: the same in words.
        or_none: whether it may be None.

    Raises:
        InputError: it has another type.
    """
    if value is None and or_none:
        return
    if not isinstance(value, kinds) or isinstance(value, bool):
        raise InputError(name, expected=expected, found=value)


def must_be_callable(name: str, value: object) -> None:
    """Check that an argument is callable or None.

    Raises:
        InputError: it is neither.
    """
    if value is not None and not callable(value):
        raise InputError(name, expected="a function, or None", found=value)


def must_be_one_of(name: str, value: object, words: tuple[str, ...]) -> None:
    """Check that an argument is one of some words.

    Raises:
        InputError: it is not.
    """
    if not isinstance(value, str) or value not in words:
        raise InputError(name, expected=" or ".join(map(repr, words)), found=value)


def as_tuple(
    name: str,
    values: Iterable[Value],
    kinds: type | tuple[type, ...] = object,
    expected: str = "",
) -> tuple[Value, ...]:
    """Return an argument that takes several values as a tuple.

    Args:
        name: of the argument.
        values: any number of them.
        kinds: what each may be an instance of.
        expected: the same in words.

    Raises:
        InputError: it is a single text, which would be taken for its letters, it is not iterable,
            or one of its values has another type.
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
