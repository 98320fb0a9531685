"""Counts of rows, as a kernel returns them and `Tally` takes them."""

from __future__ import annotations

from collections.abc import Iterable

import attrs
import numpy as np
import numpy.typing as npt

from peerlint.bulk.asn_counts import AsnCounts
from peerlint.bulk.kernel.contract import LIMITS, WITHDRAW
from peerlint.bulk.kernel.siphash import SHARED_KEY, siphash
from peerlint.model import Fact

#: Which routes count as violating: (any_of, none_of) of each rule.
Violations = tuple[tuple[int, int], ...]
Keys = npt.NDArray[np.uint64]
_WITHOUT_PATH = np.uint32(Fact.MALFORMED | Fact.NO_STATEMENT)


@attrs.frozen(eq=False)
class Counts:
    """How many of the rows so far announce a route, by column.

    Attributes:
        words: by the column `facts`, for the first distinct values up to a limit.
        unsorted: those with other values.
        withdrawals: rows that withdraw a route; they count nowhere else.
        peers: (routes, violating routes) for each peer.
        origins: routes by origin, -1 for none, for the first distinct origins up to a limit.
        violating_origins: violating routes by origin.
        path_lengths: by effective path length, of the routes that have a path.
        prefixes: keys of the distinct prefixes, in no order.
        prefixes_full: whether there are more, above the limit.
    """

    words: dict[int, int]
    unsorted: int
    withdrawals: int
    peers: list[tuple[int, int]]
    origins: AsnCounts
    violating_origins: AsnCounts
    path_lengths: dict[int, int]
    prefixes: Keys
    prefixes_full: bool


class RowCounter:
    """Counts rows column by column; the compiled kernel counts them one by one."""

    def __init__(self, violations: Violations, limits: tuple[int, int, int] = LIMITS) -> None:
        """Start without rows.

        Args:
            violations: the masks that make a route a violating one.
            limits: see `contract.LIMITS`.
        """
        self._violations = violations
        self._limits = limits
        self._words: dict[int, int] = {}
        self._unsorted = self._withdrawals = 0
        self._peers: dict[int, tuple[int, int]] = {}
        # As octets: dictionaries hash numbers without a key, see `siphash`.
        self._origins: dict[bytes, tuple[int, int]] = {}
        self._lengths: dict[int, int] = {}
        self._prefixes: set[bytes] = set()
        self._prefixes_full = False

    def add(self, rows: npt.NDArray[np.void]) -> None:
        """Count rows."""
        announced = rows[rows["kind"] != WITHDRAW]
        self._withdrawals += len(rows) - len(announced)
        facts = announced["facts"]
        violating = self._is_violating(facts)
        for word, routes, _ in _by_value(facts, violating):
            if word in self._words or len(self._words) < self._limits[0]:
                self._words[word] = self._words.get(word, 0) + routes
            else:
                self._unsorted += routes
        for peer, *pair in _by_value(announced["peer"], violating):
            self._peers[peer] = _added(self._peers.get(peer), pair)
        for asn, *pair in _by_value(announced["origin"], violating):
            origin = asn.to_bytes(8, "little", signed=True)
            if origin in self._origins or len(self._origins) < self._limits[1]:
                self._origins[origin] = _added(self._origins.get(origin), pair)
        has_path = facts & _WITHOUT_PATH == 0
        for length, routes, _ in _by_value(announced["path_length"][has_path], violating[has_path]):
            self._lengths[length] = self._lengths.get(length, 0) + routes
        keys = prefix_keys(announced)
        _, first = np.unique(keys, return_index=True)
        first.sort()
        octets = keys[first].tobytes()
        for at in range(0, len(octets), 8):
            key = octets[at : at + 8]
            if len(self._prefixes) < self._limits[2]:
                self._prefixes.add(key)
            elif key not in self._prefixes:
                self._prefixes_full = True

    def counts(self, peers: int) -> Counts:
        """Return the counts so far, of a number of peers."""
        asns = np.frombuffer(b"".join(self._origins), "<i8")
        routes, violating = np.array([*self._origins.values()], np.int64).reshape(-1, 2).T
        return Counts(
            words=dict(self._words),
            unsorted=self._unsorted,
            withdrawals=self._withdrawals,
            peers=[self._peers.get(peer, (0, 0)) for peer in range(peers)],
            origins=AsnCounts.of(asns, routes),
            violating_origins=AsnCounts.of(asns, violating),
            path_lengths=dict(self._lengths),
            prefixes=np.frombuffer(b"".join(self._prefixes), np.uint64),
            prefixes_full=self._prefixes_full,
        )

    def _is_violating(self, facts: npt.NDArray[np.uint32]) -> npt.NDArray[np.bool_]:
        violating = np.zeros(len(facts), np.bool_)
        for any_of, none_of in self._violations:
            holds = facts & np.uint32(none_of) == 0
            violating |= holds & (facts & np.uint32(any_of) != 0) if any_of else holds
        return violating


def prefix_keys(rows: npt.NDArray[np.void]) -> Keys:
    """Return a number for the prefix of each row.

    The same prefix has the same number in every process. Two IPv4 prefixes never share a number.
    Two of two million IPv6 prefixes do with a chance of one in ten million; to find two that do
    takes some four billion attempts, because the number is a hash that cannot be inverted.
    """
    hi, lo, length = rows["prefix_hi"], rows["prefix_lo"], rows["length"].astype(np.uint64)
    is_ipv4 = rows["family"] == 4
    keys: Keys = hi | length | np.uint64(256)
    if not is_ipv4.all():
        six = siphash(SHARED_KEY, hi, lo, length)
        keys = np.where(is_ipv4, keys, np.maximum(six, np.uint64(1)))
    return keys


def _by_value(
    column: npt.NDArray[np.integer], violating: npt.NDArray[np.bool_]
) -> Iterable[tuple[int, int, int]]:
    """Return (value, rows, violating rows) in the order in which values first occur."""
    values, first, index = np.unique(column, return_index=True, return_inverse=True)
    rows = np.bincount(index, minlength=len(values))
    wrong = np.bincount(index, weights=violating, minlength=len(values))
    return (
        (int(values[at]), int(rows[at]), int(wrong[at])) for at in np.argsort(first, kind="stable")
    )


def _added(before: tuple[int, int] | None, more: list[int]) -> tuple[int, int]:
    routes, violating = before or (0, 0)
    return routes + more[0], violating + more[1]
