"""Counts by AS number, safe for numbers that the author of a dump chose."""

from __future__ import annotations

from collections.abc import ItemsView, Iterator, Mapping
from typing import Self

import attrs
import numpy as np
import numpy.typing as npt

from peerlint.arguments import AN_INTEGER, must_be
from peerlint.errors import InputError
from peerlint.wording import Words

_Numbers = npt.NDArray[np.int64]


class _Items(ItemsView[int, int]):
    """Pairs from both columns; the default of `Mapping` would look up every number."""

    _mapping: AsnCounts

    def __iter__(self) -> Iterator[tuple[int, int]]:
        columns = self._mapping
        return zip(columns.asns.tolist(), columns.counts.tolist(), strict=True)


@attrs.frozen(eq=False)
class AsnCounts(Mapping[int, int]):
    """Counts by AS number, ascending; a missing number counts 0, as in a `Counter`.

    It is not a dictionary, because Python hashes numbers without a key: a few thousand chosen ones
    would take seconds. Threads may share it.

    Attributes:
        asns: the numbers, ascending, each once; -1 for none.
        counts: of each.
    """

    asns: _Numbers = attrs.field(factory=lambda: np.zeros(0, np.int64))
    counts: _Numbers = attrs.field(factory=lambda: np.zeros(0, np.int64))

    @classmethod
    def of(cls, asns: npt.ArrayLike, counts: npt.ArrayLike) -> Self:
        """Sum counts by number; a number may occur several times.

        Args:
            asns: the numbers.
            counts: of each, in their order.
        """
        numbers, index = np.unique(np.asarray(asns, np.int64), return_inverse=True)
        sums = np.zeros(len(numbers), np.int64)
        np.add.at(sums, index, np.asarray(counts, np.int64))
        return cls(numbers, sums)

    def __add__(self, other: AsnCounts) -> AsnCounts:
        """Return the sums of both."""
        return AsnCounts.of(
            np.concatenate((self.asns, other.asns)), np.concatenate((self.counts, other.counts))
        )

    def __getitem__(self, asn: int) -> int:
        """Return the count of a number."""
        at = self._place(asn)
        return 0 if at is None else int(self.counts[at])

    def __contains__(self, asn: object) -> bool:
        """Whether a number is there, even if its count is 0."""
        return isinstance(asn, int) and self._place(asn) is not None

    def __iter__(self) -> Iterator[int]:
        """Yield the numbers."""
        return iter(self.asns.tolist())

    def __len__(self) -> int:
        """Return how many numbers there are."""
        return len(self.asns)

    def __eq__(self, other: object) -> bool:
        """Whether another mapping has the same counts, those of 0 included."""
        if isinstance(other, AsnCounts):
            return np.array_equal(self.asns, other.asns) and np.array_equal(
                self.counts, other.counts
            )
        if isinstance(other, Mapping):
            return [*self.items()] == sorted(other.items())
        return NotImplemented

    __hash__ = None  # type: ignore[assignment]  # as every mapping that compares by value

    def items(self) -> ItemsView[int, int]:
        """Return a view of the numbers with their counts, ascending."""
        return _Items(self)

    def total(self) -> int:
        """Return the sum of the counts."""
        return int(self.counts.sum())

    def lowest(self, number: int) -> AsnCounts:
        """Return the counts of the lowest numbers, at most so many."""
        return AsnCounts(self.asns[:number], self.counts[:number])

    def among(self, asns: _Numbers) -> AsnCounts:
        """Return the counts of the numbers that are also in a sorted array."""
        are_kept = np.isin(self.asns, asns)
        return AsnCounts(self.asns[are_kept], self.counts[are_kept])

    def _place(self, asn: int) -> int | None:
        at = int(np.searchsorted(self.asns, asn))
        return at if at < len(self.asns) and self.asns[at] == asn else None


def as_asn_counts(counts: Mapping[int, int], name: str = "counts") -> AsnCounts:
    """Return any mapping of counts as `AsnCounts`.

    Args:
        counts: by AS number.
        name: of the argument, for the error.

    Raises:
        InputError: it is not a mapping, or not of numbers.
    """
    if isinstance(counts, AsnCounts):
        return counts
    must_be(name, counts, Mapping, "counts by AS number")
    for each in (*counts.keys(), *counts.values()):
        must_be(name, each, (int, np.integer), AN_INTEGER)
    try:
        return AsnCounts.of([*counts.keys()], [*counts.values()])
    except OverflowError:
        raise InputError(name, expected="numbers of 63 bits", found=Words("more")) from None
