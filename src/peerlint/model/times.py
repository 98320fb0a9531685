"""Times and how long evidence counts, as people write them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Final, Self

import attrs

from peerlint.arguments import must_be
from peerlint.errors import InputError

#: Clocks differ: a time up to this far behind the present is no mistake.
CLOCK_SKEW: Final = timedelta(minutes=5)
_OFF: Final = "off"
_UNITS: Final = {
    "s": timedelta(seconds=1),
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
}
_DURATION: Final = re.compile(r"([1-9][0-9]{0,8})([smhd])", re.ASCII)
#: What `time_text` writes.
_PRINTED: Final = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[ T]([0-9]{2}:[0-9]{2}(?::[0-9]{2})?) ?UTC"
)
_EXPECTED: Final = "a time with its zone, such as 2026-11-21T10:00:00Z"
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@attrs.frozen
class MaxAge:
    """How old a source may be before it decides nothing.

    Attributes:
        limit: the age up to which it counts; None for any age.
    """

    limit: timedelta | None = None

    @classmethod
    def parse(cls, text: object, what: str = "max_age") -> Self:
        """Read a number of seconds, minutes, hours or days, such as "24h", or "off".

        Args:
            text: what was written.
            what: where, for the error.

        Raises:
            InputError: something else.
        """
        if text == _OFF:
            return cls()
        match = _DURATION.fullmatch(text) if isinstance(text, str) else None
        try:
            if match is not None:
                return cls(int(match[1]) * _UNITS[match[2]])
        except OverflowError:
            pass
        expected = 'a duration such as "90m", "24h" or "7d", or "off"'
        raise InputError(what, expected=expected, found=text)

    def is_exceeded(self, age: timedelta) -> bool:
        """Return whether something of this age is too old."""
        return self.limit is not None and age > self.limit

    def __str__(self) -> str:
        """Return what `parse` reads, in the largest unit that is whole."""
        if self.limit is None:
            return _OFF
        unit = max(
            (each for each in _UNITS if not self.limit % _UNITS[each]),
            key=_UNITS.__getitem__,
            default="s",
        )
        return f"{self.limit // _UNITS[unit]}{unit}"


#: Evidence counts however old it is.
ANY_AGE: Final = MaxAge()


def parse_time(text: str, what: str = "time") -> datetime:
    """Read a time with its zone, as ISO 8601 writes it or as peerlint prints it.

    Args:
        text: what was written.
        what: where, for the error.

    Returns:
        The time in UTC.

    Raises:
        InputError: no time, or one without a zone: it would be another time elsewhere.
    """
    match = _PRINTED.fullmatch(text)
    try:
        found = datetime.fromisoformat(f"{match[1]}T{match[2]}Z" if match is not None else text)
        return utc(found)
    except (ValueError, OverflowError):
        raise InputError(what, expected=_EXPECTED, found=text) from None


def utc(time: datetime, what: str = "time") -> datetime:
    """Return the same time in UTC.

    Args:
        time: the time.
        what: where it was given, for the error.

    Raises:
        InputError: it has no zone.
    """
    must_be(what, time, datetime, _EXPECTED)
    if time.utcoffset() is None:
        raise InputError(what, expected=_EXPECTED, found=str(time))
    return time.astimezone(UTC)


def time_text(time: datetime) -> str:
    """Return a time as screens show it: 2026-11-21 10:00 UTC, with seconds where there are any."""
    seconds = ":%S" if time.second else ""
    return time.astimezone(UTC).strftime(f"%Y-%m-%d %H:%M{seconds} UTC")


def from_microseconds(microseconds: int) -> datetime:
    """Return the time that is so many microseconds after 1970 began."""
    return _EPOCH + timedelta(microseconds=microseconds)


def to_microseconds(time: datetime) -> int:
    """Return how many microseconds after 1970 began a time is."""
    return (time - _EPOCH) // timedelta(microseconds=1)
