"""From sessions and their sources to the subjects that rules are asked about."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping

import attrs

from peerlint.inventory import Inventory, Peering, RegisteredPrefix, SessionPlace
from peerlint.model import Fact, Prefix
from peerlint.observe import (
    ROUTE_SERVER,
    Coverage,
    Observation,
    Observations,
    SessionSource,
)
from peerlint.rules import Cell, PrefixSubject, Presence, SessionSubject


@attrs.frozen(eq=False)
class _Index:
    """The observations of one source, by prefix."""

    source: SessionSource
    by_prefix: Mapping[Prefix, tuple[Observation, ...]]
    prefixes: tuple[Prefix, ...]

    @classmethod
    def of(cls, source: SessionSource) -> _Index:
        by_prefix: dict[Prefix, tuple[Observation, ...]] = {}
        for observation in source.observations:
            prefix = observation.route.prefix
            by_prefix[prefix] = (*by_prefix.get(prefix, ()), observation)
        return cls(source, by_prefix, tuple(sorted(by_prefix)))

    def covering(self, prefix: Prefix) -> tuple[Observation, ...]:
        """Return routes for less specific prefixes; a default route covers nothing."""
        found: tuple[Observation, ...] = ()
        for length in range(1, prefix.length):
            parent = Prefix.from_octets(prefix.family, length, prefix.octets)
            found += self.by_prefix.get(parent, ())
        return found

    def more_specifics(self, prefix: Prefix) -> tuple[Observation, ...]:
        """Return routes for more specific prefixes."""
        found: tuple[Observation, ...] = ()
        at = bisect_left(self.prefixes, prefix)
        while at < len(self.prefixes) and prefix.covers(self.prefixes[at]):
            if self.prefixes[at] != prefix:
                found += self.by_prefix[self.prefixes[at]]
            at += 1
        return found


class Subjects:
    """The subjects of one inventory under what was observed."""

    def __init__(self, inventory: Inventory, observations: Observations) -> None:
        """Index the observations."""
        self._inventory = inventory
        self._indexes = {
            place.id: tuple(_Index.of(source) for source in observations.of(place.id))
            for place in inventory.sessions
        }

    def prefixes(self, peering: Peering) -> list[PrefixSubject]:
        """Return the prefixes of a peering.

        They are those that it registers; at a route server, which registers AS numbers, every
        announced prefix that one of them originates.
        """
        if peering.profile == ROUTE_SERVER:
            return [self._subject(peering, each) for each in self._announced(peering)]
        return [self._subject(peering, each) for each in peering.registered_prefixes]

    def sessions(self, peering: Peering) -> tuple[SessionSubject, ...]:
        """Return the sessions of a peering."""
        return tuple(
            SessionSubject(place, next((index.source for index in self._indexes[place.id]), None))
            for place in peering.sessions
        )

    def _announced(self, peering: Peering) -> list[RegisteredPrefix]:
        asns = {registered.asn for registered in peering.registered_asns}
        found: set[Prefix] = set()
        for place in peering.sessions:
            for index in self._indexes[place.id]:
                for observation in index.source.observations:
                    path = observation.viewpoint.effective(observation.route.path)
                    origin = None if path is None else path.origin(observation.viewpoint.asn)
                    if origin in asns and not observation.facts & Fact.IPV6:
                        found.add(observation.route.prefix)
        return [RegisteredPrefix(str(prefix)) for prefix in sorted(found)]

    def _subject(self, peering: Peering, registered: RegisteredPrefix) -> PrefixSubject:
        prefix = registered.parsed
        if prefix is None:
            return PrefixSubject(peering, registered, None)
        cells = tuple(
            self._cell(peering, registered, prefix, place) for place in self._inventory.sessions
        )
        return PrefixSubject(peering, registered, prefix, cells)

    def _cell(
        self, peering: Peering, registered: RegisteredPrefix, prefix: Prefix, place: SessionPlace
    ) -> Cell:
        """Read the presence off the first source that can tell, the best view first."""
        indexes = self._indexes[place.id]
        presence, chosen = Presence.UNKNOWN, indexes[0] if indexes else None
        for index in indexes:
            found = _presence(index, prefix)
            if found is not Presence.UNKNOWN:
                presence, chosen = found, index
                break
        if chosen is None:
            return Cell(peering, registered, prefix, place, presence)
        routes = chosen.by_prefix.get(prefix, ())
        sound = tuple(route for route in routes if not route.facts & Fact.MALFORMED)
        return Cell(
            peering,
            registered,
            prefix,
            place,
            presence,
            chosen.source,
            others=tuple(index.source for index in indexes if index is not chosen),
            routes=sound or routes,
            covering=chosen.covering(prefix),
            more_specifics=chosen.more_specifics(prefix),
        )


def _presence(index: _Index, prefix: Prefix) -> Presence:
    if index.source.view.is_hint:
        return Presence.UNKNOWN
    routes = index.by_prefix.get(prefix, ())
    if any(not route.facts & Fact.MALFORMED for route in routes):
        return Presence.PRESENT
    # A malformed route counts as withdrawn (RFC 7606), whatever else the dump lacks.
    if routes or index.source.coverage is Coverage.COMPLETE:
        return Presence.ABSENT
    return Presence.UNKNOWN
