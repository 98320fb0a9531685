"""The difference of two reports: every finding of either has one place in it."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Final

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from peerlint.report.diff import render_diff_json, render_diff_text
from peerlint.report.json import parse_report, render_json
from peerlint.report.sentence import sentence
from peerlint.results import (
    Check,
    Difference,
    FailOn,
    Finding,
    Outcome,
    Report,
    Severity,
    State,
    StoredReport,
    clause,
    compare,
)
from peerlint.testing.notation import evaluate

HEAD: Final = "registered 203.0.113.0/24\nregistered 198.51.100.0/24\n"
TAG: Final = "community 8075:8007"
GOOD: Final = "".join(
    f"{session} {prefix} path 64500 {TAG}\n"
    for session in ("ams-1", "ams-2")
    for prefix in ("203.0.113.0/24", "198.51.100.0/24")
)
UNTAGGED: Final = "ams-1 203.0.113.0/24 path 64500\n"
#: The second prefix alone.
ONE: Final = "registered 198.51.100.0/24\n" + "".join(
    f"{line}\n" for line in GOOD.splitlines() if "198.51.100" in line
)
#: Lines that a scenario may or may not have.
LINES: Final = [
    "registered 203.0.113.0/24",
    "registered 198.51.100.0/24",
    *GOOD.splitlines(),
    UNTAGGED.strip(),
    f"ams-1 203.0.113.0/24 path 64500 64501 64502 64503 {TAG}",
    f"ams-2 198.18.0.0/22 path 64500 {TAG}",
    "coverage ams-2 partial",
    "view ams-1 loc-rib",
]


#: Two peerings that register one prefix.
TWO: Final = (
    "peering contoso-ams maps 64500 Amsterdam\nsession ams-1 edge1.ams\n"
    "registered 203.0.113.0/24\npeering contoso-fra maps 64500 Frankfurt\n"
    "session fra-1 edge1.fra\nregistered 203.0.113.0/24\n"
)
#: A route server with a member.
SERVER: Final = (
    "peering contoso-rs route-server 64500 Oslo\nsession rs-1 rs1.osl\nsession rs-2 rs2.osl\n"
    "asn 64501\n"
)
OLD: Final = Path(__file__).resolve().parents[1] / "vectors" / "reports"


def stored(text: str) -> StoredReport:
    """Return a scenario's report, read back from JSON."""
    return parse_report(render_json(evaluate(text)), "report.json")


def old(name: str) -> StoredReport:
    """Return a report of schema 1."""
    text = (OLD / f"schema-1-{name}.json").read_text(encoding="utf-8")
    return parse_report(text, name)


def difference(before: str, after: str) -> Difference:
    """Compare two scenarios."""
    return compare(stored(before), stored(after))


def whole(report: Report, *findings: Finding) -> StoredReport:
    """Return a report with other findings."""
    return StoredReport(attrs.evolve(report, findings=findings))


def rules(findings: tuple[Finding, ...]) -> set[str]:
    """Return the rules of findings."""
    return {finding.rule for finding in findings}


def test_what_comes_is_new_and_what_goes_is_fixed() -> None:
    """Forgetting the community is new one way round, and fixed the other."""
    bad = HEAD + GOOD.replace(f"ams-1 203.0.113.0/24 path 64500 {TAG}\n", UNTAGGED)

    found, back = difference(HEAD + GOOD, bad), difference(bad, HEAD + GOOD)

    # Azure still says Verified, which does not fit any more.
    assert {"route.community-missing", "route.asymmetric-local", "registration.state"} == rules(
        found.new
    )
    assert ((), (), ()) == (found.fixed, found.gone, found.changed)
    assert (found.new, ()) == (back.fixed, back.new)
    (state,) = found.states
    assert ("203.0.113.0/24", State.VERIFIED, State.FAILED) == (
        state.prefix,
        state.before,
        state.after,
    )


