"""What a reader of registry data leaves out: counted by reason, with the first places of each."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

import attrs

#: The number of places that are kept of each reason; further ones are only counted.
KEPT: Final = 5


class Unit(StrEnum):
    """What a place in a file is counted in."""

    LINE = "line"
    OCTET = "octet"


@attrs.frozen(order=True)
class Place:
    """A place in a file.

    Attributes:
        name: the file's name, as given.
        number: of the line, from 1; or of the octet, from 0.
        unit: what `number` counts.
    """

    name: str
    number: int
    unit: Unit = Unit.LINE

    def __str__(self) -> str:
        """Return the place as messages write it, such as "ripe.db.route:12"."""
        if self.unit is Unit.LINE:
            return f"{self.name}:{self.number}"
        return f"{self.name}: {self.unit} {self.number}"


@attrs.frozen
class Skip:
    """What was left out for one reason.

    Attributes:
        reason: why, in words that contain nothing of the file.
        count: how often.
        first: the first `KEPT` places, in the order in which they were read.
    """

    reason: str
    count: int
    first: tuple[Place, ...]


@attrs.define
class Skips:
    """What was left out, by reason.

    Reasons are words of the program and never quote the file, so that there are few of them.
    """

    _counts: dict[str, int] = attrs.field(factory=dict, init=False)
    _first: dict[str, list[Place]] = attrs.field(factory=dict, init=False)

    @property
    def count(self) -> int:
        """How much was left out, for all reasons together."""
        return sum(self._counts.values())

    @property
    def by_reason(self) -> tuple[Skip, ...]:
        """All reasons, the most frequent first, then in the order of the alphabet."""
        reasons = sorted(self._counts, key=lambda each: (-self._counts[each], each))
        return tuple(Skip(each, self._counts[each], tuple(self._first[each])) for each in reasons)

    def add(self, reason: str, place: Place, count: int = 1) -> None:
        """Count something that is left out.

        Args:
            reason: why, in words that contain nothing of the file.
            place: where it is, or where the first of several is.
            count: how much it is; 0 changes nothing.
        """
        if count:
            self._add(reason, (place,), count)

    def merge(self, other: Skips) -> None:
        """Add what another reader left out."""
        for each in other.by_reason:
            self._add(each.reason, each.first, each.count)

    def _add(self, reason: str, places: tuple[Place, ...], count: int) -> None:
        self._counts[reason] = self._counts.get(reason, 0) + count
        first = self._first.setdefault(reason, [])
        first.extend(places[: KEPT - len(first)])
