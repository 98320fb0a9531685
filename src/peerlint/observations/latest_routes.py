"""The latest announcement or withdrawal of each route of a dump, while the dump is read."""

from __future__ import annotations

from collections.abc import Hashable
from struct import Struct
from typing import Final, Generic, TypeVar

import numpy as np
import numpy.typing as npt

from peerlint.bulk import AttributeSet, Kind, RouteBatch
from peerlint.model import Prefix
from peerlint.observations.route_columns import NONE, ROW, InternTable, Rows

Value = TypeVar("Value", bound=Hashable)
Numbers = npt.NDArray[np.intp]
#: A row of `ROW` with its peer, whether it withdraws its route, and whether a snapshot has it.
_TABLE: Final = np.dtype(
    [("peer", np.uint32), ("withdrawn", np.bool_), ("in_table", np.bool_), *ROW.descr]
)
#: Address family, the address in two halves, and the prefix length.
_PREFIX: Final = Struct(">BQQB")
#: Up to so many rows, replaced rows are not searched for and dropped.
_FEW: Final = 1 << 18


class _Numbered(Generic[Value]):
    """Different values, numbered from 0."""

    def __init__(self) -> None:
        """Start without values."""
        self._numbers: dict[Value, int] = {}

    def of(self, value: Value) -> int:
        """Return a value's number; a new value gets the next one."""
        return self._numbers.setdefault(value, len(self._numbers))

    def values(self) -> list[Value]:
        """Return the values in the order of their numbers."""
        return list(self._numbers)

    def keep(self, used: Numbers) -> Numbers:
        """Drop all values that are not used, and return the new numbers of those that are."""
        kept, renumbered = np.unique(used, return_inverse=True)
        values = self.values()
        self._numbers = {values[old]: new for new, old in enumerate(kept.tolist())}
        return renumbered


class LatestRoutes:
    """The latest announcement or withdrawal of each route of each peer of a dump.

    A withdrawal is kept, because another dump may have the route that it withdraws. Memory is
    bounded by the number of different routes, not by the length of the dump.
    """

    def __init__(self) -> None:
        """Start empty."""
        # Packed as `_PREFIX`: the hash of octets has a secret key, that of a tuple of integers
        # has none, so that crafted prefixes could collide.
        self._prefixes: _Numbered[bytes] = _Numbered()
        self._attribute_sets: _Numbered[tuple[bytes, int, int]] = _Numbered()
        self._parts: list[Rows] = []
        self._size = 0
        self._limit = _FEW
        self._replaced: npt.NDArray[np.bool_] = np.zeros((0, 2), np.bool_)

    def replace(self, replaced: npt.NDArray[np.bool_]) -> None:
        """Drop the routes of replaced snapshots, now and when more of them are added.

        Args:
            replaced: whether a later snapshot replaces a peer's routes: peers by families
                (IPv4, IPv6).
        """
        self._replaced = replaced

    def is_full_with(self, batch: RouteBatch) -> bool:
        """Return whether adding a batch makes it search for replaced rows and drop them."""
        return self._size + len(batch) > self._limit

    def add(self, batch: RouteBatch, mask: npt.NDArray[np.bool_]) -> None:
        """Add some rows of a batch.

        Args:
            batch: the batch.
            mask: for each row of the batch, whether to add it.
        """
        chosen = batch.rows[mask]
        rows = np.empty(len(chosen), _TABLE)
        for name in ("peer", "facts", "record", "path_id", "timestamp"):
            rows[name] = chosen[name]
        rows["path_id"][chosen["path_id"] < 0] = NONE
        rows["file"] = 0
        rows["withdrawn"] = chosen["kind"] == Kind.WITHDRAW
        rows["in_table"] = chosen["kind"] == Kind.RIB
        rows["prefix"] = self._prefix_numbers(chosen)
        rows["attribute_set"] = self._attribute_set_numbers(chosen, batch.buffer)
        self._parts.append(rows)
        self._size += len(rows)
        if self._size > self._limit:
            self._tidy()
            self._limit = max(_FEW, 2 * self._size)

    def close(self) -> tuple[InternTable, Rows]:
        """Return the latest row of each route in the order of announcement, see `_TABLE`."""
        self._tidy()
        (rows,) = self._parts
        self._parts = []
        prefixes = (
            Prefix(family, hi >> 32 if family == 4 else hi << 64 | lo, length)
            for family, hi, lo, length in map(_PREFIX.unpack, self._prefixes.values())
        )
        attribute_sets = (AttributeSet(*each) for each in self._attribute_sets.values())
        return InternTable(tuple(prefixes), tuple(attribute_sets)), rows

    def _prefix_numbers(self, rows: Rows) -> Numbers:
        """Number the prefixes; in a RIB, the routes of all peers for a prefix follow each other."""
        names = ("family", "prefix_hi", "prefix_lo", "length")
        starts = np.ones(len(rows), np.bool_)
        starts[1:] = False
        for name in names:
            starts[1:] |= rows[name][1:] != rows[name][:-1]
        columns = (rows[name][starts].tolist() for name in names)
        runs = [self._prefixes.of(_PREFIX.pack(*each)) for each in zip(*columns, strict=True)]
        return np.array(runs, np.intp).take(np.cumsum(starts) - 1)

    def _attribute_set_numbers(self, rows: Rows, buffer: bytes) -> list[int]:
        columns = (rows[name].tolist() for name in ("attr_at", "attr_len", "form", "family"))
        number = self._attribute_sets.of
        return [
            number((buffer[at : at + size], form, family))
            for at, size, form, family in zip(*columns, strict=True)
        ]

    def _are_replaced(self, rows: Rows) -> npt.NDArray[np.bool_]:
        is_ipv6 = np.array([family == 6 for family, *_ in self._prefixes.values()], np.intp)
        known = rows["peer"] < len(self._replaced)
        found = np.zeros(len(rows), np.bool_)
        found[known] = self._replaced[rows["peer"][known], is_ipv6[rows["prefix"][known]]]
        return found

    def _tidy(self) -> None:
        """Drop replaced rows, and the prefixes and attribute sets that only they refer to."""
        rows = np.concatenate(self._parts) if self._parts else np.empty(0, _TABLE)
        if self._replaced.any():
            rows = rows.compress(~self._are_replaced(rows))
        rows = _last(rows)
        rows["prefix"] = self._prefixes.keep(rows["prefix"])
        rows["attribute_set"] = self._attribute_sets.keep(rows["attribute_set"])
        self._parts = [rows]
        self._size = len(rows)


def _last(rows: Rows) -> Rows:
    """Keep the latest row of each route, at the position of its first announcement."""
    order = np.lexsort((rows["timestamp"], rows["path_id"], rows["prefix"], rows["peer"]))
    is_first = np.ones(len(rows), np.bool_)
    is_first[1:] = False
    for name in ("peer", "prefix", "path_id"):
        column = rows[name][order]
        is_first[1:] |= column[1:] != column[:-1]
    if is_first.all():
        return rows
    firsts = np.flatnonzero(is_first)
    lasts = np.append(firsts[1:], len(rows)) - 1
    # A route that is announced again after a withdrawal counts as a new one.
    after = np.flatnonzero(rows["withdrawn"][order])
    np.maximum.at(firsts, (np.cumsum(is_first) - 1)[after], after + 1)
    np.minimum(firsts, lasts, out=firsts)
    position, last = order[firsts], order[lasts]
    found: Rows = rows.take(last[np.argsort(position)])
    return found
