"""`peerlint explain`: a rule's page."""

from __future__ import annotations

import sys
from difflib import get_close_matches

from peerlint.cli.exits import Exit
from peerlint.errors import InputError
from peerlint.inventory.peering import PROFILES
from peerlint.profiles import shipped_profile
from peerlint.report import render_rule
from peerlint.rules import CATALOGUE


def explain(rule: str) -> Exit:
    """Print the page of a rule: what it checks, why, who asks for it, what Microsoft says.

    Parameters
    ----------
    rule
        The rule's id, such as route.community-missing.
    """
    if rule not in CATALOGUE:
        close = get_close_matches(rule, CATALOGUE, n=1)
        expected = f"{close[0]}, perhaps" if close else "a rule id, see `peerlint rules`"
        raise InputError("rule", expected=expected, found=rule)
    profiles = {name: shipped_profile(name) for name in PROFILES}
    sys.stdout.write(render_rule(CATALOGUE[rule], profiles))
    return Exit.CLEAN
