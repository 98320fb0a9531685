"""Decode and encode the header of an MRT record (RFC 6396 sections 2 and 3)."""

from __future__ import annotations

import struct
from enum import IntEnum
from ipaddress import IPv4Address, IPv6Address
from typing import Final, cast

import attrs

from peerlint.errors import WireError
from peerlint.wire.reach import IPAddress

#: Timestamp, type, subtype and length.
HEADER_OCTETS: Final = 12
#: The longest record that is read, 16 MiB: a RIB record of 65,535 entries with 256 octets of
#: attributes each.
MAX_RECORD: Final = 1 << 24
#: Longer bodies are not copied as a whole.
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


#: Types whose records have microseconds before the body (RFC 6396 section 3).
EXTENDED_TYPES: Final = frozenset({MrtType.BGP4MP_ET, MrtType.ISIS_ET, MrtType.OSPFV3_ET})
#: Subtypes that are accepted, by record type; any below 64 for historical and OSPF types.
SUBTYPES: Final[dict[int, range]] = dict.fromkeys(map(int, MrtType), range(64)) | {
    MrtType.TABLE_DUMP: range(1, 3),
    MrtType.TABLE_DUMP_V2: range(1, 13),
    MrtType.BGP4MP: range(12),
    MrtType.BGP4MP_ET: range(12),
}


@attrs.frozen
class Header:
    """The header of a record.

    Attributes:
        timestamp: microseconds since 1970.
        type: the type code, see `MrtType`; unknown codes are kept.
        subtype: the subtype; its meaning depends on the type.
        length: octets of the body; for BGP4MP_ET without the microseconds.
        octets: octets of the header itself, 12 or 16.
    """

    timestamp: int
    type: int
    subtype: int
    length: int
    octets: int = HEADER_OCTETS


def decode_header(octets: bytes, at: int = 0) -> Header:
    """Decode the header of the record at offset `at`.

    Raises:
        WireError: the buffer ends inside the header, or the record is too short for its
            microseconds.
    """
    if at + HEADER_OCTETS > len(octets):
        raise WireError(at, expected="12 octets of MRT header", found="the end")
    seconds, kind, subtype, length = struct.unpack_from(">IHHI", octets, at)
    if kind not in EXTENDED_TYPES:
        return Header(seconds * 1_000_000, kind, subtype, length)
    # The microseconds belong to the header but are counted in the length (RFC 6396 section 3).
    if length < 4 or at + 16 > len(octets):
        raise WireError(at + 12, expected="4 octets of microseconds", found="the end")
    fraction = int.from_bytes(octets[at + 12 : at + 16])
    return Header(seconds * 1_000_000 + fraction, kind, subtype, length - 4, 16)


def encode_record(timestamp: int, kind: MrtType, subtype: int, body: bytes) -> bytes:
    """Encode a record with its header.

    Args:
        timestamp: microseconds since 1970; cut to seconds unless `kind` is an _ET type.
        kind: the record type.
        subtype: the subtype.
        body: the body without microseconds.
    """
    seconds, fraction = divmod(timestamp, 1_000_000)
    if kind in EXTENDED_TYPES:
        body = fraction.to_bytes(4) + body
    return struct.pack(">IHHI", seconds, kind, subtype, len(body)) + body


def body_of(buffer: bytes, start: int, end: int) -> bytes:
    """Return the body of a record, as input for a decoder.

    A large body is returned as a memoryview, from which decoders copy what they keep. A record with
    a wrong length is only read up to the first error, and there may be such a record every few
    octets, so copying whole bodies would be quadratic.

    Args:
        buffer: the octets of the dump in memory.
        start: the offset of the body.
        end: the offset of the end of the record.
    """
    if end - start <= _LARGE:
        return buffer[start:end]
    return cast("bytes", memoryview(buffer)[start:end])


def decode_address(octets: bytes) -> IPAddress:
    """Decode an IPv4 or IPv6 address of 4 or 16 octets."""
    octets = bytes(octets)
    return IPv4Address(octets) if len(octets) == 4 else IPv6Address(octets)


def need(body: bytes, at: int, octets: int) -> None:
    """Check that a body is long enough for a field.

    Args:
        body: the body.
        at: the offset of the field.
        octets: the length of the field.

    Raises:
        WireError: the body ends inside the field.
    """
    if at + octets > len(body):
        raise WireError(at, expected=f"{octets} octets", found=f"{max(0, len(body) - at)}")


def need_end(body: bytes, at: int) -> None:
    """Check that a body ends at offset `at`.

    Raises:
        WireError: more octets follow.
    """
    if at != len(body):
        raise WireError(at, expected="the end", found=f"{len(body) - at} octets")
