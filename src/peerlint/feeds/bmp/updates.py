"""The table that a Route Monitoring message is about, and the path that its peer sent."""

from __future__ import annotations

from functools import lru_cache

import attrs

from peerlint.events import IPAddress, TableRef
from peerlint.model import AsPath, Route, View
from peerlint.model.aspath import Segment, SegmentType
from peerlint.wire.bmp import PeerHeader


def all_tables_of(header: PeerHeader) -> TableRef:
    """Return all tables of the peer of a message.

    A Loc-RIB is only that table: the router's own routes have its address too.
    """
    return TableRef(
        header.address,
        header.asn,
        View.LOC_RIB if header.is_loc_rib else None,
        distinguisher=header.distinguisher,
    )


def table_of(header: PeerHeader) -> TableRef:
    """Return the table that the routes of a message are in."""
    view = header.view
    is_post_policy = header.is_post_policy and view is View.ADJ_RIB_IN
    return _table(
        header.address, header.asn, view, header.distinguisher, is_post_policy=is_post_policy
    )


# Millions of messages are about few tables, and each follower of events looks its table up.
@lru_cache(maxsize=4096)
def _table(
    address: IPAddress, asn: int, view: View, distinguisher: int, *, is_post_policy: bool
) -> TableRef:
    return TableRef(address, asn, view, is_post_policy=is_post_policy, distinguisher=distinguisher)


def without_own_as(route: Route, local: int | None, peer: int | None) -> Route:
    """Return a received route without the router's own AS in front of its path.

    FRR before its pull request 21815 prepends it. No peer of another AS sends such a path, with
    its own AS second.

    Args:
        route: the route.
        local: the router's AS number, from its OPEN.
        peer: the peer's AS number, from its OPEN.
    """
    if local is None or local == peer or route.path.first_as != local:
        return route
    rest = _without_first(route.path)
    if rest.first_as is None or rest.first_as != peer:
        return route
    return attrs.evolve(route, path=rest)


def _without_first(path: AsPath) -> AsPath:
    """Return a path without its leftmost AS, if it starts with a sequence."""
    first, *others = path.segments
    if first.type is not SegmentType.AS_SEQUENCE:
        return path
    kept = (Segment(first.type, first.asns[1:]),) if len(first.asns) > 1 else ()
    return AsPath((*kept, *others))
