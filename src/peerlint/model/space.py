"""Index prefixes by address space, to find covering and more specific ones quickly."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable

from peerlint.model.prefix import BITS, Prefix


class Space:
    """A set of prefixes that finds those covering, inside or overlapping another prefix."""

    def __init__(self, prefixes: Iterable[Prefix]) -> None:
        """Sort the prefixes for later look-ups."""
        self._all = frozenset(prefixes)
        self._sorted = sorted(self._all, key=_key)
        self._keys = [_key(prefix) for prefix in self._sorted]
        #: The (family, length) pairs that occur: only these need to be tried.
        self._lengths = sorted({(each.family, each.length) for each in self._all})

    def covering(self, prefix: Prefix) -> tuple[Prefix, ...]:
        """Return the less specific prefixes, shortest first, without the default route."""
        found = []
        for family, length in self._lengths:
            if family == prefix.family and 0 < length < prefix.length:
                shift = BITS[family] - length
                parent = Prefix(family, prefix.first >> shift << shift, length)
                if parent in self._all:
                    found.append(parent)
        return tuple(found)

    def more_specifics(self, prefix: Prefix) -> tuple[Prefix, ...]:
        """Return the more specific prefixes, in ascending order."""
        found = []
        at = bisect_left(self._keys, _key(prefix))
        while at < len(self._sorted) and prefix.covers(self._sorted[at]):
            if self._sorted[at] != prefix:
                found.append(self._sorted[at])
            at += 1
        return tuple(found)

    def overlapping(self, prefix: Prefix) -> tuple[Prefix, ...]:
        """Return the other prefixes that share an address with it, the default route included."""
        default = Prefix(prefix.family, 0, 0)
        whole = (default,) if default in self._all and prefix.length else ()
        return whole + self.covering(prefix) + self.more_specifics(prefix)


def _key(prefix: Prefix) -> tuple[int, int, int]:
    return prefix.family, prefix.first, prefix.length
