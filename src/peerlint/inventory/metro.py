"""Metros: where connections are, compared in one way everywhere."""

from __future__ import annotations

import attrs

from peerlint.inventory.peering import Connection, Peering


@attrs.frozen
class Metro:
    """A location in Azure's words.

    Two are equal whatever the case of their letters, as Azure compares them.

    Attributes:
        name: as it is written in the inventory.
    """

    name: str = attrs.field(eq=str.casefold)

    def __str__(self) -> str:
        """Return the name."""
        return self.name


def metro(peering: Peering, connection: Connection) -> Metro | None:
    """Return the metro of a connection, None if it is not declared."""
    name = connection.location or peering.location
    return None if name is None else Metro(name)


def site(peering: Peering, connection: Connection) -> Metro:
    """Return the metro of a connection; where it is not known, a peering is one by itself."""
    return metro(peering, connection) or Metro(peering.name)
