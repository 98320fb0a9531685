"""Decode and encode the bodies of BMP messages of every type (RFC 7854 section 4)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from peerlint.wire.bmp.header import MessageType
from peerlint.wire.bmp.messages import (
    Initiation,
    RouteMirroring,
    RouteMonitoring,
    Termination,
    encode_route_mirroring,
    encode_route_monitoring,
    read_initiation,
    read_route_mirroring,
    read_route_monitoring,
    read_termination,
)
from peerlint.wire.bmp.sessions import (
    PeerDown,
    PeerUp,
    encode_peer_down,
    encode_peer_up,
    read_peer_down,
    read_peer_up,
)
from peerlint.wire.bmp.statistics import (
    StatisticsReport,
    encode_statistics_report,
    read_statistics_report,
)
from peerlint.wire.bmp.tlv import encode_tlvs
from peerlint.wire.damage import Lost

Body = (
    RouteMonitoring
    | StatisticsReport
    | PeerDown
    | PeerUp
    | Initiation
    | Termination
    | RouteMirroring
)
_Read = Callable[[bytes], tuple[Body, tuple[Lost, ...]]]
_READERS: Final[dict[MessageType, _Read]] = {
    MessageType.ROUTE_MONITORING: read_route_monitoring,
    MessageType.STATISTICS_REPORT: read_statistics_report,
    MessageType.PEER_DOWN: read_peer_down,
    MessageType.PEER_UP: read_peer_up,
    MessageType.INITIATION: read_initiation,
    MessageType.TERMINATION: read_termination,
    MessageType.ROUTE_MIRRORING: read_route_mirroring,
}


def read_body(kind: MessageType, body: bytes) -> tuple[Body, tuple[Lost, ...]]:
    """Decode the body of a message as far as it can be read.

    What a message says first counts even if its details cannot be read: a session is up or down.

    Args:
        kind: the message type.
        body: the message without its common header.

    Returns:
        The readable part, and the ranges of the body that cannot be read, by ascending offset.

    Raises:
        WireError: nothing of the body can be read.
    """
    return _READERS[kind](body)


def decode_body(kind: MessageType, body: bytes) -> Body:
    """Decode the body of a message.

    Args:
        kind: the message type.
        body: the message without its common header.

    Raises:
        WireError: a part of the body cannot be read.
    """
    value, lost = read_body(kind, body)
    if lost:
        raise lost[0].error
    return value


def encode_body(  # noqa: PLR0911  # one for each type
    value: Body,
) -> tuple[MessageType, bytes]:
    """Encode a body; return the message's type and body."""
    match value:
        case RouteMonitoring():
            return MessageType.ROUTE_MONITORING, encode_route_monitoring(value)
        case StatisticsReport():
            return MessageType.STATISTICS_REPORT, encode_statistics_report(value)
        case PeerDown():
            return MessageType.PEER_DOWN, encode_peer_down(value)
        case PeerUp():
            return MessageType.PEER_UP, encode_peer_up(value)
        case Initiation():
            return MessageType.INITIATION, encode_tlvs(value.tlvs)
        case Termination():
            return MessageType.TERMINATION, encode_tlvs(value.tlvs)
        case RouteMirroring():
            return MessageType.ROUTE_MIRRORING, encode_route_mirroring(value)
