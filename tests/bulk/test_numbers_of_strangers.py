"""AS numbers that a stranger chose are no keys of dictionaries, and are counted and compared alike.

Python hashes numbers without a key (`peerlint.bulk.kernel.siphash`): what is looked up among
thousands of them is looked up in sorted columns, or under other numbers.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from peerlint.bulk import Tally, tally
from peerlint.bulk.asn_counts import AsnCounts, as_asn_counts
from peerlint.bulk.kernel.python import attributes, route_kernel
from peerlint.bulk.kernel.python.attributes import _mixed
from peerlint.model import AsPath, Criteria, Fact, Route, Viewpoint, facts
from peerlint.testing.dumps import RibDump

Read = Callable[..., Any]
RECEIVED, LAB = Viewpoint("received", 64500), Criteria(allow={"documentation"})
#: Documentation AS numbers (RFC 5398), of which a path of any length can be made.
TWENTY = [str(64496 + number % 16) for number in range(16)]

counts = st.dictionaries(st.integers(-1, 2**32 - 1), st.integers(0, 2**40), max_size=20)


@given(counts, counts)
def test_counts_are_those_of_a_counter(one: dict[int, int], other: dict[int, int]) -> None:
    """Sums, look-ups, membership, order and total are those of a `Counter` of the same numbers."""
    first = AsnCounts.of([*one], [*one.values()])
    second = AsnCounts.of([*other], [*other.values()])
    both = Counter(one)
    both.update(other)

    assert both == first + second == second + first
    assert sorted(both.items()) == [*(first + second).items()]
    assert both.total() == (first + second).total()
    assert [one.get(asn, 0) for asn in both] == [first[asn] for asn in both]
    assert [asn in one for asn in both] == [asn in first for asn in both]
    assert first == AsnCounts.of([*one], [*one.values()]) != 5


def test_a_tally_takes_any_mapping() -> None:
    """A dictionary is sorted into columns; a number that is not there counts 0."""
    found = Tally(routes=3, origins={64501: 2, 64500: 1})  # type: ignore[arg-type]  # as a caller may

    assert isinstance(found.origins, AsnCounts)
    assert [(64500, 1), (64501, 2)] == [*found.origins.items()]
    assert 0 == found.origins[64502]


def test_of_too_many_origins_the_lowest_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """The faulty routes of an origin that is left out are left out too."""
    monkeypatch.setattr(tally, "MAX_ORIGINS", 2)
    one = Tally(
        2, origins=as_asn_counts({64500: 1, 64502: 1}), violating_origins=as_asn_counts({64502: 1})
    )
    two = Tally(2, origins=as_asn_counts({64501: 2}), violating_origins=as_asn_counts({64501: 1}))

    for both in (one + two, two + one):
        assert {64500: 1, 64501: 2} == both.origins
        assert {64501: 1} == both.violating_origins
        assert 1 == both.origins_left_out


@given(st.sets(st.integers(0, 2**32 - 1), max_size=50))
def test_other_numbers_are_as_many(asns: set[int]) -> None:
    """No two AS numbers are looked up under the same number."""
    assert len(asns) == len(_mixed(asns))


def alternating(members: int) -> list[str]:
    """Return a path in which no number stands twice in a row, and many stand again."""
    return [TWENTY[place % 16] for place in range(members)]


def distinct(members: int) -> list[str]:
    """Return a path of numbers that stand once each, all from 65536 on."""
    return [str(65536 + place) for place in range(members)]


@pytest.mark.parametrize(
    ("path", "fires", "silent"),
    [
        (distinct(2000), Fact.LONG_PATH, Fact.LOOP | Fact.PREPENDED),
        ([*distinct(2000), "65536"], Fact.LOOP, Fact.PREPENDED),
        ([*distinct(2000), "67535"], Fact.PREPENDED, Fact.LOOP),
        ([*distinct(254), "65789", *distinct(2000)[254:]], Fact.PREPENDED, Fact.LOOP),
        ([*distinct(255), "65790", *distinct(2000)[255:]], Fact.PREPENDED, Fact.LOOP),
        ([*distinct(1999), "65900", "67534"], Fact.LOOP, Fact.PREPENDED),
        (["8075", *distinct(2000), "8075"], Fact.HAS_8075, Fact.LOOP | Fact.PREPENDED),
        (alternating(2000), Fact.LOOP, Fact.PREPENDED),
    ],
)
def test_paths_of_thousands(read: Read, path: list[str], fires: Fact, silent: Fact) -> None:
    """Repeats in paths of many segments (of 255 at most, RFC 4271) are seen across all of them."""
    text = f"203.0.113.0/24 path {' '.join(path)}"
    dump = RibDump()
    dump.routes(dump.peer("192.0.2.1", 64500), text)

    (found,) = read(dump.octets(), RECEIVED, LAB).route_facts

    route = Route.parse("203.0.113.0/24", path=" ".join(path))
    assert facts(route, RECEIVED, LAB) == found[0]
    assert (fires, Fact(0)) == (found[0] & fires, found[0] & silent)


@pytest.mark.parametrize(("members", "is_mixed"), [(2, False), (1000, False), (2000, True)])
def test_numbers_of_long_paths_are_mixed(
    members: int, is_mixed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Paths of more than four segments are compared under numbers that nobody can choose."""
    asked = []
    monkeypatch.setattr(attributes, "_mixed", lambda asns: asked.append(1) or _mixed(asns))
    dump = RibDump()
    dump.routes(dump.peer("192.0.2.1", 64500), f"203.0.113.0/24 path {' '.join(distinct(members))}")
    kernel = route_kernel.Kernel(LAB, None, tagged_too=False)

    at, _ = kernel.read(dump.octets(), 0, 0)
    kernel.set_viewpoint(0, RECEIVED.reading, 64500)
    kernel.read(dump.octets(), at, 0)

    assert is_mixed == bool(asked)


def test_repeats_are_ascending() -> None:
    """A number that stands again, however often, is given once."""
    assert (64496, 64500) == AsPath.parse("64500 64496 64500 64497 64496 64500").repeats()
