"""Which session a peer of a dump belongs to.

A dump knows peers, an inventory knows sessions, and a user may say which dump is whose.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Final

import attrs

from peerlint.bulk import DumpPeer
from peerlint.errors import InputError
from peerlint.inventory import Inventory, SessionPlace
from peerlint.model import MICROSOFT, View, Viewpoint
from peerlint.redaction import shown_repr

#: The profile whose route servers leave their own AS out.
ROUTE_SERVER: Final = "route-server"
_LARGEST_OF_TWO_OCTETS: Final = 0xFFFF


@attrs.frozen
class RibArgument:
    """One dump as the user names it: `[SESSION|ROUTER=]FILE[@VIEW]`.

    Attributes:
        file: the file's name.
        session: the session that all of it belongs to.
        router: the router whose sessions it belongs to.
        view: the view that the user says it gives.
        taken: when it was taken, if the user says so: for one whose records do not tell.
    """

    file: str = attrs.field(repr=shown_repr)
    session: str | None = None
    router: str | None = None
    view: View | None = None
    taken: datetime | None = None

    @classmethod
    def parse(cls, text: str, inventory: Inventory, taken: datetime | None = None) -> RibArgument:
        """Split a name off in front and a view off behind, but only those that exist.

        Anything else belongs to the file's name; `./` in front keeps a name whole.

        Args:
            text: as the user wrote it.
            inventory: the names that exist.
            taken: when it was taken, if its records do not tell.

        Raises:
            InputError: the view needs to know whose routes they are.
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
class Sighting:
    """A peer of a dump as one session sees it."""

    place: SessionPlace
    viewpoint: Viewpoint


class Stranger(StrEnum):
    """Why a peer of a dump belongs to no session."""

    MICROSOFT = "routes from Microsoft"
    UNKNOWN = "no session of the inventory"


def sightings(  # noqa: PLR0911  # the rows of a decision table
    peer: DumpPeer, argument: RibArgument, inventory: Inventory
) -> tuple[Sighting, ...] | Stranger:
    """Map a peer of a dump to sessions.

    A name in the argument beats addresses; a session named without a view is `received` from its
    own side, else `loc-rib`. Without a name, a peer with the address and the AS of
    a session's own side is `received`; Microsoft's side is the recipient where messages were
    sent, and elsewhere the sender of routes that are not ours to judge. AS 0 means that the dump
    does not tell the AS.
    """
    is_named = argument.session is not None or argument.router is not None
    candidates = _candidates(argument, inventory) if is_named else _addressed(peer, inventory)
    view = argument.view or (View.SENT if peer.sent else None)
    if view in (View.SENT, View.ADVERTISED):
        places = [place for place in candidates if _is_recipient(peer, place, argument)]
        return _all(places, view)
    if _is_microsoft(peer, inventory):
        return Stranger.MICROSOFT
    own = [place for place in candidates if _is_own_side(peer, place)]
    if argument.router is not None and view is not View.RECEIVED:
        return _all(candidates, view or View.LOC_RIB)
    if argument.session is not None and view is not None:
        return _all(candidates, view)
    if argument.session is not None and not own:
        # Another session's own side, in a dump with many, has nothing to say of this one.
        elsewhere = any(_is_own_side(peer, place) for place in _addressed(peer, inventory))
        return Stranger.UNKNOWN if elsewhere else _all(candidates, View.LOC_RIB)
    if argument.session is None and peer.local_asn not in (None, 0, MICROSOFT):
        return Stranger.UNKNOWN  # messages that a router of ours received from another peer
    return _all(own, View.RECEIVED)


def _all(places: list[SessionPlace], view: View) -> tuple[Sighting, ...] | Stranger:
    return tuple(sighting(place, view) for place in places) or Stranger.UNKNOWN


def _candidates(argument: RibArgument, inventory: Inventory) -> list[SessionPlace]:
    return [
        place
        for place in inventory.sessions
        if argument.session in (None, place.id)
        and argument.router in (None, place.connection.router)
    ]


def _addressed(peer: DumpPeer, inventory: Inventory) -> list[SessionPlace]:
    """Return the sessions that have a peer's address on either side, in the inventory's order."""
    address = peer.peer.address
    of_peer = inventory.by_peer.get(address, [])
    others = [
        place for place in inventory.by_microsoft.get(address, ()) if place.session.peer != address
    ]
    if not others:
        return of_peer
    return sorted([*of_peer, *others], key=lambda place: inventory.session_order[place.id])


def _is_own_side(peer: DumpPeer, place: SessionPlace) -> bool:
    """Whether address and AS are those of a session's own side.

    The address decides alone where the dump does not tell the AS; AS_TRANS tells at least that
    it is a large one.
    """
    if place.session.peer != peer.peer.address:
        return False
    known, asn = peer.peer.known_asn, place.peering.asn
    return known == asn or (known is None and (peer.peer.asn == 0 or asn > _LARGEST_OF_TWO_OCTETS))


def _is_recipient(peer: DumpPeer, place: SessionPlace, argument: RibArgument) -> bool:
    if place.session.microsoft == peer.peer.address:
        return True
    if peer.local_asn is not None and place.session.peer == peer.peer.address:
        return True  # OpenBGPD names the sender as the peer of messages that it sends
    return argument.session is not None and peer.peer.asn == MICROSOFT


def _is_microsoft(peer: DumpPeer, inventory: Inventory) -> bool:
    return peer.peer.asn == MICROSOFT or peer.peer.address in inventory.by_microsoft


def swapped(peer: DumpPeer, inventory: Inventory) -> tuple[tuple[str, str], ...]:
    """Return the sessions whose addresses seem to be swapped, each with a sentence that says so.

    Args:
        peer: that belongs to no session.
        inventory: the sessions.
    """
    address, asn = peer.peer.address, peer.peer.asn
    found: list[tuple[str, str]] = []
    for place in _addressed(peer, inventory):
        if asn == place.peering.asn and address == place.session.microsoft:
            whose = "Microsoft's"
        elif asn == MICROSOFT and address == place.session.peer:
            whose = "yours"
        else:
            continue
        sentence = f"peer {address} is AS{asn} but declared as {whose} on {place.id}: swapped?"
        found.append((place.id, sentence))
    return tuple(found)


def sighting(place: SessionPlace, view: View) -> Sighting:
    """Look from a session's view; a transparent route server does not add its AS."""
    peering = place.peering
    transparent = peering.profile == ROUTE_SERVER and peering.rs_transparent
    return Sighting(place, Viewpoint(view, peering.asn, transparent))
