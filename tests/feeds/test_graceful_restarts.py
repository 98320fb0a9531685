"""What feeds say of graceful restart: what was agreed, and whether a restart may have begun."""

from __future__ import annotations

import json
from collections.abc import Iterable
from ipaddress import IPv4Address
from typing import Any, Final

import attrs
import pytest

from peerlint.events import Event, SessionDown, SessionUp
from peerlint.feeds.bmp import RouterStream
from peerlint.feeds.exabgp import ExabgpStream
from peerlint.feeds.follow.records import Records
from peerlint.model import View
from peerlint.testing.bmp import BmpPeer, BmpStream
from peerlint.testing.dumps import FeedSession, RibDump, UpdateDump
from peerlint.wire.attributes import Form
from peerlint.wire.bgp import Notification, Open, encode
from peerlint.wire.bmp import PeerDown, PeerDownReason, notification_data
from peerlint.wire.capabilities import GracefulRestart, RestartFlag
from peerlint.wire.reader import Reader

OFFER: Final = GracefulRestart(120, families=((1, 1, True),))
TOUGH: Final = attrs.evolve(OFFER, flags=RestartFlag.NOTIFICATION)
HELPER: Final = GracefulRestart(60)
NOTHING: Final = None
TIME: Final = 1_700_000_000_000_000
#: Rows of (what the peer offers, what the router offers, the time that was agreed).
AGREED: Final = [
    (OFFER, HELPER, 120),
    (TOUGH, OFFER, 120),
    (HELPER, OFFER, None),
    (OFFER, NOTHING, None),
    (NOTHING, OFFER, None),
    (NOTHING, NOTHING, None),
]
_Offer = GracefulRestart | None


def sessions(events: Iterable[Event]) -> tuple[list[int | None], list[bool]]:
    """Return the times of the sessions that come up, and whether those that go down may restart."""
    found = list(events)
    return (
        [each.restart_time for each in found if isinstance(each, SessionUp)],
        [each.is_restart_possible for each in found if isinstance(each, SessionDown)],
    )


# -- BMP

PEER: Final = BmpPeer("192.0.2.1", 8075, "192.0.2.0", 64500)


def bmp(stream: BmpStream) -> tuple[list[int | None], list[bool]]:
    """Return what a router's stream says."""
    return sessions(RouterStream("192.0.2.9").feed(stream.octets(), TIME))


@pytest.mark.parametrize(("peers", "routers", "expected"), AGREED)
def test_bmp_agreement(peers: _Offer, routers: _Offer, expected: int | None) -> None:
    """A Peer Up has both OPENs, and so what was agreed."""
    peer = attrs.evolve(PEER, restart=peers, local_restart=routers)

    assert ([expected], []) == bmp(BmpStream().up(peer))


def test_bmp_loc_rib() -> None:
    """A Loc-RIB does not restart."""
    peer = attrs.evolve(PEER, view=View.LOC_RIB, restart=OFFER, local_restart=OFFER)

    assert ([None], []) == bmp(BmpStream().up(peer))


EVENT: Final = PeerDownReason.LOCAL_FSM_EVENT
SENT: Final = PeerDownReason.LOCAL_NOTIFICATION
CAME: Final = PeerDownReason.REMOTE_NOTIFICATION


def note(code: int, subcode: int) -> bytes:
    """Return a NOTIFICATION."""
    return notification_data(Notification(code, subcode))


@pytest.mark.parametrize(
    ("reason", "data", "plain", "tough"),
    [
        # RFC 4724 section 4: the connection is lost
        (PeerDownReason.REMOTE_NO_DATA, b"", True, True),
        (EVENT, b"\0\x12", True, True),  # TcpConnectionFails
        (EVENT, b"\0\x02", False, False),  # ManualStop
        (EVENT, b"\0\x08", False, False),  # AutomaticStop
        # a NOTIFICATION, if not both offered that it is no end (RFC 8538)
        (SENT, note(4, 0), False, True),
        (CAME, note(4, 0), False, True),
        (CAME, note(6, 4), False, True),
        (CAME, note(6, 2), False, False),
        (SENT, note(6, 3), False, False),
        (CAME, note(6, 9), False, False),
        (CAME, b"\0" * 21, False, False),  # one that cannot be read
        (CAME, b"", True, True),  # GoBGP 3.10, where it waits for a restart
        (SENT, b"", False, False),
        (EVENT, b"", False, False),  # GoBGP 3.10, where it was told to stop
        (PeerDownReason.LOCAL_TLVS, b"", False, False),
        (77, b"", False, False),  # a reason that has no meaning yet
    ],
)
def test_bmp_ends(reason: int, data: bytes, plain: bool, tough: bool) -> None:  # a row
    """A Peer Down says how the session ended, by its reason."""
    for offer, expected in ((OFFER, plain), (TOUGH, tough)):
        peer = attrs.evolve(PEER, restart=offer, local_restart=offer)
        stream = BmpStream().up(peer).body(PeerDown(peer.header(), reason, data))

        found = list(RouterStream("192.0.2.9").feed(stream.octets(), TIME))

        assert ([120], [expected]) == sessions(found)
        # The session ended, whatever can be read of the details: nothing is missed.
        assert [SessionUp, SessionDown] == [type(each) for each in found]


