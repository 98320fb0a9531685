"""Map the peers of a dump to the sessions of an inventory.

Addresses and AS numbers decide, unless the user names the session or router of the dump.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Final

import attrs

from peerlint.bulk import DumpPeer
from peerlint.errors import InputError
from peerlint.inventory import Inventory, SessionRef
from peerlint.model import MICROSOFT, View, Viewpoint
from peerlint.redaction import shown_repr

#: The profile whose route servers may be transparent: they do not add their own AS to paths.
ROUTE_SERVER: Final = "route-server"
_LARGEST_OF_TWO_OCTETS: Final = 0xFFFF


@attrs.frozen
class RibArgument:
    """One dump as a user names it: `[SESSION|ROUTER=]FILE[@VIEW]`.

    Attributes:
        file: the file's name.
        session: the session that the whole dump belongs to; None if the user names none.
        router: the router whose sessions it belongs to; None if the user names none.
        view: the view that the user names; None if the user names none.
        taken: the time that the user gives; it counts if the records have none.
    """

    file: str = attrs.field(repr=shown_repr)
    session: str | None = None
    router: str | None = None
    view: View | None = None
    taken: datetime | None = None

    @classmethod
    def parse(cls, text: str, inventory: Inventory, taken: datetime | None = None) -> RibArgument:
        """Parse an argument.

        A name before `=` counts only if the inventory has it, a view after `@` only if it is one.
        Anything else belongs to the file's name. `./` in front of the file name prevents the
        split.

        Args:
            text: the argument as the user wrote it.
            inventory: the inventory with the names of sessions and routers.
            taken: the time at which the dump was taken; it counts if its records have none.

        Raises:
            InputError: the view needs a session or a router, and none is named.
        """
        name, separator, rest = text.partition("=")
        sessions = inventory.session_order
        owner = name if separator and (name in sessions or name in inventory.routers) else None
        file = rest if owner is not None else text
        before, separator, word = file.rpartition("@")
        view = View(word) if separator and before and word in set(View) else None
        if view is not None:
            file = before
        if owner is None and view not in (None, View.RECEIVED, View.SENT, View.ADVERTISED):
            raise InputError(
                f"--rib {text}",
                expected=f"SESSION=FILE@{view} or ROUTER=FILE@{view}: a {view} names no session",
                found=text,
            )
        return cls(
            file,
            session=owner if owner in sessions else None,
            router=owner if owner not in sessions else None,
            view=view,
            taken=taken,
        )


@attrs.frozen
class SessionMatch:
    """A session that a peer of a dump belongs to, and the viewpoint of the peer's routes."""

    session: SessionRef
    viewpoint: Viewpoint


class UnmappedPeer(StrEnum):
    """Why a peer of a dump belongs to no session."""

    MICROSOFT = "routes from Microsoft"
    UNKNOWN = "no session of the inventory"


def session_matches(  # noqa: PLR0911  # the rows of a decision table
    peer: DumpPeer, argument: RibArgument, inventory: Inventory
) -> tuple[SessionMatch, ...] | UnmappedPeer:
    """Return the sessions that a peer of a dump belongs to, or why it belongs to none.

    With a name in the argument:

    - The name takes precedence over addresses.
    - If a session is named without a view, its own peer's routes are `received`, and those of
      other peers `loc-rib`.

    Without a name:

    - A peer with the address and the AS of a session's own side is `received`.
    - A peer with Microsoft's address or AS is the recipient where messages were sent. Elsewhere
      it is the sender of Microsoft's routes, to which no rule applies.

    AS 0 means that the dump does not tell the AS.

    Args:
        peer: the peer.
        argument: the dump as the user names it.
        inventory: the sessions.
    """
    is_named = argument.session is not None or argument.router is not None
    candidates = _candidates(argument, inventory) if is_named else _addressed(peer, inventory)
    view = argument.view or (View.SENT if peer.sent else None)
    if view in (View.SENT, View.ADVERTISED):
        sessions = [session for session in candidates if _is_recipient(peer, session, argument)]
        return _all(sessions, view)
    if _is_microsoft(peer, inventory):
        return UnmappedPeer.MICROSOFT
    own = [session for session in candidates if _is_own_side(peer, session)]
    if argument.router is not None and view is not View.RECEIVED:
        return _all(candidates, view or View.LOC_RIB)
    if argument.session is not None and view is not None:
        return _all(candidates, view)
    if argument.session is not None and not own:
        # In a dump of many sessions, the peer may be the own side of another session.
        elsewhere = any(_is_own_side(peer, session) for session in _addressed(peer, inventory))
        return UnmappedPeer.UNKNOWN if elsewhere else _all(candidates, View.LOC_RIB)
    if argument.session is None and peer.local_asn not in (None, 0, MICROSOFT):
        return UnmappedPeer.UNKNOWN  # messages that the partner's router received from others
    return _all(own, View.RECEIVED)


