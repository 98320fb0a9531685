"""Paths and origins of routes as AS8075 sees them."""

from __future__ import annotations

from collections.abc import Iterable

from peerlint.model import AsPath
from peerlint.observations import Observation
from peerlint.rules.cells import AnnouncementGroup, Cell, Presence


def effective(observation: Observation) -> AsPath:
    """Return the path as AS8075 receives it; empty where the view does not tell."""
    return observation.viewpoint.effective(observation.route.path) or AsPath()


def origins(seen: Iterable[Cell | AnnouncementGroup]) -> set[int]:
    """Return the AS numbers that originate routes where a prefix is announced."""
    found: set[int] = set()
    for each in seen:
        if isinstance(each, AnnouncementGroup) or each.presence is Presence.PRESENT:
            found |= {asn for route in each.routes if (asn := origin_of(route)) is not None}
    return found


def origin_of(observation: Observation) -> int | None:
    """Return the AS that originates a route, as AS8075 sees it; None if nothing tells it."""
    if not observation.shows_path:
        return None
    return effective(observation).origin(observation.viewpoint.asn)
