"""Decode and encode TABLE_DUMP (RFC 6396 section 4.2), with AS numbers of two octets.

RFC 6396 allows one route in a record. The MRT toolkit, which introduced the format, and the first
tables of RIS put as many routes as fit after one view and one sequence number.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Final

import attrs

from peerlint.errors import WireError
from peerlint.model import Prefix
from peerlint.model.prefix import BITS
from peerlint.wire.attribute_bounds import end_of_attributes
from peerlint.wire.attributes import (
    ATTRIBUTE_LIST,
    Attributes,
    Form,
    decode_attributes,
    encode_attributes,
)
from peerlint.wire.mrt.header import decode_address, need
from peerlint.wire.nlri import AFIS, FAMILIES
from peerlint.wire.reach import IPAddress

#: The encoding of an entry: a RIB entry from a speaker with two-octet AS numbers.
_FORM: Final = Form(as4=False, in_rib=True)
_VIEW_AND_SEQUENCE: Final = 4


@attrs.frozen
class TableDump:
    """One peer's route to one prefix.

    Attributes:
        view: the number of the table.
        sequence: the number of the record in the dump; it wraps after 65,535.
        prefix: the prefix, with all bits right of its length cleared.
        originated: when the route was received, in seconds since 1970.
        peer: the peer's address, of the same family as the prefix.
        peer_asn: the peer's AS number, of two octets.
        attributes: the attributes of the route.
        status: unused; RFC 6396 requires 1.
        more: the routes that follow it in the same record, with the same view and sequence.
    """

    view: int
    sequence: int
    prefix: Prefix
    originated: int
    peer: IPAddress
    peer_asn: int
    attributes: Attributes
    status: int = 1
    more: tuple[TableDump, ...] = ()

    def __iter__(self) -> Iterator[TableDump]:
        """Yield every route of the record, this one first."""
        yield self
        yield from self.more


def decode_table_dump(subtype: int, body: bytes) -> TableDump:
    """Decode the body of a TABLE_DUMP record, whose subtype is the AFI.

    Raises:
        WireError: the subtype is neither 1 nor 2, a prefix length exceeds 32 or 128, the body ends
            early, or octets are left over.
    """
    record, error = read_table_dump(subtype, body)
    if error is not None:
        raise error
    return record


def read_table_dump(subtype: int, body: bytes) -> tuple[TableDump, WireError | None]:
    """Decode the body of a TABLE_DUMP record as far as it can be read.

    Returns:
        The routes that can be read, and the error that ended reading before the end of the body
        (None if it was read to the end).

    Raises:
        WireError: the subtype is neither 1 nor 2, or the first route cannot be read.
    """
    if subtype not in FAMILIES:
        raise WireError(0, expected="a TABLE_DUMP subtype, 1 or 2", found=str(subtype))
    family = FAMILIES[subtype]
    need(body, 0, _VIEW_AND_SEQUENCE + fixed_octets(family))
    view, sequence = struct.unpack_from(">HH", body)
    first, at = _decode_entry(family, body, _VIEW_AND_SEQUENCE, view, sequence)
    more: list[TableDump] = []
    while at < len(body):
        if not _may_be_whole(family, body, at):
            # Checked without decoding: after a wrong record length, the octets may look like 64 KiB
            # of attributes, for each such record.
            found = f"{len(body) - at} octets"
            return _joined(first, more), WireError(at, expected="the end", found=found)
        try:
            entry, end = _decode_entry(family, body, at, view, sequence)
        except WireError as short:
            return _joined(first, more), WireError(at, expected=short.expected, found=short.found)
        # Without this check, the record after one with a wrong length may be read as a route: the
        # zeros in its header look like a prefix length of 0 and an empty list of attributes.
        if end == at + fixed_octets(family) or not _is_whole(entry.attributes):
            found = f"{len(body) - at} octets"
            return _joined(first, more), WireError(at, expected="the end", found=found)
        more.append(entry)
        at = end
    return _joined(first, more), None


def fixed_octets(family: int) -> int:
    """Return the number of octets of a route before its attributes."""
    return 2 * (BITS[family] // 8) + 10


def _is_whole(attributes: Attributes) -> bool:
    """Return whether the list of attributes does not overrun its end."""
    return all(fault.attribute != ATTRIBUTE_LIST for fault in attributes.faults)


def _may_be_whole(family: int, body: bytes, at: int) -> bool:
    """Return whether the attributes of the route at `at` may fit their list."""
    start = at + fixed_octets(family)
    end = start + int.from_bytes(body[start - 2 : start])
    if start > len(body) or end > len(body):
        return True  # the route is cut off, which its decoder reports
    return end_of_attributes(body, start, end) == end


def _joined(first: TableDump, more: list[TableDump]) -> TableDump:
    return attrs.evolve(first, more=tuple(more)) if more else first


def _decode_entry(
    family: int, body: bytes, at: int, view: int, sequence: int
) -> tuple[TableDump, int]:
    """Decode the route at `at`; return it and the offset after it."""
    width = BITS[family] // 8
    length_at, peer_at = at + width, at + width + 6
    start = at + fixed_octets(family)
    need(body, at, start - at)
    length = body[length_at]
    if length > BITS[family]:
        expected = f"a prefix length up to {BITS[family]}"
        raise WireError(length_at, expected=expected, found=str(length))
    originated = int.from_bytes(body[length_at + 2 : peer_at])
    peer_asn, size = struct.unpack_from(">HH", body, peer_at + width)
    need(body, start, size)
    entry = TableDump(
        view,
        sequence,
        Prefix.from_octets(family, length, bytes(body[at : at + (length + 7) // 8])),
        originated,
        decode_address(body[peer_at : peer_at + width]),
        peer_asn,
        decode_attributes(bytes(body[start : start + size]), _FORM),
        body[length_at + 1],
    )
    return entry, start + size


def encode_table_dump(record: TableDump) -> tuple[int, bytes]:
    """Encode a TABLE_DUMP record of one address family; return its subtype and body."""
    parts = [struct.pack(">HH", record.view, record.sequence)]
    for entry in record:
        octets = entry.prefix.octets.ljust(BITS[entry.prefix.family] // 8, b"\0")
        attributes = encode_attributes(entry.attributes, _FORM)
        parts += (
            octets,
            struct.pack(">BBI", entry.prefix.length, entry.status, entry.originated),
            entry.peer.packed,
            struct.pack(">HH", entry.peer_asn, len(attributes)),
            attributes,
        )
    return AFIS[record.prefix.family], b"".join(parts)
