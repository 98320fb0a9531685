"""Which sessions of the inventory the tables of a live feed belong to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from typing import Final

import attrs

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
from peerlint.wire.paths import AS_TRANS

_OUTGOING: Final = (View.SENT, View.ADVERTISED)
_LARGEST_OF_TWO_OCTETS: Final = 0xFFFF


def sessions_of_table(
    table: TableRef, up: SessionUp | None, argument: RibArgument, inventory: Inventory
) -> tuple[SessionMatch, ...] | UnmappedPeer:
    """Return the sessions that a table of a peer belongs to, each with the viewpoint of its routes.

    - Routes that were sent, or are about to be, belong to the session with the recipient.
    - Routes that were received from a session's own side were received by a router that plays
      Microsoft's part. Those after its import policy are not what was announced.
    - A route collector shows routes of all sessions, and of none for certain.

    What else the feed says of the peer must not contradict the session: the AS numbers of both
    ends, and the other end's address. VRFs and other routers may have peers with one address.

    Args:
        table: the table, with its view.
        up: the last `SessionUp` of the peer; None if there was none.
        argument: the router as the user names it.
        inventory: the sessions.
    """
    if is_explicit(argument):
        if _is_other_direction(table, argument):
            return UnmappedPeer.UNKNOWN
        return session_matches(_dump_peer(table, None), argument, inventory)
    if table.view is View.COLLECTOR:
        return _all(inventory.sessions, View.COLLECTOR)
    is_sent = table.view in _OUTGOING
    # The router's name says nothing of which of its peers is which.
    by_address = RibArgument(argument.file, view=table.view if is_sent else None)
    found = session_matches(_dump_peer(table, up), by_address, inventory)
    if table.is_post_policy and found is not UnmappedPeer.MICROSOFT:
        return UnmappedPeer.UNKNOWN
    if isinstance(found, UnmappedPeer):
        return found
    return (
        tuple(each for each in found if not contradictions(table, up, each.session))
        or UnmappedPeer.UNKNOWN
    )


def is_explicit(argument: RibArgument) -> bool:
    """Whether the user says which session or view the routes are of, whatever the feed says."""
    return argument.session is not None or argument.view is not None


def _dump_peer(table: TableRef, up: SessionUp | None) -> DumpPeer:
    """Return the peer of a table as a dump would name it."""
    peer = Peer(table.peer, table.asn or 0)
    if table.view in _OUTGOING:
        return DumpPeer(peer, sent=True)
    return DumpPeer(peer, None if up is None else up.local_asn)


def contradictions(table: TableRef, up: SessionUp | None, session: SessionRef) -> tuple[str, ...]:
    """Return what a feed says of a peer that is not so of a session with its address.

    What the feed does not say contradicts nothing: routers without it write 0.0.0.0 and AS 0.

    Args:
        table: a table of the peer.
        up: the last `SessionUp` of the peer; None if there was none.
        session: the session, one of whose ends has the peer's address.
    """
    microsoft, ours = session.declared.microsoft, session.declared.peer
    is_ours = table.peer == ours
    peer_asn, local_asn = session.peering.asn, MICROSOFT
    if not is_ours:
        peer_asn, local_asn = local_asn, peer_asn
    found = list(_other_asns("its AS number", (table.asn,), peer_asn))
    if up is not None:
        found += _other_asns("its AS number", (up.peer_asn,), peer_asn)
        found += _other_asns("the router's AS number", (up.local_asn,), local_asn)
        other = microsoft if is_ours else ours
        if other is not None and up.local not in (None, other) and not _is_unspecified(up.local):
            found.append(f"the router's address is {up.local}, and not {other}")
    return tuple(dict.fromkeys(found))


def _other_asns(what: str, said: Iterable[int | None], expected: int) -> Iterator[str]:
    for asn in said:
        is_hidden = asn == AS_TRANS and expected > _LARGEST_OF_TWO_OCTETS
        if asn not in (None, 0, expected) and not is_hidden:
            yield f"{what} is {asn}, and not {expected}"


def _is_unspecified(address: IPAddress | None) -> bool:
    return address is not None and address.is_unspecified


def _is_other_direction(table: TableRef, argument: RibArgument) -> bool:
    """Whether a feed that tells directions shows the other one than the view that the user says.

    What Microsoft sent is not what was sent to Microsoft.
    """
    return argument.view is not None and (
        (argument.view in _OUTGOING) is not (table.view in _OUTGOING)
    )


@attrs.frozen
class RouterSessions:
    """The sessions of the inventory that a router has, by what it says of them.

    Attributes:
        up: the instances (VRFs) in which a session is up, by its id.
        down: the ids of those that are down in an instance.
    """

    up: Mapping[str, AbstractSet[int]]
    down: AbstractSet[str]

    @classmethod
    def of(
        cls, ups: Iterable[SessionUp], downs: Iterable[SessionUp], inventory: Inventory
    ) -> RouterSessions:
        """Find the sessions.

        Args:
            ups: the last `SessionUp` of each peer of the router that is up.
            downs: the last `SessionUp` of each peer of the router that was up.
            inventory: the sessions.
        """
        found: dict[str, set[int]] = {}
        for session, instance in _with_instances(ups, inventory):
            found.setdefault(session, set()).add(instance)
        return cls(found, {session for session, _ in _with_instances(downs, inventory)})


def sessions_of_loc_rib(
    table: TableRef, sessions: RouterSessions, argument: RibArgument, inventory: Inventory
) -> tuple[SessionMatch, ...] | UnmappedPeer:
    """Return the sessions that routes of a Loc-RIB (RFC 9069) are candidates for.

    Those are the sessions that the router says are up in the same instance (VRF). If the user names
    the router, those are all of its sessions but those that it says are down or in another one.

    Args:
        table: the table.
        sessions: what the router says of its sessions.
        argument: the router as the user names it.
        inventory: the sessions.
    """
    if table.asn == MICROSOFT or table.peer in inventory.by_microsoft:
        return UnmappedPeer.MICROSOFT  # in a dump, routes of a RIB have their peer

    def is_here(session: SessionRef) -> bool:
        if table.distinguisher in sessions.up.get(session.id, ()):
            return argument.router in (None, session.connection.router)
        is_known = session.id in sessions.up or session.id in sessions.down
        return argument.router == session.connection.router and not is_known

    return _all((each for each in inventory.sessions if is_here(each)), View.LOC_RIB)


def _with_instances(ups: Iterable[SessionUp], inventory: Inventory) -> Iterator[tuple[str, int]]:
    """Yield the ids of the sessions that a router has, each with the number of its instance."""
    for up in ups:
        for session in inventory.by_microsoft.get(up.table.peer, ()):
            if not contradictions(up.table, up, session):
                yield session.id, up.table.distinguisher


def _all(sessions: Iterable[SessionRef], view: View) -> tuple[SessionMatch, ...] | UnmappedPeer:
    return tuple(session_match(each, view) for each in sessions) or UnmappedPeer.UNKNOWN
