"""Hypothesis strategies for BGP messages and MRT records of every type.

Strategies for routes, attributes and UPDATEs are in `peerlint.testing.strategies`.
"""

from __future__ import annotations

from ipaddress import IPv4Address
from typing import TYPE_CHECKING, Final

import attrs
from hypothesis import strategies as st

from peerlint.testing.strategies import (
    addresses,
    asns,
    attributes,
    nlri,
    path_ids,
    prefixes,
    updates,
)
from peerlint.wire.attributes import Attributes, Form
from peerlint.wire.bgp import (
    Keepalive,
    Message,
    MessageType,
    Notification,
    Open,
    RouteRefresh,
    encode_message,
    encode_update,
)
from peerlint.wire.capabilities import (
    AddPath,
    Capability,
    CapabilityCode,
    Direction,
    ExtendedMessage,
    FourOctetAs,
    GracefulRestart,
    Multiprotocol,
    RawCapability,
    RestartFlag,
)
from peerlint.wire.capabilities import RouteRefresh as RouteRefreshCapability
from peerlint.wire.mrt import (
    Bgp4mpEntry,
    Bgp4mpMessage,
    Body,
    GeoPeer,
    GeoPeerTable,
    Peer,
    PeerIndexTable,
    Rib,
    RibEntry,
    Snapshot,
    StateChange,
    TableDump,
)

if TYPE_CHECKING:
    from hypothesis.strategies import DrawFn, SearchStrategy

_OCTET: Final = st.integers(0, 0xFF)
_U16: Final = st.integers(0, 0xFFFF)
_U32: Final = st.integers(0, 0xFFFFFFFF)
_IDENTIFIERS: Final = _U32.map(IPv4Address)
_TABLE: Final = Form(as4=False, in_rib=True)
#: All flags of graceful restart, in each combination.
_RESTART_FLAGS: Final = tuple(map(RestartFlag, (0, 4, 8, 12)))
#: Optional parameters with a special meaning: capabilities, and the extended form.
_KNOWN_PARAMETERS: Final = (2, 255)


# -- BGP


def capabilities() -> SearchStrategy[Capability]:
    """Return capabilities, including those of other AFIs and unknown codes."""
    families = st.tuples(_U16, _OCTET, st.integers(1, 3).map(Direction))
    codes = sorted(set(range(256)) - set(CapabilityCode))
    return st.one_of(
        st.builds(Multiprotocol, st.sampled_from((1, 2, 25)) | _U16, _OCTET),
        st.just(RouteRefreshCapability()),
        st.just(ExtendedMessage()),
        st.builds(FourOctetAs, asns().map(int)),
        st.builds(
            GracefulRestart,
            st.integers(0, 0xFFF),
            st.sampled_from(_RESTART_FLAGS),
            st.lists(st.tuples(_U16, _OCTET, st.booleans()), max_size=3).map(tuple),
        ),
        st.builds(AddPath, st.lists(families, max_size=3).map(tuple)),
        st.builds(RawCapability, st.sampled_from(codes), st.binary(max_size=6)),
    )


def opens() -> SearchStrategy[Open]:
    """Return OPENs, some of which need the extended form of RFC 9072."""
    codes = _OCTET.filter(lambda code: code not in _KNOWN_PARAMETERS)
    values = st.binary(max_size=4) | st.integers(253, 300).map(bytes)
    parameters = st.lists(st.tuples(codes, values), max_size=2).map(tuple)
    offered = st.lists(capabilities(), max_size=4).map(tuple)
    opens = st.builds(Open, _U16, _U16, _IDENTIFIERS, offered, parameters)
    return opens.filter(lambda message: message.asn != 0)


def messages(form: Form) -> SearchStrategy[Message]:
    """Return messages of every type; only UPDATEs depend on the form."""
    return st.one_of(
        opens(),
        updates(form),
        st.builds(Notification, _OCTET, _OCTET, st.binary(max_size=8)),
        st.just(Keepalive()),
        st.builds(RouteRefresh, _U16, _OCTET, _OCTET, st.binary(max_size=8)),
    )


# -- MRT


def peers() -> SearchStrategy[Peer]:
    """Return peers of a peer table, of both address families and AS number widths."""
    return st.builds(Peer, addresses(), asns().map(int), st.ip_addresses(v=4))


def peer_index_tables() -> SearchStrategy[PeerIndexTable]:
    """Return peer tables, including empty ones and unusual view names."""
    names = st.text(st.characters(codec="utf-8"), max_size=5)
    rows = st.lists(peers(), max_size=4).map(tuple)
    return st.builds(PeerIndexTable, st.ip_addresses(v=4), names, rows)


