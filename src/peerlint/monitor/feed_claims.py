"""Which sessions routers show, and of which of them all routes are known."""

from __future__ import annotations

from peerlint.model import View
from peerlint.monitor.feed_tables import FeedTables
from peerlint.observations import Coverage, UnmappedPeer


class Claims:
    """The routers that have tables of each session, on Microsoft's side and on the own side.

    A session is on one router of each side. If several show it, the one that the user gives the
    name of the session's router decides. Without one, it is not known which of them it is.
    """

    def __init__(self, tables: FeedTables) -> None:
        """Look at all tables."""
        self._routers: dict[tuple[str, bool], set[str]] = {}
        self._named: dict[tuple[str, bool], set[str]] = {}
        for (feed, router), state in tables.routers.items():
            name = tables.argument_of(router).router
            for table in state.tables.values():
                found = tables.sessions_of(feed, router, table.ref)
                if isinstance(found, UnmappedPeer):
                    continue
                for each in found:
                    if each.viewpoint.view is View.COLLECTOR:
                        continue
                    key = each.session.id, each.viewpoint.view is View.RECEIVED
                    self._routers.setdefault(key, set()).add(router)
                    if name is not None and name == each.session.connection.router:
                        self._named.setdefault(key, set()).add(router)

    def others(self, router: str, session: str, view: View) -> list[str]:
        """Return the other routers because of which a session is not known to be on this one."""
        if view is View.COLLECTOR:
            return []
        key = session, view is View.RECEIVED
        routers = self._named.get(key) or self._routers.get(key, set())
        return sorted(routers - {router})


def synchronised_sessions(tables: FeedTables) -> set[str]:
    """Return the ids of the sessions of which all routes are known, as far as routers show them.

    While a router still sends routes as they are on the wire, its other tables do not suffice.
    """
    known: set[str] = set()
    coming: set[str] = set()
    for (feed, router), state in tables.routers.items():
        for ref in (each.ref for each in state.tables.values()):
            found = tables.sessions_of(feed, router, ref)
            if isinstance(found, UnmappedPeer) or ref.view is View.COLLECTOR:
                continue
            table = tables.synchronisation.state(feed, router, ref)
            for each in found:
                if table.coverage is Coverage.COMPLETE:
                    known.add(each.session.id)
                elif each.viewpoint.view.is_definite:
                    coming.add(each.session.id)
    return known - coming
