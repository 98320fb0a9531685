"""Observations as values: which route was seen on which session, where, and how sure that is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final, NamedTuple

import attrs

from peerlint.bulk import Quality
from peerlint.model import View
from peerlint.observations.coverage import BEST_VIEW_FIRST, Coverage
from peerlint.observations.observation import Observation
from peerlint.observations.route_columns import RouteColumns, as_filed
from peerlint.observations.route_table import RouteTable
from peerlint.observations.session_records import SessionRecords
from peerlint.observations.session_routes import SessionCounts, SessionRoutes

#: So many peers without a session, and snapshots that are replaced, are named; the others are
#: counted. A dump can have millions of either.
KEPT: Final = 1_000


def _as_session_routes(observations: SessionRoutes | Iterable[Observation]) -> SessionRoutes:
    if isinstance(observations, (RouteColumns, RouteTable)):
        return observations
    return as_filed(observations)


@attrs.frozen
class SessionSource:
    """What one source says of one session.

    Attributes:
        source: the dump's name.
        view: where its routes were seen.
        coverage: whether it shows all of them.
        counts: how many there are.
        observations: those that matter, by prefix and the order of the dump.
        truncated: whether it is an export of Azure's that stops before its end.
        last: the time of its last record, by the header; None if it is not known.
        is_too_old: whether it is older than evidence may be, so that it decides nothing.
        files: the names of the dumps, if it is made of several.
        records: what it is made of, until it is joined with what other dumps say of the session.
    """

    source: str
    view: View
    coverage: Coverage
    counts: SessionCounts
    observations: SessionRoutes = attrs.field(
        factory=lambda: as_filed(()), converter=_as_session_routes
    )
    truncated: bool = False
    last: datetime | None = None
    is_too_old: bool = False
    files: tuple[str, ...] = ()
    records: SessionRecords | None = attrs.field(default=None, eq=False, repr=False)

    @property
    def columns(self) -> RouteColumns:
        """The observations of a source that is read whole.

        Raises:
            TypeError: they are those of a live feed.
        """
        if not isinstance(self.observations, RouteColumns):
            raise TypeError(f"expected columns, found {type(self.observations).__name__}")
        return self.observations

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the dumps that it is made of."""
        return self.files or (self.source,)


@attrs.frozen
class SourceSummary:
    """What became of one dump as a whole.

    Attributes:
        name: as the user wrote it.
        views: where its routes were seen, by session.
        coverage: the best that it gives to any session.
        quality: how well it could be read.
        microsoft: routes from Microsoft, which are not judged.
        from_microsoft: how many of them there are on a session, where all of them are shown.
        unmapped_peers: peers that belong to no session, with their number of routes; those with
            most routes, see `KEPT`.
        error: why it could not be read at all, None if it could.
        remarks: what else a user has to know about it.
        first: the time of its first record, by the header; None if it is not known.
        last: the time of its last record; None if it is not known, or is in the future.
        age_seconds: how long before the report that was; None if it is not known.
        is_too_old: whether something in it is older than evidence may be, and decides nothing.
        is_in_future: whether its last record is of a time after the report's, so that its time
            is not known.
        snapshots: how many snapshots of tables are in it.
        replaced: the times of those that a later one of the same table replaces, see `KEPT`.
        swapped: sessions whose two addresses seem to be declared the wrong way round, each with
            the peer that says so.
        coverages: whether it shows all routes of each of `views`, in their order.
        more_unmapped_peers: how many more peers belong to no session than are named.
        more_replaced: how many more snapshots are replaced than are named.
    """

    name: str
    views: tuple[tuple[str, View], ...]
    coverage: Coverage
    quality: Quality
    microsoft: int = 0
    from_microsoft: tuple[tuple[str, int], ...] = ()
    unmapped_peers: tuple[tuple[str, int], ...] = ()
    error: str | None = None
    remarks: tuple[str, ...] = ()
    first: datetime | None = None
    last: datetime | None = None
    age_seconds: int | None = None
    is_too_old: bool = False
    is_in_future: bool = False
    snapshots: int = 0
    replaced: tuple[datetime, ...] = ()
    swapped: tuple[tuple[str, str], ...] = ()
    coverages: tuple[Coverage, ...] = ()
    more_unmapped_peers: int = 0
    more_replaced: int = 0

    @property
    def is_sound(self) -> bool:
        """Whether everything in it could be read."""
        return self.error is None and not self.quality.is_damaged

    @property
    def shows_a_session(self) -> bool:
        """Whether a session of the inventory is in it, in a peer table or by a route."""
        return bool(self.views or self.microsoft)

    @property
    def view(self) -> View | None:
        """The view that proves most among those of its sessions, None without sessions."""
        views = [view for _, view in self.views]
        return min(views, key=BEST_VIEW_FIRST.index, default=None)


def kept_unmapped_peers(routes: Mapping[str, int]) -> tuple[tuple[tuple[str, int], ...], int]:
    """Return the peers with most routes, in their order, and how many others there are.

    Args:
        routes: by the name of the peer.
    """
    if len(routes) <= KEPT:
        return tuple(routes.items()), 0
    most = sorted(routes, key=lambda name: -routes[name])[:KEPT]
    chosen = frozenset(most)
    return tuple(each for each in routes.items() if each[0] in chosen), len(routes) - KEPT


class SourceReading(NamedTuple):
    """What one source says: what every reader of a kind of source returns.

    Attributes:
        summary: what became of the source as a whole.
        sessions: its routes, by the id of the session; several sources if it shows several views.
    """

    summary: SourceSummary
    sessions: Mapping[str, tuple[SessionSource, ...]]
