"""How long a state must hold until it counts, and how long a feed may be silent."""

from __future__ import annotations

import attrs

_SECOND = 1_000_000
_MINUTE = 60 * _SECOND


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