def test_what_is_not_declared_any_more_is_gone() -> None:
    """A finding about a prefix that is no longer declared is gone, not fixed."""
    before = "registered 198.51.100.0/24\nregistered 203.0.113.0/24\n"

    found = difference(before, "registered 198.51.100.0/24\n")

    assert {"203.0.113.0/24"} == {finding.subject.prefix for finding in found.gone}
    assert ((), None) == (found.fixed, found.states[0].after)


def test_an_announcement_that_stops_is_a_fix() -> None:
    """A prefix that was announced and not registered was never declared: it is fixed."""
    stray = f"ams-1 198.18.0.0/22 path 64500 {TAG}\nams-2 198.18.0.0/22 path 64500 {TAG}\n"

    found = difference(HEAD + GOOD + stray, HEAD + GOOD)

    assert {"registration.missing"} == rules(found.fixed)
    assert () == found.gone


def test_a_finding_that_changes() -> None:
    """Another length of the path is the same finding with another message."""
    long = "registered 203.0.113.0/24\nams-1 203.0.113.0/24 path 64500 64501 64502 64503 "

    found = difference(f"{long}{TAG}", f"{long}64504 {TAG}")

    (change,) = (each for each in found.changed if each.after.rule == "route.as-path-length")
    assert (True, True) == (
        "length 4" in sentence(change.before),
        "length 5" in sentence(change.after),
    )
    assert () == found.worse(FailOn.ERROR)


FAIL: Final = [
    # before, after: outcome and severity; and from which level on that is a failure
    (None, ("fail", "error"), {"error", "warning", "unknown"}),
    (None, ("fail", "warning"), {"warning", "unknown"}),
    (None, ("fail", "info"), set()),
    (None, ("unknown", "error"), {"unknown"}),
    (None, ("waived", "error"), set()),
    (None, ("attested", "error"), set()),
    (("fail", "error"), ("fail", "error"), set()),
    (("fail", "error"), ("fail", "warning"), set()),
    (("fail", "error"), None, set()),
    (("fail", "warning"), ("fail", "error"), {"error"}),
    (("unknown", "error"), ("fail", "error"), {"error", "warning"}),
    (("fail", "error"), ("unknown", "error"), set()),
    (("waived", "error"), ("fail", "error"), {"error", "warning", "unknown"}),
    (("fail", "info"), ("fail", "warning"), {"warning", "unknown"}),
]


@pytest.mark.parametrize(("before", "after", "levels"), FAIL)
def test_what_fails_a_change(
    before: tuple[str, str] | None, after: tuple[str, str] | None, levels: set[str]
) -> None:
    """A change fails if a finding counts after it and did not before."""
    report = evaluate(HEAD)

    def with_one(state: tuple[str, str] | None) -> StoredReport:
        if state is None:
            return whole(report)
        outcome, severity = Outcome(state[0]), Severity(state[1])
        return whole(report, attrs.evolve(report.findings[0], outcome=outcome, severity=severity))

    found = compare(with_one(before), with_one(after))

    # States and checks are the same in both: these levels look at findings as error does.
    levels = levels | ({"open", "unverified"} if "error" in levels else set())
    assert levels == {str(level) for level in FailOn if found.worse(level)}
    assert levels == {str(level) for level in FailOn if found.failures(level)}


def test_several_findings_of_one_id() -> None:
    """Several findings of a rule about one subject are compared separately."""
    report = evaluate(HEAD)
    first, second, third = (
        attrs.evolve(report.findings[0], found=clause(text)) for text in ("one", "two", "three")
    )

    found = compare(whole(report, first, second), whole(report, second, third, first, first))

    assert (("one", "three"), ()) == (
        tuple(sorted(sentence(each) for each in found.new)),
        found.changed,
    )


scenarios = st.lists(st.sampled_from(LINES), unique=True).map("\n".join)


