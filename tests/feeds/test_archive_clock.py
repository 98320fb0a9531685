"""The clock of an archive: whatever times records have, time goes on and nothing is lost."""

from __future__ import annotations

from typing import Final

from hypothesis import given
from hypothesis import strategies as st

from peerlint.feeds.archive.clock import AGREEING, FAR, FAR_AT_END, ArchiveClock, typical
from peerlint.feeds.archive.readings import ArchiveReading
from peerlint.feeds.archive.steps import Step

READING: Final = ArchiveReading("a")
START: Final = 1_795_219_200_000_000
TIMES: Final = st.one_of(
    st.none(),
    st.integers(START - FAR, START + FAR),
    st.sampled_from((0, START, START + 2 * FAR, START + 2 * FAR_AT_END)),
)


def steps(*times: int | None) -> list[Step]:
    """Return a step of a record of its own for each time."""
    return [Step(each, number, READING) for number, each in enumerate(times)]


@given(st.lists(st.tuples(TIMES, st.integers(1, 3)), max_size=30))
def test_every_step_comes_once_in_order_at_a_time_that_does_not_go_back(
    records: list[tuple[int | None, int]],
) -> None:
    """A record may have several steps."""
    given_steps = [
        Step(time, number, READING)
        for number, (time, count) in enumerate(records)
        for _ in range(count)
    ]
    found = [*ArchiveClock(START).in_order(given_steps)]
    times = [each.time or 0 for each in found]

    assert [each.place for each in found] == [each.place for each in given_steps]
    assert times == sorted(times)
    assert all(each >= START for each in times)


@given(
    st.lists(st.integers(0, FAR // 2), min_size=1, max_size=20).map(sorted),
    st.lists(st.integers(0, 20), max_size=3, unique=True),
    st.integers(START + 3 * FAR, START + 20 * FAR_AT_END),
)
def test_few_wrong_clocks_change_no_other_time(
    offsets: list[int], places: list[int], wrong: int
) -> None:
    """As long as fewer of them follow one another than have to agree."""
    times: list[int | None] = [START + each for each in offsets]
    chosen = [each for each in places if each < len(times)]
    chosen = [each for each in chosen if each - 1 not in chosen and each + 1 not in chosen]
    for each in chosen:
        times[each] = wrong
    if times[-1] == wrong:
        times.append(START + FAR // 2)
    clock = ArchiveClock(START)
    found = [*clock.in_order(steps(*times))]

    assert all(got.time == want for got, want in zip(found, times, strict=True) if want != wrong)
    assert clock.doubted == len(chosen)


def test_a_jump_counts_when_others_agree() -> None:
    """All steps that waited for that come at their own times."""
    times = [START, *(START + 5 * FAR + each for each in range(AGREEING + 1))]
    assert [each.time for each in ArchiveClock(START).in_order(steps(*times))] == times


def test_a_file_that_begins_later_is_no_jump() -> None:
    """Its start is known from its first records."""
    clock = ArchiveClock(START)
    clock.expect(START + 5 * FAR)
    found = [each.time for each in clock.in_order(steps(START, START + 5 * FAR, START + 5 * FAR))]

    assert found == [START, START + 5 * FAR, START + 5 * FAR]


def test_what_is_typical_leaves_out_what_is_far() -> None:
    """The earliest and the latest of those that are near most others."""
    assert typical([]) is None
    assert typical([START, 0, START + 5, START - 5, START + 9 * FAR]) == (START - 5, START + 5)
