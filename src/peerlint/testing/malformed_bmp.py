"""Hypothesis strategies for whole BMP streams with some wrong fields, to compare the readers."""

from __future__ import annotations

from ipaddress import IPv4Address, ip_address
from typing import TYPE_CHECKING, Final

import attrs
from hypothesis import strategies as st

from peerlint.testing import malformed, strategies
from peerlint.testing.bmp_messages import bodies
from peerlint.wire.attributes import Form
from peerlint.wire.bgp import MessageType, Open, encode_message, encode_update
from peerlint.wire.bmp import (
    Body,
    PeerDown,
    PeerHeader,
    PeerType,
    PeerUp,
    RouteMonitoring,
    encode_body,
)
from peerlint.wire.bmp import encode_message as encode_bmp_message
from peerlint.wire.capabilities import AddPath, Direction, FourOctetAs
from peerlint.wire.nlri import AFIS, ALL_FAMILIES, Family

if TYPE_CHECKING:
    from hypothesis.strategies import DrawFn, SearchStrategy

_LOCAL: Final = ip_address("192.0.2.254")
#: Tables of four peers: flags L, A and O, an unknown flag, and a Loc-RIB; two differ in the BGP
#: identifier only.
_TABLES: Final = (
    PeerHeader(PeerType.GLOBAL, ip_address("192.0.2.1"), 64500),
    PeerHeader(PeerType.GLOBAL, ip_address("192.0.2.1"), 64500, IPv4Address("192.0.2.1")),
    PeerHeader(PeerType.GLOBAL, ip_address("192.0.2.1"), 64500, flags=0x40),
    PeerHeader(PeerType.GLOBAL, ip_address("192.0.2.1"), 64500, flags=0x21),
    PeerHeader(PeerType.RD, ip_address("2001:db8::1"), 64501, flags=0x50, distinguisher=7),
    PeerHeader(PeerType.LOCAL, ip_address("192.0.2.3"), 64502, flags=0x10),
    PeerHeader(PeerType.LOC_RIB, IPv4Address(0), 64502, flags=0x80),
)
_TIMES: Final = st.sampled_from((None, 1, 1_795_219_200_000_001, 1_795_219_201_000_000))
_FAMILIES: Final = st.sampled_from(
    (
        *(frozenset[Family](),) * 3,
        ALL_FAMILIES,
        *(frozenset({family}) for family in sorted(ALL_FAMILIES)),
        frozenset({(4, 1), (6, 1)}),
    )
)
#: Differences from the right value of an octet.
_OFF_BY: Final = (1, -1, 2, 7, -9, 0x80)


@attrs.frozen
class _Peers:
    """The families with path identifiers of each table's peer, and the router's AS number."""

    families: tuple[frozenset[Family], ...]
    local_asn: int


@st.composite
def streams(draw: DrawFn) -> bytes:
    """Return streams: Peer Ups, plain and malformed UPDATEs, any other messages, wrong octets."""
    families = tuple(draw(_FAMILIES) for _ in _TABLES)
    peers = _Peers(families, draw(st.sampled_from((8075, 64500, 64502))))
    kinds = (*(_monitoring(peers),) * 6, _ups(peers), _downs(), _others())
    first = [draw(_ups(peers)) for _ in range(draw(st.integers(0, 3)))]
    frames = [*first, *draw(st.lists(st.one_of(*kinds), max_size=12))]
    octets = bytearray(b"".join(frames))
    for _ in range(draw(st.sampled_from((0, 0, 1, 3))) if octets else 0):
        at = draw(st.integers(0, len(octets) - 1))
        octets[at] = octets[at] + draw(st.sampled_from(_OFF_BY)) & 0xFF
    return bytes(octets[: draw(st.sampled_from((None, None, None, -1, -50)))])


def _encoded(body: Body) -> bytes:
    return encode_bmp_message(*encode_body(body))


@st.composite
def _table(draw: DrawFn) -> tuple[int, PeerHeader]:
    """Return a table's number, and its header with a time."""
    number = draw(st.integers(0, len(_TABLES) - 1))
    return number, attrs.evolve(_TABLES[number], timestamp=draw(_TIMES))


@st.composite
def _ups(draw: DrawFn, peers: _Peers) -> bytes:
    number, header = draw(_table())
    both = Direction.SEND | Direction.RECEIVE
    offered = tuple((AFIS[family], safi, both) for family, safi in sorted(peers.families[number]))
    paths = (AddPath(offered),) if offered else ()

    def opened(asn: int) -> Open:
        return Open(asn, 90, IPv4Address("192.0.2.9"), (FourOctetAs(asn), *paths))

    local = IPv4Address(0) if header.is_loc_rib else _LOCAL
    if header.address.version == 6:
        local = ip_address("2001:db8::fe")
    sent, received = opened(peers.local_asn), opened(header.asn)
    return _encoded(PeerUp(header, local, 179, 40000, sent, received))


@st.composite
def _downs(draw: DrawFn) -> bytes:
    return _encoded(PeerDown(draw(_table())[1], 4))


@st.composite
def _monitoring(draw: DrawFn, peers: _Peers) -> bytes:
    """Return a Route Monitoring message; its form is mostly that of the Peer Up."""
    number, header = draw(_table())
    families = peers.families[number]
    if draw(st.sampled_from((False,) * 5 + (True,))):
        families = draw(_FAMILIES)
    form = Form(as4=header.as4, add_path=families)
    update = encode_message(MessageType.UPDATE, draw(_bodies_of_updates(form)))
    more = draw(
        st.sampled_from((b"",) * 8 + (update, b"\0", encode_message(MessageType.KEEPALIVE, b"")))
    )
    return _encoded(RouteMonitoring(header, update + more))


def _bodies_of_updates(form: Form) -> SearchStrategy[bytes]:
    valid = strategies.updates(form).map(lambda update: encode_update(update, form))
    return st.one_of(valid, valid, _malformed_updates(form), st.just(bytes(4)))


@st.composite
def _malformed_updates(draw: DrawFn, form: Form) -> bytes:
    add_path = (4, 1) in form.add_path
    attributes = draw(malformed.attribute_octets(form))
    withdrawn = draw(st.one_of(st.just(b""), malformed.nlri_octets(add_path=add_path)))
    nlri = draw(st.one_of(st.just(b""), malformed.nlri_octets(add_path=add_path)))
    parts = (len(withdrawn).to_bytes(2), withdrawn, len(attributes).to_bytes(2), attributes, nlri)
    return b"".join(parts)


@st.composite
def _others(draw: DrawFn) -> bytes:
    """Return any message, some of version 4, and octets that are none."""
    octets = _encoded(draw(bodies()))
    version = draw(st.sampled_from((3, 3, 3, 4, 9)))
    return bytes((version,)) + octets[1:]
