"""Pages as Markdown: rules, and the levels of all rules in a profile."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

import attrs

from peerlint.display import markdown
from peerlint.profiles import Profile, Requirement
from peerlint.profiles.registries import registry_texts
from peerlint.rules import CATALOGUE, Kind, Need, Rule, Scope, Stage
from peerlint.rules.documented_facts import FACTS
from peerlint.rules.documents import basis_text, with_titles

_STAGES: Final = {
    Stage.TOPOLOGY: "topology",
    Stage.ASN: "ASN",
    Stage.REGISTRATION: "registered prefix",
    Stage.ACTIVATION: "activation",
    Stage.OPERATIONS: "operations",
}
_HEADS: Final = {
    Stage.TOPOLOGY: "Connecting",
    Stage.ASN: "AS numbers",
    Stage.REGISTRATION: "Registering prefixes",
    Stage.ACTIVATION: "Activating prefixes",
    Stage.OPERATIONS: "Running it",
}
_A: Final = {"error": "an error", "warning": "a warning", "info": "information"}
#: The sources of the data that a rule needs.
_HOW: Final = {
    Need.ROUTES: "from the routes of your dumps",
    Need.COMMUNITIES: "from their communities",
    Need.PATH: "from their paths",
    Need.AZURE: "from Azure's exports, or keys of the inventory",
    Need.ATTESTATION: "from your attestation, or keys of the inventory",
    Need.IRR: "from routing registries",
    Need.VRPS: "from RPKI data",
    Need.PEERINGDB: "from PeeringDB's data",
    Need.PLAN: "from a plan, compared with the inventory",
}
_LEVELS: Final = {
    Requirement.MUST: "required",
    Requirement.MUST_LINKED: "required by a page that the document links to",
    Requirement.SHOULD: "recommended",
    Requirement.SHOULD_LINKED: "recommended by a page that the document links to",
    Requirement.DERIVED: "not stated by Microsoft; follows from standards or other requirements",
    Requirement.INFO: "asked for elsewhere",
}


def render_rule(rule: Rule, profiles: Mapping[str, Profile]) -> str:
    """Return the page of a rule.

    Args:
        rule: the rule.
        profiles: the profiles by name; the page has the level of the rule in each.
    """
    lines = [f"# {rule.id}", "", f"{rule.title}.", "", rule.explanation, ""]
    facts = {
        "severity": "none: this is a hint" if rule.kind is Kind.HINT else _severity(rule),
        "checked at": " and ".join(_STAGES[stage] for stage in rule.stages),
        "evaluated for": None if rule.kind is Kind.HINT else f"each {rule.scope}",
        "needs": ", ".join(sorted(rule.needs)) or "the inventory only",
        "seen in": ", ".join(sorted(rule.views)) if rule.scope is Scope.CELL else None,
        "basis": basis_text(rule.basis),
        "explains": rule.diagnoses,
    }
    lines += [f"- {name}: {value}" for name, value in facts.items() if value]
    if rule.texts:
        lines += [
            "",
            "The documents differ:",
            "",
            *(f"> {with_titles(text)}" for text in rule.texts),
        ]
    if rule.portal:
        lines += ["", "Microsoft says:", "", *(f"> {text}" for text in rule.portal)]
    lines += ["", "| profile | level | severity |", "|---|---|---|"]
    lines += [_profile_row(rule, _in_markdown(profile)) for profile in profiles.values()]
    for title, scenarios in (("Fires on", rule.fires_on), ("Silent on", rule.silent_on)):
        if scenarios:
            lines += ["", f"{title}:"]
        for scenario in scenarios:
            lines += ["", *(f"    {line}" for line in scenario.splitlines())]
    return "\n".join(lines) + "\n"


def render_profile(profile: Profile) -> str:
    """Return the page of a profile, with the level of every rule in it."""
    profile = _in_markdown(profile)
    lines = [
        f"# Profile {profile.name}",
        "",
        f"{profile.title}: source document {profile.source}. "
        f"[What Microsoft asks of you](../../explanation/what-microsoft-asks/{profile.name}.md) "
        "says the same in sentences.",
        "",
        "| parameter | value |",
        "|---|---|",
        f"| community | {profile.community} |",
        f"| max_path | {profile.max_path} |",
        f"| paths | {'all' if profile.all_paths else 'best'} |",
        f"| prefixes | {'announced' if profile.all_prefixes else 'tagged'} |",
        f"| network | {profile.set_up.network} |",
        f"| min_connections | {profile.set_up.min_connections} |",
        f"| address_provider | {profile.set_up.address_provider or 'any'} |",
        "",
        "| registries | value |",
        "|---|---|",
        *(f"| {key} | {text} |" for key, text in registry_texts(profile.registries).items()),
        "",
        "| hold times of `peerlint watch` | value |",
        "|---|---|",
        *(f"| {key} | {text} |" for key, text in profile.hold_times.texts.items()),
        "",
        "| rule | level | severity | |",
        "|---|---|---|---|",
    ]
    for rule in CATALOGUE.values():
        level = profile.level(rule)
        lines.append(
            f"| [`{rule.id}`](../rules/{rule.id}.md) | {level} | {_shown(rule, profile)} "
            f"| {rule.title} |"
        )
    return "\n".join(lines) + "\n"


def render_requirements(profile: Profile) -> str:
    """Return the page of Microsoft's requirements in a profile."""
    facts = [fact for fact in FACTS if profile.source in fact.sources]
    profile = _in_markdown(profile)
    lines = [
        f"# What Microsoft asks of you: {profile.title}",
        "",
        f"Source document {profile.source}, profile `{profile.name}`, and the pages that it links "
        "to. Each requirement says how peerlint checks it; the link leads to the rule.",
    ]
    enabled = [rule for rule in CATALOGUE.values() if profile.level(rule) is not Requirement.OFF]
    for stage, head in _HEADS.items():
        required = [rule for rule in enabled if rule.stages[0] is stage and not rule.by_microsoft]
        lines += ["", f"## {head}"]
        for level, title in _LEVELS.items():
            rules = [rule for rule in required if profile.level(rule) is level]
            if rules:
                lines += ["", f"{title[0].upper()}{title[1:]}:", ""]
                lines += [_requirement(rule, profile) for rule in rules]
    lines += ["", "## What Microsoft does", "", "None of this is a requirement.", ""]
    lines += [_requirement(rule, profile) for rule in enabled if rule.by_microsoft]
    lines += ["", "## Good to know", ""]
    lines += [f"- {fact.text}" for fact in facts]
    return "\n".join(lines) + "\n"


