"""Hypothesis strategies for BMP messages of every type."""

from __future__ import annotations

from ipaddress import IPv4Address
from typing import TYPE_CHECKING, Final

from hypothesis import strategies as st

from peerlint.testing.records import opens
from peerlint.testing.strategies import addresses, asns, updates
from peerlint.wire.attributes import Form
from peerlint.wire.bgp import MessageType, Notification, encode_message, encode_update
from peerlint.wire.bmp import (
    STATISTIC_TYPES,
    Body,
    Initiation,
    MirroringTlv,
    PeerDown,
    PeerDownReason,
    PeerFlags,
    PeerHeader,
    PeerType,
    PeerUp,
    RawStatistic,
    RouteMirroring,
    RouteMonitoring,
    Statistic,
    StatisticKind,
    StatisticsReport,
    Termination,
    TerminationTlv,
    Tlv,
    notification_data,
)

if TYPE_CHECKING:
    from hypothesis.strategies import DrawFn, SearchStrategy

_OCTET: Final = st.integers(0, 0xFF)
_U16: Final = st.integers(0, 0xFFFF)
_U32: Final = st.integers(0, 0xFFFFFFFF)
_U64: Final = st.integers(0, (1 << 64) - 1)
_NO_ADDRESS: Final = IPv4Address(0)
_FORM: Final = Form()
#: Reasons whose data have a format.
_KNOWN_REASONS: Final = frozenset(map(int, PeerDownReason))


@st.composite
def peer_headers(draw: DrawFn) -> PeerHeader:
    """Return per-peer headers of every type, with unknown flags, and with and without a time."""
    kind = draw(st.sampled_from(PeerType))
    flags = draw(_OCTET)
    address = _NO_ADDRESS if kind is PeerType.LOC_RIB else draw(addresses())
    if kind is not PeerType.LOC_RIB:
        flags &= 0xFF ^ int(PeerFlags.V)
    time = draw(st.none() | st.integers(1, (1 << 32) * 1_000_000 - 1))
    identifier = IPv4Address(draw(_U32))
    asn = int(draw(asns()))
    return PeerHeader(kind, address, asn, identifier, flags, draw(_U64), timestamp=time)


def tlvs() -> SearchStrategy[tuple[Tlv, ...]]:
    """Return TLVs of any type but those with numbers."""
    kinds = _U16.filter(lambda kind: kind != TerminationTlv.REASON)
    return st.lists(st.builds(Tlv, kinds, st.binary(max_size=8)), max_size=3).map(tuple)


def statistics() -> SearchStrategy[Statistic | RawStatistic]:
    """Return statistics of every known type and of others."""
    per_family = [each.number for each in STATISTIC_TYPES.values() if each.is_per_family]
    counters = [
        each.number for each in STATISTIC_TYPES.values() if each.kind is StatisticKind.COUNTER
    ]
    alone = sorted(set(STATISTIC_TYPES) - {*per_family, *counters})
    unknown = _U16.filter(lambda number: number not in STATISTIC_TYPES)
    return st.one_of(
        st.builds(Statistic, st.sampled_from(counters), _U32),
        st.builds(Statistic, st.sampled_from(alone), _U64),
        st.builds(Statistic, st.sampled_from(per_family), _U64, _U16, _OCTET),
        st.builds(RawStatistic, unknown, st.binary(max_size=12)),
    )


@st.composite
def peer_ups(draw: DrawFn) -> PeerUp:
    """Return Peer Ups with any OPENs."""
    peer = draw(peer_headers())
    family = 4 if peer.is_loc_rib else peer.address.version
    local = draw(addresses(family))
    ports = draw(_U16), draw(_U16)
    return PeerUp(peer, local, *ports, draw(opens()), draw(opens()), draw(tlvs()))


@st.composite
def peer_downs(draw: DrawFn) -> PeerDown:
    """Return Peer Downs of every reason, also unknown ones."""
    reason = draw(st.sampled_from(sorted(_KNOWN_REASONS)) | _OCTET)
    data = b""
    if reason in (PeerDownReason.LOCAL_NOTIFICATION, PeerDownReason.REMOTE_NOTIFICATION):
        data = notification_data(Notification(draw(_OCTET), draw(_OCTET), draw(st.binary())))
    elif reason == PeerDownReason.LOCAL_FSM_EVENT:
        data = draw(_U16).to_bytes(2)
    elif reason == PeerDownReason.LOCAL_TLVS:
        data = b"".join(
            each.type.to_bytes(2) + len(each.value).to_bytes(2) + each.value
            for each in draw(tlvs())
        )
    elif reason not in _KNOWN_REASONS:
        data = draw(st.binary(max_size=8))
    return PeerDown(draw(peer_headers()), reason, data)


def bodies() -> SearchStrategy[Body]:
    """Return messages of every type, which survive encoding and decoding."""
    monitored = updates(_FORM).map(
        lambda update: encode_message(MessageType.UPDATE, encode_update(update, _FORM))
    )
    codes = st.builds(
        Tlv, st.just(int(MirroringTlv.INFORMATION)), st.binary(min_size=2, max_size=2)
    )
    reasons = st.builds(Tlv, st.just(int(TerminationTlv.REASON)), st.binary(min_size=2, max_size=2))
    mirrored = st.tuples(tlvs(), st.lists(codes, max_size=2).map(tuple)).map(
        lambda both: both[0] + both[1]
    )
    ended = st.tuples(tlvs(), st.lists(reasons, max_size=2).map(tuple)).map(
        lambda both: both[0] + both[1]
    )
    reports = st.lists(statistics(), max_size=4).map(tuple)
    return st.one_of(
        st.builds(RouteMonitoring, peer_headers(), monitored),
        st.builds(StatisticsReport, peer_headers(), reports),
        peer_downs(),
        peer_ups(),
        st.builds(Initiation, tlvs()),
        st.builds(Termination, ended),
        st.builds(RouteMirroring, peer_headers(), mirrored),
    )
