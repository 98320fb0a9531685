"""Each cause is shown once, with all of its subjects, and nothing is left out."""

from __future__ import annotations

import cProfile
import pstats
import re

import attrs
import pytest

from peerlint.observations import Confidence
from peerlint.report.grouping import Group, groups
from peerlint.report.json import parse_report, render_json
from peerlint.report.subjects import Names
from peerlint.report.text import render_text
from peerlint.results import (
    Outcome,
    Phrase,
    Report,
    RuleIds,
    SourceName,
    SubjectName,
    SubjectRef,
    clause,
    phrase,
)
from peerlint.testing.notation import evaluate, evaluate_routes

TAG = "community 8075:8007"


def partner(prefixes: int, sessions: int, announced: str = "", others: int = 0) -> Report:
    """Return the report on prefixes of which nothing, or the same, is announced everywhere."""
    lines = ["peering contoso-ams maps 64500 Amsterdam"]
    lines += [f"session ams-{n} edge{n}.ams" for n in range(sessions)]
    lines += [f"registered 198.18.{n}.0/24 name sbc-{n}" for n in range(prefixes)]
    lines += [
        f"ams-{session} 198.18.{n}.0/24 {announced}"
        for n in range(prefixes)
        for session in range(sessions)
        if announced
    ]
    if others:
        lines.append("peering contoso-fra maps 64500 Frankfurt")
        lines += [f"session fra-{n} edge{n}.fra" for n in range(others)]
    return evaluate_routes("\n".join(lines))


def of_rule(report: Report, rule: str) -> Group:
    """Return the one group of a rule."""
    (found,) = (group for group in groups(report) if group.rule == rule)
    return found


def paragraphs(text: str) -> list[str]:
    """Return the paragraphs, which start at the left edge, with blanks folded."""
    return [" ".join(each.split()) for each in re.split(r"\n(?=\S)", text)]


@pytest.mark.parametrize("prefixes", [1, 2, 12])
@pytest.mark.parametrize("sessions", [1, 2, 12])
def test_one_cause_is_one_group(prefixes: int, sessions: int) -> None:
    """However many prefixes and sessions share it, a rule's findings are one group, one detail."""
    report = partner(prefixes, sessions)
    group = of_rule(report, "route.not-received")

    assert 1 == len(group.details)
    assert prefixes * sessions == len(group.details[0].findings)


def test_the_report_keeps_one_finding_for_each_subject() -> None:
    """Every failed finding of the report is in exactly one group, and no other."""
    report = partner(12, 4, "path 64500 64501 64501")
    grouped = [finding for group in groups(report) for finding in group.findings]

    failed = [each for each in report.findings if each.outcome is Outcome.FAIL]
    assert sorted(each.id for each in failed) == sorted(each.id for each in grouped)


@pytest.mark.parametrize(
    ("routes", "subjects"),
    [
        # one session forgets the community on all prefixes: the cause is the session
        ({(n, 1) for n in range(5)}, "all 5 prefixes on ams-1 (edge1.ams)"),
        ({(0, 1)}, "198.18.0.0/24 on ams-1 (edge1.ams)"),
        ({(0, 1), (2, 1)}, "198.18.0.0/24, 198.18.2.0/24 on ams-1 (edge1.ams)"),
        ({(0, 0), (0, 1)}, "198.18.0.0/24 on ams-0, ams-1"),
        (
            {(0, 0), (0, 1), (1, 0), (1, 1), (2, 1)},
            "198.18.0.0/24, 198.18.1.0/24 on ams-0, ams-1; 198.18.2.0/24 on ams-1",
        ),
        ({(1, n) for n in range(4)}, "198.18.1.0/24 on all 4 sessions"),
        ({(p, s) for p in range(5) for s in range(4)}, "all 5 prefixes on all 4 sessions"),
    ],
)
def test_prefix_by_session(routes: set[tuple[int, int]], subjects: str) -> None:
    """A cause names the prefixes and sessions that share it, as prefixes by sessions."""
    lines = ["peering contoso-ams maps 64500 Amsterdam"]
    lines += [f"session ams-{n} edge{n}.ams" for n in range(4)]
    for prefix in range(5):
        lines.append(f"registered 198.18.{prefix}.0/24")
        for session in range(4):
            path = "64500 64501 64501" if (prefix, session) in routes else "64500"
            lines.append(f"ams-{session} 198.18.{prefix}.0/24 path {path} {TAG}")
    report = evaluate_routes("\n".join(lines))
    group = of_rule(report, "route.prepending")

    assert subjects == Names.of(report).subjects(group.findings, group.label)


