"""Parsing and printing of times and durations."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from peerlint.errors import InputError
from peerlint.model import ANY_AGE, MaxAge, parse_time, time_text
from peerlint.model.times import (
    duration_text,
    from_microseconds,
    parse_duration,
    to_microseconds,
    utc,
)

TEN = datetime(2026, 11, 21, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "limit"),
    [
        ("24h", timedelta(days=1)),
        ("90m", timedelta(minutes=90)),
        ("7d", timedelta(days=7)),
        ("30s", timedelta(seconds=30)),
        ("off", None),
    ],
)
def test_a_duration(text: str, limit: timedelta | None) -> None:
    """A duration is a number and a unit, or no limit; its text can be parsed again."""
    found = MaxAge.parse(text)

    assert MaxAge(limit) == found
    assert found == MaxAge.parse(str(found))


@pytest.mark.parametrize(
    "text",
    ["", "24", "h", "0h", "-1h", "1.5h", "24 h", "24H", "1w", "1h30m", "OFF", "٢h", 24, None, True]
    + ["1000000000d", "1e3h"],
)
def test_no_duration(text: object) -> None:
    """Any other value is an error that says what is expected."""
    with pytest.raises(InputError, match='such as "90m", "24h" or "7d", or "off"'):
        MaxAge.parse(text)


@given(st.timedeltas(timedelta(seconds=1), timedelta(days=900)))
def test_durations_survive_as_text(limit: timedelta) -> None:
    """Durations of whole seconds survive as text, in the largest unit without a fraction."""
    whole = MaxAge(timedelta(seconds=limit // timedelta(seconds=1)))

    assert whole == MaxAge.parse(str(whole))


def test_exceeding_the_limit() -> None:
    """An age exceeds the limit if it is greater; without a limit, no age does."""
    day = MaxAge.parse("24h")

    assert [False, True] == [
        day.is_exceeded(timedelta(days=1, microseconds=extra)) for extra in (0, 1)
    ]
    assert not ANY_AGE.is_exceeded(timedelta.max)


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-21T10:00:00Z",
        "2026-11-21 10:00:00+00:00",
        "2026-11-21T11:00:00+01:00",
        "20261121T100000Z",
        "2026-11-21 10:00 UTC",
        "2026-11-21 10:00:00 UTC",
    ],
)
def test_a_time(text: str) -> None:
    """ISO 8601 with a zone, and the format that peerlint prints, are parsed."""
    assert TEN == parse_time(text)
    assert UTC == parse_time(text).tzinfo


@pytest.mark.parametrize(
    "text",
    ["", "now", "2026-11-21", "10:00", "2026-11-21T10:00:00", "2026-13-01T00:00:00Z"]
    + ["1795255200", "2026-11-21 10:00 CET", "0001-01-01T00:00:00+14:00"],
)
def test_no_time(text: str) -> None:
    """A time without a zone is ambiguous; the error names the option."""
    with pytest.raises(InputError, match="--now: expected a time with its zone, such as 2026-11-"):
        parse_time(text, "--now")


def test_a_datetime_without_a_zone() -> None:
    """A `datetime` without a zone is an error too."""
    with pytest.raises(InputError, match="taken: expected a time with its zone"):
        utc(TEN.replace(tzinfo=None), "taken")
    assert TEN == utc(TEN.astimezone(timezone(timedelta(hours=2))))


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "2026-11-21 10:00 UTC"), (7, "2026-11-21 10:00:07 UTC")]
)
def test_a_time_on_the_screen(seconds: int, text: str) -> None:
    """Output has minutes, and seconds unless they are 0."""
    assert text == time_text(TEN + timedelta(seconds=seconds))


@given(st.integers(0, 1 << 52))
def test_microseconds(microseconds: int) -> None:
    """A time survives as microseconds since 1970."""
    assert microseconds == to_microseconds(from_microseconds(microseconds))


@pytest.mark.parametrize(
    ("text", "seconds", "written"),
    [
        ("0s", 0, "0s"),
        ("0h", 0, "0s"),
        ("90s", 90, "90s"),
        ("60s", 60, "1m"),
        ("240m", 4 * 3600, "4h"),
        ("7d", 7 * 86400, "7d"),
    ],
)
def test_durations(text: str, seconds: int, written: str) -> None:
    """A duration is a number with its unit, which may be 0; it is written in its largest unit."""
    found = parse_duration(text)

    assert timedelta(seconds=seconds) == found
    assert written == duration_text(found)


@pytest.mark.parametrize("value", ["", "off", "90", "00s", "-1s", "1.5h", "1w", "9999999999d", 90])
def test_no_durations(value: object) -> None:
    """Anything else is an error that shows what a duration looks like."""
    with pytest.raises(InputError, match='expected a duration such as "0s", "90s" or "4h"'):
        parse_duration(value)
