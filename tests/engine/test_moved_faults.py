"""Faults in a scenario that passes: the errors are exactly those faults, wherever they are."""

from __future__ import annotations

from typing import Final

from hypothesis import given
from hypothesis import strategies as st

from peerlint.model import Prefix
from peerlint.results import Report, Severity
from peerlint.testing.notation import evaluate_routes as evaluate

#: Prefixes of the scenario, with the peering that registers each; nothing overlaps.
PREFIXES: Final = {
    "203.0.113.0/24": "ams",
    "198.51.100.0/24": "ams",
    "198.18.0.0/22": "ams",
    "192.0.2.0/24": "fra",
    "198.18.8.0/22": "fra",
    "198.18.16.0/20": "fra",
}
SESSIONS: Final = {"ams-1": "ams", "ams-2": "ams", "fra-1": "fra", "fra-2": "fra"}
TAG: Final = "community 8075:8007"
#: The route that replaces the right one, and the rule that has to find it.
KINDS: Final = {
    "path 64500 64501": "route.community-missing",
    "path 64500 64501 large 8075:8007:0": "route.community-wrong-type",
    "path 64500 64501 community 8007:8075": "route.community-wrong-type",
    f"path 64500 64501 64501 {TAG}": "route.prepending",
    f"path 64500 64500 64501 {TAG}": "route.prepending",
    f"path 64500 64512 64501 {TAG}": "route.private-asn",
    f"path 64500 4200000000 64501 {TAG}": "route.private-asn",
    f"path 64500 64502 64503 64501 {TAG}": "route.as-path-length",
    f"path 64500 23456 64501 {TAG}": "route.bogon-asn",
    f"path 64500 8075 64501 {TAG}": "route.as-path-loop",
    f"path (64504) 64500 64501 {TAG}": "route.confed-leak",
    f"path 64500 64502 {{64501}} {TAG}": "route.as-set",
    f"path 64500 64501 {TAG} no-advertise": "route.community-conflict",
    f"path 64500 64501 {TAG} blackhole": "route.community-conflict",
    "malformed COMMUNITIES": "route.not-received",
    "nothing": "route.not-received",
    "covering": "route.covering-only",
    "more specific": "route.more-specifics-only",
}
#: A prefix and a session.
Position = tuple[str, str]
Error = tuple[str | None, str | None, str]
#: Kinds without effect on a session that need not announce the prefix.
ABSENCES: Final = ("nothing", "covering", "more specific", "malformed COMMUNITIES")


def shown(session: str, prefix: str, fault: str | None) -> str:
    """Return the line of the scenario for a prefix on a session."""
    first = Prefix.parse(prefix)
    if fault == "nothing":
        return ""
    if fault == "covering":
        parent = Prefix.parse_relaxed(f"{prefix.partition('/')[0]}/{first.length - 1}")
        return f"{session} {parent} path 64500 64501"
    if fault == "more specific":
        part = f"{prefix.partition('/')[0]}/{first.length + 1}"
        return f"{session} {part} path 64500 64501"
    return f"{session} {prefix} {fault or f'path 64500 64501 {TAG}'}"


def scenario_with(faults: dict[Position, str]) -> str:
    """Return the scenario with some faults, by prefix and session."""
    lines: list[str] = []
    for city in ("ams", "fra"):
        lines.append(f"peering contoso-{city} maps 64500 {city}")
        lines += (
            f"session {session} edge-{session}" for session, at in SESSIONS.items() if at == city
        )
        lines += (f"registered {prefix}" for prefix, at in PREFIXES.items() if at == city)
    lines += (
        shown(session, prefix, faults.get((prefix, session)))
        for session in SESSIONS
        for prefix in PREFIXES
    )
    return "\n".join(lines)


def errors(report: Report) -> set[Error]:
    """Return prefix, session and rule of every error."""
    return {
        (found.subject.prefix, found.subject.session, found.rule)
        for found in report.failed(Severity.ERROR)
    }


def expected_errors(faults: dict[Position, str]) -> set[Error]:
    """Return the expected errors: those on sessions of the prefix's own peering."""
    return {
        (prefix, session, KINDS[kind])
        for (prefix, session), kind in faults.items()
        if PREFIXES[prefix] == SESSIONS[session]
    }


positions = st.tuples(st.sampled_from(sorted(PREFIXES)), st.sampled_from(sorted(SESSIONS)))
kinds = st.sampled_from(sorted(KINDS))


def test_the_scenario_passes_without_faults() -> None:
    """Without a fault there is no finding, and every prefix is Verified."""
    report = evaluate(scenario_with({}))

    assert () == report.findings
    assert {"Verified"} == {str(result.state) for result in report.prefixes}


@given(position=positions, kind=kinds)
def test_one_fault_is_one_error(position: Position, kind: str) -> None:
    """One fault gives one error, for its prefix and session, and none for other prefixes."""
    report = evaluate(scenario_with({position: kind}))

    expected = expected_errors({position: kind})
    assert expected == errors(report)
    # No document says how Microsoft treats a community that weakens a route: Unknown.
    refused = {result.prefix for result in report.prefixes if result.state != "Verified"}
    assert {prefix for prefix, _, _ in expected} == refused


@given(faults=st.dictionaries(positions, kinds, max_size=8))
def test_errors_are_the_faults(faults: dict[Position, str]) -> None:
    """Any number of faults gives exactly their errors."""
    assert expected_errors(faults) == errors(evaluate(scenario_with(faults)))


@given(kind=kinds, first=positions, second=positions)
def test_moving_a_fault_moves_the_error(kind: str, first: Position, second: Position) -> None:
    """The same fault elsewhere gives the same error elsewhere, and none at its old position."""
    before = errors(evaluate(scenario_with({first: kind})))
    after = errors(evaluate(scenario_with({second: kind})))

    expected = (expected_errors({first: kind}), expected_errors({second: kind}))
    assert expected == (before, after)
    assert first == second or before.isdisjoint(after)


@given(faults=st.dictionaries(positions, kinds, max_size=4), more=positions, kind=kinds)
def test_another_fault_hides_none(faults: dict[Position, str], more: Position, kind: str) -> None:
    """One more fault elsewhere does not change the errors of the others."""
    rest = {position: each for position, each in faults.items() if position != more}

    before = errors(evaluate(scenario_with(rest)))
    after = errors(evaluate(scenario_with({**rest, more: kind})))

    assert before <= after
