"""Streams of which only some routes become events: the other ones are counted.

The reference is the same stream with all of its routes as events.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from ipaddress import IPv4Address
from itertools import pairwise
from typing import Any, Final
from unittest.mock import patch

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from peerlint.bulk import PrefixFilter, RouteBudget, bmp
from peerlint.bulk.kernel.python import route_kernel as python
from peerlint.events import (
    Announce,
    EndOfRib,
    Event,
    OtherRoutes,
    SessionDown,
    SessionUp,
    Statistics,
    TableRef,
    Withdraw,
)
from peerlint.feeds.bmp import RouterStream, RouteSelection
from peerlint.model import AsPath, Community, Prefix, Route, View
from peerlint.monitor import Proof, Synchronisation
from peerlint.observations import Coverage
from peerlint.testing import malformed_bmp
from peerlint.testing.bmp import BmpPeer, BmpStream
from peerlint.wire.attributes import Attributes
from peerlint.wire.bgp import Update, encode
from peerlint.wire.bmp import RouteMonitoring, Statistic
from peerlint.wire.nlri import Nlri

compiled = pytest.importorskip("peerlint.bulk.kernel.compiled.route_kernel")
KernelClass = Callable[..., Any]
KERNELS: Final = (python.Kernel, compiled.Kernel)
BOTH = pytest.mark.parametrize("kernel", KERNELS, ids=["py", "compiled"])
TIME: Final = 1_700_000_000_000_000
TAG: Final = Community.parse("8075:8007")
SELECTION: Final = RouteSelection(PrefixFilter.of([Prefix.parse("203.0.113.0/24")]), TAG)
IN: Final = BmpPeer("192.0.2.1", 64500, "192.0.2.254", 64510)
POST: Final = attrs.evolve(IN, post_policy=True)
SENT: Final = BmpPeer("192.0.2.3", 8075, "192.0.2.254", 64510, view=View.SENT)
PATHS: Final = BmpPeer("192.0.2.4", 64501, "192.0.2.254", 64510, add_path=True)
LOC_RIB: Final = BmpPeer("192.0.2.254", 64510, "192.0.2.254", 64510, view=View.LOC_RIB)
OTHER: Final = "198.51.100.0/24 path 64500"
TAGGED: Final = f"{OTHER} community {TAG}"
WATCHED: Final = "203.0.113.0/24 path 64500"

# -- what events add up to

Key = tuple[Any, ...]
Count = tuple[Key, int, int | None]


def key_of(table: TableRef) -> Key:
    """Return what identifies a table: AS numbers do not."""
    return table.peer, table.distinguisher, table.view, table.is_post_policy


class Tables:
    """The routes and counts of all tables, from their events."""

    def __init__(self) -> None:
        """Start without tables."""
        self.routes: dict[Key, dict[tuple[Prefix, int | None], Route]] = {}
        self.others: dict[tuple[Key, int], int | None] = {}
        self.refs: dict[Key, TableRef] = {}
        #: Table, family and number of routes at each Statistics and End-of-RIB.
        self.counted: list[list[Count]] = []

    def add(self, event: Event) -> None:
        """Take an event."""
        if isinstance(event, SessionUp | SessionDown):
            for key, ref in self.refs.items():
                if event.table.covers(ref):
                    self.routes.get(key, {}).clear()
                    self.others = {each: n for each, n in self.others.items() if each[0] != key}
            return
        if isinstance(event, Statistics | EndOfRib):
            self.counted.append(self.counts())
        if not isinstance(event, Announce | Withdraw | OtherRoutes):
            return
        key = key_of(event.table)
        self.refs[key] = event.table
        if isinstance(event, OtherRoutes):
            self.others[key, event.family] = event.routes
            return
        held = self.routes.setdefault(key, {})
        if isinstance(event, Withdraw):
            held.pop((event.prefix, event.path_id), None)
        elif event.route.malformed:
            held.pop((event.route.prefix, event.route.path_id), None)
        else:
            held[event.route.prefix, event.route.path_id] = event.route

    def counts(self) -> list[Count]:
        """Return how many routes each table has, by family, without tables that have none."""
        found: Counter[tuple[Key, int]] = Counter()
        for key, held in self.routes.items():
            found.update((key, prefix.family) for prefix, _ in held)
        uncounted = {each for each, routes in self.others.items() if routes is None}
        found.update({each: routes for each, routes in self.others.items() if routes})
        numbers = [(*each, routes) for each, routes in found.items() if each not in uncounted]
        return sorted([*numbers, *((*each, None) for each in uncounted)], key=str)

    def selected(self, selection: RouteSelection) -> set[tuple[Key, Route]]:
        """Return the routes that are selected, with their tables."""
        return {
            (key, route)
            for key, held in self.routes.items()
            for route in held.values()
            if is_inside(route.prefix) or selection.community in route.communities
        }


def is_inside(prefix: Prefix) -> bool:
    """Return whether a prefix overlaps the watched one."""
    watched = Prefix.parse("203.0.113.0/24")
    return prefix.family == 4 and prefix.first <= watched.last and watched.first <= prefix.last


def read(
    kernel: KernelClass,
    octets: bytes,
    selection: RouteSelection | None,
    places: Iterable[int] = (),
    **options: Any,  # noqa: ANN401  # passed on
) -> tuple[list[Event], RouterStream]:
    """Return the events of a stream, which arrives in pieces."""
    with patch.object(bmp, "Kernel", kernel):
        router = RouterStream("edge1", selection=selection, **options)
    ends = [0, *sorted(place % (len(octets) + 1) for place in places), len(octets)]
    pieces = [octets[at:end] for at, end in pairwise(ends)]
    found = [each for piece in pieces for each in router.feed(piece, TIME)]
    return found + list(router.end(TIME)), router


def added_up(events: Iterable[Event]) -> Tables:
    """Return what events add up to."""
    tables = Tables()
    for event in events:
        tables.add(event)
    return tables


def without_counts(events: Iterable[Event]) -> list[Event]:
    """Return all events but those that depend on how octets arrive."""
    return [each for each in events if not isinstance(each, OtherRoutes)]


def without_routes(events: Iterable[Event]) -> list[Event]:
    """Return the events that are not about single routes."""
    return [each for each in events if not isinstance(each, OtherRoutes | Announce | Withdraw)]


# -- streams

PLAIN: Final = Attributes(
    origin=0, as_path=AsPath.sequence(64500), next_hop=IPv4Address("192.0.2.1")
)
WITH_TAG: Final = attrs.evolve(PLAIN, communities=(TAG,))
#: Without the mandatory attributes they are treated as withdrawn (RFC 7606 section 3).
MALFORMED: Final = Attributes(med=1)
MALFORMED_WITH_TAG: Final = Attributes(communities=(TAG,))
_PREFIXES: Final = st.sampled_from(
    [
        *map(
            Prefix.parse,
            (
                "0.0.0.0/0", "203.0.113.0/24", "203.0.113.128/25", "198.51.100.0/24",
                "198.51.100.128/25", "192.0.2.0/24",
            ),
        )
    ]
)  # fmt: skip
_PEERS: Final = st.sampled_from((IN, POST, SENT, PATHS, LOC_RIB))


@st.composite
def _updates(draw: st.DrawFn, peer: BmpPeer) -> Update:
    """Return an UPDATE of IPv4 prefixes: withdrawn and announced, tagged, malformed or neither."""

    def nlri() -> tuple[Nlri, ...]:
        prefixes = draw(st.lists(_PREFIXES, max_size=3))
        ids = st.sampled_from((0, 7)) if peer.add_path else st.none()
        return tuple(Nlri(each, draw(ids)) for each in prefixes)

    attributes = draw(st.sampled_from((PLAIN, WITH_TAG, MALFORMED, MALFORMED_WITH_TAG)))
    announced = nlri()
    return Update(nlri(), attributes if announced else Attributes(), announced)


@st.composite
def stories(draw: st.DrawFn) -> bytes:
    """Return streams in which few prefixes come, change and go again."""
    stream = BmpStream()
    for peer in (IN, SENT, PATHS, LOC_RIB):
        stream.up(peer)
    for _ in range(draw(st.integers(0, 25))):
        peer = draw(_PEERS)
        what = draw(st.integers(0, 11))
        if what == 0:
            stream.up(peer) if draw(st.booleans()) else stream.down(peer)
        elif what == 1:
            stream.statistics(peer, Statistic(7, 0))
        elif what == 2:
            stream.end_of_rib(peer, draw(st.sampled_from((4, 6))))
        elif what == 3:
            tag = draw(st.sampled_from(("", f" community {TAG}")))
            route = f"2001:db8::/32 path 64500 next-hop 2001:db8::1{tag}"
            stream.announce(peer, route) if draw(st.booleans()) else stream.withdraw(peer, route)
        elif what == 4:  # two in one message, which the kernel does not read
            octets = b"".join(encode(draw(_updates(peer)), peer.form) for _ in range(2))
            stream.body(RouteMonitoring(peer.header(), octets))
        else:
            stream.update(peer, draw(_updates(peer)))
    return stream.octets()


@pytest.mark.parametrize("kernel", KERNELS, ids=["py", "compiled"])
@settings(max_examples=settings().max_examples * 4)
@given(
    st.one_of(stories(), stories(), malformed_bmp.streams()),
    st.lists(st.integers(0, 1 << 16), max_size=4),
)
def test_selected_routes_and_counts(kernel: KernelClass, octets: bytes, places: list[int]) -> None:
    """The selected routes are those of all events, and the numbers of all routes are the same.

    The numbers are compared at each Statistics, at each End-of-RIB and at the end.
    """
    every, _ = read(kernel, octets, None)
    chosen, _ = read(kernel, octets, SELECTION, places)

    expected, found = added_up(every), added_up(chosen)

    assert expected.selected(SELECTION) == found.selected(SELECTION)
    assert expected.counted == found.counted
    assert expected.counts() == found.counts()
    assert without_routes(every) == without_routes(chosen)


@settings(max_examples=settings().max_examples * 2)
@given(
    st.one_of(stories(), malformed_bmp.streams()),
    st.lists(st.integers(0, 1 << 16), max_size=4),
    st.sampled_from((0, 1, 2, 5)),
)
def test_both_kernels_in_any_pieces(octets: bytes, places: list[int], limit: int) -> None:
    """Events, remarks and numbers are those of the whole stream, also if numbers are limited."""
    results = []
    for kernel, cuts in ((python.Kernel, []), (python.Kernel, places), (compiled.Kernel, places)):
        budget = RouteBudget(limit)
        events, router = read(kernel, octets, SELECTION, cuts, budget=budget)
        found = added_up(events)
        results.append(
            (without_counts(events), found.counted, found.counts(), router.remarks, budget.used)
        )
        assert budget.used <= limit
        router.close()
        assert budget.used == 0
    assert results[0] == results[1] == results[2]


@given(stories(), st.sampled_from((0, 1, 2, 5)))
def test_limited_numbers(octets: bytes, limit: int) -> None:
    """Without room for numbers, the selected routes are the same, and known numbers are right."""
    expected = added_up(read(compiled.Kernel, octets, None)[0])
    found = added_up(read(compiled.Kernel, octets, SELECTION, budget=RouteBudget(limit))[0])

    assert expected.selected(SELECTION) == found.selected(SELECTION)
    numbers = {each[:2]: each[2] for each in expected.counts()}
    for key, family, routes in found.counts():
        assert routes in (None, numbers.get((key, family)))


# -- examples


def counts_in(events: Iterable[Event]) -> list[tuple[int, int | None]]:
    """Return family and number of each `OtherRoutes`."""
    return [(each.family, each.routes) for each in events if isinstance(each, OtherRoutes)]


def kinds_in(events: Iterable[Event]) -> list[str]:
    """Return the names of events."""
    return [type(each).__name__ for each in events]


@BOTH
def test_other_routes_are_only_counted(kernel: KernelClass) -> None:
    """Of routes that nobody asks about there are no events, only their number."""
    stream = BmpStream().up(IN).announce(IN, *[OTHER] * 50, WATCHED, "192.0.2.0/24 path 64500")
    events, _ = read(kernel, stream.withdraw(IN, OTHER).octets(), SELECTION)

    assert kinds_in(events) == ["SessionUp", "Announce", "OtherRoutes"]
    assert counts_in(events) == [(4, 1)]


@BOTH
def test_a_route_that_gains_the_community(kernel: KernelClass) -> None:
    """It is an event from then on, also without the community, until it is withdrawn."""
    stream = BmpStream().up(IN).announce(IN, OTHER, TAGGED, OTHER).withdraw(IN, OTHER)
    events, _ = read(kernel, stream.announce(IN, OTHER).octets(), SELECTION)

    assert kinds_in(events) == [
        *("SessionUp", "Announce", "Announce", "Withdraw", "OtherRoutes"),
    ]
    assert counts_in(events) == [(4, 1)]


@BOTH
def test_more_and_less_specific_prefixes_are_selected(kernel: KernelClass) -> None:
    """A prefix overlaps a watched one in either direction."""
    prefixes = ("203.0.0.0/16", "203.0.113.128/25", "0.0.0.0/0", "203.0.112.0/24")
    stream = BmpStream().up(IN).announce(IN, *(f"{each} path 64500" for each in prefixes))
    events, _ = read(kernel, stream.octets(), SELECTION)

    found = [str(each.route.prefix) for each in events if isinstance(each, Announce)]
    assert found == list(prefixes[:3])


@BOTH
def test_numbers_come_before_they_are_compared(kernel: KernelClass) -> None:
    """The number is there before a Statistics Report and an End-of-RIB of the same piece."""
    route6 = "2001:db8::/32 path 64500 next-hop 2001:db8::1"
    stream = BmpStream().up(IN).announce(IN, OTHER).statistics(IN, Statistic(7, 1))
    stream.announce(IN, route6).end_of_rib(IN, 6).withdraw(IN, OTHER).down(IN).up(IN)
    events, _ = read(kernel, stream.octets(), SELECTION)

    assert kinds_in(events) == [
        *("SessionUp", "OtherRoutes", "Statistics", "OtherRoutes", "EndOfRib"),
        *("OtherRoutes", "SessionDown", "SessionUp"),
    ]
    assert counts_in(events) == [(4, 1), (6, 1), (4, 0)]


@BOTH
def test_a_table_that_starts_again_is_empty(kernel: KernelClass) -> None:
    """After the session's end its routes are counted anew, those of other tables are not."""
    budget = RouteBudget()
    stream = BmpStream().up(IN).up(SENT).announce(IN, OTHER).announce(POST, OTHER)
    stream.announce(SENT, OTHER).down(IN).up(IN).announce(IN, OTHER)
    events, _ = read(kernel, stream.octets(), SELECTION, budget=budget)

    last = {(each.table.view, each.table.is_post_policy): each.routes
            for each in events if isinstance(each, OtherRoutes)}  # fmt: skip
    assert last == {
        (View.ADJ_RIB_IN, False): 1, (View.ADJ_RIB_IN, True): 1, (View.SENT, False): 1,
    }  # fmt: skip
    assert budget.used == 2


