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
                "198.51.100.128/25", "192.0.2.0/24", "2001:db8::/32", "::/0",
            ),
        )
    ]
)  # fmt: skip
_PEERS: Final = st.sampled_from((IN, POST, SENT, PATHS, LOC_RIB))


@st.composite
def _updates(draw: st.DrawFn, peer: BmpPeer) -> Update:
    """Return an UPDATE of IPv4 prefixes: withdrawn and announced, tagged, malformed or neither."""

    def nlri() -> tuple[Nlri, ...]:
        prefixes = draw(st.lists(_PREFIXES.filter(lambda each: each.family == 4), max_size=3))
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
