"""The JSON report: every field that readers were promised, each thing once, nothing left out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

import peerlint
from peerlint.model import Route
from peerlint.report import json as json_format
from peerlint.report.csv import render_csv
from peerlint.report.document import Document
from peerlint.report.html import render_html
from peerlint.report.json import INDENTED, parse_report, render_json
from peerlint.report.sarif import render_sarif
from peerlint.report.text import render_text
from peerlint.results import NOT_REQUIRED, FeedPosition, FilePosition, Report
from peerlint.rules import CATALOGUE
from peerlint.testing import strategies
from peerlint.testing.notation import evaluate

EXAMPLES: Final = sorted((Path(__file__).resolve().parents[2] / "examples").rglob("peering.toml"))
TAGGED: Final = "path 64500 community 8075:8007"
SCENE: Final = "registered 203.0.113.0/24\nams-1 203.0.113.0/24 path 64500 64512 64512 64513\n"
#: One of everything that a report can have.
FULL: Final = f"""
peering contoso-ams maps 64500 Amsterdam
session ams-1 edge1.ams
session ams-2 edge2.ams
registered 203.0.113.0/24
registered 203.0.113.0/24 name two
registered 198.51.100.0/24
peering contoso-fra maps 64500 Frankfurt
session fra-1 edge1.fra
registered 198.51.100.0/24
ams-1 203.0.113.0/24 {TAGGED}
ams-2 203.0.113.0/24 path 64500 64512 64501 64502
fra-1 198.51.100.0/24 path 64500
waive route.private-asn ams-2
attest ops.noc-24x7 contoso-ams
attest topology.lacp contoso-ams until=2026-01-31
service fabrikam primary=Amsterdam
service-prefix 203.0.113.0/24
service-prefix 203.0.113.0/24
peering contoso-rs route-server 64500 Oslo
session rs-1 rs1.osl
asn 64501
rs-1 192.0.2.0/24 path 64502 community 8075:8007
"""
#: The contract of schema 2; a later version adds fields only.
FIELDS: Final[dict[str, set[str]]] = {
    "": {
        "schema", "now", "tool", "rules", "sources", "peerings", "registered_asns", "prefixes",
        "service_prefixes", "findings", "matrix", "remarks", "strict", "registry_sources",
    },
    "tool": {"version", "kernel"},
    "rules": {"title", "stage", "portal", "basis", "texts", "fix", "help"},
    "peerings": {"name", "profile", "asn", "location", "is_unseen"},
    "registered_asns": {"asn", "name", "peering", "has_key", "azure_state"},
    "prefixes": {"key", "prefix", "name", "peering", "state", "azure_state", "checks", "passed"},
    "service_prefixes": {
        "key", "prefix", "name", "service", "peering", "state", "azure_state", "learned_type",
        "checks", "passed",
    },
    "checks": {"name", "result", "by", "rules", "missing"},
    "findings": {
        "id", "rule", "outcome", "severity", "confidence", "subject", "key", "about", "location",
        "message", "found", "wanted", "hint", "missing", "need", "statement", "evidence", "names",
    },
    "subject": {"peering", "connection", "session", "router", "prefix"},
    "evidence": {"source", "file", "octet", "route"},
    "matrix": {"sessions", "rows"},
    "sessions": {"session", "peering", "router", "location", "peer", "microsoft"},
    "rows": {"key", "cells"},
}  # fmt: skip


def data_of(text: str) -> dict[str, Any]:
    """Return the JSON of a scenario's report."""
    data: dict[str, Any] = json.loads(render_json(evaluate(text)))
    return data


def test_every_field_is_there() -> None:
    """The report has the fields of peerlint/report/2, no more and no less."""
    data = data_of(FULL)
    finding = next(each for each in data["findings"] if each["evidence"])

    assert FIELDS == {
        "": set(data),
        "tool": set(data["tool"]),
        "rules": set(next(iter(data["rules"].values()))),
        "peerings": set(data["peerings"][0]),
        "registered_asns": set(data["registered_asns"][0]),
        "prefixes": set(data["prefixes"][0]),
        "service_prefixes": set(data["service_prefixes"][0]),
        "checks": set(data["prefixes"][0]["checks"][0]),
        "findings": set(finding),
        "subject": set(finding["subject"]),
        "evidence": set(finding["evidence"][0]),
        "matrix": set(data["matrix"]),
        "sessions": set(data["matrix"]["sessions"][0]),
        "rows": set(data["matrix"]["rows"][0]),
    }
    assert "peerlint/report/2" == data["schema"]


def test_every_outcome_is_there() -> None:
    """Findings are what failed, is unknown, waived or attested; what passed is none."""
    assert {"fail", "unknown", "waived", "attested"} == {
        each["outcome"] for each in data_of(FULL)["findings"]
    }


# -- rules


