"""The part of the Python kernel that reads BGP4MP (RFC 6396 section 4.4)."""

from __future__ import annotations

from typing import Final

from peerlint.bulk.kernel.contract import (
    ANNOUNCE,
    DOWN,
    END_OF_RIB_4,
    ENDED,
    ESTABLISHED,
    FORM_ADD_PATH,
    FORM_AS4,
    FORM_BROKEN,
    FORM_INTERNAL,
    FORM_UPDATE,
    HEARD,
    OPENED,
    STARTED,
    WITHDRAW,
    BrokenError,
    Fault,
    PeerRow,
    Stop,
    describe,
    need,
)
from peerlint.bulk.kernel.peers import read_session, read_state_change
from peerlint.bulk.kernel.python.attributes import RouteFacts
from peerlint.bulk.kernel.python.rows import TAGGED, Rows, left_aligned
from peerlint.bulk.kernel.python.update import NamedPrefix, UpdateSections, read_update
from peerlint.bulk.prefix_filter import PrefixFilter
from peerlint.errors import WireError
from peerlint.model import Criteria, Fact
from peerlint.wire.attribute_types import is_internal
from peerlint.wire.bgp import MESSAGE_TYPES, MessageType, decode_open
from peerlint.wire.mrt import MESSAGE_SUBTYPES, STATE_CHANGE_SUBTYPES

_MARKER: Final = b"\xff" * 16
#: Code and subcode; AFI, subtype and SAFI.
_LEAST: Final = {int(MessageType.NOTIFICATION): 2, int(MessageType.ROUTE_REFRESH): 4}
_MALFORMED: Final = int(Fact.MALFORMED)
_WITHDRAWN: Final[RouteFacts] = (_MALFORMED, 0, -1)


