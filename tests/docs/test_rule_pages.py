"""Pages of rules and profiles exist and are up to date, and their examples are right."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from peerlint.inventory.peering import PROFILES
from peerlint.profiles import Requirement, shipped_profile
from peerlint.results import Outcome
from peerlint.rules import CATALOGUE, CHECKS
from peerlint.rules.documented_facts import FACTS
from peerlint.testing.notation import evaluate

ROOT = Path(__file__).resolve().parents[2]
RULES = ROOT / "docs" / "reference" / "rules"
ASKED = ROOT / "docs" / "explanation" / "what-microsoft-asks"


def scenarios(page: str, title: str) -> list[str]:
    """Return the indented blocks of a page after a title."""
    _, _, after = page.partition(f"\n{title}:\n")
    blocks = re.split(r"\n[A-Z]", after, maxsplit=1)[0].strip("\n").split("\n\n")
    return [
        "\n".join(line.removeprefix("    ") for line in block.splitlines())
        for block in blocks
        if block.startswith("    ")
    ]


def outcomes(rule: str, scenario: str) -> set[Outcome]:
    """Return the outcomes of a rule in a scenario."""
    return {found.outcome for found in evaluate(scenario).findings if found.rule == rule}


def test_generated_pages_are_up_to_date() -> None:
    """`docs/generate.py --check` finds nothing to write."""
    done = subprocess.run(
        [sys.executable, str(ROOT / "docs" / "generate.py"), "--check"],
        check=False, capture_output=True, cwd=ROOT,
    )  # fmt: skip

    assert (0, b"") == (done.returncode, done.stdout)


def test_every_rule_has_a_page() -> None:
    """There is one page for each rule, and no other page."""
    assert sorted(CATALOGUE) == sorted(path.stem for path in RULES.glob("*.md"))


@pytest.mark.slow
def test_the_readme_counts_the_rules() -> None:
    """Its number of rules is that of the catalogue."""
    assert f"peerlint has {len(CATALOGUE)} rules." in (ROOT / "README.md").read_text("utf-8")


@pytest.mark.parametrize("rule", sorted(CHECKS))
def test_examples_of_a_page(rule: str) -> None:
    """The rule fails in each scenario under "Fires on", and in none under "Silent on"."""
    page = (RULES / f"{rule}.md").read_text(encoding="utf-8")
    fires, silent = scenarios(page, "Fires on"), scenarios(page, "Silent on")

    assert (len(CHECKS[rule].fires_on), len(CHECKS[rule].silent_on)) == (len(fires), len(silent))
    assert [] == [text for text in fires if Outcome.FAIL not in outcomes(rule, text)]
    assert [] == [text for text in silent if Outcome.FAIL in outcomes(rule, text)]


@pytest.mark.parametrize("rule", sorted(CATALOGUE))
def test_a_page_shows_the_row_of_each_profile(rule: str) -> None:
    """The page has the requirement level of the rule in each document."""
    page = (RULES / f"{rule}.md").read_text(encoding="utf-8")

    for name in PROFILES:
        profile = shipped_profile(name)
        level = profile.rules[rule].level
        assert f"| {name} ({profile.source}) | {level} | " in page


@pytest.mark.parametrize("name", PROFILES)
def test_what_microsoft_asks(name: str) -> None:
    """A profile's page names each rule that is not off once, and each fact of its document."""
    profile = shipped_profile(name)
    page = (ASKED / f"{name}.md").read_text(encoding="utf-8")

    named = re.findall(r"\[`([a-z0-9.-]+)`\]", page)
    asked = [
        rule for rule, setting in profile.rules.items() if setting.level is not Requirement.OFF
    ]
    assert sorted(asked) == sorted(named)
    assert all(fact.text in page for fact in FACTS if profile.source in fact.sources)


@pytest.mark.parametrize("name", PROFILES)
def test_required_is_only_what_a_partner_can_do(name: str) -> None:
    """What Microsoft does is under a heading of its own, after all requirements."""
    page = (ASKED / f"{name}.md").read_text(encoding="utf-8")
    asked, head, rest = page.partition("\n## What Microsoft does\n")
    done = rest.partition("\n## Good to know\n")[0]

    assert head
    on_page = {rule for rule, setting in shipped_profile(name).rules.items()
               if setting.level is not Requirement.OFF}  # fmt: skip
    named = set(re.findall(r"\[`([a-z0-9.-]+)`\]", done))
    assert named == {rule for rule in on_page if CATALOGUE[rule].by_microsoft}
    assert named.isdisjoint(re.findall(r"\[`([a-z0-9.-]+)`\]", asked))


@pytest.mark.parametrize(
    ("words", "sources"),
    [
        ("page of requirements says why", {"000", "001", "003", "004"}),
        ("Onboarding takes as long as", {"000", "001", "002", "003", "004"}),
        ("differ on keys", {"000"}),
        ("free of settlement", {"004"}),
        ("cold potato", {"001", "004"}),
    ],
)
def test_documented_facts(words: str, sources: set[str]) -> None:
    """A fact is on the pages of the documents that have it, and on no other page."""
    pages = {
        shipped_profile(name).source: (ASKED / f"{name}.md").read_text(encoding="utf-8")
        for name in PROFILES
    }

    assert sources == {source for source, page in pages.items() if words in page}


@pytest.mark.parametrize("rule", sorted(CATALOGUE))
def test_a_page_refers_to_nothing_outside(rule: str) -> None:
    """No page cites a document that is not in the repository or public."""
    page = (RULES / f"{rule}.md").read_text(encoding="utf-8")

    assert [] == re.findall(r"\([BCDE][0-9]+\)", page)
