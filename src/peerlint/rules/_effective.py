"""Paths and origins of routes as AS8075 receives them."""

from __future__ import annotations

from collections.abc import Iterable

from peerlint.model import AsPath
from peerlint.observations import Observation
from peerlint.rules.cells import AnnouncementGroup, Cell, Presence


def effective(observation: Observation) -> AsPath:
    """Return the path as AS8075 receives it; empty if the view does not show it."""
    return observation.viewpoint.effective(observation.route.path) or AsPath()


def origins(announcements: Iterable[Cell | AnnouncementGroup]) -> set[int]:
    """Return the AS numbers that originate a prefix on sessions that announce it.

    Args:
        announcements: cells and groups of sessions; cells that do not announce it are ignored.
    """
    found: set[int] = set()
    for each in announcements:
        if isinstance(each, AnnouncementGroup) or each.presence is Presence.PRESENT:
            found |= {asn for route in each.routes if (asn := origin_of(route)) is not None}
    return found


def origin_of(observation: Observation) -> int | None:
    """Return the origin AS of a route as AS8075 receives it; None if it is not known."""
    if not observation.shows_path:
        return None
    return effective(observation).origin(observation.viewpoint.asn)
