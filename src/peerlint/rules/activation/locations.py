"""Sessions and connections in the locations of a peering service."""

from __future__ import annotations

from peerlint.inventory import Metro, metro
from peerlint.rules._inventory_index import SessionGroup
from peerlint.rules.cells import Cell
from peerlint.rules.context import Context


def in_location(cells: tuple[Cell, ...], location: str | None) -> tuple[Cell, ...]:
    """Return the cells whose session is in a metro; none if `location` is None."""
    return tuple(
        cell
        for cell in cells
        if location is not None
        and metro(cell.session.peering, cell.session.connection) == Metro(location)
    )


def sessions_in(context: Context, asn: int, location: str) -> SessionGroup:
    """Return the connections of an AS in a metro, listed once for each session."""
    return context.index.sessions.get((asn, Metro(location)), SessionGroup())
