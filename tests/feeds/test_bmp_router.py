"""The events of one router's BMP stream."""

from __future__ import annotations

from ipaddress import IPv4Address
from itertools import pairwise
from typing import Final

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from peerlint.events import (
    Announce,
    EndOfRib,
    Event,
    Gap,
    SessionDown,
    SessionUp,
    Statistics,
    Withdraw,
)
from peerlint.feeds.bmp import RemarkCounts, RemarkKind, RouterStream
from peerlint.model import AsPath, Route, View
from peerlint.testing._dump import route_attributes
from peerlint.testing.bmp import BmpPeer, BmpStream
from peerlint.wire.bgp import Update
from peerlint.wire.bmp import (
    Initiation,
    InitiationTlv,
    MirroringTlv,
    PeerDown,
    PeerDownReason,
    PeerFlags,
    RawStatistic,
    RouteMirroring,
    Statistic,
    Tlv,
)
from peerlint.wire.nlri import Nlri

PEER: Final = BmpPeer("192.0.2.1", 64496, "192.0.2.2", 64500)
TIME: Final = 1_700_000_000_000_000


def _events(stream: BmpStream, router: RouterStream | None = None) -> list[Event]:
    return list((router or RouterStream("192.0.2.9")).feed(stream.octets(), TIME))


def _kinds(router: RouterStream) -> set[RemarkKind]:
    return {each.kind for each in router.remarks}


def test_story() -> None:
    """A session's life gives its events in order, with the arrival time and the header's."""
    stream = BmpStream(timestamp=5).up(PEER).announce(PEER, "203.0.113.0/24 path 64496")
    stream.end_of_rib(PEER).end_of_rib(PEER, 6).withdraw(PEER, "203.0.113.0/24").down(PEER)
    found = _events(stream)
    assert [type(each) for each in found] == [
        SessionUp,
        Announce,
        EndOfRib,
        EndOfRib,
        Withdraw,
        SessionDown,
    ]
    assert {(each.time, each.header_time) for each in found} == {(TIME, 5)}


def test_as_numbers_of_two_octets_without_flag_a() -> None:
    """The route is the one that was sent, and a remark says so: FRR 8.4 leaves the flag out."""
    old = attrs.evolve(PEER, as4=False)
    sent = bytearray(BmpStream().announce(old, "203.0.113.0/24 path 64496 65551").messages[-1])
    sent[7] &= ~PeerFlags.A
    router = RouterStream("192.0.2.9")

    _, announce = _events(BmpStream().up(old).raw(bytes(sent)), router)

    assert isinstance(announce, Announce)
    assert (str(announce.route.path), announce.route.malformed) == ("64496 65551", ())
    assert {RemarkKind.UNDECLARED_AS2} == _kinds(router)


def _all_kinds() -> bytes:
    """Return a stream with all kinds of messages, sound, damaged and of another version."""
    loc_rib = attrs.evolve(PEER, view=View.LOC_RIB)
    route = "203.0.113.0/24 path 64496"
    stream = BmpStream().up(PEER).announce(PEER, route).raw(_version_4(0)).statistics(PEER)
    stream.raw(_damaged(stream.messages[2])).raw(_damaged(stream.messages[2])).announce(PEER, route)
    stream.raw(_version_4(1)).up(loc_rib).announce(loc_rib, "192.0.2.0/24 path 64496")
    stream.end_of_rib(loc_rib, 6).raw(b"\x03\0\0\0\x08\x09\0\0").down(PEER).terminate()
    return stream.raw(b"\xff" * 9).up(PEER).octets()


def _version_4(kind: int) -> bytes:
    return b"\x04" + (10).to_bytes(4) + bytes((kind,)) + bytes(4)


def _damaged(message: bytes) -> bytes:
    """Return a Route Monitoring message whose UPDATE has a wrong marker."""
    return message[:48] + bytes(16) + message[64:]


ALL_KINDS: Final = _all_kinds()


