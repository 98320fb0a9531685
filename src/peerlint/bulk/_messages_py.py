"""The half of the Python kernel that reads BGP4MP (RFC 6396 section 4.4)."""

from __future__ import annotations

from typing import Final

from peerlint.bulk._attributes_py import Judged
from peerlint.bulk._contract import (
    ANNOUNCE,
    DOWN,
    END_OF_RIB_4,
    END_OF_RIB_6,
    ENDED,
    ESTABLISHED,
    FORM_ADD_PATH,
    FORM_AS4,
    FORM_UPDATE,
    HEARD,
    OPENED,
    STARTED,
    WITHDRAW,
    BrokenError,
    Fault,
    PeerRow,
    Stop,
    need,
)
from peerlint.bulk._peers import read_session, read_state_change
from peerlint.bulk._rows_py import TAGGED, Rows, left_aligned
from peerlint.bulk.watch import Watch
from peerlint.model import Criteria
from peerlint.wire.mrt import MESSAGE_SUBTYPES, STATE_CHANGE_SUBTYPES

_MARKER: Final = b"\xff" * 16


class _ForeignError(Exception):
    """An UPDATE speaks of an address family that is not IPv4 or IPv6 unicast or multicast."""


class Messages(Rows):
    """Rows of UPDATEs, and what other messages say of a session."""

    def __init__(self, criteria: Criteria, watch: Watch | None, *, tagged_too: bool) -> None:
        """See `_kernel_py.Kernel`."""
        super().__init__(criteria, watch, tagged_too=tagged_too)
        self._by_session: dict[PeerRow, int] = {}

    def _session(self, row: PeerRow) -> int | None:
        """Return the peer's index, None if it is new."""
        index = self._by_session.get(row)
        if index is None:
            self._by_session[row] = self._add_peer(row)
        return index

    def _state_change(self, subtype: int, start: int, end: int) -> Stop | None:
        found = read_state_change(self._buffer, start, end, as4=STATE_CHANGE_SUBTYPES[subtype])
        if found is not None:
            row, state = found
            peer = self._session(row)
            if peer is None:
                return None
            if state == ESTABLISHED:
                self._seen[peer] |= OPENED
            self._note(peer, STARTED if state == ESTABLISHED else DOWN)
        self._read_message(end)
        return Stop.END

    def _read_message(self, end: int) -> None:
        """Count a record of a feed as read, and keep the times of the first and the last one."""
        first = self._timestamp if self.messages is None else self.messages[0]
        self.messages = (first, self._timestamp)
        self._read_all(end)

    def _message(self, kind: int, subtype: int, start: int, end: int) -> Stop | None:
        as4, local, add_path = MESSAGE_SUBTYPES[subtype]
        asns_end = start + (8 if as4 else 4)
        if self._buffer[asns_end : min(asns_end + 16, end)] == _MARKER:
            # An old Zebra left the addresses out: no session to file it under.
            self._read_message(end)
            return Stop.END
        row, at = read_session(self._buffer, start, end, as4=as4, local=local)
        peer = self._session(row)
        if peer is None:
            return None
        buffer = self._buffer
        need(at, 19, end)
        if buffer[at : at + 16] != _MARKER:
            raise BrokenError(at, Fault.MARKER, 0, 0)
        length = int.from_bytes(buffer[at + 16 : at + 18])
        if length != end - at:
            raise BrokenError(at + 16, Fault.MESSAGE_LENGTH, end - at, length)
        message = buffer[at + 18]
        if 1 <= message <= 5:
            self._note(peer, {1: STARTED, 3: DOWN}.get(message, HEARD))
        if message == 1:
            self._seen[peer] |= OPENED
        elif message == 2:
            form = FORM_UPDATE | (FORM_AS4 if as4 else 0) | (FORM_ADD_PATH if add_path else 0)
            try:
                self._update(peer, form, at + 19, end)
            except _ForeignError:
                self._skip(kind, subtype, end)
                return Stop.END
        elif not 3 <= message <= 5:
            raise BrokenError(at + 18, Fault.MESSAGE_TYPE, 0, message)
        self._read_message(end)
        return Stop.END

    def _update(self, peer: int, form: int, at: int, end: int) -> None:
        """Read an UPDATE (RFC 4271 section 4.3); its rows appear all or not at all."""
        buffer = self._buffer
        withdrawn = at + 2
        need(at, 2, end)
        withdrawn_end = withdrawn + int.from_bytes(buffer[at:withdrawn])
        need(withdrawn, withdrawn_end - withdrawn + 2, end)
        attributes = withdrawn_end + 2
        nlri = attributes + int.from_bytes(buffer[withdrawn_end:attributes])
        need(attributes, nlri - attributes, end)
        gone = self._nlri(withdrawn, withdrawn_end, 4, 1, form)
        come = self._nlri(nlri, end, 4, 1, form)
        reach, unreach, left = self._multiprotocol(attributes, nlri)
        if left and nlri == end and reach is None and unreach is None:
            # No prefix to withdraw (RFC 7606 section 5.2): it may stand in what is left.
            raise BrokenError(attributes, Fault.ATTRIBUTE_LIST, 0, left)
        if unreach is not None:
            family, safi, start, stop = unreach
            gone += self._nlri(start, stop, family, safi, form)
        if reach is not None:
            family, safi, start, stop = reach
            come += self._nlri(start, stop, family, safi, form)
        if not gone and not come:
            # Nothing at all, or an MP_UNREACH_NLRI without prefixes: End-of-RIB, RFC 4724. That of
            # multicast says nothing of the unicast routes.
            is_mp = unreach is not None and reach is None and unreach[1] == 1
            if nlri == attributes or (is_mp and unreach is not None and unreach[0] == 4):
                self._seen[peer] |= END_OF_RIB_4
                self._note(peer, ENDED)
            elif is_mp:
                self._seen[peer] |= END_OF_RIB_6
        here = (attributes, nlri - attributes)
        self._emit(peer, gone, (WITHDRAW, form), (0, 0, -1), here)
        if come and self._readings[peer] >= 0:
            judged = self._facts.judge(
                buffer,
                attributes,
                nlri,
                form,
                self._readings[peer],
                self._owns[peer],
            )
            self._emit(peer, come, (ANNOUNCE, form), judged, here)
        else:
            self._entries[peer] += len(come)

    def _emit(
        self,
        peer: int,
        prefixes: list[tuple[int, int, int, int, int]],
        kind_form: tuple[int, int],
        judged: Judged,
        attributes: tuple[int, int],
    ) -> None:
        self._entries[peer] += len(prefixes)
        if self._readings[peer] < 0:
            return
        (kind, form), (facts, path_length, origin) = kind_form, judged
        announced = kind == ANNOUNCE
        if not announced:
            self._withdrawn[peer] += len(prefixes)
        for family, safi, first, length, path_id in prefixes:
            if announced:
                self._tagged[peer] += bool(facts & TAGGED)
                self._ipv6[peer] += family == 6
            # A withdrawal may be of a route that was tagged before.
            kept = self._tagged_too and (facts & TAGGED or not announced)
            if not kept and not self._inside(family, first, length):
                continue
            bits = facts | self._prefix_bits(family, first, length) if announced else 0
            self._rows.append(
                (kind, family, safi, length, form, peer, bits, path_length, self._timestamp)
                + (*left_aligned(family, first), path_id, origin, self._record, *attributes)
            )

    def _nlri(
        self, at: int, end: int, family: int, safi: int, form: int
    ) -> list[tuple[int, int, int, int, int]]:
        found: list[tuple[int, int, int, int, int]] = []
        path_id = -1
        while at < end:
            if form & FORM_ADD_PATH:
                need(at, 4, end)
                path_id = int.from_bytes(self._buffer[at : at + 4])
                at += 4
            first, length, at = self._prefix(at, end, family)
            found.append((family, safi, first, length, path_id))
        return found

    def _multiprotocol(
        self, at: int, end: int
    ) -> tuple[tuple[int, int, int, int] | None, tuple[int, int, int, int] | None, int]:
        """Find MP_REACH_NLRI and MP_UNREACH_NLRI: (family, SAFI, first octet, end) of each.

        And how many octets are left at the end of the list, which then is malformed.
        """
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
                raise BrokenError(value, Fault.REPEATED, 0, kind)
            if kind == 14:
                family, safi = self._family(value, after)
                need(value, 5, after)
                start = value + 5 + buffer[value + 3]
                need(value, start - value, after)
                if buffer[value + 3] not in (4, 16, 32):
                    raise BrokenError(value + 3, Fault.NEXT_HOP, 0, buffer[value + 3])
                reach = (family, safi, start, after)
            elif kind == 15:
                unreach = (*self._family(value, after), value + 3, after)
            at = after
        return reach, unreach, end - at

    def _family(self, at: int, end: int) -> tuple[int, int]:
        need(at, 3, end)
        afi, safi = int.from_bytes(self._buffer[at : at + 2]), self._buffer[at + 2]
        if afi not in (1, 2) or safi not in (1, 2):
            raise _ForeignError
        return (4 if afi == 1 else 6), safi
