"""The rules and the profiles that ask them."""

from __future__ import annotations

from peerlint.api.profiles import list_profiles, load_profile
from peerlint.arguments import A_STRING, must_be, must_be_one_of
from peerlint.errors import InputError
from peerlint.profiles import shipped_profile
from peerlint.report.phrases import cleaned
from peerlint.report.rule_list import render_rule_list, render_rule_list_json
from peerlint.report.rule_page import render_rule
from peerlint.rules import CATALOGUE, Rule
from peerlint.wording import closest


def list_rules() -> tuple[Rule, ...]:
    """Return the declarations of all rules, in the order of the catalogue."""
    return tuple(CATALOGUE.values())


def render_rules(profile: str | None = None, form: str = "text") -> str:
    """Return the list of rules, with the level that profiles give each.

    Args:
        profile: see `load_profile`; then the severity of a rule is the one that it gives; None for
            all profiles that are shipped.
        form: "text" or "json".

    Raises:
        InputError: there is no such profile or format.
        FeedError: the profile file cannot be read.
        ProfileError: it has mistakes.
    """
    must_be_one_of("form", form, ("text", "json"))
    names = list_profiles() if profile is None else (profile,)
    profiles = [cleaned(load_profile(name)) for name in names]
    return render_rule_list_json(profiles) if form == "json" else render_rule_list(profiles)


def explain_rule(rule: str) -> str:
    """Return the page of a rule.

    Args:
        rule: its id, such as "route.community-missing".

    Raises:
        InputError: there is no such rule.
    """
    must_be("rule", rule, str, A_STRING)
    if rule not in CATALOGUE:
        raise InputError(
            "rule",
            expected="a rule id, see `peerlint rules`",
            found=rule,
            close=closest(rule, CATALOGUE),
        )
    return render_rule(CATALOGUE[rule], {name: shipped_profile(name) for name in list_profiles()})
