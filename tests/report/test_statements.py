"""Statements and unchecked rules in the text report."""

from __future__ import annotations

import re

from hypothesis import given

from peerlint.model import Route
from peerlint.report.text import render_text
from peerlint.testing import strategies
from peerlint.testing.notation import evaluate

SCENE = (
    "connection ams-1 lacp= bandwidth=\n"
    "registered 203.0.113.0/24\n"
    "ams-1 203.0.113.0/24 path 64500 64500 community 8075:8007\n"
    "ams-2 203.0.113.0/24 path 64500 community 8075:8007\n"
)


def paragraphs(scenario: str, *, verbose: bool = False) -> list[str]:
    """Return the paragraphs, which start at the left edge, with blanks folded."""
    text = render_text(evaluate(scenario), verbose=verbose)
    return [" ".join(each.split()) for each in re.split(r"\n(?=\S)", text)]


def said(scenario: str, start: str, *, verbose: bool = False) -> str:
    """Return the one paragraph that starts with a text."""
    (found,) = (each for each in paragraphs(scenario, verbose=verbose) if each.startswith(start))
    return found


def test_what_was_not_checked_is_counted_by_what_is_missing() -> None:
    """Rules that lack data other than dumps are a number each, and have no line of their own."""
    line = said(SCENE, "Not checked: ")

    assert "3 rules for want of Azure's exports (peerlint import azure)" in line
    assert " of attestations or keys of the inventory" in line
    assert "topology.lacp" not in render_text(evaluate(SCENE))


def test_what_was_not_checked_is_named_if_verbose() -> None:
    """Then every rule has its name, behind it what is missing."""
    line = said(SCENE, "Not checked: ", verbose=True)

    azure, _, rest = line.partition(", for want of Azure's exports")
    assert "topology.bandwidth-min" in azure
    assert "topology.lacp" in rest.partition(", for want of attestations")[0]


def test_attested_rules_are_listed_with_the_person() -> None:
    """Who vouches for what, and since when."""
    scenario = f"{SCENE}attest topology.lacp ams-1\nattest ops.noc-24x7 contoso-ams"

    assert "Attested: 2 rules by noc@contoso.example on 2026-01-31" == said(scenario, "Attested")
    named = "topology.lacp, ops.noc-24x7 by noc@contoso.example on 2026-01-31"
    assert f"Attested: {named}" == said(scenario, "Attested", verbose=True)


def test_a_waived_finding_is_shown_as_such() -> None:
    """It stays on the screen, with who decided, until when and why, and without advice."""
    line = said(f"{SCENE}waive route.prepending ams-1", "waived")

    assert line.startswith("waived AS path is prepended: 203.0.113.0/24 on ams-1 (edge1.ams)")
    assert "waived by noc@contoso.example until 2026-12-31: ticket 4711" in line
    assert "route.prepending" in line
    assert "fix:" not in line


def test_a_statement_that_does_not_count_is_a_warning_of_its_own() -> None:
    """It is separate from findings of the rule, with its own severity."""
    scenario = f"{SCENE}waive route.prepending ams-1 until=2026-11-20"
    line = said(scenario, "warning An attestation or a waiver does not count")

    assert (
        "route.prepending: the waiver of noc@contoso.example for ams-1 ended on 2026-11-20" in line
    )
    assert "fix: correct it in the inventory, or delete it" in line
    assert said(scenario, "error AS path is prepended: 203.0.113.0/24 on ams-1")


@given(route=strategies.routes(path_id=False))
def test_findings_have_ids_of_their_own(route: Route) -> None:
    """Whatever is announced and declared, no two findings share an id, and each can be shown."""
    report = evaluate(
        f"registered {route.prefix}\nregistered {route.prefix} name b\n"
        f"registered 203.0.113.0/24 key\nams-1 {route}\n"
        f"service contoso-maps\nservice-prefix {route.prefix}\n"
        f"service contoso-2\nservice-prefix {route.prefix}\nservice-prefix 203.0.113.0/24 key="
    )

    assert len(report.findings) == len({finding.id for finding in report.findings})
    assert render_text(report)
