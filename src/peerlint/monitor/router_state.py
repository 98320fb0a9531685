"""What is known of one router of a live feed: its tables, and why its events may be missing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import attrs

from peerlint.events import IPAddress, TableRef
from peerlint.model import Prefix, Route, View

#: How many gaps of a router are named; all of them are counted.
_MAX_GAPS: Final = 10
#: How many names of tables are known besides two for each table: a feed may change AS numbers.
_MAX_KNOWN: Final = 64
#: Address and instance of a peer, view and policy.
_TableKey = tuple[IPAddress, int, View | None, bool]
#: The view and policy of the tables that a peer may have; no view if the feed does not know it.
_TABLE_KINDS: Final = tuple((view, policy) for view in (None, *View) for policy in (False, True))


@attrs.frozen
class FeedRoute:
    """A route of a table.

    Attributes:
        route: the route.
        record: the number of its event.
        shows_other_communities: see `Announce`.
    """

    route: Route
    record: int
    shows_other_communities: bool


@attrs.define(eq=False)
class FeedTable:
    """One table of a peer.

    Attributes:
        ref: the table.
        routes: the routes that are kept, by prefix and path identifier.
        announced: the number of announcements, of all routes.
        gap: the number of the last event that was a gap of the table.
        cleared: how often all of its routes went at once.
    """

    ref: TableRef
    routes: dict[tuple[Prefix, int | None], FeedRoute] = attrs.Factory(dict)
    announced: int = 0
    gap: int = 0
    cleared: int = 0

    @property
    def certain_routes(self) -> Iterator[FeedRoute]:
        """The routes that came after the last gap: an older one may have been withdrawn in it.

        If one path to a prefix is older, it is not known which paths the prefix has.
        """
        doubtful = {key[0] for key, each in self.routes.items() if each.record <= self.gap}
        return (each for key, each in self.routes.items() if key[0] not in doubtful)


@attrs.define(eq=False)
class GapCounts:
    """Why events may be missing.

    Attributes:
        by_reason: the number of gaps, for the first ten reasons.
        more: the number of gaps for further reasons.
    """

    by_reason: dict[str, int] = attrs.Factory(dict)
    more: int = 0

    def add(self, reason: str) -> None:
        """Note that events may be missing."""
        if reason in self.by_reason or len(self.by_reason) < _MAX_GAPS:
            self.by_reason[reason] = self.by_reason.get(reason, 0) + 1
        else:
            self.more += 1


@attrs.define(eq=False)
class FeedRouterState:
    """What is known of a router of a feed.

    Attributes:
        first: when its first event came, in microseconds.
        last: when its last event came.
        events: the number of its events.
        announced: the number of announcements.
        malformed: how many of them are malformed.
        gaps: why its events may be missing.
        lost: why the feed or the router's connection is lost; None if it is not.
        tables: its tables, by peer, instance, view and policy. As of `TableRef.covers`, no AS
            number: a feed may say it in some events only.
    """

    first: int
    last: int
    events: int = 0
    announced: int = 0
    malformed: int = 0
    gaps: GapCounts = attrs.Factory(GapCounts)
    lost: str | None = None
    tables: dict[_TableKey, FeedTable] = attrs.Factory(dict)
    #: The tables as events name them, with the AS number.
    _known: dict[TableRef, FeedTable] = attrs.Factory(dict)

    def table(self, ref: TableRef) -> FeedTable:
        """Return a table, which may be a new one."""
        known = self._known.get(ref)  # the hash of a `TableRef` is kept, that of an address is not
        if known is not None and (known.ref is ref or ref.asn is None):
            return known
        found = self._found(ref)
        if len(self._known) > _MAX_KNOWN + 2 * len(self.tables):
            self._known.clear()
        self._known[ref] = found
        return found

    def _found(self, ref: TableRef) -> FeedTable:
        key = ref.peer, ref.distinguisher, ref.view, ref.is_post_policy
        found = self.tables.get(key)
        if found is None:
            found = self.tables[key] = FeedTable(ref)
        elif ref.asn is not None:
            found.ref = ref
        return found

    def covered(self, ref: TableRef) -> Iterator[FeedTable]:
        """Yield the known tables that are this one, or all of the peer if its view is None."""
        for view, is_post_policy in (
            _TABLE_KINDS if ref.view is None else [(ref.view, ref.is_post_policy)]
        ):
            found = self.tables.get((ref.peer, ref.distinguisher, view, is_post_policy))
            if found is not None:
                yield found