@given(before=scenarios, after=scenarios)
def test_every_finding_has_its_place(before: str, after: str) -> None:
    """Each finding is listed exactly once; with the reports swapped, new and fixed are swapped."""
    first, second = stored(before), stored(after)
    found, back = compare(first, second), compare(second, first)
    text = render_diff_text(found)

    old = Counter(finding.id for finding in first.report.findings)
    now = Counter(finding.id for finding in second.report.findings)
    came = Counter(finding.id for finding in found.new)
    went = Counter(finding.id for finding in (*found.fixed, *found.gone))
    assert now - old == came
    assert old - now == went
    assert Counter(back.new) == Counter((*found.fixed, *found.gone))
    assert {(each.before, each.after) for each in found.changed} == {
        (each.after, each.before) for each in back.changed
    }
    counts = f"{len(found.new)} new, {len(found.changed)} changed, "
    assert text.endswith(f"{counts}{len(found.fixed)} fixed, {len(found.gone)} gone\n")


@given(text=scenarios)
def test_nothing_changes_by_itself(text: str) -> None:
    """A report compared with itself has no difference."""
    one = stored(text)
    found = compare(one, one)

    assert Difference((), (), (), (), ()) == found
    assert [] == [level for level in FailOn if found.failures(level)]


def test_as_json() -> None:
    """The JSON of a difference has findings as in a report, and the texts of their rules."""
    data = json.loads(render_diff_json(difference(HEAD + GOOD, HEAD)))

    assert {"schema", "rules", "new", "fixed", "gone", "changed", "states", "matched"} == set(data)
    assert ("peerlint/diff/2", None) == (data["schema"], data["matched"])
    assert [12] * len(data["new"]) == [len(finding["id"]) for finding in data["new"]]
    assert {finding["rule"] for finding in data["new"]} <= set(data["rules"])
    assert {
        "key", "peering", "service", "prefix", "before", "after", "checks", "withdrawn",
    } == set(data["states"][0])  # fmt: skip
    assert {"name", "before", "after"} == set(data["states"][0]["checks"][0])


# -- prefixes that get worse


def told(before: str, after: str) -> tuple[list[str], str]:
    """Return the first lines of the text, down to the first blank one, and the last line."""
    lines = render_diff_text(difference(before, after)).splitlines()
    return lines[: lines.index("")] if "" in lines else [], lines[-1]


@pytest.mark.parametrize(
    ("before", "after", "worse"),
    [
        (GOOD, GOOD, set()),
        # Verified -> Failed, and back
        (GOOD, GOOD.replace(f"ams-1 203.0.113.0/24 path 64500 {TAG}\n", UNTAGGED), {"203"}),
        (GOOD.replace(f"ams-1 203.0.113.0/24 path 64500 {TAG}\n", UNTAGGED), GOOD, set()),
        # Verified -> Unknown: what nobody looked at any more
        (GOOD, f"{GOOD}coverage ams-1 none", {"203", "198"}),
        (GOOD, "coverage ams-1 none\ncoverage ams-2 none", {"203", "198"}),
        # Unknown -> Failed, Failed -> Unknown; the path of 203.0.113.0/24 was seen to be right
        ("coverage ams-1 none\ncoverage ams-2 none", UNTAGGED, {"203", "198"}),
        (UNTAGGED, "coverage ams-1 none\ncoverage ams-2 none", {"203"}),
        # Failed and Failed: another check fails too
        (UNTAGGED, UNTAGGED.replace("64500", "64500 64512"), {"203"}),
        # A waiver silences the finding, not Microsoft.
        (
            GOOD,
            GOOD.replace(f"ams-1 203.0.113.0/24 path 64500 {TAG}\n", UNTAGGED)
            + "waive route.community-missing ams-1",
            {"203"},
        ),
    ],
)
def test_a_prefix_that_gets_worse(before: str, after: str, worse: set[str]) -> None:
    """A worse state, or a check that failed to pass, is a failure at every level."""
    found = difference(HEAD + before, HEAD + after)

    assert worse == {each.prefix.partition(".")[0] for each in found.states if each.is_worse}
    assert (len(worse) if worse else 0) == sum(each.is_worse for each in found.states)
    if worse:
        assert all(any("worse" in reason for reason in found.failures(level)) for level in FailOn)


