"""Which of a router's counts are compared with the routes of a table."""

from __future__ import annotations

from peerlint.events import RouteCount, Statistics, TableRef
from peerlint.model import View


def counts_of(event: Statistics, table: TableRef) -> tuple[RouteCount, ...]:
    """Return the counts that can be compared with the routes of a table.

    Counts of an Adj-RIB-In before or after policy (RFC 9972) take precedence over those that leave
    the policy open, and counts of one address family over those of all families, which include
    families that no event is about.

    The count of the Loc-RIB is compared only if the report is about the Loc-RIB (RFC 9069). In a
    report about a peer, it is not known which of the routes are counted.
    """
    if (event.table.view is View.LOC_RIB) is not (table.view is View.LOC_RIB):
        return ()
    of_view = [each for each in event.route_counts if each.view is table.view]
    if table.view is View.ADJ_RIB_IN:
        exact = [each for each in of_view if each.is_post_policy is table.is_post_policy]
        of_view = exact or [each for each in of_view if each.is_post_policy is None]
    counts = [each for each in of_view if each.family is not None] or of_view
    # Two counts of the same routes that differ say nothing.
    return tuple(
        each
        for each in dict.fromkeys(counts)
        if all(each.routes == other.routes for other in counts if each.family == other.family)
    )


def can_contradict(count: RouteCount, table: TableRef) -> bool:
    """Return whether a count that differs contradicts the routes that are held of a table.

    A count that leaves the policy open is that of the Adj-RIB-In before policy. The table after
    policy has at most as many routes; if it has fewer, policy may have rejected the others.
    """
    if table.view is not View.ADJ_RIB_IN or not table.is_post_policy:
        return True
    return count.is_post_policy is True
