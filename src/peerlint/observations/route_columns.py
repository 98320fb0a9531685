"""One session's routes from one source, stored as columns; route objects are created on access.

Thousands of routes of a session differ in the prefix only, and hundreds of sessions announce the
same prefixes. An object for each of a million routes would take a gigabyte.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Final, Self, overload

import attrs
import numpy as np
import numpy.typing as npt

from peerlint.bulk import AttributeSet
from peerlint.model import Fact, Prefix, Route, Viewpoint
from peerlint.observations.observation import FeedRouter, Observation, Validation

#: One row: `prefix` and `attribute_set` are indexes into an `InternTable`, `file` is an index into
#: the names of the files.
ROW: Final = np.dtype(
    [
        ("prefix", np.uint32),
        ("attribute_set", np.uint32),
        ("facts", np.uint32),
        ("record", np.uint64),
        ("path_id", np.int64),
        ("timestamp", np.int64),
        ("file", np.uint16),
    ]
)
Rows = npt.NDArray[np.void]
#: The value that stands for "absent" in columns of signed integers.
NONE: Final = -(1 << 63)


@attrs.frozen(eq=False)
class InternTable:
    """Prefixes and attribute sets, to which the rows of several sessions refer by index.

    Attributes:
        prefixes: the different prefixes.
        attribute_sets: path attributes, as octets of a dump or as a route that has them.
        pathless: indexes of attribute sets whose source does not tell the path.
        validations: Azure's validation states, by index of the attribute set.
    """

    prefixes: tuple[Prefix, ...]
    attribute_sets: tuple[AttributeSet | Route, ...]
    pathless: frozenset[int] = frozenset()
    validations: Mapping[int, Validation] = attrs.field(factory=dict)
    _last: list[tuple[Collection[Prefix], npt.NDArray[np.bool_]]] = attrs.field(
        factory=list, init=False, repr=False
    )

    def attributes(self, attribute_set: int) -> Route:
        """Return a route with the attributes of a set; its prefix has no meaning."""
        found = self.attribute_sets[attribute_set]
        return found if isinstance(found, Route) else found.route()

    def among(self, prefixes: Collection[Prefix]) -> npt.NDArray[np.bool_]:
        """Return, for each prefix of the table, whether it is one of some prefixes.

        Args:
            prefixes: a collection that does not change as long as the table is in use.
        """
        if len(prefixes) >= len(self.prefixes):
            # Cached, because the same registered prefixes are looked up for every session.
            if not self._last or self._last[0][0] is not prefixes:
                is_among = np.fromiter(map(prefixes.__contains__, self.prefixes), np.bool_)
                self._last[:] = [(prefixes, is_among)]
            return self._last[0][1]
        found = np.zeros(len(self.prefixes), np.bool_)
        found[[self._numbers[each] for each in prefixes if each in self._numbers]] = True
        return found

    @cached_property
    def families(self) -> npt.NDArray[np.uint8]:
        """The address family of each prefix."""
        return np.fromiter((each.family for each in self.prefixes), np.uint8, len(self.prefixes))

    @cached_property
    def _numbers(self) -> dict[Prefix, int]:
        return {prefix: number for number, prefix in enumerate(self.prefixes)}


@attrs.frozen(eq=False)
class RouteColumns(Sequence[Observation]):
    """The observations of one session in one source, in the order of the source.

    Attributes:
        rows: see `ROW`.
        shared: the prefixes and attribute sets that the rows refer to.
        session: the session's id.
        viewpoint: where the routes were observed, and how their paths are read; None only if there
            are no routes.
        source: the name of the dump.
        shows_communities: see `Observation`.
        shows_other_communities: see `Observation`.
        router: see `Observation`.
        files: the names of the dumps, if there are several.
    """

    rows: Rows
    shared: InternTable
    session: str = ""
    viewpoint: Viewpoint | None = None
    source: str = ""
    shows_communities: bool = True
    shows_other_communities: bool = True
    router: FeedRouter | None = None
    files: tuple[str, ...] = ()

    @classmethod
    def of(cls, observations: Iterable[Observation]) -> RouteColumns:
        """Store observations of one session from one viewpoint as columns.

        Args:
            observations: in the order of the source; columns are returned as they are.
        """
        return observations if isinstance(observations, cls) else _columns_of(observations)

    @property
    def shows_all(self) -> bool:
        """Whether the source tells the path and all communities of each route."""
        return self.shows_communities and self.shows_other_communities and not self.shared.pathless

    @property
    def tagged(self) -> int:
        """How many routes carry the community."""
        return len(self.holding(Fact.TAGGED))

    def __len__(self) -> int:
        """Return the number of routes."""
        return len(self.rows)

    @overload
    def __getitem__(self, at: int) -> Observation: ...
    @overload
    def __getitem__(self, at: slice) -> Self: ...
    def __getitem__(self, at: int | slice) -> Observation | Self:
        """Return one observation, or a slice of them."""
        if isinstance(at, slice):
            return attrs.evolve(self, rows=self.rows[at])
        return self._made(*self.rows[at].tolist())

    def __iter__(self) -> Iterator[Observation]:
        """Yield each observation."""
        return (self._made(*row) for row in self.rows.tolist())

    def __eq__(self, other: object) -> bool:
        """Return whether the other has the same observations in the same order."""
        if not isinstance(other, (RouteColumns, tuple)):
            return NotImplemented
        return len(self) == len(other) and all(map(Observation.__eq__, self, other))

    def __hash__(self) -> int:
        """Return a hash of the length and the session."""
        return hash((len(self), self.session))

    def __repr__(self) -> str:
        """Return the representation of the observations as a tuple."""
        return repr(tuple(self))

    # -- selections

    def holding(self, fact: Fact) -> Self:
        """Return the routes for which one of the facts holds."""
        return attrs.evolve(self, rows=self.rows[(self.rows["facts"] & np.uint32(fact)) != 0])

    def to(self, prefixes: Collection[Prefix]) -> Self:
        """Return the routes whose prefix is one of these."""
        return attrs.evolve(self, rows=self.rows[self._are_to(prefixes)])

    def beside(self, prefixes: Collection[Prefix]) -> Self:
        """Return the routes whose prefix is none of these."""
        return attrs.evolve(self, rows=self.rows[~self._are_to(prefixes)])

    def _are_to(self, prefixes: Collection[Prefix]) -> npt.NDArray[np.bool_]:
        are_to: npt.NDArray[np.bool_] = self.shared.among(prefixes)[self.rows["prefix"]]
        return are_to

    def _made(  # noqa: PLR0917  # the columns of a row
        self,
        prefix: int,
        attribute_set: int,
        bits: int,
        record: int,
        path_id: int,
        timestamp: int,
        file: int,
    ) -> Observation:
        if self.viewpoint is None:
            raise AssertionError("rows without a viewpoint")
        attributes = self.shared.attributes(attribute_set)
        route = Route(
            self.shared.prefixes[prefix],
            attributes.path,
            attributes.communities,
            attributes.large_communities,
            attributes.extended_communities,
            attributes.next_hop,
            None if path_id < 0 else path_id,
            attributes.malformed,
            None if timestamp == NONE else timestamp,
        )
        return Observation(
            self.session,
            route,
            self.viewpoint,
            Fact(bits),
            self.files[file] if self.files else self.source,
            record,
            self.shows_communities,
            attribute_set not in self.shared.pathless,
            self.shared.validations.get(attribute_set),
            self.shows_other_communities,
            self.router,
        )


def _columns_of(observations: Iterable[Observation]) -> RouteColumns:
    seen = tuple(observations)
    prefixes: dict[Prefix, int] = {}
    files: dict[str, int] = {}
    rows = np.array(
        [
            (
                prefixes.setdefault(each.route.prefix, len(prefixes)),
                number,
                each.facts,
                each.record,
                NONE if each.route.path_id is None else each.route.path_id,
                NONE if each.route.timestamp is None else each.route.timestamp,
                files.setdefault(each.source, len(files)),
            )
            for number, each in enumerate(seen)
        ],
        ROW,
    )
    shared = InternTable(
        tuple(prefixes),
        tuple(each.route for each in seen),
        frozenset(number for number, each in enumerate(seen) if not each.shows_path),
        {n: each.validation for n, each in enumerate(seen) if each.validation is not None},
    )
    if not seen:
        return RouteColumns(rows, shared)
    one = seen[0]
    names = tuple(files) if len(files) > 1 else ()
    return RouteColumns(
        rows,
        shared,
        one.session,
        one.viewpoint,
        one.source,
        one.shows_communities,
        all(each.shows_other_communities for each in seen),
        one.router,
        names,
    )
