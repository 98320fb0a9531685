"""Decode and encode the per-peer header (RFC 7854 section 4.2, RFC 8671, RFC 9069)."""

from __future__ import annotations

import struct
from enum import IntEnum, IntFlag
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address
from typing import Final

import attrs

from peerlint.errors import WireError
from peerlint.model import View
from peerlint.wire.mrt.header import need
from peerlint.wire.reach import IPAddress

#: Type, flags, distinguisher, address, AS number, BGP identifier and timestamp.
PEER_HEADER_OCTETS: Final = 42
#: The header without its timestamp.
_IDENTITY_OCTETS: Final = 34
#: Octets of an address; an IPv4 address is in the last four.
ADDRESS_OCTETS: Final = 16
_PADDING: Final = bytes(12)
_MILLION: Final = 1_000_000
#: The number of decoded headers that are kept: a router has few peers, with few views each.
_MEMO: Final = 1 << 10


class PeerType(IntEnum):
    """Peer types (RFC 7854 section 4.2, RFC 9069 section 4.1)."""

    GLOBAL = 0
    RD = 1
    LOCAL = 2
    LOC_RIB = 3


#: Peer types by number.
PEER_TYPES: Final = {int(kind): kind for kind in PeerType}


class PeerFlags(IntFlag):
    """Bits of the peer flags of all types but Loc-RIB (RFC 7854 section 4.2, RFC 8671 section 4).

    Attributes:
        V: the peer's address is an IPv6 address.
        L: the routes are those after policy.
        A: AS_PATH has two octets for each AS number.
        O: the routes are those of the Adj-RIB-Out.
    """

    V = 0x80
    L = 0x40
    A = 0x20
    O = 0x10  # noqa: E741  # the RFC's name


class LocRibFlags(IntFlag):
    """Bits of the peer flags of type Loc-RIB (RFC 9069 section 4.2).

    Attributes:
        F: the Loc-RIB is filtered; not all of its routes are sent.
    """

    F = 0x80


#: The bits as plain numbers: `&` of enumerations is slow, and every message needs it.
_L, _A, _O, _F = map(int, (PeerFlags.L, PeerFlags.A, PeerFlags.O, LocRibFlags.F))


@attrs.frozen
class PeerHeader:
    """The header that says which peer a message is about, and which of its tables.

    Attributes:
        type: the type of the peer.
        flags: the octet of flags without V, which the address says; unknown bits are kept. For
            type Loc-RIB it is the whole octet, see `LocRibFlags`.
        distinguisher: separates peers with the same address in several instances (VRFs): a route
            distinguisher for type RD, an unstructured number for types Local and Loc-RIB, else 0.
        address: the peer's address; 0.0.0.0 for type Loc-RIB, and for a router's own routes.
        asn: the peer's AS number.
        bgp_id: the peer's BGP identifier.
        timestamp: when the router had the routes, in microseconds since 1970; None if the header
            does not say it. Some routers send times of a clock that is not set.
    """

    type: PeerType
    address: IPAddress
    asn: int
    bgp_id: IPv4Address = IPv4Address(0)
    flags: int = 0
    distinguisher: int = 0
    timestamp: int | None = attrs.field(default=None, kw_only=True)

    @property
    def is_loc_rib(self) -> bool:
        """Whether the peer is the router's own Loc-RIB (RFC 9069)."""
        return self.type is PeerType.LOC_RIB

    @property
    def is_post_policy(self) -> bool:
        """Whether the routes are those after policy (flag L); False for a Loc-RIB."""
        return bool(self.flags & _L) and not self.is_loc_rib

    @property
    def is_adj_rib_out(self) -> bool:
        """Whether the routes are those of the Adj-RIB-Out (flag O); False for a Loc-RIB."""
        return bool(self.flags & _O) and not self.is_loc_rib

    @property
    def is_filtered(self) -> bool:
        """Whether the Loc-RIB is filtered (flag F); False for other types."""
        return bool(self.flags & _F) and self.is_loc_rib

    @property
    def as4(self) -> bool:
        """Whether AS_PATH has four octets for each AS number (flag A; RFC 9069 section 5.4.1)."""
        return self.is_loc_rib or not self.flags & _A

    @property
    def view(self) -> View:
        """The view that the routes of a Route Monitoring message show.

        Only Route Monitoring messages have one: flags L and O of a Peer Up, Peer Down or Statistics
        Report are ignored, because they are about all tables of a peer (RFC 8671 section 6).
        """
        if self.is_loc_rib:
            return View.LOC_RIB
        if not self.is_adj_rib_out:
            return View.ADJ_RIB_IN
        return View.SENT if self.is_post_policy else View.ADVERTISED


def decode_peer_header(body: bytes) -> PeerHeader:
    """Decode the per-peer header that a body starts with.

    If an address is not padded although flag V is not set, it is read as an IPv6 address: otherwise
    different peers would have the same address.

    Raises:
        WireError: the body ends inside the header, or the type of the peer is unknown: then it is
            not known which table the message is about.
    """
    need(body, 0, PEER_HEADER_OCTETS)
    known = _identity(bytes(body[:_IDENTITY_OCTETS]))
    seconds, fraction = struct.unpack_from(">II", body, _IDENTITY_OCTETS)
    time = seconds * _MILLION + (fraction if fraction < _MILLION else 0)
    if not time:
        return known
    return PeerHeader(
        known.type,
        known.address,
        known.asn,
        known.bgp_id,
        known.flags,
        known.distinguisher,
        timestamp=time,
    )


@lru_cache(_MEMO)
def _identity(octets: bytes) -> PeerHeader:
    """Decode a header without its timestamp."""
    kind = PEER_TYPES.get(octets[0])
    if kind is None:
        raise WireError(0, expected="a peer type from 0 to 3", found=str(octets[0]))
    flags = octets[1]
    is_ipv6 = kind is not PeerType.LOC_RIB and bool(flags & PeerFlags.V)
    if kind is not PeerType.LOC_RIB:
        flags &= 0xFF ^ int(PeerFlags.V)
    return PeerHeader(
        kind,
        decode_padded_address(octets[10:26], is_ipv6=is_ipv6),
        int.from_bytes(octets[26:30]),
        IPv4Address(octets[30:34]),
        flags,
        int.from_bytes(octets[2:10]),
    )


def encode_peer_header(peer: PeerHeader) -> bytes:
    """Encode a per-peer header; flag V is set if the address is an IPv6 address."""
    flags = peer.flags
    if peer.address.version == 6 and not peer.is_loc_rib:
        flags |= PeerFlags.V
    seconds, fraction = divmod(peer.timestamp or 0, _MILLION)
    return b"".join(
        (
            struct.pack(">BBQ", peer.type, flags, peer.distinguisher),
            encode_padded_address(peer.address),
            struct.pack(">I", peer.asn),
            peer.bgp_id.packed,
            struct.pack(">II", seconds, fraction),
        )
    )


def decode_padded_address(octets: bytes, *, is_ipv6: bool) -> IPAddress:
    """Decode an address of 16 octets, of which IPv4 uses the last four.

    Args:
        octets: the field.
        is_ipv6: whether it is an IPv6 address even if the first twelve octets are 0.
    """
    if is_ipv6 or octets[:12] != _PADDING:
        return IPv6Address(octets)
    return IPv4Address(octets[12:])


def encode_padded_address(address: IPAddress) -> bytes:
    """Encode an address in 16 octets."""
    return address.packed.rjust(ADDRESS_OCTETS, b"\0")
