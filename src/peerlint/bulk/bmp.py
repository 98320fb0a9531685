"""Read one BMP stream: octets in, rows of the wanted routes and all other messages out, in order.

The kernel reads Route Monitoring messages without an object for each, as long as they are plain:
see `peerlint.bulk.kernel.python.monitoring`. `peerlint.wire.bmp` reads all others, and decides what
is damaged, when the framing is lost, and what is said of path identifiers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Final, Literal

import attrs

from peerlint.bulk.batch import RouteBatch
from peerlint.bulk.kernel import FAMILY_BITS, NOT_PLAIN, UNWANTED, Kernel, Stop
from peerlint.bulk.other_tables import OtherTables
from peerlint.bulk.peers import DumpPeer, MetPeers
from peerlint.bulk.prefix_filter import PrefixFilter
from peerlint.bulk.route_budget import RouteBudget
from peerlint.model import Criteria, View, Viewpoint
from peerlint.wire.bmp import (
    MAX_MESSAGE,
    MAX_PEERS,
    PEER_HEADER_OCTETS,
    VERSION,
    MessageType,
    PeerDown,
    PeerHeader,
    PeerKey,
    PeerUp,
    Reader,
    Record,
    decode_peer_header,
    peer_key,
)
from peerlint.wire.damage import Damage, Quality
from peerlint.wire.mrt import Peer
from peerlint.wire.nlri import Nlri

#: The maximum number of tables of one stream that the kernel reads, four for each of a router's
#: peers and more. Messages of further tables give records.
MAX_TABLES: Final = 1 << 18


@attrs.frozen
class TableChange:
    """What changed of a table without being a row.

    Attributes:
        table: index into `BmpReader.tables`.
        messages: the number of Route Monitoring messages that had rows or were left out.
        entries: the number of announcements and withdrawals in them, of unicast and multicast.
        others: by address family, the number of routes without rows, None if there was no room to
            count them, and whether one of them was new. It has the families that a message was
            about.
    """

    table: int
    messages: int
    entries: int
    others: dict[int, tuple[int | None, bool]]


class BmpReader:
    """Reads one BMP stream: feed it what arrives, and iterate over what it returns.

    Attributes:
        tables: the per-peer headers, without a time, of the tables that have rows; the column
            `peer` of a batch points into it. Flags say the view; two tables may differ only in the
            peer's BGP identifier, or in unknown flags.
    """

    def __init__(
        self,
        *,
        source: str,
        viewpoint: Callable[[PeerHeader], Viewpoint | None],
        criteria: Criteria,
        prefix_filter: PrefixFilter | None = None,
        tagged_too: bool = False,
        budget: RouteBudget | None = None,
        max_message: int = MAX_MESSAGE,
        max_peers: int = MAX_PEERS,
        max_tables: int = MAX_TABLES,
        on_damage: Literal["keep", "raise"] = "keep",
    ) -> None:
        """Prepare for the first octets.

        Args:
            source: the stream's name, for errors.
            viewpoint: returns the viewpoint of a table's routes; None if they are not wanted. It is
                called at the first plain UPDATE of a table after each Peer Up and Peer Down.
            criteria: the community and the limits that facts depend on.
            prefix_filter: rows that do not overlap it are left out; None for all rows. The records
                of Route Monitoring messages have all of their routes.
            tagged_too: whether rows outside the filter are kept if they carry the community.
            budget: if it is given, routes that carry the community have rows, from then on until
                they are withdrawn, and all other routes of wanted tables are counted, as many as
                the budget allows; see `take_changes`. Withdrawals of other routes, and multicast
                routes, have no rows then.
            max_message: the maximum length of a message; a longer one ends the stream.
            max_peers: the maximum number of peers that are up.
            max_tables: the maximum number of tables that have rows; those of others are records.
            on_damage: "raise" raises a `DamageError` at the first damage.
        """
        self.tables: list[PeerHeader] = []
        self._reader = Reader(
            source=source, max_message=max_message, max_peers=max_peers, on_damage=on_damage
        )
        self._kernel = Kernel(criteria, prefix_filter, tagged_too=tagged_too)
        self._kernel.max_peers = max_tables
        self._viewpoint = viewpoint
        self._max_message = max_message
        self._peers: list[DumpPeer] = []
        self._of_peer: dict[PeerKey, list[int]] = {}
        self._left_out: set[PeerKey] = set()
        self._others = None if budget is None else OtherTables(self._kernel, budget)
        self._index: dict[PeerHeader, int] = {}
        self._taken: list[tuple[int, int]] = []
        self._is_stopped = False

    @property
    def is_lost(self) -> bool:
        """Whether the framing is lost: nothing more can be read, and the connection is useless."""
        return self._reader.is_lost

    @property
    def damages(self) -> int:
        """The number of damages so far."""
        return self._reader.damages

    @property
    def last_damage(self) -> Damage | None:
        """The last damage whose place is known; None if there is none."""
        found = self._reader.framing.damage
        return found[-1] if found else None

    @property
    def skipped_messages(self) -> int:
        """The number of messages of another version, or with a part of another address family."""
        return self._reader.skipped_messages

    @property
    def hiding_messages(self) -> int:
        """The number of skipped messages that may hide routes."""
        return self._reader.hiding_messages

    @property
    def pending(self) -> int:
        """The number of octets of a message that has not arrived completely."""
        return self._reader.pending

    def feed(self, octets: bytes) -> Iterator[RouteBatch | Record]:
        """Take the octets that arrived next; return an iterator over what is complete by them.

        Raises:
            DamageError: while iterating, with on_damage="raise".
        """
        return _without_messages(self.parts(octets))

    def parts(self, octets: bytes) -> Iterator[RouteBatch | tuple[Record, ...]]:
        """Do as `feed`, but yield the records of each message together, also if it has none."""
        self._reader.framing.feed(octets)
        return self._parts()

    def _parts(self) -> Iterator[RouteBatch | tuple[Record, ...]]:
        while not self._is_stopped:
            stop = self._read_rows()
            if stop is Stop.PEERS:
                self._meet_tables()
                if not self._is_stopped:
                    continue
            yield from self._take_rows()
            if stop is not Stop.FRAME:
                return
            records = self._reader.next_message()
            if records is None:
                return
            for record in records:
                self._note_session(record)
            yield records

    def stop(self) -> None:
        """Read no further message; `viewpoint` may call it, at a message that is too much."""
        self._is_stopped = True

    def end(self) -> None:
        """Record the end of the stream; an incomplete message is lost.

        Raises:
            DamageError: with on_damage="raise", if there is one.
        """
        self._reader.end()

    def leave_out(self, peer: PeerHeader) -> None:
        """Pass the UPDATEs of all tables of a peer unread, until its next Peer Up or Peer Down.

        A peer whose UPDATEs contradict its Peer Up takes no more time then.
        """
        key = peer_key(peer)
        self._left_out.add(key)
        for index in self._of_peer.get(key, ()):
            self._kernel.leave_out(index)

    def messages(self, peer: PeerHeader) -> int:
        """Return how many Route Monitoring messages of a peer had rows or were left out.

        Those that only have routes of address families that are not read do not count.
        """
        return sum(map(self._kernel.frames, self._of_peer.get(peer_key(peer), ())))

    # -- routes without rows

    def shows(self, table: PeerHeader, nlri: Nlri, *, tagged: bool, gone: bool) -> bool:
        """Note a unicast route of a record; return whether it would have a row.

        Args:
            table: its per-peer header.
            nlri: the route.
            tagged: whether it carries the community.
            gone: whether it is withdrawn, or treated as withdrawn (RFC 7606).

        Raises:
            KeyError: the table is one of those beyond the limit.
        """
        index = self._index[attrs.evolve(table, timestamp=None)]
        return self._others is None or self._others.shows(index, nlri, tagged=tagged, gone=gone)

    def has_table(self, table: PeerHeader) -> bool:
        """Return whether a table of a record is not one of those beyond the limit."""
        return attrs.evolve(table, timestamp=None) in self._index

    def take_changes(self) -> list[TableChange]:
        """Return what changed since the last call, in the order of the tables' first messages."""
        return [self._change(index) for index in self._kernel.take_touched()]

    def _change(self, index: int) -> TableChange:
        now = (self._kernel.frames(index), self._kernel.count(index)[0])
        before = self._taken[index]
        self._taken[index] = now
        others = {} if self._others is None else self._others.take(index)
        return TableChange(index, now[0] - before[0], now[1] - before[1], others)

    def forget(self, peer: PeerHeader, is_meant: Callable[[View, bool], bool]) -> None:
        """Forget the routes without rows of tables that are empty now, and count them again.

        Args:
            peer: the header of any table at the peer's address in its instance.
            is_meant: returns whether a table is meant, by its view and, for adj-rib-in, whether it
                is the table after policy.
        """
        if self._others is not None:
            self._others.forget(peer, is_meant)

    def close(self) -> None:
        """Forget all routes without rows, for which others have room then."""
        if self._others is not None:
            self._others.close()

    @property
    def quality(self) -> Quality:
        """How well the stream could be read so far; see `peerlint.wire.bmp.Reader.quality`.

        Of malformed announcements, those inside the filter are counted.
        """
        kernel, found = self._kernel, self._reader.quality
        entries = sum(kernel.count(index)[0] for index in range(len(self._peers)))
        return attrs.evolve(
            found,
            records=found.records + kernel.records,
            entries=found.entries + entries,
            malformed=found.malformed + kernel.malformed,
            read=found.read + kernel.octets_read,
            skipped=found.skipped + kernel.octets_skipped,
        )

    def _read_rows(self) -> Stop:
        """Read messages as far as the kernel can, and return why it stopped."""
        framing, kernel = self._reader.framing, self._kernel
        if self._others is not None:
            self._others.lend()
        framing.at, stop = kernel.read_bmp(
            framing.buffer, framing.at, framing.base, self._max_message
        )
        if self._others is not None:
            self._others.settle()
        if kernel.foreign:
            kind = MessageType.ROUTE_MONITORING
            self._reader.unsupported.add(VERSION, kind, kernel.foreign)
            self._reader.skipped_messages += kernel.foreign
            kernel.foreign = 0
        return stop

    def _take_rows(self) -> Iterator[RouteBatch]:
        rows = self._kernel.take_rows()
        if len(rows):
            yield RouteBatch(rows, MetPeers(self._peers), self._reader.framing.buffer)

    def _meet_tables(self) -> None:
        """Read the headers of new tables, or set the viewpoint that the kernel asks for."""
        if self._kernel.asked >= 0:
            self._set_viewpoint(self._kernel.asked)
            return
        for index in range(len(self._peers), len(self._kernel.peers)):
            octets = self._kernel.headers[index].ljust(PEER_HEADER_OCTETS, b"\0")
            table = decode_peer_header(octets)
            self.tables.append(table)
            known = Peer(table.address, table.asn, table.bgp_id)
            self._peers.append(DumpPeer(known, sent=table.is_adj_rib_out))
            self._of_peer.setdefault(peer_key(table), []).append(index)
            self._index[table] = index
            self._taken.append((0, 0))
            if self._others is not None:
                self._others.add(table)
            self._set_form(index)

    def _set_form(self, index: int) -> None:
        """Tell the kernel how to read a table, and to ask for its viewpoint."""
        table = self.tables[index]
        form = self._reader.forms.form_of(table)
        families = sum(FAMILY_BITS.get(family, 0) for family in form.add_path)
        if self._reader.forms.may_have_as2(table):
            families |= NOT_PLAIN
        self._kernel.set_form(index, families, internal=form.internal is True)
        if peer_key(table) in self._left_out:
            self._kernel.leave_out(index)
        else:
            self._kernel.ask(index)

    def _set_viewpoint(self, index: int) -> None:
        """Tell the kernel whether the routes of a table are wanted."""
        viewpoint = self._viewpoint(self.tables[index])
        if viewpoint is None:
            self._kernel.set_viewpoint(index, UNWANTED, -1)
        else:
            own = -1 if viewpoint.asn is None else viewpoint.asn
            self._kernel.set_viewpoint(index, viewpoint.reading, own)

    def _note_session(self, record: Record) -> None:
        """Take over the forms of a session that is up or down."""
        if isinstance(record.body, PeerUp | PeerDown):
            key = peer_key(record.body.peer)
            self._left_out.discard(key)
            for index in self._of_peer.get(key, ()):
                self._set_form(index)


def _without_messages(
    parts: Iterable[RouteBatch | tuple[Record, ...]],
) -> Iterator[RouteBatch | Record]:
    for part in parts:
        if isinstance(part, RouteBatch):
            yield part
        else:
            yield from part
