"""Decode and encode BGP4MP and BGP4MP_ET (RFC 6396 section 4.4, RFC 8050 section 3)."""

from __future__ import annotations

import struct
from functools import lru_cache
from ipaddress import IPv4Address
from typing import Final

import attrs

from peerlint.errors import WireError
from peerlint.wire.attribute_types import is_internal
from peerlint.wire.attributes import Attributes, Form, decode_attributes, encode_attributes
from peerlint.wire.bgp import MARKER
from peerlint.wire.mrt.header import decode_address, need, need_end
from peerlint.wire.nlri import AFIS, FAMILIES, Nlri, decode_one_nlri, encode_nlri
from peerlint.wire.reach import IPAddress, decode_next_hops, supported_family

#: Subtypes with a BGP message, and what each says: (as4, local, add_path).
MESSAGE_SUBTYPES: Final = {
    1: (False, False, False),
    4: (True, False, False),
    6: (False, True, False),
    7: (True, True, False),
    8: (False, False, True),
    9: (True, False, True),
    10: (False, True, True),
    11: (True, True, True),
}
_MESSAGE_SUBTYPE: Final = {meaning: subtype for subtype, meaning in MESSAGE_SUBTYPES.items()}
#: Subtypes with a change of a session's state, and whether AS numbers have four octets.
STATE_CHANGE_SUBTYPES: Final = {0: False, 5: True}
_STATE_CHANGE_SUBTYPE: Final = {as4: subtype for subtype, as4 in STATE_CHANGE_SUBTYPES.items()}
#: Deprecated subtypes (RFC 6396 appendix B).
ENTRY_SUBTYPE: Final = 2
SNAPSHOT_SUBTYPE: Final = 3
_ENTRY_FORM: Final = Form(as4=False, in_rib=True)
_FORMS: Final = {
    (as4, add_path, internal): Form(as4=as4, add_path=add_path, internal=internal)
    for as4 in (False, True)
    for add_path in (False, True)
    for internal in (False, True, None)
}
_NO_ADDRESS: Final = IPv4Address(0)
#: The number of decoded sessions that are kept: a dump has few.
_MEMO: Final = 1 << 10
#: The longest file name that is read; no system has longer paths.
_LONGEST_NAME: Final = 1 << 12


@attrs.frozen
class Bgp4mpMessage:
    """A BGP message with the session it belongs to (RFC 6396 section 4.4.2).

    Attributes:
        peer_asn: the AS number of the other side.
        local_asn: the AS number of this side.
        interface: interface index.
        peer: the address of the other side; for `local` messages, that of the recipient.
        local_address: the address of this side.
        message: the whole BGP message, header included.
        local: whether this side sent the message.
        as4: whether AS numbers, also those in paths, have four octets.
        add_path: whether its prefixes have path identifiers.
    """

    peer_asn: int
    local_asn: int
    interface: int
    peer: IPAddress
    local_address: IPAddress
    message: bytes
    local: bool = False
    as4: bool = True
    add_path: bool = False

    @property
    def form(self) -> Form:
        """The encoding of the attributes of an UPDATE in the record."""
        return _FORMS[self.as4, self.add_path, is_internal(self.peer_asn, self.local_asn)]


@attrs.frozen
class StateChange:
    """A change of a session's state (RFC 6396 section 4.4.1).

    Attributes:
        peer_asn: the AS number of the other side.
        local_asn: the AS number of this side.
        interface: interface index.
        peer: the address of the other side; 0.0.0.0 if an old Zebra omitted it.
        local_address: the address of this side.
        old: the state before, 1 Idle to 6 Established; Quagga also writes 7 and 8.
        new: the state after.
        as4: whether AS numbers have four octets.
    """

    peer_asn: int
    local_asn: int
    interface: int
    peer: IPAddress
    local_address: IPAddress
    old: int
    new: int
    as4: bool = True


