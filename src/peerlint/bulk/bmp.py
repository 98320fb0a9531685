"""Read one BMP stream: octets in, rows of the wanted routes and all other messages out, in order.

The kernel reads Route Monitoring messages without an object for each, as long as they are plain:
see `peerlint.bulk.kernel.python.monitoring`. `peerlint.wire.bmp` reads all others, and decides what
is damaged, when the framing is lost, and what is said of path identifiers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final, Literal

import attrs

from peerlint.bulk.batch import RouteBatch
from peerlint.bulk.kernel import FAMILY_BITS, UNWANTED, Kernel, Stop
from peerlint.bulk.peers import DumpPeer, MetPeers
from peerlint.bulk.prefix_filter import PrefixFilter
from peerlint.model import Criteria, Viewpoint
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
from peerlint.wire.damage import Quality
from peerlint.wire.mrt import Peer

#: The maximum number of tables of one stream that the kernel reads, four for each of a router's
#: peers and more. Messages of further tables give records.
MAX_TABLES: Final = 1 << 18


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
        max_message: int = MAX_MESSAGE,
        max_peers: int = MAX_PEERS,
        max_tables: int = MAX_TABLES,
        on_damage: Literal["keep", "raise"] = "keep",
    ) -> None:
        """Prepare for the first octets.

        Args:
            source: the stream's name, for errors.
            viewpoint: returns the viewpoint of a table's routes; None if they are not wanted.
            criteria: the community and the limits that facts depend on.
            prefix_filter: rows that do not overlap it are left out; None for all rows. The records
                of Route Monitoring messages have all of their routes.
            tagged_too: whether rows outside the filter are kept if they carry the community.
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

    @property
    def is_lost(self) -> bool:
        """Whether the framing is lost: nothing more can be read, and the connection is useless."""
        return self._reader.is_lost

    @property
    def pending(self) -> int:
        """The number of octets of a message that has not arrived completely."""
        return self._reader.pending

    def feed(self, octets: bytes) -> Iterator[RouteBatch | Record]:
        """Take the octets that arrived next; return an iterator over what is complete by them.

        Raises:
            DamageError: while iterating, with on_damage="raise".
        """
        self._reader.framing.feed(octets)
        return self._read()

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
        """Return how many Route Monitoring messages of a peer had rows or were left out."""
        return sum(map(self._kernel.frames, self._of_peer.get(peer_key(peer), ())))

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

    def _read(self) -> Iterator[RouteBatch | Record]:
        framing, kernel = self._reader.framing, self._kernel
        while True:
            framing.at, stop = kernel.read_bmp(
                framing.buffer, framing.at, framing.base, self._max_message
            )
            if kernel.foreign:
                kind = MessageType.ROUTE_MONITORING
                self._reader.unsupported.add(VERSION, kind, kernel.foreign)
                kernel.foreign = 0
            if stop is Stop.PEERS:
                self._meet_tables()
                continue
            yield from self._take_rows()
            if stop is Stop.END:
                return
            records = self._reader.next_message()
            if records is None:
                return
            for record in records:
                self._note_session(record)
                yield record

    def _take_rows(self) -> Iterator[RouteBatch]:
        rows = self._kernel.take_rows()
        if len(rows):
            yield RouteBatch(rows, MetPeers(self._peers), self._reader.framing.buffer)

    def _meet_tables(self) -> None:
        for index in range(len(self._peers), len(self._kernel.peers)):
            octets = self._kernel.headers[index].ljust(PEER_HEADER_OCTETS, b"\0")
            table = decode_peer_header(octets)
            self.tables.append(table)
            known = Peer(table.address, table.asn, table.bgp_id)
            self._peers.append(DumpPeer(known, sent=table.is_adj_rib_out))
            self._of_peer.setdefault(peer_key(table), []).append(index)
            self._prepare(index)

    def _prepare(self, index: int) -> None:
        """Tell the kernel how to read a table, and whether its routes are wanted."""
        table = self.tables[index]
        form = self._reader.forms.form_of(table)
        families = sum(FAMILY_BITS.get(family, 0) for family in form.add_path)
        self._kernel.set_form(index, families, internal=form.internal is True)
        viewpoint = self._viewpoint(table)
        if peer_key(table) in self._left_out:
            self._kernel.leave_out(index)
        elif viewpoint is None:
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
                self._prepare(index)
