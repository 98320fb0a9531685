"""Read a BMP stream message by message, as it arrives, and account for damage."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final, Literal

import attrs

from peerlint.errors import WireError
from peerlint.wire.attribute_types import Form
from peerlint.wire.bgp import Update
from peerlint.wire.bmp.body import Body, read_body
from peerlint.wire.bmp.forms import MAX_PEERS, PeerForms
from peerlint.wire.bmp.framing import Framing
from peerlint.wire.bmp.header import (
    HEADER_OCTETS,
    MAX_MESSAGE,
    MESSAGE_TYPES,
    VERSION,
    Header,
    MessageType,
)
from peerlint.wire.bmp.messages import RouteMonitoring
from peerlint.wire.bmp.peer_header import PEER_HEADER_OCTETS
from peerlint.wire.bmp.sessions import PeerDown, PeerUp
from peerlint.wire.bmp.updates import UpdateReadings, read_updates
from peerlint.wire.damage import Lost, Quality, SkippedKinds
from peerlint.wire.messages import MessageReading

#: Types of messages without routes, by which a skipped message cannot hide one.
_WITHOUT_ROUTES: Final = frozenset(MessageType) - {MessageType.ROUTE_MONITORING}


@attrs.frozen
class Record:
    """One message of a stream.

    Attributes:
        offset: the offset of its common header in the stream.
        header: its common header.
        body: its decoded body, as far as it can be read.
        update: for Route Monitoring, the UPDATE, as far as it can be read.
        form: for Route Monitoring, how the UPDATE is encoded.
        undeclared_path_ids: whether the UPDATE is read with path identifiers although the OPENs of
            the Peer Up exclude them, or there was none.
        missing_path_ids: whether the UPDATE is read without path identifiers although the OPENs
            negotiate them: FRR leaves them out.
        undeclared_as2: whether the UPDATE is read with AS numbers of two octets although flag A
            does not say it: FRR 8.4 leaves it out.
        is_damaged: whether a part of the message is lost.
    """

    offset: int
    header: Header
    body: Body
    update: Update | None = None
    form: Form | None = None
    undeclared_path_ids: bool = False
    missing_path_ids: bool = False
    undeclared_as2: bool = False
    is_damaged: bool = False


class Reader:
    """Reads one BMP stream: feed it what arrives, and iterate over the messages that it returns.

    A Route Monitoring message with several UPDATEs gives one record for each.

    Attributes:
        framing: the octets; a kernel may read messages from it between those of `next_message`.
        forms: the sessions that are up.
        unsupported: the messages that were skipped, by version and type.
        missing_path_ids: the number of UPDATEs that were read without path identifiers although
            the OPENs of the Peer Up negotiate them.
        skipped_messages: the number of messages of another version, or with a part of another
            address family.
    """

    def __init__(
        self,
        *,
        source: str,
        max_message: int = MAX_MESSAGE,
        max_peers: int = MAX_PEERS,
        on_damage: Literal["keep", "raise"] = "keep",
    ) -> None:
        """Prepare for the first octets.

        Args:
            source: the stream's name, for errors.
            max_message: the maximum length of a message; a longer one ends the stream.
            max_peers: the maximum number of peers that are up.
            on_damage: "raise" raises a `DamageError` at the first damage.
        """
        self.missing_path_ids = self.skipped_messages = 0
        self.framing = Framing(source=source, max_message=max_message, on_damage=on_damage)
        self.forms = PeerForms(max_peers)
        self.unsupported = SkippedKinds()
        self._records = self._entries = self._malformed = self._read = self._skipped = 0
        self._may_hide = self._undeclared_path_ids = 0

    @property
    def is_lost(self) -> bool:
        """Whether the framing is lost: nothing more can be read, and the connection is useless."""
        return self.framing.is_lost

    @property
    def pending(self) -> int:
        """The number of octets of a message that has not arrived completely."""
        return self.framing.pending

    @property
    def damages(self) -> int:
        """The number of damages so far."""
        return self.framing.damages

    @property
    def hiding_messages(self) -> int:
        """The number of skipped messages that may hide routes."""
        return self._may_hide

    def read(self, chunks: Iterable[bytes]) -> Iterator[Record]:
        """Yield the messages of a recorded stream to its end.

        Args:
            chunks: the stream, in pieces of any size.

        Raises:
            DamageError: with on_damage="raise", at the first damage.
        """
        for chunk in chunks:
            yield from self.feed(chunk)
        self.end()

    def feed(self, octets: bytes) -> Iterator[Record]:
        """Take the octets that arrived next; return an iterator over the messages complete by them.

        Raises:
            DamageError: while iterating, with on_damage="raise".
        """
        self.framing.feed(octets)
        return self._complete_records()

    def end(self) -> None:
        """Record the end of the stream; an incomplete message is lost.

        Raises:
            DamageError: with on_damage="raise", if there is one.
        """
        self.framing.end()

    @property
    def quality(self) -> Quality:
        """How well the stream could be read so far.

        `records` counts messages, `unsupported` has (version, type, messages), and `read + skipped
        + lost` are the octets of all messages passed.
        """
        framing = self.framing
        other_kinds, other_records, kinds_full = self.unsupported.others
        return Quality(
            octets=framing.octets,
            records=self._records,
            entries=self._entries,
            malformed=self._malformed,
            read=self._read,
            skipped=self._skipped,
            lost=framing.lost,
            damages=framing.damages,
            damage=tuple(framing.damage),
            unsupported=self.unsupported.most,
            may_hide_routes=self._may_hide,
            undeclared_path_ids=self._undeclared_path_ids,
            other_kinds=other_kinds,
            other_records=other_records,
            kinds_full=kinds_full,
        )

    def _complete_records(self) -> Iterator[Record]:
        while (records := self.next_message()) is not None:
            yield from records

    def next_message(self) -> tuple[Record, ...] | None:
        """Read the next message of what was fed to `framing`.

        Returns:
            Its records, which may be none; None if the message has not arrived completely, or the
            framing is lost.

        Raises:
            DamageError: with on_damage="raise", if it is damaged.
        """
        framing = self.framing
        header = framing.next_header()
        if header is None:
            return None
        self._records += 1
        start = framing.at
        octets = framing.buffer[start + HEADER_OCTETS : start + header.length]
        offset = framing.octets
        framing.pass_message(header)
        if header.version == VERSION:
            return self._message(header, offset, octets)
        self._skip(header, header.length)
        self._may_hide += header.type not in _WITHOUT_ROUTES
        return ()

    def _skip(self, header: Header, octets: int) -> None:
        self.skipped_messages += 1
        self.unsupported.add(header.version, header.type)
        self._skipped += octets

    def _message(self, header: Header, offset: int, octets: bytes) -> tuple[Record, ...]:
        """Read a message of the supported version; return no record if nothing can be read."""
        try:
            body, lost = read_body(_type_of(header), octets)
            if isinstance(body, PeerUp):
                self.forms.add(body)
        except WireError as error:
            self._count(header, offset, (_all_after(error, octets),))
            return ()
        if isinstance(body, RouteMonitoring):
            return self._route_monitoring(header, offset, body)
        if isinstance(body, PeerDown):
            self.forms.remove(body.peer)
        self._count(header, offset, lost)
        return (Record(offset, header, body, is_damaged=bool(lost)),)

    def _route_monitoring(
        self, header: Header, offset: int, body: RouteMonitoring
    ) -> tuple[Record, ...]:
        forms = self.forms
        found = read_updates(
            body.message, forms.form_of(body.peer), may_have_as2=forms.may_have_as2(body.peer)
        )
        records: list[Record] = []
        for each in found.readings:
            update = each.message
            if not isinstance(update, Update):
                continue
            if self._count_update(update, in_rib=body.peer.is_loc_rib) or not each.is_foreign:
                records.append(_record(header, offset, body, each, found))
            self._undeclared_path_ids += each.undeclared_path_ids
        self.missing_path_ids += len(records) if found.missing_path_ids else 0
        lost = tuple(each.moved(PEER_HEADER_OCTETS) for each in found.lost)
        self._count(header, offset, lost, is_foreign=found.is_foreign)
        return tuple(records)

    def _count_update(self, update: Update, *, in_rib: bool) -> int:
        """Count the announcements and withdrawals of an UPDATE, and return their number.

        In a Loc-RIB no attribute is missing: routers leave AS_PATH out of their own routes there.
        """
        announced, withdrawn = len(update.announced), len(update.all_withdrawn)
        self._entries += announced + withdrawn
        if announced and update.attributes.withdrawn_for(in_rib=in_rib):
            self._malformed += announced
        return announced + withdrawn

    def _count(
        self, header: Header, offset: int, lost: tuple[Lost, ...], *, is_foreign: bool = False
    ) -> None:
        """Count the octets of a message as read, skipped and lost.

        Args:
            header: its common header.
            offset: the offset of that in the stream.
            lost: the ranges that cannot be read; offsets count from the body.
            is_foreign: whether a part of it is of an address family that is not supported.
        """
        octets = header.length
        for each in lost:
            size = each.end - each.at
            octets -= size
            at = offset + HEADER_OCTETS + each.at
            # With on_damage="raise" this is the last statement that runs.
            self.framing.note(at, size, each.error.expected, each.error.found)
        if is_foreign:
            self._skip(header, octets)
        else:
            self._read += octets


def _type_of(header: Header) -> MessageType:
    """Return the type of a message.

    Raises:
        WireError: it is unknown; the offset counts from the end of the header, whose last octet it
            is.
    """
    kind = MESSAGE_TYPES.get(header.type)
    if kind is None:
        raise WireError(-1, expected="a BMP message type from 0 to 6", found=str(header.type))
    return kind


def _record(
    header: Header,
    offset: int,
    body: RouteMonitoring,
    reading: MessageReading,
    found: UpdateReadings,
) -> Record:
    one = body if reading.octets is body.message else attrs.evolve(body, message=reading.octets)
    return Record(
        offset,
        header,
        one,
        reading.message if isinstance(reading.message, Update) else None,
        found.form,
        reading.undeclared_path_ids,
        found.missing_path_ids,
        found.undeclared_as2,
        bool(reading.lost),
    )


def _all_after(error: WireError, octets: bytes) -> Lost:
    """Return the loss of a body from an error on, whose offset counts from the body."""
    return Lost(min(error.offset, len(octets)), len(octets), error)