def _in_pieces(cuts: set[int]) -> tuple[list[Event], RouterStream]:
    router = RouterStream("192.0.2.9")
    at = [0, *sorted(cuts), len(ALL_KINDS)]
    pieces = [ALL_KINDS[start:end] for start, end in pairwise(at)]
    found = [each for piece in pieces for each in router.feed(piece, TIME)]
    return found + list(router.end(TIME)), router


def test_every_octet() -> None:
    """A stream that is cut at every octet, or at any one of them, gives the events of the whole."""
    whole, router = _in_pieces(set())
    assert len(whole) > 8
    assert router.refused is not None
    assert _in_pieces(set(range(1, len(ALL_KINDS))))[0] == whole
    for at in range(1, len(ALL_KINDS)):
        assert _in_pieces({at})[0] == whole


@given(st.sets(st.integers(1, len(ALL_KINDS) - 1)))
def test_pieces(cuts: set[int]) -> None:
    """The events, gaps and remarks do not depend on how the octets arrive."""
    (found, router), (whole, other) = _in_pieces(cuts), _in_pieces(set())
    assert found == whole
    assert (router.remarks, router.refused, router.ended) == (
        other.remarks,
        other.refused,
        other.ended,
    )


@pytest.mark.parametrize(
    ("view", "post_policy"),
    [
        (View.SENT, False),
        (View.ADVERTISED, False),
        (View.LOC_RIB, False),
        (View.ADJ_RIB_IN, False),
        (View.ADJ_RIB_IN, True),
    ],
)
def test_tables(view: View, post_policy: bool) -> None:
    """Flags O and L and the peer type say the table (RFC 7854, RFC 8671, RFC 9069)."""
    peer = attrs.evolve(PEER, view=view, post_policy=post_policy)
    found = _events(BmpStream().up(peer).announce(peer, "203.0.113.0/24 path 64496"))[-1]
    assert isinstance(found, Announce)
    assert (found.table.view, found.table.is_post_policy) == (view, post_policy)


def test_no_peer_up() -> None:
    """Routes without Peer Up, and the Peer Down of that peer, are kept with a remark."""
    router = RouterStream("192.0.2.9")
    found = _events(BmpStream().announce(PEER, "203.0.113.0/24 path 64496").down(PEER), router)
    assert [type(each) for each in found] == [Announce, SessionDown]
    assert _kinds(router) == {RemarkKind.NO_PEER_UP, RemarkKind.DOWN_WITHOUT_UP}


@pytest.mark.parametrize(
    ("path", "view", "expected"),
    [
        ("64500 64496 64497", View.ADJ_RIB_IN, "64496 64497"),
        ("64496 64497", View.ADJ_RIB_IN, "64496 64497"),
        ("64500 64497", View.ADJ_RIB_IN, "64500 64497"),  # not what the peer would send
        ("64500 64496", View.SENT, "64500 64496"),
    ],
)
def test_own_as(path: str, view: View, expected: str) -> None:
    """The router's own AS is cut from a received path in front of the peer's AS only."""
    peer, router = attrs.evolve(PEER, view=view), RouterStream("192.0.2.9")
    stream = BmpStream().up(peer).announce(peer, f"203.0.113.0/24 path {path}")
    found = _events(stream, router)[-1]
    assert isinstance(found, Announce)
    assert str(found.route.path) == expected
    assert (RemarkKind.OWN_AS_CUT in _kinds(router)) == (path != expected)


@pytest.mark.parametrize("says", [True, False])
def test_path_ids(says: bool) -> None:
    """UPDATEs that contradict the Peer Up make the peer unknown, never a default route."""
    said, sent = attrs.evolve(PEER, add_path=says), attrs.evolve(PEER, add_path=not says)
    route = "203.0.113.0/24 path 64496 path-id 1"
    router = RouterStream("192.0.2.9")
    found = _events(BmpStream().up(said).announce(sent, route).end_of_rib(sent), router)
    assert [type(each) for each in found] == [SessionUp, Gap]
    assert RemarkKind.LEFT_OUT in _kinds(router)


