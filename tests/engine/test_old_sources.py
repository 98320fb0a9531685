"""A source that is too old decides nothing."""

from __future__ import annotations

from typing import Final

import attrs
import pytest

from peerlint.model import View
from peerlint.observations import Observations
from peerlint.report.sentence import sentence
from peerlint.results import Outcome, Report
from peerlint.rules import CATALOGUE, Scope
from peerlint.testing.notation import Scenario, evaluate, scenario

TAGGED: Final = "community 8075:8007"
OLD: Final = "now 2026-11-22T00:00:01Z\nmax-age 24h\ntaken ams-1 2026-11-21T00:00:00Z\n"
FRESH: Final = OLD.replace("00:00:01Z", "00:00:00Z")
BOTH: Final = OLD + "taken ams-2 2026-11-21T00:00:00Z\n"


def words(report: Report) -> dict[str, str]:
    """Return the row of the only prefix."""
    (row,) = report.cells.rows.values()
    return row


@pytest.mark.parametrize(
    ("routes", "word"),
    [
        (f"ams-1 203.0.113.0/24 path 64500 {TAGGED}", "ok"),
        ("", "missing"),
        ("ams-1 203.0.113.0/24 path 64500", "no community"),
        (f"ams-1 203.0.113.0/24 path 64500 64501 64502 64503 {TAGGED}", "length 4"),
        (f"ams-1 203.0.113.0/25 path 64500 {TAGGED}", "more specifics only"),
        (f"ams-1 203.0.113.0/24 path 64500 {TAGGED} malformed COMMUNITIES", "missing"),
    ],
)
@pytest.mark.parametrize("view", [view for view in View if not view.is_hint])
def test_presence_and_absence_alike(routes: str, word: str, view: View) -> None:
    """A fresh source decides; if it is too old, every outcome is unknown."""
    text = f"registered 203.0.113.0/24\nview ams-1 {view}\nams-2 203.0.113.0/24 path 64500 {TAGGED}"

    fresh, old = (evaluate(f"{head}{text}\n{routes}") for head in (FRESH, OLD))

    assert word == words(fresh)["ams-1"] or view not in (View.RECEIVED, View.SENT)
    assert ("unknown", "ok") == (words(old)["ams-1"], words(old)["ams-2"])
    assert "Unknown" == old.prefixes[0].state


@pytest.mark.parametrize("rule", [each for each in CATALOGUE if each.startswith("route.")])
def test_no_rule_decides(rule: str) -> None:
    """A rule does not fail in its examples if all sources are too old."""
    for text in CATALOGUE[rule].fires_on:
        if CATALOGUE[rule].scope in (Scope.CELL, Scope.SESSION):
            report = too_old(scenario(text)).evaluate()

            failed = {each.rule for each in report.failed() if each.rule == rule}
            assert set() == failed, text


def too_old(fresh: Scenario) -> Scenario:
    """Return a scenario with all of its sources too old."""
    sessions = {
        session: tuple(attrs.evolve(each, is_too_old=True) for each in sources)
        for session, sources in fresh.observations.sessions.items()
    }
    return attrs.evolve(fresh, observations=Observations((), sessions))


def test_the_finding_has_the_time() -> None:
    """The finding has the time of the source, and asks for a newer one."""
    report = evaluate(f"{BOTH}registered 203.0.113.0/24\nams-1 203.0.113.0/24 path 64500")

    (found,) = (
        each
        for each in report.findings
        if each.rule == "route.community-missing" and each.subject.session == "ams-1"
    )
    assert Outcome.UNKNOWN is found.outcome
    assert "scenario is too old: taken 2026-11-21 00:00 UTC" in sentence(found)
    assert ("a newer dump than scenario",) == found.missing_texts


def test_a_newer_source_decides() -> None:
    """A fresh source of a lesser view takes precedence over an old one of the best view."""
    text = f"registered 203.0.113.0/24\nams-2 203.0.113.0/24 path 64500 {TAGGED}\n"
    old = scenario(f"{OLD}{text}ams-1 203.0.113.0/24 path 64500 {TAGGED}")
    fresh = scenario(f"{text}view ams-1 sent")
    both = {
        **old.observations.sessions,
        "ams-1": (*old.observations.sessions["ams-1"], *fresh.observations.sessions["ams-1"]),
    }

    report = attrs.evolve(old, observations=Observations((), both)).evaluate()

    assert "missing" == words(report)["ams-1"]


def test_old_sources_of_sessions_of_other_peerings() -> None:
    """There, an old source gives a finding only if it shows a problem."""
    text = (
        "peering contoso-ams maps 64500 Amsterdam\nsession ams-1 edge1.ams\n"
        "registered 203.0.113.0/24\npeering contoso-fra maps 64500 Frankfurt\n"
        "session fra-1 edge1.fra\nmax-age 24h\nnow 2026-11-23T00:00:00Z\n"
        f"taken fra-1 2026-11-21T00:00:00Z\nams-1 203.0.113.0/24 path 64500 {TAGGED}\n"
    )
    good = evaluate(f"{text}fra-1 203.0.113.0/24 path 64500 {TAGGED}")
    bad = evaluate(f"{text}fra-1 203.0.113.0/24 path 64500 64500 {TAGGED}")

    assert set() == on_cells(good, "fra-1")
    assert {"route.prepending"} == on_cells(bad, "fra-1")


def on_cells(report: Report, session: str) -> set[str]:
    """Return the rules with findings on the cells of a session."""
    return {
        each.rule
        for each in report.findings
        if each.subject.session == session and each.subject.prefix is not None
    }


def test_rules_about_sessions() -> None:
    """From an old dump, the number of a session's routes is unknown."""
    report = evaluate(
        f"{BOTH}session ams-1 max_advertised=1\nams-1 203.0.113.0/24 path 64500\n"
        "ams-1 198.51.100.0/24 path 64500"
    )

    found = [each for each in report.findings if each.rule == "route.max-prefixes-advertised"]
    assert [Outcome.UNKNOWN, Outcome.UNKNOWN] == [each.outcome for each in found]
    assert {("a newer dump than scenario",)} == {each.missing_texts for each in found}


def test_communities_that_the_best_source_does_not_show() -> None:
    """If the form of a source has no communities, the next source with the prefix decides."""
    text = "registered 203.0.113.0/24\nams-2 203.0.113.0/24 path 64500 community 8075:8007\n"
    export = scenario(f"{text}ams-1 203.0.113.0/24 path 64500")
    dump = scenario(f"{text}ams-1 203.0.113.0/24 path 64500 community 8075:8007")
    (first,), (second,) = (each.observations.sessions["ams-1"] for each in (export, dump))
    hidden = tuple(attrs.evolve(each, shows_communities=False) for each in first.observations)
    sources = (attrs.evolve(first, observations=hidden), second)

    def state(*of_ams_1: object) -> str:
        sessions = {**dump.observations.sessions, "ams-1": of_ams_1}
        observations = Observations((), sessions)  # type: ignore[arg-type]  # sources
        return str(attrs.evolve(dump, observations=observations).evaluate().prefixes[0].state)

    assert ("Unknown", "Verified") == (state(sources[0]), state(*sources))