@BOTH
def test_headers_that_only_differ_in_flags_are_one_table(kernel: KernelClass) -> None:
    """The same routes with AS numbers of two octets, of the same table, are counted once."""
    narrow = attrs.evolve(IN, as4=False)
    stream = BmpStream().up(IN).announce(IN, OTHER).announce(narrow, OTHER)
    events, _ = read(kernel, stream.withdraw(IN, OTHER).octets(), SELECTION)

    assert counts_in(events) == [(4, 0)]


@BOTH
def test_a_repeated_route_is_a_change_but_no_growth(kernel: KernelClass) -> None:
    """What is quiet, and what grows, is told by each event."""
    with patch.object(bmp, "Kernel", kernel):
        router = RouterStream("edge1", selection=SELECTION)
    found = []
    for stream in (BmpStream().up(IN).announce(IN, OTHER), BmpStream().announce(IN, OTHER),
                   BmpStream().statistics(IN, Statistic(7, 1))):  # fmt: skip
        events = router.feed(stream.octets(), TIME)
        found.append([each.is_grown for each in events if isinstance(each, OtherRoutes)])

    assert found == [[True], [False], []]


@BOTH
def test_tables_that_are_not_watched(kernel: KernelClass) -> None:
    """Of peers that are no session of the inventory updates are counted, and nothing else."""
    selection = attrs.evolve(SELECTION, watches=lambda _, table: table.view is View.SENT)
    budget = RouteBudget()
    stream = BmpStream().up(IN).up(SENT).announce(IN, OTHER, WATCHED, TAGGED).withdraw(IN, OTHER)
    two = encode(Update((), PLAIN, (Nlri(Prefix.parse("192.0.2.0/24")),)), IN.form) * 2
    stream.body(RouteMonitoring(IN.header(), two)).end_of_rib(IN).announce(SENT, WATCHED)
    events, router = read(kernel, stream.octets(), selection, budget=budget)

    assert kinds_in(events) == ["SessionUp", "SessionUp", "Announce"]
    assert [(table and str(table.peer), n) for table, n in router.unwatched.items()] == [
        ("192.0.2.1", 6)
    ]
    assert budget.used == 0


