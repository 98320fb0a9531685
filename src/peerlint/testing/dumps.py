"""MRT dumps as octets, built from routes: for tests that need a dump and have none.

Three builders: `RibDump` makes what a router or collector writes of its table, `OldRibDump` what
older ones wrote of it, `UpdateDump` what is written of messages. They take routes as values or in
the one-line notation (see `peerlint.model.Route.parse`) and give the octets of a dump, to be
compressed or written as the test likes::

    rib = RibDump()
    ams = rib.peer("192.0.2.1", 64500)
    rib.routes(ams, "203.0.113.0/24 path 64500 64501 community 8075:8007")
    path.write_bytes(gzip.compress(rib.octets()))

A route without a next hop gets the address of the peer that announces it, as on a real session.
"""

from __future__ import annotations

import struct
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Final, Self

import attrs

from peerlint.errors import InputError
from peerlint.model import AsPath, Prefix, Route
from peerlint.wire.attributes import Attributes, Form, MpReach, MpUnreach, encode_attributes
from peerlint.wire.bgp import Open, Update, encode
from peerlint.wire.capabilities import FourOctetAs
from peerlint.wire.mrt import (
    PEER_INDEX_TABLE,
    RIB_SUBTYPES,
    Bgp4mpMessage,
    MrtType,
    Peer,
    PeerIndexTable,
    StateChange,
    encode_bgp4mp_message,
    encode_peer_index_table,
    encode_record,
    encode_state_change,
)
from peerlint.wire.nlri import AFIS, Nlri, encode_nlri
from peerlint.wire.paths import AS_TRANS

IPAddress = IPv4Address | IPv6Address

#: The time of every record unless said otherwise: 2026-11-21 00:00 UTC, in microseconds.
TIMESTAMP: Final = 1_795_219_200_000_000
#: The state of a session that is up (RFC 6396 section 4.4.1).
ESTABLISHED: Final = 6
_SECOND: Final = 1_000_000
_TWO_OCTETS: Final = 0xFFFF
_IN_OLD_RIB: Final = Form(as4=False, in_rib=True)
_RIB_SUBTYPE: Final = {meaning: subtype for subtype, meaning in RIB_SUBTYPES.items()}


def route_attributes(
    route: Route, *, as4: bool = True, in_rib: bool = False, full_reach: bool = False
) -> Attributes:
    """Return the attributes with which a router would send a route.

    Args:
        route: with a next hop, unless IPv4 in a RIB.
        as4: whether AS_PATH has four octets per AS; if not, AS4_PATH goes with a path that needs
            it. RFC 6793 has no way to say wide numbers in confederations: they become AS_TRANS.
        in_rib: an entry of a RIB, where MP_REACH_NLRI is short (RFC 6396 section 4.3.4).
        full_reach: keep it in full there, as RouteViews does.

    Raises:
        InputError: the route is malformed, or an UPDATE needs a next hop that it lacks.
    """
    if route.malformed:
        raise InputError("route", expected="one that is not malformed", found=str(route))
    hop, family = route.next_hop, route.prefix.family
    reach: MpReach | None = None
    next_hop: IPv4Address | None = None
    if family == 4 and isinstance(hop, IPv4Address):
        next_hop = hop
    elif hop is not None:  # IPv6, or IPv4 over IPv6 (RFC 8950)
        nlri = (Nlri(route.prefix, None if in_rib else route.path_id),)
        short = in_rib and not full_reach
        reach = MpReach((hop,)) if short else MpReach((hop,), family, 1, nlri)
    elif family == 6 and not in_rib:
        raise InputError("route", expected="a next hop", found=str(route))
    return Attributes(
        origin=0,
        as_path=route.path,
        next_hop=next_hop,
        communities=tuple(sorted(route.communities)),
        extended_communities=tuple(sorted(route.extended_communities)),
        large_communities=tuple(sorted(route.large_communities)),
        as4_path=None if as4 else _as4_path(route.path),
        mp_reach=reach,
    )


def _as4_path(path: AsPath) -> AsPath | None:
    """Return the AS4_PATH that a path needs; it has no confederations (RFC 6793 section 4.2.2)."""
    outside = path.without_confederations()
    return outside if any(asn > 0xFFFF for asn in outside.asns) else None


