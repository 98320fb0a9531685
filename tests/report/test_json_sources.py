"""The JSON report's sources and matrix, and what holds for every report."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import attrs
import pytest
from hypothesis import given

from peerlint.bulk import Quality
from peerlint.model import Route, View
from peerlint.observations import (
    Coverage,
    Observations,
    SessionCounts,
    SessionSource,
    SourceSummary,
)
from peerlint.report.json import render_json
from peerlint.results import Finding, Outcome, Report, Severity, State, SubjectRef
from peerlint.testing import strategies
from peerlint.testing.notation import NOW
from peerlint.testing.notation import evaluate_routes as evaluate
from peerlint.wire.damage import Damage

#: The contract of schema 2, and what `quality` holds.
QUALITY: Final = {
    "octets", "records", "entries", "malformed", "read", "skipped", "lost", "damages", "damage",
    "unsupported", "cut", "may_hide_routes", "undeclared_path_ids", "other_kinds",
    "other_records", "kinds_full",
}  # fmt: skip
SOURCE: Final = {
    "name", "sessions", "quality", "first", "last", "age_seconds", "too_old", "in_future",
    "snapshots", "replaced", "error", "from_microsoft", "other_peers", "remarks",
    "more_peers", "more_replaced", "live",
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
    unmapped_peers=(("198.51.100.9 AS64502", 3),),
    remarks=("its clock is slow",),
    first=NOW - timedelta(hours=3),
    last=NOW - timedelta(hours=2),
    age_seconds=7200,
    is_too_old=True,
    snapshots=2,
    replaced=(NOW - timedelta(hours=3),),
    coverages=(Coverage.COMPLETE, Coverage.PARTIAL),
)


def data_of(report: Report) -> dict[str, Any]:
    """Return the report as readers get it."""
    text = render_json(report)
    assert text.endswith("}\n")
    read: dict[str, Any] = json.loads(text)
    return read


def test_a_source_says_everything() -> None:
    """A source has exactly the promised fields, its quality and its damage too."""
    report = attrs.evolve(evaluate(""), sources=(BAD,))

    (source,) = data_of(report)["sources"]

    assert (SOURCE, QUALITY) == (set(source), set(source["quality"]))
    assert {
        "ams-1": {"view": "sent", "coverage": "complete"},
        "ams-2": {"view": "loc-rib", "coverage": "partial"},
    } == source["sessions"]
    assert (
        "2026-11-20T21:00:00+00:00", "2026-11-20T22:00:00+00:00", 7200, True, False, 2,
        ["2026-11-20T21:00:00+00:00"], ["its clock is slow"],
    ) == tuple(
        source[name]
        for name in (
            "first", "last", "age_seconds", "too_old", "in_future", "snapshots", "replaced",
            "remarks",
        )
    )  # fmt: skip
    assert [{"offset": 20, "octets": 10, "expected": "a record", "found": "junk"}] == (
        source["quality"]["damage"]
    )
    assert [{"type": 13, "subtype": 7, "records": 2}] == source["quality"]["unsupported"]
    assert [{"peer": "198.51.100.9 AS64502", "entries": 3}] == source["other_peers"]
    assert (280, None) == (source["from_microsoft"], source["error"])


def test_a_session_has_the_view_that_proves_most() -> None:
    """Of several views of a session in one dump the best counts, with its coverage."""
    two = attrs.evolve(
        BAD,
        views=(("ams-1", View.LOC_RIB), ("ams-1", View.RECEIVED), ("ams-1", View.ADJ_RIB_IN)),
        coverages=(Coverage.PARTIAL, Coverage.COMPLETE, Coverage.NONE),
    )

    (source,) = data_of(attrs.evolve(evaluate(""), sources=(two,)))["sources"]

    assert {"ams-1": {"view": "received", "coverage": "complete"}} == source["sessions"]


def test_the_coverage_of_each_session() -> None:
    """A dump shows all routes of one session and some of another; the report says which."""
    seen = (SessionSource("a", View.RECEIVED, Coverage.COMPLETE, SessionCounts()),)
    beside = (
        SessionSource("a", View.LOC_RIB, Coverage.COMPLETE, SessionCounts()),
        SessionSource("a", View.SENT, Coverage.PARTIAL, SessionCounts()),
    )
    views = (("ams-1", View.RECEIVED), ("ams-2", View.LOC_RIB), ("ams-2", View.SENT))
    summary = SourceSummary("a", views, Coverage.COMPLETE, Quality())

    (joined,) = Observations.join([(summary, {"ams-1": seen, "ams-2": beside})]).sources

    assert (Coverage.COMPLETE, Coverage.COMPLETE, Coverage.PARTIAL) == joined.coverages


def test_the_head() -> None:
    """The report names its schema, its time with the zone, and the tool."""
    data = data_of(evaluate(""))

    assert "peerlint/report/2" == data["schema"]
    assert NOW == datetime.fromisoformat(data["now"]).astimezone(UTC)
    assert {"version": "0", "kernel": "python"} == data["tool"]


def test_the_columns_of_the_matrix() -> None:
    """The matrix has every session of the inventory with its place, in the file's order."""
    data = data_of(evaluate("peering ix direct 64500 Oslo\nsession b r\nsession a r"))

    assert [
        {
            "session": session, "peering": "ix", "router": "r", "location": "Oslo",
            "peer": peer, "microsoft": microsoft,
        }
        for session, peer, microsoft in (
            ("b", "192.0.2.0", "192.0.2.1"), ("a", "192.0.2.2", "192.0.2.3"),
        )
    ] == data["matrix"]["sessions"]  # fmt: skip


def test_cells_that_pass_and_those_not_required() -> None:
    """A session without problems and one that is not required have a word each."""
    text = (
        "registered 203.0.113.0/24\nams-1 203.0.113.0/24 path 64500 community 8075:8007\n"
        "peering contoso-fra maps 64500 Frankfurt\nsession fra-1 edge1.fra"
    )

    assert [
        {
            "key": "contoso-ams 203.0.113.0/24",
            "cells": {"ams-1": "ok", "ams-2": "missing", "fra-1": "-"},
        }
    ] == data_of(evaluate(text))["matrix"]["rows"]


def test_words_are_those_of_the_schema() -> None:
    """Outcomes, severities and states have these words in every report."""
    assert ["pass", "fail", "unknown", "not-applicable", "attested", "waived"] == list(Outcome)
    assert ["error", "warning", "info"] == list(Severity)
    assert ["Invalid", "Pending", "Failed", "Unknown", "Warning", "Verified"] == list(State)


def finding(**changes: str | None) -> Finding:
    """Return a finding about a subject."""
    report = evaluate("registered 203.0.113.0/24\ncoverage ams-1 none")
    return attrs.evolve(report.findings[0], subject=SubjectRef(**changes))


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
    """Whatever is announced, the report is JSON whose findings have unique ids."""
    report = evaluate(f"registered {route.prefix}\nams-1 {route}")

    data = data_of(report)

    assert len(report.findings) == len({each["id"] for each in data["findings"]})
    assert {str(each.outcome) for each in report.findings} <= {"fail", "unknown"}
    (row,) = data["matrix"]["rows"]
    assert f"contoso-ams {route.prefix}" == row["key"]
    assert ["ams-1", "ams-2"] == [*row["cells"]]
    failed = any(
        each["severity"] == "error" and each["outcome"] == "fail" for each in data["findings"]
    )
    assert failed == (not report.ok)