@BOTH
def test_many_tables_that_are_not_watched(kernel: KernelClass) -> None:
    """So many are named; updates of all others are counted together."""
    selection = attrs.evolve(SELECTION, watches=lambda _router, _table: False)
    stream = BmpStream()
    for number in range(1_030):
        stream.announce(attrs.evolve(IN, asn=64496, address=f"198.18.{number >> 8}.{number & 255}"),
                        OTHER)  # fmt: skip
    _, router = read(kernel, stream.octets(), selection)

    assert len(router.unwatched) == 1_025
    assert router.unwatched[None] == 6


@BOTH
def test_no_room(kernel: KernelClass) -> None:
    """Beyond the limit a table is not counted, which is said; its room is for others then."""
    budget = RouteBudget(2)
    others = [f"198.51.{number}.0/24 path 64500" for number in range(3)]
    stream = BmpStream().up(IN).up(SENT).announce(IN, *others).announce(SENT, *others[:2])
    events, _ = read(kernel, stream.octets(), SELECTION, budget=budget)

    assert counts_in(events) == [(4, None), (4, 2)]
    assert budget.used == 2


@BOTH
def test_no_room_for_routes_with_the_community(kernel: KernelClass) -> None:
    """Then all routes of the table are events: no withdrawal of a tagged one may be missed."""
    stream = BmpStream().up(IN).announce(IN, TAGGED).withdraw(IN, "192.0.2.0/24", OTHER)
    events, _ = read(kernel, stream.octets(), SELECTION, budget=RouteBudget(0))

    assert kinds_in(events) == ["SessionUp", "Announce", "Withdraw", "Withdraw", "OtherRoutes"]
    assert counts_in(events) == [(4, None)]


