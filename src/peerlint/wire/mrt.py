"""MRT records (RFC 6396, RFC 8050): TABLE_DUMP_V2 RIBs and BGP4MP messages."""

from __future__ import annotations

import struct
from collections.abc import Iterable
from enum import IntEnum
from ipaddress import IPv4Address, IPv6Address
from typing import Final

import attrs

from peerlint.errors import WireError
from peerlint.wire.attributes import (
    AFIS,
    FAMILIES,
    Attributes,
    Form,
    decode_attributes,
    encode_attributes,
)
from peerlint.wire.nlri import Nlri, decode_one_nlri, encode_nlri

IPAddress = IPv4Address | IPv6Address

#: Timestamp, type, subtype and length.
HEADER_OCTETS: Final = 12
#: No record is longer: a RIB record of 65,535 entries with 256 octets of attributes each, 16 MiB.
MAX_RECORD: Final = 1 << 24


class MrtType(IntEnum):
    """Record types (RFC 6396 section 4 and appendix B)."""

    BGP = 5
    OSPFV2 = 11
    TABLE_DUMP = 12
    TABLE_DUMP_V2 = 13
    BGP4MP = 16
    BGP4MP_ET = 17
    ISIS = 32
    ISIS_ET = 33
    OSPFV3 = 48
    OSPFV3_ET = 49


#: Types with microseconds in front of the body (RFC 6396 section 3).
EXTENDED_TYPES: Final = frozenset({MrtType.BGP4MP_ET, MrtType.ISIS_ET, MrtType.OSPFV3_ET})
PEER_INDEX_TABLE: Final = 1
#: (family, SAFI, add-path) of the RIB subtypes (RFC 6396 section 4.3.2, RFC 8050 section 4.1).
RIB_SUBTYPES: Final = {
    2: (4, 1, False),
    3: (4, 2, False),
    4: (6, 1, False),
    5: (6, 2, False),
    8: (4, 1, True),
    9: (4, 2, True),
    10: (6, 1, True),
    11: (6, 2, True),
}
_RIB_SUBTYPE: Final = {meaning: subtype for subtype, meaning in RIB_SUBTYPES.items()}
#: BGP4MP subtypes with a BGP message: (as4, local, add_path) (RFC 6396 4.4, RFC 8050 section 3).
MESSAGE_SUBTYPES: Final = {
    1: (False, False, False),
    4: (True, False, False),
    6: (False, True, False),
    7: (True, True, False),
    8: (False, False, True),
    9: (True, False, True),
    10: (False, True, True),
    11: (True, True, True),
}
_MESSAGE_SUBTYPE: Final = {meaning: subtype for subtype, meaning in MESSAGE_SUBTYPES.items()}
#: BGP4MP subtypes with a change of a session's state, by whether ASes have four octets.
STATE_CHANGE_SUBTYPES: Final = {0: False, 5: True}
#: Peer types (RFC 6396 section 4.3.1): the width of the peer's own address and AS number.
_PEER_IPV6: Final = 0x01
_PEER_AS4: Final = 0x02


@attrs.frozen
class Header:
    """The head of a record.

    Attributes:
        timestamp: microseconds since 1970.
        type: see `MrtType`; any number is kept.
        subtype: depends on the type.
        length: octets of the body after the head; for BGP4MP_ET without the microseconds.
        octets: octets of the head itself, 12 or 16.
    """

    timestamp: int
    type: int
    subtype: int
    length: int
    octets: int = HEADER_OCTETS


@attrs.frozen
class Peer:
    """One row of a peer table.

    Attributes:
        address: of the peer; 0.0.0.0 or :: for a router's own routes.
        asn: of the peer.
        bgp_id: its BGP identifier.
    """

    address: IPAddress
    asn: int
    bgp_id: IPv4Address = IPv4Address(0)


@attrs.frozen
class PeerIndexTable:
    """The table of peers that RIB entries point into (RFC 6396 section 4.3.1)."""

    collector_id: IPv4Address
    view: str
    peers: tuple[Peer, ...]


@attrs.frozen
class RibEntry:
    """One peer's route to the prefix of a RIB record.

    Attributes:
        peer: index into the peer table.
        originated: seconds since 1970.
        attributes: of the route.
        path_id: the add-path identifier (RFC 8050 section 4.1), None without.
    """

    peer: int
    originated: int
    attributes: Attributes
    path_id: int | None = None


