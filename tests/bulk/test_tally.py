"""Tallies: counts that merge, equal to counting one by one."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from operator import or_
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from peerlint.bulk import Masks, Tally
from peerlint.model import Criteria, Fact, Route, Viewpoint, facts
from peerlint.testing import strategies
from peerlint.testing.dumps import FeedSession, RibDump, UpdateDump

Walk = Callable[..., Any]

masks = st.builds(
    Masks,
    st.lists(st.sampled_from(Fact), max_size=3).map(lambda bits: reduce(or_, bits, Fact(0))),
    st.lists(st.sampled_from(Fact), max_size=2).map(lambda bits: reduce(or_, bits, Fact(0))),
)
rule_sets = st.dictionaries(st.sampled_from(("route.a", "route.b", "route.c")), masks)
counters = st.dictionaries(st.sampled_from(("a", "b", "c")), st.integers(0, 5))


@st.composite
def tallies(draw: st.DrawFn) -> Tally:
    """Return any tally."""
    tally = Tally(draw(st.integers(0, 9)), draw(st.integers(0, 9)))
    tally.facts.update(draw(counters))
    tally.rules.update(draw(counters))
    return tally


@pytest.mark.parametrize(
    ("any_of", "none_of", "facts_", "expected"),
    [
        (Fact(0), Fact(0), Fact(0), True),
        (Fact.TAGGED, Fact(0), Fact(0), False),
        (Fact.TAGGED | Fact.LOOP, Fact(0), Fact.LOOP, True),
        (Fact(0), Fact.TAGGED, Fact(0), True),
        (Fact(0), Fact.TAGGED, Fact.TAGGED, False),
        (Fact.LOOP, Fact.TAGGED, Fact.TAGGED | Fact.LOOP, False),
    ],
)
def test_masks(any_of: Fact, none_of: Fact, facts_: Fact, *, expected: bool) -> None:
    """A rule is about a route with one of its facts, if it names any, and none of the others."""
    assert expected == Masks(any_of, none_of).hold(facts_)


@given(tallies(), tallies(), tallies())
def test_merging(one: Tally, two: Tally, three: Tally) -> None:
    """Merging is associative and commutative, and an empty tally changes nothing."""
    assert (one + two) + three == one + (two + three)
    assert one + two == two + one
    assert one == one + Tally() == Tally() + one


@given(tallies(), tallies())
def test_merging_changes_neither(one: Tally, two: Tally) -> None:
    """Both tallies stay as they were."""
    before = (dict(one.facts), dict(two.facts), dict(one.rules), dict(two.rules))
    _ = one + two

    assert before == (dict(one.facts), dict(two.facts), dict(one.rules), dict(two.rules))


@given(
    st.lists(strategies.routes(), max_size=6),
    strategies.viewpoints(),
    strategies.criteria(),
    rule_sets,
)
def test_a_tally_is_counting_one_by_one(
    walk: Walk,
    routes: list[Route],
    viewpoint: Viewpoint,
    criteria: Criteria,
    rules: dict[str, Masks],
) -> None:
    """The tally of a dump is what counting the facts of its routes gives."""
    rib = RibDump()
    octets = rib.routes(rib.peer("192.0.2.1", 64500), *routes).octets()
    found = [facts(route, viewpoint, criteria) for route in routes]

    total = Tally()
    for batch in walk(octets, viewpoint, criteria).batches:
        total += Tally.of(batch, rules)

    assert (len(routes), 0) == (total.routes, total.withdrawals)
    for fact in Fact:
        assert sum(fact in each for each in found) == total.facts[fact.name or ""]
    for rule, mask in rules.items():
        assert sum(mask.hold(each) for each in found) == total.rules[rule]


@given(st.lists(strategies.routes(), max_size=4), st.integers(1, 200), rule_sets)
def test_pages_merge_to_the_whole(
    walk: Walk, routes: list[Route], size: int, rules: dict[str, Masks]
) -> None:
    """The tallies of a dump's pages merge to the tally of the whole."""
    rib = RibDump()
    octets = rib.routes(rib.peer("192.0.2.1", 64500), *routes).octets()
    pages = [octets[at : at + size] for at in range(0, len(octets), size)]

    whole = sum((Tally.of(batch, rules) for batch in walk(octets).batches), Tally())
    merged = sum((Tally.of(batch, rules) for batch in walk(pages).batches), Tally())

    assert whole == merged


def test_withdrawals_are_counted_apart(walk: Walk) -> None:
    """A withdrawal is judged by no rule, not even by one about every route."""
    session = FeedSession("192.0.2.1", 64500, "192.0.2.0", 8075)
    dump = UpdateDump().announce(session, "203.0.113.0/24 path 64500")
    dump.withdraw(session, "203.0.113.0/24", "198.51.100.0/24")

    (batch,) = walk(dump.octets()).batches
    tally = Tally.of(batch, {"route.any": Masks()})

    assert (1, 2, 1) == (tally.routes, tally.withdrawals, tally.rules["route.any"])
