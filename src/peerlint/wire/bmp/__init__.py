"""The BGP Monitoring Protocol: messages, and the stream that they are sent in.

RFC 7854, with Adj-RIB-Out (RFC 8671), Loc-RIB (RFC 9069), the namespace of Peer Up (RFC 9736) and
the statistics of RFC 9972.
"""

from peerlint.wire.bmp.body import Body, decode_body, encode_body, read_body
from peerlint.wire.bmp.forms import MAX_PEERS, PeerForms, PeerKey, peer_key
from peerlint.wire.bmp.framing import Framing
from peerlint.wire.bmp.header import (
    HEADER_OCTETS,
    MAX_MESSAGE,
    SKIPPED_VERSION,
    VERSION,
    Header,
    MessageType,
    decode_header,
    encode_message,
)
from peerlint.wire.bmp.messages import (
    Initiation,
    MirroringInformation,
    RouteMirroring,
    RouteMonitoring,
    Termination,
    TerminationReason,
)
from peerlint.wire.bmp.peer_header import (
    PEER_HEADER_OCTETS,
    LocRibFlags,
    PeerFlags,
    PeerHeader,
    PeerType,
    decode_peer_header,
    encode_peer_header,
)
from peerlint.wire.bmp.reader import Reader, Record
from peerlint.wire.bmp.sessions import PeerDown, PeerDownReason, PeerUp, notification_data
from peerlint.wire.bmp.statistic_types import STATISTIC_TYPES, StatisticKind, StatisticType
from peerlint.wire.bmp.statistics import RawStatistic, Statistic, StatisticsReport
from peerlint.wire.bmp.tlv import InitiationTlv, MirroringTlv, PeerUpTlv, TerminationTlv, Tlv

__all__ = [
    "HEADER_OCTETS",
    "MAX_MESSAGE",
    "MAX_PEERS",
    "PEER_HEADER_OCTETS",
    "SKIPPED_VERSION",
    "STATISTIC_TYPES",
    "VERSION",
    "Body",
    "Framing",
    "Header",
    "Initiation",
    "InitiationTlv",
    "LocRibFlags",
    "MessageType",
    "MirroringInformation",
    "MirroringTlv",
    "PeerDown",
    "PeerDownReason",
    "PeerFlags",
    "PeerForms",
    "PeerHeader",
    "PeerKey",
    "PeerType",
    "PeerUp",
    "PeerUpTlv",
    "RawStatistic",
    "Reader",
    "Record",
    "RouteMirroring",
    "RouteMonitoring",
    "Statistic",
    "StatisticKind",
    "StatisticType",
    "StatisticsReport",
    "Termination",
    "TerminationReason",
    "TerminationTlv",
    "Tlv",
    "decode_body",
    "decode_header",
    "decode_peer_header",
    "encode_body",
    "encode_message",
    "encode_peer_header",
    "notification_data",
    "peer_key",
    "read_body",
]
