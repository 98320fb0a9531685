"""How long a session that is down may be in a graceful restart (RFC 4724)."""

from __future__ import annotations

from typing import Final

from peerlint.events import SessionDown, SessionUp

_SECOND: Final = 1_000_000
#: A peer may ask for more than an hour, which would hide that it is gone.
LONGEST: Final = 600 * _SECOND


def graceful_hold(up: SessionUp | None, down: SessionDown) -> int | None:
    """Return how long to wait for a peer whose session went down; None for no graceful restart.

    Args:
        up: the start of the session; None if no feed said it.
        down: its end.

    Returns:
        The time that both sides agreed, in microseconds, ten minutes at most.
    """
    if up is None or not up.restart_time or not down.is_restart_possible:
        return None
    return min(up.restart_time * _SECOND, LONGEST)