def test_the_texts_of_a_rule_are_written_once() -> None:
    """Each rule that a finding or a check names is there, as it is declared."""
    data = data_of(FULL)
    rows = (*data["prefixes"], *data["service_prefixes"])

    named = {each["rule"] for each in data["findings"]}
    named |= {rule for row in rows for check in row["checks"] for rule in check["rules"]}
    assert named == set(data["rules"])
    for id_, said in data["rules"].items():
        rule = CATALOGUE[id_]
        assert (rule.title, rule.fix, rule.page) == (said["title"], said["fix"], said["help"])
        assert [*rule.portal] == said["portal"]
        assert [*rule.basis] == said["basis"]
        assert [*rule.texts] == said["texts"]


def test_a_diagnosis_has_the_stage_of_what_it_explains() -> None:
    """The stage of a diagnosis is that of Microsoft's own check."""
    rules = data_of(f"registered 203.0.113.0/24\nams-1 203.0.112.0/22 {TAGGED}")["rules"]

    assert "+".join(CATALOGUE["route.not-received"].stages) == rules["route.covering-only"]["stage"]


# -- keys and cells


def test_every_cell_is_there() -> None:
    """Each row has a word for each session: ok, not asked for, or what is wrong."""
    matrix = data_of(FULL)["matrix"]
    sessions = [each["session"] for each in matrix["sessions"]]

    assert ["ams-1", "ams-2", "fra-1", "rs-1"] == sessions
    assert [sessions] * len(matrix["rows"]) == [[*row["cells"]] for row in matrix["rows"]]
    rows = {row["key"]: row["cells"] for row in matrix["rows"]}
    assert NOT_REQUIRED == rows["contoso-fra 198.51.100.0/24"]["rs-1"]
    assert {"ams-1": "missing", "fra-1": "no community"} == {
        session: rows[f"contoso-{session[:3]} 198.51.100.0/24"][session]
        for session in ("ams-1", "fra-1")
    }


def test_each_row_has_a_key_of_its_own() -> None:
    """A prefix of two peerings has two rows, and one that is registered twice has two."""
    data = data_of(FULL)

    keys = [each["key"] for each in data["prefixes"]]
    assert [
        "contoso-ams 203.0.113.0/24",
        "contoso-ams 203.0.113.0/24 #2",
        "contoso-ams 198.51.100.0/24",
        "contoso-fra 198.51.100.0/24",
        "contoso-rs 192.0.2.0/24",
    ] == keys
    assert keys == [row["key"] for row in data["matrix"]["rows"]]
    assert ["fabrikam 203.0.113.0/24", "fabrikam 203.0.113.0/24 #2"] == [
        each["key"] for each in data["service_prefixes"]
    ]


def test_a_finding_names_its_row() -> None:
    """A finding about the second registration has its key; one about a session alone has none."""
    findings = data_of(FULL)["findings"]

    assert {"contoso-ams 203.0.113.0/24", "contoso-ams 203.0.113.0/24 #2"} == {
        each["key"] for each in findings if each["rule"] == "registration.single-peering"
    } - {"contoso-ams 198.51.100.0/24", "contoso-fra 198.51.100.0/24"}
    assert {None} == {each["key"] for each in findings if each["rule"] == "ops.microsoft-routes"}


# -- findings


def test_a_finding_says_where() -> None:
    """A finding has the name of its session's or connection's metro."""
    findings = data_of(FULL)["findings"]

    assert {("ams-1", "Amsterdam"), ("ams-2", "Amsterdam"), ("fra-1", "Frankfurt"),
            ("rs-1", "Oslo"), (None, None)} == {
        (each["subject"]["session"], each["location"])
        for each in findings
        if each["subject"]["connection"] is None or each["subject"]["session"]
    }  # fmt: skip


def test_a_connection_of_another_metro_says_so() -> None:
    """The location of a connection outranks that of its peering."""
    findings = data_of("connection ams-2 location=Rotterdam bandwidth=1G")["findings"]

    assert [("ams-2", "Rotterdam")] == [
        (each["subject"]["connection"], each["location"])
        for each in findings
        if each["rule"] == "topology.bandwidth-min"
    ]


def test_what_was_found_and_wanted() -> None:
    """A message with two parts also has them as fields."""
    (finding,) = (
        each
        for each in data_of("registered 203.0.0.0/7")["findings"]
        if each["rule"] == "prefix.too-short"
    )

    assert ("/7", "/8 or longer") == (finding["found"], finding["wanted"])


def test_evidence_has_its_place_and_time() -> None:
    """A piece of evidence names its source, the octet in it and, if it is known, the time."""
    report = peerlint.check(peerlint.load_inventory(EXAMPLES[0]))
    first, *_ = (each for each in report.findings if each.evidence)
    evidence = first.evidence[0]
    assert isinstance(evidence.position, FilePosition)
    undated = attrs.evolve(first, evidence=(attrs.evolve(evidence, time=None),))
    dated = attrs.evolve(first, evidence=(attrs.evolve(evidence, time=report.now),))

    shown = [
        json.loads(render_json(attrs.evolve(report, findings=(each,))))["findings"][0]["evidence"]
        for each in (undated, dated)
    ]

    assert [
        {"source": evidence.source, "file": evidence.position.file,
         "octet": evidence.position.octet, **time,
         "route": evidence.route}
        for time in ({}, {"time": report.now.isoformat()})
    ] == [shown[0][0], shown[1][0]]  # fmt: skip


