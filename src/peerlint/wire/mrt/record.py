"""Bodies of MRT records of every supported type: one function to read, one to write."""

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
_DECODERS: Final[dict[int, dict[int, _Decode]]] = {
    MrtType.TABLE_DUMP: _TABLE_DUMP,
    MrtType.TABLE_DUMP_V2: _TABLE_DUMP_V2,
    MrtType.BGP4MP: _BGP4MP,
    MrtType.BGP4MP_ET: _BGP4MP,
}


def is_supported(kind: int, subtype: int) -> bool:
    """Whether records of this type and subtype are read."""
    return kind in _DECODERS and subtype in _DECODERS[kind]


def decode_body(kind: int, subtype: int, body: bytes) -> Body:
    """Read the body of a record that `is_supported`.

    Raises:
        ForeignFamilyError: its routes are of a family that is not read here.
        WireError: see the decoder of each type.
    """
    return _DECODERS[kind][subtype](subtype, body)


def encode_body(  # noqa: PLR0911  # one for each type
    value: Body,
) -> tuple[MrtType, int, bytes]:
    """Return type, subtype and body of a record; BGP4MP_ET is the caller's choice."""
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
