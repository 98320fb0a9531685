"""Text of other people in every format: it starts no line, no command, no formula and no markup.

What a format makes of a text is what it makes of the visible spelling of that text; so the lines
of an output, and all else that it says, do not depend on characters that nobody sees.
"""

from __future__ import annotations

import csv
import io
import json
import re
import unicodedata
from collections.abc import Callable
from typing import Final
from xml.etree import ElementTree as ET

import attrs
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from peerlint.api.rendering import REPORT_FORMATS
from peerlint.bulk import Quality
from peerlint.display import displayed
from peerlint.inventory import Connection, Inventory, Lab, Peering, RegisteredPrefix, Session
from peerlint.inventory.key_uses import key_uses
from peerlint.model import Asn
from peerlint.observations import Coverage, Observations, SourceSummary
from peerlint.profiles import shipped_profile
from peerlint.report.csv import render_csv
from peerlint.report.diff import render_diff_text
from peerlint.report.explain import render_explanation
from peerlint.report.html import render_html
from peerlint.report.json import parse_report, render_json
from peerlint.report.junit import render_junit
from peerlint.report.keys import key_uses_json, render_key_uses
from peerlint.report.phrases import cleaned
from peerlint.report.prometheus import render_prometheus
from peerlint.report.rule_page import render_profile, render_requirements
from peerlint.report.sarif import render_sarif
from peerlint.report.text import render_text
from peerlint.report.totals import render_totals
from peerlint.results import (
    Evidence,
    FailOn,
    FilePosition,
    Outcome,
    Report,
    StoredReport,
    clause,
    compare,
)
from peerlint.testing.notation import Scenario

FORBIDDEN: Final = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp", "Co", "Cn"})
#: Names of an inventory are not empty; JSON can spell halves of characters.
TEXTS: Final = st.text(st.characters(), min_size=1, max_size=30)
COMMANDS: Final = (
    "x\n::error file=x::PWNED\nVerified 5 of 5",
    "::error::x",
    "\u2028::warning::x",
    "##vso[task.complete result=Succeeded]",
    "a\r##[error]b",
    "=1+1",
    " =1+1",
    "\t@SUM(1)",
    "\u3000\uff1d1",
    "\uff0b1",
    "\uff0d1",
    "\uff20SUM",
    "\u22121",
    "\ufe631",
    "\x1b]0;title\x07",
    "\u061c\u200b\u200e\u2066\ufeff\U000e0041\x85\x9b",
    "]]><x/>&amp;<!--",
    "</script><script>alert(1)</script>",
)


def named(name: str) -> Report:
    """Return a report in which every text that may come from outside is this one."""
    peering = Peering(
        name,
        "maps",
        Asn(64500),
        location=name,
        connections=(Connection(name, router=name, sessions=(Session(),)),),
        registered_prefixes=(RegisteredPrefix("203.0.113.0/24", name=name),),
    )
    inventory = Inventory((peering,), lab=Lab())
    sources = (
        SourceSummary(name, (), Coverage.NONE, Quality(), error=name),
        SourceSummary(
            name, (), Coverage.NONE, Quality(octets=1, read=1), unmapped_peers=((name, 1),),
            remarks=(name,),
        ),
    )  # fmt: skip
    scenario = Scenario(inventory, Observations(sources, {}), {name: shipped_profile("maps")})
    report = scenario.evaluate()
    outcomes = (Outcome.FAIL, Outcome.WAIVED, Outcome.ATTESTED, Outcome.UNKNOWN)
    findings = tuple(
        attrs.evolve(
            each,
            outcome=outcomes[at % 4],
            found=clause(name) if at % 2 else clause(f"{name}: ", each.found),
            statement=name if outcomes[at % 4] in (Outcome.WAIVED, Outcome.ATTESTED) else None,
            missing=(name,),
            evidence=(Evidence(name, FilePosition(name, 1), name),),
        )
        for at, each in enumerate(report.findings)
    )
    prefixes = tuple(attrs.evolve(each, azure_state=name) for each in report.prefixes)
    return attrs.evolve(report, findings=findings, prefixes=prefixes, remarks=(name,))


def explanation(report: Report) -> str:
    """Return what `peerlint explain` prints."""
    return render_explanation(StoredReport(report), "203.0.113.0/24")


def difference(report: Report) -> str:
    """Return what `peerlint diff` prints: everything is new, then everything is gone."""
    empty = attrs.evolve(report, findings=(), prefixes=())
    first, second = StoredReport(empty), StoredReport(report)
    return render_diff_text(compare(first, second), FailOn.OPEN) + render_diff_text(
        compare(second, first)
    )


FORMATS: Final[dict[str, Callable[[Report], str]]] = {
    "text": lambda report: render_text(report, width=2000),
    "verbose": lambda report: render_text(report, width=2000, verbose=True),
    "totals": lambda report: render_totals(report, FailOn.OPEN, 2000),
    "html": render_html,
    "csv": render_csv,
    "sarif": lambda report: render_sarif(report, "peering.toml"),
    "junit": render_junit,
    "prometheus": render_prometheus,
    "explain": explanation,
    "diff": difference,
}


def test_every_format_is_attacked() -> None:
    """A new format is not forgotten here; JSON quotes by itself, and has tests of its own."""
    assert {*REPORT_FORMATS} - {"json"} <= FORMATS.keys()