def _read(route: Route | str, hop: IPAddress) -> Route:
    read = Route.parse(route) if isinstance(route, str) else route
    if read.next_hop is not None or (read.prefix.family == 6 and hop.version == 4):
        return read
    return attrs.evolve(read, next_hop=hop)


class _Dump:
    def __init__(self, timestamp: int) -> None:
        self._timestamp = timestamp
        self._records: list[bytes] = []

    def at(self, timestamp: int) -> Self:
        """Set the time of the records that follow, in microseconds since 1970."""
        self._timestamp = timestamp
        return self

    def record(self, kind: MrtType, subtype: int, body: bytes) -> Self:
        """Append any record; its time is cut to seconds unless `kind` has microseconds."""
        self._records.append(encode_record(self._timestamp, kind, subtype, body))
        return self


class RibDump(_Dump):
    """A TABLE_DUMP_V2 dump (RFC 6396 section 4.3): a peer table, then a record for each prefix.

    Routes with a path identifier go into add-path records (RFC 8050).
    """

    def __init__(
        self,
        *,
        timestamp: int = TIMESTAMP,
        collector: str = "192.0.2.255",
        view: str = "",
        safi: int = 1,
        full_reach: bool = False,
    ) -> None:
        """Start a dump without peers.

        Args:
            timestamp: of every record, in microseconds since 1970; cut to seconds.
            collector: BGP identifier of the writer.
            view: name of its table.
            safi: 1 unicast, 2 multicast.
            full_reach: whether MP_REACH_NLRI is written in full, as RouteViews does.
        """
        super().__init__(timestamp)
        self._collector, self._view = IPv4Address(collector), view
        self._safi, self._full_reach = safi, full_reach
        self._peers: list[Peer] = []
        self._entries: dict[tuple[Prefix, bool], list[bytes]] = {}

    def peer(self, address: str, asn: int, bgp_id: str = "192.0.2.1") -> int:
        """Append a peer; return its index in the table."""
        self._peers.append(Peer(ip_address(address), asn, IPv4Address(bgp_id)))
        return len(self._peers) - 1

    def routes(self, peer: int, *routes: Route | str) -> Self:
        """Append routes that a peer announced.

        An IPv6 route of a peer with an IPv4 address goes without a next hop if it has none.

        Raises:
            InputError: a route cannot be read, or is malformed (see `entry`).
            IndexError: no such peer yet.
        """
        for each in routes:
            route = _read(each, self._peers[peer].address)
            said = route_attributes(route, in_rib=True, full_reach=self._full_reach)
            octets = encode_attributes(said, Form(in_rib=True))
            self.entry(peer, route.prefix, octets, route.path_id)
        return self

    def entry(
        self, peer: int, prefix: Prefix | str, attributes: bytes, path_id: int | None = None
    ) -> Self:
        """Append an entry with attributes as octets, whatever they say, of any peer index."""
        place = Prefix.parse(prefix) if isinstance(prefix, str) else prefix
        head = struct.pack(">HI", peer, self._timestamp // _SECOND)
        identifier = b"" if path_id is None else path_id.to_bytes(4)
        entry = b"".join((head, identifier, len(attributes).to_bytes(2), attributes))
        self._entries.setdefault((place, path_id is not None), []).append(entry)
        return self

    def octets(self) -> bytes:
        """Return the dump: peer table, RIB records in the order of first mention, other records.

        Dumps are put together as octets: `old.octets() + new.octets()` has two snapshots of one
        table, and an `UpdateDump` behind a table has the updates to it.
        """
        table = PeerIndexTable(self._collector, self._view, tuple(self._peers))
        body = encode_peer_index_table(table)
        kind = MrtType.TABLE_DUMP_V2
        parts = [encode_record(self._timestamp, kind, PEER_INDEX_TABLE, body)]
        for sequence, ((prefix, add_path), entries) in enumerate(self._entries.items()):
            subtype = _RIB_SUBTYPE[prefix.family, self._safi, add_path]
            head = sequence.to_bytes(4) + encode_nlri((Nlri(prefix),)) + len(entries).to_bytes(2)
            parts.append(encode_record(self._timestamp, kind, subtype, head + b"".join(entries)))
        return b"".join((*parts, *self._records))


class OldRibDump(_Dump):
    """A TABLE_DUMP dump (RFC 6396 section 4.2): a route a record, with its peer.

    AS numbers have two octets: a peer's that is larger becomes AS_TRANS, and AS4_PATH goes with a
    path that needs it. Path identifiers are not written.
    """

    def __init__(self, *, timestamp: int = TIMESTAMP, view: int = 0, together: int = 1) -> None:
        """Start an empty dump.

        Args:
            timestamp: of every record, in microseconds since 1970; cut to seconds.
            view: number of the table.
            together: how many routes of a family, one behind the other, a record holds; in the
                first tables of RIS, as many as fit.
        """
        super().__init__(timestamp)
        self._view, self._together = view, together
        self._sequence = 0
        self._pending: list[bytes] = []
        self._family = 4

    def routes(self, address: str, asn: int, *routes: Route | str) -> Self:
        """Append routes that a peer announced.

        Raises:
            InputError: a route cannot be read, is malformed, or is not of the address's family.
        """
        peer = ip_address(address)
        for each in routes:
            route = _read(each, peer)
            if route.prefix.family != peer.version:
                raise InputError("route", expected=f"one of IPv{peer.version}", found=str(route))
            said = route_attributes(route, as4=False, in_rib=True)
            self.entry(address, asn, route.prefix, encode_attributes(said, _IN_OLD_RIB))
        return self

    def entry(self, address: str, asn: int, prefix: Prefix | str, attributes: bytes) -> Self:
        """Append a route with attributes as octets, whatever they say."""
        place = Prefix.parse(prefix) if isinstance(prefix, str) else prefix
        if place.family != self._family:
            self._flush()
        self._family = place.family
        number = asn if asn <= _TWO_OCTETS else AS_TRANS
        parts = (
            place.octets.ljust(4 if place.family == 4 else 16, b"\0"),
            struct.pack(">BBI", place.length, 1, self._timestamp // _SECOND),
            ip_address(address).packed,
            struct.pack(">HH", number, len(attributes)),
            attributes,
        )
        self._pending.append(b"".join(parts))
        if len(self._pending) >= self._together:
            self._flush()
        return self

    def at(self, timestamp: int) -> Self:
        """Set the time of the records that follow, in microseconds since 1970."""
        self._flush()
        return super().at(timestamp)

    def record(self, kind: MrtType, subtype: int, body: bytes) -> Self:
        """Append any record; its time is cut to seconds unless `kind` has microseconds."""
        self._flush()
        return super().record(kind, subtype, body)

    def octets(self) -> bytes:
        """Return the records in the order in which they were appended."""
        self._flush()
        return b"".join(self._records)

    def _flush(self) -> None:
        """Write the record that is not yet full."""
        if not self._pending:
            return
        head = struct.pack(">HH", self._view, self._sequence)
        body = head + b"".join(self._pending)
        self._pending.clear()
        self._sequence = (self._sequence + 1) & _TWO_OCTETS
        super().record(MrtType.TABLE_DUMP, AFIS[self._family], body)


@attrs.frozen
class FeedSession:
    """A BGP session as messages in a dump name it (RFC 6396 section 4.4).

    Attributes:
        peer: the other side's address.
        peer_asn: its AS number.
        local: this side's address, of the same family.
        local_asn: its AS number.
        as4: whether AS numbers have four octets; if not, both above fit into two.
        sent: whether this side sends the messages (the `_LOCAL` subtypes).
        add_path: whether every prefix has a path identifier; a route without one then has 0.
    """

    peer: IPAddress = attrs.field(converter=ip_address)
    peer_asn: int
    local: IPAddress = attrs.field(converter=ip_address)
    local_asn: int
    as4: bool = True
    sent: bool = False
    add_path: bool = False

    def __attrs_post_init__(self) -> None:
        """Refuse what no record can say.

        Raises:
            InputError: two address families, or an AS number that is too large.
        """
        if self.peer.version != self.local.version:
            raise InputError("session", expected="addresses of one family", found=str(self.local))
        largest = max(self.peer_asn, self.local_asn)
        if not self.as4 and largest > 0xFFFF:
            raise InputError("session", expected="AS numbers of two octets", found=largest)

    @property
    def form(self) -> Form:
        """How the attributes of its messages are written."""
        return Form(as4=self.as4, add_path=self.add_path)


class UpdateDump(_Dump):
    """A BGP4MP dump (RFC 6396 section 4.4): one record for each message.

    Records whose time is not a whole second are BGP4MP_ET (section 3).
    """

    def __init__(self, *, timestamp: int = TIMESTAMP) -> None:
        """Start an empty dump; `timestamp` in microseconds since 1970, see `at`."""
        super().__init__(timestamp)

    def announce(self, session: FeedSession, *routes: Route | str) -> Self:
        """Append an UPDATE for each route.

        Raises:
            InputError: a route cannot be read, is malformed, or is IPv6 without a next hop on a
                session between IPv4 addresses.
        """
        sender = session.local if session.sent else session.peer
        for each in routes:
            route = _with_id(_read(each, sender), session)
            said = route_attributes(route, as4=session.as4)
            nlri = () if said.mp_reach is not None else (Nlri(route.prefix, route.path_id),)
            self.update(session, Update((), said, nlri))
        return self

    def withdraw(self, session: FeedSession, *routes: Route | str) -> Self:
        """Append an UPDATE that withdraws each route; only prefix and path identifier count.

        Raises:
            InputError: a route cannot be read.
        """
        for each in routes:
            read = Route.parse(each) if isinstance(each, str) else each
            route = _with_id(read, session)
            nlri = (Nlri(route.prefix, route.path_id),)
            if route.prefix.family == 4:
                self.update(session, Update(nlri))
            else:
                self.update(session, Update((), Attributes(mp_unreach=MpUnreach(6, 1, nlri))))
        return self

    def end_of_rib(self, session: FeedSession, family: int = 4) -> Self:
        """Append the End-of-RIB of an address family (RFC 4724 section 2)."""
        if family == 4:
            return self.update(session, Update())
        return self.update(session, Update((), Attributes(mp_unreach=MpUnreach(family, 1))))

    def update(self, session: FeedSession, update: Update) -> Self:
        """Append any UPDATE."""
        return self.message(session, encode(update, session.form))

    def message(self, session: FeedSession, message: bytes) -> Self:
        """Append a BGP message as octets, header included, whatever they say."""
        record = Bgp4mpMessage(
            session.peer_asn,
            session.local_asn,
            0,
            session.peer,
            session.local,
            message,
            session.sent,
            session.as4,
            session.add_path,
        )
        return self._bgp4mp(*encode_bgp4mp_message(record))

    def open(self, session: FeedSession) -> Self:
        """Append an OPEN (RFC 4271 section 4.2), with its AS number as a capability if wide."""
        asn = session.local_asn if session.sent else session.peer_asn
        message = Open(
            my_as=asn if asn <= 0xFFFF else AS_TRANS,
            hold_time=180,
            bgp_id=IPv4Address("192.0.2.1"),
            capabilities=(FourOctetAs(asn),) if session.as4 else (),
        )
        return self.message(session, encode(message, session.form))

    def state_change(self, session: FeedSession, old: int = 5, new: int = ESTABLISHED) -> Self:
        """Append a change of the session's state (RFC 6396 section 4.4.1), 1 Idle to 6."""
        record = StateChange(
            session.peer_asn,
            session.local_asn,
            0,
            session.peer,
            session.local,
            old,
            new,
            session.as4,
        )
        return self._bgp4mp(*encode_state_change(record))

    def octets(self) -> bytes:
        """Return the records in the order in which they were appended."""
        return b"".join(self._records)

    def _bgp4mp(self, subtype: int, body: bytes) -> Self:
        whole = self._timestamp % _SECOND == 0
        return self.record(MrtType.BGP4MP if whole else MrtType.BGP4MP_ET, subtype, body)


def _with_id(route: Route, session: FeedSession) -> Route:
    """Give a route the path identifier that its session asks for, or take it away."""
    if session.add_path:
        return attrs.evolve(route, path_id=route.path_id or 0)
    return attrs.evolve(route, path_id=None)
