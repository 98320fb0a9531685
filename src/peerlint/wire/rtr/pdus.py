"""Decode and encode RTR PDUs, one by one (RFC 8210 section 5, RFC 6810 section 5).

Millions of prefix PDUs are better read by `peerlint.wire.rtr.prefixes`.
"""

from __future__ import annotations

import struct
from typing import Final

import attrs

from peerlint.errors import InputError
from peerlint.model import Prefix
from peerlint.wire.rtr.header import (
    ERROR_OCTETS,
    HEADER_OCTETS,
    MAX_PDU,
    Header,
    PduError,
    PduType,
    decode_header,
    pdu_name,
)

#: The last flag: an announcement if it is set, a withdrawal if not. All other flags are reserved,
#: and ignored on receipt (RFC 8210 section 5.6).
ANNOUNCE: Final = 1
_SKI_OCTETS: Final = 20


@attrs.frozen
class SerialNotify:
    """The cache has new data.

    Attributes:
        session_id: the cache's session.
        serial: the number of its newest data.
    """

    session_id: int
    serial: int


@attrs.frozen
class SerialQuery:
    """The router asks for what changed.

    Attributes:
        session_id: the session of the data that the router has.
        serial: the number of that data.
    """

    session_id: int
    serial: int


@attrs.frozen
class ResetQuery:
    """The router asks for all data."""


@attrs.frozen
class CacheResponse:
    """The cache's answer begins.

    Attributes:
        session_id: the cache's session.
    """

    session_id: int


@attrs.frozen
class PrefixPdu:
    """A VRP is announced or withdrawn.

    Attributes:
        prefix: its prefix.
        max_length: the longest prefix that the AS may announce, in bits.
        asn: the AS.
        is_announcement: False if the VRP is withdrawn.
    """

    prefix: Prefix
    max_length: int
    asn: int
    is_announcement: bool = True


@attrs.frozen
class RouterKey:
    """A router's key for BGPsec is announced or withdrawn (version 1).

    Attributes:
        asn: the router's AS.
        identifier: the subject key identifier, 20 octets.
        key: the subject's public key info, in DER.
        is_announcement: False if the key is withdrawn.
    """

    asn: int
    identifier: bytes
    key: bytes
    is_announcement: bool = True


@attrs.frozen
class Timers:
    """How old data may become; all times in seconds (RFC 8210 section 6).

    Attributes:
        refresh: after how long the cache is asked for what changed.
        retry: after how long it is asked again if it did not answer.
        expire: after how long without an answer the data is not used any more.
    """

    refresh: int = 3600
    retry: int = 600
    expire: int = 7200


@attrs.frozen
class EndOfData:
    """The cache's answer is complete.

    Attributes:
        session_id: the cache's session.
        serial: the number of the data that the router has now.
        timers: how old it may become; None in version 0.
    """

    session_id: int
    serial: int
    timers: Timers | None = None


@attrs.frozen
class CacheReset:
    """The cache does not know what changed since then; the router has to ask for all data."""


@attrs.frozen
class ErrorReport:
    """One side cannot go on.

    Attributes:
        code: why; see `ErrorCode`.
        pdu: the PDU that is wrong; empty if there is none.
        text: a text for people.
    """

    code: int
    pdu: bytes = b""
    text: str = ""


Pdu = (
    SerialNotify
    | SerialQuery
    | ResetQuery
    | CacheResponse
    | PrefixPdu
    | RouterKey
    | EndOfData
    | CacheReset
    | ErrorReport
)


def decode_pdu(octets: bytes, at: int = 0) -> Pdu:
    """Decode the PDU at offset `at`; what follows it is left alone.

    Raises:
        PduError: it is not valid; see also `decode_header`.
    """
    return decode_body(octets, at, decode_header(octets, at))


def decode_body(octets: bytes, at: int, header: Header) -> Pdu:  # noqa: PLR0911  # a table of types
    """Decode the PDU at offset `at` whose header was decoded.

    Raises:
        PduError: the PDU is incomplete or not valid.
    """
    if at + header.length > len(octets):
        expected = f"{header.length:,} octets of {pdu_name(header.type)} PDU"
        raise PduError(at, start=at, expected=expected, found=f"{len(octets) - at:,}")
    body = octets[at + HEADER_OCTETS : at + header.length]
    match header.type:
        case PduType.SERIAL_NOTIFY:
            return SerialNotify(header.field, _number(body))
        case PduType.SERIAL_QUERY:
            return SerialQuery(header.field, _number(body))
        case PduType.RESET_QUERY:
            return ResetQuery()
        case PduType.CACHE_RESPONSE:
            return CacheResponse(header.field)
        case PduType.CACHE_RESET:
            return CacheReset()
        case PduType.END_OF_DATA:
            return _end_of_data(body, header)
        case PduType.ERROR_REPORT:
            return _error_report(body, at, header)
        case PduType.ROUTER_KEY:
            return _router_key(body, header)
        case _:
            return _prefix(body, at, header)