def test_a_session_without_the_community() -> None:
    """What each route carries instead does not matter where no route carries the community."""
    lines = [f"registered 198.18.{n}.0/24" for n in range(12)]
    lines += [f"ams-1 198.18.{n}.0/24 path 64500 {TAG}" for n in range(12)]
    lines += [f"ams-2 198.18.{n}.0/24 path 64500 community 64500:{n}" for n in range(12)]
    (said,) = (
        each
        for each in paragraphs(render_text(evaluate_routes("\n".join(lines))))
        if "route.community-missing" in each
    )

    assert said.startswith(
        "error Peering Service community is missing: all 12 prefixes on ams-2 (edge2.ams) "
        "no route carries 8075:8007: is send-community off? Microsoft says: "
        "Advertisement missing MAPS community "
    )
    assert "fix: set 8075:8007 in the export policy of the session" in said


def test_different_details_are_listed() -> None:
    """Different details of one rule are listed below one title."""
    group = of_rule(
        evaluate_routes(
            "registered 203.0.113.0/24\nregistered 198.51.100.0/24\n"
            f"ams-1 203.0.113.0/24 path 64500 64501 64501 {TAG}\n"
            f"ams-2 203.0.113.0/24 path 64500 64501 64501 {TAG}\n"
            f"ams-1 198.51.100.0/24 path 64500 64502 64502 64502 {TAG}\n"
            f"ams-2 198.51.100.0/24 path 64500 {TAG}"
        ),
        "route.prepending",
    )

    assert [
        "found AS64501 x 2 in 64500 64501 64501",
        "found AS64502 x 3 in 64500 64502 64502 64502",
    ] == [detail.brief for detail in group.details]
    assert [2, 1] == [len(detail.findings) for detail in group.details]


def test_more_specifics_are_reported_once() -> None:
    """A more specific, unregistered route is not reported a second time as a warning."""
    report = evaluate_routes(
        "registered 198.18.0.0/23\nregistered 198.51.100.0/24\n"
        f"ams-1 198.18.0.0/24 path 64500 {TAG}\nams-2 198.18.0.0/23 path 64500 {TAG}\n"
        f"ams-2 198.51.100.0/24 path 64500 {TAG}\nams-1 198.51.100.0/24 path 64500 {TAG}\n"
        f"ams-2 198.51.100.128/25 path 64500 {TAG}"
    )
    rules = [group.rule for group in groups(report)]
    only = of_rule(report, "route.more-specifics-only")
    stray = of_rule(report, "route.more-specific-unregistered")

    assert ["route.more-specific-unregistered"] == [each.rule for each in only.same]
    assert ["198.51.100.0/24"] == [each.subject.prefix for each in stray.findings]
    assert len(rules) == len(set(rules))
    assert (
        "route.more-specific-unregistered says the same of 198.18.0.0/23 on ams-1 (edge1.ams)"
        in " ".join(render_text(report).split())
    )


def test_a_symptom_names_no_cause_of_its_own() -> None:
    """If sessions of a location differ because of an error on one of them, the text is short."""
    report = evaluate_routes(
        f"registered 203.0.113.0/24\nams-1 203.0.113.0/24 path 64500 {TAG}\n"
        f"ams-2 203.0.113.0/24 path 64500 64501 64501 {TAG}\n"
        f"registered 198.51.100.0/24\nams-1 198.51.100.0/24 path 64500 {TAG}\n"
        f"ams-2 198.51.100.0/24 path 64500 64501 {TAG}"
    )
    group = of_rule(report, "route.asymmetric-local")

    told = {str(each.findings[0].subject.prefix): each.brief for each in group.details}
    assert "for the reasons above" == told["203.0.113.0/24"]
    assert told["198.51.100.0/24"].startswith(
        "found length 1 with 8075:8007 on ams-1, but length 2"
    )


def test_one_cause_has_one_place_whatever_its_severity() -> None:
    """On sessions that the registration does not require, the same route is a warning."""
    report = evaluate_routes(
        "peering contoso-ams maps 64500 Amsterdam\nsession ams-1 edge1.ams\n"
        "registered 203.0.113.0/24\npeering contoso-fra maps 64500 Frankfurt\n"
        "session fra-1 edge1.fra\n"
        f"ams-1 203.0.113.0/24 path 64500 64501 64501 {TAG}\n"
        f"fra-1 203.0.113.0/24 path 64500 64501 64501 {TAG}"
    )
    group = of_rule(report, "route.prepending")

    assert "error" == group.label
    assert "203.0.113.0/24 on ams-1; 203.0.113.0/24 on fra-1 (warning)" == Names.of(
        report
    ).subjects(group.findings, group.label)


