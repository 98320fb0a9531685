"""The order of messages of RIS Live: what is newest of each route and session."""

from __future__ import annotations

from collections import OrderedDict
from enum import Enum, auto
from typing import Final

import attrs

from peerlint.feeds.ris_updates import RisPeer

#: The number of routes and peers whose latest time is kept.
KEPT: Final = 1 << 16


class Age(Enum):
    """What a message is, compared with what is known."""

    NEW = auto()
    OUTDATED = auto()
    #: A state of a session that comes after later routes of it, which it does not end.
    LATE = auto()


@attrs.define
class _Session:
    """What is newest of a session: its state, and anything."""

    state: int = -1
    newest: int = -1


class MessageOrder:
    """The latest time of each route and session, so that older messages change nothing.

    Attributes:
        kept: the number of routes, and of peers, whose times are kept; beyond that, the route that
            changed least recently, or the peer that is known longest, is forgotten.
    """

    def __init__(self, kept: int = KEPT) -> None:
        """Begin without any."""
        self.kept = kept
        self._routes: OrderedDict[tuple[tuple[str, str], str], int] = OrderedDict()
        self._sessions: OrderedDict[tuple[str, str], _Session] = OrderedDict()

    def __len__(self) -> int:
        """Return the number of routes and peers whose times are kept."""
        return len(self._routes) + len(self._sessions)

    def is_new(self, peer: RisPeer, said: int, prefix: str) -> bool:
        """Return whether nothing later is known of a route, and remember it."""
        session = self._sessions.get(peer.key) or self._begin(peer)
        key = peer.key, prefix
        if said < session.state or said < self._routes.get(key, said):
            return False
        session.newest = max(session.newest, said)
        self._routes[key] = said
        self._routes.move_to_end(key)
        if len(self._routes) > self.kept:
            self._routes.popitem(last=False)
        return True

    def state(self, peer: RisPeer, said: int) -> Age:
        """Return whether nothing later is known of a session, and remember its state."""
        session = self._sessions.get(peer.key) or self._begin(peer)
        if said < session.state or (said == session.state and said < session.newest):
            return Age.OUTDATED
        session.state = said
        if said < session.newest:
            return Age.LATE
        session.newest = said
        return Age.NEW

    def _begin(self, peer: RisPeer) -> _Session:
        session = self._sessions[peer.key] = _Session()
        if len(self._sessions) > self.kept:
            self._sessions.popitem(last=False)
        return session
