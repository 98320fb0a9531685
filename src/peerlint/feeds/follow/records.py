"""The events of the records of one router's MRT files."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

import attrs

from peerlint.elements import Element, Kind, elements_of
from peerlint.events import Event, SessionDown, SessionUp, TableRef
from peerlint.feeds.event_context import EventContext
from peerlint.model import View
from peerlint.wire.bgp import Notification, Open, Update
from peerlint.wire.end_of_rib import end_of_rib
from peerlint.wire.graceful_restart import NO_RESTART, RestartTerms, restart_only
from peerlint.wire.mrt import Bgp4mpMessage, Peer, PeerIndexTable, Rib, StateChange
from peerlint.wire.notification_names import notification_text
from peerlint.wire.reach import IPAddress
from peerlint.wire.reader import Record

_UNICAST: Final = 1
_FAMILIES: Final = (4, 6)
#: States of a session (RFC 4271 section 8.2.2); the last two are those of Quagga and FRRouting.
_STATES: Final = (
    "Idle", "Connect", "Active", "OpenSent", "OpenConfirm", "Established", "Clearing", "Deleted",
)  # fmt: skip
_ESTABLISHED: Final = 6


@attrs.define
class Records:
    """The state of one router's sessions: records in, events out.

    Attributes:
        feed: the feed's name.
        router: the router's name.
        now: the clock, in microseconds since 1970.
        view: where the routes are observed; None if it is not known. Messages that the router sent
            are of the view `sent`.
    """

    feed: str
    router: str
    now: Callable[[], int]
    view: View | None = None
    _up: dict[IPAddress, TableRef] = attrs.Factory(dict)
    #: The OPENs that came from peers whose session is not up yet, and the last ones sent to them.
    _opens: dict[IPAddress, Open] = attrs.Factory(dict)
    _sent_opens: dict[IPAddress, Open] = attrs.Factory(dict)
    #: What is agreed about restarts of the peers that are up.
    _terms: dict[IPAddress, RestartTerms] = attrs.Factory(dict)
    _tables: set[tuple[object, str]] = attrs.Factory(set)
    _families: set[int] = attrs.Factory(set)
    _others: bool = False

    def begin(self) -> None:
        """Forget the sessions: tables come next that say which of them are up.

        What was agreed about restarts stays, because a table does not say it.
        """
        for each in (self._up, self._opens, self._sent_opens):
            each.clear()

    def begin_table(self) -> None:
        """Prepare for a file with a table."""
        self._tables.clear()
        self._families.clear()
        self._others = False

    def end_table(self, time: int) -> Iterator[Event]:
        """Say that the tables of all peers are complete, by the last record of a file.

        A table says something about the families of which it has a record; about all families if
        it has no record.
        """
        if not self._families and self._others:
            return
        for table in self._up.values():
            for family in sorted(self._families or _FAMILIES):
                yield self._context(self._in_view(table), time).end_of_rib(family)

    def table(self, record: Record) -> Iterator[Event]:
        """Yield the events of a record of a table.

        Each peer of the table is a session that is up. A later snapshot of a table in one file
        replaces the earlier one.
        """
        body = record.body
        if isinstance(body, PeerIndexTable):
            key = (body.collector_id, body.view)
            if key in self._tables:
                for peer in body.peers:
                    self._up.pop(peer.address, None)
                self._families.clear()
            self._tables.add(key)
            for peer in body.peers:
                yield from self.begin_session(peer, record.header.timestamp)
            return
        if isinstance(body, Rib):
            self.note_family(body.safi, body.nlri.prefix.family)
        for element in elements_of(record):
            yield from self.begin_session(element.peer, element.header.timestamp)
            if element.nlri is not None and element.safi is not None:
                self.note_family(element.safi, element.nlri.prefix.family)
            yield from self._element(element)

    def note_family(self, safi: int, family: int) -> None:
        """Note that a table has a record of an address family."""
        if safi == _UNICAST:
            self._families.add(family)
        else:
            self._others = True

    def message(self, record: Record, *, is_damaged: bool) -> Iterator[Event]:
        """Yield the events of a message or of a change of a session's state.

        Args:
            record: the record.
            is_damaged: whether something was lost since the record before it.
        """
        body, time = record.body, record.header.timestamp
        if isinstance(body, StateChange):
            yield from self._state(body, time)
            return
        if not isinstance(body, Bgp4mpMessage):
            return
        if isinstance(record.message, Update):
            if body.peer not in self._up and body.peer in self._opens:
                yield self._session_up(body, time)
            for element in elements_of(record):
                yield from self._element(element)
            family = None if is_damaged else end_of_rib(record.message)
            if family is not None:
                table = self._in_view(_peer(body.peer, body.peer_asn), is_sent=body.local)
                yield self._context(table, time).end_of_rib(family)
        elif isinstance(record.message, Open):
            if body.local:
                self._sent_opens[body.peer] = restart_only(record.message)
                return
            yield from self._down(body, time, "the peer opened a session again")
            self._opens[body.peer] = restart_only(record.message)
        elif isinstance(record.message, Notification):
            who = "router" if body.local else "peer"
            can_restart = self._terms.get(body.peer, NO_RESTART).allow(record.message)
            reason = f"the {who} sent {notification_text(record.message)}"
            yield from self._down(body, time, reason, is_restart_possible=can_restart)

    def begin_session(self, peer: Peer, time: int) -> Iterator[Event]:
        """Yield a `SessionUp` for a peer of a table unless it is up."""
        if peer.address in self._up:
            return
        table = self._up[peer.address] = TableRef(peer.address, peer.known_asn)
        terms = self._terms.get(peer.address, NO_RESTART)
        yield self._context(table, time).up(restart_time=terms.time)

    def _state(self, change: StateChange, time: int) -> Iterator[Event]:
        if change.new == _ESTABLISHED:
            yield self._session_up(change, time)
            return
        number = change.new - 1
        name = _STATES[number] if 0 <= number < len(_STATES) else f"number {change.new}"
        was_up = change.old == _ESTABLISHED or change.peer in self._up
        if was_up:
            yield self._session_down(change, time, f"its state became {name}")

    def _down(
        self, body: Bgp4mpMessage, time: int, reason: str, *, is_restart_possible: bool = True
    ) -> Iterator[Event]:
        self._opens.pop(body.peer, None)
        if body.peer in self._up:
            down = self._session_down(body, time, reason)
            yield attrs.evolve(down, is_restart_possible=is_restart_possible)

    def _session_down(
        self, body: Bgp4mpMessage | StateChange, time: int, reason: str
    ) -> SessionDown:
        self._up.pop(body.peer, None)
        self._terms.pop(body.peer, None)
        return self._context(_peer(body.peer, body.peer_asn), time).down(reason)

    def _session_up(self, body: Bgp4mpMessage | StateChange, time: int) -> SessionUp:
        table = self._up[body.peer] = _peer(body.peer, body.peer_asn)
        opens = self._opens.pop(body.peer, None), self._sent_opens.get(body.peer)
        terms = self._terms[body.peer] = RestartTerms.of(*opens)
        return self._context(table, time).up(
            local=body.local_address,
            local_asn=body.local_asn,
            peer_asn=body.peer_asn,
            restart_time=terms.time,
        )

    def _element(self, element: Element) -> Iterator[Event]:
        if element.safi != _UNICAST or element.nlri is None:
            return
        peer = TableRef(element.peer.address, element.peer.known_asn)
        table = self._in_view(peer, is_sent=element.sent)
        context = self._context(table, element.header.timestamp)
        if element.attributes is None:
            yield context.withdraw(element.nlri.prefix, element.nlri.path_id)
            return
        in_rib = element.kind is Kind.RIB
        yield context.announce(element.attributes.route(element.nlri, context.time, in_rib=in_rib))

    def _context(self, table: TableRef, time: int) -> EventContext:
        """Return what the events of a record have in common; none is from the future."""
        return EventContext(self.feed, self.router, table, min(time, self.now()), time)

    def _in_view(self, table: TableRef, *, is_sent: bool = False) -> TableRef:
        """Return the table of a peer in the view that its routes are observed in."""
        return attrs.evolve(table, view=View.SENT if is_sent else self.view)


def _peer(address: IPAddress, asn: int) -> TableRef:
    """Return all tables of a peer."""
    return TableRef(address, Peer(address, asn).known_asn)
