"""The route index over tables that change, as those of live feeds."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Mapping
from functools import cached_property
from itertools import count
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
from peerlint.observations import Observation, RouteTable, SessionCounts, SessionSource

#: The number of announcements and attribute sets after which those without routes are discarded.
_FULL: Final = 1 << 18
#: The bits of a table's number among those of its session.
_BITS: Final = 20
_NONE: Final = SessionCounts()
_SortKey = tuple[int, int, int]
_Key = Hashable
_AnyKey = TypeVar("_AnyKey", bound=Hashable)
_Value = TypeVar("_Value")


class TableIndex:
    """The routes of sessions by prefix, where each session has the tables of feeds.

    A table has a key, with which it is changed: the session's id if each session has one table. All
    changes of the tables have to be made with its methods. Its answers are then the same as those
    of an index that is built from the current tables.
    """

    def __init__(
        self, sources: Mapping[_AnyKey, SessionSource], sessions: Iterable[str] = ()
    ) -> None:
        """Index the tables of sessions.

        Args:
            sources: the sources by key; their observations are a `RouteTable`. Of one session, the
                better one comes first.
            sessions: the ids of sessions in the order of the inventory; that of the sources for
                those that are not among them.

        Raises:
            TypeError: the observations of a source are not a `RouteTable`.
        """
        self.is_fixed = False
        self.from_microsoft: Mapping[str, int] = {}
        self.validated: Mapping[Prefix, Routes] = {}
        self._numbers: dict[_Key, int] = {}
        self._sources: dict[int, IndexedSource] = {}
        #: The tables whose counts have changed since somebody asked for their source.
        self._uncounted: set[int] = set()
        self._revisions: dict[str, Hashable] = {}
        #: By session, the keys of its tables, the better one first.
        self._keys_of: dict[str, tuple[_Key, ...]] = {}
        self._held_back: dict[int, SessionCounts] = {}
        self._tables: dict[int, RouteTable] = {}
        self._session_of: dict[int, str] = {}
        #: By session, the number for its next table: tables are in the order of the sessions.
        self._next_number = {each: at << _BITS for at, each in enumerate(sessions)}
        self._prefixes: dict[Prefix, dict[int, None]] = {}
        self._space = _ChangingSpace()
        self._next = count()
        self._interned = _Interned(_FULL, self._next)
        self._routes: dict[Prefix, _TableRoutes] = {}
        #: By prefix, the tables whose routes in `_routes` are old. Many changes come until
        #: somebody asks, and paths that were taken over one by one would take the square of their
        #: number.
        self._changed: dict[Prefix, set[int]] = {}
        for key, source in sources.items():
            self.add(key, source)

    # -- tables

    def add(self, key: _Key, source: SessionSource) -> None:
        """Add a table behind the other ones of its session; see `order`."""
        table = source.observations
        if not isinstance(table, RouteTable):
            raise TypeError("expected a RouteTable")
        session = table.session
        number = self._next_number.setdefault(session, len(self._next_number) << _BITS)
        self._next_number[session] = number + 1
        self._tables[number], self._session_of[number] = table, session
        self._numbers[key] = number
        self._sources[number] = IndexedSource.of(number, source)
        self._keys_of[session] = (*self._keys_of.get(session, ()), key)
        self._revisions.pop(session, None)
        for each in table:
            self._note(each.route.prefix, number)

    def remove(self, key: _Key) -> tuple[Prefix, ...]:
        """Remove a table, and return the prefixes of its routes."""
        gone = self.clear(key)
        number = self._numbers.pop(key)
        del self._sources[number]
        self._held_back.pop(number, None)
        self._uncounted.discard(number)
        session = self._session_of.pop(number)
        del self._tables[number]
        self._keys_of[session] = tuple(each for each in self._keys_of[session] if each != key)
        self._revisions.pop(session, None)
        return gone

    def replace(self, key: _Key, source: SessionSource, held_back: SessionCounts) -> None:
        """Replace what is known of a table, such as its coverage; its routes stay.

        Args:
            key: the key of the table.
            source: the source, with the same table.
            held_back: the counts of the routes that the feed holds back.
        """
        number = self._numbers[key]
        self._sources[number] = IndexedSource.of(number, source)
        self._held_back[number] = held_back
        self._note_revision(number)

    def order(self, session: str, keys: Iterable[_Key]) -> None:
        """Set the order of the tables of a session; the better one comes first."""
        self._keys_of[session] = tuple(keys)
        self._revisions.pop(session, None)

    def source(self, key: _Key) -> SessionSource:
        """Return what is known of a table."""
        return self._indexed(self._numbers[key]).source

    # -- changes

    def announce(
        self,
        key: _Key,
        route: Route,
        record: int = 0,
        *,
        shows_other_communities: bool = True,
        peer: int = 0,
    ) -> bool:
        """Add or replace a route of a table.

        Args:
            key: the key of the table.
            route: the route.
            record: the position of the route in the feed.
            shows_other_communities: see `Observation`.
            peer: see `RouteTable.announce`.

        Returns:
            Whether anything but the time of the route changed.
        """
        number = self._numbers[key]
        table = self._tables[number]
        before = table.revision
        is_new = table.announce(
            route, record, shows_other_communities=shows_other_communities, peer=peer
        )
        # Even if only its time changed, the new route is the evidence from now on.
        self._note(route.prefix, number)
        if table.revision != before:
            self._note_revision(number)
        return is_new

    def withdraw(
        self, key: _Key, prefix: Prefix, path_id: int | None = None, peer: int = 0
    ) -> bool:
        """Remove a route of a table, and return whether it was there."""
        number = self._numbers[key]
        table = self._tables[number]
        if not table.withdraw(prefix, path_id, peer):
            return False
        if table.of(prefix):
            self._note(prefix, number)
        else:
            self._drop(prefix, number)
        self._note_revision(number)
        return True

    def clear(self, key: _Key) -> tuple[Prefix, ...]:
        """Remove all routes of a table, and return their prefixes."""
        number = self._numbers[key]
        gone = self._tables[number].clear()
        for prefix in gone:
            self._drop(prefix, number)
        self._note_revision(number)
        return gone

    def _note_revision(self, number: int) -> None:
        self._uncounted.add(number)
        self._revisions.pop(self._session_of[number], None)

    def _note(self, prefix: Prefix, number: int) -> None:
        numbers = self._prefixes.get(prefix)
        if numbers is None:
            numbers = self._prefixes[prefix] = {}
            self._space.add(prefix)
        numbers[number] = None
        if self._interned.is_full:
            self._renumber()
        self._note_changed(prefix, number)

    def _note_changed(self, prefix: Prefix, number: int) -> None:
        if prefix in self._routes:
            changed = self._changed.get(prefix)
            if changed is None:
                self._changed[prefix] = {number}
            else:
                changed.add(number)

    def _drop(self, prefix: Prefix, number: int) -> None:
        numbers = self._prefixes[prefix]
        del numbers[number]
        if numbers:
            self._note_changed(prefix, number)
            return
        self._routes.pop(prefix, None)
        self._changed.pop(prefix, None)
        del self._prefixes[prefix]
        self._space.remove(prefix)

    def _renumber(self) -> None:
        """Discard the numbers of announcements without routes, which would grow without bound."""
        known = sum(len(each.by_source) for each in self._routes.values())
        self._interned = _Interned(max(_FULL, 4 * known), self._next)
        self._routes.clear()
        self._changed.clear()

    def _indexed(self, number: int) -> IndexedSource:
        """Return a source with the counts of now."""
        indexed = self._sources[number]
        if number not in self._uncounted:
            return indexed
        self._uncounted.remove(number)
        counts = self._tables[number].counts + self._held_back.get(number, _NONE)
        if counts != indexed.source.counts:
            source = attrs.evolve(indexed.source, counts=counts)
            indexed = self._sources[number] = attrs.evolve(indexed, source=source)
        return indexed

    # -- queries

    def sources(self, session: SessionRef) -> tuple[IndexedSource, ...]:
        """Return the sources of a session, the better one first; empty if it has none."""
        keys = self._keys_of.get(session.id, ())
        return tuple(self._indexed(self._numbers[each]) for each in keys)

    def revision(self, session: SessionRef) -> Hashable:
        """Return a value that changes with each change of what rules about a session read."""
        found = self._revisions.get(session.id)
        if found is None:
            found = self._revisions[session.id] = tuple(
                (each.number, each.source.counts, self._tables[each.number].revision)
                for each in self.sources(session)
            )
        return found

    def routes(self, prefix: Prefix) -> PrefixRoutes:
        """Return the routes for a prefix."""
        found = self._routes.get(prefix)
        if found is None:
            numbers = self._prefixes.get(prefix)
            if numbers is None:
                return NO_ROUTES
            by_source = {number: self._tables[number].of(prefix) for number in sorted(numbers)}
            found = self._routes[prefix] = _TableRoutes.of(by_source, self._interned)
            return found
        changed = self._changed.pop(prefix, None)
        if changed is not None:
            # A table that was removed meanwhile has no routes any more.
            routes = {
                each: self._tables[each].of(prefix) if each in self._tables else ()
                for each in changed
            }
            found = self._routes[prefix] = found.replaced(routes)
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
    _interned: _Interned = attrs.field(repr=False)

    @classmethod
    def of(cls, by_source: Mapping[int, Routes], interned: _Interned) -> _TableRoutes:
        """Return the routes of a prefix with their keys.

        Args:
            by_source: the routes by the number of the source, in order.
            interned: the numbers of the index.
        """
        return cls(
            by_source,
            {number: interned.shown(routes) for number, routes in by_source.items()},
            {number: interned.attribute_set(routes) for number, routes in by_source.items()},
            interned,
        )

    def replaced(self, changed: Mapping[int, Routes]) -> _TableRoutes:
        """Return a copy with the routes of some sources replaced; no routes remove the source."""
        by_source, shown = {**self.by_source}, {**self.shown}
        attributes = {**self.attributes}
        for number, routes in changed.items():
            if routes:
                by_source[number], shown[number] = routes, self._interned.shown(routes)
                attributes[number] = self._interned.attribute_set(routes)
            else:
                for each in (by_source, shown, attributes):
                    each.pop(number, None)
        if not by_source.keys() <= self.by_source.keys():
            by_source, shown = _in_order(by_source), _in_order(shown)
            attributes = _in_order(attributes)
        return _TableRoutes(by_source, shown, attributes, self._interned)

    @cached_property
    def pattern(self) -> Hashable:
        """See `PrefixRoutes`; a number."""
        return self._interned.number(tuple(self.shown.items()))

    @cached_property
    def attribute_sets(self) -> Hashable:
        """See `PrefixRoutes`; a number."""
        return self._interned.number(tuple(self.attributes.values()))

    def routes(self, numbered: IndexedSource) -> Routes:
        """Return the routes in one source."""
        return self.by_source.get(numbered.number, ())


def _in_order(by_source: Mapping[int, _Value]) -> dict[int, _Value]:
    return dict(sorted(by_source.items(), key=itemgetter(0)))


class _Interned:
    """Interns announcement keys and attribute sets: equal ones have the same number."""

    def __init__(self, full: int, numbers: Iterator[int]) -> None:
        """Start without keys.

        Args:
            full: the number of keys above which `is_full` is True.
            numbers: numbers that were never used: results are remembered by them, and outlive the
                values.
        """
        self._full, self._next = full, numbers
        self._numbers: dict[Hashable, int] = {}
        self._groups: dict[Hashable, int] = {}
        self._attributes: dict[Hashable, int] = {}
        self._shown: dict[tuple[AnnouncementKey, ...], SourceAnnouncements] = {}

    @property
    def is_full(self) -> bool:
        """Whether there are so many numbers that most of them probably have no route any more."""
        return len(self._groups) + len(self._attributes) + len(self._numbers) > self._full

    def number(self, value: Hashable) -> int:
        """Return the number of a value; equal values have the same one."""
        found = self._numbers.get(value)
        if found is None:
            found = self._numbers[value] = next(self._next)
        return found

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
