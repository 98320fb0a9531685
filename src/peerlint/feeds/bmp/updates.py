"""The events of one UPDATE in a Route Monitoring message, and the table that they are about."""

from __future__ import annotations

import attrs

from peerlint.events import Announce, EndOfRib, TableRef, Withdraw
from peerlint.model import AsPath, Route, View
from peerlint.model.aspath import Segment, SegmentType
from peerlint.wire.bgp import Update
from peerlint.wire.bmp import PeerHeader
from peerlint.wire.end_of_rib import end_of_rib as end_of_rib_family
from peerlint.wire.nlri import Nlri


@attrs.frozen
class Place:
    """What all events of a message have.

    Attributes:
        feed: the feed's name.
        router: the router.
        table: the table.
        time: when the message arrived.
        header_time: when it was sent, by its header.
    """

    feed: str
    router: str
    table: TableRef
    time: int
    header_time: int | None

    def withdraw(self, nlri: Nlri) -> Withdraw:
        """Return the withdrawal of a route."""
        return Withdraw(
            feed=self.feed,
            router=self.router,
            table=self.table,
            time=self.time,
            header_time=self.header_time,
            prefix=nlri.prefix,
            path_id=nlri.path_id,
        )

    def announce(self, route: Route) -> Announce:
        """Return the announcement of a route."""
        return Announce(
            feed=self.feed,
            router=self.router,
            table=self.table,
            time=self.time,
            header_time=self.header_time,
            route=route,
        )


def whole(header: PeerHeader) -> TableRef:
    """Return all tables of a peer; for a Loc-RIB that table, whose address others may have."""
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
    return attrs.evolve(whole(header), view=view, is_post_policy=is_post_policy)


def end_of_rib(update: Update, place: Place) -> EndOfRib | None:
    """Return the End-of-RIB that an UPDATE is (RFC 4724 section 2); None if it is none."""
    family = end_of_rib_family(update)
    if family is None:
        return None
    return EndOfRib(
        feed=place.feed,
        router=place.router,
        table=place.table,
        time=place.time,
        header_time=place.header_time,
        family=family,
    )


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
