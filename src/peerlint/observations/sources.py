"""What one source shows: of one session, and as a whole."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final, NamedTuple

import attrs

from peerlint.bulk import Quality
from peerlint.model import View
from peerlint.observations.coverage import BEST_VIEW_FIRST, Coverage
from peerlint.observations.observation import Observation
from peerlint.observations.route_columns import RouteColumns
from peerlint.observations.route_table import RouteTable
from peerlint.observations.session_records import SessionRecords
from peerlint.observations.session_routes import SessionCounts, SessionRoutes

#: How many peers without a session, and how many replaced snapshots, a summary lists; the others
#: are counted. A dump can have millions of either.
KEPT: Final = 1_000


def _as_session_routes(observations: SessionRoutes | Iterable[Observation]) -> SessionRoutes:
    if isinstance(observations, (RouteColumns, RouteTable)):
        return observations
    return RouteColumns.of(observations)


@attrs.frozen
class SessionSource:
    """What one source shows of one session.

    Attributes:
        source: the name of the dump, export or feed.
        view: the view in which its routes were seen.
        coverage: whether it shows all of the session's routes.
        counts: how many routes there are.
        observations: the routes that a check needs, in the order of the source.
        truncated: whether it is an export of Azure's that stops before its end.
        last: the time of its last record, by the record's header; None if it is not known.
        is_too_old: whether it is older than evidence may be, so that it decides nothing.
        files: the names of the dumps, if it is made of several.
        is_live: whether it is a live feed.
        records: its records, until it is joined with those of other dumps of the session.
    """

    source: str
    view: View
    coverage: Coverage
    counts: SessionCounts
    observations: SessionRoutes = attrs.field(
        factory=lambda: RouteColumns.of(()), converter=_as_session_routes
    )
    truncated: bool = False
    last: datetime | None = None
    is_too_old: bool = False
    files: tuple[str, ...] = ()
    is_live: bool = False
    records: SessionRecords | None = attrs.field(default=None, eq=False, repr=False)

    @property
    def columns(self) -> RouteColumns:
        """The observations as columns; a live feed has none.

        Raises:
            TypeError: the source is a live feed.
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
    """What one dump or export shows as a whole.

    Attributes:
        name: its name as the user wrote it.
        views: each session in it, by id, with the view in which its routes were seen.
        coverage: the best coverage of any session.
        quality: how well it could be read.
        microsoft: the number of routes from Microsoft, to which no rule applies.
        from_microsoft: their number for each session, by id; only sessions for which the dump
            shows all of them.
        unmapped_peers: peers that belong to no session, with their number of routes; those with
            most routes, see `KEPT`.
        error: why it could not be read at all; None if it could.
        remarks: what else a user has to know about it, one sentence each.
        first: the time of its first record, by the record's header; None if it is not known.
        last: the time of its last record; None if it is not known or in the future.
        age_seconds: the seconds from `last` to the time of the check; None if `last` is not known.
        is_too_old: whether a session's source in it is older than evidence may be, so that it
            decides nothing.
        is_in_future: whether its last record is later than the check, so that its time counts as
            not known.
        snapshots: how many snapshots of tables are in it.
        replaced: the times of snapshots that a later snapshot of the same table replaces, see
            `KEPT`.
        swapped: sessions whose two addresses seem to be swapped, by id, each with a sentence that
            names the peer.
        coverages: the coverage of each of `views`, in their order.
        more_unmapped_peers: how many peers without a session are not in `unmapped_peers`.
        more_replaced: how many replaced snapshots are not in `replaced`.
        is_live: whether it is a live feed, whose octets are not counted.
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
    is_live: bool = False

    @property
    def is_sound(self) -> bool:
        """Whether everything in it could be read."""
        is_read = self.is_live or not self.quality.is_damaged
        return self.error is None and is_read

    @property
    def shows_a_session(self) -> bool:
        """Whether a peer table or a route in it belongs to a session of the inventory."""
        return bool(self.views or self.microsoft)

    @property
    def view(self) -> View | None:
        """The view of its sessions that proves most; None without sessions."""
        views = [view for _, view in self.views]
        return min(views, key=BEST_VIEW_FIRST.index, default=None)


def kept_unmapped_peers(routes: Mapping[str, int]) -> tuple[tuple[tuple[str, int], ...], int]:
    """Return the peers with most routes, and how many others there are.

    Args:
        routes: the number of routes, by the name of the peer.

    Returns:
        At most `KEPT` pairs of name and number, in the order of `routes`, and the number of peers
        that are left out.
    """
    if len(routes) <= KEPT:
        return tuple(routes.items()), 0
    most = sorted(routes, key=lambda name: -routes[name])[:KEPT]
    chosen = frozenset(most)
    return tuple(each for each in routes.items() if each[0] in chosen), len(routes) - KEPT


class SourceReading(NamedTuple):
    """What one source shows; the readers of all kinds of sources return it.

    Attributes:
        summary: what became of the source as a whole.
        sessions: its routes, by the session's id; several sources if it shows several views.
    """

    summary: SourceSummary
    sessions: Mapping[str, tuple[SessionSource, ...]]
