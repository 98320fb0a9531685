"""The kernel in plain Python: the specification of what a kernel does.

A kernel walks over MRT records in a buffer and appends one row for each route that is asked
for. It takes and gives plain values and knows nothing of files, sessions or rules. It stops
where only its caller can go on: at the end of the buffer, where a peer turns up of which the
caller has to say how its paths are read, and where octets make no sense.
"""

from __future__ import annotations

from enum import IntEnum
from struct import Struct
from typing import Final

from peerlint.bulk._attributes_py import (
    FORM_ADD_PATH,
    FORM_AS4,
    FORM_UPDATE,
    AttributeFacts,
    Judged,
)
from peerlint.bulk.watch import Watch
from peerlint.iana import special_blocks
from peerlint.model import Criteria, Fact
from peerlint.wire.mrt import (
    MAX_RECORD,
    MESSAGE_SUBTYPES,
    PEER_INDEX_TABLE,
    RIB_SUBTYPES,
    STATE_CHANGE_SUBTYPES,
    MrtType,
)


class Stop(IntEnum):
    """Why a kernel stopped."""

    END = 0  # the buffer ends, perhaps inside a record
    PEERS = 1  # `peers` has new rows: say how their paths are read, then go on
    BROKEN = 2  # `expected`, `found` and `broken_at` say what makes no sense
    UNKNOWN = 3  # a record of a type that no RFC defines, or an absurdly long one


#: Codes of `RouteBatch.kind`.
RIB, ANNOUNCE, WITHDRAW = 0, 1, 2
#: What a session showed in a feed: bits of `Kernel.seen`.
OPENED, END_OF_RIB_4, END_OF_RIB_6 = 1, 2, 4
#: `Kernel.readings` of a peer whose routes nobody asks for.
UNWANTED: Final = -1

Row = tuple[int, int, int, int, int, int, int, int, int, int, int, int, int, int, int, int]
#: Address, AS number, BGP identifier, local AS number (None in a RIB), whether messages are sent.
PeerRow = tuple[bytes, int, bytes, int | None, bool]

_HEADER: Final = Struct(">IHHI")
_ENTRY: Final = Struct(">HIH")
_ENTRY_ADD_PATH: Final = Struct(">HIIH")

_TAGGED: Final = int(Fact.TAGGED)
_KNOWN_TYPES: Final = frozenset(map(int, MrtType))
_MARKER: Final = b"\xff" * 16


class _BrokenError(Exception):
    """Octets make no sense at an offset of the buffer."""


class _ForeignError(Exception):
    """An UPDATE speaks of an address family that is not IPv4 or IPv6 unicast or multicast."""


