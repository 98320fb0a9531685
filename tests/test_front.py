"""The library's front: what a caller may give, and when a report is no success."""

from __future__ import annotations

from pathlib import Path

import pytest

import peerlint
from peerlint.errors import InputError

EXAMPLE = Path(__file__).parents[1] / "examples/maps/peering.toml"


@pytest.mark.parametrize("ribs", ["edge1.mrt.gz", b"edge1.mrt.gz"])
def test_a_text_is_no_list_of_dumps(ribs: str) -> None:
    """A text is refused: its letters would be read as the names of dumps."""
    with pytest.raises(InputError, match="a list"):
        peerlint.check(peerlint.load_inventory(EXAMPLE), ribs)


def test_a_dump_that_cannot_be_read_is_no_success() -> None:
    """`ok` is false where a dump is missing, whatever the rules say."""
    inventory = peerlint.load_inventory(EXAMPLE)

    assert peerlint.check(inventory).ok
    assert not peerlint.check(inventory, [*inventory.ribs, "missing.mrt"]).ok
