"""Times of registry data, as seconds since 1970."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from typing import Final

from peerlint.registry.columns import NO_TIME

#: What stands for a value that is absent; Routinator writes "N/A" for local exceptions.
#: A tuple, because lists and objects of JSON cannot be looked up in a set.
ABSENT: Final = (None, "", "N/A")
#: A field that has no valid value.
INVALID: Final = -2
#: The end of the year 9999: later times are in another unit.
_LAST_SECOND: Final = 253_402_300_799


def seconds_of(value: object) -> int:
    """Return a time in seconds since 1970, given as a number, as digits, or in ISO 8601.

    Returns:
        `NO_TIME` if it is absent; `INVALID` if it is none. A time without a zone is in UTC.
    """
    if type(value) is int or type(value) is float:
        return int(value) if 0 <= value <= _LAST_SECOND else INVALID
    if value is None:
        return NO_TIME
    return _seconds_of_text(value) if isinstance(value, str) else INVALID


@lru_cache(1 << 12)
def _seconds_of_text(text: str) -> int:
    if text in ABSENT:
        return NO_TIME
    if text.isascii() and text.isdigit():
        return seconds_of(int(text)) if len(text) <= 12 else INVALID
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        return INVALID
    seconds = int((time if time.tzinfo else time.replace(tzinfo=UTC)).timestamp())
    return seconds if seconds >= 0 else INVALID