def written(name: str, text: str) -> str:
    """Return an output without the ids of findings, which depend on names to the letter."""
    report = named(text)
    made = FORMATS[name](report)
    for each in (*report.findings, *cleaned(report).findings):
        made = made.replace(each.id, "ID")
    return made


@pytest.mark.parametrize("name", FORMATS)
@settings(max_examples=settings().max_examples * 2 // 5)
@given(text=TEXTS)
@example(text=COMMANDS[0])
@example(text=COMMANDS[1])
@example(text=COMMANDS[3])
@example(text=COMMANDS[-3])
def test_any_text(name: str, text: str) -> None:
    """An output equals that of the escaped text, and has no invisible characters."""
    made = written(name, text)

    assert not {each for each in made if unicodedata.category(each) in FORBIDDEN} - {"\n"}
    assert not commands(made)
    if "::" not in text and "##" not in text:  # at the start of a word only, not in the middle
        assert written(name, displayed(text)) == made


def commands(text: str) -> list[str]:
    """Return the lines that a CI server would obey (GitHub's and Azure Pipelines' commands)."""
    return [
        line
        for line in text.splitlines()
        if re.match(r"\s*::[a-z-]+[ :]", line) or re.search(r"##\w*\[", line)
    ]


@pytest.mark.parametrize("text", COMMANDS)
@pytest.mark.parametrize("name", FORMATS)
def test_commands(name: str, text: str) -> None:
    """No command, no terminal's sequence and no line of ours is forged."""
    made = written(name, text)

    assert not commands(made)
    assert not [line for line in made.splitlines() if line.startswith("Verified 5 of 5")]


@pytest.mark.parametrize("width", [80, 100])
@settings(max_examples=settings().max_examples * 2 // 5)
@given(at=st.integers(0, 100))
def test_a_word_that_is_broken(width: int, at: int) -> None:
    """A word that is longer than a line is broken, and what follows is no command."""
    made = render_text(named(f"{'a' * at}::error::{'b' * 100}"), width=width, verbose=True)

    assert not commands(made)


@pytest.mark.parametrize("width", [80, 100])
@pytest.mark.parametrize("blanks", range(0, 110, 5))
def test_a_name_with_blanks(width: int, blanks: int) -> None:
    """A name that is broken at its blanks begins no line in the first column."""
    name = f"x{' ' * blanks}Verified 5 of 5 prefixes"
    made = render_text(named(name), width=width)

    assert not [line for line in made.splitlines() if line.startswith("Verified 5 of 5")]


@given(text=TEXTS)
@example(text=" =1")
@example(text="\u3000\uff1d1")
@example(text="\ufe62\u2212")
def test_csv(text: str) -> None:
    """A spreadsheet reads the cells back, and takes none for a formula."""
    report = named(text)
    rows = list(csv.DictReader(io.StringIO(render_csv(report))))

    assert len(report.findings) == len(rows)
    shown = displayed(text)
    assert {shown} == {row["route"].removeprefix("'") for row in rows}
    for row in rows:
        for cell in row.values():
            first = unicodedata.normalize("NFKC", cell.strip())[:1]
            assert first not in tuple("=+-@\u2212\t\r\n"), cell


@given(text=TEXTS)
@example(text="]]><x/>\ufffe\x00")
def test_junit(text: str) -> None:
    """An XML parser returns the escaped text."""
    root = ET.fromstring(render_junit(named(text)))  # noqa: S314  # our own text

    assert displayed(text) in {suite.get("name") for suite in root.iter("testsuite")}


@given(text=TEXTS)
def test_sarif(text: str) -> None:
    """A JSON parser returns the escaped text."""
    run = json.loads(render_sarif(named(text), "peering.toml"))["runs"][0]

    seen = run["results"][0]["relatedLocations"][0]["message"]["text"]
    assert f"record at octet 1: {displayed(text)}" == seen


@given(text=TEXTS)
@example(text="\u202e##vso[x]\U000e0041")
def test_json(text: str) -> None:
    """JSON keeps a text exactly, and escapes its invisible characters."""
    report = named(text)
    made = render_json(report)

    assert not {each for each in made if unicodedata.category(each) in FORBIDDEN} - {"\n"}
    assert not commands(made)
    assert text == parse_report(made, "report.json").report.peerings[0].name


@given(text=TEXTS)
@example(text="[a](https://contoso.example)\n# b | c")
def test_markdown(text: str) -> None:
    """A profile's own texts add no line, no link and no column to a page."""
    plain = shipped_profile("maps")
    profile = attrs.evolve(plain, name=text, title=text, source=text)

    for render in (render_profile, render_requirements):
        made = render(profile)
        assert not {each for each in made if unicodedata.category(each) in FORBIDDEN} - {"\n"}
        assert len(render(attrs.evolve(profile, name="x", title="x")).splitlines()) == len(
            made.splitlines()
        )


@given(text=TEXTS)
@example(text=COMMANDS[0])
def test_list_of_keys(text: str) -> None:
    """The list of keys has a line for each entry, whatever its name."""
    prefix = RegisteredPrefix("203.0.113.0/24", name=text)
    peering = Peering(text, "maps", Asn(64500), registered_prefixes=(prefix,))
    entries = key_uses(Inventory((peering,), lab=Lab()))
    made = render_key_uses(entries)

    assert not {each for each in made if unicodedata.category(each) in FORBIDDEN} - {"\n"}
    assert 1 + sum(1 + len(each.remarks) for each in entries) == len(made.splitlines())
    assert text == json.loads(key_uses_json(entries))["keys"][0]["name"]
