"""Groups of connections: by metro, by circuit, by router, and with those that take over."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from peerlint.inventory import Connection, Inventory, Metro, Peering, metro, site
from peerlint.inventory.peering import Role
from peerlint.rules._subject import Context


def standing_in(peering: Peering, inventory: Inventory) -> list[Connection]:
    """Return a peering's connections, then those that take over from them or they from."""
    metros = {metro(peering, each) for each in peering.connections} - {None}
    paired = {
        location
        for service in inventory.peering_services
        if service.primary is not None and service.backup is not None
        for pair in ((Metro(service.primary), Metro(service.backup)),)
        if not metros.isdisjoint(pair)
        for location in pair
    }
    has_backup = any(each.role is Role.BACKUP for each in peering.connections)
    others = [
        connection
        for other, connection in connections_of(inventory, peering.asn)
        if other.name != peering.name
        and (
            metro(other, connection) in paired
            or connection.role is Role.BACKUP
            or (has_backup and connection.role is Role.PRIMARY)
        )
    ]
    return [*peering.connections, *others]


def connections_of(inventory: Inventory, asn: int) -> Iterator[tuple[Peering, Connection]]:
    """Yield the connections of all peerings of an AS."""
    for other in inventory.peerings:
        if other.asn == asn:
            for connection in other.connections:
                yield other, connection


def by_metro(context: Context, peering: Peering) -> dict[str, list[Connection]]:
    """Return the connections of an AS in each metro that a peering has connections in."""
    locations = dict.fromkeys(site(peering, each) for each in peering.connections)
    known = context.connections.get(peering.asn, {})
    return {location.name: known.get(location, []) for location in sorted(locations, key=str)}


def with_one_circuit(peering: Peering, context: Context) -> dict[str, list[Connection]]:
    """Return the metros of a peering where its AS has one circuit only, with its connections."""
    groups = by_metro(context, peering)
    return {location: group for location, group in groups.items() if len(circuits_of(group)) == 1}


def circuits_of(connections: Iterable[Connection]) -> list[list[Connection]]:
    """Return the connections of each circuit: those that name it, or one that names none."""
    found: dict[tuple[str | None, str], list[Connection]] = {}
    for each in connections:
        circuit = (None, each.name) if each.circuit is None else (each.circuit, "")
        found.setdefault(circuit, []).append(each)
    return [*found.values()]


def shared_routers(connections: Iterable[Connection]) -> dict[str, list[str]]:
    """Return routers with more than one circuit, and the names of the connections."""
    routers: dict[str, list[Connection]] = {}
    for each in connections:
        if each.router is not None:
            routers.setdefault(each.router, []).append(each)
    return {
        router: [each.name for circuit in circuits for each in circuit]
        for router, group in routers.items()
        if len(circuits := circuits_of(group)) > 1
    }


def crowded_routers(inventory: Inventory, peering: Peering) -> dict[str, list[str]]:
    """Return the routers of a peering that have more than one circuit, anywhere."""
    own = {each.router for each in peering.connections}
    everywhere = shared_routers(
        connection for _, connection in connections_of(inventory, peering.asn)
    )
    return {router: names for router, names in everywhere.items() if router in own}
