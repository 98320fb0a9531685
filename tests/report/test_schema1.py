"""Reports of schema 1: read as far as they go, and what they do not have is absent."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any, Final

import pytest

from peerlint.errors import ReportError
from peerlint.report.explain import render_explanation
from peerlint.report.json import parse_report
from peerlint.report.sentence import sentence
from peerlint.results import FilePosition, Report, State

REPORTS: Final = Path(__file__).resolve().parents[1] / "vectors" / "reports"
NAMES: Final = ("twice", "services")


def text_of(name: str) -> str:
    """Return a report that an earlier version wrote."""
    return (REPORTS / f"schema-1-{name}.json").read_text(encoding="utf-8")


def read(name: str) -> Report:
    """Return what is known of it."""
    stored = parse_report(text_of(name), name)
    assert 1 == stored.schema
    return stored.report


@pytest.mark.parametrize("name", NAMES)
def test_what_it_has(name: str) -> None:
    """Prefixes, states, findings with their texts, columns and service prefixes are there."""
    data: dict[str, Any] = json.loads(text_of(name))
    report = read(name)

    assert [(each["prefix"], each["peering"], each["state"], each["passed"])
            for each in data["prefixes"]] == [
        (each.prefix, each.peering, each.state, [*each.passed]) for each in report.prefixes
    ]  # fmt: skip
    assert [(each["service"], each["prefix"]) for each in data["service_prefixes"]] == [
        (each.service, each.prefix) for each in report.service_prefixes
    ]
    for wanted, found in zip(data["findings"], report.findings, strict=True):
        assert (wanted["id"], wanted["message"], wanted["about"], wanted["stage"]) == (
            found.id, sentence(found), found.about, found.stage,
        )  # fmt: skip
        assert (wanted["portal"], wanted["basis"]) == ([*found.portal], [*found.basis])
        assert [each["record"] for each in wanted["evidence"]] == [
            each.position.octet
            for each in found.evidence
            if isinstance(each.position, FilePosition)
        ]


@pytest.mark.parametrize("name", NAMES)
def test_what_it_has_not(name: str) -> None:
    """Checks, peerings as such, times, addresses and remarks are absent, not made up."""
    report = read(name)

    assert ((), ()) == (report.peerings, report.remarks)
    assert {()} == {each.checks for each in (*report.prefixes, *report.service_prefixes)}
    assert {(None, None)} == {(each.peer, each.microsoft) for each in report.cells.sessions}
    assert {None} == {each.time for finding in report.findings for each in finding.evidence}
    assert {(None, None)} >= {(each.first, each.last) for each in report.sources}


def test_rows_that_prefixes_share_are_left_out() -> None:
    """Schema 1 has one row for a prefix: if two registrations share it, neither has it."""
    assert {} == read("twice").cells.rows
    assert {"contoso-ams 203.0.113.0/24", "contoso-rs 198.51.100.0/24"} == set(
        read("services").cells.rows
    )


def test_keys_of_registrations() -> None:
    """Findings of a prefix that is registered twice are numbered, and so is each row."""
    report = read("twice")

    assert [
        "contoso-ams 203.0.113.0/24",
        "contoso-ams 203.0.113.0/24 #2",
        "contoso-ams 198.51.100.0/24",
        "contoso-fra 198.51.100.0/24",
    ] == [each.key for each in report.prefixes]
    assert {
        "number 1": {"contoso-ams 203.0.113.0/24"},
        "number 2": {"contoso-ams 203.0.113.0/24 #2"},
    } == {
        number: {each.key for each in report.findings if each.about == number}
        for number in ("number 1", "number 2")
    }


def test_places() -> None:
    """The metro of a session is known, and so that of a connection, which has its name."""
    found = Counter(
        (each.subject.session or each.subject.connection, each.location)
        for each in read("twice").findings
    )

    assert {
        (None, None), ("ams-1", "Amsterdam"), ("ams-2", "Amsterdam"), ("fra-1", "Frankfurt"),
    } == set(found)  # fmt: skip


def test_a_report_of_before_service_prefixes_is_read() -> None:
    """Fields were added to schema 1: an older report goes without them."""
    data = json.loads(text_of("services"))
    for added in ("service_prefixes", "registered_asns"):
        del data[added]

    report = parse_report(json.dumps(data), "old.json").report

    assert () == report.service_prefixes == report.registered_asns


def test_mistakes_are_named() -> None:
    """A report of schema 1 with mistakes has each of them named."""
    data = json.loads(text_of("twice"))
    data["findings"][0]["severity"] = "ERROR"
    del data["prefixes"][0]["state"]

    with pytest.raises(ReportError) as caught:
        parse_report(json.dumps(data), "edited.json")

    assert "prefixes[0], key state" in str(caught.value)
    assert "findings[0], key severity: expected error or warning or info" in str(caught.value)


def test_its_explanation() -> None:
    """Both registrations have a section, without checks, and without cells if it has none."""
    told = render_explanation(parse_report(text_of("twice"), "old.json"), "203.0.113.0/24")

    first, second = told.split(", two, registered with contoso-ams, #2 of the same prefix there\n")
    assert first.startswith("203.0.113.0/24, one, registered with contoso-ams\n")
    assert "Microsoft's checks" not in told
    for chapter in (first, second):
        assert 1 == chapter.count("route.community-missing  ams-2 (edge2.ams)")
        assert "the report does not have them" in chapter


def test_its_explanation_of_cells() -> None:
    """A row has the words of cells that do not pass, and a note that the others are left out."""
    told = render_explanation(parse_report(text_of("services"), "old.json"), "203.0.113.0/24")

    assert "  ams-2: no community\n" in told
    assert "schema 1, which leaves out the sessions where all is well" in told
    assert "nothing is wrong" not in told


def test_a_state_that_is_not_predicted_any_more() -> None:
    """Warning is a state of schema 1."""
    assert State.WARNING in {each.state for each in read("services").prefixes}
