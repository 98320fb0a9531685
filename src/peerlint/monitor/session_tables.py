"""Tables of live feeds that belong to sessions."""

from __future__ import annotations

from collections.abc import Iterable

import attrs

from peerlint.model import View
from peerlint.monitor.router_state import FeedTable
from peerlint.monitor.table_state import TableState
from peerlint.observations import SessionMatch

#: The id of a session, and the view of its routes.
SessionView = tuple[str, View]


@attrs.frozen
class SessionTable:
    """A table of a router that belongs to a session, and what is known of it.

    Attributes:
        match: the session, and the viewpoint of the routes.
        table: the table.
        state: whether all of its routes are known.
    """

    match: SessionMatch
    table: FeedTable
    state: TableState


def by_session_and_view(tables: Iterable[SessionTable]) -> dict[SessionView, list[SessionTable]]:
    """Return tables by session and view; of one view there may be several, of several peers."""
    groups: dict[SessionView, list[SessionTable]] = {}
    for each in tables:
        key = (each.match.session.id, each.match.viewpoint.view)
        groups.setdefault(key, []).append(each)
    return groups


def is_ambiguous(group: list[SessionTable]) -> bool:
    """Return whether several peers, or Loc-RIBs of several instances, seem to be one session's.

    Args:
        group: the tables of one session in one view.
    """
    view = group[0].match.viewpoint.view
    if view is View.LOC_RIB:
        return len({each.table.ref.distinguisher for each in group}) > 1
    if not (view.is_definite or view is View.ADVERTISED):
        return False
    return len({(each.table.ref.peer, each.table.ref.distinguisher) for each in group}) > 1