class Kernel:
    """Rows from records; one object for one dump.

    Attributes:
        rows: to be taken and cleared by the caller; the order of `peerlint.bulk.batch.ROW`.
        peers: every peer met so far.
        readings: for each peer a `Reading` or `UNWANTED`; the caller's.
        owns: for each peer the AS that announces to AS8075, -1 if unknown; the caller's.
        entries: for each peer, how many routes and withdrawals were met.
        withdrawn: for each peer, how many of these were withdrawals.
        tagged: for each peer, how many of its routes carry the community.
        ipv6: for each peer, how many of its routes are IPv6.
        seen: for each peer, bits `OPENED`, `END_OF_RIB_4`, `END_OF_RIB_6`.
        unsupported: records by (type, subtype) that were skipped.
        records: records whose head was read.
        octets_read: octets understood.
        octets_skipped: octets of unsupported records.
        lost: (offset in the buffer, octets, expected, found) of parts lost inside records that
            could be read on.
        broken_at: offset in the buffer, after `Stop.BROKEN`; the rest of the record is lost.
        record_end: where that record ends if its length can be believed.
        expected: what should stand there.
        found: what stands there.
    """

    def __init__(self, criteria: Criteria, watch: Watch | None, *, tagged_too: bool) -> None:
        """Set up.

        Args:
            criteria: what routes are measured against.
            watch: rows that do not overlap it are left out; None for all rows.
            tagged_too: rows outside `watch` are kept if they carry the community.
        """
        self.rows: list[Row] = []
        self.peers: list[PeerRow] = []
        self.readings: list[int] = []
        self.owns: list[int] = []
        self.entries: list[int] = []
        self.withdrawn: list[int] = []
        self.tagged: list[int] = []
        self.ipv6: list[int] = []
        self.seen: list[int] = []
        self.unsupported: dict[tuple[int, int], int] = {}
        self.records = self.octets_read = self.octets_skipped = 0
        self.lost: list[tuple[int, int, str, str]] = []
        self.broken_at = self.record_end = 0
        self.expected = self.found = ""
        self._watch = watch
        self._tagged_too = tagged_too
        self._allow = criteria.allow
        self._facts = AttributeFacts(criteria)
        self._table: list[int] | None = None  # peer index -> index into `peers`
        self._by_session: dict[PeerRow, int] = {}
        # Of the record in hand:
        self._buffer = b""
        self._base = 0
        self._record = 0
        self._timestamp = 0

    def walk(self, buffer: bytes, at: int, base: int) -> tuple[int, Stop]:
        """Read records from `at`; return the offset reached and why it stopped there.

        Args:
            buffer: octets of the dump.
            at: where a record starts.
            base: the offset of the buffer in the decompressed stream.
        """
        self._buffer, self._base = buffer, base
        size = len(buffer)
        while at + 12 <= size:
            seconds, kind, subtype, length = _HEADER.unpack_from(buffer, at)
            start, end = at + 12, at + 12 + length
            if length > MAX_RECORD or kind not in _KNOWN_TYPES:
                self.record_end = end
                return at, Stop.UNKNOWN
            if end > size:
                break
            self._record, self._timestamp = base + at, seconds * 1_000_000
            self.record_end = end
            try:
                if kind == MrtType.BGP4MP_ET:
                    # Microseconds count in the length (RFC 6396 section 3).
                    self._need(start, 4, end)
                    self._timestamp += int.from_bytes(buffer[start : start + 4])
                    start += 4
                stop = self._body(kind, subtype, start, end)
            except _BrokenError:
                self.records += 1
                return at, Stop.BROKEN
            if stop is None:  # a session that is new: the record is read once more
                return at, Stop.PEERS
            self.records += 1
            at = end
            if stop is Stop.PEERS:
                return at, Stop.PEERS
        return at, Stop.END

    def _body(self, kind: int, subtype: int, start: int, end: int) -> Stop | None:
        if kind == MrtType.TABLE_DUMP_V2:
            if subtype in RIB_SUBTYPES:
                self._rib(subtype, start, end)
            elif subtype == PEER_INDEX_TABLE:
                self._peer_index_table(start, end)
                self._read_all(end)
                return Stop.PEERS
            else:
                self._skip(kind, subtype, end)
            return Stop.END
        if kind in (MrtType.BGP4MP, MrtType.BGP4MP_ET):
            if subtype in MESSAGE_SUBTYPES:
                return self._message(kind, subtype, start, end)
            if subtype in STATE_CHANGE_SUBTYPES:
                return self._state_change(subtype, start, end)
        self._skip(kind, subtype, end)
        return Stop.END

    def _skip(self, kind: int, subtype: int, end: int) -> None:
        key = (kind, subtype)
        self.unsupported[key] = self.unsupported.get(key, 0) + 1
        self.octets_skipped += end - (self._record - self._base)

    def _read_all(self, end: int) -> None:
        self.octets_read += end - (self._record - self._base)

    def _need(self, at: int, octets: int, end: int) -> None:
        if at + octets > end:
            self._broken(at, f"{octets} octets inside the record", f"{end - at}")

    def _broken(self, at: int, expected: str, found: str) -> None:
        self.broken_at, self.expected, self.found = at, expected, found
        raise _BrokenError

    # -- peers

    def _peer_index_table(self, at: int, end: int) -> None:
        buffer = self._buffer
        self._table = None  # a broken table must not leave the one before it in force
        self._need(at, 6, end)
        name = int.from_bytes(buffer[at + 4 : at + 6])
        self._need(at + 6, name + 2, end)
        at += 6 + name
        count = int.from_bytes(buffer[at : at + 2])
        at += 2
        table: list[int] = []
        for _ in range(count):
            self._need(at, 5, end)
            address = at + 5
            asn = address + (16 if buffer[at] & 1 else 4)
            after = asn + (4 if buffer[at] & 2 else 2)
            self._need(at, after - at, end)
            row = (
                buffer[address:asn],
                int.from_bytes(buffer[asn:after]),
                buffer[at + 1 : address],
                None,
                False,
            )
            table.append(self._add_peer(row))
            at = after
        if at != end:
            self._broken(at, "the end of the peer table", f"{end - at} more octets")
        self._table = table

    def _add_peer(self, row: PeerRow) -> int:
        self.peers.append(row)
        self.readings.append(UNWANTED)
        self.owns.append(-1)
        self.entries.append(0)
        self.withdrawn.append(0)
        self.tagged.append(0)
        self.ipv6.append(0)
        self.seen.append(0)
        return len(self.peers) - 1

    # -- TABLE_DUMP_V2 RIB records (RFC 6396 section 4.3.2, RFC 8050 section 4.1)

    def _rib(self, subtype: int, at: int, end: int) -> None:
        buffer = self._buffer
        family, safi, add_path = RIB_SUBTYPES[subtype]
        self._need(at, 5, end)
        first, length, at = self._prefix(at + 4, end, family)
        self._need(at, 2, end)
        count = int.from_bytes(buffer[at : at + 2])
        at += 2
        table = self._table
        if table is None:
            self._broken(at, "a PEER_INDEX_TABLE before the first RIB record", "none")
            return
        inside = self._inside(family, first, length)
        if not inside and not self._tagged_too:
            self._read_all(end)
            return
        form = FORM_AS4 | (FORM_ADD_PATH if add_path else 0)
        bits = self._prefix_bits(family, first, length)
        place = (family, safi, length, form, bits, *_left_aligned(family, first))
        lost = self._rib_entries(at, end, count, table, place=place, inside=inside)
        self.octets_read += end - (self._record - self._base) - lost

    def _rib_entries(
        self,
        at: int,
        end: int,
        count: int,
        table: list[int],
        *,
        place: tuple[int, int, int, int, int, int, int],
        inside: bool,
    ) -> int:
        """Read the entries of a RIB record; return how many octets of them are lost."""
        buffer, judge, is_tagged = self._buffer, self._facts.judge, self._facts.is_tagged
        readings, entries, owns = self.readings, self.entries, self.owns
        family, safi, length, form, bits, hi, lo = place
        record, timestamp = self._record, self._timestamp
        append, add_path = self.rows.append, form & FORM_ADD_PATH
        head = _ENTRY_ADD_PATH if add_path else _ENTRY
        unpack, head_size, peers = head.unpack_from, head.size, len(table)
        ipv6, is_ipv6 = self.ipv6, int(family == 6)
        path_id, lost = -1, 0
        for _ in range(count):
            attributes = at + head_size
            if attributes > end:
                self._lose(at, end, lost, "a RIB entry")
            if add_path:
                index, _, path_id, size = unpack(buffer, at)
            else:
                index, _, size = unpack(buffer, at)
            after = attributes + size
            if after > end:
                self._lose(at, end, lost, f"{size} octets of attributes")
            if index >= peers:
                self.lost.append((at, after - at, f"a peer index below {peers}", str(index)))
                lost += after - at
                at = after
                continue
            peer = table[index]
            entries[peer] += 1
            if (reading := readings[peer]) >= 0:
                ipv6[peer] += is_ipv6
                if inside or is_tagged(buffer, attributes, after):
                    facts, path_length, origin = judge(
                        buffer, attributes, after, form, reading, owns[peer]
                    )
                    if facts & _TAGGED:
                        self.tagged[peer] += 1
                    append(
                        (
                            RIB, family, safi, length, form, peer, facts | bits, path_length,
                            timestamp, hi, lo, path_id, origin, record, attributes, size,
                        )
                    )  # fmt: skip
            at = after
        if at != end:
            self._lose(at, end, lost, "the end of the record")
        return lost

    def _lose(self, at: int, end: int, lost: int, expected: str) -> None:
        """Give up the rest of a RIB record; what was read of it stays read."""
        self.octets_read -= lost
        self._broken(at, expected, f"{end - at} octets to the end of the record")

    def _inside(self, family: int, first: int, length: int) -> bool:
        if self._watch is None:
            return True
        last = first | (1 << (32 if family == 4 else 128) - length) - 1
        return self._watch.overlaps(family, first, last)

    def _prefix(self, at: int, end: int, family: int) -> tuple[int, int, int]:
        """Read a prefix; return its first address, its length, and the offset after it."""
        width = 32 if family == 4 else 128
        self._need(at, 1, end)
        length = self._buffer[at]
        if length > width:
            self._broken(at, f"a prefix length up to {width}", str(length))
        after = at + 1 + (length + 7) // 8
        self._need(at, after - at, end)
        octets = self._buffer[at + 1 : after]
        # Bits right of the length are irrelevant (RFC 4271 section 4.3).
        shift = width - length
        first = int.from_bytes(octets.ljust(width // 8, b"\0")) >> shift << shift
        return first, length, after

    def _prefix_bits(self, family: int, first: int, length: int) -> int:
        bits = 0
        if family == 6:
            bits |= Fact.IPV6
        elif length > 24:
            bits |= Fact.LONGER_THAN_24
        if special_blocks(family, first, length, self._allow):
            bits |= Fact.SPECIAL_PREFIX
        return int(bits)

    # -- BGP4MP (RFC 6396 section 4.4)

    def _session(self, at: int, end: int, *, as4: bool, local: bool) -> tuple[int | None, int]:
        """Return the peer's index (None if it is new) and the offset after the addresses."""
        buffer = self._buffer
        width = 4 if as4 else 2
        self._need(at, 2 * width + 4, end)
        addresses = at + 2 * width + 4
        afi = int.from_bytes(buffer[addresses - 2 : addresses])
        if afi not in (1, 2):
            self._broken(addresses - 2, "AFI 1 or 2", str(afi))
        size = 4 if afi == 1 else 16
        self._need(addresses, 2 * size, end)
        row = (
            buffer[addresses : addresses + size],
            int.from_bytes(buffer[at : at + width]),
            b"",
            int.from_bytes(buffer[at + width : at + 2 * width]),
            local,
        )
        index = self._by_session.get(row)
        if index is None:
            self._by_session[row] = self._add_peer(row)
        return index, addresses + 2 * size

    def _state_change(self, subtype: int, start: int, end: int) -> Stop | None:
        as4 = STATE_CHANGE_SUBTYPES[subtype]
        if end - start == (12 if as4 else 8):  # an old Zebra left the addresses out
            self._read_all(end)
            return Stop.END
        peer, at = self._session(start, end, as4=as4, local=False)
        if peer is None:
            return None
        self._need(at, 4, end)
        if at + 4 != end:
            self._broken(at + 4, "the end of the state change", f"{end - at - 4} more octets")
        if self._buffer[at + 2 : at + 4] == b"\0\6":  # Established
            self.seen[peer] |= OPENED
        self._read_all(end)
        return Stop.END

    def _message(self, kind: int, subtype: int, start: int, end: int) -> Stop | None:
        as4, local, add_path = MESSAGE_SUBTYPES[subtype]
        asns_end = start + (8 if as4 else 4)
        if self._buffer[asns_end : min(asns_end + 16, end)] == _MARKER:
            self._read_all(end)  # an old Zebra left the addresses out: no session to file it under
            return Stop.END
        peer, at = self._session(start, end, as4=as4, local=local)
        if peer is None:
            return None
        buffer = self._buffer
        self._need(at, 19, end)
        if buffer[at : at + 16] != _MARKER:
            self._broken(at, "a BGP marker of 16 octets 0xff", buffer[at : at + 16].hex())
        length = int.from_bytes(buffer[at + 16 : at + 18])
        if length != end - at:
            self._broken(at + 16, f"a message of {end - at} octets", str(length))
        message = buffer[at + 18]
        if message == 1:
            self.seen[peer] |= OPENED
        elif message == 2:
            form = FORM_UPDATE | (FORM_AS4 if as4 else 0) | (FORM_ADD_PATH if add_path else 0)
            try:
                self._update(peer, form, at + 19, end)
            except _ForeignError:
                self._skip(kind, subtype, end)
                return Stop.END
        elif not 3 <= message <= 5:
            self._broken(at + 18, "a message type from 1 to 5", str(message))
        self._read_all(end)
        return Stop.END

    def _update(self, peer: int, form: int, at: int, end: int) -> None:
        """Read an UPDATE (RFC 4271 section 4.3); its rows appear all or not at all."""
        buffer = self._buffer
        withdrawn = at + 2
        self._need(at, 2, end)
        withdrawn_end = withdrawn + int.from_bytes(buffer[at:withdrawn])
        self._need(withdrawn, withdrawn_end - withdrawn + 2, end)
        attributes = withdrawn_end + 2
        nlri = attributes + int.from_bytes(buffer[withdrawn_end:attributes])
        self._need(attributes, nlri - attributes, end)
        gone = self._nlri(withdrawn, withdrawn_end, 4, 1, form)
        come = self._nlri(nlri, end, 4, 1, form)
        reach, unreach = self._multiprotocol(attributes, nlri)
        if unreach is not None:
            family, safi, start, stop = unreach
            gone += self._nlri(start, stop, family, safi, form)
        if reach is not None:
            family, safi, start, stop = reach
            come += self._nlri(start, stop, family, safi, form)
        if not gone and not come:
            # Nothing at all, or an MP_UNREACH_NLRI without prefixes: End-of-RIB, RFC 4724. That of
            # multicast says nothing of the unicast routes.
            if nlri == attributes:
                self.seen[peer] |= END_OF_RIB_4
            elif unreach is not None and reach is None and unreach[1] == 1:
                self.seen[peer] |= END_OF_RIB_4 if unreach[0] == 4 else END_OF_RIB_6
        here = (attributes, nlri - attributes)
        self._emit(peer, gone, (WITHDRAW, form), (0, 0, -1), here)
        if come and self.readings[peer] >= 0:
            judged = self._facts.judge(
                buffer,
                attributes,
                nlri,
                form,
                self.readings[peer],
                self.owns[peer],
            )
            self._emit(peer, come, (ANNOUNCE, form), judged, here)
        else:
            self.entries[peer] += len(come)

    def _emit(
        self,
        peer: int,
        prefixes: list[tuple[int, int, int, int, int]],
        kind_form: tuple[int, int],
        judged: Judged,
        attributes: tuple[int, int],
    ) -> None:
        self.entries[peer] += len(prefixes)
        if self.readings[peer] < 0:
            return
        (kind, form), (facts, path_length, origin) = kind_form, judged
        announced = kind == ANNOUNCE
        if not announced:
            self.withdrawn[peer] += len(prefixes)
        for family, safi, first, length, path_id in prefixes:
            if announced:
                self.tagged[peer] += bool(facts & _TAGGED)
                self.ipv6[peer] += family == 6
            # A withdrawal may be of a route that was tagged before.
            kept = self._tagged_too and (facts & _TAGGED or not announced)
            if not kept and not self._inside(family, first, length):
                continue
            bits = facts | self._prefix_bits(family, first, length) if announced else 0
            self.rows.append(
                (kind, family, safi, length, form, peer, bits, path_length, self._timestamp)
                + (*_left_aligned(family, first), path_id, origin, self._record, *attributes)
            )

    def _nlri(
        self, at: int, end: int, family: int, safi: int, form: int
    ) -> list[tuple[int, int, int, int, int]]:
        found: list[tuple[int, int, int, int, int]] = []
        path_id = -1
        while at < end:
            if form & FORM_ADD_PATH:
                self._need(at, 4, end)
                path_id = int.from_bytes(self._buffer[at : at + 4])
                at += 4
            first, length, at = self._prefix(at, end, family)
            found.append((family, safi, first, length, path_id))
        return found

    def _multiprotocol(
        self, at: int, end: int
    ) -> tuple[tuple[int, int, int, int] | None, tuple[int, int, int, int] | None]:
        """Find MP_REACH_NLRI and MP_UNREACH_NLRI: (family, SAFI, first octet, end) of each."""
        buffer = self._buffer
        reach: tuple[int, int, int, int] | None = None
        unreach: tuple[int, int, int, int] | None = None
        while at + 3 <= end:
            wide = buffer[at] & 0x10
            value = at + (4 if wide else 3)
            after = value + int.from_bytes(buffer[at + 2 : value])
            if after > end or value > end:
                break  # the list is malformed, which `_attributes` says
            kind = buffer[at + 1]
            if (kind == 14 and reach is not None) or (kind == 15 and unreach is not None):
                # RFC 7606 section 3 g: nobody knows which of the two counts.
                self._broken(value, "one attribute of its type", f"a second of type {kind}")
            if kind == 14:
                family, safi = self._family(value, after)
                self._need(value, 5, after)
                start = value + 5 + buffer[value + 3]
                self._need(value, start - value, after)
                if buffer[value + 3] not in (4, 16, 32):
                    self._broken(
                        value + 3, "a next hop of 4, 16 or 32 octets", str(buffer[value + 3])
                    )
                reach = (family, safi, start, after)
            elif kind == 15:
                unreach = (*self._family(value, after), value + 3, after)
            at = after
        return reach, unreach

    def _family(self, at: int, end: int) -> tuple[int, int]:
        self._need(at, 3, end)
        afi, safi = int.from_bytes(self._buffer[at : at + 2]), self._buffer[at + 2]
        if afi not in (1, 2) or safi not in (1, 2):
            raise _ForeignError
        return (4 if afi == 1 else 6), safi


def _left_aligned(family: int, first: int) -> tuple[int, int]:
    """Return the upper and lower 64 bits of an address, IPv4 in the top 32."""
    if family == 4:
        return first << 32, 0
    return first >> 64, first & 0xFFFFFFFFFFFFFFFF