def test_garbage() -> None:
    """A stream whose framing is lost is a gap, and is refused."""
    router = RouterStream("192.0.2.9")
    assert isinstance(_events(BmpStream().raw(b"\xff" * 50), router)[-1], Gap)
    assert router.refused is not None


def test_too_many_peers() -> None:
    """A router with too many peers is refused."""
    router = RouterStream("192.0.2.9", max_peers=1)
    found = _events(BmpStream().up(PEER).up(attrs.evolve(PEER, address="192.0.2.3")), router)
    assert isinstance(found[-1], Gap)
    assert router.refused == "more than 1 peers"


def test_late_peer_up() -> None:
    """Routes before a Peer Up are not withdrawn by it for certain: that is a gap."""
    stream = BmpStream().announce(PEER, "203.0.113.0/24 path 64496").up(PEER)
    assert [type(each) for each in _events(stream)] == [Announce, SessionUp, Gap]


@pytest.mark.parametrize("as4", [True, False])
def test_as_width(as4: bool) -> None:
    """Flag A says that AS_PATH has two octets for each AS (RFC 7854 section 4.2)."""
    peer = attrs.evolve(PEER, as4=as4)
    found = _events(BmpStream().up(peer).announce(peer, "203.0.113.0/24 path 64496 64500"))[-1]
    assert isinstance(found, Announce)
    assert str(found.route.path) == "64496 64500"


@pytest.mark.parametrize(("kind", "hides"), [(0, True), (1, False), (4, False), (6, False)])
def test_version_4(kind: int, hides: bool) -> None:
    """A message of version 4 is skipped by its length; it is a gap if it may have routes."""
    router = RouterStream("192.0.2.9")
    found = _events(BmpStream().up(PEER).raw(_version_4(kind)).down(PEER), router)
    expected = [SessionUp, Gap, SessionDown] if hides else [SessionUp, SessionDown]
    assert [type(each) for each in found] == expected
    assert _kinds(router) == {RemarkKind.OTHER_VERSION}


@pytest.mark.parametrize(("code", "is_gap"), [(0, False), (1, True)])
def test_mirroring(code: int, is_gap: bool) -> None:
    """The router says that messages of a peer were lost by code 1 (RFC 7854 section 4.7)."""
    tlvs = (Tlv(MirroringTlv.INFORMATION, code.to_bytes(2)),)
    found = _events(BmpStream().up(PEER).body(RouteMirroring(PEER.header(), tlvs)))
    assert [type(each) for each in found] == ([SessionUp, Gap] if is_gap else [SessionUp])


@pytest.mark.parametrize("seen", [True, False])
def test_own_routes_beside_loc_rib(seen: bool) -> None:
    """The router's own routes (peer 0.0.0.0) go and come without its Loc-RIB (RFC 9069)."""
    own = attrs.evolve(PEER, address=IPv4Address(0))
    loc_rib = attrs.evolve(PEER, view=View.LOC_RIB)
    stream = BmpStream().up(loc_rib).announce(loc_rib, "203.0.113.0/24 path 64496")
    if seen:
        stream.announce(own, "198.51.100.0/24 path 64496")
    stream.up(own).down(own)
    found = [each for each in _events(stream) if isinstance(each, SessionUp | SessionDown)][1:]
    assert [each.table.view for each in found] == [View.ADJ_RIB_IN] * 2


def test_not_monitored() -> None:
    """A Peer Down with reason 5 is no end of the session (RFC 7854 section 4.9)."""
    down = PeerDown(PEER.header(), PeerDownReason.DECONFIGURED)
    stream = BmpStream().up(PEER).announce(PEER, "203.0.113.0/24 path 64496").body(down)
    assert [type(each) for each in _events(stream)] == [SessionUp, Announce, Gap]


