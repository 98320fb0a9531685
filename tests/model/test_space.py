"""The index of prefixes: those that cover another one, and those inside it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from peerlint.model import Prefix, Space
from peerlint.testing import strategies

ALL = (
    "0.0.0.0/0", "198.18.0.0/15", "198.18.0.0/22", "198.18.1.0/24", "198.18.1.0/25",
    "198.18.4.0/24", "2001:db8::/32", "2001:db8:1::/48",
)  # fmt: skip


@pytest.mark.parametrize(
    ("prefix", "covering", "inside", "overlapping"),
    [
        (
            "198.18.1.0/24",
            ["198.18.0.0/15", "198.18.0.0/22"],
            ["198.18.1.0/25"],
            ["0.0.0.0/0", "198.18.0.0/15", "198.18.0.0/22", "198.18.1.0/25"],
        ),
        # the prefix need not be in the set
        (
            "198.18.0.0/16",
            ["198.18.0.0/15"],
            ["198.18.0.0/22", "198.18.1.0/24", "198.18.1.0/25", "198.18.4.0/24"],
            [
                "0.0.0.0/0", "198.18.0.0/15", "198.18.0.0/22", "198.18.1.0/24", "198.18.1.0/25",
                "198.18.4.0/24",
            ],
        ),
        ("203.0.113.0/24", [], [], ["0.0.0.0/0"]),
        ("2001:db8:1::/48", ["2001:db8::/32"], [], ["2001:db8::/32"]),
        (
            "2001:db8::/16", [], ["2001:db8::/32", "2001:db8:1::/48"],
            ["2001:db8::/32", "2001:db8:1::/48"],
        ),
        ("0.0.0.0/0", [], list(ALL[1:6]), list(ALL[1:6])),
    ],
)  # fmt: skip
def test_look_ups(
    prefix: str, covering: list[str], inside: list[str], overlapping: list[str]
) -> None:
    """Less specific, more specific and overlapping prefixes; a default route covers nothing."""
    space = Space(map(Prefix.parse, ALL))
    asked = Prefix.parse_relaxed(prefix)

    assert covering == list(map(str, space.covering(asked)))
    assert inside == list(map(str, space.more_specifics(asked)))
    assert overlapping == list(map(str, space.overlapping(asked)))


@given(known=st.lists(strategies.prefixes(), max_size=30), asked=strategies.prefixes())
def test_a_space_agrees_with_comparing_each_pair(known: list[Prefix], asked: Prefix) -> None:
    """The index finds the same prefixes as a comparison with all of them."""
    space = Space(known)
    others = {each for each in known if each != asked}

    assert {each for each in others if each.overlaps(asked)} == set(space.overlapping(asked))
    assert {each for each in others if asked.covers(each)} == set(space.more_specifics(asked))
    assert {each for each in others if each.covers(asked) and each.length} == set(
        space.covering(asked)
    )
