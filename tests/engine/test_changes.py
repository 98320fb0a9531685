"""Routes that change: what a live monitor evaluates again equals a whole check."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from itertools import product

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from peerlint.engine import cell_evaluator, dependents, known_results, open_sessions, prepare
from peerlint.engine import table_index as table_index_module
from peerlint.engine.assemble import RouteSummary, assemble
from peerlint.engine.checker import Checker
from peerlint.engine.column_index import ColumnIndex
from peerlint.engine.dependents import Change, RouteChange, SessionChange
from peerlint.engine.evaluate import Evaluator
from peerlint.engine.evaluated_prefix import EvaluatedPrefix
from peerlint.engine.prepare import Prepared, SubjectKey
from peerlint.engine.route_index import RouteIndex
from peerlint.engine.table_index import TableIndex
from peerlint.inventory import SessionRef
from peerlint.model import Fact, Prefix, Route, View
from peerlint.observations import (
    Coverage,
    Observations,
    RouteTable,
    SessionCounts,
    SessionSource,
    session_match,
)
from peerlint.results import Report
from peerlint.rules import Scope
from peerlint.testing.notation import scenario

NOW = datetime(2026, 11, 21, tzinfo=UTC)
TAG = "8075:8007"
SETUPS = {
    "maps": (
        "peering contoso-ams maps 64500 Amsterdam\nsession ams-1 edge1.ams\n"
        "session ams-2 edge2.ams\n"
        "registered 203.0.113.0/24 name a\nregistered 203.0.113.128/25 name b\n"
        "registered 198.51.100.0/24 name c origin 64501\n"
        "peering contoso-fra maps 64500 Frankfurt\nsession fra-1 edge1.fra\n"
        "registered 192.0.2.0/24 name d\n"
        "service acme primary=Amsterdam backup=Frankfurt\nservice-prefix 203.0.113.0/24\n"
        "service beta primary=Frankfurt\nservice-prefix 203.0.113.0/24\n"
        "service gamma primary=Amsterdam\nservice-prefix 198.51.100.128/25\n"
        "waive route.prepending ams-1\n"
    ),
    "partner": (
        "peering contoso-ams partner 64500 Amsterdam\nsession ams-1 edge1.ams\n"
        "session ams-2 edge2.ams\nregistered 203.0.113.0/24 name a\n"
        "peering contoso-fra direct 64500 Frankfurt\nsession fra-1 edge1.fra\n"
        "registered 198.51.100.0/24 name c\n"
    ),
    "route-server": (
        "peering ix-ams route-server 64500 Amsterdam\nsession ams-1 edge1.ams\n"
        "session ams-2 edge2.ams\nasn 64501\n"
        "peering ix-fra route-server 64500 Frankfurt\nsession fra-1 edge1.fra\n"
        "service acme primary=Amsterdam backup=Frankfurt\nservice-prefix 203.0.113.0/24\n"
        "service beta primary=Paris\nservice-prefix 198.51.100.0/24\n"
    ),
    "collector": (
        "peering contoso-ams maps 64500 Amsterdam\nsession ams-1 edge1.ams\n"
        "session ams-2 edge2.ams\nregistered 203.0.113.0/24 name a\n"
        "peering contoso-fra maps 64500 Frankfurt\nsession fra-1 edge1.fra\n"
        "registered 198.51.100.0/24 name c\n"
    ),
    "default route": (
        "peering contoso-ams maps 64500 Amsterdam\nsession ams-1 edge1.ams\n"
        "session ams-2 edge2.ams\nregistered 0.0.0.0/0 name a\n"
        "registered 203.0.113.0/24 name b\n"
        "peering contoso-fra maps 64500 Frankfurt\nsession fra-1 edge1.fra\n"
        "service acme primary=Amsterdam\nservice-prefix 0.0.0.0/0\n"
    ),
}
#: Where the routes of a set-up are observed, unless they are received ones.
VIEWS = {"collector": View.COLLECTOR}
SESSIONS = ("ams-1", "ams-2", "fra-1")
PREFIXES = (
    "203.0.113.0/24", "203.0.112.0/23", "203.0.113.128/25", "203.0.113.192/26", "198.51.100.0/24",
    "198.51.100.128/25", "192.0.2.0/24", "0.0.0.0/0", "2001:db8::/32",
)  # fmt: skip
PATHS = ("64500", "64500 64501", "64500 64501 64501", "64500 64501 64502 64503", "64500 64512",
         "64500 12076", "64499 8075 64500")  # fmt: skip
COMMUNITIES = ("", TAG, "64500:120", "8075:8007 65535:65281")


def routes() -> st.SearchStrategy[Route]:
    """Return routes that often share prefixes and attributes."""
    return st.builds(
        Route.parse,
        st.sampled_from(PREFIXES),
        path=st.sampled_from(PATHS),
        communities=st.sampled_from(COMMUNITIES),
    )


def changes() -> st.SearchStrategy[tuple[str, Route | Prefix | None]]:
    """Return pairs of a session and an announcement, a withdrawn prefix, or None to clear it."""
    what = st.one_of(routes(), st.sampled_from(PREFIXES).map(Prefix.parse), st.none())
    return st.tuples(st.sampled_from(SESSIONS), what)


def prepared(name: str) -> Prepared:
    """Prepare one of the set-ups."""
    found = scenario(SETUPS[name])
    return prepare(found.inventory, found.profiles, now=NOW, version="0", kernel="c")


def table_index(
    given: Prepared, shown: dict[str, tuple[Route, ...]], view: View = View.RECEIVED
) -> TableIndex:
    """Return an index over tables with some routes of the sessions."""
    sources = {}
    for session in given.inventory.sessions:
        match = session_match(session, view)
        criteria = given.evaluators[session.peering.name].context.criteria
        table = RouteTable(session.id, match.viewpoint, criteria, "feed")
        for route in shown.get(session.id, ()):
            table.announce(route)
        sources[session.id] = SessionSource("feed", view, Coverage.COMPLETE, table.counts, table)
    return TableIndex(sources)


def column_index(given: Prepared, shown: TableIndex) -> ColumnIndex:
    """Return an index over columns with the routes of tables."""
    sessions = {}
    for session in given.inventory.sessions:
        (indexed,) = shown.sources(session)
        source = indexed.source
        sessions[session.id] = (
            SessionSource(
                "feed", source.view, source.coverage, source.counts, tuple(source.observations)
            ),
        )
    return ColumnIndex(given.inventory.sessions, Observations((), sessions))


def whole(given: Prepared, index: RouteIndex) -> Report:
    """Return the report of a whole check."""
    checker = Checker(given, index)
    return assemble(
        given,
        map(checker.evaluate, checker.subjects()),
        RouteSummary((), checker.counts(), checker.unseen()),
    )


def apply(
    index: TableIndex, session: str, what: Route | Prefix | None, record: int = 0
) -> Change | None:
    """Apply a change, and return it unless there was nothing to remove."""
    if isinstance(what, Route):
        index.announce(session, what, record)
        return RouteChange(session, what.prefix)
    if isinstance(what, Prefix):
        return RouteChange(session, what) if index.withdraw(session, what) else None
    return SessionChange(session) if index.clear(session) else None


@pytest.mark.parametrize("name", SETUPS)
@settings(max_examples=settings().max_examples * 3 // 5)
@given(steps=st.lists(changes(), min_size=1, max_size=12))
def test_dependents_are_enough(name: str, steps: list[tuple[str, Route | Prefix | None]]) -> None:
    """After any changes, evaluating the dependents only gives the report of a whole check."""
    given = prepared(name)
    index = table_index(given, {}, VIEWS.get(name, View.RECEIVED))
    checker = Checker(given, index)
    results = {each: checker.evaluate(each) for each in checker.subjects()}
    for record, (session, what) in enumerate(steps):
        change = apply(index, session, what, record)
        if change is not None:
            results |= {each: checker.evaluate(each) for each in checker.invalidate(change)}

    found = assemble(
        given,
        [results[each] for each in checker.subjects()],
        RouteSummary((), checker.counts(), checker.unseen()),
    )

    assert whole(given, column_index(given, index)) == found


@pytest.mark.parametrize("name", SETUPS)
@settings(max_examples=settings().max_examples * 3 // 5)
@given(steps=st.lists(changes(), min_size=6, max_size=12))
def test_what_is_remembered_may_be_forgotten(
    name: str, steps: list[tuple[str, Route | Prefix | None]]
) -> None:
    """The bounds of what a long run remembers change no result."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(table_index_module, "_FULL", 2)
        patch.setattr(open_sessions, "_MEMO", 1)
        patch.setattr(cell_evaluator, "_MEMO", 1)
        patch.setattr(known_results, "_FULL", 1)
        patch.setattr(dependents, "_MEMO", 1)
        test_dependents_are_enough.hypothesis.inner_test(name, steps)  # type: ignore[attr-defined]