def test_bmp_deconfigured() -> None:
    """A peer that is no longer monitored is no session that ended."""
    down = PeerDown(PEER.header(), PeerDownReason.DECONFIGURED)

    assert ([None], []) == bmp(BmpStream().up(PEER).body(down))


def test_bmp_agrees_anew() -> None:
    """Each session has its own agreement."""
    peer = attrs.evolve(PEER, restart=TOUGH, local_restart=TOUGH)
    stream = BmpStream().up(peer).down(peer).up(PEER).down(PEER, Notification(4, 0))

    assert ([120, None], [True, False]) == bmp(stream)


# -- MRT files

CAME_FROM: Final = FeedSession("192.0.2.1", 8075, "192.0.2.0", 64500)
SENT_TO: Final = attrs.evolve(CAME_FROM, sent=True)


def opened(dump: UpdateDump, session: FeedSession, offer: _Offer) -> UpdateDump:
    """Append an OPEN."""
    own = () if offer is None else (offer,)
    message = Open(64500, 180, IPv4Address("192.0.2.1"), own)
    return dump.message(session, encode(message, Form()))


def notified(dump: UpdateDump, session: FeedSession, code: int, subcode: int) -> UpdateDump:
    """Append a NOTIFICATION."""
    return dump.message(session, encode(Notification(code, subcode), Form()))


def mrt(dump: UpdateDump) -> tuple[list[int | None], list[bool]]:
    """Return what the records of a file say."""
    records = Records("follow", "edge1", lambda: TIME)
    read = Reader([dump.octets()], source="updates.mrt")
    return sessions(event for each in read for event in records.message(each, is_damaged=False))


@pytest.mark.parametrize(("peers", "routers", "expected"), AGREED)
def test_mrt_agreement(peers: _Offer, routers: _Offer, expected: int | None) -> None:
    """The OPENs before a session are those that it was agreed by, in any order."""
    offers = ((SENT_TO, routers), (CAME_FROM, peers))
    for order in (offers, offers[::-1]):
        dump = UpdateDump()
        for session, offer in order:
            opened(dump, session, offer)

        assert ([expected], []) == mrt(dump.state_change(CAME_FROM))


def test_mrt_without_the_routers_opens() -> None:
    """If a file has only what came, the router may have offered to wait."""
    assert ([120], []) == mrt(opened(UpdateDump(), CAME_FROM, OFFER).state_change(CAME_FROM))
    assert ([None], []) == mrt(UpdateDump().state_change(CAME_FROM))


@pytest.mark.parametrize(
    ("offer", "code", "subcode", "expected"),
    [(OFFER, 4, 0, False), (TOUGH, 4, 0, True), (TOUGH, 6, 2, False), (NOTHING, 4, 0, False)],
)
@pytest.mark.parametrize("session", [CAME_FROM, SENT_TO])
def test_mrt_notifications(
    session: FeedSession,
    offer: _Offer,
    code: int,
    subcode: int,
    expected: bool,  # a row
) -> None:
    """A NOTIFICATION of either side begins a restart only if both agreed."""
    dump = opened(opened(UpdateDump(), SENT_TO, offer), CAME_FROM, offer).state_change(CAME_FROM)

    assert [expected] == mrt(notified(dump, session, code, subcode))[1]


def test_mrt_other_ends() -> None:
    """A session that is opened again, or only changes its state, may be in a restart."""
    dump = opened(UpdateDump(), CAME_FROM, OFFER).state_change(CAME_FROM)
    opened(dump, CAME_FROM, OFFER).state_change(CAME_FROM).state_change(CAME_FROM, 6, 1)

    assert ([120, 120], [True, True]) == mrt(dump)


