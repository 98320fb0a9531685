"""How long a state must hold until it counts, and how long a feed may be silent."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Final

import attrs

from peerlint.errors import InputError
from peerlint.model.times import duration_text, parse_duration

_SECOND: Final = 1_000_000
_MINUTE: Final = 60 * _SECOND
_LONGEST: Final = timedelta(days=365)
_OFF: Final = "off"
_CHANGES: Final = range(2, 1001)


@attrs.frozen
class HoldTimes:
    """Times in microseconds. The defaults are those of the shipped profiles.

    Attributes:
        missing: how long a prefix has to be missing on a session.
        session_down: how long a session has to be down. While a graceful restart or a restart of
            the router may be going on, its time is waited for instead.
        other: how long every other state has to hold.
        repeat: after how long an open alert is repeated; 0 for never.
        flapping_changes: how many changes of one problem within `flapping_time` are flapping.
        flapping_time: the time in which changes are counted, and for which a flapping problem has
            to be unchanged until it counts as stable.
        silence: after how long without a sign of life a feed that gives such signs is silent.
        restart: for how long a router or its connection may be lost until its outcomes raise an
            alert; they are unknown from the start.
    """

    missing: int = 60 * _SECOND
    session_down: int = 0
    other: int = 10 * _SECOND
    repeat: int = 4 * 60 * _MINUTE
    flapping_changes: int = 6
    flapping_time: int = 10 * _MINUTE
    silence: int = 5 * _MINUTE
    restart: int = 2 * _MINUTE

    @property
    def texts(self) -> dict[str, str]:
        """The values as a profile has them, by their keys."""
        return {
            key: str(value) if key == "flapping_changes" else _text(key, value)
            for key, value in attrs.asdict(self).items()
        }


def _text(key: str, value: int) -> str:
    return _OFF if key == "repeat" and not value else duration_text(timedelta(microseconds=value))


def _time(value: object, least: str = "0s", also: str = "") -> int:
    """Read a duration; return it in microseconds.

    Args:
        value: the value of a key.
        least: the shortest duration that the key may have.
        also: what else the key may have, for the error.
    """
    try:
        found = parse_duration(value)
    except InputError:
        found = None
    if found is None or not parse_duration(least) <= found <= _LONGEST:
        expected = f'a duration from "{least}" to "{duration_text(_LONGEST)}", such as "90s"{also}'
        raise InputError("duration", expected=expected, found=value)
    return found // timedelta(microseconds=1)


def _positive_time(value: object) -> int:
    return _time(value, "1s")


def _time_or_off(value: object) -> int:
    return 0 if value == _OFF else _time(value, "1s", f', or "{_OFF}"')


def _changes(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value not in _CHANGES:
        expected = f"a number from {_CHANGES[0]} to {_CHANGES[-1]}"
        raise InputError("changes", expected=expected, found=value)
    return value


#: The keys of `[watch]` in a profile, and the functions that convert their values. Each key is an
#: attribute of `HoldTimes`.
HOLD_TIME_READERS: Final[Mapping[str, Callable[[object], int]]] = {
    "missing": _time,
    "session_down": _time,
    "other": _time,
    "repeat": _time_or_off,
    "flapping_changes": _changes,
    "flapping_time": _positive_time,
    "silence": _positive_time,
    "restart": _time,
}
