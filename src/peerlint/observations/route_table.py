"""The routes of one session from a live feed, which change one at a time."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Iterator, Sequence
from itertools import chain
from typing import overload

from peerlint.model import Criteria, Fact, Prefix, Route, Viewpoint
from peerlint.model.facts import attribute_facts, prefix_facts
from peerlint.observations.observation import FeedRouter, Observation
from peerlint.observations.session_routes import SessionCounts

#: How many attribute sets, and how many prefixes, have their facts cached.
_MEMO = 1 << 16
#: The facts of which `RouteTable.counts` counts the routes.
_COUNTED = int(Fact.TAGGED | Fact.IPV6)

#: The only route of a prefix, or its routes by path: most have one, and mappings take much memory.
_Routes = Observation | dict[Hashable, Observation]


class RouteTable(Sequence[Observation]):
    """The current routes of one session from a feed, with their counts.

    The results of `holding` and `beside` are indexed on first use and kept up to date from then on,
    so that a query after a change takes no time in proportion to the table. Threads must not share
    a table that changes.
    """

    def __init__(
        self,
        session: str,
        viewpoint: Viewpoint,
        criteria: Criteria,
        source: str,
        router: FeedRouter | None = None,
    ) -> None:
        """Start without routes.

        Args:
            session: the session's id.
            viewpoint: where its routes are observed, and how their paths are read.
            criteria: the criteria of the session's peering.
            source: the name of the feed.
            router: the router that sends the routes; None if the feed does not tell.
        """
        self.session, self.viewpoint, self.source = session, viewpoint, source
        self._criteria, self._router = criteria, router
        #: By prefix, in the order in which prefixes were first announced: its only route, if that
        #: has no path identifier, or its routes by path.
        self._routes: dict[Prefix, _Routes] = {}
        #: The position of each prefix in that order.
        self._positions: dict[Prefix, int] = {}
        self._next_position = 0
        self._size = self._tagged = self._ipv6 = 0
        self._revision = 0
        self._shows_all = True
        #: By the facts of a call of `holding`, the prefixes of routes that have one of them.
        self._holding: dict[Fact, set[Prefix]] = {}
        #: All facts of calls of `holding`.
        self._held = Fact(0)
        #: Whether `to` was called.
        self._is_read_by_prefix = False
        #: The prefixes that the last call of `beside` left out, and the others.
        self._left_out: Collection[Prefix] = ()
        self._beside: dict[Prefix, None] = {}
        self._prefix_facts: dict[Prefix, Fact] = {}
        self._attribute_facts: dict[tuple[object, ...], Fact] = {}

    # -- changes

    def announce(
        self,
        route: Route,
        record: int = 0,
        *,
        shows_other_communities: bool = True,
        peer: int = 0,
    ) -> bool:
        """Add a route, or replace the one with the same prefix and path.

        Args:
            route: the route.
            record: its position in the feed.
            shows_other_communities: see `Observation`.
            peer: the number of the peer that announces it, if the table has routes of several:
                equal path identifiers of two peers are two paths.

        Returns:
            Whether the route is new or differs in more than its time.
        """
        bits = self._facts_of(route)
        new = Observation(
            self.session,
            route,
            self.viewpoint,
            bits,
            self.source,
            record,
            shows_other_communities=shows_other_communities,
            router=self._router,
        )
        self._shows_all &= shows_other_communities
        if route.prefix not in self._routes:
            self._note(route.prefix)
        old = self._put(route.prefix, _path(route.path_id, peer), new)
        if old is None:
            self._count(bits, 1)
            self._revision += 1
            self._index(route.prefix, Fact(0), bits)
            return True
        if old.facts != bits:
            self._count(bits, 1)
            self._count(old.facts, -1)
            self._index(route.prefix, old.facts, bits)
        self._revision += self._is_seen(old, new)
        return old.route != route

    def withdraw(self, prefix: Prefix, path_id: int | None = None, peer: int = 0) -> bool:
        """Remove a route, and return whether there was one; see `announce`."""
        old = self._take(prefix, _path(path_id, peer))
        if old is None:
            return False
        self._count(old.facts, -1)
        self._revision += 1
        self._index(prefix, old.facts, Fact(0))
        if prefix not in self._routes:
            del self._positions[prefix]
            self._beside.pop(prefix, None)
        return True

    def clear(self) -> tuple[Prefix, ...]:
        """Remove all routes, and return the prefixes that had routes."""
        removed = tuple(self._routes)
        for each in (self._routes, self._positions, self._beside, self._holding):
            each.clear()
        self._size = self._tagged = self._ipv6 = 0
        self._revision += 1
        return removed

    def _note(self, prefix: Prefix) -> None:
        """Note a prefix that has no routes yet."""
        self._positions[prefix] = self._next_position
        self._next_position += 1
        if prefix not in self._left_out:
            self._beside[prefix] = None

    def _put(self, prefix: Prefix, path: Hashable, new: Observation) -> Observation | None:
        """Set the route of a path, and return the one before it."""
        found = self._routes.get(prefix)
        if isinstance(found, dict):
            old = found.get(path)
            found[path] = new
            return old
        if path is None:
            old, self._routes[prefix] = found, new
            return old
        self._routes[prefix] = {path: new} if found is None else {None: found, path: new}
        return None

    def _take(self, prefix: Prefix, path: Hashable) -> Observation | None:
        """Remove the route of a path, and return it; None if there is none."""
        found = self._routes.get(prefix)
        if isinstance(found, dict):
            old = found.pop(path, None)
            if not found:
                del self._routes[prefix]
            return old
        if path is not None:
            return None
        self._routes.pop(prefix, None)
        return found

    def _is_seen(self, old: Observation, new: Observation) -> bool:
        """Whether a query about the whole table can show that a route replaced another.

        The new one is other evidence, even where its facts are the same.
        """
        before, after = int(old.facts), int(new.facts)  # operations of flags take much longer
        return bool(
            self._is_read_by_prefix
            or (before | after) & int(self._held)
            or (before ^ after) & _COUNTED
            or new.route.prefix in self._beside
        )

    def _index(self, prefix: Prefix, before: Fact, after: Fact) -> None:
        """Update the index of `holding` for a prefix, of which the facts of one path changed.

        Args:
            prefix: the prefix, of which there may be thousands of paths.
            before: the facts of the path until now.
            after: its facts from now on.
        """
        for fact, prefixes in self._holding.items():
            if after & fact:
                prefixes.add(prefix)
            elif before & fact and not any(each.facts & fact for each in self._each(prefix)):
                prefixes.discard(prefix)

    def _count(self, facts: Fact, number: int) -> None:
        self._size += number
        if facts & Fact.TAGGED:
            self._tagged += number
        if facts & Fact.IPV6:
            self._ipv6 += number

    # -- queries

    @property
    def counts(self) -> SessionCounts:
        """The counts of the routes."""
        return SessionCounts(self._size, self._tagged, self._ipv6)

    @property
    def revision(self) -> int:
        """A number that grows with each change that `counts`, `holding`, `beside` or `to` can show.

        A route that replaces another for the same prefix seldom changes their answers. Changes that
        only a query never made before could show are not counted.
        """
        return self._revision

    @property
    def shows_all(self) -> bool:
        """Whether the feed told the path and all communities of each route until now."""
        return self._shows_all

    @property
    def tagged(self) -> int:
        """How many routes carry the community."""
        return self._tagged

    def of(self, prefix: Prefix) -> tuple[Observation, ...]:
        """Return the routes for a prefix."""
        return tuple(self._each(prefix))

    def _each(self, prefix: Prefix) -> Iterable[Observation]:
        found = self._routes.get(prefix)
        if found is None:
            return ()
        return found.values() if isinstance(found, dict) else (found,)

    def __len__(self) -> int:
        """Return the number of routes."""
        return self._size

    def __iter__(self) -> Iterator[Observation]:
        """Yield each route."""
        return chain.from_iterable(map(self.of, self._routes))

    @overload
    def __getitem__(self, at: int) -> Observation: ...
    @overload
    def __getitem__(self, at: slice) -> tuple[Observation, ...]: ...
    def __getitem__(self, at: int | slice) -> Observation | tuple[Observation, ...]:
        """Return one route, or a slice of them."""
        return tuple(self)[at]

    def holding(self, fact: Fact) -> tuple[Observation, ...]:
        """Return the routes for which one of the facts holds."""
        prefixes = self._holding.get(fact)
        if prefixes is None:
            self._held |= fact
            found = tuple(each for each in self if each.facts & fact)
            self._holding[fact] = {each.route.prefix for each in found}
            return found
        return tuple(
            each
            for one in sorted(prefixes, key=self._positions.__getitem__)
            for each in self.of(one)
            if each.facts & fact
        )

    def to(self, prefixes: Collection[Prefix]) -> tuple[Observation, ...]:
        """Return the routes whose prefix is one of these."""
        self._is_read_by_prefix = True
        if len(prefixes) < len(self._routes):
            wanted = {each for each in prefixes if each in self._routes}
            return tuple(
                each
                for one in sorted(wanted, key=self._positions.__getitem__)
                for each in self.of(one)
            )
        return tuple(each for each in self if each.route.prefix in prefixes)

    def beside(self, prefixes: Collection[Prefix]) -> tuple[Observation, ...]:
        """Return the routes whose prefix is none of these.

        Args:
            prefixes: a collection that does not change as long as the table is in use.
        """
        if prefixes is not self._left_out:
            self._left_out = prefixes
            self._beside = {each: None for each in self._routes if each not in prefixes}
        return tuple(each for one in self._beside for each in self.of(one))

    def _facts_of(self, route: Route) -> Fact:
        """Return the facts of a route; those of attributes and of prefixes are cached."""
        key = (
            route.path,
            route.communities,
            route.large_communities,
            route.extended_communities,
            route.malformed,
        )
        of_attributes = self._attribute_facts.get(key)
        if of_attributes is None:
            if len(self._attribute_facts) >= _MEMO:
                self._attribute_facts.clear()
            of_attributes = attribute_facts(route, self.viewpoint, self._criteria)
            self._attribute_facts[key] = of_attributes
        of_prefix = self._prefix_facts.get(route.prefix)
        if of_prefix is None:
            if len(self._prefix_facts) >= _MEMO:
                self._prefix_facts.clear()
            of_prefix = prefix_facts(route.prefix, self._criteria)
            self._prefix_facts[route.prefix] = of_prefix
        return of_attributes | of_prefix if of_prefix else of_attributes


def _path(path_id: int | None, peer: int) -> Hashable:
    """Return what tells the routes for one prefix apart."""
    return (peer, path_id) if peer else path_id
