"""The engine's interface to routes: which source shows which routes for which prefix.

It has two implementations: `ColumnIndex` for dumps, and `TableIndex` for routes that change.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Protocol

import attrs

from peerlint.inventory import SessionRef
from peerlint.model import Fact, Prefix, Viewpoint
from peerlint.observations import Coverage, Observation, SessionSource
from peerlint.rules import Presence

Routes = tuple[Observation, ...]


@attrs.frozen
class AnnouncementKey:
    """The parts of a route that rules compare between sessions; many routes have equal keys.

    Attributes:
        group: a number that is equal if the viewpoint, the path and the communities are equal.
        is_sound: whether the route counts as announced; a malformed one does not (RFC 7606).
        viewpoint: the viewpoint of the route.
        facts: the facts of the route.
    """

    group: int
    is_sound: bool
    viewpoint: Viewpoint
    facts: Fact


@attrs.frozen(eq=False)
class SourceAnnouncements:
    """The parts of a prefix's routes in one source that rules compare.

    Announcements are interned: equal ones are the same object, and are evaluated once.

    Attributes:
        viewpoint: the viewpoint of the routes.
        facts: the facts of each route.
        groups: the groups of the routes that count as announced, see `AnnouncementKey`.
    """

    viewpoint: Viewpoint
    facts: tuple[Fact, ...]
    groups: tuple[int, ...]

    @classmethod
    def of(cls, keys: Sequence[AnnouncementKey]) -> SourceAnnouncements:
        """Return the announcements with some keys.

        Args:
            keys: the keys of the routes, at least one.
        """
        return cls(
            keys[0].viewpoint,
            tuple(key.facts for key in keys),
            tuple(key.group for key in keys if key.is_sound),
        )


@attrs.frozen(eq=False)
class IndexedSource:
    """A source of one session, with its number.

    Attributes:
        number: the number of the source among all sources of all sessions.
        source: the source.
        is_hint: whether its view only gives hints.
        absence: the presence of prefixes without a route in the source; unknown if the source is a
            hint, incomplete or too old.
    """

    number: int
    source: SessionSource
    is_hint: bool
    absence: Presence

    @classmethod
    def of(cls, number: int, source: SessionSource) -> IndexedSource:
        """Return a source with its number."""
        is_hint = source.view.is_hint
        is_whole = source.coverage is Coverage.COMPLETE and not is_hint and not source.is_too_old
        return cls(number, source, is_hint, Presence.ABSENT if is_whole else Presence.UNKNOWN)

    def presence(self, shown: SourceAnnouncements | None) -> Presence:
        """Return whether the source shows that a prefix is announced.

        Args:
            shown: the routes for the prefix in the source; None if there are none.
        """
        if shown is None:
            return self.absence
        if self.is_hint or self.source.is_too_old:
            return Presence.UNKNOWN
        # A malformed route counts as withdrawn, even if the dump is incomplete.
        return Presence.PRESENT if shown.groups else Presence.ABSENT


class PrefixRoutes(Protocol):
    """The routes for one prefix in all sources."""

    @property
    def pattern(self) -> Hashable:
        """The sources of the routes and their announcement keys.

        Equal for prefixes whose routes rules cannot tell apart.
        """

    @property
    def attribute_sets(self) -> Hashable:
        """The attribute sets of the routes.

        Equal for prefixes of one pattern whose routes differ only in the prefix and in times.
        """

    @property
    def shown(self) -> Mapping[int, SourceAnnouncements]:
        """The parts of the routes that rules compare, by the number of the source."""

    @property
    def attributes(self) -> Mapping[int, Hashable]:
        """The attribute sets of the routes in each source, by the number of the source."""

    def routes(self, numbered: IndexedSource) -> Routes:
        """Return the routes in one source."""


@attrs.frozen
class NoRoutes:
    """The routes for a prefix that no source shows."""

    pattern: Hashable = ()
    attribute_sets: Hashable = ()
    shown: Mapping[int, SourceAnnouncements] = attrs.field(factory=dict)
    attributes: Mapping[int, Hashable] = attrs.field(factory=dict)

    def routes(self, _: IndexedSource) -> Routes:
        """Return none."""
        return ()


NO_ROUTES = NoRoutes()


class RouteIndex(Protocol):
    """The routes of all sessions, by prefix."""

    @property
    def is_fixed(self) -> bool:
        """Whether routes never change."""

    @property
    def from_microsoft(self) -> Mapping[str, int]:
        """The number of routes from AS8075 by session, for sessions with a complete dump."""

    @property
    def validated(self) -> Mapping[Prefix, Routes]:
        """The routes for which Azure reports its validation results, by prefix."""

    def sources(self, session: SessionRef) -> tuple[IndexedSource, ...]:
        """Return the sources of a session, the best view first."""

    def revision(self, session: SessionRef) -> Hashable:
        """Return a value that changes with each change of what rules about a session read.

        A route that replaces another seldom changes it, see `RouteTable.revision`.
        """

    def routes(self, prefix: Prefix) -> PrefixRoutes:
        """Return the routes for a prefix."""

    def sessions(self, routes: PrefixRoutes) -> set[str]:
        """Return the ids of the sessions that have routes for a prefix."""

    def covering(self, prefix: Prefix) -> tuple[Prefix, ...]:
        """Return the less specific prefixes with routes, shortest first; no default route."""

    def more_specifics(self, prefix: Prefix) -> tuple[Prefix, ...]:
        """Return the more specific prefixes with routes, in order."""

    def tagged(self, session: SessionRef) -> set[Prefix]:
        """Return the IPv4 prefixes that carry the community in a source of a session."""


def deciding_source(
    index: RouteIndex, session: SessionRef, routes: PrefixRoutes
) -> tuple[Presence, IndexedSource | None]:
    """Return the presence of a prefix on a session, and the source that decides it.

    Args:
        index: the index of all routes.
        session: the session.
        routes: the routes for the prefix.

    Returns:
        The presence in the first source that decides it, and that source. If no source decides it,
        unknown and the first source; None for a session without sources.
    """
    sources = index.sources(session)
    for each in sources:
        presence = each.presence(routes.shown.get(each.number))
        if presence is not Presence.UNKNOWN:
            return presence, each
    return Presence.UNKNOWN, sources[0] if sources else None
