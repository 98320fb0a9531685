"""A rule's page, as Markdown: what `peerlint explain` prints and what the docs hold."""

from __future__ import annotations

from collections.abc import Mapping

from peerlint.profiles import Profile, Says
from peerlint.rules import Rule, Stage

_STAGES = {
    Stage.TOPOLOGY: "topology",
    Stage.ASN: "ASN",
    Stage.REGISTRATION: "registered prefix",
    Stage.ACTIVATION: "activation",
    Stage.OPERATIONS: "operations",
}


def render_rule(rule: Rule, profiles: Mapping[str, Profile]) -> str:
    """Return everything that is said of a rule.

    Args:
        rule: the rule.
        profiles: by name; what each makes of it is on the page.
    """
    lines = [f"# {rule.id}", "", f"{rule.title}.", "", rule.page, ""]
    facts = {
        "severity": _severity(rule),
        "checked at": " and ".join(_STAGES[stage] for stage in rule.stages),
        "asked of": f"each {rule.scope}",
        "needs": ", ".join(sorted(rule.needs)) or "the inventory only",
        "seen in": ", ".join(sorted(rule.views)),
        "basis": ", ".join(rule.basis),
        "explains": rule.diagnoses,
    }
    lines += [f"- {name}: {value}" for name, value in facts.items() if value]
    if rule.portal:
        lines += ["", "Microsoft says:", "", *(f"> {text}" for text in rule.portal)]
    lines += ["", "| profile | says | severity |", "|---|---|---|"]
    lines += [_profile_row(rule, profile) for profile in profiles.values()]
    for title, scenes in (("Fires on", rule.fires_on), ("Silent on", rule.silent_on)):
        lines += ["", f"{title}:"]
        for scene in scenes:
            lines += ["", *(f"    {line}" for line in scene.splitlines())]
    return "\n".join(lines) + "\n"


def _severity(rule: Rule) -> str:
    return f"{rule.severity} (--strict makes it an error)" if rule.strict else rule.severity


def _profile_row(rule: Rule, profile: Profile) -> str:
    setting = profile.setting(rule)
    severity = setting.severity or rule.severity
    if setting.says is Says.INFO:
        shown = "info"
    else:
        shown = "" if setting.says is Says.OFF else str(severity)
    return f"| {profile.name} ({profile.source}) | {setting.says} | {shown} |"
