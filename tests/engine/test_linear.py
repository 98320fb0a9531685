"""What a check costs grows with the inventory, and no faster."""

from __future__ import annotations

import pytest
from benchmarks.hostile.peerings import SHAPES, growing


@pytest.mark.parametrize("name", SHAPES)
def test_a_check_is_linear_in_the_peerings(name: str) -> None:
    """No function is called more often for a peering among twice as many peerings."""
    assert {} == growing(SHAPES[name], 40)
