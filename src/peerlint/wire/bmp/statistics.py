"""Decode and encode the Statistics Report (RFC 7854 section 4.8)."""

from __future__ import annotations

import struct
from typing import Final

import attrs

from peerlint.errors import WireError
from peerlint.wire.bmp.peer_header import (
    PEER_HEADER_OCTETS,
    PeerHeader,
    decode_peer_header,
    encode_peer_header,
)
from peerlint.wire.bmp.statistic_types import STATISTIC_TYPES, StatisticType
from peerlint.wire.bmp.tlv import TLV_HEADER_OCTETS
from peerlint.wire.damage import Lost
from peerlint.wire.mrt.header import need

#: The report's number of statistics.
_COUNT_OCTETS: Final = 4
#: Octets of AFI and SAFI.
_FAMILY_OCTETS: Final = 3
#: Octets of a number: some routers send gauges in four octets, or counters in eight.
_WIDTHS: Final = (4, 8)


@attrs.frozen
class Statistic:
    """One statistic of a known type.

    Attributes:
        number: the number of its type, see `STATISTIC_TYPES`.
        value: the count.
        afi: address family identifier; None unless the type is per family.
        safi: subsequent address family identifier; None unless the type is per family.
    """

    number: int
    value: int
    afi: int | None = None
    safi: int | None = None

    @property
    def type(self) -> StatisticType:
        """What is counted."""
        return STATISTIC_TYPES[self.number]


@attrs.frozen
class RawStatistic:
    """A statistic of an unknown type, such as an experimental one.

    Attributes:
        number: the number of its type.
        data: the octets of its value.
    """

    number: int
    data: bytes


@attrs.frozen
class StatisticsReport:
    """A Statistics Report: statistics of all tables of one peer.

    Attributes:
        peer: the peer.
        statistics: the statistics in the order sent.
    """

    peer: PeerHeader
    statistics: tuple[Statistic | RawStatistic, ...] = ()


def read_statistics_report(body: bytes) -> tuple[StatisticsReport, tuple[Lost, ...]]:
    """Decode the body of a Statistics Report as far as it can be read.

    A statistic of a known type whose length does not fit is lost alone. From one that runs over the
    end, or from the end of the announced number of statistics on, everything is lost.

    Raises:
        WireError: the body ends before the first statistic, or the per-peer header is invalid.
    """
    peer = decode_peer_header(body)
    need(body, PEER_HEADER_OCTETS, _COUNT_OCTETS)
    at = PEER_HEADER_OCTETS + _COUNT_OCTETS
    count = int.from_bytes(body[PEER_HEADER_OCTETS:at])
    found: list[Statistic | RawStatistic] = []
    lost: list[Lost] = []
    number = 0
    while number < count and at < len(body):
        value = at + TLV_HEADER_OCTETS
        end = value + int.from_bytes(body[at + 2 : value])
        if value > len(body) or end > len(body):
            break
        kind = int.from_bytes(body[at : at + 2])
        try:
            found.append(_decode_statistic(kind, bytes(body[value:end])))
        except WireError as caught:
            lost.append(Lost(at, end, caught.moved(value)))
        at = end
        number += 1
    if at < len(body):
        lost.append(_rest(at, len(body), is_over=number == count))
    elif number < count:
        # Only the number of statistics is wrong: nothing else is missing.
        error = WireError(PEER_HEADER_OCTETS, expected=f"{number} statistics", found=f"{count:,}")
        lost.insert(0, Lost(PEER_HEADER_OCTETS, PEER_HEADER_OCTETS + _COUNT_OCTETS, error))
    return StatisticsReport(peer, tuple(found)), tuple(lost)


def _rest(at: int, end: int, *, is_over: bool) -> Lost:
    """Return the loss of the rest of a report.

    Args:
        at: the offset of the first octet lost.
        end: the end of the report.
        is_over: whether all announced statistics were read.
    """
    expected = "the end of the report" if is_over else "a statistic that ends inside the report"
    return Lost(at, end, WireError(at, expected=expected, found=f"{end - at} octets"))


def _decode_statistic(number: int, data: bytes) -> Statistic | RawStatistic:
    kind = STATISTIC_TYPES.get(number)
    if kind is None:
        return RawStatistic(number, data)
    family = _FAMILY_OCTETS if kind.is_per_family else 0
    if len(data) - family not in _WIDTHS:
        raise WireError(0, expected=f"a value of {kind.octets} octets", found=str(len(data)))
    value = int.from_bytes(data[family:])
    if not family:
        return Statistic(number, value)
    afi, safi = struct.unpack_from(">HB", data)
    return Statistic(number, value, afi, safi)


def encode_statistics_report(report: StatisticsReport) -> bytes:
    """Encode the body of a Statistics Report."""
    parts = [encode_peer_header(report.peer), len(report.statistics).to_bytes(_COUNT_OCTETS)]
    for each in report.statistics:
        data = each.data if isinstance(each, RawStatistic) else _encode_statistic(each)
        parts += (struct.pack(">HH", each.number, len(data)), data)
    return b"".join(parts)


def _encode_statistic(statistic: Statistic) -> bytes:
    """Encode a value in the octets of its type; in eight if it does not fit into four."""
    kind = statistic.type
    if kind.is_per_family:
        return struct.pack(">HBQ", statistic.afi or 0, statistic.safi or 0, statistic.value)
    width = kind.octets if not statistic.value >> 8 * kind.octets else 8
    return statistic.value.to_bytes(width)
