"""What was observed, by prefix and session."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import attrs

from peerlint.inventory import SessionPlace
from peerlint.model import Prefix, Space
from peerlint.observe import Coverage, Observation, Observations, SessionSource
from peerlint.rules import Presence

Routes = tuple[Observation, ...]
#: The routes for one prefix, by the number of the source.
ByNumber = Mapping[int, Routes]
_NOTHING: ByNumber = {}


@attrs.frozen(eq=False)
class Numbered:
    """A source of one session.

    Attributes:
        number: its own, among all sources.
        source: the source.
        is_hint: whether its view says nothing certain.
        absence: what it means that it has no route for a prefix; a hint and a gap do not tell.
    """

    number: int
    source: SessionSource
    is_hint: bool
    absence: Presence

    @classmethod
    def of(cls, number: int, source: SessionSource) -> Numbered:
        """Number a source."""
        is_hint = source.view.is_hint
        is_whole = source.coverage is Coverage.COMPLETE and not is_hint
        return cls(number, source, is_hint, Presence.ABSENT if is_whole else Presence.UNKNOWN)

    def presence(self, routes: Routes) -> Presence:
        """Say whether a prefix is announced whose routes in the source these are."""
        if not routes:
            return self.absence
        if self.is_hint:
            return Presence.UNKNOWN
        # A malformed route counts as withdrawn (RFC 7606), whatever else the dump lacks.
        is_sound = any(not seen.route.malformed for seen in routes)
        return Presence.PRESENT if is_sound else Presence.ABSENT


class Seen:
    """The observations of all sessions."""

    def __init__(self, places: Iterable[SessionPlace], observations: Observations) -> None:
        """Sort every observation by its prefix, once."""
        self._by_prefix: dict[Prefix, dict[int, Routes]] = {}
        self._sources: dict[str, tuple[Numbered, ...]] = {}
        #: The session of each source, by number.
        self._places: list[str] = []
        count = 0
        for place in places:
            numbered = []
            for source in observations.of(place.id):
                numbered.append(Numbered.of(count, source))
                self._places.append(place.id)
                self._add(count, source)
                count += 1
            self._sources[place.id] = tuple(numbered)
        self.space = Space(self._by_prefix)

    def _add(self, number: int, source: SessionSource) -> None:
        by_prefix = self._by_prefix
        for observation in source.observations:
            routes = by_prefix.setdefault(observation.route.prefix, {})
            routes[number] = (*routes.get(number, ()), observation)

    def sources(self, place: SessionPlace) -> tuple[Numbered, ...]:
        """Return the sources of a session, the best view first."""
        return self._sources[place.id]

    def sessions(self, found: ByNumber) -> set[str]:
        """Return the ids of the sessions that have routes."""
        return {self._places[number] for number in found}

    def routes(self, prefix: Prefix) -> ByNumber:
        """Return the routes for a prefix."""
        return self._by_prefix.get(prefix, _NOTHING)

    def best(self, place: SessionPlace, found: ByNumber) -> tuple[Presence, Numbered | None]:
        """Read the presence off the first source of a session that can tell."""
        sources = self._sources[place.id]
        for each in sources:
            presence = each.presence(found.get(each.number, ()))
            if presence is not Presence.UNKNOWN:
                return presence, each
        return Presence.UNKNOWN, sources[0] if sources else None
