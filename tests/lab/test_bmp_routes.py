"""What FRRouting and GoBGP say by BMP of sessions with every attribute, and who reads it how.

The sessions are those of the tests of dumps: AS numbers of two and of four octets, a route
reflector's client, a confederation, and add-path over IPv6.
"""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Final

import attrs
import pytest
from bmp_readers.differences import own_as_in_front, without_peer_up
from bmp_readers.pmbmpd import pmbmpd
from bmp_readers.seen import SeenEvent, seen_by_peerlint
from daemons.peers import CONFEDERATE, CONFEDERATION, MANY, OLD, PLAIN, SESSIONS
from daemons.recording import BMP_SENDERS, Recording
from daemons.showing import SHOWN, SentRoute, in_force

from peerlint.wire.bmp import Reader

if TYPE_CHECKING:
    from daemons.speaker import Session

pytestmark = pytest.mark.lab

#: The sessions whose routes are not those that were sent, with the reason.
UNKNOWN: Final = {
    ("frr", CONFEDERATE): "FRRouting puts its own AS into the first confederation segment, where "
    "peerlint keeps it (FRRouting/frr pull request 21815)",
    ("frr", MANY): "FRRouting leaves path identifiers out that its Peer Up says: a gap",
    ("gobgp", MANY): "GoBGP leaves them out after policy (osrg/gobgp#3499): a gap",
}


@attrs.frozen
class Recorded:
    """A stream, and what other programs see in it.

    Attributes:
        name: the daemon.
        octets: the stream.
        seen: what peerlint sees.
    """

    name: str
    octets: bytes
    seen: list[SeenEvent]


@pytest.fixture(scope="module", params=BMP_SENDERS)
def recorded(request: pytest.FixtureRequest, bmp_daemons_available: None) -> Recorded:  # noqa: ARG001  # skips
    """Return what a daemon sent, after every route had arrived."""
    with ExitStack() as cleanup:
        recording = Recording(request.param, cleanup, bmp=True)
        recording.show()
        octets = recording.stream()
    return Recorded(request.param, octets, seen_by_peerlint(octets))


def test_all_is_read(recorded: Recorded) -> None:
    """Nothing of the stream is lost, and no route is malformed."""
    reader = Reader(source=recorded.name)

    assert list(reader.read([recorded.octets]))

    assert (0, 0) == (reader.quality.lost, reader.quality.malformed)


@pytest.mark.parametrize("session", SESSIONS, ids=lambda session: session.name)
def test_routes_are_those_sent(recorded: Recorded, session: Session) -> None:
    """The table before policy has the routes of the session, with their attributes."""
    table = table_before_policy(recorded.seen, session)
    if session not in BMP_SENDERS[recorded.name][1]:
        assert table == set()
        return
    expected = {sent(route, session) for route in in_force(SHOWN[session])}

    if (recorded.name, session) in UNKNOWN:
        assert expected != table, "the difference is gone"
    else:
        assert expected == table


def test_contradictions_are_gaps(recorded: Recorded) -> None:
    """A session whose path identifiers contradict its Peer Up is unknown, and no default route."""
    gaps = {each.peer for each in recorded.seen if each.what == "gap"}

    assert {MANY.address} == gaps
    assert not [each for each in recorded.seen if each.prefix in {"0.0.0.0/0", "::/0"}]


def test_pmbmpd_sees_the_same(recorded: Recorded, tmp_path: Path) -> None:
    """Without the session that contradicts itself, pmbmpd differs as `expected_of_pmbmpd` says."""
    with pmbmpd(tmp_path) as reader:
        theirs = reader.read(recorded.octets)

    assert expected_of_pmbmpd(recorded) == [each for each in theirs if each.peer != MANY.address]


def expected_of_pmbmpd(recorded: Recorded) -> list[SeenEvent]:
    """Return what pmbmpd is expected to see, from what peerlint sees.

    - It drops routes of peers without a Peer Up: GoBGP's Loc-RIB.
    - It keeps FRRouting's own AS in front of external paths, which is not part of the routes.
    - It trusts the OPENs about AS numbers of two octets, where GoBGP writes paths anew with four
      after policy, as flag A says (RFC 7854 section 4.2). It shows an empty path then.
    """
    seen = without_peer_up([each for each in recorded.seen if each.peer != MANY.address])
    if recorded.name == "frr":
        own = own_as_in_front(str(CONFEDERATION))
        external = {PLAIN.address, OLD.address}
        return [own([each])[0] if each.peer in external else each for each in seen]
    return [
        attrs.evolve(each, path="")
        if (each.peer, each.table) == (OLD.address, "adj-rib-in post")
        else each
        for each in seen
    ]


def table_before_policy(seen: list[SeenEvent], session: Session) -> set[SeenEvent]:
    """Return the routes of a session after all events."""
    table: dict[tuple[str, int | None], SeenEvent] = {}
    for each in seen:
        if each.peer != session.address:
            continue
        if each.what in {"up", "down", "gap"}:
            table.clear()
        elif each.table == "adj-rib-in pre":
            table.pop((each.prefix, each.path_id), None)
            if each.what == "announce":
                table[each.prefix, each.path_id] = each
    return set(table.values())


def sent(route: SentRoute, session: Session) -> SeenEvent:
    """Return a route as it was sent."""
    attributes = route.attributes
    communities = (
        *sorted(attributes.communities),
        *sorted(attributes.large_communities),
        *sorted(attributes.extended_communities),
    )
    return SeenEvent(
        "announce",
        0,
        session.address,
        table="adj-rib-in pre",
        prefix=str(route.nlri.prefix),
        path_id=route.nlri.path_id,
        path=str(attributes.path),
        next_hop=str(route.next_hop),
        communities=tuple(map(str, communities)),
    )
