"""The parts of a check that depend on the inventory only, prepared once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from functools import cached_property
from typing import TypeVar

import attrs

from peerlint.engine.evaluate import Evaluator
from peerlint.engine.findings import numbers_of
from peerlint.engine.waivers import Statements
from peerlint.inventory import (
    Connection,
    Inventory,
    Peering,
    PeeringService,
    RegisteredPrefix,
    ServicePrefix,
    SessionRef,
)
from peerlint.inventory.key_uses import redact
from peerlint.model import Criteria, Prefix
from peerlint.model.times import to_microseconds
from peerlint.observations import ROUTE_SERVER
from peerlint.profiles import Profile
from peerlint.registry import Registry
from peerlint.results import RegistrySource
from peerlint.rules import Context, Scope, registrations
from peerlint.rules.registry_questions import Questions
from peerlint.rules.registry_sources import registry_remarks, registry_sources

_Declared = TypeVar("_Declared", RegisteredPrefix, ServicePrefix)


@attrs.frozen
class SubjectKey:
    """The key of a subject, which does not depend on routes.

    Attributes:
        scope: the kind of subject. `Scope.CELL` has no keys, because the cells of a prefix are
            evaluated with it.
        owner: the name of the peering; for a service prefix, the name of the peering service.
        name: the prefix as declared, the id of the session, or the name of the connection; empty
            for a peering and for the whole inventory.
        number: the number among equal names of the same owner, from 1; for a connection, its
            number in the peering.
    """

    scope: Scope
    owner: str
    name: str = ""
    number: int = 1


@attrs.frozen(eq=False)
class Prepared:
    """An inventory with its profiles at one time, ready to be evaluated.

    Attributes:
        inventory: the inventory, without secrets.
        profiles: the profiles, by the name of the peering.
        now: the time of the check; its date decides which statements are valid.
        statements: the attestations and waivers of the inventory.
        evaluators: the evaluators, by the name of the peering; their contexts lack the data that
            routes add.
        version: the version of peerlint.
        kernel: the kernel that read the routes, "c" or "python".
        strict: whether inferred passes count as unknown, and the stricter reading of contradicting
            documents as an error.
        remarks: remarks about the inventory, its profiles or registry data.
        registry_sources: the sources of the registry data, with their ages.
        registry: the registry data at this time; None without any.
        questions: notes what rules ask the registry data.
    """

    inventory: Inventory
    profiles: Mapping[str, Profile]
    now: datetime
    statements: Statements
    evaluators: Mapping[str, Evaluator]
    version: str
    kernel: str
    strict: bool = False
    remarks: tuple[str, ...] = ()
    registry_sources: tuple[RegistrySource, ...] = ()
    registry: Registry | None = None
    questions: Questions = attrs.field(factory=Questions)

    @cached_property
    def peerings(self) -> Mapping[str, Peering]:
        """The peerings by name."""
        return {each.name: each for each in self.inventory.peerings}

    @cached_property
    def sessions(self) -> Mapping[str, SessionRef]:
        """The sessions by id."""
        return {each.id: each for each in self.inventory.sessions}

    @cached_property
    def connections(self) -> Mapping[SubjectKey, Connection]:
        """The connections by key."""
        return {
            SubjectKey(Scope.CONNECTION, peering.name, each.name, number): each
            for peering in self.inventory.peerings
            for number, each in enumerate(peering.connections, start=1)
        }

    @cached_property
    def registered(self) -> Mapping[SubjectKey, RegisteredPrefix]:
        """The registered prefixes by key, in the order of the inventory."""
        return {
            SubjectKey(Scope.PREFIX, peering.name, each.prefix, number): each
            for peering in self.inventory.peerings
            for number, each in _numbered(peering.registered_prefixes)
        }

    @cached_property
    def activated(self) -> Mapping[SubjectKey, tuple[PeeringService, ServicePrefix]]:
        """The service prefixes by key, in the order of the inventory."""
        return {
            SubjectKey(Scope.SERVICE_PREFIX, service.name, each.prefix, number): (service, each)
            for service in self.inventory.peering_services
            for number, each in _numbered(service.service_prefixes)
        }

    @cached_property
    def activated_prefixes(self) -> frozenset[Prefix]:
        """The service prefixes that could be parsed."""
        parsed = (declared.parsed for _, declared in self.activated.values())
        return frozenset(prefix for prefix in parsed if prefix is not None)

    @cached_property
    def has_route_servers(self) -> bool:
        """Whether a peering is one of a route server, where routes decide which prefixes exist."""
        return any(each.profile == ROUTE_SERVER for each in self.inventory.peerings)


def prepare(
    inventory: Inventory,
    profiles: Mapping[str, Profile],
    *,
    now: datetime,
    version: str,
    kernel: str,
    strict: bool = False,
    plan: Inventory | None = None,
    registry: Registry | None = None,
    remarks: Iterable[str] = (),
) -> Prepared:
    """Prepare an inventory for evaluation.

    Args:
        inventory: the inventory.
        profiles: the profiles, by the name of the peering.
        now: the time of the check; its date decides which statements are valid.
        version: the version of peerlint.
        kernel: the kernel that read the routes, "c" or "python".
        strict: whether inferred passes count as unknown, and the stricter reading of contradicting
            documents as an error.
        plan: the planned inventory; None without a plan.
        registry: registry data, for rules that need it; None without any.
        remarks: remarks about the inventory or its profiles.
    """
    inventory = redact(inventory)
    registry = None if registry is None else registry.at(to_microseconds(now))
    sources = registry_sources(registry, {each.registries: None for each in profiles.values()})
    statements, numbers = Statements(inventory, now.date()), numbers_of(inventory)
    common = Context(
        inventory,
        registrations(inventory),
        Criteria(),
        ROUTE_SERVER,
        today=now.date(),
        plan=plan,
        registry=registry,
        questions=(questions := Questions()),
    )
    evaluators = {}
    for peering in inventory.peerings:
        profile = profiles[peering.name]
        context = attrs.evolve(
            common,
            criteria=criteria_of(profile, inventory),
            profile=profile.base,
            all_routes=profile.all_prefixes,
            set_up=profile.set_up,
            registries=profile.registries,
        )
        evaluators[peering.name] = Evaluator(profile, context, statements, strict, numbers)
    return Prepared(
        inventory,
        profiles,
        now,
        statements,
        evaluators,
        version,
        kernel,
        strict,
        (*remarks, *registry_remarks(sources)),
        sources,
        registry,
        questions,
    )


def criteria_of(profile: Profile, inventory: Inventory) -> Criteria:
    """Return the criteria for the facts of a peering's routes."""
    return Criteria(profile.community, profile.max_path, inventory.lab.allow)


def _numbered(declared: Iterable[_Declared]) -> Iterator[tuple[int, _Declared]]:
    """Yield the prefixes of an owner, each with its number among equal ones, from 1."""
    times: dict[str, int] = {}
    for each in declared:
        times[each.prefix] = number = times.get(each.prefix, 0) + 1
        yield number, each
