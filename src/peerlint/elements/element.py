"""Elements: what a record of a dump contains about one prefix, or about a session's state."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address

import attrs

from peerlint.arguments import ArgumentEnum
from peerlint.wire.attributes import Attributes
from peerlint.wire.bgp import Update
from peerlint.wire.mrt import (
    Bgp4mpEntry,
    Bgp4mpMessage,
    Header,
    Peer,
    Rib,
    StateChange,
    TableDump,
)
from peerlint.wire.nlri import Nlri
from peerlint.wire.reach import IPAddress
from peerlint.wire.reader import Record


class Kind(ArgumentEnum):
    """The kinds of elements; the values are bgpdump's letters."""

    RIB = "B"
    ANNOUNCE = "A"
    WITHDRAW = "W"
    STATE = "STATE"


@attrs.frozen
class Element:
    """One route, withdrawal or change of state. It is immutable: threads may share it.

    Attributes:
        kind: the kind of element.
        header: the header of its record.
        record: the offset of its record in the decompressed stream.
        peer: the other side of the session; the recipient if `sent`. It has a BGP identifier only
            in a TABLE_DUMP_V2.
        nlri: the prefix; None for a change of state.
        safi: 1 unicast, 2 multicast; None for a change of state.
        attributes: the attributes of the route; None for a withdrawal or a change of state.
        next_hop: the next hop of this prefix; a message may have one for each address family.
        add_path: whether prefixes have path identifiers, also if the record's subtype excludes
            them.
        sent: whether the router that wrote the dump sent the message.
        originated: when the router received a route of a RIB, in seconds since 1970.
        states: the session's states before and after, 1 Idle to 6 Established.
    """

    kind: Kind
    header: Header
    record: int
    peer: Peer
    nlri: Nlri | None = None
    safi: int | None = None
    attributes: Attributes | None = None
    next_hop: IPAddress | None = None
    add_path: bool = False
    sent: bool = False
    originated: int | None = None
    states: tuple[int, int] | None = None

    @property
    def malformed(self) -> tuple[str, ...]:
        """Names of the attributes for which RFC 7606 requires treat-as-withdraw."""
        if self.attributes is None:
            return ()
        return self.attributes.withdrawn_for(in_rib=self.kind is Kind.RIB)


_NO_ID = IPv4Address(0)


def elements_of(record: Record) -> Iterator[Element]:
    """Yield the elements of a record; peer tables and messages other than UPDATE have none."""
    match record.body:
        case Rib():
            yield from _of_rib(record, record.body)
        case Bgp4mpMessage():
            if isinstance(record.message, Update):
                yield from _of_update(record, record.body, record.message)
        case StateChange() as change:
            yield Element(
                Kind.STATE,
                record.header,
                record.offset,
                Peer(change.peer, change.peer_asn, _NO_ID),
                states=(change.old, change.new),
            )
        case TableDump():
            yield from _of_table_dump(record, record.body)
        case Bgp4mpEntry() as entry:
            yield Element(
                Kind.RIB,
                record.header,
                record.offset,
                Peer(entry.peer, entry.peer_asn, _NO_ID),
                entry.nlri,
                entry.safi,
                entry.attributes,
                entry.next_hops[0] if entry.next_hops else None,
                originated=entry.originated,
            )


def _of_table_dump(record: Record, body: TableDump) -> Iterator[Element]:
    for entry in body:
        yield Element(
            Kind.RIB,
            record.header,
            record.offset,
            Peer(entry.peer, entry.peer_asn, _NO_ID),
            Nlri(entry.prefix),
            1,
            entry.attributes,
            entry.attributes.next_hop_of(entry.prefix.family, in_rib=True),
            originated=entry.originated,
        )


def _of_rib(record: Record, rib: Rib) -> Iterator[Element]:
    for entry in rib.entries:
        yield Element(
            Kind.RIB,
            record.header,
            record.offset,
            record.peers[entry.peer],
            Nlri(rib.nlri.prefix, entry.path_id),
            rib.safi,
            entry.attributes,
            entry.attributes.next_hop_of(rib.nlri.prefix.family, in_rib=True),
            rib.add_path,
            originated=entry.originated,
        )


def _of_update(record: Record, message: Bgp4mpMessage, update: Update) -> Iterator[Element]:
    """Yield withdrawals, then announcements; those of the message's own fields come first."""
    peer = Peer(message.peer, message.peer_asn, _NO_ID)
    header, offset, attributes = record.header, record.offset, update.attributes
    sent = message.local
    for nlri, safi in update.all_withdrawn:
        add_path = nlri.path_id is not None
        yield Element(Kind.WITHDRAW, header, offset, peer, nlri, safi, None, None, add_path, sent)
    own, reach = len(update.nlri), attributes.mp_reach
    for index, (nlri, safi) in enumerate(update.announced):
        add_path = nlri.path_id is not None
        hop: IPAddress | None = attributes.next_hop
        if index >= own and reach is not None:
            hop = reach.next_hops[0] if reach.next_hops else None
        yield Element(
            Kind.ANNOUNCE, header, offset, peer, nlri, safi, attributes, hop, add_path, sent
        )