@st.composite
def rib_entries(draw: DrawFn, *, add_path: bool = False) -> RibEntry:
    """Return entries of a RIB record."""
    return RibEntry(
        draw(_U16),
        draw(_U32),
        draw(attributes(Form(as4=True, in_rib=True))),
        draw(path_ids()) if add_path else None,
    )


@st.composite
def ribs(draw: DrawFn) -> Rib:
    """Return RIB records of both families, unicast and multicast, with and without add-path.

    Some are RIB_GENERIC records.
    """
    add_path = draw(st.booleans())
    entries = draw(st.lists(rib_entries(add_path=add_path), max_size=3))
    return Rib(
        draw(_U32),
        draw(nlri()),
        draw(st.sampled_from((1, 2))),
        add_path,
        tuple(entries),
        draw(st.booleans()),
    )


@st.composite
def bgp4mp_messages(draw: DrawFn) -> Bgp4mpMessage:
    """Return BGP4MP records of every subtype, with an UPDATE or another message."""
    as4, add_path = draw(st.booleans()), draw(st.booleans())
    family = draw(st.sampled_from((4, 6)))
    if draw(st.booleans()):
        body = encode_update(draw(updates(form := Form(as4=as4, add_path=add_path))), form)
        message = encode_message(MessageType.UPDATE, body)
    else:
        others = (MessageType.OPEN, MessageType.NOTIFICATION, MessageType.KEEPALIVE)
        message = encode_message(draw(st.sampled_from(others)), draw(st.binary(max_size=8)))
    return Bgp4mpMessage(
        int(draw(asns(wide=as4))),
        int(draw(asns(wide=as4))),
        draw(_U16),
        draw(addresses(family)),
        draw(addresses(family)),
        message,
        draw(st.booleans()),
        as4,
        add_path,
    )


def bodies() -> SearchStrategy[Body]:
    """Return bodies of MRT records of every type that can be encoded."""
    return st.one_of(
        table_dumps(),
        peer_index_tables(),
        geo_peer_tables(),
        ribs(),
        bgp4mp_messages(),
        state_changes(),
        bgp4mp_entries(),
        st.builds(Snapshot, _U16, st.binary(max_size=8).filter(lambda name: b"\0" not in name)),
    )


@st.composite
def table_dumps(draw: DrawFn) -> TableDump:
    """Return TABLE_DUMP records of both address families, some with several routes."""
    family, view, sequence = draw(st.sampled_from((4, 6))), draw(_U16), draw(_U16)
    entry = st.builds(
        TableDump,
        view=st.just(view),
        sequence=st.just(sequence),
        prefix=prefixes(family),
        originated=_U32,
        peer=addresses(family),
        peer_asn=_U16,
        attributes=attributes(_TABLE),
        status=_OCTET,
    )
    further = entry.filter(lambda each: each.attributes != Attributes())
    return attrs.evolve(draw(entry), more=tuple(draw(st.lists(further, max_size=2))))


def geo_peer_tables() -> SearchStrategy[GeoPeerTable]:
    """Return tables of peers with locations, some of them private."""
    degrees = st.none() | st.floats(-180, 180, width=32)
    located = st.builds(GeoPeer, peers(), degrees, degrees)
    names = st.text(st.characters(codec="utf-8"), max_size=5)
    rows = st.lists(located, max_size=3).map(tuple)
    return st.builds(GeoPeerTable, _IDENTIFIERS, names, degrees, degrees, rows)


@st.composite
def state_changes(draw: DrawFn) -> StateChange:
    """Return changes of a session's state, with AS numbers of both widths, for both families."""
    as4, family = draw(st.booleans()), draw(st.sampled_from((4, 6)))
    return StateChange(
        int(draw(asns(wide=as4))),
        int(draw(asns(wide=as4))),
        draw(_U16),
        draw(addresses(family)),
        draw(addresses(family)),
        draw(_U16),
        draw(_U16),
        as4,
    )


@st.composite
def bgp4mp_entries(draw: DrawFn) -> Bgp4mpEntry:
    """Return routes of a table in the deprecated form that OpenBGPD writes."""
    family = draw(st.sampled_from((4, 6)))
    local = st.tuples(st.ip_addresses(v=6), st.ip_addresses(v=6))
    return Bgp4mpEntry(
        peer_asn=draw(_U16),
        local_asn=draw(_U16),
        interface=draw(_U16),
        peer=draw(addresses(family)),
        local_address=draw(addresses(family)),
        view=draw(_U16),
        status=draw(_U16),
        originated=draw(_U32),
        safi=draw(st.sampled_from((1, 2))),
        next_hops=draw(addresses().map(lambda hop: (hop,)) | local),
        nlri=draw(nlri()),
        attributes=draw(attributes(_TABLE)),
    )
