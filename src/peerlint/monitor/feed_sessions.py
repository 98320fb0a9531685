"""Which sessions of the inventory the tables of a live feed belong to."""

from __future__ import annotations

from collections.abc import Iterable

from peerlint.bulk import DumpPeer
from peerlint.events import IPAddress, SessionUp, TableRef
from peerlint.inventory import Inventory, SessionRef
from peerlint.model import MICROSOFT, View
from peerlint.observations import (
    RibArgument,
    SessionMatch,
    UnmappedPeer,
    session_match,
    session_matches,
)
from peerlint.wire.mrt import Peer


def sessions_of_table(
    table: TableRef, up: SessionUp | None, argument: RibArgument, inventory: Inventory
) -> tuple[SessionMatch, ...] | UnmappedPeer:
    """Return the sessions that a table of a peer belongs to, each with the viewpoint of its routes.

    - Routes that were sent, or are about to be, belong to the session with the recipient.
    - Routes that were received from a session's own side were received by a router that plays
      Microsoft's part. Those after its import policy are not what was announced.
    - A route collector shows routes of all sessions, and of none for certain.

    If several sessions have the address, the other end's address in the Peer Up decides.

    Args:
        table: the table, with its view.
        up: the last `SessionUp` of the peer; None if there was none.
        argument: the router as the user names it.
        inventory: the sessions.
    """
    if is_explicit(argument):
        return session_matches(_dump_peer(table, None), argument, inventory)
    if table.view is View.COLLECTOR:
        return _all(inventory.sessions, View.COLLECTOR)
    is_sent = table.view in (View.SENT, View.ADVERTISED)
    # The router's name says nothing of which of its peers is which.
    by_address = RibArgument(argument.file, view=table.view if is_sent else None)
    found = session_matches(_dump_peer(table, up), by_address, inventory)
    if table.is_post_policy and found is not UnmappedPeer.MICROSOFT:
        return UnmappedPeer.UNKNOWN
    return found if isinstance(found, UnmappedPeer) else _with_local(found, up)


def is_explicit(argument: RibArgument) -> bool:
    """Whether the user says which session or view the routes are of, whatever the feed says."""
    return argument.session is not None or argument.view is not None


def _dump_peer(table: TableRef, up: SessionUp | None) -> DumpPeer:
    """Return the peer of a table as a dump would name it."""
    peer = Peer(table.peer, table.asn or 0)
    if table.view in (View.SENT, View.ADVERTISED):
        return DumpPeer(peer, sent=True)
    return DumpPeer(peer, None if up is None else up.local_asn)


def _with_local(found: tuple[SessionMatch, ...], up: SessionUp | None) -> tuple[SessionMatch, ...]:
    """Return the sessions that have the router's address too, if one has."""
    if up is None or up.local is None:
        return found
    exact = tuple(each for each in found if up.local in _ends(each.session))
    return exact or found


def sessions_of_loc_rib(
    table: TableRef, ups: Iterable[SessionUp], argument: RibArgument, inventory: Inventory
) -> tuple[SessionMatch, ...] | UnmappedPeer:
    """Return the sessions that routes of a Loc-RIB (RFC 9069) are candidates for.

    Those are all sessions of its router: the one that the user names, else those whose Peer Up the
    router sent.

    Args:
        table: the table.
        ups: the last `SessionUp` of each peer of the same instance of the router.
        argument: the router as the user names it.
        inventory: the sessions.
    """
    if table.asn == MICROSOFT or table.peer in inventory.by_microsoft:
        return UnmappedPeer.MICROSOFT  # in a dump, routes of a RIB have their peer
    if argument.router is not None:
        of_router = (
            each for each in inventory.sessions if each.connection.router == argument.router
        )
        return _all(of_router, View.LOC_RIB)
    known = {
        session.id
        for up in ups
        for session in inventory.by_microsoft.get(up.table.peer, ())
        if up.local in (None, session.declared.peer)
    }
    return _all((each for each in inventory.sessions if each.id in known), View.LOC_RIB)


def _all(sessions: Iterable[SessionRef], view: View) -> tuple[SessionMatch, ...] | UnmappedPeer:
    return tuple(session_match(each, view) for each in sessions) or UnmappedPeer.UNKNOWN


def _ends(session: SessionRef) -> tuple[IPAddress | None, IPAddress | None]:
    return session.declared.microsoft, session.declared.peer
