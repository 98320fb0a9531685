"""Build BMP streams from routes, for tests.

`BmpStream` takes routes as values or in the one-line notation (see `peerlint.model.Route.parse`),
and returns the octets that a router would send::

    peer = BmpPeer("192.0.2.1", 8075, "192.0.2.0", 64500, view="sent")
    stream = BmpStream("edge1").up(peer)
    stream.announce(peer, "203.0.113.0/24 path 64500 community 8075:8007").end_of_rib(peer)
    octets = stream.octets()
"""

from __future__ import annotations

from ipaddress import IPv4Address, ip_address
from typing import Final, Self

import attrs

from peerlint.errors import InputError
from peerlint.model import Route, View
from peerlint.testing._dump import TIMESTAMP, route_attributes, with_next_hop
from peerlint.wire.attributes import Attributes, Form, MpUnreach
from peerlint.wire.bgp import Notification, Open, Update, encode
from peerlint.wire.bmp import (
    Body,
    Initiation,
    InitiationTlv,
    LocRibFlags,
    PeerDown,
    PeerDownReason,
    PeerFlags,
    PeerHeader,
    PeerType,
    PeerUp,
    PeerUpTlv,
    RawStatistic,
    RouteMonitoring,
    Statistic,
    StatisticsReport,
    Termination,
    TerminationTlv,
    Tlv,
    encode_body,
    encode_message,
    notification_data,
)
from peerlint.wire.capabilities import (
    AddPath,
    Direction,
    FourOctetAs,
    GracefulRestart,
    multiprotocol,
)
from peerlint.wire.nlri import AFIS, Nlri
from peerlint.wire.paths import AS_TRANS
from peerlint.wire.reach import IPAddress

#: The flags of the views that BMP has.
_FLAGS: Final = {
    View.SENT: PeerFlags.O | PeerFlags.L,
    View.ADVERTISED: PeerFlags.O,
    View.ADJ_RIB_IN: PeerFlags(0),
    View.LOC_RIB: PeerFlags(0),
}
_NO_ADDRESS: Final = IPv4Address(0)
_FORM: Final = Form()


@attrs.frozen
class BmpPeer:
    """One table of one peer of a router that speaks BMP.

    Attributes:
        address: the peer's address; for the view loc-rib the header has 0.0.0.0 instead.
        asn: the peer's AS number; the router's own for the view loc-rib.
        local: the router's address.
        local_asn: the router's AS number.
        view: which table the messages are about: sent, advertised, adj-rib-in or loc-rib.
        post_policy: for the view adj-rib-in, whether it is the table after policy.
        type: the peer's type; that of a Loc-RIB for this view.
        distinguisher: the number of its instance.
        as4: whether AS_PATH has four octets for each AS number.
        add_path: whether every prefix has a path identifier; a route without one then gets 0.
        filtered: for the view loc-rib, whether not all routes are sent.
        restart: what the peer's OPEN offers for its graceful restart; None for nothing.
        local_restart: what the router's OPEN offers.
    """

    address: IPAddress = attrs.field(converter=ip_address)
    asn: int
    local: IPAddress = attrs.field(converter=ip_address)
    local_asn: int
    view: View = attrs.field(default=View.ADJ_RIB_IN, converter=View, kw_only=True)
    post_policy: bool = attrs.field(default=False, kw_only=True)
    type: PeerType = attrs.field(default=PeerType.GLOBAL, kw_only=True)
    distinguisher: int = attrs.field(default=0, kw_only=True)
    as4: bool = attrs.field(default=True, kw_only=True)
    add_path: bool = attrs.field(default=False, kw_only=True)
    filtered: bool = attrs.field(default=False, kw_only=True)
    restart: GracefulRestart | None = attrs.field(default=None, kw_only=True)
    local_restart: GracefulRestart | None = attrs.field(default=None, kw_only=True)

    def __attrs_post_init__(self) -> None:
        """Check that BMP has the view.

        Raises:
            InputError: it does not.
        """
        if self.view not in _FLAGS:
            raise InputError("view", expected=" or ".join(_FLAGS), found=str(self.view))

    @property
    def form(self) -> Form:
        """The encoding of its UPDATEs."""
        return Form(as4=self.as4, add_path=self.add_path)

    def header(self, timestamp: int | None = None) -> PeerHeader:
        """Return the per-peer header of its messages.

        Args:
            timestamp: microseconds since 1970; None if the router does not say it.
        """
        if self.view is View.LOC_RIB:
            flags = int(LocRibFlags.F) if self.filtered else 0
            kind: PeerType = PeerType.LOC_RIB
            address: IPAddress = _NO_ADDRESS
        else:
            flags = int(_FLAGS[self.view])
            if self.post_policy:
                flags |= PeerFlags.L
            if not self.as4:
                flags |= PeerFlags.A
            kind, address = self.type, self.address
        identifier = self.address if isinstance(self.address, IPv4Address) else _NO_ADDRESS
        return PeerHeader(
            kind,
            address,
            self.asn,
            identifier,
            int(flags),
            self.distinguisher,
            timestamp=timestamp,
        )

    def _open(self, *, by_router: bool) -> Open:
        """Return an OPEN of one side of the session."""
        asn = self.local_asn if by_router else self.asn
        restart = self.local_restart if by_router else self.restart
        both = Direction.SEND | Direction.RECEIVE
        add_path = AddPath(tuple((afi, 1, both) for afi in AFIS.values()))
        return Open(
            my_as=asn if asn <= 0xFFFF else AS_TRANS,
            hold_time=180,
            bgp_id=IPv4Address("192.0.2.1"),
            capabilities=(
                multiprotocol((4, 1)),
                multiprotocol((6, 1)),
                *((FourOctetAs(asn),) if self.as4 else ()),
                *((add_path,) if self.add_path else ()),
                *(() if restart is None else (restart,)),
            ),
        )


