"""The head of an MRT record (RFC 6396 sections 2 and 3)."""

from __future__ import annotations

import struct
from enum import IntEnum
from ipaddress import IPv4Address, IPv6Address
from typing import Final, cast

import attrs

from peerlint.errors import WireError

IPAddress = IPv4Address | IPv6Address

#: Timestamp, type, subtype and length.
HEADER_OCTETS: Final = 12
#: No record is longer: a RIB record of 65,535 entries with 256 octets of attributes each, 16 MiB.
MAX_RECORD: Final = 1 << 24
#: Bodies of more octets are not copied as a whole.
_LARGE: Final = 1 << 12


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
#: Subtypes that exist, by record type; for historical and OSPF types any below 64 will do.
SUBTYPES: Final[dict[int, range]] = dict.fromkeys(map(int, MrtType), range(64)) | {
    MrtType.TABLE_DUMP: range(1, 3),
    MrtType.TABLE_DUMP_V2: range(1, 13),
    MrtType.BGP4MP: range(12),
    MrtType.BGP4MP_ET: range(12),
}


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


def body_of(buffer: bytes, start: int, end: int) -> bytes:
    """Return the body of a record, for a decoder.

    Of a large one it is a view, of which decoders copy what they keep: a record whose length lies
    is read only up to the lie, and there may be one every few octets.
    """
    if end - start <= _LARGE:
        return buffer[start:end]
    return cast("bytes", memoryview(buffer)[start:end])


def decode_address(octets: bytes) -> IPAddress:
    """Return the address that 4 or 16 octets are."""
    octets = bytes(octets)
    return IPv4Address(octets) if len(octets) == 4 else IPv6Address(octets)


def need(body: bytes, at: int, octets: int) -> None:
    """Refuse a body that ends inside a field.

    Raises:
        WireError: fewer octets than that follow.
    """
    if at + octets > len(body):
        raise WireError(at, expected=f"{octets} octets", found=f"{max(0, len(body) - at)}")


def need_end(body: bytes, at: int) -> None:
    """Refuse a body that goes on.

    Raises:
        WireError: octets follow.
    """
    if at != len(body):
        raise WireError(at, expected="the end", found=f"{len(body) - at} octets")
