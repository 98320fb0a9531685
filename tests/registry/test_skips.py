"""What is left out of registry data is counted by reason, with its first places."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from peerlint.registry.skips import KEPT, Place, Skip, Skips, Unit


def _skips(*numbers: int, reason: str = "no origin", name: str = "a.db") -> Skips:
    skips = Skips()
    for number in numbers:
        skips.add(reason, Place(name, number))
    return skips


def test_every_one_is_counted_and_the_first_are_named() -> None:
    """A reason has a count, and the places of the first few."""
    skips = _skips(*range(1, 101))
    assert skips.count == 100
    (found,) = skips.by_reason
    first = tuple(Place("a.db", number) for number in range(1, KEPT + 1))
    assert Skip("no origin", 100, first) == found


def test_the_most_frequent_reason_is_first() -> None:
    """Reasons are ordered by their count, then by the alphabet."""
    skips = _skips(1)
    skips.merge(_skips(2, 3, reason="no source"))
    skips.merge(_skips(4, reason="an origin"))
    assert [each.reason for each in skips.by_reason] == ["no source", "an origin", "no origin"]


def test_a_count_of_none_is_no_reason() -> None:
    """What is counted 0 times does not appear."""
    skips = Skips()
    skips.add("no origin", Place("a.db", 1), count=0)
    assert (skips.count, skips.by_reason) == (0, ())


def test_places_are_written_as_in_messages() -> None:
    """A line is written as compilers do, an octet in words."""
    assert str(Place("a.db", 12)) == "a.db:12"
    assert str(Place("a.db", 12, Unit.OCTET)) == "a.db: octet 12"


@given(
    st.lists(
        st.lists(st.tuples(st.sampled_from("abc"), st.integers(1, 99)), max_size=9), max_size=4
    )
)
def test_merged_skips_equal_those_of_one_reader(parts: list[list[tuple[str, int]]]) -> None:
    """Readers of several files together report what one reader of all of them would."""
    whole, merged = Skips(), Skips()
    for part in parts:
        skips = Skips()
        for reason, number in part:
            whole.add(reason, Place("a.db", number))
            skips.add(reason, Place("a.db", number))
        merged.merge(skips)
    assert whole.by_reason == merged.by_reason
