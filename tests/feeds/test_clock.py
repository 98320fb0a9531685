"""The clock of live feeds never goes back, and follows the wall clock."""

from __future__ import annotations

from typing import Final

import attrs
from hypothesis import given
from hypothesis import strategies as st

from peerlint.feeds.clock import SteadyClock

SECOND: Final = 1_000_000_000
START: Final = 1_795_000_000 * SECOND


@attrs.define
class Clocks:
    """A wall clock and a steady one, in nanoseconds."""

    wall: int = START
    steady: int = 0

    def read(self) -> SteadyClock:
        """Return the clock that is made of both."""
        return SteadyClock(lambda: self.wall, lambda: self.steady)

    def pass_by(self, passed: int, jump: int = 0) -> None:
        """Let time pass, and set the wall clock."""
        self.steady += passed
        self.wall += passed + jump


def test_without_a_jump() -> None:
    """While nobody sets the wall clock, the clock shows its time."""
    clocks = Clocks()
    clock = clocks.read()
    clocks.pass_by(5 * SECOND)

    assert (START + 5 * SECOND) // 1000 == clock.microseconds()
    assert (clock.ahead, clock.jumped) == (0, 0)


def test_set_forward() -> None:
    """It follows at once, and says by how much."""
    clocks = Clocks()
    clock = clocks.read()
    clocks.pass_by(SECOND, jump=3600 * SECOND)

    assert clocks.wall // 1000 == clock.microseconds()
    assert clock.jumped == 3600 * SECOND


def test_set_back() -> None:
    """It goes on a tenth slower until the wall clock has caught up."""
    clocks = Clocks()
    clock = clocks.read()
    clocks.pass_by(10 * SECOND, jump=-2 * SECOND)

    assert (START + 9 * SECOND) // 1000 == clock.microseconds()
    assert clock.ahead == SECOND

    clocks.pass_by(20 * SECOND)

    assert clocks.wall // 1000 == clock.microseconds()
    assert clock.ahead == 0


@given(
    steps=st.lists(
        st.tuples(st.integers(0, 100 * SECOND), st.integers(-(10**15), 10**15)), max_size=20
    )
)
def test_any_jumps(steps: list[tuple[int, int]]) -> None:
    """Whatever happens to the wall clock, time never goes back, and is never behind it."""
    clocks = Clocks()
    clock = clocks.read()
    before = clock.microseconds()
    for passed, jump in steps:
        clocks.pass_by(passed, jump)
        now = clock.microseconds()

        assert before + passed * 9 // 10 // 1000 <= now + 1
        assert clocks.wall // 1000 <= now
        before = now
