"""Memoize decoders in bounded memory."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import Final, TypeVar

Key = TypeVar("Key")
Value = TypeVar("Value")

#: Longer inputs are decoded each time: they repeat rarely, and their values are large. 2**13 lists
#: of attributes of this length, with 40 prefixes in each, take 30 MB.
LONGEST: Final = 256


def memoized(
    entries: int,
) -> Callable[[Callable[[bytes, Key], Value]], Callable[[bytes, Key], Value]]:
    """Return a decorator that caches a decoder's results for short inputs.

    The least recently used result is dropped first.

    Args:
        entries: the number of results to keep.
    """

    def decorate(decode: Callable[[bytes, Key], Value]) -> Callable[[bytes, Key], Value]:
        cached = lru_cache(entries)(decode)

        @wraps(decode)
        def decode_or_look_up(octets: bytes, form: Key) -> Value:
            return cached(octets, form) if len(octets) <= LONGEST else decode(octets, form)

        return decode_or_look_up

    return decorate
