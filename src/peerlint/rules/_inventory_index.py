"""Indexes of an inventory, so that the time of a rule does not grow with the inventory."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property

import attrs

from peerlint.inventory import (
    Connection,
    Inventory,
    Key,
    Metro,
    PeerAsn,
    Peering,
    Provider,
    metro,
    site,
)
from peerlint.inventory.peering import Role
from peerlint.rules._bandwidth import StandbyIndex


@attrs.frozen(eq=False)
class ConnectionGroup:
    """The connections of one AS in one metro.

    Attributes:
        connections: the connections, in the order of the inventory.
    """

    connections: list[Connection] = attrs.field(factory=list)

    @cached_property
    def circuits(self) -> int:
        """The number of circuits; a connection that names no circuit is one by itself."""
        return _circuits(self.connections)

    @cached_property
    def without_router(self) -> list[str]:
        """The names of connections whose router is not declared."""
        return [each.name for each in self.connections if each.router is None]

    @cached_property
    def shared_routers(self) -> dict[str, list[str]]:
        """The names of connections, by router, for routers with more than one circuit."""
        return shared_routers(self.connections)

    @cached_property
    def without_role(self) -> list[str]:
        """The names of connections whose role is not declared."""
        return [each.name for each in self.connections if each.role is None]

    @cached_property
    def backups(self) -> list[str]:
        """The names of backup connections."""
        return [each.name for each in self.connections if each.role is Role.BACKUP]


@attrs.frozen(eq=False)
class SessionGroup:
    """The connections of one AS in one metro, listed once for each session.

    Attributes:
        carrying: connections that may be used for Peering Service.
        others: connections that are declared not to be used for it.
    """

    carrying: list[Connection] = attrs.field(factory=list)
    others: list[Connection] = attrs.field(factory=list)

    @cached_property
    def without_state(self) -> list[str]:
        """The names of carrying connections whose state is not declared."""
        return [each.name for each in self.carrying if each.state is None]

    @cached_property
    def active(self) -> int:
        """The number of carrying connections that are in service."""
        return sum(each.is_active for each in self.carrying)

    @cached_property
    def idle(self) -> list[str]:
        """The names of carrying connections that are not in service, each with its state."""
        idle = (each for each in self.carrying if not each.is_active)
        return [*dict.fromkeys(f"{each.name} is {each.state}" for each in idle)]

    @cached_property
    def routers(self) -> frozenset[str | None]:
        """The routers of carrying connections, with None if one is not declared."""
        return frozenset(each.router for each in self.carrying)

    @cached_property
    def not_used(self) -> list[str]:
        """The names of connections that are not used for Peering Service."""
        return [*dict.fromkeys(each.name for each in self.others)]


@attrs.frozen(eq=False)
class InventoryIndex:
    """The parts of an inventory by AS, by metro or by name; each index is made on first use.

    Attributes:
        inventory: the inventory.
    """

    inventory: Inventory

    @cached_property
    def connections(self) -> Mapping[int, list[tuple[Peering, Connection]]]:
        """The connections of all peerings of an AS, by the AS."""
        found: dict[int, list[tuple[Peering, Connection]]] = {}
        for peering in self.inventory.peerings:
            pairs = found.setdefault(peering.asn, [])
            pairs += ((peering, each) for each in peering.connections)
        return found

    @cached_property
    def metros(self) -> Mapping[int, Mapping[Metro, ConnectionGroup]]:
        """The connections in each metro, by AS; a peering without a metro has one of its own."""
        found: dict[int, dict[Metro, ConnectionGroup]] = {}
        for asn, pairs in self.connections.items():
            groups = found.setdefault(asn, {})
            for peering, each in pairs:
                location = site(peering, each)
                groups.setdefault(location, ConnectionGroup()).connections.append(each)
        return found

    @cached_property
    def shared_routers(self) -> Mapping[int, dict[str, list[str]]]:
        """The names of connections by AS and router, for routers with more than one circuit."""
        return {
            asn: shared_routers(each for _, each in pairs)
            for asn, pairs in self.connections.items()
        }

    @cached_property
    def standby(self) -> StandbyIndex:
        """The connections that must have the same bandwidth."""
        return StandbyIndex(self.inventory)

    @cached_property
    def sessions(self) -> Mapping[tuple[int, Metro], SessionGroup]:
        """The connections that have sessions, once for each session, by AS and metro."""
        found: dict[tuple[int, Metro], SessionGroup] = {}
        for each in self.inventory.sessions:
            location = metro(each.peering, each.connection)
            if location is not None:
                group = found.setdefault((each.peering.asn, location), SessionGroup())
                carries = each.connection.peering_service is not False
                (group.carrying if carries else group.others).append(each.connection)
        return found

    @cached_property
    def without_session(self) -> Mapping[tuple[int, Metro], list[Connection]]:
        """The connections without a session, by AS and metro."""
        found: dict[tuple[int, Metro], list[Connection]] = {}
        for asn, pairs in self.connections.items():
            for peering, each in pairs:
                location = metro(peering, each)
                if location is not None and not each.sessions:
                    found.setdefault((asn, location), []).append(each)
        return found

    @cached_property
    def peered_in(self) -> frozenset[Metro | None]:
        """The metros with a connection, with or without sessions."""
        return frozenset(
            metro(peering, each) for pairs in self.connections.values() for peering, each in pairs
        )

    @cached_property
    def registered_with(self) -> Mapping[int, list[str]]:
        """The names of the peerings that register an AS for a customer, by the AS."""
        found: dict[int, list[str]] = {}
        for peering in self.inventory.peerings:
            for each in peering.registered_asns:
                found.setdefault(each.asn, []).append(peering.name)
        return found

    @cached_property
    def customers(self) -> Mapping[int, dict[int, None]]:
        """The AS numbers that an AS's peerings register, in ascending order, by the AS."""
        found: dict[int, set[int]] = {}
        for peering in self.inventory.peerings:
            found.setdefault(peering.asn, set()).update(
                each.asn for each in peering.registered_asns
            )
        return {asn: dict.fromkeys(sorted(each)) for asn, each in found.items()}

    @cached_property
    def customer_keys(self) -> Mapping[int, set[Key | None]]:
        """The keys of registered AS numbers, by the AS number."""
        found: dict[int, set[Key | None]] = {}
        for peering in self.inventory.peerings:
            for each in peering.registered_asns:
                found.setdefault(each.asn, set()).add(each.key)
        return found

    @cached_property
    def all_customer_keys(self) -> frozenset[Key | None]:
        """The keys of all registered AS numbers."""
        return frozenset().union(*self.customer_keys.values())

    @cached_property
    def used_keys(self) -> frozenset[Key | None]:
        """The keys of all service prefixes."""
        services = self.inventory.peering_services
        return frozenset(each.key for service in services for each in service.service_prefixes)

    @cached_property
    def peer_asns(self) -> Mapping[int, list[PeerAsn]]:
        """The PeerAsn resources, by their AS."""
        found: dict[int, list[PeerAsn]] = {}
        for each in self.inventory.peer_asns:
            found.setdefault(each.asn, []).append(each)
        return found

    @cached_property
    def peer_asn_subscriptions(self) -> frozenset[str | None]:
        """The subscriptions of the PeerAsn resources, with None if one is not declared."""
        return frozenset(each.subscription for each in self.inventory.peer_asns)

    @cached_property
    def providers(self) -> Mapping[str, tuple[Provider, frozenset[Metro]]]:
        """The providers that Microsoft lists, with their metros, by name in lower case."""
        found: dict[str, tuple[Provider, frozenset[Metro]]] = {}
        for each in self.inventory.providers:
            name = each.name.casefold()
            if name not in found:
                found[name] = (each, frozenset(map(Metro, each.locations)))
        return found


def shared_routers(connections: Iterable[Connection]) -> dict[str, list[str]]:
    """Return the routers with more than one circuit, each with the names of its connections.

    The names are ordered by circuit.
    """
    routers: dict[str, dict[tuple[str | None, str], list[str]]] = {}
    for each in connections:
        if each.router is not None:
            circuits = routers.setdefault(each.router, {})
            circuits.setdefault(_circuit(each), []).append(each.name)
    return {
        router: [name for names in circuits.values() for name in names]
        for router, circuits in routers.items()
        if len(circuits) > 1
    }


def _circuits(connections: Iterable[Connection]) -> int:
    return len(set(map(_circuit, connections)))


def _circuit(connection: Connection) -> tuple[str | None, str]:
    """Return a key for the circuit: the circuit's name, or else the connection's name."""
    if connection.circuit is None:
        return None, connection.name
    return connection.circuit, ""
