"""The page of facts: every bit has a sentence and a row, and nothing else has one."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from peerlint.model import Fact
from peerlint.model.facts import MEANINGS

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "facts.md"


def test_every_fact_has_a_meaning() -> None:
    """The mapping names each bit once, in their order."""
    assert list(Fact) == list(MEANINGS)


@pytest.mark.parametrize("fact", Fact, ids=lambda fact: str(fact.name))
def test_a_meaning_is_one_sentence(fact: Fact) -> None:
    """It starts with a capital, ends with its only full stop, breaks no table, has a source."""
    says, source = MEANINGS[fact]

    assert re.fullmatch(r"[A-Z][^.|\n]*\.", says)
    assert re.fullmatch(r"[^|\n]+", source)


def test_the_page_numbers_the_bits() -> None:
    """The number in each row is the one that a bit has in a Parquet file."""
    rows = re.findall(r"^\| (\d+) \| `(\w+)` \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE)

    assert [(str(fact.bit_length() - 1), fact.name) for fact in Fact] == rows


def test_the_example_is_right() -> None:
    """What the page says of a number is so."""
    assert Fact(131073) == Fact.TAGGED | Fact.PREPENDED
