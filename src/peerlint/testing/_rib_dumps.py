"""Builders of tables."""

from __future__ import annotations

import struct
from ipaddress import IPv4Address, ip_address
from typing import Final, Self

from peerlint.errors import InputError
from peerlint.model import Prefix, Route
from peerlint.testing._dump import TIMESTAMP, Dump, route_attributes, with_next_hop
from peerlint.wire.attributes import Form, encode_attributes
from peerlint.wire.mrt import (
    PEER_INDEX_TABLE,
    RIB_SUBTYPES,
    MrtType,
    Peer,
    PeerIndexTable,
    encode_peer_index_table,
    encode_record,
)
from peerlint.wire.nlri import AFIS, Nlri, encode_nlri
from peerlint.wire.paths import AS_TRANS

_SECOND: Final = 1_000_000
_TWO_OCTETS: Final = 0xFFFF
_IN_OLD_RIB: Final = Form(as4=False, in_rib=True)
_RIB_SUBTYPE: Final = {meaning: subtype for subtype, meaning in RIB_SUBTYPES.items()}


class RibDump(Dump):
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
            timestamp: the time of all records, in microseconds since 1970, cut to seconds.
            collector: the BGP identifier of the collector.
            view: the name of the table.
            safi: 1 unicast, 2 multicast.
            full_reach: whether MP_REACH_NLRI is written in its full form, as RouteViews does.
        """
        super().__init__(timestamp)
        self._collector, self._view = IPv4Address(collector), view
        self._safi, self._full_reach = safi, full_reach
        self._peers: list[Peer] = []
        self._entries: dict[tuple[Prefix, bool], list[bytes]] = {}

    def peer(self, address: str, asn: int, bgp_id: str = "192.0.2.1") -> int:
        """Append a peer to the peer table.

        Args:
            address: the peer's address.
            asn: the peer's AS number.
            bgp_id: the peer's BGP identifier.

        Returns:
            The index of the peer, for `routes` and `entry`.
        """
        self._peers.append(Peer(ip_address(address), asn, IPv4Address(bgp_id)))
        return len(self._peers) - 1

    def routes(self, peer: int, *routes: Route | str) -> Self:
        """Append routes of a peer.

        A route without a next hop gets the peer's address, except an IPv6 route of a peer with an
        IPv4 address.

        Args:
            peer: the index of the peer.
            *routes: the routes.

        Raises:
            InputError: a route cannot be parsed, or is malformed (see `entry`).
            IndexError: there is no peer with that index.
        """
        for each in routes:
            route = with_next_hop(each, self._peers[peer].address)
            attributes = route_attributes(route, in_rib=True, full_reach=self._full_reach)
            octets = encode_attributes(attributes, Form(in_rib=True))
            self.entry(peer, route.prefix, octets, route.path_id)
        return self

    def entry(
        self, peer: int, prefix: Prefix | str, attributes: bytes, path_id: int | None = None
    ) -> Self:
        """Append an entry with any octets as attributes.

        Args:
            peer: any peer index, also one that the table does not have.
            prefix: the prefix.
            attributes: the list of attributes, which may be malformed.
            path_id: the add-path identifier; None for a record without add-path.
        """
        network = Prefix.parse(prefix) if isinstance(prefix, str) else prefix
        head = struct.pack(">HI", peer, self.timestamp // _SECOND)
        identifier = b"" if path_id is None else path_id.to_bytes(4)
        entry = b"".join((head, identifier, len(attributes).to_bytes(2), attributes))
        self._entries.setdefault((network, path_id is not None), []).append(entry)
        return self

    def octets(self) -> bytes:
        """Return the octets: peer table, RIB records in the order of their first entry, others.

        Octets of dumps can be concatenated: `old.octets() + new.octets()` has two snapshots of a
        table, and a table followed by an `UpdateDump` has updates to that table.
        """
        table = PeerIndexTable(self._collector, self._view, tuple(self._peers))
        body = encode_peer_index_table(table)
        kind = MrtType.TABLE_DUMP_V2
        parts = [encode_record(self.timestamp, kind, PEER_INDEX_TABLE, body)]
        for sequence, ((prefix, add_path), entries) in enumerate(self._entries.items()):
            subtype = _RIB_SUBTYPE[prefix.family, self._safi, add_path]
            head = sequence.to_bytes(4) + encode_nlri((Nlri(prefix),)) + len(entries).to_bytes(2)
            parts.append(encode_record(self.timestamp, kind, subtype, head + b"".join(entries)))
        return b"".join((*parts, *self.records))


class OldRibDump(Dump):
    """A TABLE_DUMP dump (RFC 6396 section 4.2): one record for each route, with its peer.

    AS numbers have two octets: the larger AS number of a peer becomes AS_TRANS, and a path that
    needs it gets an AS4_PATH. Path identifiers are not written.
    """

    def __init__(self, *, timestamp: int = TIMESTAMP, view: int = 0, together: int = 1) -> None:
        """Start an empty dump.

        Args:
            timestamp: the time of all records, in microseconds since 1970, cut to seconds.
            view: the number of the table.
            together: the maximum number of consecutive routes of one address family in a record;
                in the first tables of RIS, as many as fit.
        """
        super().__init__(timestamp)
        self._view, self._together = view, together
        self._sequence = 0
        self._pending: list[bytes] = []
        self._family = 4

    def routes(self, address: str, asn: int, *routes: Route | str) -> Self:
        """Append routes of a peer.

        Raises:
            InputError: a route cannot be parsed, is malformed, or has another address family than
                the peer's address.
        """
        peer = ip_address(address)
        for each in routes:
            route = with_next_hop(each, peer)
            if route.prefix.family != peer.version:
                raise InputError("route", expected=f"one of IPv{peer.version}", found=str(route))
            attributes = route_attributes(route, as4=False, in_rib=True)
            self.entry(address, asn, route.prefix, encode_attributes(attributes, _IN_OLD_RIB))
        return self

    def entry(self, address: str, asn: int, prefix: Prefix | str, attributes: bytes) -> Self:
        """Append a route with any octets as attributes.

        Args:
            address: the peer's address.
            asn: the peer's AS number.
            prefix: the prefix.
            attributes: the list of attributes, which may be malformed.
        """
        network = Prefix.parse(prefix) if isinstance(prefix, str) else prefix
        if network.family != self._family:
            self._flush()
        self._family = network.family
        number = asn if asn <= _TWO_OCTETS else AS_TRANS
        parts = (
            network.octets.ljust(4 if network.family == 4 else 16, b"\0"),
            struct.pack(">BBI", network.length, 1, self.timestamp // _SECOND),
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
        return b"".join(self.records)

    def _flush(self) -> None:
        """Write the pending routes as a record."""
        if not self._pending:
            return
        head = struct.pack(">HH", self._view, self._sequence)
        body = head + b"".join(self._pending)
        self._pending.clear()
        self._sequence = (self._sequence + 1) & _TWO_OCTETS
        super().record(MrtType.TABLE_DUMP, AFIS[self._family], body)