@attrs.frozen
class Rib:
    """All routes to one prefix (RFC 6396 section 4.3.2).

    Attributes:
        sequence: number of the record.
        nlri: the prefix.
        safi: 1 unicast, 2 multicast.
        add_path: whether the entries have path identifiers.
        entries: one or more per peer.
    """

    sequence: int
    nlri: Nlri
    safi: int
    add_path: bool
    entries: tuple[RibEntry, ...]


@attrs.frozen
class Bgp4mpMessage:
    """A BGP message with the session it belongs to (RFC 6396 section 4.4.2).

    Attributes:
        peer_asn: the other side's AS number.
        local_asn: this side's.
        interface: interface index.
        peer: the other side's address; for `local` messages, the recipient's.
        local_address: this side's.
        message: the whole BGP message, header included.
        local: whether this side sent it.
        as4: whether AS numbers, in its paths too, have four octets.
        add_path: whether its prefixes have path identifiers.
    """

    peer_asn: int
    local_asn: int
    interface: int
    peer: IPAddress
    local_address: IPAddress
    message: bytes
    local: bool = False
    as4: bool = True
    add_path: bool = False


def decode_header(octets: bytes, at: int = 0) -> Header:
    """Read the head of the record at `at`.

    Raises:
        WireError: the buffer ends inside it, or an extended timestamp has no room.
    """
    if at + HEADER_OCTETS > len(octets):
        raise WireError(at, expected="12 octets of MRT header", found="the end")
    seconds, kind, subtype, length = struct.unpack_from(">IHHI", octets, at)
    if kind not in EXTENDED_TYPES:
        return Header(seconds * 1_000_000, kind, subtype, length)
    # The microseconds belong to the head but count in the length (RFC 6396 section 3).
    if length < 4 or at + 16 > len(octets):
        raise WireError(at + 12, expected="4 octets of microseconds", found="the end")
    fraction = int.from_bytes(octets[at + 12 : at + 16])
    return Header(seconds * 1_000_000 + fraction, kind, subtype, length - 4, 16)


def encode_record(timestamp: int, kind: MrtType, subtype: int, body: bytes) -> bytes:
    """Return a record with its head; `timestamp` in microseconds, kept whole only by _ET types."""
    seconds, fraction = divmod(timestamp, 1_000_000)
    if kind in EXTENDED_TYPES:
        body = fraction.to_bytes(4) + body
    return struct.pack(">IHHI", seconds, kind, subtype, len(body)) + body


def decode_peer_index_table(body: bytes) -> PeerIndexTable:
    """Read the body of a PEER_INDEX_TABLE.

    Raises:
        WireError: it ends early, or octets are left over.
    """
    _need(body, 0, 6)
    name_end = 6 + int.from_bytes(body[4:6])
    _need(body, 6, name_end - 6 + 2)
    at = name_end + 2
    peers: list[Peer] = []
    for _ in range(int.from_bytes(body[name_end:at])):
        peer, at = _decode_peer(body, at)
        peers.append(peer)
    if at != len(body):
        raise WireError(at, expected="the end", found=f"{len(body) - at} octets")
    view = body[6:name_end].decode("utf-8", "surrogateescape")
    return PeerIndexTable(IPv4Address(body[:4]), view, tuple(peers))


def _decode_peer(body: bytes, at: int) -> tuple[Peer, int]:
    _need(body, at, 5)
    width = 16 if body[at] & _PEER_IPV6 else 4
    as_width = 4 if body[at] & _PEER_AS4 else 2
    address_end = at + 5 + width
    end = address_end + as_width
    _need(body, at, end - at)
    return Peer(
        _address(body[at + 5 : address_end]),
        int.from_bytes(body[address_end:end]),
        IPv4Address(body[at + 1 : at + 5]),
    ), end


def encode_peer_index_table(table: PeerIndexTable) -> bytes:
    """Return the body of a PEER_INDEX_TABLE; AS numbers take four octets."""
    view = table.view.encode("utf-8", "surrogateescape")
    parts = [table.collector_id.packed, len(view).to_bytes(2), view, len(table.peers).to_bytes(2)]
    for peer in table.peers:
        kind = _PEER_AS4 | (_PEER_IPV6 if peer.address.version == 6 else 0)
        parts += (bytes((kind,)), peer.bgp_id.packed, peer.address.packed, peer.asn.to_bytes(4))
    return b"".join(parts)


