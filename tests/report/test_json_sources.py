"""The JSON report's sources and matrix, and what holds for every report."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any, Final

import attrs
import pytest
from hypothesis import given

from peerlint.bulk import Quality
from peerlint.model import Route, View
from peerlint.observe import Coverage, SourceSummary
from peerlint.report.json import render_json
from peerlint.testing import strategies
from peerlint.testing.notation import NOW
from peerlint.testing.notation import judge_routes as judge
from peerlint.verdicts import Finding, Outcome, Report, Severity, State, Subject
from peerlint.wire.damage import Damage

#: design.md, section 6, "Report JSON", and what `quality` holds.
QUALITY: Final = {
    "octets", "records", "entries", "malformed", "read", "skipped", "lost", "damages", "damage",
    "unsupported", "cut",
}  # fmt: skip
SOURCE: Final = {
    "name", "view", "sessions", "coverage", "quality", "error", "from_microsoft", "other_peers",
}  # fmt: skip
BAD: Final = SourceSummary(
    "b.mrt",
    (("ams-1", View.SENT), ("ams-2", View.LOC_RIB)),
    Coverage.PARTIAL,
    Quality(
        octets=30,
        records=2,
        entries=7,
        malformed=1,
        read=10,
        skipped=10,
        lost=10,
        damages=1,
        damage=(Damage(20, 10, "a record", "junk"),),
        unsupported=((13, 7, 2),),
        cut="the gzip stream ends before its end",
    ),
    microsoft=280,
    strangers=(("198.51.100.9 AS64502", 3),),
)


def data_of(report: Report) -> dict[str, Any]:
    """Return the report as readers get it."""
    text = render_json(report)
    assert text.endswith("}\n")
    read: dict[str, Any] = json.loads(text)
    return read


def test_a_source_says_everything() -> None:
    """A source has exactly the promised fields, its quality and its damage too."""
    report = attrs.evolve(judge(""), sources=(BAD,))

    (source,) = data_of(report)["sources"]

    assert (SOURCE, QUALITY) == (set(source), set(source["quality"]))
    assert ("sent", {"ams-1": "sent", "ams-2": "loc-rib"}, "partial") == (
        source["view"],
        source["sessions"],
        source["coverage"],
    )
    assert [{"offset": 20, "octets": 10, "expected": "a record", "found": "junk"}] == (
        source["quality"]["damage"]
    )
    assert [{"type": 13, "subtype": 7, "records": 2}] == source["quality"]["unsupported"]
    assert [{"peer": "198.51.100.9 AS64502", "entries": 3}] == source["other_peers"]
    assert (280, None) == (source["from_microsoft"], source["error"])


def test_the_head() -> None:
    """The report names its schema, its time with the zone, and the tool."""
    data = data_of(judge(""))

    assert "peerlint/report/1" == data["schema"]
    assert NOW == datetime.fromisoformat(data["now"]).astimezone(UTC)
    assert {"version": "0", "kernel": "python"} == data["tool"]


def test_the_columns_of_the_matrix() -> None:
    """The matrix has every session of the inventory with its place, in the file's order."""
    data = data_of(judge("peering ix direct 64500 Oslo\nsession b r\nsession a r"))

    assert [
        {"session": "b", "peering": "ix", "router": "r", "location": "Oslo"},
        {"session": "a", "peering": "ix", "router": "r", "location": "Oslo"},
    ] == data["matrix"]["sessions"]


def test_cells_that_pass_or_are_not_asked_for_are_left_out() -> None:
    """A row holds only the sessions where something is wrong or unknown."""
    text = (
        "registered 203.0.113.0/24\nams-1 203.0.113.0/24 path 64500 community 8075:8007\n"
        "peering contoso-fra maps 64500 Frankfurt\nsession fra-1 edge1.fra"
    )

    assert {"203.0.113.0/24": {"ams-2": "missing"}} == data_of(judge(text))["matrix"]["rows"]


def test_words_are_the_designs() -> None:
    """Outcomes, severities and states have the words of the design."""
    assert ["pass", "fail", "unknown", "not-applicable", "attested", "waived"] == list(Outcome)
    assert ["error", "warning", "info"] == list(Severity)
    assert ["Invalid", "Pending", "Failed", "Unknown", "Warning", "Verified"] == list(State)


def finding(**changes: str | None) -> Finding:
    """Return a finding about a subject."""
    report = judge("registered 203.0.113.0/24\ncoverage ams-1 none")
    return attrs.evolve(report.findings[0], subject=Subject(**changes))


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"peering": "a"}, {"peering": "b"}),
        ({"peering": "a"}, {"connection": "a"}),
        ({"session": "a", "router": "b"}, {"session": "b", "router": "a"}),
        ({"session": "ab"}, {"session": "a", "router": "b"}),
        ({"prefix": "203.0.113.0/24"}, {"prefix": "203.0.113.0/25"}),
        ({}, {"peering": "a"}),
    ],
)
def test_ids_differ_by_subject(first: dict[str, str], second: dict[str, str]) -> None:
    """Two subjects have two ids, whichever part differs."""
    assert finding(**first).id == finding(**first).id
    assert finding(**first).id != finding(**second).id


def test_an_id_is_for_ever() -> None:
    """The id is a hash of rule and subject and does not change between versions."""
    known = attrs.evolve(
        finding(peering="contoso-ams", session="ams-1", prefix="203.0.113.0/24"),
        rule="route.prepending",
    )

    assert "67967deeb127" == known.id


@given(route=strategies.routes(path_id=False))
def test_any_route_makes_a_report(route: Route) -> None:
    """Whatever is announced, the report is JSON whose findings are told apart by their ids."""
    report = judge(f"registered {route.prefix}\nams-1 {route}")

    data = data_of(report)

    shown = [(each["id"], each["rule"], each["message"]) for each in data["findings"]]
    assert len(report.findings) == len(shown)
    assert {str(each.outcome) for each in report.findings} <= {"fail", "unknown"}
    rows = data["matrix"]["rows"]
    assert {str(route.prefix)} == set(rows)
    assert "ok" not in rows[str(route.prefix)].values()
    failed = any(
        each["severity"] == "error" and each["outcome"] == "fail" for each in data["findings"]
    )
    assert failed == (not report.ok)
