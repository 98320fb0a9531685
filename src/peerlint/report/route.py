"""The findings about a single route, as text and as JSON."""

from __future__ import annotations

from collections.abc import Sequence

from peerlint.model import Route, View
from peerlint.report.finding_entry import rules_of
from peerlint.report.json import dumped
from peerlint.report.sentence import sentence
from peerlint.results import Finding, Outcome
from peerlint.rules import CATALOGUE


def render_route(route: Route, findings: Sequence[Finding], *, profile: str, view: View) -> str:
    """Return the findings as text.

    Args:
        route: the route.
        findings: the findings about it.
        profile: the name of the profile that it was checked with.
        view: the view in which it was seen.
    """
    lines = [f"{route}\n", f"  profile {profile}, view {view}\n"]
    for finding in findings:
        label = finding.severity if finding.outcome is Outcome.FAIL else finding.outcome
        lines.append(f"  {label:<8} {finding.rule}\n           {sentence(finding)}\n")
        lines += (f"           Microsoft says: {text}\n" for text in finding.portal[:1])
        lines += (f"           to decide it: {text}\n" for text in finding.missing_texts)
        if finding.outcome is Outcome.FAIL:
            lines.append(f"           fix: {CATALOGUE[finding.rule].fix}\n")
    if not findings:
        lines.append("  ok       passes every rule about a single route\n")
    return "".join(lines)


def render_route_json(
    route: Route, findings: Sequence[Finding], *, profile: str, view: View
) -> str:
    """Return the findings as indented JSON, with a newline at its end; see `render_route`."""
    rules = rules_of(finding.rule for finding in findings)
    head = {"route": str(route), "profile": profile, "view": view}
    return dumped({**head, "rules": rules, "findings": findings})