def decode_rib(subtype: int, body: bytes) -> Rib:
    """Read the body of a RIB record.

    Raises:
        WireError: not one of `RIB_SUBTYPES`, it ends early, or octets are left over.
    """
    if subtype not in RIB_SUBTYPES:
        raise WireError(0, expected="a RIB subtype", found=str(subtype))
    family, safi, add_path = RIB_SUBTYPES[subtype]
    _need(body, 0, 4)
    nlri, at = decode_one_nlri(body, 4, family, add_path=False)
    _need(body, at, 2)
    count = int.from_bytes(body[at : at + 2])
    at += 2
    entries: list[RibEntry] = []
    for _ in range(count):
        head = 12 if add_path else 8
        _need(body, at, head)
        peer, originated = struct.unpack_from(">HI", body, at)
        path_id = int.from_bytes(body[at + 6 : at + 10]) if add_path else None
        end = at + head + int.from_bytes(body[at + head - 2 : at + head])
        _need(body, at, end - at)
        attributes = decode_attributes(body[at + head : end], Form(as4=True, in_rib=True))
        entries.append(RibEntry(peer, originated, attributes, path_id))
        at = end
    if at != len(body):
        raise WireError(at, expected="the end", found=f"{len(body) - at} octets")
    return Rib(int.from_bytes(body[:4]), nlri, safi, add_path, tuple(entries))


def encode_rib(rib: Rib) -> tuple[int, bytes]:
    """Return the subtype and the body of a RIB record."""
    subtype = _RIB_SUBTYPE[rib.nlri.prefix.family, rib.safi, rib.add_path]
    parts = [rib.sequence.to_bytes(4), encode_nlri((rib.nlri,)), len(rib.entries).to_bytes(2)]
    for entry in rib.entries:
        attributes = encode_attributes(entry.attributes, Form(as4=True, in_rib=True))
        parts.append(struct.pack(">HI", entry.peer, entry.originated))
        if entry.path_id is not None:
            parts.append(entry.path_id.to_bytes(4))
        parts += (len(attributes).to_bytes(2), attributes)
    return subtype, b"".join(parts)


def decode_bgp4mp_message(subtype: int, body: bytes) -> Bgp4mpMessage:
    """Read the body of a BGP4MP record with a message.

    Raises:
        WireError: not one of `MESSAGE_SUBTYPES`, an unknown address family, or it ends early.
    """
    if subtype not in MESSAGE_SUBTYPES:
        raise WireError(0, expected="a BGP4MP message subtype", found=str(subtype))
    as4, local, add_path = MESSAGE_SUBTYPES[subtype]
    as_width = 4 if as4 else 2
    _need(body, 0, 2 * as_width + 4)
    peer_asn = int.from_bytes(body[:as_width])
    local_asn = int.from_bytes(body[as_width : 2 * as_width])
    interface, afi = struct.unpack_from(">HH", body, 2 * as_width)
    if afi not in FAMILIES:
        raise WireError(2 * as_width + 2, expected="AFI 1 or 2", found=str(afi))
    width = 4 if FAMILIES[afi] == 4 else 16
    at = 2 * as_width + 4
    _need(body, at, 2 * width)
    return Bgp4mpMessage(
        peer_asn,
        local_asn,
        interface,
        _address(body[at : at + width]),
        _address(body[at + width : at + 2 * width]),
        body[at + 2 * width :],
        local,
        as4,
        add_path,
    )


def encode_bgp4mp_message(record: Bgp4mpMessage) -> tuple[int, bytes]:
    """Return the subtype and the body of a BGP4MP record with a message."""
    as_width = 4 if record.as4 else 2
    parts: Iterable[bytes] = (
        record.peer_asn.to_bytes(as_width),
        record.local_asn.to_bytes(as_width),
        struct.pack(">HH", record.interface, AFIS[record.peer.version]),
        record.peer.packed,
        record.local_address.packed,
        record.message,
    )
    return _MESSAGE_SUBTYPE[record.as4, record.local, record.add_path], b"".join(parts)


def _address(octets: bytes) -> IPAddress:
    return IPv4Address(octets) if len(octets) == 4 else IPv6Address(octets)


def _need(body: bytes, at: int, octets: int) -> None:
    if at + octets > len(body):
        raise WireError(at, expected=f"{octets} octets", found=f"{max(0, len(body) - at)}")
