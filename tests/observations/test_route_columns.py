"""Routes in columns: the same observations as with an object for each route."""

from __future__ import annotations

from typing import Final

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from peerlint.bulk import DumpReader
from peerlint.model import Criteria, Fact, Prefix, Route, View
from peerlint.observations import (
    Observation,
    RibArgument,
    RouteColumns,
    SourceBuilder,
    Validation,
    latest_routes,
    session_match,
)
from peerlint.testing import strategies
from peerlint.testing.dumps import FeedSession, UpdateDump
from peerlint.testing.notation import scenario

INVENTORY: Final = scenario("").inventory
SESSION: Final = INVENTORY.sessions[0]
SESSIONS: Final = {
    "ams-1": FeedSession("192.0.2.0", 64500, "192.0.2.1", 8075),
    "ams-2": FeedSession("192.0.2.2", 64500, "192.0.2.3", 8075),
}
PREFIXES: Final = ("203.0.113.0/24", "198.51.100.0/24", "198.18.0.0/15")
PATHS: Final = ("64500", "64500 64501", "64500 64501 64502")
#: Messages of a feed: the session, whether it announces, the prefix, the path.
MESSAGES: Final = st.lists(
    st.tuples(
        st.sampled_from(sorted(SESSIONS)),
        st.booleans(),
        st.sampled_from(PREFIXES),
        st.sampled_from(PATHS),
    ),
    max_size=30,
)
Message = tuple[str, bool, str, str]


def collected(octets: bytes, chunk: int) -> dict[str, list[str]]:
    """Return the routes of a feed by session.

    Args:
        octets: the feed.
        chunk: how many octets are read at a time.
    """
    builder = SourceBuilder(
        RibArgument.parse("f", INVENTORY), INVENTORY, {"contoso-ams": Criteria()}
    )
    chunks = [octets[at : at + chunk] for at in range(0, len(octets), chunk)]
    reader = DumpReader(chunks, source="f", viewpoint=builder.viewpoint, criteria=Criteria())
    for batch in reader:
        builder.add(batch)
    _, sources = builder.close(reader.counts, reader.quality, reader.times)
    return {
        session: [f"{each.route.prefix} {each.route.path}" for each in source.observations]
        for session, (source,) in sources.items()
    }


@given(
    rows=st.lists(
        st.tuples(st.booleans(), st.sampled_from([None, "Valid", "Invalid"])), max_size=20
    )
)
def test_what_a_source_does_not_tell(rows: list[tuple[bool, str | None]]) -> None:
    """Each observation keeps whether its source has the path, and Azure's validation states."""
    criteria = Criteria()
    made: list[Observation] = []
    for number, (shows_path, state) in enumerate(rows):
        route = Route.parse(f"198.18.{number}.0/24 path 64500")
        one = Observation.of(session_match(SESSION, View.RECEIVED), route, criteria, "f", number)
        one = one if shows_path else one.without_path(criteria)
        made.append(attrs.evolve(one, validation=None if state is None else Validation(state)))

    found = RouteColumns.of(made)

    assert made == list(found)
    assert found.shows_all == all(shows_path for shows_path, _ in rows)


@given(messages=MESSAGES, chunk=st.integers(40, 400), few=st.sampled_from([1, 4, 1 << 18]))
def test_current_routes_of_a_feed(messages: list[Message], chunk: int, few: int) -> None:
    """However often replaced rows are dropped, the routes are those of a dictionary.

    A route that is announced again keeps its position; after a withdrawal it moves to the end.
    """
    dump = UpdateDump()
    current: dict[str, dict[str, str]] = {}
    for session, announces, prefix, path in messages:
        routes = current.setdefault(session, {})
        if announces:
            dump.announce(SESSIONS[session], f"{prefix} path {path}")
            routes[prefix] = path
        else:
            dump.withdraw(SESSIONS[session], prefix)
            routes.pop(prefix, None)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(latest_routes, "_FEW", few)
        found = collected(dump.octets(), chunk)

    expected = {
        session: [f"{prefix} {path}" for prefix, path in routes.items()]
        for session, routes in current.items()
    }
    assert expected == found


def observed(routes: list[Route]) -> tuple[Observation, ...]:
    """Return routes as observations on ams-1."""
    match = session_match(SESSION, View.RECEIVED)
    return tuple(
        Observation.of(match, route, Criteria(), "f", record) for record, route in enumerate(routes)
    )


@given(routes=st.lists(strategies.routes(), max_size=8))
def test_columns_lose_nothing(routes: list[Route]) -> None:
    """Observations stored as columns are returned unchanged, by index and by iteration."""
    expected = observed(routes)

    found = RouteColumns.of(expected)

    assert expected == tuple(found)
    assert expected == tuple(found[at] for at in range(len(found)))
    assert [route.timestamp for route in routes] == [each.route.timestamp for each in found]
    assert found == expected
    assert found is RouteColumns.of(found)


@given(
    routes=st.lists(strategies.routes(), max_size=8),
    fact=st.sampled_from([Fact.TAGGED, Fact.IPV6, Fact.LONG_PATH | Fact.LOOP]),
    others=st.lists(strategies.prefixes(), max_size=3),
    taken=st.integers(0, 8),
)
def test_selections(routes: list[Route], fact: Fact, others: list[Prefix], taken: int) -> None:
    """A selection by facts or by prefixes equals a filter over all observations."""
    every = observed(routes)
    found = RouteColumns.of(every)
    prefixes = {*others, *(route.prefix for route in routes[:taken])}

    assert found.holding(fact) == tuple(one for one in every if one.facts & fact)
    assert found.tagged == len([one for one in every if one.facts & Fact.TAGGED])
    assert found.to(prefixes) == tuple(one for one in every if one.route.prefix in prefixes)
    assert found.beside(prefixes) == tuple(one for one in every if one.route.prefix not in prefixes)
    assert found[:taken] == every[:taken]


def test_columns_are_compared_by_value() -> None:
    """Columns equal a tuple of the same observations in the same order, but no list."""
    one, other = observed([Route.parse("203.0.113.0/24"), Route.parse("198.51.100.0/24")])

    found: RouteColumns = RouteColumns.of((one, other))

    assert RouteColumns.of((one, other)) == found
    assert hash(RouteColumns.of((one, other))) == hash(found)
    assert [False, False, False] == [found == each for each in ((one,), (other, one), [one, other])]
    assert repr((one, other)) == repr(found)