def _number(body: bytes) -> int:
    return int.from_bytes(body[:4])


def _end_of_data(body: bytes, header: Header) -> EndOfData:
    timers = Timers(*struct.unpack_from(">III", body, 4)) if header.version else None
    return EndOfData(header.field, _number(body), timers)


def _error_report(body: bytes, at: int, header: Header) -> ErrorReport:
    """Decode an Error Report, whose two lengths have to agree with that of the PDU."""
    room = header.length - ERROR_OCTETS
    octets = _number(body)
    if octets > room:
        expected = f"{room:,} octets of erroneous PDU at most"
        raise PduError(at + HEADER_OCTETS, start=at, expected=expected, found=f"{octets:,}")
    text_octets = _number(body[4 + octets :])
    if octets + text_octets != room:
        place = at + HEADER_OCTETS + 4 + octets
        expected = f"{room - octets:,} octets of error text"
        raise PduError(place, start=at, expected=expected, found=f"{text_octets:,}")
    # StayRTR ends its texts with a NUL, which RFC 8210 section 5.11 does not ask for.
    text = body[8 + octets :].decode("utf-8", "replace").rstrip("\0")
    return ErrorReport(header.field, body[4 : 4 + octets], text)


def _router_key(body: bytes, header: Header) -> RouterKey:
    asn = _number(body[_SKI_OCTETS:])
    is_announcement = bool(header.field >> 8 & ANNOUNCE)
    return RouterKey(asn, body[:_SKI_OCTETS], body[_SKI_OCTETS + 4 :], is_announcement)


def _prefix(body: bytes, at: int, header: Header) -> PrefixPdu:
    family, octets = (4, 4) if header.type is PduType.IPV4_PREFIX else (6, 16)
    flags, length, max_length = body[0], body[1], body[2]
    address = int.from_bytes(body[4 : 4 + octets])
    if not length <= max_length <= octets * 8:
        expected = f"a maximum length of {length} to {octets * 8}"
        raise PduError(at + HEADER_OCTETS + 2, start=at, expected=expected, found=f"{max_length}")
    try:
        prefix = Prefix(family, address, length)
    except InputError as error:
        place = at + HEADER_OCTETS + 4
        raise PduError(place, start=at, expected=error.expected, found=str(error.found)) from None
    return PrefixPdu(prefix, max_length, _number(body[4 + octets :]), bool(flags & ANNOUNCE))


def encode_pdu(pdu: Pdu, version: int) -> bytes:  # noqa: C901, PLR0911  # a table of types
    """Encode a PDU.

    Args:
        pdu: the PDU; a Router Key only in version 1.
        version: 0 or 1; version 0 leaves out the timers of an End of Data.

    Raises:
        InputError: the PDU would be longer than `MAX_PDU`.
    """
    match pdu:
        case SerialNotify(session_id, serial):
            return _encoded(version, PduType.SERIAL_NOTIFY, session_id, serial.to_bytes(4))
        case SerialQuery(session_id, serial):
            return _encoded(version, PduType.SERIAL_QUERY, session_id, serial.to_bytes(4))
        case ResetQuery():
            return _encoded(version, PduType.RESET_QUERY, 0, b"")
        case CacheResponse(session_id):
            return _encoded(version, PduType.CACHE_RESPONSE, session_id, b"")
        case CacheReset():
            return _encoded(version, PduType.CACHE_RESET, 0, b"")
        case EndOfData(session_id, serial, timers):
            body = struct.pack(">I", serial)
            if version:
                times = timers or Timers()
                body += struct.pack(">III", times.refresh, times.retry, times.expire)
            return _encoded(version, PduType.END_OF_DATA, session_id, body)
        case ErrorReport(code, wrong, text):
            words = text.encode()
            body = struct.pack(">I", len(wrong)) + wrong + struct.pack(">I", len(words)) + words
            return _encoded(version, PduType.ERROR_REPORT, code, body)
        case RouterKey(asn, identifier, key, is_announcement):
            body = identifier + struct.pack(">I", asn) + key
            return _encoded(version, PduType.ROUTER_KEY, int(is_announcement) << 8, body)
        case PrefixPdu():
            return _encoded_prefix(pdu, version)


def _encoded(version: int, kind: PduType, field: int, body: bytes) -> bytes:
    length = HEADER_OCTETS + len(body)
    if length > MAX_PDU:
        raise InputError("PDU", expected=f"{MAX_PDU:,} octets at most", found=length)
    return struct.pack(">BBHI", version, kind, field, length) + body


def _encoded_prefix(pdu: PrefixPdu, version: int) -> bytes:
    prefix, is_ipv4 = pdu.prefix, pdu.prefix.family == 4
    kind = PduType.IPV4_PREFIX if is_ipv4 else PduType.IPV6_PREFIX
    head = struct.pack(">BBBB", int(pdu.is_announcement), prefix.length, pdu.max_length, 0)
    address = prefix.first.to_bytes(4 if is_ipv4 else 16)
    return _encoded(version, kind, 0, head + address + struct.pack(">I", pdu.asn))
