"""How many routes of live tables are counted."""

from __future__ import annotations

from typing import Final

#: The number of routes of all tables that are counted.
MAX_COUNTED: Final = 2_000_000


class RouteBudget:
    """How many routes may be counted in all tables together.

    Attributes:
        limit: the maximum.
        used: how many are counted now.
    """

    def __init__(self, limit: int = MAX_COUNTED) -> None:
        """Start with nothing counted.

        Args:
            limit: the maximum.
        """
        self.limit, self.used = limit, 0
