"""Count the routes of a table, without keeping them."""

from __future__ import annotations

from peerlint.bulk import RouteBudget
from peerlint.model import Prefix


class HeldRoutes:
    """The set of announced routes of a table, as hashes.

    The hash of a prefix has a random key (see `Prefix`). Two routes with one hash count as one:
    then the count is too low, and does not agree with the router's.

    Attributes:
        is_uncounted: whether there was no room: then the number is not known until `clear`.
    """

    def __init__(self, budget: RouteBudget) -> None:
        """Start empty.

        Args:
            budget: what all tables share.
        """
        self.is_uncounted = False
        self._budget = budget
        self._hashes: set[int] = set()

    def __len__(self) -> int:
        """Return the number of routes; of an uncounted table, 0."""
        return len(self._hashes)

    def add(self, prefix: Prefix, path_id: int | None) -> bool:
        """Add a route, and return whether it is new or that is not known."""
        key = hash((prefix, path_id))
        if self.is_uncounted:
            return True
        if key in self._hashes:
            return False
        if self._budget.used >= self._budget.limit:
            self.clear()
            self.is_uncounted = True
            return True
        self._hashes.add(key)
        self._budget.used += 1
        return True

    def discard(self, prefix: Prefix, path_id: int | None) -> None:
        """Remove a route if it is there."""
        key = hash((prefix, path_id))
        if key in self._hashes:
            self._hashes.remove(key)
            self._budget.used -= 1

    def clear(self) -> None:
        """Remove all routes, and count again."""
        self._budget.used -= len(self._hashes)
        self._hashes = set()
        self.is_uncounted = False