@BOTH
def test_the_room_is_shared_and_given_back(kernel: KernelClass) -> None:
    """Several streams share a budget; one that is closed needs none."""
    budget = RouteBudget(3)
    stream = BmpStream().up(IN).announce(IN, OTHER, "192.0.2.0/24 path 64500").octets()
    _, first = read(kernel, stream, SELECTION, budget=budget)
    assert budget.used == 2
    events, second = read(kernel, stream, SELECTION, budget=budget)
    assert counts_in(events) == [(4, None)]
    first.close()
    assert budget.used == 0
    assert counts_in(second.feed(BmpStream().up(IN).announce(IN, OTHER).octets(), TIME)) == [(4, 1)]
    second.close()
    assert budget.used == 0
    assert list(first.feed(stream, TIME)) == []


@BOTH
def test_too_many_tables(kernel: KernelClass, monkeypatch: pytest.MonkeyPatch) -> None:
    """A router with more tables than can be followed is refused."""
    monkeypatch.setattr("peerlint.feeds.bmp.routes.MAX_TABLES", 2)
    stream = BmpStream().up(IN).announce(IN, WATCHED).announce(POST, WATCHED)
    events, router = read(kernel, stream.announce(SENT, WATCHED).octets(), SELECTION)

    assert kinds_in(events) == ["SessionUp", "Announce", "Announce", "Gap"]
    assert router.refused is not None
    assert "tables" in router.refused


