"""Turn the octets of one router's BMP stream into events, without sockets."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import attrs

from peerlint.bulk import RouteBatch, RouteBudget
from peerlint.events import Announce, Event, Gap, SessionDown, SessionUp, Statistics, TableRef
from peerlint.feeds.bmp.peers import Peer, tables_of
from peerlint.feeds.bmp.reasons import down_reason, is_restart_possible, termination_reason
from peerlint.feeds.bmp.remarks import Remark, RemarkCounts, RemarkKind
from peerlint.feeds.bmp.routes import MAX_TABLES, SelectedRoutes, UnwatchedCounts, entries_of
from peerlint.feeds.bmp.selection import EVERYTHING, RouteSelection
from peerlint.feeds.bmp.updates import all_tables_of, table_of, without_own_as
from peerlint.feeds.event_context import EventContext
from peerlint.model import View
from peerlint.wire.bgp import Update
from peerlint.wire.bmp import (
    MAX_MESSAGE,
    MAX_PEERS,
    Initiation,
    MirroringInformation,
    PeerDown,
    PeerDownReason,
    PeerHeader,
    PeerKey,
    PeerUp,
    Record,
    RouteMirroring,
    RouteMonitoring,
    StatisticsReport,
    Termination,
    peer_key,
)
from peerlint.wire.end_of_rib import end_of_rib
from peerlint.wire.graceful_restart import NO_RESTART, RestartTerms

#: The maximum length of a name (sysName, RFC 3418).
_MAX_NAME: Final = 255
_PATH_IDS: Final = "its UPDATEs have path identifiers, which its Peer Up does not say"
_NO_PATH_IDS: Final = "its UPDATEs have no path identifiers, which its Peer Up says"
_OTHER_VERSION: Final = "messages of another BMP version may hide routes"
#: Bodies whose unreadable parts cannot hide a route or the state of a session.
_WITHOUT_ROUTES: Final = (Initiation, Termination, StatisticsReport, RouteMirroring, PeerDown)
_NO_PEER: Final = Peer()


class RouterStream:
    """The state of one connection of a router: octets in, events out.

    The events do not depend on the pieces in which the octets arrive, except that there is an
    `OtherRoutes` after each piece that is fed. What its last ones before a Statistics and an
    EndOfRib say does not depend on pieces either.

    Attributes:
        unwatched: the numbers of announcements and withdrawals in tables that the selection leaves
            out; at None those of all tables beyond the first 1,024.
        name: the router's name by its Initiation (sysName); None if it has not said it. Nothing
            proves it.
        ended: why the router ends the stream; None if it has not said so.
        refused: why the stream cannot be read any further; None if it can.
    """

    def __init__(
        self,
        router: str,
        *,
        feed: str = "bmp",
        max_message: int = MAX_MESSAGE,
        max_peers: int = MAX_PEERS,
        remarks: RemarkCounts | None = None,
        selection: RouteSelection | None = None,
        budget: RouteBudget | None = None,
        unwatched: UnwatchedCounts | None = None,
    ) -> None:
        """Prepare for the first octets.

        Args:
            router: what events call the router.
            feed: the feed's name.
            max_message: the maximum length of a message.
            max_peers: the maximum number of peers.
            remarks: where remarks are counted, those of earlier connections too.
            selection: which routes become events; None for all.
            budget: how many routes that do not become events are counted, which several streams may
                share; None for `MAX_COUNTED` of this stream.
            unwatched: where updates of tables that the selection leaves out are counted, those of
                earlier connections too.
        """
        self.name: str | None = None
        self.ended: str | None = None
        self.refused: str | None = None
        self._router, self._feed = router, feed
        self._max_peers = max_peers
        self.unwatched: UnwatchedCounts = {} if unwatched is None else unwatched
        self._routes = SelectedRoutes(
            router,
            feed,
            EVERYTHING if selection is None else selection,
            self._table_begins,
            budget=RouteBudget() if budget is None else budget,
            unwatched=self.unwatched,
            max_message=max_message,
            max_peers=max_peers + 1,
        )
        self._reader = self._routes.reader
        self._peers: dict[PeerKey, Peer] = {}
        self._remarks = RemarkCounts() if remarks is None else remarks
        self._damages = self._hiding = self._skipped = 0
        #: Whether reading stopped before a message, because of a limit.
        self._is_cut_off = False

    @property
    def remarks(self) -> tuple[Remark, ...]:
        """What is unusual so far."""
        return self._remarks.all

    @property
    def pending(self) -> int:
        """The number of octets of a message that has not arrived completely."""
        return self._reader.pending

    def feed(self, octets: bytes, time: int) -> Iterator[Event]:
        """Take octets, and yield the events of the messages complete by them.

        Args:
            octets: the octets that arrived.
            time: when, in microseconds since 1970.
        """
        if self.refused is not None:
            return
        for part in self._reader.parts(octets):
            if isinstance(part, RouteBatch):
                yield from self._rows(part, time)
                continue
            self._note_messages()
            yield from self._message(part, time)
            if self.refused is not None:
                break
        self._note_messages()
        yield from self._routes.others(time)
        if self._is_cut_off:
            yield self._gap(self.refused or "", time)
        elif self.refused is None:
            yield from self._message((), time)  # what follows the last message may be no message

    def end(self, time: int) -> Iterator[Event]:
        """Record the end of the stream, and yield a gap if a message is incomplete."""
        if self.refused is None:
            self._reader.end()
            yield from self._damage((), time)

    def close(self) -> None:
        """Give back what it used of the budget; nothing can be fed any more."""
        self._reader.stop()
        self._reader.close()

    def _message(self, records: tuple[Record, ...], time: int) -> Iterator[Event]:
        """Yield the events of one message, or of a part of one, which has none."""
        yield from self._damage(records, time)
        yield from self._other_version(time)
        if self._reader.is_lost:
            self.refused = self._last_damage()
        for record in records:
            yield from self._record(record, time)
            if self.refused is not None:
                yield self._gap(self.refused, time)
                return

    def _gap(self, reason: str, time: int, table: TableRef | None = None) -> Gap:
        return Gap(feed=self._feed, router=self._router, table=table, time=time, reason=reason)

    def _last_damage(self) -> str:
        damage = self._reader.last_damage
        if damage is None:
            return "damage"
        if not self._reader.is_lost:
            return f"damage: {damage}"
        # How much is lost with it depends on what has arrived.
        there = f"expected {damage.expected}, found {damage.found}"
        return f"damage: octet {damage.offset:,}: {there}; what follows cannot be read"

    def _damage(self, records: tuple[Record, ...], time: int) -> Iterator[Event]:
        """Yield a gap if a part of a message cannot be read.

        It is about one peer only if one part of its UPDATE is all that is lost.
        """
        new = self._reader.damages - self._damages
        if not new:
            return
        self._damages += new
        body = records[0].body if records else None
        if isinstance(body, _WITHOUT_ROUTES):
            self._remarks.add(RemarkKind.UNREADABLE)
            return
        is_one = new == 1 and any(each.is_damaged for each in records)
        table = all_tables_of(body.peer) if is_one and isinstance(body, RouteMonitoring) else None
        yield self._gap(self._last_damage(), time, table)

    def _other_version(self, time: int) -> Iterator[Event]:
        """Count what was skipped, and yield a gap if that may hide routes."""
        self._skipped_messages()
        hiding = self._reader.hiding_messages
        if hiding > self._hiding:
            self._hiding = hiding
            yield self._gap(_OTHER_VERSION, time)

    def _skipped_messages(self) -> None:
        skipped = self._reader.skipped_messages - self._skipped
        if skipped:
            self._skipped += skipped
            self._remarks.add(RemarkKind.OTHER_VERSION, None, skipped)

    def _note_messages(self) -> None:
        """Make the remarks about messages that gave no records."""
        for header, messages in self._routes.take_messages():
            peer = self._peers.get(peer_key(header), _NO_PEER)
            if not peer.is_up:
                self._remarks.add(RemarkKind.NO_PEER_UP, all_tables_of(header), messages)
            if peer.is_unknown:
                self._remarks.add(RemarkKind.LEFT_OUT, all_tables_of(header), messages)

    def _record(self, record: Record, time: int) -> Iterator[Event]:
        body = record.body
        if isinstance(body, Initiation):
            self.name = (body.name or "")[:_MAX_NAME] or self.name
        elif isinstance(body, Termination):
            self.ended = termination_reason(body)
        elif isinstance(body, RouteMonitoring):
            yield from self._update(record, body, time)
        elif isinstance(body, PeerUp):
            yield from self._up(body, time)
        elif isinstance(body, PeerDown):
            yield from self._down(body, time)
        elif isinstance(body, StatisticsReport):
            if self._peer(body.peer) is not None:
                yield from self._routes.others(time)
                yield Statistics(
                    feed=self._feed,
                    router=self._router,
                    table=all_tables_of(body.peer),
                    time=time,
                    header_time=body.peer.timestamp,
                    statistics=body.statistics,
                )
        elif (
            isinstance(body, RouteMirroring)
            and MirroringInformation.MESSAGES_LOST in body.information
        ):
            yield self._gap(
                "the router says that messages were lost", time, all_tables_of(body.peer)
            )

    def _peer(self, header: PeerHeader) -> Peer | None:
        """Return the state of a peer; None if there are too many peers."""
        key = peer_key(header)
        peer = self._peers.get(key)
        if peer is None:
            if len(self._peers) >= self._max_peers:
                self.refused = f"more than {self._max_peers:,} peers"
                return None
            peer = self._peers[key] = Peer()
        return peer

    def _up(self, up: PeerUp, time: int) -> Iterator[Event]:
        before = self._peer(up.peer)
        if before is None:
            return
        local = None if up.sent is None else up.sent.asn
        remote = None if up.received is None else up.received.asn
        terms = NO_RESTART if up.peer.is_loc_rib else RestartTerms.of(up.received, up.sent)
        self._peers[peer_key(up.peer)] = Peer(
            is_up=True, local_asn=local, peer_asn=remote, restart=terms
        )
        yield from self._routes.others(time)
        for table in tables_of(up.peer, before):
            self._routes.forget(up.peer, table)
            yield SessionUp(
                feed=self._feed,
                router=self._router,
                table=table,
                time=time,
                header_time=up.peer.timestamp,
                local=None if up.peer.is_loc_rib else up.local_address,
                local_asn=local,
                peer_asn=remote,
                name=up.table_name,
                is_filtered=up.peer.is_filtered,
                restart_time=terms.time,
            )
        if before.tables and not before.is_up:
            # The event empties the tables, but the router may not send these routes again.
            yield self._gap("routes came before its Peer Up", time, all_tables_of(up.peer))

    def _down(self, down: PeerDown, time: int) -> Iterator[Event]:
        peer = self._peers.pop(peer_key(down.peer), Peer())
        if not peer.is_up:
            self._remarks.add(RemarkKind.DOWN_WITHOUT_UP, all_tables_of(down.peer))
        if down.reason == PeerDownReason.DECONFIGURED:
            # The session and its routes may still be there (RFC 7854 section 4.9).
            yield self._gap(
                "the router does not monitor the peer any more", time, all_tables_of(down.peer)
            )
            return
        yield from self._routes.others(time)
        for table in tables_of(down.peer, peer):
            self._routes.forget(down.peer, table)
            yield SessionDown(
                feed=self._feed,
                router=self._router,
                table=table,
                time=time,
                header_time=down.peer.timestamp,
                reason=down_reason(down),
                is_restart_possible=is_restart_possible(down, peer.restart),
            )

    def _table_begins(self, header: PeerHeader) -> bool:
        """Note that a table has routes; return False if there are too many peers."""
        peer = self._peer(header)
        if peer is None:
            self._is_cut_off = True
            return False
        peer.tables.add((header.view, table_of(header).is_post_policy))
        return True

    def _rows(self, batch: RouteBatch, time: int) -> Iterator[Event]:
        for header, event in self._routes.of_rows(batch, time):
            if isinstance(event, Announce) and header.view is View.ADJ_RIB_IN:
                yield self._as_received(event, self._peers[peer_key(header)])
            else:
                yield event

    def _update(self, record: Record, body: RouteMonitoring, time: int) -> Iterator[Event]:
        """Yield the events of an UPDATE that the kernel has not read."""
        header = body.peer
        if not self._reader.has_table(header):
            self.refused = f"more than {MAX_TABLES:,} tables"
            return
        peer, update = self._peer(header), record.update
        if peer is None or update is None:
            return
        if not peer.is_up:
            self._remarks.add(RemarkKind.NO_PEER_UP, all_tables_of(header))
        if not peer.is_unknown and (record.undeclared_path_ids or record.missing_path_ids):
            peer.is_unknown = True
            self._reader.leave_out(header)
            reason = _PATH_IDS if record.undeclared_path_ids else _NO_PATH_IDS
            yield self._gap(reason, time, all_tables_of(header))
        if peer.is_unknown:
            self._remarks.add(RemarkKind.LEFT_OUT, all_tables_of(header))
            return
        if record.undeclared_as2:
            self._remarks.add(RemarkKind.UNDECLARED_AS2, all_tables_of(header))
        table = table_of(header)
        peer.tables.add((header.view, table.is_post_policy))
        if not self._routes.watches(table):
            self._routes.count_unwatched(table, entries_of(record))
            return
        context = EventContext(self._feed, self._router, table, time, header.timestamp)
        for event in self._routes.of_update(update, header, context):
            yield self._as_received(event, peer) if isinstance(event, Announce) else event
        if not record.is_damaged:
            yield from self._end_of_rib(update, context, header)

    def _as_received(self, event: Announce, peer: Peer) -> Announce:
        """Return an announcement with the path as the router received it."""
        if event.table.view is not View.ADJ_RIB_IN:
            return event
        route = without_own_as(event.route, peer.local_asn, peer.peer_asn)
        if route is event.route:
            return event
        of_peer = attrs.evolve(event.table, view=None, is_post_policy=False)
        self._remarks.add(RemarkKind.OWN_AS_CUT, of_peer)
        return attrs.evolve(event, route=route)

    def _end_of_rib(
        self, update: Update, context: EventContext, header: PeerHeader
    ) -> Iterator[Event]:
        """Yield the End-of-RIB, unless the router says that it does not send all routes."""
        family = end_of_rib(update)
        if family is None:
            return
        if header.is_filtered:
            self._remarks.add(RemarkKind.FILTERED, context.table)
        else:
            self._note_messages()
            yield from self._routes.others(context.time)
            yield context.end_of_rib(family)
