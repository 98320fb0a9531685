"""Decode and encode Route Monitoring, Route Mirroring, Initiation and Termination (RFC 7854)."""

from __future__ import annotations

from enum import IntEnum

import attrs

from peerlint.errors import WireError
from peerlint.wire.bmp.peer_header import (
    PEER_HEADER_OCTETS,
    PeerHeader,
    decode_peer_header,
    encode_peer_header,
)
from peerlint.wire.bmp.tlv import (
    TLV_HEADER_OCTETS,
    InitiationTlv,
    MirroringTlv,
    TerminationTlv,
    Tlv,
    encode_tlvs,
    read_tlvs,
    texts_of,
)
from peerlint.wire.damage import Lost


class TerminationReason(IntEnum):
    """Why a router ends its BMP session (RFC 7854 section 4.5)."""

    ADMINISTRATIVELY_CLOSED = 0
    UNSPECIFIED = 1
    OUT_OF_RESOURCES = 2
    REDUNDANT_CONNECTION = 3
    PERMANENTLY_CLOSED = 4


class MirroringInformation(IntEnum):
    """What is known of mirrored messages (RFC 7854 section 4.7)."""

    ERRORED_PDU = 0
    MESSAGES_LOST = 1


@attrs.frozen
class RouteMonitoring:
    """A Route Monitoring message (RFC 7854 section 4.6).

    Attributes:
        peer: the peer, and which of its tables.
        message: the whole UPDATE, header included.
    """

    peer: PeerHeader
    message: bytes


@attrs.frozen
class RouteMirroring:
    """A Route Mirroring message: octets as the router received them (RFC 7854 section 4.7).

    Attributes:
        peer: the peer.
        tlvs: the messages and what is known of them. The messages are kept as octets: some are
            mirrored because they cannot be read.
    """

    peer: PeerHeader
    tlvs: tuple[Tlv, ...] = ()

    @property
    def messages(self) -> tuple[bytes, ...]:
        """The whole BGP messages."""
        return tuple(each.value for each in self.tlvs if each.type == MirroringTlv.BGP_MESSAGE)

    @property
    def information(self) -> tuple[int, ...]:
        """The codes, see `MirroringInformation`; other numbers are kept."""
        of_type = (each.number for each in self.tlvs if each.type == MirroringTlv.INFORMATION)
        return tuple(number for number in of_type if number is not None)


@attrs.frozen
class Initiation:
    """An Initiation: the first message of a stream (RFC 7854 section 4.3)."""

    tlvs: tuple[Tlv, ...] = ()

    @property
    def name(self) -> str | None:
        """The router's name (sysName); None if there is none."""
        return next(iter(texts_of(self.tlvs, InitiationTlv.SYS_NAME)), None)

    @property
    def description(self) -> str | None:
        """The router's description (sysDescr); None if there is none."""
        return next(iter(texts_of(self.tlvs, InitiationTlv.SYS_DESCR)), None)


@attrs.frozen
class Termination:
    """A Termination: the last message of a stream (RFC 7854 section 4.5)."""

    tlvs: tuple[Tlv, ...] = ()

    @property
    def reason(self) -> int | None:
        """A `TerminationReason`, or another number; None if there is none."""
        of_type = (each.number for each in self.tlvs if each.type == TerminationTlv.REASON)
        return next(of_type, None)


def read_route_monitoring(body: bytes) -> tuple[RouteMonitoring, tuple[Lost, ...]]:
    """Decode the body of a Route Monitoring message; the UPDATE is not decoded.

    Raises:
        WireError: the per-peer header is invalid.
    """
    return RouteMonitoring(decode_peer_header(body), bytes(body[PEER_HEADER_OCTETS:])), ()


def encode_route_monitoring(value: RouteMonitoring) -> bytes:
    """Encode the body of a Route Monitoring message."""
    return encode_peer_header(value.peer) + value.message


def read_route_mirroring(body: bytes) -> tuple[RouteMirroring, tuple[Lost, ...]]:
    """Decode the body of a Route Mirroring message as far as it can be read.

    Raises:
        WireError: the per-peer header is invalid.
    """
    peer = decode_peer_header(body)
    tlvs, lost = _read_tlvs(body, PEER_HEADER_OCTETS, MirroringTlv.INFORMATION)
    return RouteMirroring(peer, tlvs), lost


def encode_route_mirroring(value: RouteMirroring) -> bytes:
    """Encode the body of a Route Mirroring message."""
    return encode_peer_header(value.peer) + encode_tlvs(value.tlvs)


def read_initiation(body: bytes) -> tuple[Initiation, tuple[Lost, ...]]:
    """Decode the body of an Initiation as far as it can be read."""
    tlvs, lost = _read_tlvs(body, 0)
    return Initiation(tlvs), lost


def read_termination(body: bytes) -> tuple[Termination, tuple[Lost, ...]]:
    """Decode the body of a Termination as far as it can be read."""
    tlvs, lost = _read_tlvs(body, 0, TerminationTlv.REASON)
    return Termination(tlvs), lost


def _read_tlvs(
    body: bytes, at: int, number: int | None = None
) -> tuple[tuple[Tlv, ...], tuple[Lost, ...]]:
    """Decode TLVs to the end of a body as far as they can be read.

    From a TLV that runs over the end on, the rest is lost.

    Args:
        body: the body.
        at: the offset of the first TLV.
        number: the type whose value is a number of two octets; one of another length is kept, but
            what it says is lost.
    """
    tlvs, error = read_tlvs(body, at)
    lost: tuple[Lost, ...] = ()
    for each in tlvs:
        end = at + TLV_HEADER_OCTETS + len(each.value)
        if each.type == number and each.number is None:
            found = str(len(each.value))
            wrong = WireError(at + 2, expected="a value of 2 octets", found=found)
            lost += (Lost(at, end, wrong),)
        at = end
    if error is not None:
        lost += (Lost(at, len(body), error),)
    return tlvs, lost
