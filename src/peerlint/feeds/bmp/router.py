"""Turn the octets of one router's BMP stream into events, without sockets."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Final

import attrs

from peerlint.events import (
    Announce,
    EndOfRib,
    Event,
    Gap,
    SessionDown,
    SessionUp,
    Statistics,
    TableRef,
    Withdraw,
)
from peerlint.feeds.bmp.remarks import Remark, RemarkKind
from peerlint.model import AsPath, Route, View
from peerlint.model.aspath import Segment, SegmentType
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
    Reader,
    Record,
    RouteMirroring,
    RouteMonitoring,
    StatisticsReport,
    Termination,
    TerminationReason,
    peer_key,
)
from peerlint.wire.end_of_rib import end_of_rib

_UNICAST: Final = 1
_PATH_IDS: Final = "its UPDATEs have path identifiers, which its Peer Up does not say"
_NO_PATH_IDS: Final = "its UPDATEs have no path identifiers, which its Peer Up says"


@attrs.define
class _Peer:
    """What is known of a peer.

    Attributes:
        is_up: whether its Peer Up was seen, and no Peer Down after it.
        local_asn: the router's AS number, from its OPEN.
        peer_asn: the peer's AS number, from its OPEN.
        is_unknown: whether its path identifiers contradict its Peer Up.
        tables: the tables that routes were seen in.
    """

    is_up: bool = False
    local_asn: int | None = None
    peer_asn: int | None = None
    is_unknown: bool = False
    tables: set[TableRef] = attrs.Factory(set)


class RouterStream:
    """The state of one connection of a router: octets in, events out.

    Attributes:
        name: the router's name by its Initiation; None if it has not said it.
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
    ) -> None:
        """Prepare for the first octets.

        Args:
            router: what events call the router.
            feed: the feed's name.
            max_message: the maximum length of a message.
            max_peers: the maximum number of peers.
        """
        self.name: str | None = None
        self.ended: str | None = None
        self.refused: str | None = None
        self._router, self._feed = router, feed
        self._max_peers = max_peers
        self._reader = Reader(source=router, max_message=max_message, max_peers=max_peers + 1)
        self._peers: dict[PeerKey, _Peer] = {}
        self._remarks: Counter[tuple[RemarkKind, TableRef | None]] = Counter()
        self._damages = self._hidden = 0

    @property
    def remarks(self) -> tuple[Remark, ...]:
        """What is unusual so far."""
        found = [Remark(kind, peer, count) for (kind, peer), count in self._remarks.items()]
        skipped = sum(count for *_, count in self._reader.quality.unsupported)
        if skipped:
            found.append(Remark(RemarkKind.OTHER_VERSION, None, skipped))
        return tuple(found)

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
        for record in self._reader.feed(octets):
            yield from self._damage(record, time)
            yield from self._record(record, time)
            if self.refused is not None:
                yield self._gap(self.refused, time)
                return
        yield from self._damage(None, time)
        hidden = self._reader.quality.may_hide_routes
        if hidden > self._hidden:
            self._hidden = hidden
            yield self._gap("messages of another BMP version may hide routes", time)
        if self._reader.is_lost:
            self.refused = self._last_damage()

    def end(self, time: int) -> Iterator[Event]:
        """Record the end of the stream, and yield a gap if a message is incomplete."""
        self._reader.end()
        yield from self._damage(None, time)

    def _gap(self, reason: str, time: int, table: TableRef | None = None) -> Gap:
        return Gap(feed=self._feed, router=self._router, table=table, time=time, reason=reason)

    def _last_damage(self) -> str:
        damage = self._reader.quality.damage
        return f"damage: {damage[-1]}" if damage else "damage"

    def _damage(self, record: Record | None, time: int) -> Iterator[Event]:
        """Yield a gap if messages were damaged since the last call.

        It is about one peer only if nothing but one part of its UPDATE can be what is lost.
        """
        new = self._reader.damages - self._damages
        if not new:
            return
        self._damages += new
        table = None
        if new == 1 and record is not None and record.is_damaged:
            body = record.body
            table = _whole(body.peer) if isinstance(body, RouteMonitoring) else None
        yield self._gap(self._last_damage(), time, table)

    def _record(self, record: Record, time: int) -> Iterator[Event]:
        body = record.body
        if isinstance(body, Initiation):
            self.name = body.name or self.name
        elif isinstance(body, Termination):
            self.ended = _termination(body)
        elif isinstance(body, RouteMonitoring):
            yield from self._routes(record, body, time)
        elif isinstance(body, PeerUp):
            yield from self._up(body, time)
        elif isinstance(body, PeerDown):
            yield from self._down(body, time)
        elif isinstance(body, StatisticsReport):
            if self._peer(body.peer) is not None:
                yield Statistics(
                    feed=self._feed,
                    router=self._router,
                    table=_whole(body.peer),
                    time=time,
                    header_time=body.peer.timestamp,
                    statistics=body.statistics,
                )
        elif (
            isinstance(body, RouteMirroring)
            and MirroringInformation.MESSAGES_LOST in body.information
        ):
            yield self._gap("the router says that messages were lost", time, _whole(body.peer))

    def _peer(self, header: PeerHeader) -> _Peer | None:
        """Return the state of a peer; None if there are too many peers."""
        key = peer_key(header)
        peer = self._peers.get(key)
        if peer is None:
            if len(self._peers) >= self._max_peers:
                self.refused = f"more than {self._max_peers:,} peers"
                return None
            peer = self._peers[key] = _Peer()
        return peer

    def _up(self, up: PeerUp, time: int) -> Iterator[Event]:
        before = self._peer(up.peer)
        if before is None:
            return
        local = None if up.sent is None else up.sent.asn
        remote = None if up.received is None else up.received.asn
        self._peers[peer_key(up.peer)] = _Peer(is_up=True, local_asn=local, peer_asn=remote)
        yield SessionUp(
            feed=self._feed,
            router=self._router,
            table=_whole(up.peer),
            time=time,
            header_time=up.peer.timestamp,
            local=None if up.peer.is_loc_rib else up.local_address,
            local_asn=local,
            peer_asn=remote,
            name=up.table_name,
        )
        if before.tables and not before.is_up:
            # The event empties the tables, but the router may not send these routes again.
            yield self._gap("routes came before its Peer Up", time, _whole(up.peer))

    def _down(self, down: PeerDown, time: int) -> Iterator[Event]:
        peer = self._peers.pop(peer_key(down.peer), _Peer())
        whole = _whole(down.peer)
        if not peer.is_up:
            self._remarks[RemarkKind.DOWN_WITHOUT_UP, whole] += 1
        # The router's own routes have the address of its Loc-RIB, which is not down with them.
        is_own = down.peer.address.is_unspecified and not down.peer.is_loc_rib
        for table in sorted(peer.tables, key=str) if is_own and peer.tables else (whole,):
            yield SessionDown(
                feed=self._feed,
                router=self._router,
                table=table,
                time=time,
                header_time=down.peer.timestamp,
                reason=_down_reason(down),
            )

    def _routes(self, record: Record, body: RouteMonitoring, time: int) -> Iterator[Event]:
        peer, update = self._peer(body.peer), record.update
        if peer is None or update is None:
            return
        whole = _whole(body.peer)
        if not peer.is_up:
            self._remarks[RemarkKind.NO_PEER_UP, whole] += 1
        if not peer.is_unknown and (record.undeclared_path_ids or record.missing_path_ids):
            peer.is_unknown = True
            yield self._gap(_PATH_IDS if record.undeclared_path_ids else _NO_PATH_IDS, time, whole)
        if peer.is_unknown:
            self._remarks[RemarkKind.LEFT_OUT, whole] += 1
            return
        header = body.peer
        peer.tables.add(_table(header))
        yield from self._update(record, update, header, peer, time)

    def _update(
        self,
        record: Record,
        update: Update,
        header: PeerHeader,
        peer: _Peer,
        time: int,
    ) -> Iterator[Event]:
        """Yield withdrawals first: a prefix that is in both fields is announced (RFC 4271, 4.3)."""
        feed, router, said = self._feed, self._router, header.timestamp
        table = _table(header)
        for nlri, safi in update.all_withdrawn:
            if safi == _UNICAST:
                yield Withdraw(
                    feed=feed,
                    router=router,
                    table=table,
                    time=time,
                    header_time=said,
                    prefix=nlri.prefix,
                    path_id=nlri.path_id,
                )
        for nlri, safi in update.announced:
            if safi == _UNICAST:
                route = update.attributes.route(nlri, time)
                yield Announce(
                    feed=feed,
                    router=router,
                    table=table,
                    time=time,
                    header_time=said,
                    route=self._without_own_as(route, table, peer),
                )
        family = None if record.is_damaged else end_of_rib(update)
        if family is not None:
            yield EndOfRib(
                feed=feed, router=router, table=table, time=time, header_time=said, family=family
            )

    def _without_own_as(self, route: Route, table: TableRef, peer: _Peer) -> Route:
        """Return a received route without the router's own AS in front of its path.

        FRR before its pull request 21815 prepends it. No peer of another AS sends such a path, with
        its own AS second.
        """
        local = peer.local_asn
        if (
            table.view is not View.ADJ_RIB_IN
            or local is None
            or local == peer.peer_asn
            or route.path.first_as != local
        ):
            return route
        rest = _without_first(route.path)
        if rest.first_as is None or rest.first_as != peer.peer_asn:
            return route
        self._remarks[RemarkKind.OWN_AS_CUT, _peer_of(table)] += 1
        return attrs.evolve(route, path=rest)


