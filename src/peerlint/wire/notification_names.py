"""The names of the error codes of NOTIFICATIONs (IANA, "BGP Error (Notification) Codes")."""

from __future__ import annotations

from typing import Final

from peerlint.wire.bgp import Notification

_CEASE: Final = 6
_CODES: Final = {
    1: "Message Header Error",
    2: "OPEN Message Error",
    3: "UPDATE Message Error",
    4: "Hold Timer Expired",
    5: "Finite State Machine Error",
    _CEASE: "Cease",
    7: "ROUTE-REFRESH Message Error",
    8: "Send Hold Timer Expired",
}
#: Subcodes of Cease (RFC 4486, RFC 8538, RFC 9384).
_CEASE_SUBCODES: Final = {
    1: "Maximum Number of Prefixes Reached",
    2: "Administrative Shutdown",
    3: "Peer De-configured",
    4: "Administrative Reset",
    5: "Connection Rejected",
    6: "Other Configuration Change",
    7: "Connection Collision Resolution",
    8: "Out of Resources",
    9: "Hard Reset",
    10: "BFD Down",
}


def notification_text(notification: Notification) -> str:
    """Return a NOTIFICATION as text, such as "NOTIFICATION 6/4 (Administrative Reset)"."""
    code, subcode = notification.code, notification.subcode
    name = _CEASE_SUBCODES.get(subcode) if code == _CEASE else None
    name = name or _CODES.get(code)
    text = f"NOTIFICATION {code}/{subcode}"
    return text if name is None else f"{text} ({name})"
