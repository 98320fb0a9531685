"""The sessions and connections of a metro, for the locations that a peering service chooses."""

from __future__ import annotations

from peerlint.inventory import Connection, Inventory, Metro, metro
from peerlint.rules._subject import Cell


def in_location(cells: tuple[Cell, ...], location: str | None) -> tuple[Cell, ...]:
    """Return the cells of the sessions in a metro."""
    return tuple(
        cell
        for cell in cells
        if location is not None
        and metro(cell.session.peering, cell.session.connection) == Metro(location)
    )


def carrying(
    inventory: Inventory, asn: int, location: str
) -> tuple[list[Connection], list[Connection]]:
    """Return an AS's connections in a metro, one for each session: those that carry the service.

    The others follow: those that are declared not to be used for it.
    """
    there = [
        each.connection
        for each in inventory.sessions
        if each.peering.asn == asn and metro(each.peering, each.connection) == Metro(location)
    ]
    return (
        [each for each in there if each.peering_service is not False],
        [each for each in there if each.peering_service is False],
    )


def peers_in(inventory: Inventory, location: str) -> bool:
    """Whether there is a connection in a metro, if only without sessions."""
    return any(
        metro(peering, connection) == Metro(location)
        for peering in inventory.peerings
        for connection in peering.connections
    )
