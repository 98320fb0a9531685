"""What is remembered of the routes to tell what a changed route affects beyond its own prefix."""

from __future__ import annotations

from collections.abc import Iterable

from peerlint.engine.prepare import Prepared
from peerlint.engine.route_index import RouteIndex
from peerlint.model import Fact, Prefix


class LastRoutes:
    """The state of sessions, and of prefixes at route servers, at their last change."""

    def __init__(
        self, prepared: Prepared, routes: RouteIndex, of_members: Iterable[Prefix]
    ) -> None:
        """Remember the current routes.

        Args:
            prepared: the prepared inventory.
            routes: the index of all routes.
            of_members: the prefixes that have a row at a route server.
        """
        self._prepared, self._routes = prepared, routes
        sessions = prepared.sessions
        self._revisions = {name: routes.revision(each) for name, each in sessions.items()}
        self._untagged = {name: self._is_untagged(name) for name in sessions}
        self._announced_before = {prefix: self._announced(prefix) for prefix in of_members}

    def is_session_changed(self, session: str) -> bool:
        """Whether rules about a session may have other answers since the last call."""
        known = self._prepared.sessions.get(session)
        if known is None:
            return False
        revision = self._routes.revision(known)
        if revision == self._revisions[session]:
            return False
        self._revisions[session] = revision
        return True

    def is_community_changed(self, session: str) -> bool:
        """Whether a session lost its last route with the community, or got the first one.

        Findings about its other routes say so.
        """
        if session not in self._untagged:
            return False
        before, self._untagged[session] = self._untagged[session], self._is_untagged(session)
        return before != self._untagged[session]

    def _is_untagged(self, session: str) -> tuple[bool, ...]:
        """Return, for each source of a session, whether none of its routes has the community."""
        sources = self._routes.sources(self._prepared.sessions[session])
        return tuple(each.source.counts.is_untagged for each in sources)

    def is_row_changed(self, prefix: Prefix) -> bool:
        """Whether a change of a prefix can change which prefixes have a row at route servers.

        A prefix has a row where it is announced, if a route for it carries the community or an
        activation names it.
        """
        if not self._prepared.has_route_servers or prefix.family != 4:
            return False
        found = self._announced(prefix)
        before = self._announced_before.get(prefix)
        if before is not None:
            return before != found
        is_named = prefix in self._prepared.activated_prefixes
        return is_named or any(facts & Fact.TAGGED for _, facts in found)

    def _announced(self, prefix: Prefix) -> frozenset[tuple[int, Fact]]:
        """Return the sources that show a prefix, with the facts that decide where it has a row."""
        return frozenset(
            (number, facts & (Fact.TAGGED | Fact.MALFORMED))
            for number, shown in self._routes.routes(prefix).shown.items()
            for facts in shown.facts
        )
