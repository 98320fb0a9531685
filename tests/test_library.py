"""The library: arguments of `check`, and reports that are no success."""

from __future__ import annotations

from pathlib import Path

import pytest

import peerlint
from peerlint.errors import InputError

EXAMPLE = Path(__file__).parents[1] / "examples/maps/peering.toml"


@pytest.mark.parametrize("ribs", ["edge1.mrt.gz", b"edge1.mrt.gz"])
def test_a_string_is_no_list_of_dumps(ribs: str) -> None:
    """A string is an error: its letters would be read as the names of dumps."""
    with pytest.raises(InputError, match="a list"):
        peerlint.check(peerlint.load_inventory(EXAMPLE), ribs)


def test_a_dump_that_cannot_be_read_is_no_success() -> None:
    """`ok` is false if a dump is missing, whatever the findings are."""
    inventory = peerlint.load_inventory(EXAMPLE)

    assert peerlint.check(inventory).ok
    assert not peerlint.check(inventory, [*inventory.ribs, "missing.mrt"]).ok
