"""Dumps read whole: rows, routes, quality and counts in one value."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Protocol

import attrs
import numpy as np
import numpy.typing as npt
import pytest

from peerlint.bulk import DumpPeer, DumpReader, PeerCounts, PrefixFilter, Quality, RouteBatch, Tally
from peerlint.bulk.kernel import ROW
from peerlint.model import Criteria, Fact, Route, Viewpoint, facts

#: Columns that do not depend on where chunks end.
STABLE = [name for name in ROW.names or () if name != "attr_at"]
VIEWPOINT = Viewpoint("received", 64500)
CRITERIA = Criteria(allow={"documentation"})
Expected = tuple[Fact, int, int]


@attrs.frozen(eq=False)
class ReadResult:
    """Everything that reading a dump returns."""

    batches: tuple[RouteBatch, ...]
    quality: Quality
    counts: tuple[PeerCounts, ...]
    tally: Tally

    @property
    def rows(self) -> npt.NDArray[np.void]:
        """All rows, without the column that depends on chunks."""
        every = [batch.rows[STABLE] for batch in self.batches]
        return np.concatenate(every) if every else np.zeros(0, ROW)[STABLE]

    @property
    def routes(self) -> list[Route]:
        """All routes, decoded exactly."""
        return [route for batch in self.batches for route in batch.routes()]

    @property
    def route_facts(self) -> list[Expected]:
        """Facts, effective path length and origin of every row."""
        return [
            (Fact(int(row["facts"])), int(row["path_length"]), int(row["origin"]))
            for batch in self.batches
            for row in batch.rows
        ]

    def column(self, name: str) -> list[int]:
        """One column of all rows."""
        return [int(value) for batch in self.batches for value in batch.rows[name]]


class ReadDump(Protocol):
    """Read a dump, in chunks or as a whole."""

    def __call__(
        self,
        octets: bytes | Iterable[bytes],
        viewpoint: Viewpoint | Callable[[DumpPeer], Viewpoint | None] = ...,
        criteria: Criteria = ...,
        *,
        prefix_filter: PrefixFilter | None = ...,
        tagged_too: bool = ...,
        on_damage: Any = ...,  # noqa: ANN401
    ) -> ReadResult:
        """See `peerlint.bulk.DumpReader`."""


@pytest.fixture(scope="session")
def read() -> ReadDump:
    """Read a dump; by default in the view `received`, from AS64500, in a lab."""

    def read_it(
        octets: bytes | Iterable[bytes],
        viewpoint: Viewpoint | Callable[[DumpPeer], Viewpoint | None] = VIEWPOINT,
        criteria: Criteria = CRITERIA,
        **options: Any,  # noqa: ANN401
    ) -> ReadResult:
        chunks = [octets] if isinstance(octets, bytes) else octets
        seen = (lambda _: viewpoint) if isinstance(viewpoint, Viewpoint) else viewpoint
        reading = DumpReader(chunks, source="test", viewpoint=seen, criteria=criteria, **options)
        batches = tuple(reading)
        quality = reading.quality
        assert quality.octets == quality.read + quality.skipped + quality.lost
        assert min(quality.read, quality.skipped, quality.lost) >= 0
        return ReadResult(batches, quality, reading.counts, reading.tally)

    return read_it


@pytest.fixture(scope="session")
def facts_of() -> Callable[[Route, Viewpoint, Criteria], Expected]:
    """Return what a row should have: facts, effective path length, origin (-1 for none)."""

    def expected(route: Route, viewpoint: Viewpoint, criteria: Criteria) -> Expected:
        bits = facts(route, viewpoint, criteria)
        path = None if route.malformed else viewpoint.effective(route.path)
        if path is None:
            return bits, 0, -1
        origin = path.origin(viewpoint.asn)
        return bits, path.length, -1 if origin is None else int(origin)

    return expected
