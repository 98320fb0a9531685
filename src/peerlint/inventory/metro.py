"""Metros: the locations of connections, compared without regard to case."""

from __future__ import annotations

import attrs

from peerlint.inventory.peering import Connection, Peering


@attrs.frozen
class Metro:
    """A metro (`peeringLocation` in Azure). Names are compared without regard to case, as in Azure.

    Attributes:
        name: the name as the inventory has it.
    """

    name: str = attrs.field(eq=str.casefold)

    def __str__(self) -> str:
        """Return the name."""
        return self.name


def metro(peering: Peering, connection: Connection) -> Metro | None:
    """Return the metro of a connection; None if it is not declared."""
    name = connection.location or peering.location
    return None if name is None else Metro(name)


def site(peering: Peering, connection: Connection) -> Metro:
    """Return the metro of a connection; if it is not known, one that only its peering has."""
    return metro(peering, connection) or Metro(peering.name)
