"""Peer tables and session headers: rare records, which both kernels read here.

The functions take a buffer and where the record's body starts and ends.
"""

from __future__ import annotations

from hashlib import blake2b
from typing import Final

from peerlint.bulk.kernel.contract import BrokenError, Fault, PeerRow, need
from peerlint.wire.bmp import PEER_HEADER_OCTETS, decode_peer_header

#: Octets of a view's name that are kept; of a longer name, a hash is kept.
LONGEST_NAME: Final = 64


def read_table_name(buffer: bytes, at: int, end: int) -> tuple[bytes, bytes]:
    """Read whose table a PEER_INDEX_TABLE starts: the collector's identifier, the view's name.

    The name of every table of a dump is kept, and may have 65,535 octets: of a long one, a digest
    is in its place.

    Raises:
        BrokenError: it ends before that.
    """
    need(at, 6, end)
    length = int.from_bytes(buffer[at + 4 : at + 6])
    need(at + 6, length, end)
    name = buffer[at + 6 : at + 6 + length]
    return buffer[at : at + 4], name if length <= LONGEST_NAME else blake2b(name).digest()


def read_peer_table(buffer: bytes, at: int, end: int) -> list[PeerRow]:
    """Read a PEER_INDEX_TABLE (RFC 6396 section 4.3.1).

    Raises:
        BrokenError: it does not end where the record does.
    """
    need(at, 6, end)
    name = int.from_bytes(buffer[at + 4 : at + 6])
    need(at + 6, name, end)
    need(at + 6 + name, 2, end)
    at += 6 + name
    count = int.from_bytes(buffer[at : at + 2])
    at += 2
    table: list[PeerRow] = []
    made: dict[bytes, PeerRow] = {}  # by their octets: equal peers are one
    for _ in range(count):
        need(at, 5, end)
        kind = buffer[at]
        address = at + 5
        asn = address + (16 if kind & 1 else 4)
        after = asn + (4 if kind & 2 else 2)
        need(at, after - at, end)
        octets = buffer[at:after]
        row = made.get(octets)
        if row is None:
            number = int.from_bytes(buffer[asn:after])
            row = (buffer[address:asn], number, buffer[at + 1 : address], None, False)
            made[octets] = row
        table.append(row)
        at = after
    if at != end:
        raise BrokenError(at, Fault.PEER_TABLE_END, 0, end - at)
    return table


def read_session(
    buffer: bytes, at: int, end: int, *, as4: bool, local: bool
) -> tuple[PeerRow, int]:
    """Read the head of a BGP4MP record (RFC 6396 section 4.4).

    Args:
        buffer: octets.
        at: where the body starts.
        end: where it ends.
        as4: whether AS numbers have four octets.
        local: whether messages are sent to the peer (RFC 6396 section 4.4.3, "_LOCAL").

    Returns:
        The peer, and the offset after the addresses.

    Raises:
        BrokenError: an address family that is none, or the end.
    """
    width = 4 if as4 else 2
    need(at, 2 * width + 4, end)
    addresses = at + 2 * width + 4
    afi = int.from_bytes(buffer[addresses - 2 : addresses])
    if afi not in (1, 2):
        raise BrokenError(addresses - 2, Fault.AFI, 0, afi)
    size = 4 if afi == 1 else 16
    need(addresses, 2 * size, end)
    asn = int.from_bytes(buffer[at : at + width])
    local_asn = int.from_bytes(buffer[at + width : at + 2 * width])
    row = (buffer[addresses : addresses + size], asn, b"", local_asn, local)
    return row, addresses + 2 * size


def read_table_peer(buffer: bytes, at: int, family: int) -> PeerRow:
    """Read the peer of the route of a TABLE_DUMP at an offset (RFC 6396 section 4.2).

    Args:
        buffer: octets, the whole route among them.
        at: where its prefix starts.
        family: 4 or 6.
    """
    width = 4 if family == 4 else 16
    address = at + width + 6
    asn = address + width
    return buffer[address:asn], int.from_bytes(buffer[asn : asn + 2]), b"", None, False


def read_monitored_peer(head: bytes) -> PeerRow:
    """Read the peer of a table of a BMP stream; whether messages are sent is whether it is O.

    Args:
        head: the first `TABLE_HEAD` octets of a per-peer header (RFC 7854 section 4.2), whose peer
            type is known.
    """
    peer = decode_peer_header(head.ljust(PEER_HEADER_OCTETS, b"\0"))
    return peer.address.packed, peer.asn, peer.bgp_id.packed, None, peer.is_adj_rib_out


def read_state_change(buffer: bytes, at: int, end: int, *, as4: bool) -> tuple[PeerRow, int] | None:
    """Read a state change (RFC 6396 section 4.4.1).

    Returns:
        The peer and its new state; None from an old Zebra, which left the addresses out.

    Raises:
        BrokenError: it does not end where the record does.
    """
    if end - at == (12 if as4 else 8):
        return None
    row, at = read_session(buffer, at, end, as4=as4, local=False)
    need(at, 4, end)
    if at + 4 != end:
        raise BrokenError(at + 4, Fault.STATE_CHANGE_END, 0, end - at - 4)
    return row, int.from_bytes(buffer[at + 2 : end])
