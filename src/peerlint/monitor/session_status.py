"""What is known of each session, for metrics and the status page."""

from __future__ import annotations

from collections.abc import Mapping

from peerlint.inventory import Inventory, SessionRef
from peerlint.model import View
from peerlint.monitor.live_sources import LiveSources
from peerlint.monitor.session_states import UNKNOWN, SessionState
from peerlint.monitor.status import SessionStatus
from peerlint.observations import Coverage, SessionSource

_NO_TABLE = "no feed shows its routes"


def session_statuses(
    inventory: Inventory, sources: LiveSources, states: Mapping[str, SessionState]
) -> tuple[SessionStatus, ...]:
    """Return what is known of all sessions, in the order of the inventory."""
    return tuple(
        _status(each, sources, states.get(each.id, UNKNOWN)) for each in inventory.sessions
    )


def _status(session: SessionRef, sources: LiveSources, state: SessionState) -> SessionStatus:
    found = [each for each in sources.of(session.id) if each.view is not View.COLLECTOR]
    best = found[0] if found else None
    times = [each.last for each in found if each.last is not None]
    return SessionStatus(
        session.id,
        session.peering.name,
        session.connection.router or "",
        state.is_up,
        Coverage.NONE if best is None else best.coverage,
        _NO_TABLE if best is None else _evidence(best, sources.evidence(session.id)),
        0 if best is None else best.counts.routes,
        int(max(times).timestamp() * 1_000_000) if times else None,
    )


def _evidence(source: SessionSource, evidence: str) -> str:
    if source.is_too_old:
        return "its feed is lost, silent or too old"
    return evidence
