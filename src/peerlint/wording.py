"""Values, names and numbers as messages show them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, time
from typing import Final, TypeVar

from peerlint.redaction import redacted, without_keys

_Named = TypeVar("_Named")

#: Characters of a word that may be a mistyped one: comparing takes time, and names are short.
_LONGEST: Final = 100
#: How similar a mistyped word is to the intended one (`SequenceMatcher.ratio`); names that share
#: only the name of their family are less similar.
_ALIKE: Final = 0.75
#: What a message shows of a value: levels of lists, items of each, characters of a text.
_DEEPEST: Final = 3
_ITEMS: Final = 30
_QUOTED: Final = 1000
#: A number of more digits is only described.
_LARGEST: Final = 10**40
_DIGITS_PER_BIT: Final = 0.30103
#: Names in one message, at most: a report has as many messages as findings.
NAMED: Final = 8


class Words(str):
    """Words that stand for a value in a message, such as "none of them": no quotes around them."""

    __slots__ = ()


def shown(value: object) -> str:
    """Return a value as a person would write it, not as Python does.

    A table is only called a table: it may hold keys. Long or deeply nested values are cut short,
    and the message says how much is left out.
    """
    return _shown(value, _DEEPEST)


def _shown(value: object, depth: int) -> str:  # noqa: PLR0911  # a table of kinds
    if value is None:
        return "nothing"
    if isinstance(value, Words):
        return str(value)
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return _text(str(value))
    if isinstance(value, date | time):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, Mapping):
        return "a table"
    if isinstance(value, list | tuple | set | frozenset):
        return _items(list(value), depth)
    if isinstance(value, int) and abs(value) >= _LARGEST:
        return f"a number of {int(value.bit_length() * _DIGITS_PER_BIT) + 1:,} digits"
    return _other(value)


def _text(text: str) -> str:
    if not text:
        return "an empty text"
    if len(text) <= _QUOTED:
        return repr(text)
    # Before it is cut: what is left of a secret would not be known as one.
    text = redacted(without_keys(text))
    return f"{text[:_QUOTED]!r} and {len(text) - _QUOTED:,} more characters"


def _items(items: list[object], depth: int) -> str:
    if not items:
        return "an empty list"
    if not depth:
        return "a list"
    more = len(items) - _ITEMS
    texts = [_shown(each, depth - 1) for each in items[:_ITEMS]]
    return f"[{', '.join(texts)}{f' and {more:,} more' if more > 0 else ''}]"


def _other(value: object) -> str:
    """Return the text of a value, or its type if its text would only be its address in memory."""
    try:
        text = str(value)
    except Exception:  # noqa: BLE001  # any class may fail in a way of its own
        text = "<"
    return f"a value of type {type(value).__name__}" if text.startswith("<") else text


def open_failure(error: OSError | ValueError) -> str:
    """Return why a file cannot be opened.

    Args:
        error: raised by the system, or by Python for a name that the system cannot take.
    """
    if isinstance(error, UnicodeError):
        return "the name has characters that file names here cannot have"
    if isinstance(error, OSError):
        return error.strerror or str(error) or type(error).__name__
    return "the name has a NUL character" if "null" in str(error) else str(error)


def closest(word: object, known: Iterable[str]) -> str | None:
    """Return the known word that is most similar to another one, None if none is."""
    # Imported here: only a mistake needs it.
    from difflib import get_close_matches  # noqa: PLC0415

    if not isinstance(word, str) or len(word) > _LONGEST:
        return None
    words = list(known)
    folded = {each.casefold(): each for each in reversed(words)}
    found = get_close_matches(word.casefold(), folded, n=1, cutoff=_ALIKE)
    return folded[found[0]] if found else None


def listed(
    names: Iterable[_Named],
    most: int = NAMED,
    *,
    more: int = 0,
    spelled: Callable[[_Named], str] = str,
) -> str:
    """Return names with commas between them, such as "a, b and 3 more".

    Args:
        names: to list.
        most: how many of them are named; the others are counted.
        more: how many others there are that `names` does not have.
        spelled: returns the text of a name; only those that are named are asked for, and a
            sequence is not copied: each of very many findings may list the same names.
    """
    every = names if isinstance(names, Sequence) else list(names)
    more += max(0, len(every) - most)
    named = ", ".join(map(spelled, every[:most]))
    return named + (f" and {more:,} more" if more else "")


def counted(count: int, noun: str, plural: str | None = None) -> str:
    """Return a number and what it counts, in the singular or the plural.

    Args:
        count: how many.
        noun: in the singular.
        plural: None for the regular one.
    """
    if count == 1:
        return f"1 {noun}"
    regular = f"{noun}es" if noun.endswith(("x", "s", "ch", "sh")) else f"{noun}s"
    return f"{count:,} {plural or regular}"