def test_mrt_a_table_keeps_the_agreement() -> None:
    """A table says that a session is up; what was agreed before it is not forgotten."""
    records = Records("follow", "edge1", lambda: TIME)
    updates = opened(UpdateDump(), CAME_FROM, OFFER).state_change(CAME_FROM)
    for each in Reader([updates.octets()], source="updates.mrt"):
        list(records.message(each, is_damaged=False))
    rib = RibDump()
    rib.routes(rib.peer("192.0.2.1", 8075), "203.0.113.0/24 path 8075")

    records.begin()
    read = Reader([rib.octets()], source="rib.mrt")

    assert ([120], []) == sessions(event for each in read for event in records.table(each))


# -- ExaBGP


def line(kind: str, **content: object) -> dict[str, Any]:
    """Return a message of ExaBGP 5 about one neighbor."""
    neighbor = {
        "address": {"local": "192.0.2.2", "peer": "192.0.2.1"},
        "asn": {"local": 64496, "peer": 64500},
        **content,
    }
    head = {"exabgp": "5.0.0", "time": 1.0, "host": "collector1", "pid": 1, "type": kind}
    return {**head, "neighbor": neighbor}


def open_line(offer: object, direction: str = "receive") -> dict[str, Any]:
    """Return an OPEN with what ExaBGP 4.2 and 5.0 write of capability 64."""
    capabilities = {"65": {"name": "asn4", "asn4": 64500}}
    every = capabilities if offer is None else {**capabilities, "64": offer}
    return line("open", direction=direction, open={"version": 4, "capabilities": every})


def offered(time: object = 120, **families: list[str]) -> dict[str, object]:
    """Return capability 64 as ExaBGP writes it."""
    flags = {name.replace("_", "/"): each for name, each in families.items()}
    return {
        "name": "graceful restart",
        "time": time,
        "address-family-flags": flags,
        "restart-flags": [],
    }


UP: Final = line("state", state="up")
RESTARTS: Final = offered(ipv4_unicast=["restart"])


def exabgp(*lines: dict[str, Any]) -> tuple[list[int | None], list[bool]]:
    """Return what lines of ExaBGP say; none of them is a gap."""
    octets = "".join(f"{json.dumps(each)}\n" for each in lines).encode()
    stream = ExabgpStream()
    found = sessions(stream.feed(octets, TIME))
    assert not stream.damages.count
    return found


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ((open_line(RESTARTS),), 120),
        ((open_line(offered(120, ipv6_unicast=[])),), 120),
        ((open_line(RESTARTS), open_line(offered(), "send")), 120),
        ((open_line(offered(), "send"), open_line(RESTARTS)), 120),
        ((open_line(RESTARTS), open_line(None, "send")), None),
        ((open_line(RESTARTS, "send"),), None),
        ((open_line(offered()),), None),  # without families it only waits for others
        ((open_line(None),), None),
        ((), None),
        # what cannot be read offers nothing, and hides no route
        ((open_line(offered("soon", ipv4_unicast=[])),), None),
        ((open_line(offered(4096, ipv4_unicast=[])),), None),
        ((open_line(5),), None),
        ((line("open", direction="receive"),), None),
        (({**open_line(RESTARTS), "neighbor": 5},), None),
    ],
)
def test_exabgp_agreement(lines: tuple[dict[str, Any], ...], expected: int | None) -> None:
    """The OPENs of the configuration `receive { parsed; open; }` say what was agreed."""
    assert ([expected], []) == exabgp(*lines, UP)


def test_exabgp_agrees_anew() -> None:
    """An OPEN counts for one session only."""
    assert ([120, None], []) == exabgp(open_line(RESTARTS), UP, UP)


def test_exabgp_remembers_few() -> None:
    """Neighbors that open sessions, and never have one, do not fill the memory."""
    others = []
    for number in range(1024):
        other = open_line(RESTARTS)
        other["neighbor"]["address"] = {"peer": f"198.51.{number // 256}.{number % 256}"}
        others.append(other)

    assert ([None], []) == exabgp(open_line(RESTARTS), *others, UP)
    assert ([120], []) == exabgp(*others, open_line(RESTARTS), UP)


@pytest.mark.parametrize(
    ("reason", "expected"),
    [
        ("closing connection", True),
        ("", True),
        ("peer reset, message (closing connection) error(Broken TCP connection)", True),
        ("notification received (6,2)", False),
        ("notification sent (4,0)", False),
        (
            "peer reset, message (notification received (6,2)) error(Cease / Administrative "
            "Shutdown)",
            False,
        ),
    ],
)
def test_exabgp_ends(reason: str, expected: bool) -> None:  # a row
    """A NOTIFICATION is an end: ExaBGP does not say whether both agreed otherwise."""
    assert ([None], [expected]) == exabgp(UP, line("state", state="down", reason=reason))
