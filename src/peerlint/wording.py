"""Format values, names and numbers for messages."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, time
from typing import Final, TypeVar

from peerlint.redaction import redacted, without_keys

_Named = TypeVar("_Named")

#: The longest word for which a similar one is suggested: comparing takes time, and names are short.
_LONGEST: Final = 100
#: The minimum similarity of a suggestion (`SequenceMatcher.ratio`); rule names that share only
#: their family are less similar.
_MIN_SIMILARITY: Final = 0.75
#: How much of a value a message shows: levels of lists, items of each, characters of a string.
_DEEPEST: Final = 3
_ITEMS: Final = 30
_QUOTED: Final = 1000
#: From this number on, only the count of digits is shown.
_LARGEST: Final = 10**40
_DIGITS_PER_BIT: Final = 0.30103
#: The maximum number of names in one message: a report has as many messages as findings.
NAMED: Final = 8


class Words(str):
    """A description of a value, such as "none of them", that messages show without quotes."""

    __slots__ = ()


def shown(value: object) -> str:
    """Return a value as a person would write it, not as Python does.

    For a table, the text is "a table", because a table may contain keys. Long or deeply nested
    values are cut short, and the text says how much is omitted.
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
        return "an empty string"
    if len(text) <= _QUOTED:
        return repr(text)
    # Masked before it is cut: part of a secret would not be recognised.
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
    """Return the text of a value, or its type if the text would only show a memory address."""
    try:
        text = str(value)
    except Exception:  # noqa: BLE001  # a class's `__str__` may raise anything
        text = "<"
    return f"a value of type {type(value).__name__}" if text.startswith("<") else text


def open_failure(error: OSError | ValueError) -> str:
    """Return the reason why a file cannot be opened.

    Args:
        error: raised by the system, or by Python for a name that the system does not allow.
    """
    if isinstance(error, UnicodeError):
        return "the name has characters that file names here cannot have"
    if isinstance(error, OSError):
        return error.strerror or str(error) or type(error).__name__
    return "the name has a NUL character" if "null" in str(error) else str(error)


def closest(word: object, known: Iterable[str]) -> str | None:
    """Return the known word that is most similar to `word`; None if none is similar."""
    # Imported here: it is needed for mistakes only.
    from difflib import get_close_matches  # noqa: PLC0415

    if not isinstance(word, str) or len(word) > _LONGEST:
        return None
    words = list(known)
    folded = {each.casefold(): each for each in reversed(words)}
    found = get_close_matches(word.casefold(), folded, n=1, cutoff=_MIN_SIMILARITY)
    return folded[found[0]] if found else None


def listed(
    names: Iterable[_Named],
    most: int = NAMED,
    *,
    more: int = 0,
    text_of: Callable[[_Named], str] = str,
) -> str:
    """Return a list of names for a message, such as "a, b and 3 more".

    Args:
        names: the names to list. A sequence is not copied: many findings may list the same names.
        most: the maximum number of names to show; the others are counted.
        more: the number of further names that `names` does not have.
        text_of: returns the text of a name; it is called only for names that are shown.
    """
    every = names if isinstance(names, Sequence) else list(names)
    more += max(0, len(every) - most)
    named = ", ".join(map(text_of, every[:most]))
    return named + (f" and {more:,} more" if more else "")


def counted(count: int, noun: str, plural: str | None = None) -> str:
    """Return a number with its noun, in the singular or plural, such as "2 prefixes".

    Args:
        count: the number.
        noun: the noun in the singular.
        plural: the noun in the plural; None if it is regular.
    """
    if count == 1:
        return f"1 {noun}"
    regular = f"{noun}es" if noun.endswith(("x", "s", "ch", "sh")) else f"{noun}s"
    return f"{count:,} {plural or regular}"