def test_evidence_of_a_live_feed() -> None:
    """It names the feed, the router and the time, in every format, and is read back."""
    report = evaluate(FULL)
    first = next(each for each in report.findings if each.evidence)
    position = FeedPosition("bmp", "edge1.ams", report.now)
    live = attrs.evolve(first.evidence[0], position=position, time=report.now)
    report = attrs.evolve(report, findings=(attrs.evolve(first, evidence=(live,)),))

    (entry,) = json.loads(render_json(report))["findings"][0]["evidence"]
    assert {
        "source": live.source, "feed": "bmp", "router": "edge1.ams",
        "time": report.now.isoformat(), "route": live.route,
    } == entry  # fmt: skip
    assert report.findings == parse_report(render_json(report), "report.json").report.findings
    place = "bmp, from edge1.ams at 2026-11-21 00:00 UTC"
    for page in (render_text(report, verbose=True), render_html(report), render_sarif(report)):
        assert place in " ".join(page.split())
    assert f"{live.source},,{live.route}," in render_csv(report)


def test_unknown_says_what_is_missing() -> None:
    """Every unknown outcome, and every unknown check, names what would decide it."""
    data = data_of(
        "registered 203.0.113.0/24\nview ams-1 loc-rib\nams-1 203.0.113.0/24\ncoverage ams-2 none"
    )

    unknown = [each for each in data["findings"] if each["outcome"] == "unknown"]
    unknown += [check for check in data["prefixes"][0]["checks"] if check["result"] == "unknown"]
    assert unknown
    assert all(each["missing"] for each in unknown)


# -- form


@pytest.mark.slow
def test_a_large_report_is_not_indented() -> None:
    """A report of more than 10,000 findings is for programs, and is on one line."""
    report = evaluate(SCENE)
    (one,) = (each for each in report.findings if each.rule == "route.not-received")
    some = attrs.evolve(report, findings=(one,) * INDENTED)
    many = attrs.evolve(report, findings=(one,) * (INDENTED + 1))

    assert 10_000 == INDENTED
    assert '\n  "now"' in render_json(some)
    assert 1 == render_json(many).count("\n")
    assert many == parse_report(render_json(many), "report.json").report


# -- read back


def same_again(report: Report) -> None:
    """Assert that a report, read back, is what was written, and is written in the same way."""
    text = render_json(report)
    read = parse_report(text, "report.json")

    assert 2 == read.schema
    assert Document.of(report) == Document.of(read.report)
    assert text == render_json(read.report)
    # How many routes Microsoft announces on each session is not written, but counted whole.
    sources = tuple(attrs.evolve(each, from_microsoft=()) for each in report.sources)
    assert attrs.evolve(report, sources=sources) == read.report


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.parent.name)
def test_examples_are_read_back(path: Path) -> None:
    """The report of every example is read back completely, with the portal's messages."""
    same_again(peerlint.check(peerlint.load_inventory(path)))


@pytest.mark.slow
@pytest.mark.parametrize("rule", CATALOGUE.values(), ids=lambda rule: str(rule.id))
def test_scenarios_are_read_back(rule: peerlint.rules.Rule) -> None:
    """The report of every scenario of every rule is read back whole."""
    for text in (FULL, *rule.fires_on, *rule.silent_on):
        same_again(evaluate(text))


@given(routes=st.lists(strategies.routes(path_id=False), max_size=3))
def test_any_report_is_read_back(routes: list[Route]) -> None:
    """Whatever is registered and announced, the report is read back whole."""
    registered = [f"registered {each.prefix}" for each in routes]
    same_again(evaluate("\n".join((*registered, *(f"ams-1 {each}" for each in routes)))))


def test_braces_of_a_file_are_no_template() -> None:
    """A portal text of a file has the two marks that are promised, and no other."""
    data = data_of("registered 203.0.113.0/24")
    data["rules"]["route.not-received"]["portal"] = ["{peer} {0} {peer.__class__} {prefix}"]

    read = parse_report(json.dumps(data), "report.json").report

    (said,) = {
        each.portal
        for each in read.findings
        if each.rule == "route.not-received" and each.subject.session == "ams-1"
    }
    assert ("192.0.2.0 {0} {peer.__class__} 203.0.113.0/24",) == said


def test_a_large_report_says_what_a_small_one_does(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without indentation, empty fields and `found` and `wanted`, it is read as the same report."""
    report = evaluate(FULL)
    small = json.loads(render_json(report))

    monkeypatch.setattr(json_format, "INDENTED", 0)
    text = render_json(report)

    assert [*small] == [*json.loads(text)]
    assert 1 == text.count("\n")
    assert parse_report(json.dumps(small), "small").report == parse_report(text, "large").report
    left_out = {"found", "wanted"}
    expected = [
        {
            name: each
            for name, each in finding.items()
            if each not in (None, []) and name not in left_out
        }
        for finding in small["findings"]
    ]
    assert expected == json.loads(text)["findings"]