#: Prefixes of one peering, of which some are of one kind, and some have what others have not.
ALIKE = (
    "peering contoso-ams maps 64500 Amsterdam\nsession ams-1 edge1.ams\nsession ams-2 edge2.ams\n"
    "registered 203.0.113.0/26 name a\nregistered 203.0.113.64/26 name b\n"
    "registered 203.0.113.128/26 name c\nregistered 203.0.113.192/26 name c\n"
    "registered 198.51.100.0/26 name d origin 64501\nregistered 198.51.100.64/26 unnamed\n"
    "registered 198.51.100.128/26 name e state Failed\nregistered 192.0.2.0/26 name f\n"
    "registered 192.0.2.0/26 name g\nregistered 192.0.2.64/26 name h error Internal server error\n"
    "registered 10.0.0.0/26 name i\nregistered 198.18.0.0/26 name j\n"
    "registered 198.51.100.192/26 name l\nregistered 192.0.2.128/26 name m\n"
    "registered 192.0.2.192/26 name n\nregistered 198.18.0.64/26 name o\n"
    "peering contoso-fra maps 64500 Frankfurt\nsession fra-1 edge1.fra\n"
    "registered 203.0.113.0/26 name k\n"
)
ALIKE_PREFIXES = tuple(
    f"{net}.{last}/26" for net in ("203.0.113", "198.51.100", "192.0.2", "10.0.0", "198.18.0")
    for last in (0, 64, 128, 192)
)  # fmt: skip


