"""A table of prefixes, sorted, in which all prefixes that cover another one are found.

Each prefix has its parent (the longest other prefix of the table that covers it), and the range of
its entries, which are kept beside the table. The prefix that precedes another one in the order of
address and length, or one of its ancestors, is the longest that covers it: one binary search and a
few steps, for all rows of a column at once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import attrs
import numpy as np

from peerlint.registry.prefix_keys import Keys, blocks_of, cover

if TYPE_CHECKING:
    import numpy.typing as npt

#: The parent of a prefix that no other one covers.
NO_PARENT: Final = -1
#: The entry after the last one.
NO_ENTRY: Final = -1


@attrs.frozen(eq=False)
class PrefixTable:
    """The prefixes of one family, in the order of their keys.

    Attributes:
        family: 4 or 6.
        keys: of the prefixes, each once (see `prefix_keys`).
        parent: the index of the longest other prefix that covers the prefix; -1 for none.
        first: the index of the first entry of each prefix, and the number of entries as the last
            element. Each prefix has an entry.
        following: the index of the entry after each entry: of the same prefix, or the first one of
            its parent; -1 for none.
    """

    family: int
    keys: Keys
    parent: npt.NDArray[np.int32]
    first: npt.NDArray[np.uint32]
    following: npt.NDArray[np.int32] = attrs.field(init=False)

    @following.default
    def _following(self) -> npt.NDArray[np.int32]:
        following = np.arange(1, int(self.first[-1]) + 1, dtype=np.int32)
        first_of_parent = np.where(self.parent < 0, NO_ENTRY, self.first[self.parent].astype(int))
        following[self.first[1:] - 1] = first_of_parent
        return following

    @classmethod
    def of(cls, family: int, keys: Keys) -> PrefixTable:
        """Return the table of some entries.

        Args:
            family: 4 or 6.
            keys: the key of the prefix of each entry, sorted.
        """
        is_first = np.ones(len(keys), np.bool_)
        is_first[1:] = keys[1:] != keys[:-1]
        starts = np.flatnonzero(is_first)
        unique = keys[starts]
        first = np.append(starts, len(keys)).astype(np.uint32)
        return cls(family, unique, _parents(family, unique), first)

    def nearest(self, keys: Keys) -> npt.NDArray[np.int64]:
        """Return, for each key, the index of the longest prefix that covers it; -1 for none."""
        found = np.searchsorted(self.keys, keys, "right") - 1
        rows = np.flatnonzero(found >= 0)
        while len(rows):
            nodes = found[rows]
            is_outside = ~cover(self.family, self.keys[nodes], keys[rows])
            rows, parents = rows[is_outside], self.parent[nodes[is_outside]]
            found[rows] = parents
            rows = rows[parents >= 0]
        return found

    def entry_keys(self, entries: npt.NDArray[np.integer]) -> Keys:
        """Return the keys of the prefixes that entries belong to."""
        # Of the type of `first`, which would be copied otherwise.
        numbers = entries.astype(self.first.dtype)
        return self.keys[np.searchsorted(self.first, numbers, "right") - 1]


class CoveringEntries:
    """Visit the entries of all prefixes that cover some queries, the longest prefix first.

    Each step visits one entry of each query that is still interested.

    Attributes:
        nearest: the index of the longest prefix that covers each key; -1 for none.
        rows: the queries of this step, as indices into the keys.
        entries: the index of the entry that is visited for each of these.
    """

    def __init__(self, table: PrefixTable, keys: Keys) -> None:
        """Start at the longest prefix that covers each key."""
        self._following = table.following
        self.nearest = table.nearest(keys)
        self.rows = np.flatnonzero(self.nearest >= 0)
        self.entries = table.first[self.nearest[self.rows]].astype(np.intp)

    def advance(self, is_kept: npt.NDArray[np.bool_]) -> None:
        """Go to the next entry of each query.

        Args:
            is_kept: which rows of this step are still of interest.
        """
        following = self._following[self.entries]
        is_kept &= following >= 0
        self.rows, self.entries = self.rows[is_kept], following[is_kept].astype(np.intp)


def _parents(family: int, keys: Keys) -> npt.NDArray[np.int32]:
    """Return the index of the longest other prefix that covers each; -1 for none.

    The prefixes inside another one follow it. Shorter prefixes are handled first, so that each
    prefix keeps the longest one that it is inside of.
    """
    blocks = blocks_of(family, keys)
    inside = np.searchsorted(keys, blocks.ends(family), "right") - np.arange(len(keys)) - 1
    parent = np.full(len(keys), NO_PARENT, np.int32)
    for length in np.unique(blocks.length):
        rows = np.flatnonzero((blocks.length == length) & (inside > 0))
        counts = inside[rows]
        # The indices rows[0] + 1, rows[0] + 2, ..., rows[1] + 1, rows[1] + 2, ...
        steps = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
        parent[np.repeat(rows + 1, counts) + steps] = np.repeat(rows, counts)
    return parent
