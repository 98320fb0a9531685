"""A filter for the address space that a caller is interested in."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from typing import Self

import attrs

from peerlint.model import Prefix


@attrs.frozen
class PrefixFilter:
    """Address space as ranges that do not touch, for each family.

    Two prefixes overlap if and only if one contains the other, so a prefix overlaps the space if
    and only if its addresses overlap one of the ranges.

    Attributes:
        firsts: by family, the first address of each range, ascending.
        lasts: by family, the last address of each range.
    """

    firsts: dict[int, list[int]]
    lasts: dict[int, list[int]]

    @classmethod
    def of(cls, prefixes: Iterable[Prefix]) -> Self:
        """Make a filter that every prefix passes that overlaps one of these."""
        firsts: dict[int, list[int]] = {4: [], 6: []}
        lasts: dict[int, list[int]] = {4: [], 6: []}
        for prefix in sorted(prefixes):
            ends = lasts[prefix.family]
            if ends and prefix.first <= ends[-1] + 1:
                ends[-1] = max(ends[-1], prefix.last)
            else:
                firsts[prefix.family].append(prefix.first)
                ends.append(prefix.last)
        return cls(firsts, lasts)

    def overlaps(self, family: int, first: int, last: int) -> bool:
        """Whether a prefix, given by its first and last address, overlaps the space."""
        index = bisect_right(self.firsts[family], last) - 1
        return index >= 0 and self.lasts[family][index] >= first
