"""The difference of two reports: every finding of either has one place in it."""

from __future__ import annotations

import json
from collections import Counter
from typing import Final

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from peerlint.report.diff import Difference, compare, render_diff_json, render_diff_text
from peerlint.report.document import Document
from peerlint.report.json import parse_report, render_json
from peerlint.testing.notation import judge
from peerlint.verdicts import FailOn, Finding, Outcome, Severity, State

HEAD: Final = "registered 203.0.113.0/24\nregistered 198.51.100.0/24\n"
TAG: Final = "community 8075:8007"
GOOD: Final = "".join(
    f"{session} {prefix} path 64500 {TAG}\n"
    for session in ("ams-1", "ams-2")
    for prefix in ("203.0.113.0/24", "198.51.100.0/24")
)
UNTAGGED: Final = "ams-1 203.0.113.0/24 path 64500\n"
#: Lines that a scene may or may not have.
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


def document(text: str) -> Document:
    """Return what a scene's JSON report says, read back."""
    return parse_report(render_json(judge(text)), "report.json")


def difference(before: str, after: str) -> Difference:
    """Compare two scenes."""
    return compare(document(before), document(after))


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
    """A prefix that nobody asks about any more is not fixed."""
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
    assert (True, True) == ("length 4" in change.before.message, "length 5" in change.after.message)
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
    whole = document(HEAD)

    def with_one(state: tuple[str, str] | None) -> Document:
        if state is None:
            return attrs.evolve(whole, findings=())
        outcome, severity = Outcome(state[0]), Severity(state[1])
        one = attrs.evolve(whole.findings[0], outcome=outcome, severity=severity)
        return attrs.evolve(whole, findings=(one,))

    found = compare(with_one(before), with_one(after))

    assert levels == {str(level) for level in FailOn if found.worse(level)}


def test_several_findings_of_one_id() -> None:
    """Where a rule says several things of one subject, each has its own place."""
    whole = document(HEAD)
    first, second, third = (
        attrs.evolve(whole.findings[0], message=message) for message in ("one", "two", "three")
    )

    found = compare(
        attrs.evolve(whole, findings=(first, second)),
        attrs.evolve(whole, findings=(second, third, first, first)),
    )

    assert (("one", "three"), ()) == (
        tuple(sorted(each.message for each in found.new)),
        found.changed,
    )


scenes = st.lists(st.sampled_from(LINES), unique=True).map("\n".join)


@given(before=scenes, after=scenes)
def test_every_finding_has_its_place(before: str, after: str) -> None:
    """Nothing is lost or told twice, and the other way round new and fixed change places."""
    first, second = document(before), document(after)
    found, back = compare(first, second), compare(second, first)
    text = render_diff_text(found)

    old = Counter(finding.id for finding in first.findings)
    now = Counter(finding.id for finding in second.findings)
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


@given(text=scenes)
def test_nothing_changes_by_itself(text: str) -> None:
    """A report compared with itself has no difference."""
    one = document(text)

    assert Difference((), (), (), (), ()) == compare(one, one)


@given(text=scenes)
def test_a_report_is_read_back_whole(text: str) -> None:
    """The JSON report, read back, is the document that was written."""
    report = judge(text)

    assert Document.of(report) == parse_report(render_json(report), "report.json")


def test_as_json() -> None:
    """The difference as JSON has findings with their ids."""
    data = json.loads(render_diff_json(difference(HEAD + GOOD, HEAD)))

    assert {"schema", "new", "fixed", "gone", "changed", "states"} == set(data)
    assert "peerlint/diff/1" == data["schema"]
    assert [12] * len(data["new"]) == [len(finding["id"]) for finding in data["new"]]
    assert {"peering", "prefix", "before", "after"} == set(data["states"][0])
