"""The route index over tables that change, as those of live feeds."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import Counter
from collections.abc import Hashable, Mapping
from functools import cached_property
from operator import itemgetter
from typing import Final, TypeVar

import attrs

from peerlint.engine.route_index import (
    NO_ROUTES,
    AnnouncementKey,
    IndexedSource,
    PrefixRoutes,
    Routes,
    SourceAnnouncements,
)
from peerlint.inventory import SessionRef
from peerlint.model import Fact, Prefix, Route
from peerlint.model.prefix import BITS
from peerlint.observations import Observation, RouteTable, SessionSource

#: The number of announcements and attribute sets after which those without routes are discarded.
_FULL: Final = 1 << 18
_SortKey = tuple[int, int, int]
_Value = TypeVar("_Value")


class TableIndex:
    """The routes of sessions by prefix, where each session has the table of one feed.

    All changes of the tables have to be made with its methods. Its answers are then the same as
    those of an index that is built from the current tables.
    """

    def __init__(self, sources: Mapping[str, SessionSource]) -> None:
        """Index the tables of sessions.

        Args:
            sources: the source of each session, by the session's id; its observations are a
                `RouteTable`.

        Raises:
            TypeError: the observations of a source are not a `RouteTable`.
        """
        self.is_fixed = False
        self.from_microsoft: Mapping[str, int] = {}
        self.validated: Mapping[Prefix, Routes] = {}
        self._sources: dict[str, IndexedSource] = {}
        self._tables: list[RouteTable] = []
        self._session_of: list[str] = []
        self._prefixes: dict[Prefix, dict[int, None]] = {}
        self._space = _ChangingSpace()
        self._keys = _Keys(_FULL)
        self._routes: dict[Prefix, _TableRoutes] = {}
        for session, source in sources.items():
            self._add(session, source)

    def _add(self, session: str, source: SessionSource) -> None:
        table = source.observations
        if not isinstance(table, RouteTable):
            raise TypeError("expected a RouteTable")
        number = len(self._tables)
        self._tables.append(table)
        self._session_of.append(session)
        self._sources[session] = IndexedSource.of(number, source)
        for each in table:
            self._note(each.route.prefix, number)

    # -- changes

    def announce(
        self,
        session: str,
        route: Route,
        record: int = 0,
        *,
        shows_other_communities: bool = True,
    ) -> bool:
        """Add or replace a route of a session.

        Args:
            session: the session's id.
            route: the route.
            record: the position of the route in the feed.
            shows_other_communities: see `Observation`.

        Returns:
            Whether anything but the time of the route changed.
        """
        number = self._sources[session].number
        table = self._tables[number]
        before = table.revision
        is_new = table.announce(route, record, shows_other_communities=shows_other_communities)
        # Even if only its time changed, the new route is the evidence from now on.
        self._note(route.prefix, number)
        if table.revision != before:
            self._refresh(session)
        return is_new

    def withdraw(self, session: str, prefix: Prefix, path_id: int | None = None) -> bool:
        """Remove a route of a session, and return whether it was there."""
        number = self._sources[session].number
        table = self._tables[number]
        if not table.withdraw(prefix, path_id):
            return False
        if table.of(prefix):
            self._note(prefix, number)
        else:
            self._drop(prefix, number)
        self._refresh(session)
        return True

    def clear(self, session: str) -> tuple[Prefix, ...]:
        """Remove all routes of a session, and return their prefixes."""
        number = self._sources[session].number
        gone = self._tables[number].clear()
        for prefix in gone:
            self._drop(prefix, number)
        self._refresh(session)
        return gone

    def _note(self, prefix: Prefix, number: int) -> None:
        numbers = self._prefixes.get(prefix)
        if numbers is None:
            numbers = self._prefixes[prefix] = {}
            self._space.add(prefix)
        numbers[number] = None
        if self._keys.is_full:
            self._renumber()
        known = self._routes.get(prefix)
        if known is not None:
            self._routes[prefix] = known.replaced(number, self._tables[number].of(prefix))

    def _drop(self, prefix: Prefix, number: int) -> None:
        numbers = self._prefixes[prefix]
        del numbers[number]
        known = self._routes.pop(prefix, None)
        if not numbers:
            del self._prefixes[prefix]
            self._space.remove(prefix)
        elif known is not None:
            self._routes[prefix] = known.replaced(number, ())

    def _renumber(self) -> None:
        """Discard the numbers of announcements without routes, which would grow without bound."""
        known = sum(len(each.by_source) for each in self._routes.values())
        self._keys = _Keys(max(_FULL, 4 * known))
        self._routes.clear()

    def _refresh(self, session: str) -> None:
        """Update the counts of a session's source."""
        indexed = self._sources[session]
        counts = self._tables[indexed.number].counts
        source = attrs.evolve(indexed.source, counts=counts)
        self._sources[session] = attrs.evolve(indexed, source=source)

    # -- queries

    def sources(self, session: SessionRef) -> tuple[IndexedSource, ...]:
        """Return the source of a session; empty if it has none."""
        found = self._sources.get(session.id)
        return () if found is None else (found,)

    def revision(self, session: SessionRef) -> Hashable:
        """Return a value that changes with each change of what rules about a session read."""
        found = self._sources.get(session.id)
        return None if found is None else self._tables[found.number].revision

    def routes(self, prefix: Prefix) -> PrefixRoutes:
        """Return the routes for a prefix."""
        found = self._routes.get(prefix)
        if found is None:
            numbers = self._prefixes.get(prefix)
            if numbers is None:
                return NO_ROUTES
            by_source = {number: self._tables[number].of(prefix) for number in sorted(numbers)}
            found = self._routes[prefix] = _TableRoutes.of(by_source, self._keys)
        return found

    def sessions(self, routes: PrefixRoutes) -> set[str]:
        """Return the ids of the sessions that have routes for a prefix."""
        return {self._session_of[number] for number in routes.shown}

    def covering(self, prefix: Prefix) -> tuple[Prefix, ...]:
        """Return the less specific prefixes with routes, shortest first; no default route."""
        return self._space.covering(prefix)

    def more_specifics(self, prefix: Prefix) -> tuple[Prefix, ...]:
        """Return the more specific prefixes with routes, in order."""
        return self._space.more_specifics(prefix)

    def tagged(self, session: SessionRef) -> set[Prefix]:
        """Return the IPv4 prefixes that carry the community on a session."""
        return {
            observation.route.prefix
            for each in self.sources(session)
            for observation in self._tables[each.number].holding(Fact.TAGGED)
            if not observation.facts & Fact.IPV6
        }


