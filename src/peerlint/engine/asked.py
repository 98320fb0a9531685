"""What the rules will ask registries about, for servers that have to be asked beforehand."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Final

from peerlint.inventory import Inventory
from peerlint.model import Prefix
from peerlint.observations import ROUTE_SERVER, Observations
from peerlint.registry import Asked
from peerlint.rules import origin_of, registrations

#: The most AS numbers, and prefixes, that servers are asked about: each takes several queries to
#: each registry. What is beyond is unknown.
MOST: Final = 2_000


def asked_about(inventory: Inventory, observations: Observations, most: int = MOST) -> Asked:
    """Return the AS numbers and prefixes that rules ask registries about.

    These are the registered prefixes with the origins that are declared for them or that their
    routes show, and the peers' own AS numbers; of route servers, all prefixes that are shown.

    Args:
        inventory: what is declared.
        observations: the routes.
        most: the maximum number of each; the declared ones come first.
    """
    declared = registrations(inventory)
    asns: dict[int, None] = dict.fromkeys(
        registered.origin
        for rows in declared.values()
        for _, registered in rows
        if registered.origin is not None
    )
    asns |= dict.fromkeys(each.asn for each in inventory.peerings)
    prefixes = dict.fromkeys(declared)
    for prefix, origin in _shown(inventory, observations, prefixes):
        prefixes.setdefault(prefix)
        if origin is not None:
            asns.setdefault(origin)
    return Asked(frozenset(islice(asns, most)), frozenset(islice(prefixes, most)))


def _shown(
    inventory: Inventory, observations: Observations, declared: dict[Prefix, None]
) -> Iterator[tuple[Prefix, int | None]]:
    known = frozenset(declared)
    for session in inventory.sessions:
        is_server = session.peering.profile == ROUTE_SERVER
        for source in observations.of(session.id):
            for each in source.columns:
                if is_server or each.route.prefix in known:
                    yield each.route.prefix, origin_of(each)
