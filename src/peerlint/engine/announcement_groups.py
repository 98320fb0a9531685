"""The different ways in which one prefix is announced, each with its sessions."""

from __future__ import annotations

from collections.abc import Mapping

from peerlint.engine.route_index import IndexedSource, PrefixRoutes, Routes, SourceAnnouncements
from peerlint.inventory import SessionRef
from peerlint.rules import AnnouncementGroup

#: Sessions with the source that decides what they announce, by id.
_Sessions = dict[str, tuple[SessionRef, IndexedSource]]


class AnnouncementGroups:
    """The different ways in which one prefix is announced."""

    def __init__(self) -> None:
        """Start with none."""
        self._sessions: dict[tuple[int, ...], _Sessions] = {}
        self._in_order: list[tuple[tuple[SessionRef, ...], _Sessions]] | None = None

    def add(self, session: SessionRef, source: IndexedSource, shown: SourceAnnouncements) -> None:
        """Add a session to those that announce the prefix in the same way."""
        self._in_order = None
        self._sessions.setdefault(shown.groups, {})[session.id] = (session, source)

    def copy(self) -> AnnouncementGroups:
        """Return a copy."""
        other = AnnouncementGroups()
        other._sessions = {groups: sessions.copy() for groups, sessions in self._sessions.items()}
        return other

    def found(self, routes: PrefixRoutes) -> tuple[AnnouncementGroup, ...]:
        """Return each way with its sessions.

        Args:
            routes: for the prefix.
        """
        if self._in_order is None:
            self._in_order = [
                (tuple([session for session, _ in sessions.values()]), sessions)
                for sessions in self._sessions.values()
            ]
        return tuple(_group(in_order, sessions, routes) for in_order, sessions in self._in_order)


def _group(
    in_order: tuple[SessionRef, ...],
    sessions: Mapping[str, tuple[SessionRef, IndexedSource]],
    routes: PrefixRoutes,
) -> AnnouncementGroup:
    def of(session: SessionRef) -> Routes:
        seen = routes.routes(sessions[session.id][1])
        return tuple(each for each in seen if not each.route.malformed)

    return AnnouncementGroup(in_order, of(in_order[0]), of)
