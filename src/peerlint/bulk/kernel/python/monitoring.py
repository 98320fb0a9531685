"""The part of the Python kernel that reads Route Monitoring messages of BMP (RFC 7854).

It reads the plain ones: a single UPDATE without damage, encoded as its table's form says. All other
messages are the caller's, one by one and in their order, among them every UPDATE that is not plain
and every End-of-RIB: `peerlint.wire.bmp` decides what they say.
"""

from __future__ import annotations

from struct import Struct
from typing import Final

import attrs

from peerlint.bulk.kernel.contract import (
    ALL_FAMILY_BITS,
    ASKED,
    FAMILY_BITS,
    FORM_ADD_PATH,
    FORM_AS4,
    FORM_INTERNAL,
    FORM_LOC_RIB,
    FORM_UPDATE,
    LEFT_OUT,
    MONITORED_HEAD,
    NOT_PLAIN,
    TABLE_HEAD,
    Stop,
)
from peerlint.bulk.kernel.peers import read_monitored_peer
from peerlint.bulk.kernel.python.messages import Messages
from peerlint.bulk.kernel.python.update import UpdateSections, find_multiprotocol, read_update
from peerlint.bulk.prefix_filter import PrefixFilter
from peerlint.model import Criteria
from peerlint.wire.bgp import HEADER_OCTETS as BGP_HEADER_OCTETS
from peerlint.wire.bgp import MARKER
from peerlint.wire.bmp import HEADER_OCTETS, VERSION, MessageType, PeerFlags, PeerType

#: Version, length and type.
_HEADER: Final = Struct(">BIB")
#: The time of a per-peer header: seconds, and microseconds below a million.
_TIME: Final = Struct(">II")
_MILLION: Final = 1_000_000
#: A Route Monitoring message with an UPDATE has at least so many octets.
_LEAST: Final = MONITORED_HEAD + BGP_HEADER_OCTETS
#: Length and type of a BGP message.
_BGP_HEAD: Final = Struct(">HB")
_UPDATE: Final = 2
_PEER_TYPES: Final = frozenset(map(int, PeerType))


@attrs.define
class _Table:
    """One table of one peer: all messages whose per-peer header differs in its time only.

    Attributes:
        peer: index into `peers`.
        form: bits of `RouteBatch.form`, without that of path identifiers.
        families: `FAMILY_BITS` of the families that have path identifiers.
        frames: the number of messages that were read or left out, without those that only have
            routes of address families that are not read.
        is_touched: whether it is in the list that `take_touched` returns next.
    """

    peer: int
    form: int
    families: int = 0
    frames: int = 0
    is_touched: bool = False


