"""The clock of live feeds."""

from __future__ import annotations

from time import time_ns


def microseconds_now() -> int:
    """Return the time in microseconds since 1970, as events have it."""
    return time_ns() // 1000
