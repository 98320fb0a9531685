"""Tables give the answers of definitions that look at every record."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

import attrs
from hypothesis import given
from hypothesis import strategies as st

from peerlint.model import Prefix
from peerlint.registry import (
    OriginState,
    Registry,
    RegistryInputs,
    RouteObject,
    RouteObjectState,
    SourceInfo,
    SourceKind,
    Vrp,
    route_columns,
    vrp_columns,
)

Record = TypeVar("Record")
NOW = 1_000_000_000
#: Few bits differ, around the borders between the words of an address, so that prefixes nest.
_PLACES = {4: (0, 1, 7, 8, 23, 30, 31), 6: (0, 1, 31, 32, 62, 63, 64, 65, 126, 127)}
_ASNS = (0, 64500, 64501, 4294967295)


@st.composite
def prefixes(draw: st.DrawFn) -> Prefix:
    """Give prefixes of both families that often cover each other."""
    family = draw(st.sampled_from([4, 6]))
    bits = {4: 32, 6: 128}[family]
    length = draw(st.one_of(st.integers(0, bits), st.sampled_from([*_PLACES[family], bits])))
    places = draw(st.sets(st.sampled_from(_PLACES[family]), max_size=4))
    address = sum(1 << bits - 1 - place for place in places if place < length)
    return Prefix(family, address, length)


@st.composite
def pools(draw: st.DrawFn) -> list[Prefix]:
    """Give prefixes together with some that cover them: records and routes have the same ones."""
    pool = draw(st.lists(prefixes(), min_size=1, max_size=6))
    for prefix in pool[:3]:
        length = draw(st.integers(0, prefix.length))
        shift = {4: 32, 6: 128}[prefix.family] - length
        pool.append(Prefix(prefix.family, prefix.first >> shift << shift, length))
    return pool


def some_vrps(pool: list[Prefix]) -> st.SearchStrategy[Vrp]:
    """Give VRPs, also with a maximum length that is too small, around the time of expiry."""

    def of(prefix: Prefix, more: int, asn: int, source: str, expires: int | None) -> Vrp:
        longest = min(max(prefix.length + more, 0), {4: 32, 6: 128}[prefix.family])
        return Vrp(prefix, longest, asn, source, expires)

    return st.builds(
        of,
        st.sampled_from(pool),
        st.sampled_from([-1, 0, 0, 1, 2, 8, 128]),
        st.sampled_from(_ASNS),
        st.sampled_from("ab"),
        st.sampled_from([None, 999, 1000, 1001]),
    )


def some_objects(pool: list[Prefix]) -> st.SearchStrategy[RouteObject]:
    """Give route objects."""
    registries = st.sampled_from(["RIPE", "RADB"])
    return st.builds(RouteObject, st.sampled_from(pool), st.sampled_from(_ASNS), registries)


def some_routes(pool: list[Prefix]) -> st.SearchStrategy[list[tuple[Prefix, int | None]]]:
    """Give prefixes and origins of routes."""
    of_pool = st.one_of(st.sampled_from(pool), prefixes())
    return st.lists(st.tuples(of_pool, st.sampled_from([None, *_ASNS])), max_size=20)


def with_routes(
    records: Callable[[list[Prefix]], st.SearchStrategy[Record]],
) -> st.SearchStrategy[tuple[list[Record], list[tuple[Prefix, int | None]]]]:
    """Give records and routes of one pool of prefixes."""
    return pools().flatmap(
        lambda pool: st.tuples(st.lists(records(pool), max_size=30), some_routes(pool))
    )


def origin_state(vrps: Iterable[Vrp], prefix: Prefix, origin: int | None) -> OriginState:
    """Return the state of a route as RFC 6811 section 2 defines it."""
    covering = [
        each
        for each in vrps
        if each.prefix.covers(prefix) and (each.expires is None or each.expires * 1_000_000 >= NOW)
    ]
    if not covering:
        return OriginState.NOT_FOUND
    matches = (
        each
        for each in covering
        if prefix.length <= each.max_length and each.asn == origin and each.asn != 0
    )
    return OriginState.VALID if any(matches) else OriginState.INVALID


def route_object_state(
    objects: Iterable[RouteObject], prefix: Prefix, origin: int | None
) -> RouteObjectState:
    """Return the state of a route as `RouteObjectState` defines it."""
    covering = [each for each in objects if each.prefix.covers(prefix)]
    own = [each.prefix for each in covering if each.origin == origin]
    if not covering:
        return RouteObjectState.NOT_FOUND
    if prefix in own:
        return RouteObjectState.EXACT
    return RouteObjectState.COVERING if own else RouteObjectState.OTHER_ORIGIN


@given(with_routes(some_vrps))
def test_states_are_those_of_rfc_6811(
    records: tuple[list[Vrp], list[tuple[Prefix, int | None]]],
) -> None:
    """Whole columns and single routes have the state of the definition, and name its VRPs."""
    vrps, routes = records
    source = SourceInfo(SourceKind.VRPS, "vrps", 0, len(vrps))
    registry = Registry.of(RegistryInputs(0, (source,), vrps=(vrp_columns(vrps),))).at(NOW)
    expected = [origin_state(vrps, *each) for each in routes]

    states = registry.judge([each for each, _ in routes], [origin for _, origin in routes])
    validities = [registry.validity(*each) for each in routes]

    assert expected == states.tolist()
    assert expected == [each.state for each in validities]
    for (prefix, _), validity in zip(routes, validities, strict=True):
        named = validity.matched + validity.unmatched_as + validity.unmatched_length
        live = (each for each in vrps if each.expires is None or each.expires >= 1000)
        covering = {without_time(each) for each in live if each.prefix.covers(prefix)}
        assert covering == {without_time(each) for each in named}


def without_time(vrp: Vrp) -> Vrp:
    """Return a VRP without its expiry: of equal ones the last is kept."""
    return attrs.evolve(vrp, expires=None)


@given(with_routes(some_objects))
def test_states_of_route_objects(
    records: tuple[list[RouteObject], list[tuple[Prefix, int | None]]],
) -> None:
    """Route objects of prefix and origin, of covering prefixes, and of others are told apart."""
    objects, routes = records
    source = SourceInfo(SourceKind.IRR, "RIPE", 0, len(objects))
    registry = Registry.of(RegistryInputs(0, (source,), routes=(route_columns(objects),)))
    expected = [route_object_state(objects, *each) for each in routes]

    states = registry.judge_route_objects(
        [each for each, _ in routes], [origin for _, origin in routes]
    )

    assert expected == states.tolist()
    for prefix, _ in routes:
        covering = {each for each in objects if each.prefix.covers(prefix)}
        assert covering == set(registry.routes(prefix))
    for asn in _ASNS:
        assert {each for each in objects if each.origin == asn} == set(registry.routes_of(asn))
