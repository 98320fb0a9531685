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


def doubtful_origins(groups: Iterable[AnnouncementGroup]) -> dict[int | None, tuple[str, ...]]:
    """Return the origins that only candidates for the best path have, among other origins.

    Such a route may not be the one that is announced: a dump does not mark the best path.

    Args:
        groups: the sessions that announce a prefix, by equal announcements.

    Returns:
        The ids of the sessions, by origin.
    """
    doubtful: dict[int | None, tuple[str, ...]] = {}
    certain: set[int | None] = set()
    for group in groups:
        found = {origin_of(route) for route in group.routes}
        if group.view.has_candidates and len(found) > 1:
            for origin in found:
                doubtful[origin] = (*doubtful.get(origin, ()), *group.session_ids)
        else:
            certain |= found
    return {origin: ids for origin, ids in doubtful.items() if origin not in certain}


def origin_of(observation: Observation) -> int | None:
    """Return the origin AS of a route as AS8075 receives it; None if it is not known."""
    if not observation.shows_path:
        return None
    return effective(observation).origin(observation.viewpoint.asn)
