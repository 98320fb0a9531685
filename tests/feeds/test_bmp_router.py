"""The events of one router's BMP stream."""

from __future__ import annotations

from typing import Final

import attrs
import pytest

from peerlint.events import Announce, EndOfRib, Event, Gap, SessionDown, SessionUp, Withdraw
from peerlint.feeds.bmp import RemarkKind, RouterStream
from peerlint.model import View
from peerlint.testing.bmp import BmpPeer, BmpStream

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


@pytest.mark.parametrize("size", [1, 7, 64])
def test_pieces(size: int) -> None:
    """The events do not depend on how the octets arrive."""
    stream = BmpStream().up(PEER).announce(PEER, "203.0.113.0/24 path 64496").down(PEER)
    octets, router = stream.octets(), RouterStream("192.0.2.9")
    pieces = [octets[at : at + size] for at in range(0, len(octets), size)]
    assert [e for piece in pieces for e in router.feed(piece, TIME)] == _events(stream)


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
