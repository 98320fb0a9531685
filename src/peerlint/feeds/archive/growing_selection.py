"""Which routes of an archive become events; the others never are objects."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from peerlint.bulk import PrefixFilter
from peerlint.events import TableRef
from peerlint.feeds.bmp import RouteSelection
from peerlint.model import Prefix, Route

#: How many prefixes outside the filter are followed.
MAX_TAGGED: Final = 100_000


class GrowingSelection:
    """A selection that grows by the prefixes of tagged routes, so that their end is seen too.

    Attributes:
        selection: which routes are asked about.
        prefix_filter: the space of these, and of tagged routes so far; None for all of it.
        is_full: whether there are more tagged prefixes than are followed.
    """

    def __init__(self, selection: RouteSelection) -> None:
        """Start with the selection."""
        self.selection = selection
        self.prefix_filter = selection.prefix_filter
        self.is_full = False
        self._tagged: set[Prefix] = set()
        self._watches: dict[tuple[str, TableRef], bool] = {}

    def watches(self, router: str, table: TableRef) -> bool:
        """Return whether the routes of a table are wanted."""
        key = router, table
        found = self._watches.get(key)
        if found is None:
            found = self._watches[key] = self.selection.watches(router, table)
        return found

    def add(self, prefixes: Iterable[Prefix]) -> bool:
        """Follow the prefixes of routes; return whether any of them was not followed."""
        new = {each for each in prefixes if not self.has(each)}
        if len(self._tagged) + len(new) > MAX_TAGGED:
            self.is_full = True
            return False
        if new and self.prefix_filter is not None:
            self._tagged |= new
            self.prefix_filter = _with(self.prefix_filter, new)
        return bool(new)

    def has(self, prefix: Prefix) -> bool:
        """Return whether a prefix is followed."""
        known = self.prefix_filter
        return known is None or known.overlaps(prefix.family, prefix.first, prefix.last)

    def wants(self, route: Route) -> bool:
        """Return whether a route becomes an event; the end of a tagged one will."""
        if self.has(route.prefix):
            return True
        if self.selection.community not in route.communities:
            return False
        self.add((route.prefix,))
        return True


def _with(known: PrefixFilter, prefixes: Iterable[Prefix]) -> PrefixFilter:
    """Return a filter with more prefixes."""
    firsts: dict[int, list[int]] = {}
    lasts: dict[int, list[int]] = {}
    for family in known.firsts:
        ranges = [*zip(known.firsts[family], known.lasts[family], strict=True)]
        ranges += ((each.first, each.last) for each in prefixes if each.family == family)
        firsts[family], lasts[family] = [], []
        for first, last in sorted(ranges):
            ends = lasts[family]
            if ends and first <= ends[-1] + 1:
                ends[-1] = max(ends[-1], last)
            else:
                firsts[family].append(first)
                ends.append(last)
    return PrefixFilter(firsts, lasts)
