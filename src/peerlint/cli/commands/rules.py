"""`peerlint rules`: the catalogue."""

from __future__ import annotations

import json
from typing import Final

from peerlint.api.profiles import load_profile
from peerlint.cli.exits import Exit
from peerlint.cli.options import Format, Output, ProfileName
from peerlint.cli.output import STDOUT, write
from peerlint.display import escaped_json
from peerlint.inventory.peering import PROFILES
from peerlint.profiles import Profile
from peerlint.report.phrases import cleaned
from peerlint.results import Severity
from peerlint.rules import CATALOGUE, Kind, Rule

EXAMPLE: Final = "peerlint rules --profile maps"


def rules(
    *,
    profile: ProfileName = None,
    format: Format = "text",  # noqa: A002  # the option's name
    output: Output = STDOUT,
) -> Exit:
    """List the rules, and what each profile says of them.

    With one profile, the severity is the one that it gives a rule.
    """
    names = PROFILES if profile is None else (profile,)
    profiles = [cleaned(load_profile(name)) for name in names]
    if format == "json":
        text = escaped_json(json.dumps(_data(profiles), indent=2)) + "\n"
    else:
        text = "".join(_lines(profiles))
    write(text, output, names, form=format)
    return Exit.CLEAN


def _data(profiles: list[Profile]) -> list[dict[str, object]]:
    return [
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


def _severity(rule: Rule, profiles: list[Profile]) -> Severity:
    return profiles[0].severity(rule) if len(profiles) == 1 else rule.severity


def _weight(rule: Rule, profiles: list[Profile]) -> str:
    return "hint" if rule.kind is Kind.HINT else str(_severity(rule, profiles))


def _lines(profiles: list[Profile]) -> list[str]:
    head = "".join(f"{profile.name:<14}" for profile in profiles)
    lines = [f"{'rule':<35}{'severity':<10}{head}title\n"]
    for rule in CATALOGUE.values():
        level = "".join(f"{profile.level(rule):<14}" for profile in profiles)
        lines.append(f"{rule.id:<35}{_weight(rule, profiles):<10}{level}{rule.title}\n")
    return lines
