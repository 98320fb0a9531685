"""Values of repeated octets are made once, in memory that has a bound."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import Final, TypeVar

Key = TypeVar("Key")
Value = TypeVar("Value")

#: Longer octets are decoded anew each time: they repeat rarely, and what becomes of them is
#: large. 2**13 lists of attributes of this length take 30 MB, with 40 prefixes in each.
LONGEST: Final = 256


def remembered(
    entries: int,
) -> Callable[[Callable[[bytes, Key], Value]], Callable[[bytes, Key], Value]]:
    """Remember what short octets and how to read them give; the least recent is forgotten.

    Args:
        entries: how many to remember.
    """

    def decorate(decode: Callable[[bytes, Key], Value]) -> Callable[[bytes, Key], Value]:
        recall = lru_cache(entries)(decode)

        @wraps(decode)
        def decode_or_recall(octets: bytes, form: Key) -> Value:
            return recall(octets, form) if len(octets) <= LONGEST else decode(octets, form)

        return decode_or_recall

    return decorate
