"""Every room's door: what it re-exports."""

from __future__ import annotations

import pkgutil
from importlib import import_module

import pytest

import peerlint

ROOMS = [
    "peerlint",
    *(
        found.name
        for found in pkgutil.walk_packages(peerlint.__path__, "peerlint.")
        if found.ispkg and hasattr(import_module(found.name), "__all__")
    ),
]


def rank(name: str) -> tuple[int, str]:
    """Sort as isort does: constants, then classes, then functions."""
    return (0 if name.isupper() else 1 if name[0].isupper() else 2, name)


def test_there_are_rooms() -> None:
    """The lower rooms have doors (otherwise nothing is tested below)."""
    assert {"peerlint.iana", "peerlint.model", "peerlint.bulk"} <= set(ROOMS)


@pytest.mark.parametrize("room", ROOMS)
def test_all_is_sorted_and_true(room: str) -> None:
    """`__all__` is sorted, without repeats, and every name in it exists."""
    module = import_module(room)
    names = list(module.__all__)

    assert sorted(set(names), key=rank) == names
    assert [] == [name for name in names if not hasattr(module, name)]
