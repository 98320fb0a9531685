"""The seeds of the fuzzer, and changes of them, without a fuzzer."""

from __future__ import annotations

import pytest
from fuzz.harnesses.rtr import check_rtr
from fuzz.rtr_corpus import rtr_seeds
from hypothesis import given
from hypothesis import strategies as st

SEEDS = rtr_seeds()


@pytest.mark.parametrize("name", SEEDS)
def test_seeds(name: str) -> None:
    """Each seed, and each beginning of it, gives what the harness demands."""
    octets = SEEDS[name]
    for end in range(0, len(octets) + 1, 1 if len(octets) < 200 else 97):
        check_rtr(octets[:end])


@given(
    st.sampled_from(sorted(SEEDS)),
    st.integers(0, 255),
    st.lists(st.tuples(st.integers(0, 400), st.integers(0, 255)), max_size=4),
    st.binary(max_size=12),
)
def test_changed_seeds(name: str, size: int, changes: list[tuple[int, int]], behind: bytes) -> None:
    """Octets that are changed, in pieces of any size, give what the harness demands."""
    octets = bytearray(SEEDS[name] + behind)
    for at, value in changes:
        octets[at % len(octets)] = value
    octets[0] = size
    check_rtr(bytes(octets))
