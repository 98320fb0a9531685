"""Decode the header of an RTR PDU, and check its length (RFC 8210 section 5, RFC 6810).

Every PDU starts with a version, a type, a field that depends on the type, and a length. The length
is the only thing that says where the next PDU starts, and for all types but two it is fixed: one
that is not as expected is an error at once, before octets are waited for that never come.
"""

from __future__ import annotations

import struct
from enum import IntEnum
from typing import Final

import attrs

from peerlint.errors import WireError

#: Octets of the header.
HEADER_OCTETS: Final = 8
#: The versions that are decoded: RFC 6810 is 0, RFC 8210 is 1.
VERSIONS: Final = (0, 1)
#: The longest PDU that is read. RFC 8210 sets no limit; an Error Report holds a PDU and a text, and
#: a Router Key a public key of 91 octets.
MAX_PDU: Final = 1 << 16
#: The lengths of both prefix PDUs (RFC 8210 sections 5.6 and 5.7).
IPV4_OCTETS: Final = 20
IPV6_OCTETS: Final = 32
#: The length of an Error Report without a PDU and a text, and of a Router Key without its key.
ERROR_OCTETS: Final = 16
ROUTER_KEY_OCTETS: Final = 32


class PduType(IntEnum):
    """Types of PDUs (RFC 8210 section 14)."""

    SERIAL_NOTIFY = 0
    SERIAL_QUERY = 1
    RESET_QUERY = 2
    CACHE_RESPONSE = 3
    IPV4_PREFIX = 4
    IPV6_PREFIX = 6
    END_OF_DATA = 7
    CACHE_RESET = 8
    ROUTER_KEY = 9
    ERROR_REPORT = 10


class ErrorCode(IntEnum):
    """Why an Error Report is sent (RFC 8210 section 12)."""

    CORRUPT_DATA = 0
    INTERNAL_ERROR = 1
    NO_DATA_AVAILABLE = 2
    INVALID_REQUEST = 3
    UNSUPPORTED_VERSION = 4
    UNSUPPORTED_PDU_TYPE = 5
    WITHDRAWAL_OF_UNKNOWN_RECORD = 6
    DUPLICATE_ANNOUNCEMENT = 7
    UNEXPECTED_VERSION = 8


class PduError(WireError):
    """Octets that are no valid PDU.

    Attributes:
        start: the offset of the PDU.
        code: the code of the Error Report that says so to the sender.
    """

    def __init__(
        self,
        offset: int,
        *,
        start: int,
        expected: str,
        found: str,
        code: ErrorCode = ErrorCode.CORRUPT_DATA,
    ) -> None:
        """Keep the parts and make the message from them."""
        super().__init__(offset, expected=expected, found=found)
        self.start, self.code = start, code


@attrs.frozen
class Header:
    """The header of a PDU.

    Attributes:
        version: 0 or 1.
        type: the type.
        field: the third and fourth octet: a session id, an error code, flags or zero.
        length: octets of the whole PDU, this header included.
    """

    version: int
    type: PduType
    field: int
    length: int


_TYPES: Final = {int(each): each for each in PduType}
#: The lengths that a PDU may have, from and to, by version and type.
_ANY_VERSION: Final = {
    PduType.SERIAL_NOTIFY: (12, 12),
    PduType.SERIAL_QUERY: (12, 12),
    PduType.RESET_QUERY: (8, 8),
    PduType.CACHE_RESPONSE: (8, 8),
    PduType.IPV4_PREFIX: (IPV4_OCTETS, IPV4_OCTETS),
    PduType.IPV6_PREFIX: (IPV6_OCTETS, IPV6_OCTETS),
    PduType.CACHE_RESET: (8, 8),
    PduType.ERROR_REPORT: (ERROR_OCTETS, MAX_PDU),
}
_LENGTHS: Final = {
    0: {**_ANY_VERSION, PduType.END_OF_DATA: (12, 12)},
    1: {
        **_ANY_VERSION,
        PduType.END_OF_DATA: (24, 24),
        PduType.ROUTER_KEY: (ROUTER_KEY_OCTETS, MAX_PDU),
    },
}
#: What every version sends in the same form: it says which versions a cache speaks.
_FORMS_OF_ANY_VERSION: Final = frozenset({PduType.SERIAL_NOTIFY, PduType.ERROR_REPORT})


def decode_header(octets: bytes, at: int = 0) -> Header:
    """Decode the header at offset `at`, and check the length for the type and the version.

    A Serial Notify and an Error Report of an unknown version are decoded too: a router may see them
    while the version is negotiated (RFC 8210 section 7).

    Raises:
        PduError: the buffer ends inside the header, the version or the type is unknown, or a PDU of
            this type cannot have this length.
    """
    if at + HEADER_OCTETS > len(octets):
        found = f"{len(octets) - at}"
        raise PduError(at, start=at, expected=f"{HEADER_OCTETS} octets of RTR header", found=found)
    version, number, field, length = struct.unpack_from(">BBHI", octets, at)
    kind = _TYPES.get(number)
    if version not in VERSIONS and kind not in _FORMS_OF_ANY_VERSION:
        code = ErrorCode.UNSUPPORTED_VERSION
        raise PduError(at, start=at, expected="RTR version 0 or 1", found=f"{version}", code=code)
    limits = _LENGTHS.get(version, _ANY_VERSION).get(kind) if kind is not None else None
    if kind is None or limits is None:
        expected = f"a PDU type of RTR version {version}"
        code = ErrorCode.UNSUPPORTED_PDU_TYPE
        raise PduError(at + 1, start=at, expected=expected, found=f"{number}", code=code)
    if not limits[0] <= length <= limits[1]:
        size = f"{limits[0]}" if limits[0] == limits[1] else f"{limits[0]} to {limits[1]:,}"
        expected = f"{size} octets of {pdu_name(kind)} PDU"
        raise PduError(at + 4, start=at, expected=expected, found=f"{length:,}")
    return Header(version, kind, field, length)


def pdu_name(kind: PduType) -> str:
    """Return the name of a type as the RFC writes it, such as "Cache Response"."""
    return kind.name.replace("_", " ").title().replace("Ipv", "IPv").replace(" Of ", " of ")


def error_name(code: int) -> str:
    """Return the name of an error code; its number if it is unknown."""
    try:
        return ErrorCode(code).name.lower().replace("_", " ")
    except ValueError:
        return f"error {code}"
