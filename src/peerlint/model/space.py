"""Many prefixes, and which of them cover or lie inside another: without comparing each pair."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable

from peerlint.model.prefix import BITS, Prefix


class Space:
    """A set of prefixes to ask about others."""

    def __init__(self, prefixes: Iterable[Prefix]) -> None:
        """Sort the prefixes once."""
        self._all = frozenset(prefixes)
        self._sorted = sorted(self._all, key=_key)
        self._keys = [_key(prefix) for prefix in self._sorted]
        #: Lengths that occur, by family: only those have to be tried.
        self._lengths = sorted({(each.family, each.length) for each in self._all})

    def covering(self, prefix: Prefix) -> tuple[Prefix, ...]:
        """Return the less specific ones, shortest first; a default route covers nothing."""
        found = []
        for family, length in self._lengths:
            if family == prefix.family and 0 < length < prefix.length:
                shift = BITS[family] - length
                parent = Prefix(family, prefix.first >> shift << shift, length)
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

    def overlapping(self, prefix: Prefix) -> tuple[Prefix, ...]:
        """Return the others that share an address with it, in order; a default route does too."""
        default = Prefix(prefix.family, 0, 0)
        whole = (default,) if default in self._all and prefix.length else ()
        return whole + self.covering(prefix) + self.more_specifics(prefix)


def _key(prefix: Prefix) -> tuple[int, int, int]:
    return prefix.family, prefix.first, prefix.length