def test_a_check_that_nothing_decides_any_more() -> None:
    """A check that passed and is open now is worse, though the state is the same."""
    attested = f"{HEAD}{GOOD}attest asn.origin-registered contoso-ams\n"

    found = difference(attested, HEAD + GOOD)

    states = [(each.before, each.after, each.is_worse) for each in found.states]
    assert [(State.VERIFIED, State.VERIFIED, True)] * 2 == states
    assert (
        ["203.0.113.0/24 (contoso-ams): Verified -> Verified",
         "    origin-registered: pass -> unknown"]
    ) == told(attested, HEAD + GOOD)[0][:2]  # fmt: skip
    assert [] == [each for each in difference(HEAD + GOOD, attested).states if each.is_worse]


def test_a_prefix_of_two_peerings_is_two() -> None:
    """What gets worse under one peering does not under the other."""
    both = TWO + f"ams-1 203.0.113.0/24 path 64500 {TAG}\nfra-1 203.0.113.0/24 path 64500 {TAG}\n"

    found = difference(both, both.replace(f"fra-1 203.0.113.0/24 path 64500 {TAG}", ""))

    assert {"contoso-fra 203.0.113.0/24"} == {each.key for each in found.states if each.is_worse}


def test_service_prefixes_get_worse_too() -> None:
    """A service prefix has its own state, and its line names its peering service."""
    head = "connection ams-1 role=primary\nregistered 203.0.113.0/24\n" + GOOD
    service = f"{head}service fabrikam\nservice-prefix 203.0.113.0/24"

    found = difference(service, f"{service} key=another")

    (change,) = (each for each in found.states if each.service)
    assert ("fabrikam", True) == (change.service, change.is_worse)
    lines, _ = told(service, f"{service} key=another")
    assert "203.0.113.0/24 (service prefix of fabrikam): Verified -> Failed" in lines
    assert "    registered-and-key: pass -> fail" in lines


def test_a_member_that_stops_announcing() -> None:
    """At a route server nothing is declared: what was Verified and is not announced is worse."""
    announced = "".join(f"{each} 192.0.2.0/24 path 64501 {TAG}\n" for each in ("rs-1", "rs-2"))

    server = SERVER + announced.replace("192.0.2", "198.51.100")
    found = difference(server + announced, server)

    (change,) = found.states
    assert (State.VERIFIED, None, True) == (change.before, change.after, change.is_worse)
    assert "192.0.2.0/24 (contoso-rs): Verified -> not announced any more" == told(
        server + announced, server
    )[0][0]  # fmt: skip
    assert ("1 prefix that got worse",) == found.failures(FailOn.ERROR)


def test_a_fault_that_a_member_withdraws() -> None:
    """What failed at a route server and is withdrawn is not worse."""
    stray = f"rs-1 192.0.2.0/24 path 64502 {TAG}\n"

    (change,) = difference(SERVER + stray, SERVER).states

    assert (State.FAILED, False) == (change.before, change.is_worse)


@pytest.mark.parametrize(
    ("before", "after", "levels"),
    [
        # A new prefix that nobody looked at: no finding of an error, no state that got worse.
        ("", "registered 203.0.113.0/24", {"open", "unverified", "unknown"}),
        # A new one that is Verified with a check left open.
        (ONE, f"registered 203.0.113.0/24\n{ONE}{GOOD}", {"unverified", "unknown"}),
        # An error that nobody can see any more has not become worse.
        ("registered 203.0.113.0/24", "registered 203.0.113.0/24", {"unknown"}),
    ],
)
def test_what_is_newly_open(before: str, after: str, levels: set[str]) -> None:
    """At open and unverified, a new prefix counts that would fail the whole report there."""
    blind = "coverage ams-1 none\ncoverage ams-2 none\n"
    after = after if GOOD in after else after + "\n" + blind

    found = difference(before, after)

    assert levels == {str(level) for level in FailOn if found.failures(level)}