class BmpStream:
    """The messages that one router sends."""

    def __init__(self, name: str = "edge1", *, timestamp: int | None = TIMESTAMP) -> None:
        """Start with an Initiation.

        Args:
            name: the router's name.
            timestamp: the time of the headers, in microseconds since 1970, see `at`.
        """
        self.timestamp = timestamp
        self.messages: list[bytes] = []
        tlvs = (InitiationTlv.SYS_DESCR, "test"), (InitiationTlv.SYS_NAME, name)
        self.body(Initiation(tuple(Tlv(kind, text.encode()) for kind, text in tlvs)))

    def at(self, timestamp: int | None) -> Self:
        """Set the time of the headers that follow; None if the router does not say it."""
        self.timestamp = timestamp
        return self

    def up(self, peer: BmpPeer, *, table_name: str | None = None) -> Self:
        """Append a Peer Up; both sides send and receive path identifiers if the peer has them."""
        tlvs = () if table_name is None else (Tlv(PeerUpTlv.VRF_TABLE_NAME, table_name.encode()),)
        header = self._header(peer)
        local = _NO_ADDRESS if header.is_loc_rib else peer.local
        opens = peer._open(by_router=True), peer._open(by_router=header.is_loc_rib)  # noqa: SLF001
        return self.body(PeerUp(header, local, 179, 40000, *opens, tlvs))

    def down(self, peer: BmpPeer, notification: Notification | None = None) -> Self:
        """Append a Peer Down: with a NOTIFICATION that was received, or without data."""
        if notification is None:
            return self.body(PeerDown(self._header(peer), PeerDownReason.REMOTE_NO_DATA))
        data = notification_data(notification)
        return self.body(PeerDown(self._header(peer), PeerDownReason.REMOTE_NOTIFICATION, data))

    def announce(self, peer: BmpPeer, *routes: Route | str) -> Self:
        """Append an UPDATE for each route.

        Raises:
            InputError: a route cannot be parsed, is malformed, or is an IPv6 route without a next
                hop from an IPv4 address.
        """
        for each in routes:
            is_out = peer.view in (View.SENT, View.ADVERTISED)
            route = _with_id(with_next_hop(each, peer.local if is_out else peer.address), peer)
            attributes = route_attributes(route, as4=peer.as4)
            own = () if attributes.mp_reach is not None else (Nlri(route.prefix, route.path_id),)
            self.update(peer, Update((), attributes, own))
        return self

    def withdraw(self, peer: BmpPeer, *routes: Route | str) -> Self:
        """Append an UPDATE that withdraws each route; only its prefix and path identifier are used.

        Raises:
            InputError: a route cannot be parsed.
        """
        for each in routes:
            route = _with_id(Route.parse(each) if isinstance(each, str) else each, peer)
            nlri = (Nlri(route.prefix, route.path_id),)
            if route.prefix.family == 4:
                self.update(peer, Update(nlri))
            else:
                self.update(peer, Update((), Attributes(mp_unreach=MpUnreach(6, 1, nlri))))
        return self

    def end_of_rib(self, peer: BmpPeer, family: int = 4) -> Self:
        """Append the End-of-RIB of an address family (RFC 4724 section 2)."""
        if family == 4:
            return self.update(peer, Update())
        return self.update(peer, Update((), Attributes(mp_unreach=MpUnreach(family, 1))))

    def update(self, peer: BmpPeer, update: Update) -> Self:
        """Append any UPDATE in a Route Monitoring message."""
        return self.body(RouteMonitoring(self._header(peer), encode(update, peer.form)))

    def statistics(self, peer: BmpPeer, *statistics: Statistic | RawStatistic) -> Self:
        """Append a Statistics Report."""
        return self.body(StatisticsReport(self._header(peer), statistics))

    def terminate(self, reason: int = 0) -> Self:
        """Append a Termination."""
        return self.body(Termination((Tlv(TerminationTlv.REASON, reason.to_bytes(2)),)))

    def body(self, body: Body) -> Self:
        """Append a message of any type."""
        return self.raw(encode_message(*encode_body(body)))

    def raw(self, octets: bytes) -> Self:
        """Append any octets."""
        self.messages.append(octets)
        return self

    def octets(self) -> bytes:
        """Return the stream."""
        return b"".join(self.messages)

    def _header(self, peer: BmpPeer) -> PeerHeader:
        return peer.header(self.timestamp)


def _with_id(route: Route, peer: BmpPeer) -> Route:
    """Return a route with the path identifier that its peer needs, or without one."""
    return attrs.evolve(route, path_id=(route.path_id or 0) if peer.add_path else None)
