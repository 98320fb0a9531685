"""Filing in columns: the same observations as with an object for each route."""

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
    session_match,
    table,
)
from peerlint.observations.route_columns import as_filed
from peerlint.testing import strategies
from peerlint.testing.dumps import FeedSession, UpdateDump
from peerlint.testing.notation import scenario

INVENTORY: Final = scenario("").inventory
PLACE: Final = INVENTORY.sessions[0]
SESSIONS: Final = {
    "ams-1": FeedSession("192.0.2.0", 64500, "192.0.2.1", 8075),
    "ams-2": FeedSession("192.0.2.2", 64500, "192.0.2.3", 8075),
}
PREFIXES: Final = ("203.0.113.0/24", "198.51.100.0/24", "198.18.0.0/15")
PATHS: Final = ("64500", "64500 64501", "64500 64501 64502")
#: What a feed may say: the session, whether it announces, the prefix, the path.
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


def filed(octets: bytes, page: int) -> dict[str, list[str]]:
    """File a feed that is read in pages of so many octets; return its routes by session."""
    filing = SourceBuilder(
        RibArgument.parse("f", INVENTORY), INVENTORY, {"contoso-ams": Criteria()}
    )
    pages = [octets[at : at + page] for at in range(0, len(octets), page)]
    reader = DumpReader(pages, source="f", viewpoint=filing.viewpoint, criteria=Criteria())
    for batch in reader:
        filing.add(batch)
    _, sources = filing.close(reader.counts, reader.quality, reader.times)
    return {
        session: [f"{seen.route.prefix} {seen.route.path}" for seen in source.observations]
        for session, (source,) in sources.items()
    }


@given(
    rows=st.lists(
        st.tuples(st.booleans(), st.sampled_from([None, "Valid", "Invalid"])), max_size=20
    )
)
def test_what_a_source_does_not_tell(rows: list[tuple[bool, str | None]]) -> None:
    """Each observation keeps whether its path is told, and what Azure says of it."""
    criteria = Criteria()
    made: list[Observation] = []
    for number, (shows_path, state) in enumerate(rows):
        route = Route.parse(f"198.18.{number}.0/24 path 64500")
        one = Observation.of(session_match(PLACE, View.RECEIVED), route, criteria, "f", number)
        one = one if shows_path else one.without_path(criteria)
        made.append(attrs.evolve(one, validation=None if state is None else Validation(state)))

    found = as_filed(made)

    assert made == list(found)
    assert found.shows_all == all(shows_path for shows_path, _ in rows)


@given(messages=MESSAGES, page=st.integers(40, 400), few=st.sampled_from([1, 4, 1 << 18]))
def test_what_a_feed_leaves_standing(messages: list[Message], page: int, few: int) -> None:
    """However often the table is tidied, it holds what a dictionary of routes would hold.

    What is announced again stays in its place, what was withdrawn in between comes last.
    """
    dump = UpdateDump()
    standing: dict[str, dict[str, str]] = {}
    for session, announces, prefix, path in messages:
        routes = standing.setdefault(session, {})
        if announces:
            dump.announce(SESSIONS[session], f"{prefix} path {path}")
            routes[prefix] = path
        else:
            dump.withdraw(SESSIONS[session], prefix)
            routes.pop(prefix, None)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(table, "_FEW", few)
        found = filed(dump.octets(), page)

    expected = {
        session: [f"{prefix} {path}" for prefix, path in routes.items()]
        for session, routes in standing.items()
    }
    assert expected == found


def seen(routes: list[Route]) -> tuple[Observation, ...]:
    """Observe routes on ams-1."""
    from_here = session_match(PLACE, View.RECEIVED)
    return tuple(
        Observation.of(from_here, route, Criteria(), "f", record)
        for record, route in enumerate(routes)
    )


@given(routes=st.lists(strategies.routes(), max_size=8))
def test_columns_lose_nothing(routes: list[Route]) -> None:
    """Whatever is filed comes out again, one by one and all together."""
    expected = seen(routes)

    found = as_filed(expected)

    assert expected == tuple(found)
    assert expected == tuple(found[at] for at in range(len(found)))
    assert [route.timestamp for route in routes] == [each.route.timestamp for each in found]
    assert found == expected
    assert found is as_filed(found)


@given(
    routes=st.lists(strategies.routes(), max_size=8),
    fact=st.sampled_from([Fact.TAGGED, Fact.IPV6, Fact.LONG_PATH | Fact.LOOP]),
    others=st.lists(strategies.prefixes(), max_size=3),
    taken=st.integers(0, 8),
)
def test_some_of_them(routes: list[Route], fact: Fact, others: list[Prefix], taken: int) -> None:
    """Choosing by facts and by prefix is what looking at each would choose."""
    every = seen(routes)
    found = as_filed(every)
    prefixes = {*others, *(route.prefix for route in routes[:taken])}

    assert found.holding(fact) == tuple(one for one in every if one.facts & fact)
    assert found.to(prefixes) == tuple(one for one in every if one.route.prefix in prefixes)
    assert found.beside(prefixes) == tuple(one for one in every if one.route.prefix not in prefixes)
    assert found[:taken] == every[:taken]


def test_filed_observations_are_compared_by_value() -> None:
    """Order and number count; a list is something else."""
    one, other = seen([Route.parse("203.0.113.0/24"), Route.parse("198.51.100.0/24")])

    found: RouteColumns = as_filed((one, other))

    assert as_filed((one, other)) == found
    assert hash(as_filed((one, other))) == hash(found)
    assert [False, False, False] == [found == each for each in ((one,), (other, one), [one, other])]
    assert repr((one, other)) == repr(found)
