"""A page for people says once what holds of many prefixes or sessions, and leaves nothing out."""

from __future__ import annotations

import pytest

from peerlint.report.alike import sayings, stories
from peerlint.report.text import render_text
from peerlint.testing.notation import judge_routes as judge
from peerlint.verdicts import Report

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
    return judge("\n".join(lines))


@pytest.mark.parametrize(
    ("prefixes", "groups"),
    [(1, [1]), (2, [1, 1]), (3, [3]), (20, [20])],
)
def test_prefixes_of_which_the_same_is_said(prefixes: int, groups: list[int]) -> None:
    """Three prefixes or more with the same state and findings make one story, two do not."""
    report = partner(prefixes, 2)
    told = [
        (verdict, [each for each in report.findings if each.subject.prefix == verdict.prefix])
        for verdict in report.prefixes
    ]

    assert groups == [len(group) for group in stories(told)]


def test_one_that_differs_stands_by_itself() -> None:
    """What is said of one prefix only is not lost among those that look alike otherwise."""
    text = "\n".join(f"registered 198.18.{n}.0/24 name sbc-{n}" for n in range(5))
    page = render_text(judge(f"{text}\nams-1 198.18.3.0/24 path 64500 64501 64501 {TAG}"))

    heads = [line for line in page.splitlines() if line.startswith("198.18.") and ":" in line]
    expected = ["198.18.0.0/24  sbc-0 and 3 more: Failed", "198.18.3.0/24  sbc-3: Failed"]
    assert expected == heads


@pytest.mark.parametrize(("sessions", "groups"), [(2, [1, 1]), (3, [3]), (12, [12])])
def test_sessions_of_which_the_same_is_said(sessions: int, groups: list[int]) -> None:
    """A rule that fails alike on three sessions or more is said once, with all their names."""
    report = partner(1, sessions)
    missing = [each for each in report.findings if each.rule == "route.not-received"]

    assert groups == [len(group) for group in sayings(missing)]


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
    assert 200 > len(render_text(report).splitlines())


def test_sessions_that_do_not_fit_stand_in_several_tables() -> None:
    """Each table has prefixes and states; no line of it is longer than the page."""
    page = render_text(partner(2, 20)).splitlines()
    heads = [line.split() for line in page if line.startswith("prefix ")]

    assert [f"edge{n}.ams" for n in range(20)] == [
        word for head in heads for word in head if word.startswith("edge")
    ]
    assert 1 < len(heads)
    assert 2 * len(heads) == sum(line.startswith("198.18.") and "  Failed" in line for line in page)
    assert max(map(len, page)) <= 100


def test_sessions_elsewhere_are_counted() -> None:
    """Sessions of other peerings where nothing is amiss are left out where they do not fit."""
    page = render_text(partner(1, 2, f"path 64500 {TAG}", others=30))

    assert "30 sessions of other peerings are left out: ok there, or not announced" in page
    assert "edge29.fra" not in page.partition("contoso-fra")[0]