def _in_markdown(profile: Profile) -> Profile:
    """Return a profile with its texts, which a user may have written, escaped for Markdown."""
    return attrs.evolve(
        profile,
        name=markdown(profile.name),
        title=markdown(profile.title),
        source=markdown(profile.source),
    )


def _requirement(rule: Rule, profile: Profile) -> str:
    first = rule.page.split("\n\n", maxsplit=1)[0].replace("\n", " ")
    here = _here(rule, profile)
    own = f" In this profile: {here}." if here else ""
    return f"- {first}{own} {''.join(_checked(rule, profile))}"


def _here(rule: Rule, profile: Profile) -> str | None:
    """Return the profile's value for a rule that applies to all profiles with different values."""
    set_up = profile.set_up
    return {
        "topology.microsoft-network": set_up.network,
        "topology.min-connections": str(set_up.min_connections),
        "topology.session-address-provider": set_up.address_provider,
        "route.as-path-length": str(profile.max_path),
        "route.community-missing": str(profile.community),
    }.get(rule.id)


def _checked(rule: Rule, profile: Profile) -> Iterator[str]:
    link = f"[`{rule.id}`](../../reference/rules/{rule.id}.md)"
    if rule.kind is Kind.HINT:
        yield f"A hint, not checked: {link}."
        return
    how = ", ".join(_HOW[need] for need in Need if need in rule.needs) or "from the inventory"
    yield f"Checked {how}; a finding is {_A[_shown(rule, profile)]}: {link}."


def _severity(rule: Rule) -> str:
    return f"{rule.severity} (--strict makes it an error)" if rule.strict else str(rule.severity)


def _profile_row(rule: Rule, profile: Profile) -> str:
    level = profile.level(rule)
    return f"| {profile.name} ({profile.source}) | {level} | {_shown(rule, profile)} |"


def _shown(rule: Rule, profile: Profile) -> str:
    """Return the severity of a finding under a profile; empty if there is none."""
    setting = profile.setting(rule)
    if rule.kind is Kind.HINT or setting.level is Requirement.OFF:
        return ""
    return "info" if setting.level is Requirement.INFO else str(setting.severity or rule.severity)
