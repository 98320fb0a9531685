"""What a monitor watches: an inventory with its profiles."""

from __future__ import annotations

from collections.abc import Iterable

from peerlint._version import __version__
from peerlint.api.declared import Declared
from peerlint.api.kept_routes import kept_routes
from peerlint.api.readers import ReaderContext
from peerlint.bulk import COMPILED
from peerlint.inventory import Inventory
from peerlint.monitor.watched import Watched


def watched_of(
    inventory: Inventory, *, profile: str | None, strict: bool, allow: Iterable[str]
) -> Watched:
    """Return what a monitor watches.

    Args:
        inventory: what is declared.
        profile: as for `check`.
        strict: as for `check`.
        allow: as for `check`.

    Raises:
        InputError: it has no peering, or there is no such profile.
        FeedError: a profile file cannot be read.
        ProfileError: a profile file has mistakes.
        InventoryError: a peering registers what its own profile does not.
    """
    declared = Declared.of(inventory, profile, allow)
    context = ReaderContext(declared.inventory, declared.profiles)
    return Watched(
        inventory=declared.inventory,
        profiles=declared.profiles,
        kept=kept_routes(context),
        limits=declared.limits(None),
        times={name: each.hold_times for name, each in declared.profiles.items()},
        version=__version__,
        kernel="c" if COMPILED else "python",
        strict=strict,
        remarks=declared.remarks,
    )
