"""Parse and format times and maximum ages."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Final, Self

import attrs

from peerlint.arguments import must_be
from peerlint.errors import InputError

#: Clocks differ: a time up to this far in the future is not a mistake.
CLOCK_SKEW: Final = timedelta(minutes=5)
_OFF: Final = "off"
_QUIET: Final = "quiet"
_UNITS: Final = {
    "s": timedelta(seconds=1),
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
}
_NO_TIME: Final = frozenset(f"0{unit}" for unit in _UNITS)
_DURATION: Final = re.compile(r"([1-9][0-9]{0,8})([smhd])", re.ASCII)
#: The format that `time_text` writes.
_PRINTED: Final = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[ T]([0-9]{2}:[0-9]{2}(?::[0-9]{2})?) ?UTC"
)
_EXPECTED: Final = "a time with its zone, such as 2026-11-21T10:00:00Z"
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@attrs.frozen
class MaxAge:
    """The maximum age at which a source still counts as evidence.

    Attributes:
        limit: the maximum age; None for no limit.
    """

    limit: timedelta | None = None

    @classmethod
    def parse(cls, text: object, what: str = "max_age") -> Self:
        """Parse a number of seconds, minutes, hours or days, such as "24h", or "off".

        Args:
            text: the value of an option or key.
            what: the name of the option or key, for the error.

        Raises:
            InputError: the value is not a duration.
        """
        if text == _OFF:
            return cls()
        limit = _parsed_limit(text)
        if limit is not None:
            return cls(limit)
        expected = 'a duration such as "90m", "24h" or "7d", or "off"'
        raise InputError(what, expected=expected, found=text)

    def is_exceeded(self, age: timedelta) -> bool:
        """Return whether an age exceeds the limit."""
        return self.limit is not None and age > self.limit

    def __str__(self) -> str:
        """Return the text that `parse` reads, in the largest unit without a fraction."""
        if self.limit is None:
            return _OFF
        return duration_text(self.limit)


@attrs.frozen
class QuietTime:
    """The time without changes after which all routes of a live session count as known.

    Attributes:
        length: the time.
    """

    length: timedelta

    @classmethod
    def parse(cls, text: object, what: str = "sync") -> Self:
        """Parse a text such as "quiet:60s".

        Args:
            text: the value of a key.
            what: the name of the key, for the error.

        Raises:
            InputError: the value is no such text.
        """
        before, separator, duration = text.partition(":") if isinstance(text, str) else ("",) * 3
        if before == _QUIET and separator and _DURATION.fullmatch(duration):
            limit = MaxAge.parse(duration, what).limit
            if limit is not None:
                return cls(limit)
        raise InputError(what, expected='"quiet:" and a time, such as "quiet:60s"', found=text)

    def __str__(self) -> str:
        """Return the text that `parse` reads."""
        return f"{_QUIET}:{MaxAge(self.length)}"


def parse_duration(text: object, what: str = "duration") -> timedelta:
    """Parse a number of seconds, minutes, hours or days, such as "90s"; "0s" is no time.

    Args:
        text: the value of an option or key.
        what: the name of the option or key, for the error.

    Raises:
        InputError: the value is not a duration.
    """
    if isinstance(text, str) and text in _NO_TIME:
        return timedelta()
    limit = _parsed_limit(text)
    if limit is None:
        raise InputError(what, expected='a duration such as "0s", "90s" or "4h"', found=text)
    return limit


def _parsed_limit(text: object) -> timedelta | None:
    """Return a duration; None if a value is none, or is longer than Python's durations."""
    match = _DURATION.fullmatch(text) if isinstance(text, str) else None
    try:
        return None if match is None else int(match[1]) * _UNITS[match[2]]
    except OverflowError:
        return None


def duration_text(duration: timedelta) -> str:
    """Return the text of a duration, in the largest unit without a fraction: "90s", "4h"."""
    unit = max(
        (each for each in _UNITS if duration and not duration % _UNITS[each]),
        key=_UNITS.__getitem__,
        default="s",
    )
    return f"{duration // _UNITS[unit]}{unit}"


#: No limit: sources of any age count as evidence.
ANY_AGE: Final = MaxAge()


def parse_time(text: str, what: str = "time") -> datetime:
    """Parse a time with its zone, in ISO 8601 or in the format that peerlint prints.

    Args:
        text: the time.
        what: the name of the option or key, for the error.

    Returns:
        The time in UTC.

    Raises:
        InputError: the text is not a time, or the time has no zone and is therefore ambiguous.
    """
    match = _PRINTED.fullmatch(text)
    try:
        found = datetime.fromisoformat(f"{match[1]}T{match[2]}Z" if match is not None else text)
        return utc(found)
    except (ValueError, OverflowError):
        raise InputError(what, expected=_EXPECTED, found=text) from None


def utc(time: datetime, what: str = "time") -> datetime:
    """Convert a time to UTC.

    Args:
        time: the time.
        what: the name of the option or argument, for the error.

    Raises:
        InputError: the time has no zone.
    """
    must_be(what, time, datetime, _EXPECTED)
    if time.utcoffset() is None:
        raise InputError(what, expected=_EXPECTED, found=str(time))
    return time.astimezone(UTC)


def time_text(time: datetime) -> str:
    """Format a time for output: `2026-11-21 10:00 UTC`, with seconds unless they are 0."""
    seconds = ":%S" if time.second else ""
    return time.astimezone(UTC).strftime(f"%Y-%m-%d %H:%M{seconds} UTC")


def rfc3339_text(time: datetime) -> str:
    """Format a time for programs (RFC 3339): `2026-11-21T10:00:00Z`, with microseconds if any."""
    return time.astimezone(UTC).isoformat().replace("+00:00", "Z")


def from_microseconds(microseconds: int) -> datetime:
    """Return the UTC time of a timestamp in microseconds since 1970."""
    return _EPOCH + timedelta(microseconds=microseconds)


def to_microseconds(time: datetime) -> int:
    """Return the timestamp of a time in microseconds since 1970."""
    return (time - _EPOCH) // timedelta(microseconds=1)
