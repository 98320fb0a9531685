"""The route index over columns: the observations of all sources, sorted by prefix once."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from functools import cached_property

import attrs
import numpy as np
import numpy.typing as npt

from peerlint.engine.route_index import (
    NO_ROUTES,
    AnnouncementKey,
    IndexedSource,
    PrefixRoutes,
    Routes,
    SourceAnnouncements,
)
from peerlint.inventory import SessionRef
from peerlint.model import Fact, Prefix, Space, Viewpoint
from peerlint.observations import Observations, RouteColumns
from peerlint.observations.route_columns import InternTable

Column = npt.NDArray[np.uint32]


@attrs.frozen(eq=False)
class ColumnRoutes:
    """The routes for one prefix as rows of columns; route objects are created on access.

    Attributes:
        pattern: see `PrefixRoutes`; as octets.
        attribute_sets: see `PrefixRoutes`; the numbers of the attribute sets as octets.
    """

    pattern: tuple[bytes, bytes]
    attribute_sets: bytes
    _index: _Index = attrs.field(repr=False)
    _here: slice = attrs.field(repr=False)

    @cached_property
    def shown(self) -> Mapping[int, SourceAnnouncements]:
        """The parts of the routes that rules compare, by the number of the source."""
        return self._index.shown(self._here)

    @cached_property
    def rows(self) -> Mapping[int, tuple[int, ...]]:
        """The indexes of the routes in their source, by the number of the source."""
        return self._index.rows(self._here)

    @cached_property
    def attributes(self) -> Mapping[int, tuple[int, ...]]:
        """The numbers of the attribute sets in their source, by the number of the source."""
        return self._index.attributes(self._here)

    def routes(self, numbered: IndexedSource) -> Routes:
        """Return the routes in one source."""
        routes = numbered.source.columns
        return tuple(routes[row] for row in self.rows.get(numbered.number, ()))


class ColumnIndex:
    """The observations of all sessions."""

    def __init__(self, sessions: Sequence[SessionRef], observations: Observations) -> None:
        """Sort all observations by prefix."""
        self._sources: dict[str, tuple[IndexedSource, ...]] = {}
        self._session_of: list[str] = []
        for session in sessions:
            found = enumerate(observations.of(session.id), start=len(self._session_of))
            self._sources[session.id] = tuple(IndexedSource.of(*each) for each in found)
            self._session_of += [session.id] * len(self._sources[session.id])
        self._index = _Index(
            [each.source.columns for found in self._sources.values() for each in found]
        )
        self._space = Space(self._index.prefixes)
        self.is_fixed = True
        self.from_microsoft = observations.microsoft
        self.validated = observations.validated([session.id for session in sessions])

    def sources(self, session: SessionRef) -> tuple[IndexedSource, ...]:
        """Return the sources of a session, the best view first."""
        return self._sources[session.id]

    def revision(self, _: SessionRef) -> Hashable:
        """Return a constant: columns do not change."""
        return None

    def routes(self, prefix: Prefix) -> PrefixRoutes:
        """Return the routes for a prefix."""
        return self._index.found(prefix)

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
        """Return the IPv4 prefixes that carry the community in a source of a session."""
        return {
            observation.route.prefix
            for each in self._sources[session.id]
            for observation in each.source.observations.holding(Fact.TAGGED)
            if not observation.facts & Fact.IPV6
        }


class _Index:
    """The rows of all sources, sorted by prefix."""

    def __init__(self, sources: list[RouteColumns]) -> None:
        """Sort the rows by prefix; rows of one prefix stay in the order of the sources."""
        self.prefixes: dict[Prefix, int] = {}
        self._numbers = self._numbered(sources)
        self._keys: dict[AnnouncementKey, int] = {}
        self._groups: dict[Hashable, int] = {}
        #: Group and soundness of attribute sets, by intern table and viewpoint: sources share them.
        self._of_attributes: dict[tuple[int, Viewpoint], dict[int, tuple[int, bool]]] = {}
        empty = np.empty(0, np.uint32)
        columns: list[tuple[Column, ...]] = [(empty, empty, empty, empty, empty)]
        columns += [self._columns(number, routes) for number, routes in enumerate(sources)]
        prefixes, *others = map(np.concatenate, zip(*columns, strict=True))
        order = np.argsort(prefixes, kind="stable")
        self._bounds = np.searchsorted(prefixes[order], np.arange(len(self.prefixes) + 1))
        ordered = (column[order] for column in others)
        self._sources, self._codes, self._rows, self._attribute_sets = ordered
        self._by_code = list(self._keys)
        self._shown: dict[tuple[int, ...], SourceAnnouncements] = {}

    def found(self, prefix: Prefix) -> PrefixRoutes:
        """Return the rows of one prefix."""
        number = self.prefixes.get(prefix)
        if number is None:
            return NO_ROUTES
        here = slice(self._bounds[number], self._bounds[number + 1])
        pattern = (self._sources[here].tobytes(), self._codes[here].tobytes())
        return ColumnRoutes(pattern, self._attribute_sets[here].tobytes(), self, here)

    def shown(self, here: slice) -> dict[int, SourceAnnouncements]:
        """Return the parts of some rows that rules compare, by source."""
        codes_by_source = self._by_source(here, self._codes)
        known = self._shown
        for codes in set(codes_by_source.values()) - known.keys():
            known[codes] = SourceAnnouncements.of([self._by_code[code] for code in codes])
        return {source: known[codes] for source, codes in codes_by_source.items()}

    def rows(self, here: slice) -> dict[int, tuple[int, ...]]:
        """Return the indexes of some rows in their sources, by source."""
        return self._by_source(here, self._rows)

    def attributes(self, here: slice) -> dict[int, tuple[int, ...]]:
        """Return the numbers of the attribute sets of some rows, by source."""
        return self._by_source(here, self._attribute_sets)

    def _by_source(self, here: slice, column: Column) -> dict[int, tuple[int, ...]]:
        """Return the values of some rows by source; most sources have one value."""
        numbers, values = self._sources[here].tolist(), column[here].tolist()
        by_source: dict[int, tuple[int, ...]] = dict(zip(numbers, zip(values), strict=True))
        if len(by_source) < len(numbers):
            lists: dict[int, list[int]] = {}
            for number, value in zip(numbers, values, strict=True):
                lists.setdefault(number, []).append(value)
            by_source = {number: tuple(values) for number, values in lists.items()}
        return by_source

    def _numbered(self, sources: list[RouteColumns]) -> dict[int, Column]:
        """Number the prefixes of the sources, and return the numbers by intern table.

        Equal prefixes of different tables have the same number.
        """
        shown: dict[int, npt.NDArray[np.bool_]] = {}
        for routes in sources:
            marks = shown.setdefault(
                id(routes.shared), np.zeros(len(routes.shared.prefixes), np.bool_)
            )
            marks[routes.rows["prefix"]] = True
        shared = {id(routes.shared): routes.shared.prefixes for routes in sources}
        return {key: self._numbers_of(shared[key], marks) for key, marks in shown.items()}

    def _numbers_of(self, prefixes: tuple[Prefix, ...], shown: npt.NDArray[np.bool_]) -> Column:
        numbers = np.zeros(len(prefixes), np.uint32)
        for each in np.flatnonzero(shown).tolist():
            numbers[each] = self.prefixes.setdefault(prefixes[each], len(self.prefixes))
        return numbers

    def _columns(self, number: int, routes: RouteColumns) -> tuple[Column, ...]:
        """Return prefix, source, announcement key, row and attribute set of each row of a source.

        All of them are numbers; the row is the index in the source.
        """
        prefixes = self._numbers[id(routes.shared)].take(routes.rows["prefix"])
        rows = np.arange(len(routes), dtype=np.uint32)
        numbers = np.full_like(rows, number)
        return prefixes, numbers, self._codes_of(routes), rows, routes.rows["attribute_set"]

    def _codes_of(self, routes: RouteColumns) -> Column:
        """Return the number of the announcement key of each row of a source."""
        attribute_sets = routes.rows["attribute_set"].astype(np.uint64)
        pairs, inverse = np.unique(attribute_sets << 32 | routes.rows["facts"], return_inverse=True)
        codes = [
            self._keys.setdefault(self._key(routes, pair >> 32, pair & 0xFFFFFFFF), len(self._keys))
            for pair in pairs.tolist()
        ]
        return np.array(codes, np.uint32)[inverse]

    def _key(self, routes: RouteColumns, attribute_set: int, bits: int) -> AnnouncementKey:
        viewpoint = routes.viewpoint
        if viewpoint is None:
            raise AssertionError("rows without a viewpoint")
        return AnnouncementKey(
            *self._group(routes.shared, viewpoint, attribute_set), viewpoint, Fact(bits)
        )

    def _group(
        self, shared: InternTable, viewpoint: Viewpoint, attribute_set: int
    ) -> tuple[int, bool]:
        known = self._of_attributes.setdefault((id(shared), viewpoint), {})
        if attribute_set not in known:
            attributes = shared.attributes(attribute_set)
            group = (
                viewpoint,
                attribute_set in shared.pathless,
                attributes.path,
                attributes.communities,
                attributes.large_communities,
                attributes.extended_communities,
            )
            known[attribute_set] = (
                self._groups.setdefault(group, len(self._groups)),
                not attributes.malformed,
            )
        return known[attribute_set]
