"""TABLE_DUMP (RFC 6396 section 4.2): one route a record, AS numbers of two octets."""

from __future__ import annotations

import struct
from typing import Final

import attrs

from peerlint.errors import WireError
from peerlint.model import Prefix
from peerlint.model.prefix import BITS
from peerlint.wire.attributes import Attributes, Form, decode_attributes, encode_attributes
from peerlint.wire.mrt.header import IPAddress, decode_address, need, need_end
from peerlint.wire.nlri import AFIS, FAMILIES

#: An entry of a RIB, as a speaker with two octets per AS number sent it.
_FORM: Final = Form(as4=False, in_rib=True)


@attrs.frozen
class TableDump:
    """One peer's route to one prefix.

    Attributes:
        view: number of the table.
        sequence: number of the record; it starts again after 65,535.
        prefix: bits right of the length are cleared.
        originated: seconds since 1970.
        peer: the peer's address, of the prefix's family.
        peer_asn: the peer's AS number, of two octets.
        attributes: of the route.
        status: unused; 1 as RFC 6396 asks.
    """

    view: int
    sequence: int
    prefix: Prefix
    originated: int
    peer: IPAddress
    peer_asn: int
    attributes: Attributes
    status: int = 1


def decode_table_dump(subtype: int, body: bytes) -> TableDump:
    """Read the body of a TABLE_DUMP record; the subtype is the AFI.

    Raises:
        WireError: another subtype, a prefix length over 32 or 128, it ends early or goes on.
    """
    if subtype not in FAMILIES:
        raise WireError(0, expected="a TABLE_DUMP subtype, 1 or 2", found=str(subtype))
    family = FAMILIES[subtype]
    width = BITS[family] // 8
    length_at, peer_at = 4 + width, 10 + width
    start = peer_at + width + 4
    need(body, 0, start)
    length = body[length_at]
    if length > BITS[family]:
        expected = f"a prefix length up to {BITS[family]}"
        raise WireError(length_at, expected=expected, found=str(length))
    view, sequence = struct.unpack_from(">HH", body)
    originated = int.from_bytes(body[length_at + 2 : peer_at])
    peer_asn, size = struct.unpack_from(">HH", body, peer_at + width)
    need(body, start, size)
    attributes = decode_attributes(body[start : start + size], _FORM)
    need_end(body, start + size)
    return TableDump(
        view,
        sequence,
        Prefix.from_octets(family, length, body[4 : 4 + (length + 7) // 8]),
        originated,
        decode_address(body[peer_at : peer_at + width]),
        peer_asn,
        attributes,
        body[length_at + 1],
    )


def encode_table_dump(record: TableDump) -> tuple[int, bytes]:
    """Return the subtype and the body of a TABLE_DUMP record."""
    family = record.prefix.family
    width = BITS[family] // 8
    attributes = encode_attributes(record.attributes, _FORM)
    parts = (
        struct.pack(">HH", record.view, record.sequence),
        record.prefix.octets.ljust(width, b"\0"),
        struct.pack(">BBI", record.prefix.length, record.status, record.originated),
        record.peer.packed,
        struct.pack(">HH", record.peer_asn, len(attributes)),
        attributes,
    )
    return AFIS[family], b"".join(parts)
