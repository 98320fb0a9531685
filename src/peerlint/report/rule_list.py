"""The list of rules, with what profiles make of them."""

from __future__ import annotations

import json
from collections.abc import Sequence

from peerlint.display import escaped_json
from peerlint.profiles import Profile
from peerlint.results import Severity
from peerlint.rules import CATALOGUE, Kind, Rule


def render_rule_list(profiles: Sequence[Profile]) -> str:
    """Return a line for each rule, with the level that each profile gives it.

    Args:
        profiles: with a single one, the severity is the one that it gives a rule.
    """
    head = "".join(f"{profile.name:<14}" for profile in profiles)
    lines = [f"{'rule':<35}{'severity':<10}{head}title\n"]
    for rule in CATALOGUE.values():
        level = "".join(f"{profile.level(rule):<14}" for profile in profiles)
        lines.append(f"{rule.id:<35}{_severity_text(rule, profiles):<10}{level}{rule.title}\n")
    return "".join(lines)


def render_rule_list_json(profiles: Sequence[Profile]) -> str:
    """Return the rules as indented JSON, with a newline at its end.

    Args:
        profiles: see `render_rule_list`.
    """
    rules = [
        {
            "id": rule.id,
            "title": rule.title,
            "severity": _severity(rule, profiles),
            "stages": list(rule.stages),
            "kind": rule.kind,
            "scope": rule.scope,
            "needs": sorted(rule.needs),
            "basis": list(rule.basis),
            "fix": rule.fix,
            "profiles": {profile.name: profile.level(rule) for profile in profiles},
        }
        for rule in CATALOGUE.values()
    ]
    return escaped_json(json.dumps(rules, indent=2)) + "\n"


def _severity(rule: Rule, profiles: Sequence[Profile]) -> Severity:
    return profiles[0].severity(rule) if len(profiles) == 1 else rule.severity


def _severity_text(rule: Rule, profiles: Sequence[Profile]) -> str:
    return "hint" if rule.kind is Kind.HINT else str(_severity(rule, profiles))
