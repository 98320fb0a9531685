"""The cost of a check is linear in the size of the inventory."""

from __future__ import annotations

import pytest
from benchmarks.hostile.peerings import SHAPES, growing


@pytest.mark.slow
@pytest.mark.parametrize("name", SHAPES)
def test_a_check_is_linear_in_the_peerings(name: str) -> None:
    """With twice as many peerings, no function is called more often for each of them."""
    assert {} == growing(SHAPES[name], 40)