@BOTH
def test_too_many_peers(kernel: KernelClass) -> None:
    """What comes before the message of a peer too many is read; the rest is not."""
    stream = BmpStream().announce(IN, WATCHED).announce(SENT, WATCHED).announce(IN, WATCHED)
    events, router = read(kernel, stream.octets(), SELECTION, max_peers=1)

    assert kinds_in(events) == ["Announce", "Gap"]
    assert router.refused == "more than 1 peers"


@BOTH
def test_synchronisation_by_count(kernel: KernelClass) -> None:
    """The router counts all routes, the feed yields some, and holds back the others."""
    synchronisation = Synchronisation()
    stream = BmpStream().up(IN).announce(IN, OTHER, WATCHED).statistics(IN, Statistic(7, 3))
    stream.announce(IN, TAGGED, "192.0.2.0/24 path 64500").statistics(IN, Statistic(7, 3))
    proofs = []
    for event in read(kernel, stream.octets(), SELECTION)[0]:
        synchronisation.add(event)
        if isinstance(event, Statistics):
            state = synchronisation.state(
                "bmp", "edge1", attrs.evolve(event.table, view="adj-rib-in")
            )
            proofs.append((state.coverage, state.proof, state.reason))

    assert proofs == [
        (Coverage.PARTIAL, None, "the router counts 3 routes, and 2 came"),
        (Coverage.COMPLETE, Proof.COUNT, ""),
    ]


def test_every_route_is_selected_without_a_filter() -> None:
    """A profile that needs every route has no filter."""
    stream = BmpStream().up(IN).announce(IN, OTHER, WATCHED).octets()
    events, _ = read(compiled.Kernel, stream, RouteSelection(None))

    assert kinds_in(events) == ["SessionUp", "Announce", "Announce"]
