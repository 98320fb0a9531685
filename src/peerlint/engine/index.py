"""What was observed, by prefix: which routes of a session are for it, around it and inside it."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable

import attrs

from peerlint.model import Fact, Prefix
from peerlint.model.prefix import BITS
from peerlint.observe import Coverage, Observation, SessionSource
from peerlint.rules import Presence

Routes = tuple[Observation, ...]


@attrs.frozen(eq=False)
class SourceIndex:
    """The observations of one source, by prefix.

    Attributes:
        source: the source.
        by_prefix: its routes.
    """

    source: SessionSource
    by_prefix: dict[Prefix, Routes]

    @classmethod
    def of(cls, source: SessionSource) -> SourceIndex:
        """Index a source."""
        by_prefix: dict[Prefix, Routes] = {}
        for observation in source.observations:
            prefix = observation.route.prefix
            before = by_prefix.get(prefix)
            by_prefix[prefix] = (observation,) if before is None else (*before, observation)
        return cls(source, by_prefix)

    def presence(self, prefix: Prefix) -> Presence:
        """Say whether a prefix is announced; a hint and a gap do not tell."""
        if self.source.view.is_hint:
            return Presence.UNKNOWN
        routes = self.by_prefix.get(prefix, ())
        if any(not route.facts & Fact.MALFORMED for route in routes):
            return Presence.PRESENT
        # A malformed route counts as withdrawn (RFC 7606), whatever else the dump lacks.
        if routes or self.source.coverage is Coverage.COMPLETE:
            return Presence.ABSENT
        return Presence.UNKNOWN

    def among(self, prefixes: Iterable[Prefix]) -> Routes:
        """Return the routes for any of some prefixes."""
        found: Routes = ()
        for prefix in prefixes:
            found += self.by_prefix.get(prefix, ())
        return found


class Space:
    """All prefixes that any source shows, so that each session need not be searched for itself."""

    def __init__(self, prefixes: Iterable[Prefix]) -> None:
        """Sort the prefixes once."""
        self._all = frozenset(prefixes)
        self._sorted = sorted(self._all, key=_key)
        self._keys = [_key(prefix) for prefix in self._sorted]

    def covering(self, prefix: Prefix) -> tuple[Prefix, ...]:
        """Return the less specific ones, shortest first; a default route covers nothing."""
        found = []
        for length in range(1, prefix.length):
            shift = BITS[prefix.family] - length
            parent = Prefix(prefix.family, prefix.first >> shift << shift, length)
            if parent in self._all:
                found.append(parent)
        return tuple(found)

    def more_specifics(self, prefix: Prefix) -> tuple[Prefix, ...]:
        """Return the more specific ones, in order."""
        found = []
        at = bisect_left(self._keys, _key(prefix))
        while at < len(self._sorted) and prefix.covers(self._sorted[at]):
            if self._sorted[at] != prefix:
                found.append(self._sorted[at])
            at += 1
        return tuple(found)


def _key(prefix: Prefix) -> tuple[int, int, int]:
    return prefix.family, prefix.first, prefix.length
