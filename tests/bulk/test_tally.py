"""Tallies: counts that merge, equal to counting one by one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from copy import deepcopy
from functools import reduce
from ipaddress import IPv4Address, ip_address
from operator import or_
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from peerlint.bulk import DumpPeer, Tally, tally
from peerlint.model import Criteria, Fact, Masks, Route, Viewpoint, facts
from peerlint.testing import strategies
from peerlint.testing.dumps import FeedSession, RibDump, UpdateDump
from peerlint.wire.mrt import Peer

Read = Callable[..., Any]
SESSION = FeedSession("192.0.2.1", 64500, "192.0.2.0", 8075)

masks = st.builds(
    Masks,
    st.lists(st.sampled_from(Fact), max_size=3).map(lambda bits: reduce(or_, bits, Fact(0))),
    st.lists(st.sampled_from(Fact), max_size=2).map(lambda bits: reduce(or_, bits, Fact(0))),
)
rule_sets = st.dictionaries(st.sampled_from(("route.a", "route.b", "route.c")), masks)
#: Of so many origins and prefixes, in the tests of merging.
FEW = 3
PEERS = [
    DumpPeer(Peer(ip_address(f"192.0.2.{index}"), 64500, IPv4Address(0))) for index in (1, 2, 3)
]


@st.composite
def tallies(draw: st.DrawFn) -> Tally:
    """Return any tally of at most `FEW` origins and prefixes."""

    def by(keys: list[Any]) -> Counter[Any]:
        return Counter(
            draw(st.dictionaries(st.sampled_from(keys), st.integers(0, 5), max_size=FEW))
        )

    origins = by([-1, 0, 64500, 64501, 4294967295])
    return Tally(
        draw(st.integers(0, 9)),
        draw(st.integers(0, 9)),
        by(["a", "b", "c"]),
        by(["a", "b", "c"]),
        by(PEERS),
        by(PEERS),
        origins,
        Counter({asn: draw(st.integers(0, 5)) for asn in origins}),
        by([0, 3, 300]),
        np.array(sorted(draw(st.sets(st.integers(1, 9), max_size=FEW))), np.uint64),
        draw(st.booleans()),
        draw(st.integers(0, 2)),
    )


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tell only `FEW` origins and prefixes apart, so that tables are full soon."""
    monkeypatch.setattr(tally, "MAX_ORIGINS", FEW)
    monkeypatch.setattr(tally, "MAX_PREFIXES", FEW)


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


@pytest.mark.usefixtures("few")
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(tallies(), tallies(), tallies())
def test_merging(one: Tally, two: Tally, three: Tally) -> None:
    """Merging is associative and commutative, full or not; an empty tally changes nothing."""
    assert (one + two) + three == one + (two + three)
    assert one + two == two + one
    assert one == one + Tally() == Tally() + one


@given(tallies(), tallies())
def test_merging_changes_neither(one: Tally, two: Tally) -> None:
    """Both tallies stay as they were."""
    before = deepcopy((one, two))
    _ = one + two

    assert before == (one, two)


@given(
    st.lists(strategies.routes(), max_size=6),
    strategies.viewpoints(),
    strategies.criteria(),
    rule_sets,
)
def test_a_tally_is_counting_one_by_one(
    read: Read,
    routes: list[Route],
    viewpoint: Viewpoint,
    criteria: Criteria,
    rules: dict[str, Masks],
) -> None:
    """The tally of a dump is what counting the facts of its routes gives."""
    rib = RibDump()
    octets = rib.routes(rib.peer("192.0.2.1", 64500), *routes).octets()
    found = [facts(route, viewpoint, criteria) for route in routes]

    walked = read(octets, viewpoint, criteria, rules=rules)
    total = walked.tally

    assert (len(routes), 0, 0) == (total.routes, total.withdrawals, total.origins_left_out)
    assert len({route.prefix for route in routes}) == total.distinct_prefixes
    assert Counter(walked.column("origin")) == total.origins
    assert [len(routes)] == list(total.peers.values())
    violating = sum(any(mask.hold(each) for mask in rules.values()) for each in found)
    assert [violating] == list(total.violating_peers.values())
    assert violating == total.violating_origins.total()
    judged = [
        row for row in walked.route_facts if not row[0] & (Fact.MALFORMED | Fact.NO_STATEMENT)
    ]
    assert Counter(length for _, length, _ in judged) == total.path_lengths
    for fact in Fact:
        assert sum(fact in each for each in found) == total.facts[fact.name or ""]
    for rule, mask in rules.items():
        assert sum(mask.hold(each) for each in found) == total.rules[rule]


@given(st.lists(strategies.routes(), max_size=4), st.integers(1, 200), rule_sets)
def test_chunks_merge_to_the_whole(
    read: Read, routes: list[Route], size: int, rules: dict[str, Masks]
) -> None:
    """The tallies of a dump's chunks merge to the tally of the whole."""
    rib = RibDump()
    octets = rib.routes(rib.peer("192.0.2.1", 64500), *routes).octets()
    chunks = [octets[at : at + size] for at in range(0, len(octets), size)]

    whole = read(octets, rules=rules)
    paged = read(chunks, rules=rules)
    merged = sum((Tally.of(batch, rules) for batch in paged.batches), Tally())

    assert whole.tally == paged.tally
    assert not routes or whole.tally == merged
    assert whole.tally == read(chunks, rules=rules, rows=False).tally


def test_without_rows_no_batch_is_made(read: Read) -> None:
    """A walk that only counts writes nothing, and counts the same."""
    dump = UpdateDump().announce(SESSION, "203.0.113.0/24 path 64500").octets()

    assert read(dump, rules={}, rows=False).batches == ()
    assert read(dump, rules={}).tally == read(dump, rules={}, rows=False).tally


def test_blame(read: Read) -> None:
    """Of the rules that are counted, those blamed make a route faulty, and so its origin."""
    rules = {"route.tagged": Masks(Fact.TAGGED), "route.long": Masks(Fact.LONG_PATH)}
    rib = RibDump()
    peer = rib.peer("192.0.2.1", 64500)
    rib.routes(peer, "203.0.113.0/25 path 64500 64501 community 8075:8007")
    rib.routes(peer, "203.0.113.128/25 path 64500 64502 64503 64504")

    every = read(rib.octets(), rules=rules).tally
    some = read(rib.octets(), rules=rules, attribute_to_rule=["route.long"]).tally

    assert {64501: 1, 64504: 1} == every.violating_origins
    assert {64501: 0, 64504: 1} == some.violating_origins
    assert {"route.tagged": 1, "route.long": 1} == some.rules


def test_withdrawals_are_counted_apart(read: Read) -> None:
    """No rule counts a withdrawal, not even one about every route."""
    dump = UpdateDump().announce(SESSION, "203.0.113.0/24 path 64500")
    dump.withdraw(SESSION, "203.0.113.0/24", "198.51.100.0/24")

    total = read(dump.octets(), rules={"route.any": Masks()}).tally

    assert (1, 2, 1) == (total.routes, total.withdrawals, total.rules["route.any"])
