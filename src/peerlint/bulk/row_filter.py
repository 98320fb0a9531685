"""A selection of the rows of a dump, by their columns."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

import attrs
import numpy as np
import numpy.typing as npt

from peerlint.bulk.batch import Kind, RouteBatch
from peerlint.bulk.kernel import RowCounter
from peerlint.bulk.reader import DumpReader
from peerlint.bulk.states import added, counted_states
from peerlint.bulk.tally import Tally, violations_of
from peerlint.model import Masks


@attrs.frozen
class RowFilter:
    """Which rows are wanted; a row has to satisfy every part that is not None.

    Attributes:
        origins: its origin AS is one of these.
        masks: one of these masks holds.
    """

    origins: frozenset[int] | None = None
    masks: tuple[Masks, ...] | None = None

    @property
    def is_everything(self) -> bool:
        """Whether every row is wanted."""
        return self.origins is None and self.masks is None

    def holds(self, rows: npt.NDArray[np.void]) -> npt.NDArray[np.bool_]:
        """Return for each row whether it is wanted."""
        wanted = np.ones(len(rows), np.bool_)
        if self.origins is not None:
            wanted &= np.isin(rows["origin"], np.array(sorted(self.origins), np.int64))
        if self.masks is not None:
            wanted &= np.logical_or.reduce([_holds(masks, rows) for masks in self.masks])
        return wanted


def _holds(masks: Masks, rows: npt.NDArray[np.void]) -> npt.NDArray[np.bool_]:
    facts = rows["facts"]
    # A withdrawal has no facts, which differs from a route on which none holds.
    holds: npt.NDArray[np.bool_] = (rows["kind"] != Kind.WITHDRAW) & (
        facts & np.uint32(masks.none_of) == 0
    )
    return holds & (facts & np.uint32(masks.any_of) != 0) if masks.any_of else holds


class FilteredRows:
    """The wanted rows of a dump, and their counts."""

    def __init__(
        self,
        reader: DumpReader,
        row_filter: RowFilter,
        rules: Mapping[str, Masks],
        attribute_to_rule: Collection[str] | None = None,
    ) -> None:
        """Set up; nothing is read yet.

        Args:
            reader: returns rows; it need not count them.
            row_filter: which rows are wanted.
            rules: the masks of each rule.
            attribute_to_rule: rules that make a route a violating one; None for all of them.
        """
        self._reader = reader
        self._row_filter = row_filter
        self._rules = rules
        self._counter = RowCounter(violations_of(rules, attribute_to_rule))
        self._states = reader.state_counts

    def __iter__(self) -> Iterator[RouteBatch]:
        """Yield batches with at least one row each.

        Raises:
            DamageError: see `DumpReader`.
        """
        for batch in self._reader:
            wanted = batch.where(self._row_filter.holds(batch.rows))
            if len(wanted):
                self._counter.add(wanted.rows)
                self._states = added(self._states, counted_states(wanted.states))
                yield wanted

    @property
    def tally(self) -> Tally:
        """The counts of the rows so far."""
        peers = [count.peer for count in self._reader.counts]
        counts = self._counter.counts(len(peers))
        return Tally.from_counts(counts, peers, self._rules, self._states)