def _all(sessions: list[SessionRef], view: View) -> tuple[SessionMatch, ...] | UnmappedPeer:
    return tuple(session_match(session, view) for session in sessions) or UnmappedPeer.UNKNOWN


def _candidates(argument: RibArgument, inventory: Inventory) -> list[SessionRef]:
    return [
        session
        for session in inventory.sessions
        if argument.session in (None, session.id)
        and argument.router in (None, session.connection.router)
    ]


def _addressed(peer: DumpPeer, inventory: Inventory) -> list[SessionRef]:
    """Return the sessions with a peer's address on either side, in the order of the inventory."""
    address = peer.peer.address
    of_peer = inventory.by_peer.get(address, [])
    others = [
        session
        for session in inventory.by_microsoft.get(address, ())
        if session.declared.peer != address
    ]
    if not others:
        return of_peer
    return sorted([*of_peer, *others], key=lambda session: inventory.session_order[session.id])


def _is_own_side(peer: DumpPeer, session: SessionRef) -> bool:
    """Return whether address and AS are those of a session's own side.

    If the dump does not tell the AS, the address alone decides. AS_TRANS means that the AS does
    not fit into two octets.
    """
    if session.declared.peer != peer.peer.address:
        return False
    known, asn = peer.peer.known_asn, session.peering.asn
    return known == asn or (known is None and (peer.peer.asn == 0 or asn > _LARGEST_OF_TWO_OCTETS))


def _is_recipient(peer: DumpPeer, session: SessionRef, argument: RibArgument) -> bool:
    if session.declared.microsoft == peer.peer.address:
        return True
    if peer.local_asn is not None and session.declared.peer == peer.peer.address:
        return True  # OpenBGPD names the sender as the peer of messages that it sends
    return argument.session is not None and peer.peer.asn == MICROSOFT


def _is_microsoft(peer: DumpPeer, inventory: Inventory) -> bool:
    return peer.peer.asn == MICROSOFT or peer.peer.address in inventory.by_microsoft


def swapped(peer: DumpPeer, inventory: Inventory) -> tuple[tuple[str, str], ...]:
    """Return the ids of sessions whose two addresses seem to be swapped, each with a sentence.

    Args:
        peer: a peer that belongs to no session.
        inventory: the sessions.
    """
    address, asn = peer.peer.address, peer.peer.asn
    found: list[tuple[str, str]] = []
    for session in _addressed(peer, inventory):
        if asn == session.peering.asn and address == session.declared.microsoft:
            whose = "Microsoft's"
        elif asn == MICROSOFT and address == session.declared.peer:
            whose = "yours"
        else:
            continue
        sentence = f"peer {address} is AS{asn} but declared as {whose} on {session.id}: swapped?"
        found.append((session.id, sentence))
    return tuple(found)


def session_match(session: SessionRef, view: View) -> SessionMatch:
    """Return a session with the viewpoint of its routes in a view."""
    peering = session.peering
    transparent = peering.profile == ROUTE_SERVER and peering.rs_transparent
    return SessionMatch(session, Viewpoint(view, peering.asn, transparent))
