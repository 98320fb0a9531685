"""Decode and encode PEER_INDEX_TABLE (RFC 6396 section 4.3.1) and GEO_PEER_TABLE (RFC 6397)."""

from __future__ import annotations

import math
import struct
from ipaddress import IPv4Address
from typing import Final

import attrs

from peerlint.wire.mrt.header import decode_address, need, need_end
from peerlint.wire.paths import AS_TRANS
from peerlint.wire.reach import IPAddress

PEER_INDEX_TABLE: Final = 1
GEO_PEER_TABLE: Final = 7
#: Bits of the peer type (RFC 6396 section 4.3.1): the widths of the peer's address and AS number.
_PEER_IPV6: Final = 0x01
_PEER_AS4: Final = 0x02


@attrs.frozen
class Peer:
    """One row of a peer table.

    Attributes:
        address: the peer's address; 0.0.0.0 or :: for a router's own routes.
        asn: the peer's AS number as recorded; see `known_asn`.
        bgp_id: the peer's BGP identifier.
    """

    address: IPAddress
    asn: int
    bgp_id: IPv4Address = IPv4Address(0)

    @property
    def known_asn(self) -> int | None:
        """The AS number; None for 0 and AS_TRANS, which identify no AS (RFC 7607, RFC 6793).

        Old versions of GoBGP write 0 for every peer, and FRR writes it for a router's own routes.
        AS_TRANS replaces a number that does not fit into two octets.
        """
        return None if self.asn in (0, AS_TRANS) else self.asn

    def __str__(self) -> str:
        """Return the address and the AS, such as `192.0.2.1 AS64500`."""
        known = self.known_asn
        return f"{self.address} {'AS not known' if known is None else f'AS{known}'}"


@attrs.frozen
class PeerIndexTable:
    """The table of peers that RIB entries point into (RFC 6396 section 4.3.1)."""

    collector_id: IPv4Address
    view: str
    peers: tuple[Peer, ...]


@attrs.frozen
class GeoPeer:
    """The location of a peer in degrees; None if it is private (RFC 6397 section 4.1)."""

    peer: Peer
    latitude: float | None
    longitude: float | None


@attrs.frozen
class GeoPeerTable:
    """The locations, in degrees, of a collector and its peers; None if private (RFC 6397)."""

    collector_id: IPv4Address
    view: str
    latitude: float | None
    longitude: float | None
    peers: tuple[GeoPeer, ...]


def decode_peer_index_table(body: bytes) -> PeerIndexTable:
    """Read the body of a PEER_INDEX_TABLE.

    Raises:
        WireError: it ends early, or octets are left over.
    """
    collector_id, view, at = _decode_collector(body)
    need(body, at, 2)
    count = int.from_bytes(body[at : at + 2])
    at += 2
    peers: list[Peer] = []
    made: dict[bytes, Peer] = {}
    for _ in range(count):
        peer, at = _decode_peer(body, at, made)
        peers.append(peer)
    need_end(body, at)
    return PeerIndexTable(collector_id, view, tuple(peers))


def encode_peer_index_table(table: PeerIndexTable) -> bytes:
    """Return the body of a PEER_INDEX_TABLE; AS numbers take four octets."""
    head = _encode_collector(table.collector_id, table.view) + len(table.peers).to_bytes(2)
    return head + b"".join(map(_encode_peer, table.peers))


def decode_geo_peer_table(body: bytes) -> GeoPeerTable:
    """Read the body of a GEO_PEER_TABLE.

    Raises:
        WireError: it ends early, or octets are left over.
    """
    collector_id, view, at = _decode_collector(body)
    latitude, longitude, at = _decode_place(body, at)
    need(body, at, 2)
    count = int.from_bytes(body[at : at + 2])
    at += 2
    peers: list[GeoPeer] = []
    made: dict[bytes, Peer] = {}
    for _ in range(count):
        peer, at = _decode_peer(body, at, made)
        north, east, at = _decode_place(body, at)
        peers.append(GeoPeer(peer, north, east))
    need_end(body, at)
    return GeoPeerTable(collector_id, view, latitude, longitude, tuple(peers))


def encode_geo_peer_table(table: GeoPeerTable) -> bytes:
    """Return the body of a GEO_PEER_TABLE; coordinates keep about seven digits."""
    parts = [
        _encode_collector(table.collector_id, table.view),
        _encode_place(table.latitude, table.longitude),
        len(table.peers).to_bytes(2),
    ]
    for each in table.peers:
        parts += (_encode_peer(each.peer), _encode_place(each.latitude, each.longitude))
    return b"".join(parts)


def _decode_collector(body: bytes) -> tuple[IPv4Address, str, int]:
    need(body, 0, 6)
    end = 6 + int.from_bytes(body[4:6])
    need(body, 6, end - 6)
    return IPv4Address(bytes(body[:4])), bytes(body[6:end]).decode("utf-8", "surrogateescape"), end


def _encode_collector(collector_id: IPv4Address, view: str) -> bytes:
    name = view.encode("utf-8", "surrogateescape")
    return collector_id.packed + len(name).to_bytes(2) + name


def _decode_peer(body: bytes, at: int, made: dict[bytes, Peer]) -> tuple[Peer, int]:
    """Return the peer at an offset and the offset after it.

    Args:
        body: octets.
        at: where the peer starts.
        made: the peers of the table so far by their octets: equal ones are one.
    """
    need(body, at, 5)
    width = 16 if body[at] & _PEER_IPV6 else 4
    as_width = 4 if body[at] & _PEER_AS4 else 2
    address_end = at + 5 + width
    end = address_end + as_width
    need(body, at, end - at)
    octets = bytes(body[at:end])
    peer = made.get(octets)
    if peer is None:
        peer = made[octets] = Peer(
            decode_address(body[at + 5 : address_end]),
            int.from_bytes(body[address_end:end]),
            IPv4Address(octets[1:5]),
        )
    return peer, end


def _encode_peer(peer: Peer) -> bytes:
    kind = _PEER_AS4 | (_PEER_IPV6 if peer.address.version == 6 else 0)
    return bytes((kind,)) + peer.bgp_id.packed + peer.address.packed + peer.asn.to_bytes(4)


def _decode_place(body: bytes, at: int) -> tuple[float | None, float | None, int]:
    need(body, at, 8)
    latitude, longitude = struct.unpack_from(">ff", body, at)
    return _degrees(latitude), _degrees(longitude), at + 8


def _degrees(number: float) -> float | None:
    return None if math.isnan(number) else number


def _encode_place(latitude: float | None, longitude: float | None) -> bytes:
    return struct.pack(
        ">ff", *(math.nan if number is None else number for number in (latitude, longitude))
    )
