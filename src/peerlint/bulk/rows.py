"""Rows of a dump, with what they point into."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import attrs
import numpy as np
import numpy.typing as npt

from peerlint.bulk.peers import DumpPeer

#: Up to so many rows, Python is faster than numpy.
_FEW: Final = 32


@attrs.frozen(eq=False)
class Rows:
    """Some rows, the peers that they point into, and the octets that they were read from.

    Attributes:
        rows: all columns, as a structured array of `ROW`.
        peers: what the column `peer` points into, whether or not each has a row.
        buffer: the octets that the rows were read from.
    """

    # Both may be megabytes.
    rows: npt.NDArray[np.void] = attrs.field(repr=lambda rows: f"<{len(rows)} rows>")
    peers: Sequence[DumpPeer]
    buffer: bytes = attrs.field(repr=lambda octets: f"<{len(octets)} octets>")

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.rows)

    def met_peers(self) -> tuple[npt.NDArray[np.intp], list[DumpPeer]]:
        """Return the peers that occur in the rows, and for each row its index into them.

        The cost is bounded by the number of rows, however many peers the dump has.
        """
        column = self.rows["peer"]
        if len(column) <= _FEW:  # numpy's overhead would be larger
            values = column.tolist()
            few = sorted(set(values))
            place = {peer: number for number, peer in enumerate(few)}
            codes = np.array([place[value] for value in values], np.intp)
            return codes, [self.peers[peer] for peer in few]
        if len(self.peers) > len(column):
            met, index = np.unique(column, return_inverse=True)
        else:  # marking them is faster than sorting the rows
            is_met = np.zeros(len(self.peers), np.bool_)
            is_met[column] = True
            met = np.flatnonzero(is_met)
            index = (np.cumsum(is_met) - 1)[column]
        return index, [self.peers[place] for place in met.tolist()]