@pytest.mark.parametrize(
    ("name", "other"),
    [("a", "an"), ("ams-1", "ams-10"), ("ams", "ams-1"), ("found", "x"), ("on", "of")],
)
def test_names_are_whole_words(name: str, other: str) -> None:
    """A session's name is not taken for a part of a word, or of another session's name."""
    report = evaluate_routes(
        "peering contoso-ams maps 64500 Amsterdam\n"
        f"session {name} {other}\nsession {other} {name}\n"
        f"registered 203.0.113.0/24\n{name} 203.0.113.0/24 path 64500 64501 64501 {TAG}\n"
        f"{other} 203.0.113.0/24 path 64500 64501 64501 {TAG}"
    )
    group = of_rule(report, "route.prepending")

    assert ["found AS64501 x 2 in 64500 64501 64501"] == [each.brief for each in group.details]


@pytest.mark.parametrize("announced", ["", "path 64500", f"path 64500 64501 64501 64501 {TAG}"])
def test_every_prefix_and_session_is_on_the_page(announced: str) -> None:
    """However few words are used: every rule, prefix and session that has a finding is named."""
    report = partner(20, 20, announced)

    page = render_text(report)

    said = {
        part
        for found in report.findings
        for part in (found.rule, found.subject.prefix, found.subject.session)
        if part is not None
    }
    assert set() == {part for part in said if part not in page}


def test_the_page_grows_with_the_inventory_only() -> None:
    """Findings on each of 20 sessions for each of 20 prefixes do not make 400 paragraphs."""
    report = partner(20, 20)

    assert 400 < len(report.findings)
    assert 150 > len(render_text(report).splitlines())


def test_many_details_are_counted() -> None:
    """Of very many details of one rule, only the first are shown, unless verbose."""
    lines = [f"registered 198.18.{n}.0/24" for n in range(50)]
    lines += [
        f"ams-1 198.18.{n}.0/24 path 64500 {65536 + n // 2} {65536 + n // 2}" for n in range(30)
    ]
    report = evaluate_routes("\n".join(lines))

    assert 15 == len(of_rule(report, "route.prepending").details)
    assert ": 7 more such" in " ".join(render_text(report).split())
    assert "more such" not in render_text(report, verbose=True)


@pytest.mark.slow
def test_grouping_takes_linear_time() -> None:
    """Four times the findings take at most about four times the calls: groups have keys."""
    report = partner(40, 40)
    few, many = (_calls(attrs.evolve(report, findings=report.findings * n)) for n in (4, 16))

    assert many < 5 * few


def _calls(report: Report) -> int:
    """Count the calls that grouping a report takes."""
    profile = cProfile.Profile()
    profile.runcall(groups, report)
    return int(pstats.Stats(profile).total_calls)  # type: ignore[attr-defined]  # not in typeshed


def test_sessions_that_do_not_fit_are_in_several_tables() -> None:
    """Each table has prefixes and states; no line of it is longer than the page."""
    page = render_text(partner(2, 20)).splitlines()
    heads = [line.split() for line in page if line.strip().startswith("edge")]
    rows = [line for line in page if line.startswith("198.18.") and "  Failed" in line]

    assert [f"edge{n}.ams" for n in range(20)] == [word for head in heads for word in head]
    assert 1 < len(heads)
    assert 2 * len(heads) == len(rows)
    assert max(map(len, page)) <= 100


def test_sessions_of_other_peerings_with_a_problem_have_columns() -> None:
    """A session of another peering is a column only if something is wrong there."""
    text = (
        "peering contoso-ams maps 64500 Amsterdam\nsession ams-1 edge1.ams\n"
        "registered 203.0.113.0/24\npeering contoso-fra maps 64500 Frankfurt\n"
        f"session fra-1 edge1.fra\nsession fra-2 edge2.fra\nsession fra-3 edge3.fra\n"
        f"ams-1 203.0.113.0/24 path 64500 {TAG}\nfra-1 203.0.113.0/24 path 64500 {TAG}\n"
        f"fra-2 203.0.113.0/24 path 64500 64500 {TAG}"
    )
    table = render_text(evaluate_routes(text)).partition("\n\n")[2].partition("\n\n")[0]

    assert "fra-2" in table
    assert "fra-1" not in table
    assert "fra-3" not in table


def test_of_very_many_prefixes_those_with_a_problem_have_a_row() -> None:
    """The others are counted with what all of them are; a person may ask for all rows."""
    lines = []
    for number in range(100):
        fault = " 64501 64501" if number in (7, 70) else ""
        lines.append(f"registered 198.18.{number}.0/24")
        lines += [f"ams-{n} 198.18.{number}.0/24 path 64500{fault} {TAG}" for n in (1, 2)]
    report = evaluate_routes("\n".join(lines))

    short = [each for each in render_text(report).splitlines() if each.startswith("198.18.")]
    long = [
        each
        for each in render_text(report, verbose=True).splitlines()
        if each.startswith("198.18.")
    ]
    assert ["198.18.7.0/24", "198.18.70.0/24"] == [row.split()[0] for row in short]
    assert 100 == len(long)
    folded = "98 more prefixes: Verified (4 of 5), and ok on every session that announces them"
    assert folded in render_text(report).splitlines()


