"""The public names of packages: what `__all__` re-exports."""

from __future__ import annotations

import pkgutil
from importlib import import_module

import pytest

import peerlint

PACKAGES = [
    "peerlint",
    *(
        found.name
        for found in pkgutil.walk_packages(peerlint.__path__, "peerlint.")
        if found.ispkg and hasattr(import_module(found.name), "__all__")
    ),
]


def rank(name: str) -> tuple[int, str]:
    """Return the sort key of isort: constants, then classes, then functions."""
    return (0 if name.isupper() else 1 if name[0].isupper() else 2, name)


def test_there_are_packages() -> None:
    """There are packages with `__all__` (otherwise nothing is tested below)."""
    assert {"peerlint.iana", "peerlint.model", "peerlint.bulk"} <= set(PACKAGES)


@pytest.mark.parametrize("package", PACKAGES)
def test_all_is_sorted_and_true(package: str) -> None:
    """`__all__` is sorted and without duplicates, and every name in it exists."""
    module = import_module(package)
    names = list(module.__all__)

    assert sorted(set(names), key=rank) == names
    assert [] == [name for name in names if not hasattr(module, name)]
