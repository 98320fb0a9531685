"""What the events of one message have in common."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address

import attrs

from peerlint.events import Announce, EndOfRib, Gap, SessionDown, SessionUp, TableRef, Withdraw
from peerlint.model import Prefix, Route, View


@attrs.frozen
class EventContext:
    """What the events of one message have in common; its methods make them.

    Attributes:
        feed: the feed's name.
        router: the router's or collector's name.
        table: the table.
        time: when the message arrived, in microseconds since 1970.
        header_time: when it was sent, by the sender's clock.
    """

    feed: str
    router: str
    table: TableRef
    time: int
    header_time: int | None = None

    def announce(self, route: Route, *, shows_other_communities: bool = True) -> Announce:
        """Return an announcement."""
        return Announce(
            feed=self.feed,
            router=self.router,
            table=self.table,
            time=self.time,
            header_time=self.header_time,
            route=route,
            shows_other_communities=shows_other_communities,
        )

    def withdraw(self, prefix: Prefix, path_id: int | None = None) -> Withdraw:
        """Return a withdrawal."""
        return Withdraw(
            feed=self.feed,
            router=self.router,
            table=self.table,
            time=self.time,
            header_time=self.header_time,
            prefix=prefix,
            path_id=path_id,
        )

    def up(
        self,
        *,
        local: IPv4Address | IPv6Address | None = None,
        local_asn: int | None = None,
        peer_asn: int | None = None,
        restart_time: int | None = None,
    ) -> SessionUp:
        """Return the start of a session, which empties all tables of the peer."""
        return SessionUp(
            feed=self.feed,
            router=self.router,
            table=self._all_tables,
            time=self.time,
            header_time=self.header_time,
            local=local,
            local_asn=local_asn,
            peer_asn=peer_asn,
            restart_time=restart_time,
        )

    def down(self, reason: str = "", *, is_restart_possible: bool = True) -> SessionDown:
        """Return the end of a session, which withdraws all routes of the peer."""
        return SessionDown(
            feed=self.feed,
            router=self.router,
            table=self._all_tables,
            time=self.time,
            header_time=self.header_time,
            reason=reason,
            is_restart_possible=is_restart_possible,
        )

    def end_of_rib(self, family: int) -> EndOfRib:
        """Return the end of the first announcements of a table."""
        return EndOfRib(
            feed=self.feed,
            router=self.router,
            table=self.table,
            time=self.time,
            header_time=self.header_time,
            family=family,
        )

    def gap(self, reason: str) -> Gap:
        """Return a gap in all tables of the peer."""
        return Gap(
            feed=self.feed,
            router=self.router,
            table=self._all_tables,
            time=self.time,
            header_time=self.header_time,
            reason=reason,
        )

    @property
    def _all_tables(self) -> TableRef:
        """All tables of the peer. A collector has one, and says so: its session is another one."""
        if self.table.view is View.COLLECTOR:
            return self.table
        return attrs.evolve(self.table, view=None, is_post_policy=False)
