"""The routes of one session from one source: the interface that rules and the engine use."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Protocol, overload

import attrs

from peerlint.model import Fact, Prefix
from peerlint.observations.observation import Observation


class SessionRoutes(Protocol):
    """The routes of one session from one source, in the order of the source.

    There are two implementations: `RouteColumns` for a dump, `RouteTable` for a live feed.
    """

    @property
    def shows_all(self) -> bool:
        """Whether the source tells the path and all communities of each route."""

    @property
    def tagged(self) -> int:
        """How many routes carry the community."""

    def __len__(self) -> int:
        """Return the number of routes."""

    def __iter__(self) -> Iterator[Observation]:
        """Yield each route."""

    @overload
    def __getitem__(self, at: int) -> Observation: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[Observation]: ...

    def holding(self, fact: Fact) -> Sequence[Observation]:
        """Return the routes for which one of the facts holds."""

    def to(self, prefixes: Collection[Prefix]) -> Sequence[Observation]:
        """Return the routes whose prefix is one of these."""

    def beside(self, prefixes: Collection[Prefix]) -> Sequence[Observation]:
        """Return the routes whose prefix is none of these."""


@attrs.frozen
class SessionCounts:
    """How many routes a source shows of one session, including those that a filter left out.

    Attributes:
        routes: the number of routes; in a feed, of announcements.
        tagged: how many of them carry the community.
        ipv6: how many of them are IPv6.
        once: whether each route is counted once; a feed may announce a route repeatedly.
    """

    routes: int = 0
    tagged: int = 0
    ipv6: int = 0
    once: bool = True

    @property
    def is_untagged(self) -> bool:
        """Whether there are several routes and none of them carries the community."""
        return self.routes > 1 and not self.tagged

    def __add__(self, other: SessionCounts) -> SessionCounts:
        """Return the sums of the counts."""
        return SessionCounts(
            self.routes + other.routes,
            self.tagged + other.tagged,
            self.ipv6 + other.ipv6,
            self.once and other.once,
        )
