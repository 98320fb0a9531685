"""Connections of an AS by metro, by circuit and by router."""

from __future__ import annotations

from peerlint.inventory import Peering, site
from peerlint.rules._inventory_index import ConnectionGroup
from peerlint.rules.context import Context


def by_metro(context: Context, peering: Peering) -> dict[str, ConnectionGroup]:
    """Return the connections of an AS in each metro that a peering has connections in."""
    locations = dict.fromkeys(site(peering, each) for each in peering.connections)
    known = context.index.metros.get(peering.asn, {})
    return {
        location.name: known.get(location, ConnectionGroup())
        for location in sorted(locations, key=str)
    }


def with_one_circuit(peering: Peering, context: Context) -> dict[str, ConnectionGroup]:
    """Return the metros of a peering in which its AS has one circuit, with the connections."""
    groups = by_metro(context, peering)
    return {location: group for location, group in groups.items() if group.circuits == 1}


def crowded_routers(context: Context, peering: Peering) -> dict[str, list[str]]:
    """Return the routers of a peering that have more than one circuit, in any metro.

    Each router has the names of its connections.
    """
    return own_routers(context.index.shared_routers.get(peering.asn, {}), peering)


def own_routers(routers: dict[str, list[str]], peering: Peering) -> dict[str, list[str]]:
    """Return those routers on which connections of a peering end."""
    own = dict.fromkeys(each.router for each in peering.connections)
    return {each: routers[each] for each in own if each is not None and each in routers}
