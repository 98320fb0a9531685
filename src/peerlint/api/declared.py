"""What is declared: an inventory with its profiles, as checks and monitors use it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

import attrs

from peerlint.api.profiles import load_profile
from peerlint.api.registrations import registration_remarks
from peerlint.arguments import A_STRING, as_tuple, must_be
from peerlint.errors import InputError
from peerlint.inventory import Inventory
from peerlint.model import Criteria, MaxAge
from peerlint.profiles import Profile
from peerlint.wording import Words


@attrs.frozen
class Declared:
    """An inventory with its profiles.

    Attributes:
        inventory: the inventory, with shipped profiles' names and with all allowed space.
        profiles: by the name of the peering.
        folder: the inventory's folder.
        remarks: what is unusual about it.
    """

    inventory: Inventory
    profiles: dict[str, Profile]
    folder: Path
    remarks: tuple[str, ...]

    @classmethod
    def of(cls, inventory: Inventory, profile: str | None, allow: Iterable[str]) -> Declared:
        """Load the profiles of an inventory.

        Args:
            inventory: what is declared.
            profile: replaces the profile of every peering; None for the inventory's own.
            allow: special-purpose space that counts as public, besides the inventory's own.

        Raises:
            InputError: it has no peering, or there is no such profile.
            FeedError: a profile file cannot be read.
            ProfileError: a profile file has mistakes.
            InventoryError: a peering registers what its own profile does not.
        """
        must_be("inventory", inventory, Inventory, "an Inventory")
        must_be("profile", profile, str, A_STRING, or_none=True)
        if not inventory.peerings:
            expected = "one [[peering]] at least"
            raise InputError(
                inventory.file or "the inventory", expected=expected, found=Words("none")
            )
        folder = Path(inventory.file).parent if inventory.file is not None else Path()
        profiles = {
            peering.name: load_profile(profile or peering.profile, None if profile else folder)
            for peering in inventory.peerings
        }
        remarks = registration_remarks(inventory, profiles, is_overridden=profile is not None)
        return cls(_resolved(inventory, profiles, allow), profiles, folder, remarks)

    def limits(self, max_age: MaxAge | None) -> dict[str, MaxAge]:
        """Return how old a source of each session may be.

        Args:
            max_age: the limit of all; None for those of the inventory, else of the profiles.
        """
        limit = max_age or self.inventory.lab.max_age
        return {
            session.id: limit or self.profiles[session.peering.name].max_age
            for session in self.inventory.sessions
        }


def _resolved(
    inventory: Inventory, profiles: Mapping[str, Profile], allow: Iterable[str]
) -> Inventory:
    """Return the inventory with shipped profiles' names, and with all allowed space."""
    criteria = Criteria(
        allow=inventory.lab.allow | frozenset(as_tuple("allow", allow, str, "strings"))
    )
    return attrs.evolve(
        inventory,
        peerings=tuple(
            attrs.evolve(peering, profile=profiles[peering.name].base)
            for peering in inventory.peerings
        ),
        lab=attrs.evolve(inventory.lab, allow=criteria.allow),
    )
