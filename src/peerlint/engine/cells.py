"""Cells: one prefix on one session, with its routes there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet

import attrs

from peerlint.engine.route_index import (
    IndexedSource,
    PrefixRoutes,
    RouteIndex,
    Routes,
    deciding_source,
)
from peerlint.inventory import Metro, Peering, RegisteredPrefix, SessionRef, metro
from peerlint.model import Prefix
from peerlint.rules import Cell


@attrs.frozen(eq=False)
class RelatedRoutes:
    """The routes for prefixes that overlap a prefix.

    Attributes:
        covering: the routes for each less specific prefix.
        more_specifics: the routes for each more specific prefix.
    """

    covering: tuple[PrefixRoutes, ...] = ()
    more_specifics: tuple[PrefixRoutes, ...] = ()

    @classmethod
    def of(cls, routes: RouteIndex, prefix: Prefix) -> RelatedRoutes:
        """Look up the routes.

        Args:
            routes: the index of all routes.
            prefix: the prefix whose own routes are left out.
        """
        return cls(
            tuple(routes.routes(each) for each in routes.covering(prefix)),
            tuple(routes.routes(each) for each in routes.more_specifics(prefix)),
        )

    def __bool__(self) -> bool:
        """Whether there are any such routes."""
        return bool(self.covering or self.more_specifics)


@attrs.frozen(eq=False)
class CellMaker:
    """Makes the cells of one prefix.

    Attributes:
        index: the index of all routes.
        peering: the peering whose profile is used.
        registered: the prefix as declared.
        prefix: the parsed prefix.
        routes: the routes for the prefix.
        related: the routes for prefixes that overlap it.
        required: the ids of the sessions that have to announce it.
        chosen: the locations that activations of the prefix choose.
    """

    index: RouteIndex
    peering: Peering
    registered: RegisteredPrefix
    prefix: Prefix
    routes: PrefixRoutes
    related: RelatedRoutes = RelatedRoutes()  # frozen
    required: frozenset[str] = frozenset()
    chosen: AbstractSet[Metro] = frozenset()

    def on(self, sessions: Iterable[SessionRef]) -> Iterator[Cell]:
        """Yield the cell of each session."""
        return map(self._on, sessions)

    def _on(self, session: SessionRef) -> Cell:
        presence, source = deciding_source(self.index, session, self.routes)
        routes = () if source is None else self.routes.routes(source)
        sound = tuple(route for route in routes if not route.route.malformed)
        return Cell(
            self.peering,
            self.registered,
            self.prefix,
            session,
            presence,
            None if source is None else source.source,
            others=tuple(each.source for each in self.index.sources(session) if each is not source),
            routes=sound or routes,
            covering=() if source is None else _among(self.related.covering, source),
            more_specifics=() if source is None else _among(self.related.more_specifics, source),
            is_required=session.id in self.required,
            is_chosen=bool(self.chosen)
            and session.peering.asn == self.peering.asn
            and metro(session.peering, session.connection) in self.chosen,
        )


def _among(prefixes: tuple[PrefixRoutes, ...], source: IndexedSource) -> Routes:
    return tuple(route for routes in prefixes for route in routes.routes(source))
