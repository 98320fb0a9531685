"""Two ways to the same facts: the kernel from octets, the model from decoded routes."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import ip_address

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from peerlint.bulk import DumpPeer, Kind
from peerlint.model import AsPath, Criteria, Fact, Prefix, Route, Segment, Viewpoint
from peerlint.testing import malformed, strategies
from peerlint.testing.dumps import TIMESTAMP, FeedSession, RibDump, UpdateDump
from peerlint.wire.attributes import Attributes, Form, encode_attributes
from peerlint.wire.bgp import MessageType, encode_message
from peerlint.wire.nlri import Nlri
from peerlint.wire.recorded_update import examine_recorded_update

#: What the fixtures of conftest.py are.
Read = Callable[..., object]
FactsOf = Callable[[Route, Viewpoint, Criteria], tuple[Fact, int, int]]

PREFIX = Prefix.parse("203.0.113.0/24")
FORMS = [(as4, add_path) for as4 in (True, False) for add_path in (True, False)]


@st.composite
def tables(draw: st.DrawFn) -> tuple[list[Viewpoint], list[tuple[int, Route]]]:
    """Return a viewpoint for each peer, and routes with the peer that announced them.

    Paths turn up again under other viewpoints, so that nothing remembered is mixed up.
    """
    seen = draw(st.lists(strategies.viewpoints(), min_size=1, max_size=3))
    peers = st.integers(0, len(seen) - 1)
    paths = draw(st.lists(strategies.paths(), min_size=1, max_size=2))
    routes = draw(st.lists(st.tuples(peers, strategies.routes()), max_size=6))
    shared = [
        (draw(peers), attrs.evolve(route, path=draw(st.sampled_from(paths))))
        for _, route in routes
        if draw(st.booleans())
    ]
    return seen, [*routes, *shared]


def address(peer: int) -> str:
    """Return the address of a peer of a table."""
    return f"192.0.2.{peer + 1}"


def by_address(seen: list[Viewpoint]) -> Callable[[DumpPeer], Viewpoint]:
    """Return the viewpoint of a peer of a table."""
    return lambda peer: seen[int(peer.peer.address) - 0xC0000201]


def as_announced(peer: int, route: Route) -> Route:
    """Return the route with the next hop that the builder gives it."""
    if route.next_hop is None and route.prefix.family == 4:
        return attrs.evolve(route, next_hop=ip_address(address(peer)))
    return route


@pytest.mark.parametrize("full_reach", [False, True])
@given(tables(), strategies.criteria())
def test_rib(
    read: Read,
    facts_of: FactsOf,
    full_reach: bool,
    table: tuple[list[Viewpoint], list[tuple[int, Route]]],
    criteria: Criteria,
) -> None:
    """Every route of a RIB comes back, and its row says what the model says."""
    seen, routes = table
    rib = RibDump(full_reach=full_reach)
    for index in range(len(seen)):
        rib.peer(address(index), 64500)
    records: dict[tuple[Prefix, bool], list[tuple[int, Route]]] = {}
    for peer, route in routes:
        rib.routes(peer, route)
        key = (route.prefix, route.path_id is not None)
        records.setdefault(key, []).append((peer, as_announced(peer, route)))
    expected = [pair for pairs in records.values() for pair in pairs]

    found = read(rib.octets(), by_address(seen), criteria)

    assert found.quality.damage == ()
    assert [route for _, route in expected] == found.routes
    assert [peer for peer, _ in expected] == found.column("peer")
    assert [facts_of(route, seen[peer], criteria) for peer, route in expected] == found.route_facts
    assert [-1 if route.path_id is None else route.path_id for _, route in expected] == (
        found.column("path_id")
    )
    assert {TIMESTAMP} >= set(found.column("timestamp"))
    assert {Kind.RIB} >= set(found.column("kind"))


@pytest.mark.parametrize(("as4", "add_path"), FORMS)
@given(
    st.lists(strategies.routes(), max_size=4),
    strategies.viewpoints(),
    strategies.criteria(),
    st.booleans(),
)
def test_updates(
    read: Read,
    facts_of: FactsOf,
    as4: bool,
    add_path: bool,
    routes: list[Route],
    viewpoint: Viewpoint,
    criteria: Criteria,
    sent: bool,
) -> None:
    """Every announcement comes back, and its row says what the model says.

    Two octets lose where sequences were split, and wide numbers inside confederations.
    """
    session = FeedSession("2001:db8::1", 64500, "2001:db8::2", 8075, as4, sent, add_path)
    dump = UpdateDump(timestamp=TIMESTAMP + 7).announce(session, *routes)
    sender = session.local if sent else session.peer
    expected = [
        attrs.evolve(
            route,
            next_hop=route.next_hop or sender,
            path_id=(route.path_id or 0) if add_path else None,
        )
        for route in routes
    ]

    found = read(dump.octets(), viewpoint, criteria)

    assert found.quality.damage == ()
    assert [facts_of(route, viewpoint, criteria) for route in found.routes] == found.route_facts
    assert len(expected) == len(found.routes)
    for there, back in zip(expected, found.routes, strict=True):
        if as4:
            assert there == back
        elif not there.path.has_confederation or max(there.path.asns, default=0) <= 0xFFFF:
            assert attrs.evolve(there, path=there.path.joined()) == attrs.evolve(
                back, path=back.path.joined()
            )
    assert {Kind.ANNOUNCE} >= set(found.column("kind"))
    assert {TIMESTAMP + 7} >= set(found.column("timestamp"))


@given(st.lists(strategies.routes(), max_size=4), st.booleans(), strategies.viewpoints())
def test_withdrawals(
    read: Read,
    routes: list[Route],
    add_path: bool,
    viewpoint: Viewpoint,
) -> None:
    """A withdrawal is a row with prefix and path identifier, and without facts."""
    session = FeedSession("192.0.2.1", 64500, "192.0.2.0", 8075, add_path=add_path)
    found = read(UpdateDump().withdraw(session, *routes).octets(), viewpoint)

    assert [(route.prefix, (route.path_id or 0) if add_path else None) for route in routes] == [
        (route.prefix, route.path_id) for route in found.routes
    ]
    assert [(Fact(0), 0, -1)] * len(routes) == found.route_facts
    assert {Kind.WITHDRAW} >= set(found.column("kind"))
    assert len(routes) == found.quality.entries


@given(
    st.lists(malformed.attribute_octets(Form(in_rib=True)), min_size=1, max_size=4),
    strategies.prefixes(),
    strategies.viewpoints(),
    strategies.criteria(),
)
def test_lies_in_a_rib(
    read: Read,
    facts_of: FactsOf,
    lists: list[bytes],
    prefix: Prefix,
    viewpoint: Viewpoint,
    criteria: Criteria,
) -> None:
    """Attributes that lie give a row all the same, malformed exactly if the route is."""
    rib = RibDump()
    peer = rib.peer("192.0.2.1", 64500)
    for octets in lists:
        rib.entry(peer, prefix, octets)

    found = read(rib.octets(), viewpoint, criteria)

    assert found.quality.damage == ()
    assert [facts_of(route, viewpoint, criteria) for route in found.routes] == found.route_facts
    assert len(lists) == len(found.route_facts)
    assert sum(bool(route.malformed) for route in found.routes) == found.quality.malformed


@pytest.mark.parametrize(("as4", "add_path"), FORMS)
@given(st.data(), strategies.viewpoints(), strategies.criteria(), st.booleans())
def test_lies_in_updates(
    read: Read,
    facts_of: FactsOf,
    as4: bool,
    add_path: bool,
    data: st.DataObject,
    viewpoint: Viewpoint,
    criteria: Criteria,
    multiprotocol: bool,
) -> None:
    """An UPDATE that lies gives the rows that `wire` reads of it, whole or cut by its writer."""
    internal = data.draw(st.booleans())
    form = Form(as4, add_path=add_path, internal=internal)
    # Path identifiers may stand in a record whose subtype denies them.
    written = Form(as4, add_path=add_path or data.draw(st.sampled_from((False, False, True))))
    attributes = data.draw(malformed.attribute_octets(written, multiprotocol=multiprotocol))
    withdrawn = data.draw(malformed.nlri_octets(add_path=bool(written.add_path)))
    nlri = data.draw(malformed.nlri_octets(add_path=bool(written.add_path)))
    body = b"".join(
        (len(withdrawn).to_bytes(2), withdrawn, len(attributes).to_bytes(2), attributes, nlri)
    )
    missing = data.draw(
        st.sampled_from((0, 0, 0, 1, 2, 5, 11, 30)).map(lambda n: min(n, len(body)))
    )
    message = encode_message(MessageType.UPDATE, body)
    local_asn = 64500 if internal else 8075
    session = FeedSession("192.0.2.1", 64500, "192.0.2.0", local_asn, as4, add_path=add_path)
    dump = UpdateDump().message(session, message[: len(message) - missing])

    dump_start = len(dump.octets()) - len(body)

    found = read(dump.octets(), viewpoint, criteria)

    reading = examine_recorded_update(body[: len(body) - missing], form, missing)
    update, said = reading.update, reading.update.attributes
    expected = [said.route(each) for each, _ in update.announced]
    rows = [(Fact(0), 0, -1)] * len(update.all_withdrawn)
    rows += [facts_of(route, viewpoint, criteria) for route in expected]
    named = [each for each, _ in (*update.all_withdrawn, *update.announced)]
    assert len(reading.lost) + bool(missing) == found.quality.damages
    if not missing:
        places = [(dump_start + each.at, each.end - each.at) for each in reading.lost]
        assert places == [(each.offset, each.octets) for each in found.quality.damage]
    assert said.is_foreign == bool(found.quality.unsupported)
    assert reading.undeclared_path_ids == found.quality.undeclared_path_ids
    assert rows == found.route_facts
    assert [(each.prefix, each.path_id) for each in named] == [
        (route.prefix, route.path_id) for route in found.routes
    ]
    assert expected == found.routes[len(update.all_withdrawn) :]


@given(strategies.attributes(Form(as4=False)), strategies.viewpoints(), strategies.criteria())
def test_every_merge_of_two_octets(
    read: Read, facts_of: FactsOf, attributes: Attributes, viewpoint: Viewpoint, criteria: Criteria
) -> None:
    """Any AS_PATH, AS4_PATH and aggregators: both merge alike (paths#two-octet-paths)."""
    said = attrs.evolve(attributes, mp_reach=None, mp_unreach=None)
    octets = encode_attributes(said, Form(as4=False))
    body = bytes(2) + len(octets).to_bytes(2) + octets + b"\x18\xcb\x00\x71"
    session = FeedSession("192.0.2.1", 64500, "192.0.2.0", 8075, as4=False)
    dump = UpdateDump().message(session, encode_message(MessageType.UPDATE, body))

    found = read(dump.octets(), viewpoint, criteria)

    route = said.route(Nlri(PREFIX))
    assert [route] == found.routes
    assert [facts_of(route, viewpoint, criteria)] == found.route_facts


@given(st.integers(1, 3), st.integers(250, 520), strategies.viewpoints())
def test_long_paths(
    read: Read, facts_of: FactsOf, asn: int, count: int, viewpoint: Viewpoint
) -> None:
    """Paths of several full segments count and repeat alike in both."""
    route = Route(PREFIX, AsPath.sequence(64500, *range(1, count)).prepended_by(asn), next_hop=None)
    rib = RibDump()
    rib.routes(rib.peer("192.0.2.1", 64500), route)

    found = read(rib.octets(), viewpoint)

    assert [facts_of(route, viewpoint, Criteria(allow={"documentation"}))] == found.route_facts


SET, SEQUENCE, CONFED_SEQUENCE, CONFED_SET = 1, 2, 3, 4


@pytest.mark.parametrize(
    ("segments", "bits", "length", "origin", "why"),
    [
        ([(SEQUENCE, (64500, 64501, 64501))], Fact.PREPENDED, 3, 64501, "in a row"),
        ([(SEQUENCE, (64500, 64501)), (SEQUENCE, (64501,))], Fact.PREPENDED, 3, 64501, "split"),
        ([(SEQUENCE, (64500, 64501)), (SEQUENCE, (64500,))], Fact.LOOP, 3, 64500, "split loop"),
        (
            [(SEQUENCE, (64500, 8075, 64501, 8075))],
            Fact.HAS_8075 | Fact.LONG_PATH,
            4,
            8075,
            "paths#loops",
        ),
        (
            [(SEQUENCE, (64500,)), (SET, (64501, 64502, 64503))],
            Fact.AS_SET | Fact.NO_ORIGIN,
            2,
            -1,
            "a set counts 1",
        ),
        (
            [(SEQUENCE, (64500,)), (SET, (64501,)), (SEQUENCE, (64500,))],
            Fact.AS_SET | Fact.LOOP,
            3,
            64500,
            "a set breaks a row",
        ),
        (
            [(CONFED_SEQUENCE, (64502,)), (SEQUENCE, (64500,)), (CONFED_SET, (64503, 64504))],
            Fact.CONFED,
            1,
            64500,
            "confederations count 0",
        ),
        ([], Fact.EMPTY_PATH, 0, 64500, "the speaker's own"),
        ([(SEQUENCE, (64501,))], Fact.FIRST_AS_OTHER, 1, 64501, "another AS in front"),
        ([(SET, (64500,))], Fact.FIRST_AS_OTHER | Fact.AS_SET | Fact.NO_ORIGIN, 1, -1, "a set"),
    ],
)
def test_paths_segment_by_segment(
    read: Read,
    segments: list[tuple[int, tuple[int, ...]]],
    bits: Fact,
    length: int,
    origin: int,
    why: str,
) -> None:
    """Segments, not only their members, decide what a path says; the kernel keeps them apart."""
    path = AsPath(tuple(Segment(kind, asns) for kind, asns in segments))
    rib = RibDump()
    rib.routes(rib.peer("192.0.2.1", 64500), Route(Prefix.parse("20.0.0.0/24"), path))

    assert [(bits, length, origin)] == read(rib.octets()).route_facts, why
