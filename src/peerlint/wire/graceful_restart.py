"""What two OPENs agree about graceful restart (RFC 4724, RFC 8538)."""

from __future__ import annotations

from typing import Final

import attrs

from peerlint.wire.bgp import Notification, Open
from peerlint.wire.capabilities import GracefulRestart, RestartFlag

_CEASE: Final = 6
#: Subcodes of Cease after which a speaker does not come back by itself: the limit of prefixes,
#: Administrative Shutdown, Peer De-configured (RFC 4486) and Hard Reset (RFC 8538).
_FINAL_SUBCODES: Final = frozenset({1, 2, 3, 9})


@attrs.frozen
class RestartTerms:
    """What the two speakers of a session agree about a restart of one of them.

    Attributes:
        time: for how many seconds the other one keeps its routes; None if it does not.
        survives_notification: whether a NOTIFICATION may begin a restart (RFC 8538 section 4).
    """

    time: int | None = None
    survives_notification: bool = False

    @classmethod
    def of(cls, restarting: Open | None, other: Open | None) -> RestartTerms:
        """Return what two OPENs agree.

        Args:
            restarting: the OPEN of the speaker that may restart; None if it is not known.
            other: the OPEN of the other one; None if it is not known, so that it may agree.
        """
        own = _offer(restarting)
        answer = _offer(other)
        # Without families it only says that it waits for others (RFC 4724 section 3).
        if own is None or not own.families or (answer is None and other is not None):
            return NO_RESTART
        both = own.flags & (RestartFlag(0) if answer is None else answer.flags)
        return cls(own.time, RestartFlag.NOTIFICATION in both)

    def allow(self, notification: Notification) -> bool:
        """Return whether a restart may follow a NOTIFICATION of either side."""
        is_final = notification.code == _CEASE and notification.subcode in _FINAL_SUBCODES
        return self.survives_notification and not is_final


#: No graceful restart.
NO_RESTART: Final = RestartTerms()


def restart_only(message: Open) -> Open:
    """Return an OPEN with nothing but its offer of graceful restart, which is small to keep."""
    offer = _offer(message)
    return attrs.evolve(message, capabilities=(offer,) if offer else (), parameters=())


def _offer(message: Open | None) -> GracefulRestart | None:
    """Return the capability of an OPEN, the last one if there are several (RFC 5492 section 4)."""
    every = () if message is None else message.capabilities
    return next((each for each in reversed(every) if isinstance(each, GracefulRestart)), None)
