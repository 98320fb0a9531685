"""What every rule may know besides its subject."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from ipaddress import IPv4Address, IPv6Address

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
from peerlint.registry import Registry
from peerlint.rules._inventory_index import InventoryIndex
from peerlint.rules.numbers import MIN_CONNECTIONS


@attrs.frozen
class SetUp:
    """What a profile expects of the Azure resources.

    Attributes:
        network: Microsoft's side (directPeeringType), "Edge", "IxRs" or "Voice".
        min_connections: so many connections a peering has at least.
        address_provider: who gives the sessions' addresses; None where both may.
    """

    network: str = "Edge"
    min_connections: int = MIN_CONNECTIONS.value
    address_provider: str | None = None


@attrs.frozen
class Context:
    """What every rule may know besides its subject.

    Attributes:
        inventory: all of it.
        registered: see `registrations`.
        criteria: of the peering's profile.
        profile: the shipped one that it is or extends.
        all_routes: whether every route is the service's business (profile `partner`), not only
            those that carry the community.
        today: for what expires and what is due.
        set_up: see `SetUp`.
        plan: the inventory as it is meant to become; None if no plan was given.
        registry: registry data; None if none was given.
        space: the registered prefixes.
        activated: see `activations`.
        activated_space: the activated prefixes.
        locations: the ids of the sessions in each location, by AS.
        sites: the location of each session, by id.
        order: the place of each session in the inventory, by id.
        validated: the routes of which Azure says how it validated them, by prefix.
        names: the registered prefixes of one peering that have one name, by both names.
        next_hops: the partner's addresses on the sessions of each peering, by its name.
        shared_keys: the keys that several registrations have, by the name of each: the key's
            number among all keys, the key, and the names.
        index: the parts of the inventory, by what rules look for.
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
    space: Space = attrs.field(
        default=attrs.Factory(lambda self: Space(self.registered), takes_self=True)
    )
    activated: Mapping[Prefix, list[tuple[PeeringService, ServicePrefix]]] = attrs.field(
        default=attrs.Factory(lambda self: activations(self.inventory), takes_self=True)
    )
    activated_space: Space = attrs.field(
        default=attrs.Factory(lambda self: Space(self.activated), takes_self=True)
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


def registrations(inventory: Inventory) -> dict[Prefix, list[tuple[Peering, RegisteredPrefix]]]:
    """Return every registered prefix that can be read, with the peerings that declare it."""
    found: dict[Prefix, list[tuple[Peering, RegisteredPrefix]]] = {}
    for peering in inventory.peerings:
        for registered in peering.registered_prefixes:
            if (prefix := registered.parsed) is not None:
                found.setdefault(prefix, []).append((peering, registered))
    return found


def activations(
    inventory: Inventory,
) -> dict[Prefix, list[tuple[PeeringService, ServicePrefix]]]:
    """Return every service prefix that can be read, with the services that declare it."""
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
    """Whether two names are there and are one, as Azure compares."""
    return one is not None and other is not None and one.casefold() == other.casefold()
