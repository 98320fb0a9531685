"""One story of a session, as data, and the events that a feed has to make of it."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_address
from typing import Any, Final

import attrs

from peerlint.events import (
    Announce,
    EndOfRib,
    Event,
    FeedBack,
    FeedLost,
    Gap,
    SessionDown,
    SessionUp,
    TableRef,
    Withdraw,
)
from peerlint.model import Prefix, Route, View
from peerlint.testing.dumps import TIMESTAMP

SECOND: Final = 1_000_000
#: How far the sender's clock is behind ours.
BEHIND: Final = 5 * SECOND
#: Every feed calls the router so: the listener for BMP calls it by its address.
ROUTER: Final = "127.0.0.1"
PEER: Final = "192.0.2.1"
PEER_ASN: Final = 64500
LOCAL: Final = "192.0.2.2"
#: The router plays Microsoft's part, so that what it received can be evaluated.
LOCAL_ASN: Final = 8075


@attrs.frozen
class Step:
    """What happens at a time.

    Attributes:
        kind: begin (the feed starts), up and down (the session), announce, withdraw, complete (the
            End-of-RIB of a family), lost and back (the feed).
        text: a route, a prefix with its path identifier, or a family.
    """

    kind: str
    text: str = ""

    @property
    def route(self) -> Route:
        """The route that is announced or withdrawn."""
        return Route.parse(self.text)


_ONE: Final = "203.0.113.0/24"
_SIX: Final = "2001:db8:113::/48"
_FULL: Final = (
    f"{_ONE} path 64500 64501 {{64502,64503}} community 8075:8007 65535:65281"
    " large 64500:1:2 extended rt:64500:1 next-hop 192.0.2.1"
)
_SHORT: Final = f"{_ONE} path 64500 next-hop 192.0.2.1"
_OTHER: Final = "198.51.100.0/24 path 64500 64501 next-hop 192.0.2.9"
_ROUTE_6: Final = f"{_SIX} path 64500 65550 community 8075:8007 next-hop 2001:db8::1"

STORIES: Final[dict[str, tuple[Step, ...]]] = {
    "routes": (
        Step("begin"),
        Step("up"),
        Step("announce", _FULL),
        Step("announce", _ROUTE_6),
        Step("complete", "4"),
        Step("complete", "6"),
        Step("withdraw", _ONE),
        Step("withdraw", _SIX),
        Step("announce", _FULL),
        Step("announce", _SHORT),  # in place of the one before
        Step("down"),
        Step("up"),
        Step("announce", _OTHER),
        Step("complete", "4"),
        Step("lost"),
        Step("back"),
        Step("up"),
        Step("announce", _SHORT),
        Step("complete", "4"),
        Step("withdraw", _ONE),
        Step("down"),
    ),
    "several paths": (
        Step("begin"),
        Step("up"),
        Step("announce", f"{_FULL} path-id 1"),
        Step("announce", f"{_SHORT} path-id 7"),
        Step("announce", f"{_ROUTE_6} path-id 7"),
        Step("withdraw", f"{_ONE} path-id 1"),
        Step("withdraw", f"{_SIX} path-id 7"),
        Step("complete", "4"),
        Step("lost"),
        Step("back"),
        Step("up"),
        Step("announce", f"{_FULL} path-id 7"),
        Step("down"),
    ),
}  # fmt: skip


@attrs.frozen(kw_only=True)
class Differences:
    """How the events of a feed differ from those of one that can say everything.

    Attributes:
        view: the view of its tables; the story is told of an Adj-RIB-In.
        time_is_header_time: the time of events is that of the sender, so that the past can be
            replayed.
        has_header_time: whether events say the sender's time.
        has_local: whether a session's start says the router's address and AS number.
        has_peer_asn: whether a session's start says the peer's AS number by its OPEN.
        has_other_communities: whether large and extended communities are shown.
        has_path_ids: whether path identifiers are shown.
        has_end_of_rib: whether it is said that a table is complete.
        names_router: whether the loss of the feed is the loss of one router.
        comes_back: whether the same feed goes on after it was lost; if not, a new one begins.
        begins_with_gap: whether it only says changes, so that it does not know what was before.
    """

    view: View = View.ADJ_RIB_IN
    time_is_header_time: bool = False
    has_header_time: bool = True
    has_local: bool = True
    has_peer_asn: bool = True
    has_other_communities: bool = True
    has_path_ids: bool = True
    has_end_of_rib: bool = True
    names_router: bool = False
    comes_back: bool = True
    begins_with_gap: bool = False


def time_of(number: int) -> int:
    """Return when a step happens, by our clock."""
    return TIMESTAMP + number * SECOND


def expected(step: Step, number: int, its: Differences) -> list[Event]:
    """Return the events of a step, as a feed with these differences says them."""
    return list(_expected(step, number, its))


def _expected(step: Step, number: int, its: Differences) -> Iterator[Event]:
    said = time_of(number) - BEHIND
    time = said if its.time_is_header_time else time_of(number)
    table = TableRef(PEER, PEER_ASN, its.view)
    session: dict[str, Any] = {
        "feed": "story",
        "router": ROUTER,
        "table": table if its.view is View.COLLECTOR else TableRef(PEER, PEER_ASN),
        "time": time,
        "header_time": said if its.has_header_time else None,
    }
    where = session | {"table": table}
    whole: dict[str, Any] = {
        "feed": "story",
        "router": ROUTER if its.names_router else None,
        "time": 0,
    }
    match step.kind:
        case "up":
            yield SessionUp(
                **session,
                local=ip_address(LOCAL) if its.has_local else None,
                local_asn=LOCAL_ASN if its.has_local else None,
                peer_asn=PEER_ASN if its.has_peer_asn else None,
            )
        case "down":
            yield SessionDown(**session)
        case "announce":
            shows = its.has_other_communities
            yield Announce(
                **where, route=_shown(step.route, time, its), shows_other_communities=shows
            )
        case "withdraw":
            prefix, _, path_id = step.text.partition(" path-id ")
            has_id = bool(path_id) and its.has_path_ids
            yield Withdraw(
                **where, prefix=Prefix.parse(prefix), path_id=int(path_id) if has_id else None
            )
        case "complete" if its.has_end_of_rib:
            yield EndOfRib(**where, family=int(step.text))
        case "lost":
            yield FeedLost(**whole, reason="")
        case "back" if its.comes_back:
            yield FeedBack(**whole)
    if its.begins_with_gap and step.kind in ("begin", "back"):
        yield Gap(**whole, reason="")


def _shown(route: Route, time: int, its: Differences) -> Route:
    """Return what a feed shows of a route."""
    route = attrs.evolve(route, timestamp=time)
    if not its.has_path_ids:
        route = attrs.evolve(route, path_id=None)
    if not its.has_other_communities:
        nothing = frozenset[object]()
        route = attrs.evolve(route, large_communities=nothing, extended_communities=nothing)
    return route


def plain(event: Event) -> Event:
    """Return an event without what no two feeds have in common.

    Those are the feed's name, the words of a reason, and when the loss of a feed is noticed.
    """
    event = attrs.evolve(event, feed="story")
    if isinstance(event, FeedLost | FeedBack | Gap):
        event = attrs.evolve(event, time=0)
    if isinstance(event, Gap):
        event = attrs.evolve(event, since=None)
    if isinstance(event, SessionDown | FeedLost | Gap):
        event = attrs.evolve(event, reason="")
    return event
