"""What a feed of text or objects cannot read: counted, and the first of it by name."""

from __future__ import annotations

from typing import Final

import attrs

#: The number of reasons that are kept; further ones are only counted.
KEPT: Final = 100


@attrs.define
class Damages:
    """What a feed cannot read.

    Attributes:
        count: how many messages could not be read.
    """

    count: int = 0
    _first: list[str] = attrs.field(factory=list, init=False)

    @property
    def first(self) -> tuple[str, ...]:
        """The reasons of the first `KEPT`, each with the number of its message."""
        return tuple(self._first)

    def add(self, reason: str) -> None:
        """Count a message that cannot be read."""
        self.count += 1
        if len(self._first) < KEPT:
            self._first.append(reason)
