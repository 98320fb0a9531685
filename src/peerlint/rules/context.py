"""The data that rules may use besides their subject."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from ipaddress import IPv4Address, IPv6Address
from typing import Final

import attrs

from peerlint.inventory import (
    Inventory,
    Key,
    Metro,
    Peering,
    PeeringService,
    RegisteredPrefix,
    ServicePrefix,
    site,
)
from peerlint.model import Criteria, Prefix, Space
from peerlint.observations import Observation
from peerlint.registry import Registry, SourceKind
from peerlint.rules._activation_index import ActivationIndex
from peerlint.rules._inventory_index import InventoryIndex
from peerlint.rules._registry_data import RegistryData
from peerlint.rules.answers import Need
from peerlint.rules.numbers import MIN_CONNECTIONS
from peerlint.rules.registry_criteria import RegistryCriteria
from peerlint.rules.registry_questions import Questions

#: The needs that each kind of registry data meets.
_NEEDS: Final = {
    SourceKind.IRR: Need.IRR,
    SourceKind.VRPS: Need.VRPS,
    SourceKind.PEERINGDB: Need.PEERINGDB,
}


@attrs.frozen
class SetUp:
    """The Azure resources that a profile expects.

    Attributes:
        network: Microsoft's network (directPeeringType): "Edge", "IxRs" or "Voice".
        min_connections: the smallest number of connections of a peering.
        address_provider: who provides the sessions' addresses; None if both sides may.
    """

    network: str = "Edge"
    min_connections: int = MIN_CONNECTIONS.value
    address_provider: str | None = None


def _registry_data(context: Context) -> RegistryData | None:
    if context.registry is None:
        return None
    return RegistryData(context.registry, context.registries, context.questions)


@attrs.frozen
class Context:
    """The data that rules may use besides their subject.

    Attributes:
        inventory: the whole inventory.
        registered: the registered prefixes, see `registrations`.
        criteria: the criteria of the peering's profile.
        profile: the name of the shipped profile that the profile is or extends.
        all_routes: whether the service covers every route (profile `partner`), and not only routes
            with the community.
        today: the date, for what expires and what is due.
        set_up: the Azure resources that the profile expects.
        plan: the planned inventory; None without a plan.
        registry: registry data, as of the time of the check; None without any.
        registries: which registries count, and how old their data may be.
        questions: notes what rules ask the registry data.
        space: the registered prefixes as a space.
        activated: the service prefixes, see `activations`.
        activated_space: the service prefixes as a space.
        overlaps: which service prefixes share addresses.
        locations: the ids of the sessions, by AS and name of the location.
        sites: the name of each session's location, by the session's id.
        order: the index of each session in the inventory, by the session's id.
        validated: the routes for which Azure reports its validation results, by prefix.
        names: the registered prefixes, by the names of the peering and the prefix.
        next_hops: the partner's addresses on the sessions, by the name of the peering.
        shared_keys: the keys of several registrations, by the name of each registration: the key's
            number among all keys, the key, and the names of all its registrations.
        index: indexes of the inventory.
        registry_data: the registry data as rules use them; None without any.
    """

    inventory: Inventory
    registered: Mapping[Prefix, list[tuple[Peering, RegisteredPrefix]]]
    criteria: Criteria
    profile: str
    all_routes: bool = False
    today: date = date.max
    set_up: SetUp = SetUp()
    plan: Inventory | None = None
    registry: Registry | None = None
    registries: RegistryCriteria = RegistryCriteria()
    questions: Questions = attrs.field(factory=Questions)
    space: Space = attrs.field(
        default=attrs.Factory(lambda self: Space(self.registered), takes_self=True)
    )
    activated: Mapping[Prefix, list[tuple[PeeringService, ServicePrefix]]] = attrs.field(
        default=attrs.Factory(lambda self: activations(self.inventory), takes_self=True)
    )
    activated_space: Space = attrs.field(
        default=attrs.Factory(lambda self: Space(self.activated), takes_self=True)
    )
    overlaps: ActivationIndex = attrs.field(
        default=attrs.Factory(
            lambda self: ActivationIndex(self.activated, self.activated_space), takes_self=True
        )
    )
    locations: Mapping[int, Mapping[str, list[str]]] = attrs.field(
        default=attrs.Factory(lambda self: _locations(self.inventory), takes_self=True)
    )
    sites: Mapping[str, str] = attrs.field(
        default=attrs.Factory(lambda self: _sites(self.locations), takes_self=True)
    )
    order: Mapping[str, int] = attrs.field(
        default=attrs.Factory(lambda self: _order(self.inventory), takes_self=True)
    )
    validated: Mapping[Prefix, tuple[Observation, ...]] = attrs.field(factory=dict)
    names: Mapping[tuple[str, str], list[RegisteredPrefix]] = attrs.field(
        default=attrs.Factory(lambda self: _names(self.inventory), takes_self=True)
    )
    next_hops: Mapping[str, frozenset[IPv4Address | IPv6Address | None]] = attrs.field(
        default=attrs.Factory(lambda self: _next_hops(self.inventory), takes_self=True)
    )
    shared_keys: Mapping[str, list[tuple[int, Key, list[str]]]] = attrs.field(
        default=attrs.Factory(lambda self: _shared_keys(self.inventory), takes_self=True)
    )
    index: InventoryIndex = attrs.field(
        default=attrs.Factory(lambda self: InventoryIndex(self.inventory), takes_self=True)
    )
    # Not an argument: it depends on the criteria of the profile, which `attrs.evolve` changes.
    registry_data: RegistryData | None = attrs.field(
        default=attrs.Factory(_registry_data, takes_self=True), init=False
    )

    @property
    def given(self) -> frozenset[Need]:
        """The needs that the registry data meet, at least in part."""
        sources = () if self.registry is None else self.registry.sources
        return frozenset(_NEEDS[each.kind] for each in sources if each.kind in _NEEDS)


def registrations(inventory: Inventory) -> dict[Prefix, list[tuple[Peering, RegisteredPrefix]]]:
    """Return the registered prefixes that can be parsed, with their peerings and declarations."""
    found: dict[Prefix, list[tuple[Peering, RegisteredPrefix]]] = {}
    for peering in inventory.peerings:
        for registered in peering.registered_prefixes:
            if (prefix := registered.parsed) is not None:
                found.setdefault(prefix, []).append((peering, registered))
    return found


def activations(
    inventory: Inventory,
) -> dict[Prefix, list[tuple[PeeringService, ServicePrefix]]]:
    """Return the service prefixes that can be parsed, with their services and declarations."""
    found: dict[Prefix, list[tuple[PeeringService, ServicePrefix]]] = {}
    for service in inventory.peering_services:
        for declared in service.service_prefixes:
            if (prefix := declared.parsed) is not None:
                found.setdefault(prefix, []).append((service, declared))
    return found


def _locations(inventory: Inventory) -> dict[int, dict[str, list[str]]]:
    found: dict[int, dict[Metro, list[str]]] = {}
    for session in inventory.sessions:
        where = site(session.peering, session.connection)
        found.setdefault(session.peering.asn, {}).setdefault(where, []).append(session.id)
    return {
        asn: {where.name: sessions for where, sessions in locations.items()}
        for asn, locations in found.items()
    }


def _sites(locations: Mapping[int, Mapping[str, list[str]]]) -> dict[str, str]:
    return {
        session: where
        for by_name in locations.values()
        for where, sessions in by_name.items()
        for session in sessions
    }


def _order(inventory: Inventory) -> dict[str, int]:
    return {session.id: number for number, session in enumerate(inventory.sessions)}


def _names(inventory: Inventory) -> dict[tuple[str, str], list[RegisteredPrefix]]:
    found: dict[tuple[str, str], list[RegisteredPrefix]] = {}
    for peering in inventory.peerings:
        for registered in peering.registered_prefixes:
            if registered.name is not None:
                found.setdefault((peering.name, registered.name), []).append(registered)
    return found


def _next_hops(inventory: Inventory) -> dict[str, frozenset[IPv4Address | IPv6Address | None]]:
    return {
        peering.name: frozenset(session.declared.peer for session in peering.sessions)
        for peering in inventory.peerings
    }


def keys_of(peering: Peering) -> dict[str, Key | None]:
    """Return the key of each prefix and AS number that a peering registers, by its name."""
    prefixes = {str(each.prefix or "AS"): each.key for each in peering.registered_prefixes}
    return prefixes | {f"AS{each.asn}": each.key for each in peering.registered_asns}


def _shared_keys(inventory: Inventory) -> dict[str, list[tuple[int, Key, list[str]]]]:
    everywhere: dict[Key, list[str]] = {}
    for peering in inventory.peerings:
        for name, key in keys_of(peering).items():
            if key is not None:
                everywhere.setdefault(key, []).append(name)
    found: dict[str, list[tuple[int, Key, list[str]]]] = {}
    for number, (key, names) in enumerate(everywhere.items()):
        if len(names) > 1:
            for name in dict.fromkeys(names):
                found.setdefault(name, []).append((number, key, names))
    return found


def is_same(one: str | None, other: str | None) -> bool:
    """Whether two names are declared and equal; like Azure, this ignores case."""
    return one is not None and other is not None and one.casefold() == other.casefold()