@attrs.frozen(eq=False)
class _TableRoutes:
    """The routes for one prefix, until one of them changes.

    Attributes:
        by_source: the routes by the number of the source, in order.
        shown: the parts of the routes that rules compare, by the number of the source.
        attributes: the attribute sets of the routes, by the number of the source.
    """

    by_source: Mapping[int, Routes]
    shown: Mapping[int, SourceAnnouncements]
    attributes: Mapping[int, Hashable]
    _keys: _Keys = attrs.field(repr=False)

    @classmethod
    def of(cls, by_source: Mapping[int, Routes], keys: _Keys) -> _TableRoutes:
        """Return the routes of a prefix with their keys.

        Args:
            by_source: the routes by the number of the source, in order.
            keys: the keys of the index.
        """
        return cls(
            by_source,
            {number: keys.shown(routes) for number, routes in by_source.items()},
            {number: keys.attribute_set(routes) for number, routes in by_source.items()},
            keys,
        )

    def replaced(self, number: int, routes: Routes) -> _TableRoutes:
        """Return a copy with the routes of one source replaced; empty routes remove the source."""
        by_source, shown = {**self.by_source}, {**self.shown}
        attributes = {**self.attributes}
        if routes:
            is_known = number in by_source
            by_source[number], shown[number] = routes, self._keys.shown(routes)
            attributes[number] = self._keys.attribute_set(routes)
            if not is_known:
                by_source, shown = _in_order(by_source), _in_order(shown)
                attributes = _in_order(attributes)
        else:
            for each in (by_source, shown, attributes):
                each.pop(number, None)
        return _TableRoutes(by_source, shown, attributes, self._keys)

    @cached_property
    def pattern(self) -> Hashable:
        """See `PrefixRoutes`."""
        return tuple(self.shown.items())

    @cached_property
    def attribute_sets(self) -> Hashable:
        """See `PrefixRoutes`."""
        return tuple(self.attributes.values())

    def routes(self, numbered: IndexedSource) -> Routes:
        """Return the routes in one source."""
        return self.by_source.get(numbered.number, ())


