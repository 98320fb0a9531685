"""Reports of very many cells: shared texts are shown once, and lists are bounded."""

from __future__ import annotations

import pytest
from benchmarks.hostile import reports

from peerlint.errors import SHOWN_MISTAKES, InventoryError
from peerlint.inventory.toml import parse_inventory
from peerlint.report.sentence import sentence
from peerlint.report.text import render_text
from peerlint.testing.notation import scenario
from peerlint.wording import NAMED


@pytest.mark.slow
def test_a_thing_costs_as_much_among_twice_as_many() -> None:
    """Octets and calls, not seconds."""
    assert [row for row in reports.rows() if not row.is_within] == []


def test_a_message_names_a_few_sessions() -> None:
    """A wrong next hop on each of many sessions is one group of the text report."""
    lines = ["peering load maps 64500 Amsterdam", *(f"session c{n} r{n}" for n in range(40))]
    lines.append("registered 203.0.113.0/24 name a")
    lines += [f"c{n} 203.0.113.0/24 path 64500 next-hop 198.51.100.77" for n in range(40)]
    report = scenario("\n".join(lines)).evaluate()
    messages = {sentence(each) for each in report.findings if each.rule == "route.next-hop"}
    assert max(message.count(",") for message in messages) <= NAMED
    assert render_text(report).count("198.51.100.77") == 1


def test_of_very_many_mistakes_the_first_are_listed() -> None:
    """The others are counted, and the error has them all."""
    text = "\n".join(f"k{number} = 1" for number in range(1_000))
    with pytest.raises(InventoryError) as caught:
        parse_inventory(text, "k.toml")
    *lines, last = str(caught.value).splitlines()
    assert (len(lines), last) == (SHOWN_MISTAKES, "k.toml: and 950 more mistakes")
    assert len(caught.value.mistakes) == 1_000
