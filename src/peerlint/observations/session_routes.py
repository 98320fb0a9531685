"""What rules and the engine ask about the routes that one source shows of one session."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Protocol, overload

import attrs

from peerlint.model import Fact, Prefix
from peerlint.observations.observation import Observation


class SessionRoutes(Protocol):
    """The routes of one session from one source, in the order of the source.

    `RouteColumns` keeps those of a dump, `RouteTable` those of a feed.
    """

    @property
    def shows_all(self) -> bool:
        """Whether the source tells the path and the communities of each route."""

    def __len__(self) -> int:
        """Return how many there are."""

    def __iter__(self) -> Iterator[Observation]:
        """Yield each."""

    @overload
    def __getitem__(self, at: int) -> Observation: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[Observation]: ...

    def holding(self, fact: Fact) -> Sequence[Observation]:
        """Return those that have one of the facts."""

    def to(self, prefixes: Collection[Prefix]) -> Sequence[Observation]:
        """Return those to one of the prefixes."""

    def beside(self, prefixes: Collection[Prefix]) -> Sequence[Observation]:
        """Return those to none of the prefixes."""


@attrs.frozen
class SessionCounts:
    """What a source showed of one session, watched or not.

    Attributes:
        routes: all of them; in a feed, all announcements.
        tagged: those that carry the community.
        ipv6: those that are IPv6.
        once: whether each route is one of them once; a feed may announce it again and again.
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
        """Return the counts of both."""
        return SessionCounts(
            self.routes + other.routes,
            self.tagged + other.tagged,
            self.ipv6 + other.ipv6,
            self.once and other.once,
        )
