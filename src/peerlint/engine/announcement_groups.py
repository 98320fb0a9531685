"""The sessions of one prefix, grouped by equal announcements."""

from __future__ import annotations

from collections.abc import Mapping

from peerlint.engine.route_index import IndexedSource, PrefixRoutes, Routes, SourceAnnouncements
from peerlint.inventory import SessionRef
from peerlint.rules import AnnouncementGroup

#: Sessions by id, each with the source that decides what it announces.
_Sessions = dict[str, tuple[SessionRef, IndexedSource]]


class AnnouncementGroups:
    """The sessions of one prefix, grouped by equal announcements."""

    def __init__(self) -> None:
        """Start without sessions."""
        self._sessions: dict[tuple[int, ...], _Sessions] = {}
        self._in_order: list[tuple[tuple[SessionRef, ...], _Sessions]] | None = None

    def add(self, session: SessionRef, source: IndexedSource, shown: SourceAnnouncements) -> None:
        """Add a session to the group of those with equal announcements.

        Args:
            session: the session.
            source: the source that decides what the session announces.
            shown: the routes of the prefix in that source.
        """
        self._in_order = None
        self._sessions.setdefault(shown.groups, {})[session.id] = (session, source)

    def copy(self) -> AnnouncementGroups:
        """Return an independent copy."""
        other = AnnouncementGroups()
        other._sessions = {groups: sessions.copy() for groups, sessions in self._sessions.items()}
        return other

    def groups(self, routes: PrefixRoutes) -> tuple[AnnouncementGroup, ...]:
        """Return the groups with their routes.

        Args:
            routes: the routes for the prefix.
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
    def sound_routes(session: SessionRef) -> Routes:
        shown = routes.routes(sessions[session.id][1])
        return tuple(route for route in shown if not route.route.malformed)

    return AnnouncementGroup(in_order, sound_routes(in_order[0]), sound_routes)