# -- two schemas


def test_reports_of_two_schemas_are_matched_by_rule_and_subject() -> None:
    """Findings with a duplicate id in schema 1 are matched, and a line reports the number."""
    text = (
        "peering contoso-ams maps 64500 Amsterdam\nsession ams-1 edge1.ams\n"
        "session ams-2 edge2.ams\n"
        "registered 203.0.113.0/24 name one key\nregistered 203.0.113.0/24 name two key\n"
        "registered 198.51.100.0/24\npeering contoso-fra maps 64500 Frankfurt\n"
        "session fra-1 edge1.fra\nregistered 198.51.100.0/24\n"
        f"ams-1 203.0.113.0/24 path 64500 {TAG}\nams-2 203.0.113.0/24 path 64500\n"
        f"ams-1 198.51.100.0/24 path 64500 {TAG}\nams-2 198.51.100.0/24 path 64500 {TAG}\n"
    )
    before, after = old("twice"), stored(text)

    found = compare(before, after)

    rule = "registration.key-present"
    assert 2 == sum(each.rule == rule for each in before.report.findings if each.subject.prefix)
    assert rule not in rules((*found.new, *found.fixed, *found.gone))
    assert 2 == found.matched
    lines = render_diff_text(found).splitlines()
    assert (
        "The reports have different schemas: 2 findings with another id were matched by rule and "
        "subject."
    ) == lines[-2]
    assert 2 == json.loads(render_diff_json(found))["matched"]


def test_reports_of_one_schema_are_matched_by_id() -> None:
    """No finding is matched by rule and subject, and no line reports it."""
    for each in (old("twice"), stored(HEAD)):
        found = compare(each, each)

        assert None is found.matched
        assert "schemas" not in render_diff_text(found)
        assert "0 new, 0 changed, 0 fixed, 0 gone\n" == render_diff_text(found)


def test_what_schema_1_does_not_tell_did_not_change() -> None:
    """Checks and states that the first report does not have are not changes."""
    before = old("services")
    after = StoredReport(
        attrs.evolve(
            before.report,
            prefixes=tuple(
                attrs.evolve(each, checks=checks("unknown")) for each in before.report.prefixes
            ),
            service_prefixes=tuple(
                attrs.evolve(each, checks=checks("fail"), state=State.FAILED)
                for each in before.report.service_prefixes
            ),
        )
    )

    found = compare(before, after)

    assert () == found.states
    assert () == found.failures(FailOn.UNVERIFIED)


def checks(result: str) -> tuple[Check, ...]:
    """Return the checks of a report of schema 2."""
    (prefix,) = evaluate("registered 203.0.113.0/24").prefixes
    return tuple(attrs.evolve(check, result=type(check.result)(result)) for check in prefix.checks)


def test_the_parts_of_a_message_are_no_change() -> None:
    """A report of an earlier version without separate parts has the same message."""
    report = evaluate(f"registered 203.0.113.0/24\nams-1 203.0.113.0/24 path 64500\n{HEAD}")
    data = json.loads(render_json(report))
    for finding in data["findings"]:
        finding.pop("names")
        finding.pop("hint")
        if "found" not in finding["message"]:
            finding["found"] = finding["wanted"] = None
    earlier = parse_report(json.dumps(data), "earlier.json")

    for after in (StoredReport(report), parse_report(render_json(report), "now.json")):
        found = compare(earlier, after)
        assert ((), (), (), ()) == (found.new, found.fixed, found.gone, found.changed)
