"""Rows of objects that were read, as columns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import attrs
import numpy as np

from peerlint.registry.irr.sources import NONE
from peerlint.registry.irr.values import UNKNOWN

if TYPE_CHECKING:
    import numpy.typing as npt

    from peerlint.registry.irr.words import Flags


@attrs.frozen(eq=False)
class Rows:
    """What was read of each object of a chunk, as columns; or of several chunks.

    Attributes:
        kind: the class, a `Kind`; `Kind.OTHER` for an object that has no row.
        hi: the upper 64 bits of a route's prefix.
        lo: the lower 64 bits.
        length: of a route's prefix, in bits.
        asn: the origin of a route, or the number of an aut-num.
        source: the number of the registry (`Sources`).
        last_modified: `last-modified`, in seconds since 1970; -1 if there is none.
        modified: the same; or the latest day of `changed` if there is none.
    """

    kind: npt.NDArray[np.uint8]
    hi: npt.NDArray[np.uint64]
    lo: npt.NDArray[np.uint64]
    length: npt.NDArray[np.uint8]
    asn: npt.NDArray[np.uint32]
    source: npt.NDArray[np.int16]
    last_modified: npt.NDArray[np.int64]
    modified: npt.NDArray[np.int64]

    @classmethod
    def empty(cls, count: int) -> Self:
        """Return columns for a number of objects that are not read yet."""
        return cls(
            np.zeros(count, np.uint8),
            np.zeros(count, np.uint64),
            np.zeros(count, np.uint64),
            np.zeros(count, np.uint8),
            np.zeros(count, np.uint32),
            np.full(count, NONE, np.int16),
            np.full(count, UNKNOWN, np.int64),
            np.full(count, UNKNOWN, np.int64),
        )

    @classmethod
    def joined(cls, parts: list[Self]) -> Self:
        """Return the rows of several chunks, one after the other.

        Args:
            parts: at least one. They are removed, so that no more than one column is in memory
                twice.
        """
        columns = [list(each) for each in zip(*map(_columns, parts), strict=True)]
        parts.clear()
        return cls(*map(_joined, columns))

    def take(self, rows: Flags) -> Self:
        """Return some of the rows."""
        return type(self)(*(each[rows] for each in _columns(self)))


def _columns(rows: Rows) -> tuple[npt.NDArray[Any], ...]:
    return attrs.astuple(rows, recurse=False)


def _joined(parts: list[npt.NDArray[Any]]) -> npt.NDArray[Any]:
    whole = np.concatenate(parts)
    parts.clear()
    return whole
