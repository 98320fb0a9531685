"""Find peerings by name, resource group and subscription."""

from __future__ import annotations

import operator
from typing import Any

from peerlint.inventory.azure.export import AzurePeering, Child
from peerlint.inventory.azure.match import is_same_name, may_be_same
from peerlint.inventory.peering import Peering


class PeeringsByName:
    """An index of peerings by name, without regard to case, as in Azure."""

    def __init__(self) -> None:
        """Start without peerings."""
        self._found: dict[str, list[tuple[int, int, Peering | AzurePeering]]] = {}
        self._size = 0

    def __len__(self) -> int:
        """Return the number of peerings."""
        return self._size

    def add(self, peering: Peering | AzurePeering, at: int) -> None:
        """Add a peering at a position."""
        self._found.setdefault(peering.name.casefold(), []).append((self._size, at, peering))
        self._size += 1

    def like(self, azure: AzurePeering) -> list[tuple[int, Peering | AzurePeering]]:
        """Return the peerings with its name, or `group/name`, in the order they were added."""
        names = {azure.name.casefold(), f"{azure.resource_group}/{azure.name}".casefold()}
        found = [each for name in names for each in self._found.get(name, ())]
        return [(at, peering) for _, at, peering in sorted(found, key=operator.itemgetter(0))]


def parent_of(child: Child[Any]) -> AzurePeering:
    """Return the peering that a resource belongs to, as far as it is known."""
    return AzurePeering(child.parent or "", child.subscription, child.resource_group)


def is_named(peering: Peering | AzurePeering, azure: AzurePeering) -> bool:
    """Return whether a peering has the name or `group/name` of an exported one, in its group."""
    return is_resource(peering, azure) or (
        is_same_name(peering.name, f"{azure.resource_group}/{azure.name}")
        and _is_same_group(peering, azure)
    )


def is_resource(peering: Peering | AzurePeering, azure: AzurePeering) -> bool:
    """Return whether names, and known resource groups and subscriptions, are equal."""
    return is_same_name(peering.name, azure.name) and _is_same_group(peering, azure)


def _is_same_group(peering: Peering | AzurePeering, azure: AzurePeering) -> bool:
    return may_be_same(peering.resource_group, azure.resource_group) and may_be_same(
        peering.subscription, azure.subscription
    )
