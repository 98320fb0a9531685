"""Decode and encode RIB records of TABLE_DUMP_V2 (RFC 6396 section 4.3, RFC 8050 section 4)."""

from __future__ import annotations

import struct
from typing import Final

import attrs

from peerlint.errors import WireError
from peerlint.wire.attributes import Attributes, Form, decode_attributes, encode_attributes
from peerlint.wire.mrt.header import need, need_end
from peerlint.wire.nlri import AFIS, Family, Nlri, decode_one_nlri, encode_nlri
from peerlint.wire.reach import supported_family

#: The subtypes for one address family each, and their (family, SAFI, add-path).
RIB_SUBTYPES: Final = {
    2: (4, 1, False),
    3: (4, 2, False),
    4: (6, 1, False),
    5: (6, 2, False),
    8: (4, 1, True),
    9: (4, 2, True),
    10: (6, 1, True),
    11: (6, 2, True),
}
#: The subtypes whose records contain AFI and SAFI, and whether they have path identifiers.
GENERIC_SUBTYPES: Final = {6: False, 12: True}
_SUBTYPE: Final = {meaning: subtype for subtype, meaning in RIB_SUBTYPES.items()}
_GENERIC_SUBTYPE: Final = {add_path: subtype for subtype, add_path in GENERIC_SUBTYPES.items()}
_FORM: Final = Form(as4=True, in_rib=True)
_ANY_PEER: Final = 1 << 16
#: Head of an entry: peer index, originated time, length of the attributes; with a path identifier.
_HEAD: Final = struct.Struct(">HIH")
_ADD_PATH_HEAD: Final = struct.Struct(">HIIH")


@attrs.frozen
class RibEntry:
    """One peer's route to the prefix of a RIB record.

    Attributes:
        peer: index into the peer table.
        originated: when the route was received, in seconds since 1970.
        attributes: the attributes of the route.
        path_id: the add-path identifier (RFC 8050 section 4.1); None if there is none.
    """

    peer: int
    originated: int
    attributes: Attributes
    path_id: int | None = None


@attrs.frozen
class Rib:
    """All routes to one prefix (RFC 6396 section 4.3.2).

    Attributes:
        sequence: the number of the record in the dump.
        nlri: the prefix.
        safi: 1 unicast, 2 multicast.
        add_path: whether the entries have path identifiers.
        entries: one or more for each peer.
        generic: whether the record is a RIB_GENERIC, which contains AFI and SAFI.
    """

    sequence: int
    nlri: Nlri
    safi: int
    add_path: bool
    entries: tuple[RibEntry, ...]
    generic: bool = False


@attrs.frozen
class LostEntry:
    """An entry whose peer index is outside the peer table.

    Attributes:
        at: the offset of the entry in the body.
        octets: the length of the entry.
        peer: the entry's peer index.
    """

    at: int
    octets: int
    peer: int


def decode_rib(subtype: int, body: bytes) -> Rib:
    """Decode the body of a RIB record.

    Raises:
        ForeignFamilyError: the address family of a RIB_GENERIC is not supported.
        WireError: the subtype is not one of a RIB, the body ends early, or octets are left over.
    """
    rib, _, error = read_rib(subtype, body, _ANY_PEER)
    if error is not None:
        raise error
    return rib


def read_rib(
    subtype: int, body: bytes, peers: int | None
) -> tuple[Rib, list[LostEntry], WireError | None]:
    """Decode the body of a RIB record as far as it can be read.

    Args:
        subtype: the subtype of the record.
        body: the body of the record.
        peers: the number of peers in the peer table; None if there is no table.

    Returns:
        The readable part, the entries whose peer index is outside the peer table, and the error
        that ended reading before the end of the body (None if it was read to the end).

    Raises:
        ForeignFamilyError: the address family of a RIB_GENERIC is not supported.
        WireError: the prefix or the entry count cannot be read, or there is no peer table.
    """
    family, safi, add_path, at = _decode_family(subtype, body)
    nlri, at = decode_one_nlri(body, at, family, add_path=False)
    need(body, at, 2)
    count = int.from_bytes(body[at : at + 2])
    at += 2
    if peers is None:
        expected = "a PEER_INDEX_TABLE before the first RIB record"
        raise WireError(at, expected=expected, found="none")
    entries: list[RibEntry] = []
    lost: list[LostEntry] = []
    error: WireError | None = None
    head, size = _ADD_PATH_HEAD if add_path else _HEAD, len(body)
    try:
        for _ in range(count):
            start = at + head.size
            if start > size:
                need(body, at, head.size)
            peer, originated, *path_id, length = head.unpack_from(body, at)
            end = start + length
            if end > size:
                need(body, at, end - at)
            if peer < peers:
                attributes = decode_attributes(bytes(body[start:end]), _FORM)
                entries.append(RibEntry(peer, originated, attributes, *path_id))
            else:
                lost.append(LostEntry(at, end - at, peer))
            at = end
        need_end(body, at)
    except WireError as short:
        error = WireError(at, expected=short.expected, found=short.found)
    sequence = int.from_bytes(body[:4])
    generic = subtype in GENERIC_SUBTYPES
    return Rib(sequence, nlri, safi, add_path, tuple(entries), generic), lost, error


def _decode_family(subtype: int, body: bytes) -> tuple[int, int, bool, int]:
    """Return address family, SAFI, add-path, and the offset of the prefix."""
    if subtype in RIB_SUBTYPES:
        need(body, 0, 4)
        return *RIB_SUBTYPES[subtype], 4
    if subtype not in GENERIC_SUBTYPES:
        raise WireError(0, expected="a RIB subtype", found=str(subtype))
    need(body, 0, 7)
    afi, safi = struct.unpack_from(">HB", body, 4)
    return supported_family(afi, safi, 4), safi, GENERIC_SUBTYPES[subtype], 7


def encode_rib(rib: Rib) -> tuple[int, bytes]:
    """Encode a RIB record; return its subtype and body."""
    family: Family = rib.nlri.prefix.family, rib.safi
    parts = [rib.sequence.to_bytes(4)]
    if rib.generic:
        subtype = _GENERIC_SUBTYPE[rib.add_path]
        parts.append(struct.pack(">HB", AFIS[family[0]], rib.safi))
    else:
        subtype = _SUBTYPE[*family, rib.add_path]
    parts += (encode_nlri((rib.nlri,)), len(rib.entries).to_bytes(2))
    for entry in rib.entries:
        attributes = encode_attributes(entry.attributes, _FORM)
        parts.append(struct.pack(">HI", entry.peer, entry.originated))
        if entry.path_id is not None:
            parts.append(entry.path_id.to_bytes(4))
        parts += (len(attributes).to_bytes(2), attributes)
    return subtype, b"".join(parts)
