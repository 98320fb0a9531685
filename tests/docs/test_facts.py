"""The page of facts has a row with a sentence for every bit, and no other row."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from peerlint.model import Fact
from peerlint.model.facts import MEANINGS

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "facts.md"


def test_every_fact_has_a_meaning() -> None:
    """The mapping has each bit once, in order."""
    assert list(Fact) == list(MEANINGS)


@pytest.mark.parametrize("fact", Fact, ids=lambda fact: str(fact.name))
def test_a_meaning_is_one_sentence(fact: Fact) -> None:
    """A meaning begins with a capital, ends with its only full stop, and has a source."""
    meaning, source = MEANINGS[fact]

    assert re.fullmatch(r"[A-Z][^.|\n]*\.", meaning)
    assert re.fullmatch(r"[^|\n]+", source)


def test_the_page_numbers_the_bits() -> None:
    """The number in each row is that of the bit in a Parquet file."""
    rows = re.findall(r"^\| (\d+) \| `(\w+)` \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE)

    assert [(str(fact.bit_length() - 1), fact.name) for fact in Fact] == rows


def test_the_example_is_right() -> None:
    """The number in the page's example has the facts that the page names."""
    assert Fact(131073) == Fact.TAGGED | Fact.PREPENDED
