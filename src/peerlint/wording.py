"""Values, names and numbers in the words of a message."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, time
from typing import Final

#: Characters of a word that may be a mistyped one: comparing takes time, and names are short.
_LONGEST: Final = 100
#: How much two words have in common that may be meant as one (`SequenceMatcher.ratio`): names that
#: share no more than the name of their family are further apart.
_ALIKE: Final = 0.75
#: So many names stand in one message: a report has as many messages as findings.
NAMED: Final = 8


class Words(str):
    """Words that stand for a value in a message, such as "none of them": no quotes around them."""

    __slots__ = ()


def shown(value: object) -> str:  # noqa: PLR0911  # a table of kinds
    """Return a value as a person would write it, and not as Python does.

    A table is only named: it may hold keys.
    """
    if value is None:
        return "nothing"
    if isinstance(value, Words):
        return str(value)
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return repr(str(value)) if value else "an empty text"
    if isinstance(value, date | time):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, Mapping):
        return "a table"
    if isinstance(value, list | tuple | set | frozenset):
        return f"[{', '.join(map(shown, value))}]" if value else "an empty list"
    return str(value)


def closest(word: object, known: Iterable[str]) -> str | None:
    """Return the known word that is most like another one, None if none is like it."""
    # Imported here: only a mistake needs it.
    from difflib import get_close_matches  # noqa: PLC0415

    if not isinstance(word, str) or len(word) > _LONGEST:
        return None
    words = list(known)
    folded = {each.casefold(): each for each in reversed(words)}
    found = get_close_matches(word.casefold(), folded, n=1, cutoff=_ALIKE)
    return folded[found[0]] if found else None


def listed(names: Iterable[str], most: int = NAMED) -> str:
    """Return names with commas between them, of very many the first and how many more.

    Args:
        names: to list.
        most: how many are named.
    """
    every = list(names)
    if len(every) <= most:
        return ", ".join(every)
    return f"{', '.join(every[:most])} and {len(every) - most:,} more"


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
