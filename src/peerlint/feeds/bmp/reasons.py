"""Why sessions and streams end, in words."""

from __future__ import annotations

from peerlint.wire.bmp import PeerDown, PeerDownReason, Termination, TerminationReason


def down_reason(down: PeerDown) -> str:
    """Return why a session ended."""
    try:
        words = PeerDownReason(down.reason).name.lower().replace("_", " ")
    except ValueError:
        words = f"reason {down.reason}"
    note = down.notification
    return words if note is None else f"{words} {note.code}/{note.subcode}"


def termination_reason(body: Termination) -> str:
    """Return why a router ends its stream."""
    if body.reason is None:
        return "no reason given"
    try:
        return TerminationReason(body.reason).name.lower().replace("_", " ")
    except ValueError:
        return f"reason {body.reason}"
