"""What a reader of BMP sees, in a form in which two readers can be compared."""

from __future__ import annotations

from collections.abc import Iterator

import attrs

from peerlint.events import (
    Announce,
    EndOfRib,
    Event,
    Gap,
    SessionDown,
    SessionUp,
    Statistics,
    Withdraw,
)
from peerlint.feeds.bmp import RouterStream
from peerlint.model import Route
from peerlint.wire.bmp import Statistic


@attrs.frozen
class SeenEvent:
    """One thing that a reader sees of a peer; texts are those of `peerlint.model`.

    Attributes:
        what: up, down, announce, withdraw, end-of-rib, count or gap.
        distinguisher: the number of the peer's instance.
        peer: its address.
        asn: its AS number; None where pmbmpd does not say it.
        table: view and policy of the table; empty for the whole peer.
        prefix: the prefix; for a count its number and, if there is one, its family.
        path_id: the path identifier; None if there is none.
        path: the AS_PATH.
        next_hop: the next hop.
        communities: standard and large ones, in order.
        detail: the router's address of a session, the value of a count, the reason of a gap.
    """

    what: str
    distinguisher: int
    peer: str
    asn: int | None = None
    table: str = ""
    prefix: str = ""
    path_id: int | None = None
    path: str = ""
    next_hop: str = ""
    communities: tuple[str, ...] = ()
    detail: str = ""


def seen_by_peerlint(octets: bytes, size: int | None = None) -> list[SeenEvent]:
    """Return what the events of a router's stream say, in their order.

    Args:
        octets: the stream.
        size: the number of octets that arrive at a time; None for all of them.
    """
    stream = RouterStream("192.0.2.9")
    return [
        seen
        for at in range(0, len(octets), size or len(octets))
        for event in stream.feed(octets[at : at + (size or len(octets))], 0)
        for seen in _seen(event)
    ]


def _seen(event: Event) -> Iterator[SeenEvent]:
    if event.table is None:
        yield SeenEvent("gap", 0, "", detail=event.reason if isinstance(event, Gap) else "")
        return
    table = event.table
    peer = (table.distinguisher, str(table.peer))
    place = (
        "" if table.view is None else f"{table.view} {'post' if table.is_post_policy else 'pre'}"
    )
    match event:
        case Announce():
            yield _announced(event.route, SeenEvent("announce", *peer, table=place))
        case Withdraw():
            yield SeenEvent(
                "withdraw", *peer, table=place, prefix=str(event.prefix), path_id=event.path_id
            )
        case EndOfRib():
            yield SeenEvent("end-of-rib", *peer, table=place, prefix=f"IPv{event.family}")
        case SessionUp():
            local = "0.0.0.0" if event.local is None else str(event.local)  # noqa: S104
            yield SeenEvent("up", *peer, table.asn, detail=local)
        case SessionDown():
            yield SeenEvent("down", *peer, table.asn)
        case Statistics():
            for each in event.statistics:
                is_known = isinstance(each, Statistic)
                family = f" {each.afi}/{each.safi}" if is_known and each.afi is not None else ""
                value = str(each.value) if is_known else each.data.hex("-")
                yield SeenEvent(
                    "count", *peer, table.asn, prefix=f"{each.number}{family}", detail=value
                )
        case Gap():
            yield SeenEvent("gap", *peer, detail=event.reason)


def _announced(route: Route, seen: SeenEvent) -> SeenEvent:
    return attrs.evolve(
        seen,
        prefix=str(route.prefix),
        path_id=route.path_id,
        path=str(route.path),
        next_hop="" if route.next_hop is None else str(route.next_hop),
        communities=(
            *map(str, sorted(route.communities)),
            *map(str, sorted(route.large_communities)),
            *map(str, sorted(route.extended_communities)),
        ),
    )
