"""Why sessions and streams end, in words."""

from __future__ import annotations

from typing import Final

from peerlint.wire.bmp import PeerDown, PeerDownReason, Termination, TerminationReason
from peerlint.wire.graceful_restart import RestartTerms
from peerlint.wire.notification_names import notification_text

#: ManualStop and AutomaticStop (RFC 4271 section 8.1).
_STOPS: Final = (2, 8)
_REASONS: Final[dict[int, str]] = {
    PeerDownReason.LOCAL_NOTIFICATION: "the router sent a NOTIFICATION",
    PeerDownReason.LOCAL_FSM_EVENT: "the router ended it without a NOTIFICATION",
    PeerDownReason.REMOTE_NOTIFICATION: "the peer sent a NOTIFICATION",
    PeerDownReason.DECONFIGURED: "it is not monitored any more",
    PeerDownReason.LOCAL_TLVS: "the router ended it",
}


def down_reason(down: PeerDown) -> str:
    """Return why a session ended."""
    if down.is_closed:
        return "the peer closed the connection"
    note = down.notification
    if note is not None:
        who = "router" if down.reason == PeerDownReason.LOCAL_NOTIFICATION else "peer"
        return f"the {who} sent {notification_text(note)}"
    return _REASONS.get(down.reason, f"reason {down.reason}")


def is_restart_possible(down: PeerDown, terms: RestartTerms) -> bool:
    """Return whether a graceful restart of a peer may have begun.

    Args:
        down: how the session ended.
        terms: what the router and the peer agree about it.
    """
    note = down.notification
    if note is not None:
        return terms.allow(note)
    if down.reason == PeerDownReason.LOCAL_FSM_EVENT:
        # GoBGP leaves the event out where an administrator stopped the session.
        return down.fsm_event is not None and down.fsm_event not in _STOPS
    # GoBGP says "remote notification", without one, where it begins to wait for a restart.
    return down.is_closed


def termination_reason(body: Termination) -> str:
    """Return why a router ends its stream."""
    if body.reason is None:
        return "no reason given"
    try:
        return TerminationReason(body.reason).name.lower().replace("_", " ")
    except ValueError:
        return f"reason {body.reason}"
