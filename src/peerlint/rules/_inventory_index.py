"""An inventory's parts by what rules look for: each of very many subjects asks for a few."""

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
    """The connections of one AS in one metro, with what rules ask of all of them.

    Attributes:
        connections: in the order of the inventory.
    """

    connections: list[Connection] = attrs.field(factory=list)

    @cached_property
    def circuits(self) -> int:
        """The number of circuits: those that name one circuit are one, others one each."""
        return _circuits(self.connections)

    @cached_property
    def without_router(self) -> list[str]:
        """The names of those whose router is not declared."""
        return [each.name for each in self.connections if each.router is None]

    @cached_property
    def shared_routers(self) -> dict[str, list[str]]:
        """Routers with more than one circuit, and the names of the connections."""
        return shared_routers(self.connections)

    @cached_property
    def without_role(self) -> list[str]:
        """The names of those whose role is not declared."""
        return [each.name for each in self.connections if each.role is None]

    @cached_property
    def backups(self) -> list[str]:
        """The names of those that are a backup."""
        return [each.name for each in self.connections if each.role is Role.BACKUP]


@attrs.frozen(eq=False)
class SessionGroup:
    """The connections of one AS in one metro, one for each session.

    Attributes:
        carrying: those that may be used for Peering Service.
        others: those that are declared not to be.
    """

    carrying: list[Connection] = attrs.field(factory=list)
    others: list[Connection] = attrs.field(factory=list)

    @cached_property
    def without_state(self) -> list[str]:
        """The names of the carrying ones whose state is not declared."""
        return [each.name for each in self.carrying if each.state is None]

    @cached_property
    def active(self) -> int:
        """The number of the carrying ones that are in service."""
        return sum(each.is_active for each in self.carrying)

    @cached_property
    def idle(self) -> list[str]:
        """The names of the other carrying ones, each with its state."""
        idle = (each for each in self.carrying if not each.is_active)
        return [*dict.fromkeys(f"{each.name} is {each.state}" for each in idle)]

    @cached_property
    def routers(self) -> frozenset[str | None]:
        """The routers of the carrying ones; None where one is not declared."""
        return frozenset(each.router for each in self.carrying)

    @cached_property
    def not_used(self) -> list[str]:
        """The names of those that are not used for Peering Service."""
        return [*dict.fromkeys(each.name for each in self.others)]


@attrs.frozen(eq=False)
class InventoryIndex:
    """An inventory's parts, by AS, by metro or by name; each index is made when it is first used.

    Attributes:
        inventory: all of it.
    """

    inventory: Inventory

    @cached_property
    def connections(self) -> Mapping[int, list[tuple[Peering, Connection]]]:
        """The connections of all peerings of an AS, by the AS."""
        found: dict[int, list[tuple[Peering, Connection]]] = {}
        for peering in self.inventory.peerings:
            there = found.setdefault(peering.asn, [])
            there += ((peering, each) for each in peering.connections)
        return found

    @cached_property
    def metros(self) -> Mapping[int, Mapping[Metro, ConnectionGroup]]:
        """The connections in each metro, by AS; a peering without a metro is one by itself."""
        found: dict[int, dict[Metro, ConnectionGroup]] = {}
        for asn, there in self.connections.items():
            groups = found.setdefault(asn, {})
            for peering, each in there:
                place = site(peering, each)
                groups.setdefault(place, ConnectionGroup()).connections.append(each)
        return found

    @cached_property
    def shared_routers(self) -> Mapping[int, dict[str, list[str]]]:
        """Routers with more than one circuit anywhere, and the connections' names, by AS."""
        return {
            asn: shared_routers(each for _, each in there)
            for asn, there in self.connections.items()
        }

    @cached_property
    def standby(self) -> StandbyIndex:
        """The connections that take over from each other."""
        return StandbyIndex(self.inventory)

    @cached_property
    def sessions(self) -> Mapping[tuple[int, Metro], SessionGroup]:
        """The connections of each session, by AS and metro."""
        found: dict[tuple[int, Metro], SessionGroup] = {}
        for each in self.inventory.sessions:
            place = metro(each.peering, each.connection)
            if place is not None:
                group = found.setdefault((each.peering.asn, place), SessionGroup())
                carries = each.connection.peering_service is not False
                (group.carrying if carries else group.others).append(each.connection)
        return found

    @cached_property
    def without_session(self) -> Mapping[tuple[int, Metro], list[Connection]]:
        """The connections that have no session yet, by AS and metro."""
        found: dict[tuple[int, Metro], list[Connection]] = {}
        for asn, there in self.connections.items():
            for peering, each in there:
                place = metro(peering, each)
                if place is not None and not each.sessions:
                    found.setdefault((asn, place), []).append(each)
        return found

    @cached_property
    def peered_in(self) -> frozenset[Metro | None]:
        """The metros with a connection, if only without sessions."""
        return frozenset(
            metro(peering, each) for there in self.connections.values() for peering, each in there
        )

    @cached_property
    def registered_with(self) -> Mapping[int, list[str]]:
        """The names of the peerings that register a customer's AS, by that AS."""
        found: dict[int, list[str]] = {}
        for peering in self.inventory.peerings:
            for each in peering.registered_asns:
                found.setdefault(each.asn, []).append(peering.name)
        return found

    @cached_property
    def customers(self) -> Mapping[int, dict[int, None]]:
        """The AS numbers that the peerings of an AS register, in ascending order, by the AS."""
        found: dict[int, set[int]] = {}
        for peering in self.inventory.peerings:
            found.setdefault(peering.asn, set()).update(
                each.asn for each in peering.registered_asns
            )
        return {asn: dict.fromkeys(sorted(each)) for asn, each in found.items()}

    @cached_property
    def customer_keys(self) -> Mapping[int, set[Key | None]]:
        """The keys of registered AS numbers, by that AS."""
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
        """The PeerAsn resources of an AS, by the AS."""
        found: dict[int, list[PeerAsn]] = {}
        for each in self.inventory.peer_asns:
            found.setdefault(each.asn, []).append(each)
        return found

    @cached_property
    def providers(self) -> Mapping[str, tuple[Provider, frozenset[Metro]]]:
        """The providers that Microsoft lists with their metros, by the name without its case."""
        found: dict[str, tuple[Provider, frozenset[Metro]]] = {}
        for each in self.inventory.providers:
            name = each.name.casefold()
            if name not in found:
                found[name] = (each, frozenset(map(Metro, each.locations)))
        return found


def shared_routers(connections: Iterable[Connection]) -> dict[str, list[str]]:
    """Return routers with more than one circuit, and the names of the connections.

    The connections of one circuit are named one after the other.
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
    """Return what tells the circuit of a connection from others: its name, or the connection's."""
    if connection.circuit is None:
        return None, connection.name
    return connection.circuit, ""
