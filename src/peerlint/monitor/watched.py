"""What a monitor watches: an inventory with its profiles, and the routes that it asks about."""

from __future__ import annotations

from collections.abc import Mapping

import attrs

from peerlint.engine import criteria_of
from peerlint.inventory import Inventory
from peerlint.model import Criteria, MaxAge
from peerlint.monitor.feed_tables import KeptRoutes
from peerlint.profiles import Profile
from peerlint.profiles.hold_times import HoldTimes
from peerlint.registry import Registry


@attrs.frozen(kw_only=True)
class Watched:
    """An inventory that is watched.

    Attributes:
        inventory: the inventory.
        profiles: the profiles, by the name of the peering.
        kept: which routes rules ask about.
        limits: how old a source may be, by the id of the session.
        times: how long states must hold, by the name of the peering.
        version: the version of peerlint.
        kernel: the kernel that reads the routes, "c" or "python".
        strict: see `peerlint.check`.
        remarks: remarks about the inventory or its profiles.
        registry: registry data, for rules that need it; None without any.
    """

    inventory: Inventory
    profiles: Mapping[str, Profile]
    kept: KeptRoutes
    limits: Mapping[str, MaxAge]
    times: Mapping[str, HoldTimes]
    version: str
    kernel: str
    strict: bool = False
    remarks: tuple[str, ...] = ()
    registry: Registry | None = None

    @property
    def criteria(self) -> dict[str, Criteria]:
        """What routes are measured against, by the name of the peering."""
        return {
            name: criteria_of(profile, self.inventory) for name, profile in self.profiles.items()
        }

    def asks_about_the_same_routes(self, other: Watched) -> bool:
        """Return whether tables that were kept for another inventory are whole for this one."""
        return _routes(self) == _routes(other)


def _routes(watched: Watched) -> tuple[object, ...]:
    inventory = watched.inventory
    return (
        [
            (each.id, each.peering.asn, each.connection.router, each.declared)
            for each in inventory.sessions
        ],
        sorted(map(str, inventory.prefixes)),
        watched.criteria,
        watched.kept.communities,
        watched.kept.prefix_filter is None,
    )
