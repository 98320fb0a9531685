"""What the parts of the Python kernel share: the current record, prefixes, peers, rows."""

from __future__ import annotations

from typing import Final

from peerlint.bulk.kernel.contract import (
    MAX_PEERS,
    UNWANTED,
    BrokenError,
    Fault,
    Moment,
    Moments,
    PeerCount,
    PeerRow,
    Row,
    need,
)
from peerlint.bulk.kernel.lost_parts import LostParts
from peerlint.bulk.kernel.python.attributes import AttributeFacts
from peerlint.bulk.kernel.python.other_routes import OtherRoutes, Room, key_of
from peerlint.bulk.kernel.unread import examine_unread
from peerlint.bulk.prefix_filter import PrefixFilter
from peerlint.iana import special_blocks
from peerlint.model import Criteria, Fact
from peerlint.wire.damage import SkippedKinds
from peerlint.wire.mrt import HEADER_OCTETS, body_of

TAGGED: Final = int(Fact.TAGGED)


class Rows:
    """Rows of the records read so far; the attributes are those of `python.route_kernel.Kernel`."""

    #: See `contract.MAX_PEERS`.
    max_peers = MAX_PEERS

    def __init__(
        self, criteria: Criteria, prefix_filter: PrefixFilter | None, *, tagged_too: bool
    ) -> None:
        """See `python.route_kernel.Kernel`."""
        self.peers: list[PeerRow] = []
        self.unsupported = SkippedKinds()
        self.records = self.octets_read = self.octets_skipped = self.malformed = 0
        self.may_hide = 0
        self.undeclared_path_ids = 0
        self.lost = LostParts()
        self.broken_at = self.record_end = 0
        self.expected = self.found = ""
        self._rows: list[Row] = []
        self._readings: list[int] = []
        self._own_asns: list[int] = []
        self._entries: list[int] = []
        self._withdrawn: list[int] = []
        self._tagged: list[int] = []
        self._ipv6: list[int] = []
        self._seen: list[int] = []
        self._moments: list[list[Moment | None]] = []
        self.snapshot_of: list[int] = []
        self.messages: tuple[int, int] | None = None
        self._room = Room()
        self._others: list[tuple[OtherRoutes, OtherRoutes]] = []  # of IPv4 and IPv6
        self._others_of: dict[int, int] = {}
        self._prefix_filter = prefix_filter
        self._tagged_too = tagged_too
        self._allow = criteria.allow
        self._facts = AttributeFacts(criteria)
        self._table: list[int] | None = None  # peer index -> index into `peers`
        # Of the current record:
        self._buffer = b""
        self._base = 0
        self._record = 0
        self._timestamp = 0

    def set_viewpoint(self, peer: int, reading: int, own: int) -> None:
        """Ask for the routes of a peer, and set how they are read.

        Args:
            peer: index into `peers`.
            reading: a `Reading`.
            own: the AS that announces to AS8075, -1 if unknown.
        """
        self._readings[peer] = reading
        self._own_asns[peer] = own

    def count(self, peer: int) -> PeerCount:
        """Return the counts of a peer so far."""
        return (
            self._entries[peer],
            self._withdrawn[peer],
            self._tagged[peer],
            self._ipv6[peer],
            self._seen[peer],
        )

    def moments(self, peer: int) -> Moments:
        """Return when a session of a feed started, and so on; see `contract.Moments`."""
        started, down, ended, heard = self._moments[peer]
        return started, down, ended, heard

    # -- routes of live tables without rows

    @property
    def room(self) -> int:
        """How many more routes without rows may be kept; the caller sets it."""
        return self._room.routes

    @room.setter
    def room(self, routes: int) -> None:
        self._room.routes = routes

    def add_others(self) -> int:
        """Return the number of a new table of routes without rows."""
        self._others.append((OtherRoutes(), OtherRoutes()))
        return len(self._others) - 1

    def count_others(self, peer: int, others: int) -> None:
        """Count the unicast routes of a peer that have no rows, and make none of other routes.

        Args:
            peer: index into `peers`.
            others: the number of the table, which several peers may have.
        """
        self._others_of[peer] = others

    def clear_others(self, others: int) -> None:
        """Forget the routes of a table without rows."""
        for each in self._others[others]:
            each.clear(self._room)

    def take_others(self, others: int) -> tuple[tuple[int, bool] | None, tuple[int, bool] | None]:
        """Return what changed of the IPv4 and IPv6 routes of a table without rows.

        See `OtherRoutes.take`.
        """
        ipv4, ipv6 = self._others[others]
        return ipv4.take(), ipv6.take()

    def shows(
        self, peer: int, route: tuple[int, int, int, int], *, tagged: bool, gone: bool
    ) -> bool:
        """Note a unicast route of a message; return whether it has a row.

        Args:
            peer: index into `peers`; `count_others` was called for it.
            route: its family (4 or 6), first address, length, and path identifier (-1 for none).
            tagged: whether it carries the community.
            gone: whether it is withdrawn, or treated as withdrawn.
        """
        family, first, length, path_id = route
        if self._inside(family, first, length):
            return True
        others = self._others[self._others_of[peer]][family == 6]
        key = key_of(*left_aligned(family, first), length, path_id)
        return others.shows(key, self._room, is_tagged=tagged, is_gone=gone)

    def _note(self, peer: int, event: int) -> None:
        """Record the time of an event of a session, unless a later one is known."""
        noted = self._moments[peer][event]
        if noted is None or noted[0] <= self._timestamp:
            self._moments[peer][event] = (self._timestamp, self._record)

    def _skip(self, kind: int, subtype: int, end: int, *, may_hide: bool = False) -> None:
        self.may_hide += may_hide
        self.unsupported.add(kind, subtype)
        self.octets_skipped += end - (self._record - self._base)

    def _pass_unread(self, kind: int, subtype: int, start: int, end: int) -> None:
        """Skip a record that gives no rows, unless it is broken."""
        peers = None if self._table is None else len(self._table)
        found = examine_unread(kind, subtype, body_of(self._buffer, start, end), peers)
        lost = sum(each.octets for each in found.lost)
        for each in found.lost:
            self.lost.add(start + each.offset, each.octets, each.expected, each.found)
        if found.error is not None:
            self.octets_read -= lost
            raise found.error.moved(start)
        if found.is_read:
            self.octets_read -= lost
            self._read_all(end)
        else:
            self.octets_skipped -= lost
            self._skip(kind, subtype, end, may_hide=found.may_hide)

    def _read_all(self, end: int) -> None:
        self.octets_read += end - (self._record - self._base)

    def _need_room(self, more: int) -> None:
        """Check that more peers can be added.

        Raises:
            BrokenError: there would be too many, so the current record is not read.
        """
        if len(self.peers) + more > self.max_peers:
            at = self._record - self._base + HEADER_OCTETS
            raise BrokenError(at, Fault.PEERS, self.max_peers, len(self.peers) + more)

    def _add_peer(self, row: PeerRow, snapshot: int = -1) -> int:
        self._need_room(1)
        self.peers.append(row)
        self.snapshot_of.append(snapshot)
        self._moments.append([None] * 4)
        self._readings.append(UNWANTED)
        self._own_asns.append(-1)
        for counter in (self._entries, self._withdrawn, self._tagged, self._ipv6, self._seen):
            counter.append(0)
        return len(self.peers) - 1

    def _inside(self, family: int, first: int, length: int) -> bool:
        if self._prefix_filter is None:
            return True
        last = first | (1 << (32 if family == 4 else 128) - length) - 1
        return self._prefix_filter.overlaps(family, first, last)

    def _prefix_bits(self, family: int, first: int, length: int) -> int:
        bits = 0
        if family == 6:
            bits |= Fact.IPV6
        elif length > 24:
            bits |= Fact.LONGER_THAN_24
        if special_blocks(family, first, length, self._allow):
            bits |= Fact.SPECIAL_PREFIX
        return int(bits)


def read_prefix(buffer: bytes, at: int, end: int, family: int) -> tuple[int, int, int]:
    """Read a prefix; return its first address, its length, and the offset after it.

    Raises:
        BrokenError: its length is over 32 or 128, or it runs over the end.
    """
    width = 32 if family == 4 else 128
    need(at, 1, end)
    length = buffer[at]
    if length > width:
        raise BrokenError(at, Fault.PREFIX_LENGTH, width, length)
    after = at + 1 + (length + 7) // 8
    need(at, after - at, end)
    octets = buffer[at + 1 : after]
    # Bits right of the length are irrelevant (RFC 4271 section 4.3).
    shift = width - length
    first = int.from_bytes(octets.ljust(width // 8, b"\0")) >> shift << shift
    return first, length, after


def left_aligned(family: int, first: int) -> tuple[int, int]:
    """Return the upper and lower 64 bits of an address, IPv4 in the top 32."""
    if family == 4:
        return first << 32, 0
    return first >> 64, first & 0xFFFFFFFFFFFFFFFF