def test_filtered() -> None:
    """The End-of-RIB of a Loc-RIB with flag F does not say that all routes came (RFC 9069)."""
    peer = attrs.evolve(PEER, view=View.LOC_RIB, filtered=True)
    router = RouterStream("192.0.2.9")
    found = _events(BmpStream().up(peer).end_of_rib(peer), router)
    assert [getattr(each, "is_filtered", None) for each in found] == [True]
    assert _kinds(router) == {RemarkKind.FILTERED}


def test_damaged_update() -> None:
    """An UPDATE that cannot be read is a gap of its peer, with what is lost."""
    stream = BmpStream().up(PEER).announce(PEER, "203.0.113.0/24 path 64496")
    cut = BmpStream().raw(_damaged(stream.messages[-1]))
    found = _events(BmpStream().up(PEER).raw(cut.messages[-1]))[-1]
    assert isinstance(found, Gap)
    assert "damage" in found.reason


def test_damaged_statistics() -> None:
    """A statistic that cannot be read hides no route: it is a remark, not a gap."""
    router = RouterStream("192.0.2.9")
    stream = BmpStream().up(PEER).statistics(PEER, RawStatistic(7, b"\1"), Statistic(8, 1))
    assert [type(each) for each in _events(stream, router)] == [SessionUp, Statistics]
    assert _kinds(router) == {RemarkKind.UNREADABLE}


@pytest.mark.parametrize(
    ("names", "expected"),
    [(["edge1"], "edge1"), (["edge1", ""], "edge1"), (["x" * 1000], "x" * 255), ([], None)],
)
def test_name(names: list[str], expected: str | None) -> None:
    """A router's name is the sysName of its Initiation, as long as names may be (RFC 3418)."""
    router = RouterStream("192.0.2.9")
    stream = BmpStream()
    stream.messages.clear()
    for name in names:
        stream.body(Initiation((Tlv(InitiationTlv.SYS_NAME, name.encode()),)))
    assert _events(stream, router) == []
    assert router.name == expected


def test_many_remarks() -> None:
    """Remarks about more peers than are named are counted as one."""
    router = RouterStream("192.0.2.9", remarks=RemarkCounts(2))
    stream = BmpStream()
    for number in range(5):
        stream.down(attrs.evolve(PEER, address=f"192.0.2.{number + 1}"))
    _events(stream, router)
    assert [each.count for each in router.remarks] == [1, 1, 3]
    assert router.remarks[-1].kind is RemarkKind.MORE


def test_many_as_numbers() -> None:
    """A peer's tables are told apart by view and policy, whatever AS number a header has."""
    router = RouterStream("192.0.2.9")
    own = attrs.evolve(PEER, address=IPv4Address(0))
    stream = BmpStream()
    for asn in range(64496, 64511):
        stream.announce(attrs.evolve(own, asn=asn), "203.0.113.0/24 path 64496")
    assert sum(isinstance(e, SessionDown) for e in _events(stream.down(own), router)) == 1


@pytest.mark.parametrize(("view", "is_malformed"), [(View.LOC_RIB, False), (View.SENT, True)])
def test_routes_without_path(view: View, is_malformed: bool) -> None:  # a case
    """GoBGP shows its own routes in its Loc-RIB without AS_PATH: in a RIB, nothing is missing.

    In an UPDATE that was sent or received, AS_PATH is mandatory (RFC 7606, section 3 d).
    """
    peer = attrs.evolve(PEER, view=view)
    route = Route.parse("203.0.113.0/24 community 8075:8007 next-hop 192.0.2.1")
    attributes = attrs.evolve(route_attributes(route, as4=True), as_path=None)
    update = Update((), attributes, (Nlri(route.prefix),))
    (_, found) = _events(BmpStream().up(peer).update(peer, update))
    assert isinstance(found, Announce)
    assert bool(found.route.malformed) is is_malformed
    assert found.route.path == AsPath()
