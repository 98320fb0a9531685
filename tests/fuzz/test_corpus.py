"""The stored corpus in each harness, without a fuzzer."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))  # fuzz/ is run from the tree; it is not installed

from fuzz.harnesses import HARNESSES  # noqa: E402
from fuzz.make_corpus import CORPUS, seeds  # noqa: E402

KEPT = [
    pytest.param(harness, path, id=f"{harness}/{path.name}")
    for harness in HARNESSES
    for path in sorted((CORPUS / harness).iterdir())
]
#: The maximum size of all files together, in octets.
SMALL = 400_000


@pytest.mark.parametrize(("harness", "path"), KEPT)
def test_kept_input(harness: str, path: Path) -> None:
    """Inputs that found a bug, or reach a branch, give a value or a documented error."""
    HARNESSES[harness](path.read_bytes())


@pytest.mark.slow
@pytest.mark.parametrize(("harness", "path"), KEPT)
def test_kept_input_cut(harness: str, path: Path) -> None:
    """Each input gives a value or a documented error after any cut."""
    octets = path.read_bytes()
    for end in range(0, len(octets), 1 if len(octets) < 300 else 23):
        HARNESSES[harness](octets[:end])


@pytest.mark.parametrize("harness", HARNESSES)
def test_seeds_are_current(harness: str) -> None:
    """The seeds in the repository are those that `python -m fuzz.make_corpus` writes."""
    expected = seeds()[harness]
    actual = {name: (CORPUS / harness / name).read_bytes() for name in expected}
    assert expected == actual


def test_corpus_is_small() -> None:
    """The corpus, which is part of every clone, has a maximum size."""
    assert sum(path.stat().st_size for path in CORPUS.rglob("*")) < SMALL
