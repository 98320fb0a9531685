"""Routes from memory are a source like a dump."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, Literal

import pytest

import peerlint
from peerlint import InputError, Inventory, Outcome, Report, Route, State
from peerlint.observations import Coverage

CONTOSO: Final = Path(__file__).resolve().parents[2] / "examples" / "contoso"
PREFIX: Final = "203.0.113.0/24"
GOOD: Final = Route.parse(f"{PREFIX} path 64500 community 8075:8007")
NOW: Final = "2026-11-21T12:00:00Z"


@pytest.fixture(scope="module")
def inventory() -> Inventory:
    """Return the inventory of the example, whose peering contoso-ams has ams-1 and ams-2."""
    return peerlint.load_inventory(CONTOSO / "peering.toml")


def outcomes(report: Report, rule: str) -> dict[str | None, Outcome]:
    """Return the outcomes of a rule for the prefix, by session."""
    return {
        finding.subject.session: finding.outcome
        for finding in report.findings
        if finding.rule == rule and finding.subject.prefix == PREFIX
    }


def test_good_routes_of_every_session_are_verified(inventory: Inventory) -> None:
    """The prefix is announced on both sessions of its peering, and nothing else is read."""
    report = peerlint.check(inventory, routes={"ams-1": [GOOD], "ams-2": [GOOD]}, now=NOW)

    assert report.prefix(PREFIX).state is not State.FAILED
    assert not any(
        each.subject.prefix == PREFIX for each in report.findings if each.outcome is Outcome.FAIL
    )
    assert [each.name for each in report.sources] == ["routes of ams-1", "routes of ams-2"]
    assert [each.views for each in report.sources] == [(("ams-1", "sent"),), (("ams-2", "sent"),)]
    assert report.is_readable


@pytest.mark.parametrize(
    ("coverage", "expected"),
    [(None, Outcome.FAIL), ("complete", Outcome.FAIL), ("partial", Outcome.UNKNOWN)],
)
def test_absence_needs_all_routes(
    inventory: Inventory, coverage: Literal["complete", "partial"] | None, expected: Outcome
) -> None:
    """Routes are all routes of their sessions unless the caller says that they are some."""
    report = peerlint.check(
        inventory, routes={"ams-1": [], "ams-2": [GOOD]}, coverage=coverage, now=NOW
    )

    assert outcomes(report, "route.not-received") == {"ams-1": expected}
    assert report.is_readable


def test_a_session_without_routes_is_unknown(inventory: Inventory) -> None:
    """Nothing follows for a session that the mapping does not name."""
    report = peerlint.check(inventory, routes={"ams-1": [GOOD]}, now=NOW)

    assert outcomes(report, "route.not-received") == {"ams-2": Outcome.UNKNOWN}


def test_no_session_at_all_is_unknown(inventory: Inventory) -> None:
    """An empty mapping is no evidence, and the dumps of the inventory are not read instead."""
    report = peerlint.check(inventory, routes={}, now=NOW)

    assert report.sources == ()
    assert report.prefix(PREFIX).state is State.UNKNOWN


@pytest.mark.parametrize(
    ("view", "is_definite"), [("sent", True), ("received", True), ("loc-rib", False)]
)
def test_the_view_is_that_of_the_caller(
    inventory: Inventory, view: str, *, is_definite: bool
) -> None:
    """Export policy may add the community after `loc-rib`, so that its absence is unknown there."""
    untagged = Route.parse(f"{PREFIX} path 64500")

    report = peerlint.check(
        inventory, routes={"ams-1": [untagged], "ams-2": [GOOD]}, view=view, now=NOW
    )

    found = outcomes(report, "route.community-missing")["ams-1"]
    assert (found is Outcome.FAIL) == is_definite


def test_the_time_is_not_known_unless_it_is_given(inventory: Inventory) -> None:
    """`taken` gives routes their time; without it they have none and no age."""
    routes = {"ams-1": [GOOD]}
    (without,) = peerlint.check(inventory, routes=routes, now=NOW).sources
    (old,) = peerlint.check(
        inventory, routes=routes, now=NOW, taken="2026-11-19T12:00:00Z", max_age="24h"
    ).sources

    assert (without.last, without.age_seconds, without.is_too_old) == (None, None, False)
    assert (old.age_seconds, old.is_too_old) == (2 * 86_400, True)


def test_evidence_names_the_session_and_the_line(inventory: Inventory) -> None:
    """A route is found again by the name of its session and the offset of its line."""
    bad = Route.parse(f"{PREFIX} path 64500 64500 community 8075:8007")
    report = peerlint.check(inventory, routes={"ams-1": [GOOD, bad], "ams-2": [GOOD]}, now=NOW)
    text = f"ams-1\n{GOOD}\n{bad}\n"

    (finding,) = (each for each in report.findings if each.rule == "route.prepending")
    (evidence,) = finding.evidence
    assert evidence.source == "routes of ams-1"
    assert text[evidence.position.octet :].startswith(str(bad))
    assert report.sources[0].quality.octets == len(text)


def test_malformed_routes_are_counted_and_not_announced(inventory: Inventory) -> None:
    """RFC 7606 section 2: a malformed route is treated as withdrawn."""
    malformed = Route.parse(f"{PREFIX} malformed COMMUNITIES")
    report = peerlint.check(inventory, routes={"ams-1": [malformed], "ams-2": [GOOD]}, now=NOW)

    assert outcomes(report, "route.not-received") == {"ams-1": Outcome.FAIL}
    assert report.sources[0].quality.malformed == 1


def test_dumps_can_be_given_beside_routes(inventory: Inventory) -> None:
    """Dumps that are named are read too."""
    dump = CONTOSO / "dumps" / "edge2.ams.mrt.gz"
    report = peerlint.check(inventory, [f"ams-2={dump}"], routes={"ams-1": [GOOD]}, now=NOW)

    assert len(report.sources) == 2
    assert {view[0] for each in report.sources for view in each.views} == {"ams-1", "ams-2"}


def test_a_failure_can_be_simulated(inventory: Inventory) -> None:
    """`check_without` takes the same routes."""
    routes = {each.id: [GOOD] for each in inventory.sessions}
    report, _ = peerlint.check_without(inventory, ["router=edge1.ams"], routes=routes, now=NOW)

    assert report == peerlint.check(inventory, routes=routes, now=NOW)


def test_a_report_can_be_stored(inventory: Inventory, tmp_path: Path) -> None:
    """A source in memory has a form in JSON that can be read back."""
    report = peerlint.check(inventory, routes={"ams-1": [GOOD]}, coverage="partial", now=NOW)
    file = tmp_path / "report.json"
    file.write_text(peerlint.render_report(report, "json"), encoding="utf-8")

    stored = peerlint.load_report(file)

    again = peerlint.compare_reports(stored, stored)
    assert peerlint.render_difference(again)
    assert "routes of ams-1" in file.read_text(encoding="utf-8")
    assert [each.coverage for each in report.sources] == [Coverage.PARTIAL]


@pytest.mark.parametrize("form", ["text", "json", "junit", "sarif", "csv", "html", "prometheus"])
def test_every_format_takes_routes_from_memory(inventory: Inventory, form: str) -> None:
    """A source without a file is no special case of any format."""
    report = peerlint.check(inventory, routes={"ams-1": [Route.parse(PREFIX)]}, now=NOW)
    lines = peerlint.load_inventory_lines(CONTOSO / "peering.toml")

    assert peerlint.render_report(report, form, lines=lines)


@pytest.mark.parametrize(
    ("arguments", "what", "close"),
    [
        ({"routes": {"ams-9": []}}, "routes", "ams-2"),
        ({"routes": {1: []}}, "routes", None),
        ({"routes": [GOOD]}, "routes", None),
        ({"routes": {"ams-1": GOOD}}, "routes of ams-1", None),
        ({"routes": {"ams-1": [str(GOOD)]}}, "routes of ams-1", None),
        ({"routes": {"ams-1": str(GOOD)}}, "routes of ams-1", None),
        ({"routes": {}, "view": "send"}, "view", "sent"),
        ({"routes": {}, "coverage": "none"}, "coverage", None),
        ({"view": "sent"}, "view", None),
        ({"coverage": "partial"}, "coverage", None),
    ],
)
def test_mistakes_name_the_argument(
    inventory: Inventory, arguments: dict[str, Any], what: str, close: str | None
) -> None:
    """Sessions that the inventory lacks, other types, and a view without routes are errors."""
    check: Callable[..., Report] = peerlint.check
    with pytest.raises(InputError) as caught:
        check(inventory, now=NOW, **arguments)

    assert caught.value.what == what
    assert caught.value.close == close