def of_one(report: Report, *changes: dict[str, object]) -> Report:
    """Return a report with a finding about a session for each change of the first one."""
    finding = next(each for each in report.findings if each.rule == "topology.md5-set")
    findings = tuple(attrs.evolve(finding, **each) for each in changes)  # type: ignore[arg-type]
    return attrs.evolve(report, findings=findings)


MD5 = "session ams-1 md5_set=true\nsession ams-2 md5_set=true"
ON_2 = SubjectRef("contoso-ams", "ams-2", "ams-2", "edge2.ams")


@pytest.mark.parametrize(
    ("changes", "details"),
    [
        # the same of two subjects
        (({}, {"subject": ON_2}), ["found an MD5 key, wanted none"]),
        # a part that differs
        (
            ({}, {"wanted": "one"}),
            ["found an MD5 key, wanted none", "found an MD5 key, wanted one"],
        ),
        (
            ({}, {"hint": "see there"}),
            ["found an MD5 key, wanted none", "found an MD5 key, wanted none; see there"],
        ),
        (
            ({}, {"confidence": Confidence.INFERRED}),
            ["found an MD5 key, wanted none", "found an MD5 key, wanted none (inferred)"],
        ),
        # the name of another session than the subject's own says something
        (
            ({"found": "a key on ams-2"}, {"found": "a key on ams-1"}),
            ["found a key on ams-2, wanted none", "found a key on ams-1, wanted none"],
        ),
        # the source is evidence
        (
            (
                {"found": phrase("a key", SourceName("x.mrt"))},
                {"found": phrase("a key", SourceName("y.mrt")), "subject": ON_2},
            ),
            ["found a key, wanted none"],
        ),
        # of several rules that have one cause, all are named
        (
            (
                {"found": clause("but ", RuleIds.of(["a.b"]), " failed"), "wanted": None},
                {"found": clause("but ", RuleIds.of(["c.d"]), " failed"), "wanted": None},
            ),
            ["but a.b, c.d failed"],
        ),
    ],
)
def test_a_cause_is_what_was_found_and_wanted(
    changes: tuple[dict[str, object], ...], details: list[str]
) -> None:
    """Findings with equal fields are one detail, whatever their sessions are called."""
    (group,) = groups(of_one(evaluate(MD5), *changes))

    assert details == [each.message for each in group.details]


@pytest.mark.parametrize(
    ("found", "told"),
    [
        (phrase("a key on ", SubjectName.PLACE), "found a key"),
        (phrase("a key of session ", SubjectName.PLACE, " there"), "found a key there"),
        (phrase("session ", SubjectName.PLACE, " with a key"), "found the session with a key"),
        (
            phrase("a key, which ", SubjectName.PLACE, " has"),
            "found a key, which ams-1 (edge1.ams) has",
        ),
        (clause("on ", SubjectName.PLACE, ": found a key"), "found a key"),
        (clause(SubjectName.PLACE, " has a key"), "it has a key"),
        (clause(SubjectName.PREFIX, " overlaps"), "it overlaps"),
        (phrase(SubjectName.PREFIX, " twice"), "found 203.0.113.0/24 twice"),
    ],
)
def test_text_after_the_names_of_the_subject(found: Phrase, told: str) -> None:
    """The names of the subject come first, and are not repeated."""
    subject = SubjectRef("contoso-ams", "ams-1", "ams-1", "edge1.ams", "203.0.113.0/24")
    changes = {"found": found, "wanted": None, "subject": subject}
    (group,) = groups(of_one(evaluate(MD5), changes))

    assert told == group.details[0].message


def test_a_name_of_a_prefix_is_no_name_of_its_own() -> None:
    """A registration that is called like its prefix is named as it is called."""
    text = "registered 203.0.113.0/24 name 203.0.113.0/24\nregistered 203.0.113.0/24 name b"
    group = of_rule(evaluate_routes(text), "registration.single-peering")

    assert ["each is registered 2 times: contoso-ams (203.0.113.0/24), contoso-ams (b); wanted once"
            ] == [each.message for each in group.details]  # fmt: skip


def test_a_report_that_is_read_back_has_the_same_groups() -> None:
    """Positions of the subjects' names are read back with the texts."""
    report = partner(12, 4, "path 64500 64501 64501")

    assert render_text(report) == render_text(parse_report(render_json(report), "r").report)