def _whole(header: PeerHeader) -> TableRef:
    """Return all tables of a peer; for a Loc-RIB that table, whose address others may have."""
    return TableRef(
        header.address,
        header.asn,
        View.LOC_RIB if header.is_loc_rib else None,
        distinguisher=header.distinguisher,
    )


def _table(header: PeerHeader) -> TableRef:
    """Return the table that the routes of a message are in."""
    view = header.view
    is_post_policy = header.is_post_policy and view is View.ADJ_RIB_IN
    return attrs.evolve(_whole(header), view=view, is_post_policy=is_post_policy)


def _peer_of(table: TableRef) -> TableRef:
    return attrs.evolve(table, view=None, is_post_policy=False)


def _without_first(path: AsPath) -> AsPath:
    """Return a path without its leftmost AS, if it starts with a sequence."""
    first, *others = path.segments
    if first.type is not SegmentType.AS_SEQUENCE:
        return path
    kept = (Segment(first.type, first.asns[1:]),) if len(first.asns) > 1 else ()
    return AsPath((*kept, *others))


def _down_reason(down: PeerDown) -> str:
    """Return why a session ended, in words."""
    try:
        words = PeerDownReason(down.reason).name.lower().replace("_", " ")
    except ValueError:
        words = f"reason {down.reason}"
    note = down.notification
    return words if note is None else f"{words} {note.code}/{note.subcode}"


def _termination(body: Termination) -> str:
    """Return why a router ends its stream, in words."""
    if body.reason is None:
        return "no reason given"
    try:
        return TerminationReason(body.reason).name.lower().replace("_", " ")
    except ValueError:
        return f"reason {body.reason}"
