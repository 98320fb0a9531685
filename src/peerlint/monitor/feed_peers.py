"""What routers say of their sessions."""

from __future__ import annotations

from collections.abc import Iterator

import attrs

from peerlint.events import FeedBack, IPAddress, SessionDown, SessionUp, TableRef
from peerlint.inventory import Inventory, SessionRef
from peerlint.model import View
from peerlint.monitor.feed_sessions import RouterSessions, contradictions

#: Feed, router, address and instance of a peer.
_PeerKey = tuple[str, str, IPAddress, int]


@attrs.frozen
class SessionClaim:
    """What a router says of a session of the inventory.

    Attributes:
        session: the session.
        is_own_router: whether the router is at the partner's end.
        up: how it was established last.
        down: how it ended; None if it is up.
    """

    session: SessionRef
    is_own_router: bool
    up: SessionUp
    down: SessionDown | None


class FeedPeers:
    """The last `SessionUp` of each peer, and which of these sessions ended after that."""

    def __init__(self, inventory: Inventory) -> None:
        """Start without peers.

        Args:
            inventory: the sessions.
        """
        self._inventory = inventory
        #: By router: with many routers, looking for those of one among all would take long.
        self._ups: dict[tuple[str, str], dict[_PeerKey, SessionUp]] = {}
        self._downs: dict[_PeerKey, SessionDown] = {}
        #: What is said of the sessions of a router, until an event changes it.
        self._sessions: dict[tuple[str, str], RouterSessions] = {}

    def add(self, event: SessionUp | SessionDown) -> None:
        """Note that a session, or one table of a peer, begins or ends.

        A session with a collector is left out: it is none with Microsoft, whatever its addresses.
        """
        if event.table.view is View.COLLECTOR:
            return
        self._sessions.pop((event.feed, event.router), None)
        key = event.feed, event.router, event.table.peer, event.table.distinguisher
        if isinstance(event, SessionUp):
            self._ups.setdefault(key[:2], {})[key] = event
            self._downs.pop(key, None)
        elif key in self._ups.get(key[:2], ()) and event.table.view is None:
            # The first one counts: FRRouting sends one for each attempt to connect that fails, and
            # MRT has a NOTIFICATION and then a change of state.
            self._downs.setdefault(key, event)

    def forget(self, event: FeedBack) -> None:
        """Forget the peers of a router or feed: it says everything again."""
        self._sessions.clear()
        for router in [*self._ups]:
            if router[0] == event.feed and event.router in (None, router[1]):
                for key in self._ups.pop(router):
                    self._downs.pop(key, None)

    def up(self, feed: str, router: str, table: TableRef) -> SessionUp | None:
        """Return the last `SessionUp` of the peer of a table; None if there was none."""
        key = feed, router, table.peer, table.distinguisher
        return self._ups.get(key[:2], {}).get(key)

    def sessions(self, feed: str, router: str) -> RouterSessions:
        """Return what a router says of its sessions with Microsoft."""
        found = self._sessions.get((feed, router))
        if found is None:
            ups = self._ups.get((feed, router), {})
            found = self._sessions[feed, router] = RouterSessions.of(
                (up for key, up in ups.items() if key not in self._downs),
                (up for key, up in ups.items() if key in self._downs),
                self._inventory,
            )
        return found

    def claims(self, feed: str, router: str) -> Iterator[SessionClaim]:
        """Yield what a router says of each session of the inventory, on either of its ends."""
        for key, up in self._ups.get((feed, router), {}).items():
            for is_own_router, by in (
                (True, self._inventory.by_microsoft),
                (False, self._inventory.by_peer),
            ):
                for session in by.get(up.table.peer, ()):
                    if not contradictions(up.table, up, session):
                        yield SessionClaim(session, is_own_router, up, self._downs.get(key))

    def down_sessions(self, feed: str, router: str) -> list[str]:
        """Return the ids of the sessions that a router says are down."""
        return [
            session.id
            for key, up in self._ups.get((feed, router), {}).items()
            if key in self._downs
            for by in (self._inventory.by_microsoft, self._inventory.by_peer)
            for session in by.get(up.table.peer, ())
            if not contradictions(up.table, up, session)
        ]

    def contradictions(self, feed: str, router: str, table: TableRef) -> dict[str, tuple[str, ...]]:
        """Return why a table is not of the sessions that have its peer's address, by session."""
        is_sent = table.view in (View.SENT, View.ADVERTISED)
        of_address = self._inventory.by_microsoft if is_sent else self._inventory.by_peer
        found = {
            session.id: contradictions(table, self.up(feed, router, table), session)
            for session in of_address.get(table.peer, ())
        }
        return {session: each for session, each in found.items() if each}

    def sessions_with_microsoft(self, feed: str, router: str, table: TableRef) -> list[str]:
        """Return the ids of the sessions whose Microsoft's end is the peer of a table."""
        up = self.up(feed, router, table)
        return [
            each.id
            for each in self._inventory.by_microsoft.get(table.peer, ())
            if not contradictions(table, up, each)
        ]
