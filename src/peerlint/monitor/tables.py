"""The tables of peers, and from when on events about them may be missing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import attrs

from peerlint.bulk import RouteBudget
from peerlint.events import IPAddress, TableEvent, TableRef
from peerlint.model import View
from peerlint.monitor.held_routes import HeldRoutes
from peerlint.monitor.table_state import FamilyState

FAMILIES: Final = (4, 6)
#: How many tables are found by what events call them.
_MAX_TABLES: Final = 1 << 14
#: View and policy, which tell the tables of one peer apart.
TableKind = tuple[View | None, bool]
#: Feed, router, address and instance of a peer. As of `TableRef.covers`, no AS number.
_PeerKey = tuple[str, str, IPAddress, int]


@attrs.define
class Gaps:
    """The last gap of something, and when everything was sent again; both by number of the event.

    Attributes:
        gap: the number of the event; 0 if there was none.
        reason: why it is a gap.
        restart: the number of the event; 0 if there was none.
    """

    gap: int = 0
    reason: str = ""
    restart: int = 0


@attrs.define(eq=False)
class Table:
    """One table of one peer.

    Attributes:
        ref: the table.
        families: what is known of its address families.
        gaps: its gaps.
        is_seen: whether a message was about it since its session started.
        is_down: whether its session is down.
        is_filtered: whether the router does not send all of its routes.
        changed: when the last route came or went, in microseconds.
    """

    ref: TableRef
    families: dict[int, FamilyState]
    gaps: Gaps = attrs.Factory(Gaps)
    is_seen: bool = False
    is_down: bool = False
    is_filtered: bool = False
    changed: int = 0

    def restart(self) -> None:
        """Note that all routes are gone."""
        for each in self.families.values():
            each.restart()

    def set_back(self, time: int) -> None:
        """Note that the clock was set back: what changed after a time has changed just now."""
        self.changed = min(self.changed, time)
        for each in self.families.values():
            each.set_back(time)


@attrs.define(eq=False)
class Peer:
    """One peer of a router.

    Attributes:
        gaps: its gaps.
        is_filtered: whether the router does not send all routes of its tables.
        tables: its tables by view and policy.
    """

    gaps: Gaps = attrs.Factory(Gaps)
    is_filtered: bool = False
    tables: dict[TableKind, Table] = attrs.Factory(dict)

    def table(self, ref: TableRef, budget: RouteBudget) -> Table:
        """Return a table, which may be a new one."""
        found = self.tables.get(kind_of(ref))
        if found is None:
            families = {each: FamilyState(HeldRoutes(budget)) for each in FAMILIES}
            found = self.tables[kind_of(ref)] = Table(ref, families, is_filtered=self.is_filtered)
        return found

    def covered(self, ref: TableRef) -> Iterator[Table]:
        """Yield the known tables that are this one, or all of them if its view is None."""
        return (each for each in self.tables.values() if ref.covers(each.ref))


class Peers:
    """The peers of all routers and feeds."""

    def __init__(self) -> None:
        """Start without peers."""
        self._peers: dict[_PeerKey, Peer] = {}
        #: Tables by router as events name them: the hash of a `TableRef` is kept.
        self._tables: dict[tuple[str, str, TableRef], Table] = {}

    def get(self, feed: str, router: str, table: TableRef) -> Peer | None:
        """Return the peer of a table; None if nothing is known of it."""
        return self._peers.get((feed, router, table.peer, table.distinguisher))

    def get_or_add(self, feed: str, router: str, table: TableRef) -> Peer:
        """Return the peer of a table, which may be a new one."""
        key = (feed, router, table.peer, table.distinguisher)
        found = self._peers.get(key)
        if found is None:
            found = self._peers[key] = Peer()
        return found

    def of(self, event: TableEvent) -> Peer:
        """Return the peer that an event is about, which may be a new one."""
        return self.get_or_add(event.feed, event.router, event.table)

    def table(self, event: TableEvent, budget: RouteBudget) -> Table:
        """Return the table that an event is about, which may be a new one."""
        key = event.feed, event.router, event.table
        found = self._tables.get(key)
        if found is None:
            if len(self._tables) >= _MAX_TABLES:
                self._tables.clear()
            found = self._tables[key] = self.of(event).table(event.table, budget)
        return found

    def tables(self) -> Iterator[tuple[str, Table]]:
        """Yield every table with its router."""
        for key, peer in self._peers.items():
            for table in peer.tables.values():
                yield key[1], table

    def restart(self, feed: str, router: str | None) -> None:
        """Note that a router, or all of a feed, sends everything again.

        What did not come since it did so last is not waited for any more.
        """
        self._tables.clear()
        for key, peer in list(self._peers.items()):
            if key[0] != feed or router not in (None, key[1]):
                continue
            peer.tables = {kind: table for kind, table in peer.tables.items() if table.is_seen}
            for table in peer.tables.values():
                table.restart()
                table.is_seen = table.is_down = False
            if not peer.tables:
                del self._peers[key]


def kind_of(table: TableRef) -> TableKind:
    """Return view and policy of a table."""
    return table.view, table.is_post_policy
