"""Read one router's stream, and say which routes become events."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

import attrs

from peerlint.bulk import BmpReader, Kind, RouteBatch, RouteBudget
from peerlint.events import Announce, OtherRoutes, TableRef, Withdraw
from peerlint.feeds.bmp.selection import RouteSelection
from peerlint.feeds.bmp.updates import table_of
from peerlint.feeds.event_context import EventContext
from peerlint.model import Criteria, View, Viewpoint
from peerlint.wire.bgp import Update
from peerlint.wire.bmp import PeerHeader, Record

_UNICAST: Final = 1
#: Any one: events have paths as they are.
_VIEWPOINT: Final = Viewpoint(View.RECEIVED)
_BEFORE: Final = (0, False)
#: The maximum number of tables of a router: thousands of peers with all of their views.
MAX_TABLES: Final = 1 << 15
#: The number of unwatched tables of a router that are counted apart.
_MAX_UNWATCHED: Final = 1024
#: Numbers of announcements and withdrawals by table; those of further tables at None.
UnwatchedCounts = dict[TableRef | None, int]


class SelectedRoutes:
    """The routes of a stream that become events, and the counts of the other ones.

    Attributes:
        reader: what reads the stream.
    """

    def __init__(
        self,
        router: str,
        feed: str,
        selection: RouteSelection,
        begins: Callable[[PeerHeader], bool],
        *,
        budget: RouteBudget,
        unwatched: UnwatchedCounts,
        max_message: int,
        max_peers: int,
    ) -> None:
        """Prepare for the first octets.

        Args:
            router: what events call the router.
            feed: the feed's name.
            selection: which routes become events.
            begins: called at the first plain UPDATE of a table; returns False if it is too much.
            budget: how many other routes are counted.
            unwatched: where updates of tables that are not watched are counted.
            max_message: the maximum length of a message.
            max_peers: the maximum number of peers that are up.
        """
        self._router, self._feed = router, feed
        self._selection, self._begins = selection, begins
        self._unwatched = unwatched
        self._watched: dict[TableRef, bool] = {}
        #: What has changed of other routes, by table and family; no event is about it yet.
        self._others: dict[tuple[int, int], tuple[int | None, bool]] = {}
        #: By index into the tables of the reader: the table, and the first index that it has.
        self._refs: list[TableRef] = []
        self._firsts: list[int] = []
        self._first_of: dict[TableRef, int] = {}
        self.reader = BmpReader(
            source=router,
            viewpoint=self._viewpoint,
            criteria=Criteria(community=selection.community),
            prefix_filter=selection.prefix_filter,
            budget=budget,
            max_message=max_message,
            max_peers=max_peers,
            max_tables=MAX_TABLES,
        )

    def watches(self, table: TableRef) -> bool:
        """Return whether the routes of a table are wanted."""
        found = self._watched.get(table)
        if found is None:
            found = self._watched[table] = self._selection.watches(self._router, table)
        return found

    def _viewpoint(self, header: PeerHeader) -> Viewpoint | None:
        if not self._begins(header):
            self.reader.stop()
            return None
        return _VIEWPOINT if self.watches(table_of(header)) else None

    # -- events

    def of_rows(
        self, batch: RouteBatch, time: int
    ) -> Iterator[tuple[PeerHeader, Announce | Withdraw]]:
        """Yield the events of rows, each with the header of its table.

        Args:
            batch: the rows; their times are those of the headers.
            time: when they arrived.
        """
        self._name_tables()
        tables = self.reader.tables
        columns = (batch.rows[name].tolist() for name in ("kind", "safi", "peer", "timestamp"))
        routes = batch.routes(time=time)
        for route, kind, safi, peer, sent in zip(routes, *columns, strict=True):
            if safi != _UNICAST:
                continue
            context = EventContext(self._feed, self._router, self._refs[peer], time, sent or None)
            if kind == Kind.WITHDRAW:
                yield tables[peer], context.withdraw(route.prefix, route.path_id)
            else:
                yield tables[peer], context.announce(route)

    def of_update(
        self, update: Update, header: PeerHeader, context: EventContext
    ) -> Iterator[Announce | Withdraw]:
        """Yield the events of an UPDATE that is no row.

        Withdrawals come before announcements: a prefix that is in both fields is announced (RFC
        4271 section 4.3).
        """
        for nlri, safi in update.all_withdrawn:
            if safi == _UNICAST and self.reader.shows(header, nlri, tagged=False, gone=True):
                yield context.withdraw(nlri.prefix, nlri.path_id)
        attributes = update.attributes
        is_tagged = self._selection.is_tagged(attributes)
        in_rib = header.is_loc_rib
        is_gone = bool(attributes.withdrawn_for(in_rib=in_rib))
        for nlri, safi in update.announced:
            if safi == _UNICAST and self.reader.shows(header, nlri, tagged=is_tagged, gone=is_gone):
                yield context.announce(attributes.route(nlri, context.time, in_rib=in_rib))

    # -- counts

    def count_unwatched(self, table: TableRef, entries: int) -> None:
        """Count announcements and withdrawals in a table that is not watched."""
        is_named = table in self._unwatched or len(self._unwatched) < _MAX_UNWATCHED
        key = table if is_named else None
        self._unwatched[key] = self._unwatched.get(key, 0) + entries

    def take_messages(self) -> Iterator[tuple[PeerHeader, int]]:
        """Yield for how many messages no record was made, by table."""
        changes = self.reader.take_changes()
        if changes:
            self._name_tables()
        for change in changes:
            table = self._refs[change.table]
            if not change.others and not self.watches(table):
                self.count_unwatched(table, change.entries)
            for family, (routes, is_grown) in change.others.items():
                key = (self._firsts[change.table], family)
                _, was_grown = self._others.get(key, _BEFORE)
                self._others[key] = (routes, is_grown or was_grown)
            if change.messages:
                yield self.reader.tables[change.table], change.messages

    def _name_tables(self) -> None:
        """Note the tables of the reader that are new."""
        for header in self.reader.tables[len(self._refs) :]:
            table = table_of(header)
            # Equal but for AS numbers and flags, which no count depends on.
            same = attrs.evolve(table, asn=None)
            self._firsts.append(self._first_of.setdefault(same, len(self._refs)))
            self._refs.append(table)

    def others(self, time: int) -> Iterator[OtherRoutes]:
        """Yield what has changed of other routes since the last call."""
        changed, self._others = self._others, {}
        for (index, family), (routes, is_grown) in changed.items():
            yield OtherRoutes(
                feed=self._feed,
                router=self._router,
                table=self._refs[index],
                time=time,
                family=family,
                routes=routes,
                is_grown=is_grown,
            )

    def forget(self, header: PeerHeader, table: TableRef) -> None:
        """Count the other routes of tables again, which are empty now."""

        def is_meant(view: View, is_post_policy: bool) -> bool:  # noqa: FBT001  # a key
            return table.covers(attrs.evolve(table, view=view, is_post_policy=is_post_policy))

        self.reader.forget(header, is_meant)


def entries_of(record: Record) -> int:
    """Return the number of announcements and withdrawals of a record."""
    update = record.update
    return 0 if update is None else len(update.announced) + len(update.all_withdrawn)