class Monitoring(Messages):
    """Makes rows of Route Monitoring messages."""

    def __init__(
        self, criteria: Criteria, prefix_filter: PrefixFilter | None, *, tagged_too: bool
    ) -> None:
        """See `python.route_kernel.Kernel`."""
        super().__init__(criteria, prefix_filter, tagged_too=tagged_too)
        self.headers: dict[int, bytes] = {}
        self.foreign = 0
        self.asked = -1
        self._tables: dict[bytes, _Table] = {}
        self._touched: list[int] = []

    def set_form(self, peer: int, families: int, *, internal: bool) -> None:
        """Set how the UPDATEs of a table of a BMP stream are encoded.

        Args:
            peer: index into `peers`.
            families: `FAMILY_BITS` of the families whose prefixes have path identifiers, or
                `NOT_PLAIN`.
            internal: whether the routes are those of an internal session as its peer sent them.
        """
        table = self._tables[self.headers[peer]]
        table.families = families
        table.form = table.form & ~FORM_INTERNAL | (FORM_INTERNAL if internal else 0)

    def frames(self, peer: int) -> int:
        """Return the number of messages of a table that were read here or left out.

        Those that only have routes of address families that are not read do not count.
        """
        return self._tables[self.headers[peer]].frames

    def ask(self, peer: int) -> None:
        """Stop with `Stop.PEERS` at the next message of a table, until `set_viewpoint`.

        `asked` is the table then. Messages that only have routes of address families that are not
        read are passed.
        """
        self._readings[peer] = ASKED

    def take_touched(self) -> list[int]:
        """Return the tables of which messages were read or left out since the last call.

        Their order is that of their first messages.
        """
        found, self._touched = self._touched, []
        for peer in found:
            self._tables[self.headers[peer]].is_touched = False
        return found

    def touch(self, peer: int) -> None:
        """Note that the caller read a message of a table."""
        self._touch(self._tables[self.headers[peer]])

    def _touch(self, table: _Table) -> None:
        if not table.is_touched:
            table.is_touched = True
            self._touched.append(table.peer)

    def leave_out(self, peer: int) -> None:
        """Pass the messages of a table unread from now on, until `set_viewpoint`."""
        self._readings[peer] = LEFT_OUT

    def read_bmp(self, buffer: bytes, at: int, base: int, longest: int) -> tuple[int, Stop]:
        """Read BMP messages from `at`; return the offset reached and why it stopped there.

        It stops with `Stop.PEERS` at the first message of a table, which is read again after
        `set_viewpoint` and `set_form`, and where `ask` says; with `Stop.FRAME` at a message that
        the caller has to read, whole or not, valid or not; with `Stop.END` where the buffer ends.

        Args:
            buffer: octets of the stream.
            at: where a message starts.
            base: the offset of the buffer in the stream.
            longest: the maximum length of a message.
        """
        self._buffer, self._base = buffer, base
        size = len(buffer)
        while at + HEADER_OCTETS <= size:
            version, length, kind = _HEADER.unpack_from(buffer, at)
            if (
                version != VERSION
                or kind != MessageType.ROUTE_MONITORING
                or not _LEAST <= length <= longest
            ):
                return at, Stop.FRAME
            end = at + length
            if end > size:
                break
            stop = self._monitored(at, end)
            if stop is not None:
                return at, stop
            self.records += 1
            at = end
        return at, Stop.END

    def _monitored(self, at: int, end: int) -> Stop | None:
        """Read a message of a table; return why not, or None."""
        buffer, start = self._buffer, at + HEADER_OCTETS
        head = buffer[start : start + TABLE_HEAD]
        table = self._tables.get(head)
        if table is None:
            return self._meet_table(head)
        if self._readings[table.peer] == LEFT_OUT:
            table.frames += 1
            self._touch(table)
            self.octets_skipped += end - at
            return None
        update = self._plain_update(table, at + MONITORED_HEAD, end)
        if update is None:
            return Stop.FRAME
        is_empty = update.is_foreign and not update.announced and not update.withdrawn
        if self._readings[table.peer] == ASKED and not is_empty:
            self.asked = table.peer
            return Stop.PEERS
        if not is_empty:
            table.frames += 1
            self._touch(table)
        seconds, fraction = _TIME.unpack_from(buffer, start + TABLE_HEAD)
        self._timestamp = seconds * _MILLION + (fraction if fraction < _MILLION else 0)
        self._record = self._base + at
        self._update(table.peer, update)
        if update.is_foreign:
            self.foreign += 1
            self.octets_skipped += end - at
        else:
            self.octets_read += end - at
        return None

    def _plain_update(self, table: _Table, at: int, end: int) -> UpdateSections | None:
        """Read a BGP message; return None if it is no plain UPDATE."""
        buffer, body = self._buffer, at + BGP_HEADER_OCTETS
        whole = (end - at, _UPDATE)
        if buffer[at : at + 16] != MARKER or _BGP_HEAD.unpack_from(buffer, at + 16) != whole:
            return None
        form = self._form_of(table, body, end)
        if form is None:
            return None
        update = read_update(buffer, body, end, form, 0)
        is_plain = not update.lost and not update.undeclared_path_ids and not update.ended
        return update if is_plain else None

    def _meet_table(self, head: bytes) -> Stop:
        """Add a table, unless there are too many or the type of its peer is unknown."""
        if head[0] not in _PEER_TYPES or len(self.peers) >= self.max_peers:
            return Stop.FRAME
        peer = self._add_peer(read_monitored_peer(head))
        as4 = head[0] == PeerType.LOC_RIB or not head[1] & PeerFlags.A
        # Routers write their own routes without AS_PATH there.
        loc_rib = FORM_LOC_RIB if head[0] == PeerType.LOC_RIB else 0
        self._tables[head] = _Table(peer, FORM_UPDATE | loc_rib | (FORM_AS4 if as4 else 0))
        self.headers[peer] = head
        self.asked = -1
        return Stop.PEERS

    def _form_of(self, table: _Table, at: int, end: int) -> int | None:
        """Return the form of an UPDATE; None if only some of its prefixes have path identifiers."""
        families = table.families
        if families & NOT_PLAIN:
            return None
        if families in (0, ALL_FAMILY_BITS):
            return table.form | (FORM_ADD_PATH if families else 0)
        named = self._named_families(at, end)
        if not named & families:
            return table.form
        return None if named & ~families else table.form | FORM_ADD_PATH

    def _named_families(self, at: int, end: int) -> int:
        """Return the bits of the families that an UPDATE has prefixes of; 0 if it is damaged."""
        buffer, bits = self._buffer, 0
        start = at + 2 + int.from_bytes(buffer[at : at + 2]) + 2
        if start > end:
            return 0
        list_end = start + int.from_bytes(buffer[start - 2 : start])
        if list_end > end:
            return 0
        if start > at + 4 or list_end < end:
            bits |= FAMILY_BITS[4, 1]
        found = find_multiprotocol(buffer, start, list_end, is_cut=False)
        for section in (found.reach, found.unreach):
            if section is not None:
                bits |= FAMILY_BITS[section.family, section.safi]
        return bits
