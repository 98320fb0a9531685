"""Cells: one prefix on one session, with its routes there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet

import attrs

from peerlint.engine.route_index import IndexedSource, PrefixRoutes, RouteIndex, Routes, best
from peerlint.inventory import Metro, Peering, RegisteredPrefix, SessionRef, metro
from peerlint.model import Prefix
from peerlint.rules import Cell


@attrs.frozen(eq=False)
class Around:
    """The routes for prefixes that share addresses with one.

    Attributes:
        covering: for less specific ones.
        inside: for more specific ones.
    """

    covering: tuple[PrefixRoutes, ...] = ()
    inside: tuple[PrefixRoutes, ...] = ()

    @classmethod
    def of(cls, routes: RouteIndex, prefix: Prefix) -> Around:
        """Look for them."""
        return cls(
            tuple(routes.routes(each) for each in routes.covering(prefix)),
            tuple(routes.routes(each) for each in routes.more_specifics(prefix)),
        )

    def __bool__(self) -> bool:
        """Whether there are any."""
        return bool(self.covering or self.inside)


@attrs.frozen(eq=False)
class CellMaker:
    """Makes the cells of one prefix.

    Attributes:
        index: of all routes.
        peering: whose profile is used.
        registered: the prefix as declared.
        prefix: the prefix.
        routes: for the prefix.
        around: the routes for prefixes that share addresses with it.
        asked: the ids of the sessions that have to announce it.
        chosen: the locations that an activation chooses.
    """

    index: RouteIndex
    peering: Peering
    registered: RegisteredPrefix
    prefix: Prefix
    routes: PrefixRoutes
    around: Around = Around()  # frozen
    asked: frozenset[str] = frozenset()
    chosen: AbstractSet[Metro] = frozenset()

    def on(self, sessions: Iterable[SessionRef]) -> Iterator[Cell]:
        """Yield the cell of each session."""
        return map(self._on, sessions)

    def _on(self, session: SessionRef) -> Cell:
        presence, source = best(self.index, session, self.routes)
        routes = () if source is None else self.routes.routes(source)
        sound = tuple(seen for seen in routes if not seen.route.malformed)
        return Cell(
            self.peering,
            self.registered,
            self.prefix,
            session,
            presence,
            None if source is None else source.source,
            others=tuple(each.source for each in self.index.sources(session) if each is not source),
            routes=sound or routes,
            covering=() if source is None else _among(self.around.covering, source),
            more_specifics=() if source is None else _among(self.around.inside, source),
            is_asked_for=session.id in self.asked,
            is_chosen=bool(self.chosen)
            and session.peering.asn == self.peering.asn
            and metro(session.peering, session.connection) in self.chosen,
        )


def _among(found: tuple[PrefixRoutes, ...], chosen: IndexedSource) -> Routes:
    return tuple(route for each in found for route in each.routes(chosen))