def _in_order(by_source: Mapping[int, _Value]) -> dict[int, _Value]:
    return dict(sorted(by_source.items(), key=itemgetter(0)))


class _Keys:
    """Interns announcement keys and attribute sets: equal ones have the same number."""

    def __init__(self, full: int) -> None:
        """Start without keys.

        Args:
            full: the number of keys above which `is_full` is True.
        """
        self._full = full
        self._groups: dict[Hashable, int] = {}
        self._attributes: dict[Hashable, int] = {}
        self._shown: dict[tuple[AnnouncementKey, ...], SourceAnnouncements] = {}

    @property
    def is_full(self) -> bool:
        """Whether there are so many numbers that most of them probably have no route any more."""
        return len(self._groups) + len(self._attributes) > self._full

    def attribute_set(self, routes: Routes) -> Hashable:
        """Return the numbers of the routes' attribute sets."""
        return tuple(map(self._attribute_number, routes))

    def _attribute_number(self, observation: Observation) -> int:
        """Return the number of a route's attribute set: everything but its prefix and time."""
        route = observation.route
        key = (
            route.path,
            route.communities,
            route.large_communities,
            route.extended_communities,
            route.next_hop,
            route.malformed,
        )
        return self._attributes.setdefault(key, len(self._attributes))

    def shown(self, routes: Routes) -> SourceAnnouncements:
        """Return the parts of the routes of one source that rules compare."""
        keys = tuple(map(self._key, routes))
        found = self._shown.get(keys)
        if found is None:
            found = self._shown[keys] = SourceAnnouncements.of(keys)
        return found

    def _key(self, observation: Observation) -> AnnouncementKey:
        route, viewpoint = observation.route, observation.viewpoint
        group = (
            viewpoint,
            observation.shows_path,
            observation.shows_other_communities,
            route.path,
            route.communities,
            route.large_communities,
            route.extended_communities,
        )
        number = self._groups.setdefault(group, len(self._groups))
        return AnnouncementKey(number, not route.malformed, viewpoint, observation.facts)


class _ChangingSpace:
    """A mutable set of prefixes with the queries of `peerlint.model.Space`."""

    def __init__(self) -> None:
        """Start empty."""
        self._all: set[Prefix] = set()
        self._sorted: list[_SortKey] = []
        self._lengths: Counter[tuple[int, int]] = Counter()

    def add(self, prefix: Prefix) -> None:
        """Add a prefix that is not in the set."""
        self._all.add(prefix)
        insort(self._sorted, _sort_key(prefix))
        self._lengths[prefix.family, prefix.length] += 1

    def remove(self, prefix: Prefix) -> None:
        """Remove a prefix that is in the set."""
        self._all.remove(prefix)
        key = _sort_key(prefix)
        del self._sorted[bisect_left(self._sorted, key)]
        self._lengths[prefix.family, prefix.length] -= 1

    def covering(self, prefix: Prefix) -> tuple[Prefix, ...]:
        """Return the less specific prefixes, shortest first; a default route covers nothing."""
        found = []
        for length in range(1, prefix.length):
            if self._lengths[prefix.family, length]:
                shift = BITS[prefix.family] - length
                parent = Prefix(prefix.family, prefix.first >> shift << shift, length)
                if parent in self._all:
                    found.append(parent)
        return tuple(found)

    def more_specifics(self, prefix: Prefix) -> tuple[Prefix, ...]:
        """Return the more specific prefixes, in order."""
        found = []
        at = bisect_left(self._sorted, _sort_key(prefix))
        last = prefix.first | ((1 << BITS[prefix.family] - prefix.length) - 1)
        while at < len(self._sorted):
            family, first, length = self._sorted[at]
            if family != prefix.family or first > last:
                break
            if length > prefix.length:
                found.append(Prefix(family, first, length))
            at += 1
        return tuple(found)


def _sort_key(prefix: Prefix) -> _SortKey:
    return prefix.family, prefix.first, prefix.length
