"""AS numbers in as-sets, also in sets that contain each other, are bounded and complete."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from peerlint.registry.irr import AsSet, Expansion, expand

_SETS = {
    "AS-FLAT": "AS64500 AS64501 AS64500",
    "AS-ASDOT": "AS1.10",
    "AS-NESTED": "AS64500 AS-FLAT AS64502:AS-INNER",
    "AS64502:AS-INNER": "AS64503",
    "AS-SELF": "AS64500 AS-SELF",
    "AS-LOOP-A": "AS64500 AS-LOOP-B",
    "AS-LOOP-B": "AS64501 AS-LOOP-A",
    "AS-GONE": "AS64500 AS-NOWHERE",
    "AS-ODD": "AS64500 192.0.2.0/24 RADB::AS-OTHER AS4294967296",
    "AS-EMPTY": "",
}


def _set(name: str) -> AsSet | None:
    members = _SETS.get(name)
    return None if members is None else AsSet(name, "RADB", tuple(members.split()))


def _expand(name: str, max_depth: int = 9, max_members: int = 99) -> Expansion:
    as_set = _set(name)
    assert as_set is not None
    return expand(as_set, _set, max_depth, max_members)


@pytest.mark.parametrize(
    ("name", "asns", "sets"),
    [
        ("AS-FLAT", {64500, 64501}, "AS-FLAT"),
        ("AS-ASDOT", {65546}, "AS-ASDOT"),
        ("AS-NESTED", {64500, 64501, 64503}, "AS-NESTED AS-FLAT AS64502:AS-INNER"),
        ("AS-SELF", {64500}, "AS-SELF"),
        ("AS-LOOP-A", {64500, 64501}, "AS-LOOP-A AS-LOOP-B"),
        ("AS-EMPTY", set(), "AS-EMPTY"),
    ],
)
def test_all_members_are_known(name: str, asns: set[int], sets: str) -> None:
    """Numbers of sets inside sets count once, and loops have an end."""
    found = _expand(name)
    assert Expansion(frozenset(asns), tuple(sets.split()), (), (), ()) == found
    assert found.is_complete


def test_a_set_that_no_registry_has_is_named() -> None:
    """A set that is missing makes the result incomplete."""
    found = _expand("AS-GONE")
    assert (frozenset({64500}), ("AS-NOWHERE",)) == (found.asns, found.missing)
    assert not found.is_complete


def test_a_member_of_another_kind_is_named() -> None:
    """What is neither a number nor a name of a set makes the result incomplete."""
    found = _expand("AS-ODD")
    assert frozenset({64500}) == found.asns
    assert found.unread == ("192.0.2.0/24", "RADB::AS-OTHER", "AS4294967296")
    assert not found.is_complete


def test_members_by_reference_are_not_read() -> None:
    """A set whose members may name themselves is incomplete."""
    found = expand(AsSet("AS-OPEN", "RADB", ("AS64500",), by_reference=("ANY",)), _set)
    assert ("AS-OPEN",) == found.by_reference
    assert not found.is_complete


def test_the_depth_is_bounded() -> None:
    """Sets below the lowest level are left out, with the reason."""

    def chain(name: str) -> AsSet:
        number = int(name.removeprefix("AS-"))
        return AsSet(name, "RADB", (f"AS{number}", f"AS-{number + 1}"))

    found = expand(chain("AS-0"), chain, max_depth=3)
    assert (frozenset(range(4)), "sets are nested deeper than 3 levels") == (found.asns, found.cut)
    assert not found.is_complete


def test_the_number_of_members_is_bounded() -> None:
    """Members behind the last one that is allowed are left out, with the reason."""
    many = AsSet("AS-MANY", "RADB", tuple(f"AS{number}" for number in range(100)))
    found = expand(many, _set, max_members=10)
    assert len(found.asns) == 10
    assert found.cut == "there are more than 10 members"
    sets = AsSet("AS-MANY", "RADB", tuple(f"AS-{number}" for number in range(100)))
    found = expand(sets, _set, max_members=10)
    assert len(found.sets) + len(found.missing) == 11  # and the set itself
    assert found.cut == "there are more than 10 members"


_NAMES = [f"AS-{each}" for each in "ABCDEF"]


@given(
    st.dictionaries(
        st.sampled_from(_NAMES),
        st.lists(st.one_of(st.sampled_from(_NAMES), st.sampled_from(["AS1", "AS2", "AS3"]))),
        min_size=1,
    )
)
def test_members_equal_those_of_the_definition(graph: dict[str, list[str]]) -> None:
    """The numbers are those of all sets that can be reached."""
    start = min(graph)
    reached, before = {start}, set[str]()
    while reached != before:
        before = set(reached)
        reached |= {name for each in before for name in graph.get(each, ()) if name in _NAMES}
    numbers = {
        int(member[2:])
        for each in reached
        for member in graph.get(each, ())
        if member[2:].isdigit()
    }

    def lookup(name: str) -> AsSet | None:
        return AsSet(name, "RADB", tuple(graph[name])) if name in graph else None

    as_set = lookup(start)
    assert as_set is not None
    found = expand(as_set, lookup)
    assert numbers == found.asns
    assert reached == {*found.sets, *found.missing}
    assert found.cut is None