@attrs.frozen
class Bgp4mpEntry:
    """One route of a table (RFC 6396 appendix B, deprecated), as OpenBGPD still writes it.

    Attributes:
        peer_asn: the AS number of the other side, of two octets.
        local_asn: the AS number of this side.
        interface: interface index.
        peer: the address of the other side.
        local_address: the address of this side.
        view: number of the table.
        status: unused.
        originated: seconds since 1970.
        safi: 1 unicast, 2 multicast.
        next_hops: one address, or a global and a link-local one.
        nlri: the prefix.
        attributes: the attributes of the route, with AS numbers of two octets.
    """

    peer_asn: int
    local_asn: int
    interface: int
    peer: IPAddress
    local_address: IPAddress
    view: int
    status: int
    originated: int
    safi: int
    next_hops: tuple[IPAddress, ...]
    nlri: Nlri
    attributes: Attributes


@attrs.frozen
class Snapshot:
    """The name of a file that holds a table (RFC 6396 appendix B, deprecated)."""

    view: int
    file: bytes


@attrs.frozen
class _Session:
    """The fields that every record except a snapshot starts with."""

    peer_asn: int
    local_asn: int
    interface: int
    peer: IPAddress
    local_address: IPAddress


def decode_bgp4mp_message(subtype: int, body: bytes) -> Bgp4mpMessage:
    """Decode the body of a BGP4MP record with a message.

    Old versions of Zebra omit interface, family and addresses before an OPEN; the addresses
    are then 0.0.0.0.

    Args:
        subtype: the subtype of the record.
        body: the body of the record.

    Raises:
        WireError: the subtype is not one of `MESSAGE_SUBTYPES`, the address family is unknown, or
            the body ends early.
    """
    if subtype not in MESSAGE_SUBTYPES:
        raise WireError(0, expected="a BGP4MP message subtype", found=str(subtype))
    as4, local, add_path = MESSAGE_SUBTYPES[subtype]
    head = 8 if as4 else 4
    if body[head : head + 16] == MARKER:
        session = _session_without_addresses(body, head // 2)
        at = head
    else:
        session, at = _decode_session(body, as4=as4)
    return Bgp4mpMessage(
        session.peer_asn,
        session.local_asn,
        session.interface,
        session.peer,
        session.local_address,
        body[at:],
        local,
        as4,
        add_path,
    )


def encode_bgp4mp_message(record: Bgp4mpMessage) -> tuple[int, bytes]:
    """Encode a BGP4MP record with a message; return its subtype and body."""
    subtype = _MESSAGE_SUBTYPE[record.as4, record.local, record.add_path]
    return subtype, _encode_session(record, as4=record.as4) + record.message


def decode_state_change(subtype: int, body: bytes) -> StateChange:
    """Decode the body of a BGP4MP record with a change of state.

    Old versions of Zebra omit interface, family and addresses; the addresses are then 0.0.0.0.

    Args:
        subtype: the subtype of the record.
        body: the body of the record.

    Raises:
        WireError: the subtype is not one of `STATE_CHANGE_SUBTYPES`, the address family is unknown,
            the body ends early, or octets are left over.
    """
    if subtype not in STATE_CHANGE_SUBTYPES:
        raise WireError(0, expected="a BGP4MP state change subtype", found=str(subtype))
    as4 = STATE_CHANGE_SUBTYPES[subtype]
    head = 8 if as4 else 4
    if len(body) == head + 4:
        session, at = _session_without_addresses(body, head // 2), head
    else:
        session, at = _decode_session(body, as4=as4)
    need(body, at, 4)
    old, new = struct.unpack_from(">HH", body, at)
    need_end(body, at + 4)
    return StateChange(
        session.peer_asn,
        session.local_asn,
        session.interface,
        session.peer,
        session.local_address,
        old,
        new,
        as4,
    )


def encode_state_change(record: StateChange) -> tuple[int, bytes]:
    """Encode a BGP4MP record with a change of state; return its subtype and body."""
    states = struct.pack(">HH", record.old, record.new)
    subtype = _STATE_CHANGE_SUBTYPE[record.as4]
    return subtype, _encode_session(record, as4=record.as4) + states


def decode_bgp4mp_entry(body: bytes) -> Bgp4mpEntry:
    """Decode the body of a BGP4MP_ENTRY.

    Raises:
        ForeignFamilyError: the route's address family is not supported.
        WireError: the session's address family is unknown, the body ends early, or octets are left
            over.
    """
    session, at = _decode_session(body, as4=False)
    need(body, at, 12)
    view, status, originated, afi, safi, width = struct.unpack_from(">HHIHBB", body, at)
    family = supported_family(afi, safi, at + 8)
    at += 12
    need(body, at, width)
    next_hops = decode_next_hops(bytes(body[at : at + width]), at)
    nlri, at = decode_one_nlri(body, at + width, family, add_path=False)
    need(body, at, 2)
    start = at + 2
    end = start + int.from_bytes(body[at:start])
    need(body, start, end - start)
    attributes = decode_attributes(bytes(body[start:end]), _ENTRY_FORM)
    need_end(body, end)
    return Bgp4mpEntry(
        session.peer_asn,
        session.local_asn,
        session.interface,
        session.peer,
        session.local_address,
        view,
        status,
        originated,
        safi,
        next_hops,
        nlri,
        attributes,
    )


def encode_bgp4mp_entry(record: Bgp4mpEntry) -> bytes:
    """Encode the body of a BGP4MP_ENTRY."""
    hops = b"".join(hop.packed for hop in record.next_hops)
    attributes = encode_attributes(record.attributes, _ENTRY_FORM)
    afi = AFIS[record.nlri.prefix.family]
    parts = (
        _encode_session(record, as4=False),
        struct.pack(">HHIHB", record.view, record.status, record.originated, afi, record.safi),
        bytes((len(hops),)),
        hops,
        encode_nlri((record.nlri,)),
        len(attributes).to_bytes(2),
        attributes,
    )
    return b"".join(parts)


def decode_snapshot(body: bytes) -> Snapshot:
    """Decode the body of a BGP4MP_SNAPSHOT.

    Raises:
        WireError: the body has no view, or the file's name does not end with the body.
    """
    need(body, 0, 2)
    file = bytes(body[2 : 2 + _LONGEST_NAME])
    if file.find(b"\0") != len(body) - 3:
        raise WireError(2, expected="a file's name with one octet 0 at its end", found="another")
    return Snapshot(int.from_bytes(body[:2]), file[:-1])


def encode_snapshot(record: Snapshot) -> bytes:
    """Encode the body of a BGP4MP_SNAPSHOT."""
    return record.view.to_bytes(2) + record.file + b"\0"


def _decode_session(body: bytes, *, as4: bool) -> tuple[_Session, int]:
    """Decode the session at the start of a body; return it and the offset after it."""
    as_width = 4 if as4 else 2
    at = 2 * as_width + 4
    afi = int.from_bytes(body[at - 2 : at])
    if afi not in FAMILIES or len(body) < at:
        need(body, 0, at)
        raise WireError(at - 2, expected="AFI 1 or 2", found=str(afi))
    width = 4 if FAMILIES[afi] == 4 else 16
    end = at + 2 * width
    if end > len(body):
        need(body, at, 2 * width)
    return _session(bytes(body[:end]), as_width, width), end


@lru_cache(_MEMO)
def _session(octets: bytes, as_width: int, width: int) -> _Session:
    at = 2 * as_width + 4
    return _Session(
        int.from_bytes(octets[:as_width]),
        int.from_bytes(octets[as_width : 2 * as_width]),
        int.from_bytes(octets[at - 4 : at - 2]),
        decode_address(octets[at : at + width]),
        decode_address(octets[at + width :]),
    )


def _session_without_addresses(body: bytes, as_width: int) -> _Session:
    peer, local = body[:as_width], body[as_width : 2 * as_width]
    return _Session(int.from_bytes(peer), int.from_bytes(local), 0, _NO_ADDRESS, _NO_ADDRESS)


def _encode_session(record: Bgp4mpMessage | StateChange | Bgp4mpEntry, *, as4: bool) -> bytes:
    width = 4 if as4 else 2
    return b"".join(
        (
            record.peer_asn.to_bytes(width),
            record.local_asn.to_bytes(width),
            struct.pack(">HH", record.interface, AFIS[record.peer.version]),
            record.peer.packed,
            record.local_address.packed,
        )
    )
