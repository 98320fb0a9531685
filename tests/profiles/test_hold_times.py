"""The times of `peerlint watch` in a profile."""

from __future__ import annotations

from typing import Final

import attrs
import pytest

from peerlint.errors import ProfileError
from peerlint.inventory.peering import PROFILES
from peerlint.profiles import parse_profile, shipped_profile
from peerlint.profiles.hold_times import HOLD_TIME_READERS, HoldTimes

SECOND: Final = 1_000_000
DEFAULTS: Final = {
    "missing": "1m",
    "session_down": "0s",
    "other": "10s",
    "repeat": "4h",
    "flapping_changes": "6",
    "flapping_time": "10m",
    "silence": "5m",
    "restart": "2m",
}


def times(watch: str) -> HoldTimes:
    """Return the times of a profile that extends `maps`."""
    return parse_profile(f'extends = "maps"\n[watch]\n{watch}', "mine.toml").hold_times


def mistake(watch: str) -> str:
    """Return the only mistake of a profile."""
    with pytest.raises(ProfileError) as caught:
        times(watch)
    (found,) = caught.value.mistakes
    return str(found)


@pytest.mark.parametrize("name", PROFILES)
def test_shipped_profiles(name: str) -> None:
    """All shipped profiles have the same times."""
    assert HoldTimes() == shipped_profile(name).hold_times
    assert DEFAULTS == shipped_profile(name).hold_times.texts


def test_every_time_has_a_key() -> None:
    """The keys of `[watch]` are the attributes of `HoldTimes`, in their order."""
    assert [each.name for each in attrs.fields(HoldTimes)] == list(HOLD_TIME_READERS)


@pytest.mark.parametrize(
    ("watch", "changed"),
    [
        ("", {}),
        ('missing = "2m"', {"missing": 120 * SECOND}),
        ('missing = "0s"', {"missing": 0}),
        ('session_down = "30s"', {"session_down": 30 * SECOND}),
        ('other = "0m"', {"other": 0}),
        ('repeat = "1d"', {"repeat": 86400 * SECOND}),
        ('repeat = "off"', {"repeat": 0}),
        ("flapping_changes = 2", {"flapping_changes": 2}),
        ('flapping_time = "1h"', {"flapping_time": 3600 * SECOND}),
        ('silence = "1s"', {"silence": SECOND}),
        ('restart = "365d"', {"restart": 365 * 86400 * SECOND}),
    ],
)
def test_changes(watch: str, changed: dict[str, int]) -> None:
    """A profile changes the times that it names, and keeps the rest."""
    assert attrs.evolve(HoldTimes(), **changed) == times(watch)


@pytest.mark.parametrize("times", [HoldTimes(), HoldTimes(missing=0, repeat=0, restart=0)])
def test_texts_are_read_again(times: HoldTimes) -> None:
    """The texts of times are the values that a profile has for them."""
    pairs = (
        f"{key} = {text}" if text.isdigit() else f'{key} = "{text}"'
        for key, text in times.texts.items()
    )
    text = "\n".join(('extends = "maps"', "[watch]", *pairs))

    assert times == parse_profile(text, "mine.toml").hold_times


TIME: Final = 'a duration from "0s" to "365d", such as "90s"'
POSITIVE: Final = 'a duration from "1s" to "365d", such as "90s"'


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        ("missing", "60", f"expected {TIME}, found 60"),
        ("other", "'off'", f"expected {TIME}, found 'off'"),
        ("restart", "'366d'", f"expected {TIME}, found '366d'"),
        ("silence", "'0s'", f"expected {POSITIVE}, found '0s'"),
        ("repeat", "'0s'", f"expected {POSITIVE}, or \"off\", found '0s'"),
        ("flapping_changes", "1", "expected a number from 2 to 1000, found 1"),
        ("flapping_changes", "true", "expected a number from 2 to 1000, found true"),
        ("mising", "'1m'", "found an unknown key; did you mean missing?"),
    ],
)
def test_mistakes(key: str, value: str, expected: str) -> None:
    """Each mistake names the key and what was expected."""
    assert f"watch, key {key}: {expected}" == mistake(f"{key} = {value}")


def test_watch_is_a_table() -> None:
    """`watch` is a table."""
    with pytest.raises(ProfileError, match="key watch: expected a table, found 5"):
        parse_profile('extends = "maps"\nwatch = 5\n', "mine.toml")
