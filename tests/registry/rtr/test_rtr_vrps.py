"""Sets of VRPs and their changes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.registry.rtr.rtr_cache import vrp

from peerlint.registry.rtr import DeltaError, VrpSet
from peerlint.wire.rtr import KEY, PrefixPdu, key_of

POOL = [
    vrp(text)
    for text in (
        "203.0.113.0/24 64500",
        "203.0.113.0/24 64511",
        "203.0.113.0/24-25 64500",
        "203.0.113.0/25 64500",
        "192.0.2.0/24 0",
        "2001:db8::/32-48 64500",
        "2001:db8::/48 65536",
    )
]


def _keys(vrps: list[PrefixPdu]) -> np.ndarray:
    return np.array([key_of(each.prefix, each.max_length, each.asn) for each in vrps], KEY)


def _set(vrps: list[PrefixPdu]) -> VrpSet:
    return VrpSet.of(_keys(vrps))


def test_columns() -> None:
    """A set's columns have one element a VRP, IPv4 in the top 32 bits of the upper half."""
    found = _set([vrp("2001:db8::1:0/112-128 65551"), vrp("203.0.113.0/24-25 64500")])
    assert [4, 6] == found.family.tolist()
    assert [0xCB007100_00000000, 0x20010DB8_00000000] == found.prefix_hi.tolist()
    assert [0, 0x10000] == found.prefix_lo.tolist()
    assert [24, 112] == found.length.tolist()
    assert [25, 128] == found.max_length.tolist()
    assert [64500, 65551] == found.asn.tolist()
    types = [each.dtype for each in (found.family, found.prefix_hi, found.length, found.asn)]
    assert [np.uint8, np.uint64, np.uint8, np.uint32] == types


def test_empty() -> None:
    """A set may have nothing, and then all columns are empty."""
    found = VrpSet()
    assert (0, [], []) == (len(found), list(found), found.asn.tolist())
    assert VrpSet.of(np.zeros(0, KEY)) == found


def test_other_values_are_no_sets() -> None:
    """A set equals sets only, and cannot be hashed."""
    assert _set(POOL) != POOL
    with pytest.raises(TypeError):
        hash(VrpSet())


@given(st.lists(st.sampled_from(POOL)))
def test_duplicates_and_order(vrps: list[PrefixPdu]) -> None:
    """Order and repetition do not matter."""
    found = _set(vrps)
    assert set(vrps) == set(found)
    assert len(set(vrps)) == len(found)
    assert _set(vrps[::-1]) == found


def test_many() -> None:
    """Sets that are large enough for all ways of sorting are sorted."""
    rng = np.random.default_rng(15)
    rows = rng.integers(0, 3, (5_000, 24), np.uint8)
    keys = rows.view(KEY).ravel()
    assert sorted({bytes(each) for each in keys}) == [bytes(each) for each in VrpSet.of(keys).keys]


@pytest.mark.parametrize(
    ("changes", "row", "is_announcement"),
    [
        ([(0, True)], 0, True),
        ([(1, False)], 0, False),
        ([(1, True), (1, True)], 1, True),
        ([(0, False), (0, False)], 1, False),
        ([(1, True), (2, False), (0, True)], 1, False),  # the first of two in order of PDUs
        ([(0, False), (0, True), (0, True)], 2, True),
    ],
)
def test_changes_that_do_not_fit(
    changes: list[tuple[int, bool]], row: int, is_announcement: bool
) -> None:
    """Announcing what is there, or withdrawing what is not, is an error; the set stays."""
    before = _set([POOL[0]])
    keys = _keys([POOL[number] for number, _ in changes])
    with pytest.raises(DeltaError) as raised:
        before.changed(keys, np.array([flag for _, flag in changes]))
    assert (row, is_announcement) == (raised.value.row, raised.value.is_announcement)
    assert [POOL[0]] == list(before)


@given(
    st.sets(st.sampled_from(POOL)),
    st.lists(st.tuples(st.sampled_from(POOL), st.booleans()), max_size=12),
)
def test_changes_one_by_one(start: set[PrefixPdu], changes: list[tuple[PrefixPdu, bool]]) -> None:
    """Changes give what a Python set gives, if they are made one after the other."""
    expected, wrong = set(start), None
    for row, (each, is_announcement) in enumerate(changes):
        if (each in expected) is is_announcement:
            wrong = row
            break
        expected ^= {each}
    keys = _keys([each for each, _ in changes])
    flags = np.array([flag for _, flag in changes], np.bool_)
    before = _set(list(start))
    if wrong is None:
        assert expected == set(before.changed(keys, flags))
        assert _set(list(expected)) == before.changed(keys, flags)
    else:
        with pytest.raises(DeltaError) as raised:
            before.changed(keys, flags)
        assert wrong == raised.value.row
    assert start == set(before)