def alike() -> tuple[Prepared, TableIndex, Checker]:
    """Return an inventory with prefixes of one kind, an index without routes, and its checker."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(SETUPS, "alike", ALIKE)
        given = prepared("alike")
    index = table_index(given, {})
    return given, index, Checker(given, index)


@given(data=st.data())
def test_prefixes_of_one_kind_share_results(data: st.DataObject) -> None:
    """A result that another prefix of the kind had is the one that an evaluation gives."""
    given, index, checker = alike()
    results = {each: checker.evaluate(each) for each in checker.subjects()}
    prefixes = st.lists(st.sampled_from(ALIKE_PREFIXES), min_size=3, max_size=8)
    ways = st.tuples(st.sampled_from(PATHS), st.sampled_from(COMMUNITIES))
    for record in range(data.draw(st.integers(1, 5))):
        way = data.draw(st.one_of(ways, st.none()))
        sessions = data.draw(st.sets(st.sampled_from(SESSIONS), min_size=1))
        for prefix, session in product(data.draw(prefixes), sorted(sessions)):
            what = (
                Prefix.parse(prefix)
                if way is None
                else Route.parse(prefix, path=way[0], communities=way[1])
            )
            change = apply(index, session, what, record)
            if change is not None:
                results |= {each: checker.evaluate(each) for each in checker.invalidate(change)}

    found = assemble(
        given,
        [results[each] for each in checker.subjects()],
        RouteSummary((), checker.counts(), checker.unseen()),
    )

    assert whole(given, column_index(given, index)) == found


def results_of_alike(*steps: tuple[str, str | None]) -> tuple[Report, Report]:
    """Announce a route for prefixes on all sessions, or withdraw it (None), one after the other.

    Returns:
        The report of what is evaluated again, and that of a whole check.
    """
    given, index, checker = alike()
    results = {each: checker.evaluate(each) for each in checker.subjects()}
    for prefix, path in steps:
        for session in SESSIONS:
            what = Prefix.parse(prefix) if path is None else route(prefix, path)
            change = apply(index, session, what)
            if change is not None:
                results |= {each: checker.evaluate(each) for each in checker.invalidate(change)}
    shown = [results[each] for each in checker.subjects()]
    summary = RouteSummary((), checker.counts(), checker.unseen())
    return assemble(given, shown, summary), whole(given, column_index(given, index))


def route(prefix: str, path: str) -> Route:
    """Return a route with the community."""
    return Route.parse(prefix, path=path, communities=TAG)


#: Prefixes of one kind, one that shares its name with another, and one of another kind.
ONE, TWO, THREE = "203.0.113.64/26", "198.18.0.0/26", "192.0.2.128/26"
NAMED_TWICE, WITH_ERROR = "203.0.113.128/26", "192.0.2.64/26"


@pytest.mark.parametrize(
    "steps",
    [
        [(each, path) for path in ("64500", "64500 64501") for each in (ONE, TWO, THREE)],
        [(each, path) for path in ("64500", None) for each in (ONE, TWO, THREE)],
        [(each, "64500") for each in (ONE, TWO, NAMED_TWICE, THREE)],
        [(each, "64500") for each in (ONE, TWO, WITH_ERROR, THREE)],
        [(each, "64500 64512") for each in (ONE, TWO, THREE, WITH_ERROR)],
    ],
    ids=["longer path", "withdrawn", "a name twice", "an error of Azure's", "a private AS number"],
)
def test_another_result_is_not_shared(steps: list[tuple[str, str | None]]) -> None:
    """Neither that of other routes, nor of a prefix of which rules say more without its routes."""
    found, expected = results_of_alike(*steps)

    assert expected == found


def test_prefixes_of_one_kind_are_evaluated_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    """What two of them have in common is the result of the third one, without an evaluation."""
    evaluated: list[str] = []
    real = Checker._evaluated_prefix

    def noted(checker: Checker, key: SubjectKey) -> EvaluatedPrefix:
        evaluated.append(key.name)
        return real(checker, key)

    monkeypatch.setattr(Checker, "_evaluated_prefix", noted)
    _, index, checker = alike()
    for each in checker.subjects():
        checker.evaluate(each)
    evaluated.clear()
    for prefix in (ONE, TWO, THREE):
        apply(index, "ams-1", route(prefix, "64500"))
        for each in checker.invalidate(RouteChange("ams-1", Prefix.parse(prefix))):
            checker.evaluate(each)

    assert ONE in evaluated
    assert TWO in evaluated
    assert THREE not in evaluated


def flapping(*routes: Route) -> list[tuple[Route, tuple[SubjectKey, ...]]]:
    """Announce routes for one prefix in turn; return the subjects that each of them affects."""
    given = prepared("partner")
    index = table_index(given, dict.fromkeys(SESSIONS[:2], (routes[0],)))
    checker = Checker(given, index)
    for each in checker.subjects():
        checker.evaluate(each)
    found = []
    for record, route in enumerate(routes, start=1):
        index.announce("ams-1", route, record)
        affected = checker.invalidate(RouteChange("ams-1", route.prefix))
        found.append((route, affected))
    return found


def test_a_route_that_replaces_another_affects_no_rule_about_its_session() -> None:
    """Unless the counts of the session or the routes that its rules list change."""
    tagged = Route.parse("203.0.113.0/24", path="64500", communities=TAG)
    longer = Route.parse("203.0.113.0/24", path="64500 64501", communities=TAG)
    expressroute = Route.parse("203.0.113.0/24", path="64500 12076", communities=TAG)
    untagged = Route.parse("203.0.113.0/24", path="64500")

    scopes = {
        str(route): {each.scope for each in affected}
        for route, affected in flapping(longer, tagged, expressroute, longer, untagged)
    }

    session = {Scope.PREFIX, Scope.SESSION, Scope.PEERING}
    assert scopes[str(tagged)] == {Scope.PREFIX}
    assert scopes[str(expressroute)] == session
    assert scopes[str(longer)] == session  # AS12076 is gone
    assert scopes[str(untagged)] == session


@pytest.mark.parametrize("by_prefix", [False, True])
def test_routes_that_were_asked_for_by_prefix_are_evidence(*, by_prefix: bool) -> None:
    """After `to`, a route that replaces another is another revision; else nothing shows it."""
    given = prepared("maps")
    index, session = table_index(given, {}), given.inventory.sessions[0]
    (indexed,) = index.sources(session)
    table = indexed.source.observations
    table.beside(SOME)
    if by_prefix:
        table.to(SOME)
    index.announce(session.id, Route.parse("203.0.113.0/24", path="64500"))
    before = index.revision(session)

    index.announce(session.id, Route.parse("203.0.113.0/24", path="64500 64501"))

    assert by_prefix == (index.revision(session) != before)


@pytest.mark.parametrize(
    "path", ["64500 64501", "64500 64501 64501"], ids=["passes", "is prepended"]
)
def test_routes_that_come_back_are_not_evaluated_again(
    path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The result is the earlier one, with the routes of now as evidence."""
    given = prepared("partner")
    first = Route.parse("203.0.113.0/24", path="64500", communities=TAG)
    second = Route.parse("203.0.113.0/24", path=path, communities=TAG)
    index = table_index(given, dict.fromkeys(SESSIONS[:2], (first,)))
    checker = Checker(given, index)
    (subject,) = (each for each in checker.subjects() if each.name == "203.0.113.0/24")
    results = []
    for record, route in enumerate((first, second, first, second)):
        index.announce("ams-1", route, record)
        checker.invalidate(RouteChange("ams-1", route.prefix))
        results.append(checker.evaluate(subject))
        if record == 1:
            monkeypatch.delattr(Evaluator, "evaluate")  # none after the second

    expected = Checker(given, column_index(given, index))
    monkeypatch.undo()
    assert results[3] == expected.evaluate(subject)
    assert results[2] == results[0]


