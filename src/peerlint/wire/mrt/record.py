"""Decode and encode the bodies of MRT records of every supported type."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from peerlint.wire.mrt.bgp4mp import (
    ENTRY_SUBTYPE,
    MESSAGE_SUBTYPES,
    SNAPSHOT_SUBTYPE,
    STATE_CHANGE_SUBTYPES,
    Bgp4mpEntry,
    Bgp4mpMessage,
    Snapshot,
    StateChange,
    decode_bgp4mp_entry,
    decode_bgp4mp_message,
    decode_snapshot,
    decode_state_change,
    encode_bgp4mp_entry,
    encode_bgp4mp_message,
    encode_snapshot,
    encode_state_change,
)
from peerlint.wire.mrt.header import MrtType
from peerlint.wire.mrt.peers import (
    GEO_PEER_TABLE,
    PEER_INDEX_TABLE,
    GeoPeerTable,
    PeerIndexTable,
    decode_geo_peer_table,
    decode_peer_index_table,
    encode_geo_peer_table,
    encode_peer_index_table,
)
from peerlint.wire.mrt.rib import GENERIC_SUBTYPES, RIB_SUBTYPES, Rib, decode_rib, encode_rib
from peerlint.wire.mrt.table_dump import TableDump, decode_table_dump, encode_table_dump
from peerlint.wire.nlri import FAMILIES

Body = (
    TableDump
    | PeerIndexTable
    | GeoPeerTable
    | Rib
    | Bgp4mpMessage
    | StateChange
    | Bgp4mpEntry
    | Snapshot
)
_Decode = Callable[[int, bytes], Body]

_TABLE_DUMP: Final[dict[int, _Decode]] = dict.fromkeys(FAMILIES, decode_table_dump)
_TABLE_DUMP_V2: Final[dict[int, _Decode]] = {
    PEER_INDEX_TABLE: lambda _, body: decode_peer_index_table(body),
    GEO_PEER_TABLE: lambda _, body: decode_geo_peer_table(body),
    **dict.fromkeys((*RIB_SUBTYPES, *GENERIC_SUBTYPES), decode_rib),
}
_BGP4MP: Final[dict[int, _Decode]] = {
    **dict.fromkeys(MESSAGE_SUBTYPES, decode_bgp4mp_message),
    **dict.fromkeys(STATE_CHANGE_SUBTYPES, decode_state_change),
    ENTRY_SUBTYPE: lambda _, body: decode_bgp4mp_entry(body),
    SNAPSHOT_SUBTYPE: lambda _, body: decode_snapshot(body),
}
_DECODERS: Final[dict[tuple[int, int], _Decode]] = {
    (int(kind), subtype): decode
    for kind, decoders in (
        (MrtType.TABLE_DUMP, _TABLE_DUMP),
        (MrtType.TABLE_DUMP_V2, _TABLE_DUMP_V2),
        (MrtType.BGP4MP, _BGP4MP),
        (MrtType.BGP4MP_ET, _BGP4MP),
    )
    for subtype, decode in decoders.items()
}
#: The (type, subtype) pairs that are supported.
SUPPORTED: Final = frozenset(_DECODERS)
#: Types whose records hold no BGP routes: other protocols (RIP, IDRP and RIPng of RFC 6396
#: appendix B.2 among them), and the control types of appendix B.1.
_WITHOUT_BGP: Final = frozenset(
    (
        *(MrtType.OSPFV2, MrtType.OSPFV3, MrtType.OSPFV3_ET, MrtType.ISIS, MrtType.ISIS_ET),
        *range(5),
        *(6, 7, 8),
    )
)
#: The (type, subtype) pairs of BGP records that hold no routes. For type BGP (RFC 6396 appendix
#: B.2.1) these are BGP_NULL, BGP_STATE_CHANGE, BGP_OPEN, BGP_NOTIFY and BGP_KEEPALIVE.
_WITHOUT_ROUTES: Final = frozenset(
    (
        *((MrtType.BGP, subtype) for subtype in (0, 3, 5, 6, 7)),
        (MrtType.TABLE_DUMP_V2, GEO_PEER_TABLE),
        *((kind, SNAPSHOT_SUBTYPE) for kind in (MrtType.BGP4MP, MrtType.BGP4MP_ET)),
    )
)


def may_hold_ipv4(kind: int, subtype: int) -> bool:
    """Return whether a record may hold an IPv4 unicast route, by its type and subtype alone."""
    return kind not in _WITHOUT_BGP and (kind, subtype) not in _WITHOUT_ROUTES


def decode_body(kind: int, subtype: int, body: bytes) -> Body:
    """Decode the body of a record.

    Args:
        kind: the record type.
        subtype: its subtype; the pair is one of `SUPPORTED`.
        body: the body without microseconds.

    Raises:
        ForeignFamilyError: the address family of its routes is not supported.
        WireError: the octets are invalid; see the decoder of each type.
    """
    return _DECODERS[kind, subtype](subtype, body)


def encode_body(  # noqa: PLR0911  # one for each type
    value: Body,
) -> tuple[MrtType, int, bytes]:
    """Encode a body; return the record's type, subtype and body. BGP4MP_ET is never returned."""
    match value:
        case TableDump():
            return MrtType.TABLE_DUMP, *encode_table_dump(value)
        case PeerIndexTable():
            return MrtType.TABLE_DUMP_V2, PEER_INDEX_TABLE, encode_peer_index_table(value)
        case GeoPeerTable():
            return MrtType.TABLE_DUMP_V2, GEO_PEER_TABLE, encode_geo_peer_table(value)
        case Rib():
            return MrtType.TABLE_DUMP_V2, *encode_rib(value)
        case Bgp4mpMessage():
            return MrtType.BGP4MP, *encode_bgp4mp_message(value)
        case StateChange():
            return MrtType.BGP4MP, *encode_state_change(value)
        case Bgp4mpEntry():
            return MrtType.BGP4MP, ENTRY_SUBTYPE, encode_bgp4mp_entry(value)
        case Snapshot():
            return MrtType.BGP4MP, SNAPSHOT_SUBTYPE, encode_snapshot(value)
