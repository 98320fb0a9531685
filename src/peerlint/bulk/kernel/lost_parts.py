"""The parts of records that a kernel could not read, in bounded memory."""

from __future__ import annotations

import attrs

from peerlint.wire.damage import KEPT_DAMAGE


@attrs.define
class LostParts:
    """The parts lost since the last call of `clear`; a chunk may have one every few octets.

    Attributes:
        parts: (offset in the buffer, octets, expected, found) of the first `KEPT_DAMAGE`.
        count: how many there are.
        octets: how many octets all of them have.
    """

    parts: list[tuple[int, int, str, str]] = attrs.Factory(list)
    count: int = 0
    octets: int = 0

    @property
    def is_full(self) -> bool:
        """Whether further parts are only counted, so that they need no description."""
        return len(self.parts) >= KEPT_DAMAGE

    def add(self, at: int, octets: int, expected: str = "", found: str = "") -> None:
        """Add a part.

        Args:
            at: its offset in the buffer.
            octets: how many are lost.
            expected: what the format requires there; ignored if `is_full`.
            found: what is there; ignored if `is_full`.
        """
        self.count += 1
        self.octets += octets
        if not self.is_full:
            self.parts.append((at, octets, expected, found))

    def clear(self) -> None:
        """Forget all parts."""
        self.parts.clear()
        self.count = self.octets = 0
