"""The parts of records that a kernel could not read, in bounded memory."""

from __future__ import annotations

import attrs

from peerlint.wire.damage import KEPT_DAMAGE


@attrs.define
class LostParts:
    """The parts lost since the caller asked last; one chunk may have one every few octets.

    Attributes:
        parts: (offset in the buffer, octets, expected, found) of the first `KEPT_DAMAGE`.
        count: how many there are.
        octets: of all of them.
    """

    parts: list[tuple[int, int, str, str]] = attrs.Factory(list)
    count: int = 0
    octets: int = 0

    @property
    def is_full(self) -> bool:
        """Whether further parts are only counted, so that they need no description."""
        return len(self.parts) >= KEPT_DAMAGE

    def add(self, at: int, octets: int, expected: str = "", found: str = "") -> None:
        """Note a part.

        Args:
            at: its offset in the buffer.
            octets: how many are lost.
            expected: what the format asks for there; not used if `is_full`.
            found: what is there; not used if `is_full`.
        """
        self.count += 1
        self.octets += octets
        if not self.is_full:
            self.parts.append((at, octets, expected, found))

    def clear(self) -> None:
        """Start anew."""
        self.parts.clear()
        self.count = self.octets = 0
