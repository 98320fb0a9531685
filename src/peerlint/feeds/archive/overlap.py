"""Which rows of a batch overlap a prefix filter, all of them at once."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from peerlint.bulk import PrefixFilter, RouteBatch

_IPV4, _IPV6 = 4, 6
#: Bits of the column that has the start of an address.
_BITS: Final = 64
_ALL: Final = (1 << _BITS) - 1


def overlapping(batch: RouteBatch, known: PrefixFilter) -> npt.NDArray[np.bool_]:
    """Return for each row whether its prefix overlaps the filter."""
    rows = batch.rows
    found = np.zeros(len(rows), np.bool_)
    for family, shift in ((_IPV4, _BITS // 2), (_IPV6, 0)):
        # The first 64 bits decide for IPv4, and leave few for IPv6.
        at = np.flatnonzero(rows["family"] == family)
        if not len(at) or not known.firsts[family]:
            continue
        cut = 0 if family == _IPV4 else _BITS
        firsts = np.array([(each >> cut) << shift & _ALL for each in known.firsts[family]], "u8")
        lasts = np.array([_end(each >> cut, shift) for each in known.lasts[family]], "u8")
        first = rows["prefix_hi"][at]
        length = np.minimum(rows["length"][at], _BITS).astype("u8")
        # numpy shifts by less than the number of bits only.
        rest = np.where(length == 0, _ALL, ((np.uint64(1) << (_BITS - length) % _BITS) - 1))
        rest = np.where(length == _BITS, 0, rest).astype("u8")
        index = np.searchsorted(firsts, first | rest, side="right").astype(np.int64) - 1
        found[at] = (index >= 0) & (lasts[np.maximum(index, 0)] >= first)
    for row in np.flatnonzero(found & (rows["family"] == _IPV6)).tolist():
        prefix = batch.prefix(row)
        found[row] = known.overlaps(_IPV6, prefix.first, prefix.last)
    return found


def _end(last: int, shift: int) -> int:
    """Return the last address as the first 64 bits of a column."""
    return (last << shift | (1 << shift) - 1) & _ALL
