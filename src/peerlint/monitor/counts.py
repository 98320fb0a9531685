"""Which of a router's counts are about a table."""

from __future__ import annotations

from peerlint.events import RouteCount, Statistics, TableRef
from peerlint.model import View


def counts_of(event: Statistics, table: TableRef) -> tuple[RouteCount, ...]:
    """Return the counts that can be compared with the routes of a table.

    Those of the policy of an Adj-RIB-In (RFC 9972) say more than those without, and those of one
    family more than those of all, which include families that no event is about.

    The number of routes of the Loc-RIB is that table's only in the report about it (RFC 9069): in
    the report about a peer it is not said which of its routes are meant.
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


def is_about(count: RouteCount, table: TableRef) -> bool:
    """Return whether a count that differs contradicts what is held of a table.

    The Adj-RIB-In without further words is the one before policy: the one after it has at most as
    many routes. If it has as many, all of them are there; if it has less, policy may reject some.
    """
    if table.view is not View.ADJ_RIB_IN or not table.is_post_policy:
        return True
    return count.is_post_policy is True
