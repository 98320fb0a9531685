"""States of routes that depend on prefix and origin alone, as columns beside those of the kernel.

Who knows the states, such as what registries say, gives a function from runs of routes to codes
(`StateColumn`). A run has adjacent routes of one prefix and origin, as a record of a RIB has them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Final

import attrs
import numpy as np
import numpy.typing as npt

from peerlint.bulk.kernel import RUN, WITHDRAW
from peerlint.errors import InputError
from peerlint.wording import Words

#: The code of a row that withdraws a route: it has no state.
NO_STATE: Final = 255
#: Runs that are asked about at once if only their number counts. A table that is searched does not
#: fit into the caches of a processor: a few runs at a time, after each chunk of a dump, take four
#: times as long.
_MANY: Final = 1 << 15


@attrs.frozen
class StateColumn:
    """A column of states, and the function that knows them.

    Attributes:
        name: of the column.
        words: the states, by their codes; at most 255.
        codes_of: returns the code of each run of an array of `RUN` (`prefix_hi`, `prefix_lo`,
            `family` and `length` as in `RouteBatch`, `origin`, and `routes`, their number), of
            type u8.
    """

    name: str
    words: tuple[str, ...]
    codes_of: Callable[[npt.NDArray[np.void]], npt.NDArray[np.uint8]]


@attrs.frozen(eq=False)
class States:
    """The states of the rows of a batch.

    Attributes:
        name: of the column.
        words: the states, by their codes.
        codes: of the rows; `NO_STATE` for a withdrawal.
    """

    name: str
    words: tuple[str, ...]
    codes: npt.NDArray[np.uint8] = attrs.field(repr=lambda codes: f"<{len(codes)} codes>")

    def take(self, mask: npt.NDArray[np.bool_]) -> States:
        """Return the states of some rows."""
        return attrs.evolve(self, codes=self.codes[mask])

    def texts(self) -> list[str | None]:
        """Return the state of each row as a word; None for a withdrawal."""
        words = dict(enumerate(self.words))
        return [words.get(code) for code in self.codes.tolist()]

    def counts(self) -> Counter[str]:
        """Return the number of rows in each state, those of no row with 0."""
        return _counter(self.words, np.bincount(self.codes, minlength=NO_STATE))


class StateCounter:
    """Asks for the states of routes, and counts them."""

    def __init__(self, columns: Iterable[StateColumn]) -> None:
        """Start without routes."""
        self._columns = tuple(columns)
        self._totals = [np.zeros(len(each.words), np.int64) for each in self._columns]
        self._waiting: list[npt.NDArray[np.void]] = []
        self._count = 0

    def add(self, runs: npt.NDArray[np.void]) -> None:
        """Count the routes of runs, now or later."""
        self._waiting.append(runs)
        self._count += len(runs)
        if self._count >= _MANY:
            self._ask()

    def states(self, rows: npt.NDArray[np.void], runs: npt.NDArray[np.void]) -> tuple[States, ...]:
        """Return the states of rows, and count them.

        Args:
            rows: an array of `ROW`.
            runs: their runs.
        """
        counts = runs["routes"].astype(np.intp)
        is_route = None if counts.sum() == len(rows) else rows["kind"] != WITHDRAW
        found = []
        for each, codes in zip(self._columns, self._codes(runs), strict=True):
            of_rows = np.repeat(codes, counts)
            if is_route is not None:
                of_routes, of_rows = of_rows, np.full(len(rows), NO_STATE, np.uint8)
                of_rows[is_route] = of_routes
            found.append(States(each.name, each.words, of_rows))
        return tuple(found)

    def counts(self) -> dict[str, Counter[str]]:
        """Return the number of routes in each state, by the name of the column."""
        self._ask()
        return {
            each.name: _counter(each.words, total)
            for each, total in zip(self._columns, self._totals, strict=True)
        }

    def _ask(self) -> None:
        runs = np.concatenate([np.zeros(0, RUN), *self._waiting])
        self._waiting.clear()
        self._count = 0
        self._codes(runs)

    def _codes(self, runs: npt.NDArray[np.void]) -> list[npt.NDArray[np.uint8]]:
        """Return the codes of runs for each column, and count their routes."""
        found = [each.codes_of(runs) for each in self._columns] if len(runs) else []
        for number, codes in enumerate(found):
            total = self._totals[number]
            counts = np.bincount(codes, weights=runs["routes"], minlength=len(total))
            self._totals[number] = total + counts.astype(np.int64)
        return found or [np.zeros(0, np.uint8) for _ in self._columns]


def named_states(states: Sequence[States], names: Collection[str]) -> tuple[States, ...]:
    """Return the columns of some names, in the order of the names.

    Raises:
        InputError: one is missing.
    """
    by_name = {each.name: each for each in states}
    for name in names:
        if name not in by_name:
            raise InputError("batch", expected=f"the column {name}", found=Words("none"))
    return tuple(by_name[name] for name in names)


def counted_states(states: Sequence[States]) -> dict[str, Counter[str]]:
    """Return the number of rows in each state, by the name of the column."""
    return {each.name: each.counts() for each in states}


def added(
    one: Mapping[str, Counter[str]], other: Mapping[str, Counter[str]]
) -> dict[str, Counter[str]]:
    """Return the sums of counts by column and state."""
    total = {name: Counter(counts) for name, counts in one.items()}
    for name, counts in other.items():
        # Unlike `+`, `update` keeps what was counted as 0.
        total.setdefault(name, Counter()).update(counts)
    return total


def _counter(words: tuple[str, ...], counts: npt.NDArray[np.integer]) -> Counter[str]:
    return Counter(dict(zip(words, counts.tolist(), strict=False)))