class Messages(Rows):
    """Makes rows of UPDATEs, and records what other messages say of a session."""

    def __init__(
        self, criteria: Criteria, prefix_filter: PrefixFilter | None, *, tagged_too: bool
    ) -> None:
        """See `python.route_kernel.Kernel`."""
        super().__init__(criteria, prefix_filter, tagged_too=tagged_too)
        self._by_session: dict[PeerRow, int] = {}

    def _session(self, row: PeerRow) -> int | None:
        """Return the index of a peer; None if it is new, and has been added."""
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
        """Count a record of a feed as read."""
        self._note_message()
        self._read_all(end)

    def _note_message(self) -> None:
        """Keep the times of the first and the last record of a feed."""
        first = self._timestamp if self.messages is None else self.messages[0]
        self.messages = (first, self._timestamp)

    def _message(self, kind: int, subtype: int, start: int, end: int) -> Stop | None:
        as4, local, add_path = MESSAGE_SUBTYPES[subtype]
        asns_end = start + (8 if as4 else 4)
        if self._buffer[asns_end : min(asns_end + 16, end)] == _MARKER:
            # Old Zebra left the addresses out: it belongs to no session.
            self._pass_unread(kind, subtype, start, end)
            self._note_message()
            return Stop.END
        row, first = read_session(self._buffer, start, end, as4=as4, local=local)
        peer = self._session(row)
        if peer is None:
            return None
        form = FORM_UPDATE | (FORM_AS4 if as4 else 0) | (FORM_ADD_PATH if add_path else 0)
        _, peer_asn, _, local_asn, _ = row
        if is_internal(peer_asn, local_asn or 0):
            form |= FORM_INTERNAL
        at, before, is_foreign = first, self.lost.octets, False
        try:
            # RFC 6396 allows one message in a record, but some writers put several.
            while at == first or at < end:
                at, foreign = self._one_message(peer, form, at, end, is_first=at == first)
                is_foreign |= foreign
        except (BrokenError, WireError):
            self.octets_read -= self._lost_since(before)
            raise
        if is_foreign:
            self.octets_skipped -= self._lost_since(before)
            self._skip(kind, subtype, end)
        else:
            self.octets_read -= self._lost_since(before)
            self._read_message(end)
        return Stop.END

    def _lost_since(self, before: int) -> int:
        """Return how many octets of the current record were lost."""
        return self.lost.octets - before

    def _one_message(
        self, peer: int, form: int, at: int, end: int, *, is_first: bool
    ) -> tuple[int, bool]:
        """Read a message; return where it ends, and whether a part of it is skipped.

        Routes of other address families are skipped, and so are other types of messages.
        """
        length = self._message_length(at, end, is_first=is_first)
        buffer, message, after = self._buffer, self._buffer[at + 18], at + length
        if message != MessageType.OPEN:
            self._note(peer, DOWN if message == MessageType.NOTIFICATION else HEARD)
        if message == 2:
            update = read_update(buffer, at + 19, min(after, end), form, max(0, after - end))
            lost = list(update.lost)
            if after > end:  # the writer cut the message, possibly between two prefixes
                unread = (update.unread, end) if update.unread < end else (at + 16, at + 18)
                lost.append((*unread, Fault.MESSAGE_LENGTH, end - at, length))
            for place, stop, fault, wanted, found in sorted(lost):
                self.lost.add(place, stop - place, *describe(fault, wanted, found))
            self._update(peer, update)
            return after, update.is_foreign
        if after > end:
            raise BrokenError(at + 16, Fault.MESSAGE_LENGTH, end - at, length)
        if message not in MESSAGE_TYPES:
            return after, True
        self._check_body(message, at + 19, after)
        if message == MessageType.OPEN:
            self._seen[peer] |= OPENED
            self._note(peer, STARTED)
        return after, False

    def _message_length(self, at: int, end: int, *, is_first: bool) -> int:
        """Return the length field of the message at an offset."""
        is_message = self._buffer[at : min(at + 16, end)] == _MARKER
        if not is_message and not is_first:
            raise BrokenError(at, Fault.MESSAGE_END, 0, end - at)
        need(at, 19, end)
        if not is_message:
            raise BrokenError(at, Fault.MARKER, 0, 0)
        length = int.from_bytes(self._buffer[at + 16 : at + 18])
        if length < 19:
            raise BrokenError(at + 16, Fault.MESSAGE_LENGTH, end - at, length)
        return length

    def _check_body(self, message: int, at: int, end: int) -> None:
        """Check the body of a message other than UPDATE."""
        if message == MessageType.OPEN:
            try:
                decode_open(self._buffer[at:end])
            except WireError as error:
                raise error.moved(at) from None
        elif message == MessageType.KEEPALIVE and at != end:
            raise BrokenError(at, Fault.MESSAGE_END, 0, end - at)
        elif end - at < (least := _LEAST.get(message, 0)):
            raise BrokenError(end, Fault.SHORT, least, end - at)

    def _update(self, peer: int, update: UpdateSections) -> None:
        """Make rows of an UPDATE."""
        self.undeclared_path_ids += update.undeclared_path_ids
        if update.ended:
            self._seen[peer] |= update.ended
        if update.ended & END_OF_RIB_4:
            self._note(peer, ENDED)
        at, end, form = update.attributes, update.attributes_end, update.form
        here = (at, end - at)
        self._emit(peer, update.withdrawn, (WITHDRAW, form), (0, 0, -1), here)
        if not update.announced or self._readings[peer] < 0:
            self._entries[peer] += len(update.announced)
            return
        route = _WITHDRAWN
        if not form & FORM_BROKEN:
            reading, own = self._readings[peer], self._own_asns[peer]
            route = self._facts.compute(self._buffer, at, update.whole_end, form, reading, own)
        self._emit(peer, update.announced, (ANNOUNCE, form), route, here)

    def _emit(
        self,
        peer: int,
        prefixes: list[tuple[int, int, int, int, int]],
        kind_form: tuple[int, int],
        route: RouteFacts,
        attributes: tuple[int, int],
    ) -> None:
        self._entries[peer] += len(prefixes)
        if self._readings[peer] < 0:
            return
        (kind, form), (facts, path_length, origin) = kind_form, route
        announced = kind == ANNOUNCE
        if not announced:
            self._withdrawn[peer] += len(prefixes)
        for family, safi, first, length, path_id in prefixes:
            if announced:
                self._tagged[peer] += bool(facts & TAGGED)
                self._ipv6[peer] += family == 6
            if not self._is_kept(peer, (family, safi, first, length, path_id), facts, kind):
                continue
            bits = facts | self._prefix_bits(family, first, length) if announced else 0
            self._rows.append(
                (kind, family, safi, length, form, peer, bits, path_length, self._timestamp)
                + (*left_aligned(family, first), path_id, origin, self._record, *attributes)
            )

    def _is_kept(self, peer: int, prefix: NamedPrefix, facts: int, kind: int) -> bool:
        """Return whether a prefix of an UPDATE has a row."""
        family, safi, first, length, path_id = prefix
        if peer in self._others_of:
            gone = kind == WITHDRAW or bool(facts & _MALFORMED)
            route = (family, first, length, path_id)
            return safi == 1 and self.shows(peer, route, tagged=bool(facts & TAGGED), gone=gone)
        # A withdrawal may withdraw a route that carried the community.
        if self._tagged_too and (facts & TAGGED or kind == WITHDRAW):
            return True
        return self._inside(family, first, length)