#: One object, because a table caches the answer of `beside` for the last object it was given.
SOME = frozenset({Prefix.parse("203.0.113.0/24"), Prefix.parse("2001:db8::/32")})
FACTS = (Fact.TAGGED, Fact.PREPENDED | Fact.LONG_PATH, Fact.IPV6, Fact.SPECIAL_PREFIX)


def answers(one: RouteIndex, sessions: tuple[SessionRef, ...]) -> list[object]:
    """Ask the sources of sessions what rules ask them."""
    seen = [source.source.observations for each in sessions for source in one.sources(each)]
    return [
        [[tuple(each.holding(fact)) for fact in FACTS] for each in seen],
        [(tuple(each), tuple(each.to(SOME)), tuple(each.beside(SOME))) for each in seen],
        [len(each) for each in seen],
    ]


@settings(max_examples=settings().max_examples * 3 // 2)
@given(steps=st.lists(changes(), max_size=25))
def test_a_changed_session_answers_as_new_columns(
    steps: list[tuple[str, Route | Prefix | None]],
) -> None:
    """Also where the question was asked before the change."""
    given = prepared("maps")
    index, sessions = table_index(given, {}), given.inventory.sessions
    answers(index, sessions)
    for session, what in steps:
        apply(index, session, what)
        assert answers(column_index(given, index), sessions) == answers(index, sessions)


@settings(max_examples=settings().max_examples * 3 // 2)
@given(steps=st.lists(changes(), max_size=25), by_prefix=st.booleans())
def test_a_table_with_the_same_revision_has_the_same_answers(
    steps: list[tuple[str, Route | Prefix | None]], *, by_prefix: bool
) -> None:
    """Evidence included, for all queries that were made before the change."""
    given = prepared("maps")
    index = table_index(given, {})
    sessions = given.inventory.sessions

    def known() -> dict[str, tuple[object, ...]]:
        return {
            session.id: (
                source.source.counts,
                # Prefixes for documentation are all special: each change of theirs would count.
                [routes.holding(fact) for fact in FACTS if fact is not Fact.SPECIAL_PREFIX],
                routes.beside(SOME),
                routes.to(SOME) if by_prefix else None,
            )
            for session in sessions
            for source in index.sources(session)
            for routes in [source.source.observations]
        }

    before = {each.id: index.revision(each) for each in sessions}, known()
    for record, (session, what) in enumerate(steps):
        apply(index, session, what, record)
        after = {each.id: index.revision(each) for each in sessions}, known()
        for each in sessions:
            if before[0][each.id] == after[0][each.id]:
                assert before[1][each.id] == after[1][each.id]
        before = after


@settings(max_examples=settings().max_examples * 3 // 2)
@given(steps=st.lists(changes(), max_size=25))
def test_a_changed_table_answers_as_a_new_index(
    steps: list[tuple[str, Route | Prefix | None]],
) -> None:
    """Whatever came and went, every question has the answer of columns built anew."""
    given = prepared("maps")
    index = table_index(given, {})
    for session, what in steps:
        apply(index, session, what)
    columns = column_index(given, index)
    asked = [Prefix.parse(each) for each in (*PREFIXES, "203.0.113.64/26", "203.0.0.0/16")]
    questions: tuple[Callable[[RouteIndex], object], ...] = (
        lambda one: [one.covering(each) for each in asked],
        lambda one: [one.more_specifics(each) for each in asked],
        lambda one: [one.sessions(one.routes(each)) for each in asked],
        lambda one: [
            one.routes(each).routes(source)
            for each in asked
            for session in given.inventory.sessions
            for source in one.sources(session)
        ],
        lambda one: [one.tagged(session) for session in given.inventory.sessions],
        lambda one: [
            source.source.counts
            for session in given.inventory.sessions
            for source in one.sources(session)
        ],
    )

    assert [each(columns) for each in questions] == [each(index) for each in questions]


def test_a_table_that_goes_leaves_the_routes_of_the_others() -> None:
    """Whether somebody asked for the prefix before or not."""
    given, index, _ = alike()
    for session in SESSIONS[:2]:
        index.announce(session, route(ONE, "64500"))
    prefix = Prefix.parse(ONE)
    assert len(index.routes(prefix).shown) == 2

    index.remove(SESSIONS[0])

    found = index.routes(prefix)
    assert index.sessions(found) == {SESSIONS[1]}
    assert index.sources(given.sessions[SESSIONS[0]]) == ()


def test_the_revision_changes_with_what_is_known_of_a_session() -> None:
    """With the order of its tables, and with the routes that the feed holds back."""
    given, index, _ = alike()
    session = given.sessions[SESSIONS[0]]
    source = index.source(session.id)
    criteria = given.evaluators[session.peering.name].context.criteria
    other = RouteTable(
        session.id, session_match(session, View.RECEIVED).viewpoint, criteria, "other"
    )
    index.add("other", attrs.evolve(source, source="other", observations=other))
    before = index.revision(session)

    index.order(session.id, ("other", session.id))
    after = index.revision(session)
    assert before != after

    index.replace(session.id, source, SessionCounts(routes=3))
    assert index.revision(session) != after
    assert index.source(session.id).counts.routes == 3


def test_a_table_counts_its_routes_with_the_community() -> None:
    """Whatever takes the place of a route, and whatever goes."""
    _, index, _ = alike()
    table = index.source(SESSIONS[0]).observations
    tagged = []
    for what in (
        route(ONE, "64500"),
        route(TWO, "64500"),
        Route.parse(ONE, path="64500"),
        Prefix.parse(TWO),
    ):
        apply(index, SESSIONS[0], what)
        tagged.append(table.tagged)
        assert table.tagged == len(table.holding(Fact.TAGGED))

    assert tagged == [1, 2, 1, 0]
