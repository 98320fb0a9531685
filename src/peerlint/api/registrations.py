"""Whether peerings register what their profiles ask for: prefixes or ASNs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from peerlint.errors import InventoryError, Mistake
from peerlint.inventory import Inventory, Peering
from peerlint.inventory.names import misplaced
from peerlint.observations import ROUTE_SERVER
from peerlint.profiles import Profile


def registration_remarks(
    inventory: Inventory, profiles: Mapping[str, Profile], *, is_overridden: bool
) -> tuple[str, ...]:
    """Return a remark for each peering that registers what its profile does not.

    Args:
        inventory: what is declared.
        profiles: by the name of the peering.
        is_overridden: whether the caller replaces the profiles of the inventory; then registrations
            for the inventory's own profile are no mistake.

    Raises:
        InventoryError: it registers what its own profile does not, so that nothing would check it.
    """
    found = tuple(_misplaced(inventory, profiles))
    if found and not is_overridden:
        mistakes = tuple(
            Mistake(f'peering "{peering.name}"', key, instead, f'profile "{peering.profile}"')
            for peering, key, instead in found
        )
        raise InventoryError(inventory.file or "the inventory", mistakes)
    return tuple(
        f"peering {peering.name}: {key} is not checked under profile "
        f"{profiles[peering.name].name}, expected {instead}"
        for peering, key, instead in found
    )


def _misplaced(
    inventory: Inventory, profiles: Mapping[str, Profile]
) -> Iterator[tuple[Peering, str, str]]:
    for peering in inventory.peerings:
        is_route_server = profiles[peering.name].base == ROUTE_SERVER
        key, instead = misplaced(is_route_server=is_route_server)
        has = peering.registered_prefixes if is_route_server else peering.registered_asns
        if has:
            yield peering, key, instead
