"""What a session with a cache accepts, and the timers that a cache may set."""

from __future__ import annotations

from typing import Final

import attrs

from peerlint.wire.rtr import Timers

#: The bounds of timers, in seconds (RFC 8210 section 6).
_REFRESH: Final = (1, 86_400)
_RETRY: Final = (1, 7_200)
_EXPIRE: Final = (600, 172_800)
_SECOND: Final = 1_000_000


@attrs.frozen
class SessionLimits:
    """What one session accepts; all times in seconds.

    Attributes:
        vrps: the number of VRPs of a set, and of changes in one answer. There are 900,000; while
            an answer is joined and sorted, each of it takes up to 100 octets.
        answer: the time in which a query has to be answered, the next PDU of an answer has to come,
            and a PDU that has begun has to be complete.
        whole: the time in which an answer has to be complete.
        notify: the time between a query and the next one that the cache asks for.
        check: the time between two checks of changes by asking for all data.
    """

    vrps: int = 4_000_000
    answer: float = 60.0
    whole: float = 900.0
    notify: float = 1.0
    check: float = 3600.0


def microseconds(seconds: float) -> int:
    """Return seconds in microseconds."""
    return round(seconds * _SECOND)


def bounded(timers: Timers | None) -> Timers:
    """Return the timers of an End of Data, within the bounds of RFC 8210 section 6.

    Args:
        timers: as sent; None in version 0, for which the suggested values are returned.
    """
    if timers is None:
        return Timers()
    refresh = _within(timers.refresh, _REFRESH)
    retry = _within(timers.retry, _RETRY)
    # Data must not expire before the cache is asked again.
    expire = max(_within(timers.expire, _EXPIRE), refresh + 1, retry + 1)
    return Timers(refresh, retry, expire)


def _within(seconds: int, bounds: tuple[int, int]) -> int:
    return max(bounds[0], min(bounds[1], seconds))
