"""The rules; each is declared once, in the module of its family."""

from __future__ import annotations

from typing import Final

from peerlint.rules import prefix, registration
from peerlint.rules._effective import effective, origin_of, origins
from peerlint.rules._rule import AnyRule, Kind, Rule, Stage
from peerlint.rules.activation import keys, outcome, service
from peerlint.rules.activation import prefix as service_prefix
from peerlint.rules.activation import redundancy as service_redundancy
from peerlint.rules.answers import Need, Problem, Unknown
from peerlint.rules.asn import customer, origin, partner
from peerlint.rules.asn.registration import registry_objects
from peerlint.rules.cells import AnnouncementGroup, Cell, Presence
from peerlint.rules.context import Context, SetUp, activations, is_same, registrations
from peerlint.rules.operations import policy, traffic
from peerlint.rules.registry_criteria import RegistryCriteria
from peerlint.rules.route import community, consistency, irr, path, presence, registry, session
from peerlint.rules.scopes import Scope
from peerlint.rules.subjects import (
    ConnectionSubject,
    InventorySubject,
    ObservedPeering,
    ObservedPrefix,
    ObservedServicePrefix,
    ObservedSession,
    PeeringSubject,
    PrefixSubject,
    ServicePrefixSubject,
    SessionSubject,
    Subject,
)
from peerlint.rules.topology import backup, link, redundancy, resource
from peerlint.rules.topology import session as topology_session

_FAMILIES: Final = (
    resource, redundancy, backup, link, topology_session,
    partner, customer, origin,
    prefix, registration,
    presence, session, community, path, consistency, irr, registry,
    service_prefix, keys, service_redundancy, service, outcome,
    traffic, policy,
)  # fmt: skip

#: Every rule by id, in the order of `_FAMILIES` and, within a module, of the declarations.
CATALOGUE: Final[dict[str, Rule]] = {
    rule.id: rule
    for family in _FAMILIES
    for rule in vars(family).values()
    if isinstance(rule, Rule)
}
#: The rules that are evaluated, by id, in the order of the catalogue; the others are hints.
CHECKS: Final = {rule.id: rule for rule in CATALOGUE.values() if rule.kind is Kind.CHECK}

__all__ = [
    "CATALOGUE",
    "CHECKS",
    "AnnouncementGroup",
    "AnyRule",
    "Cell",
    "ConnectionSubject",
    "Context",
    "InventorySubject",
    "Kind",
    "Need",
    "ObservedPeering",
    "ObservedPrefix",
    "ObservedServicePrefix",
    "ObservedSession",
    "PeeringSubject",
    "PrefixSubject",
    "Presence",
    "Problem",
    "RegistryCriteria",
    "Rule",
    "Scope",
    "ServicePrefixSubject",
    "SessionSubject",
    "SetUp",
    "Stage",
    "Subject",
    "Unknown",
    "activations",
    "effective",
    "is_same",
    "origin_of",
    "origins",
    "registrations",
    "registry_objects",
]
