"""The JSON report: every field that readers were promised, and ids that stay."""

from __future__ import annotations

import json

from peerlint.report.json import parse_report, render_json
from peerlint.testing.notation import judge_routes as judge

SCENE = "registered 203.0.113.0/24\nams-1 203.0.113.0/24 path 64500 64512 64512 64513\n"
FIELDS = {
    "": {
        "schema", "now", "tool", "sources", "prefixes", "findings", "matrix", "service_prefixes",
        "registered_asns",
    },
    "tool": {"version", "kernel"},
    "prefixes": {"prefix", "name", "peering", "state", "azure_state", "passed"},
    "findings": {
        "id", "rule", "outcome", "severity", "confidence", "stage", "subject", "message", "portal",
        "basis", "missing", "need", "statement", "texts", "evidence", "about",
    },
    "subject": {"peering", "connection", "session", "router", "prefix"},
    "evidence": {"file", "record", "route"},
    "matrix": {"sessions", "rows"},
}  # fmt: skip


def test_every_field_is_there() -> None:
    """The report has the fields of peerlint/report/1, no more and no less."""
    data = json.loads(render_json(judge(SCENE)))
    finding = next(each for each in data["findings"] if each["evidence"])

    assert FIELDS == {
        "": set(data),
        "tool": set(data["tool"]),
        "prefixes": set(data["prefixes"][0]),
        "findings": set(finding),
        "subject": set(finding["subject"]),
        "evidence": set(finding["evidence"][0]),
        "matrix": set(data["matrix"]),
    }
    assert "peerlint/report/1" == data["schema"]


def test_ids_stay_and_differ() -> None:
    """The same rule and subject have the same id whatever was found; others have another."""
    first = {(f.rule, f.subject): f.id for f in judge(SCENE).findings}
    second = {
        (f.rule, f.subject): f.id
        for f in judge(SCENE.replace("64513", "64514") + "ams-2 198.18.0.0/24 path 64500").findings
    }

    assert len(first) == len(set(first.values()))
    assert {key: first[key] for key in first.keys() & second.keys()} == {
        key: second[key] for key in first.keys() & second.keys()
    }


def test_the_matrix_holds_what_does_not_pass() -> None:
    """A prefix on a session that is all right has no cell."""
    text = SCENE + "ams-2 203.0.113.0/24 path 64500 community 8075:8007\n"

    rows = json.loads(render_json(judge(text)))["matrix"]["rows"]

    assert {"203.0.113.0/24": {"ams-1"}} == {prefix: set(row) for prefix, row in rows.items()}


def test_unknown_says_what_is_missing() -> None:
    """Every unknown outcome names what would decide it."""
    text = (
        "registered 203.0.113.0/24\nview ams-1 loc-rib\nams-1 203.0.113.0/24\ncoverage ams-2 none"
    )

    unknown = [
        finding
        for finding in json.loads(render_json(judge(text)))["findings"]
        if finding["outcome"] == "unknown"
    ]

    assert unknown
    assert all(finding["missing"] for finding in unknown)


def test_a_report_of_before_service_prefixes_is_read() -> None:
    """Fields were added to peerlint/report/1: an older report goes without them."""
    data = json.loads(render_json(judge(SCENE)))
    for added in ("service_prefixes", "registered_asns"):
        del data[added]

    read = parse_report(json.dumps(data), "old.json")

    assert () == read.service_prefixes == read.registered_asns
