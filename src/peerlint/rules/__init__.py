"""The rules: each is one declaration in the module of its family."""

from __future__ import annotations

from typing import Final

from peerlint.rules import prefix, registration
from peerlint.rules._declare import Need, Problem, Rule, Scope, Stage, Unknown
from peerlint.rules._subject import (
    Cell,
    Context,
    PeeringSubject,
    PrefixSubject,
    Presence,
    SessionSubject,
    registrations,
)
from peerlint.rules.route import community, consistency, path, presence

_FAMILIES: Final = (prefix, registration, presence, community, path, consistency)

#: Every rule, by id, in the order of the catalogue: family, then place in its module.
CATALOGUE: Final[dict[str, Rule]] = {
    rule.id: rule
    for family in _FAMILIES
    for rule in vars(family).values()
    if isinstance(rule, Rule)
}

__all__ = [
    "CATALOGUE",
    "Cell",
    "Context",
    "Need",
    "PeeringSubject",
    "PrefixSubject",
    "Presence",
    "Problem",
    "Rule",
    "Scope",
    "SessionSubject",
    "Stage",
    "Unknown",
    "registrations",
]
