"""Where pmbmpd and tshark see something else than peerlint, each with its reason."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import attrs

from bmp_readers.seen import SeenEvent, seen_by_peerlint
from bmp_readers.streams import CAPTURED

#: The AS of the routers that put it in front of a path that they received, which is not part of the
#: route (FRRouting/frr pull request 21815): peerlint cuts it off.
OWN_AS: Final = {
    "microsoft.ams": "8075",
    "microsoft.ams.after-policy": "8075",
    "edge2.ams": "64500",
}


@attrs.frozen
class Difference:
    """A known difference.

    Attributes:
        why: which program is right, and by which section.
        streams: the streams in which it shows.
        theirs: converts what peerlint sees to what pmbmpd sees.
    """

    why: str
    streams: frozenset[str]
    theirs: Callable[[list[SeenEvent]], list[SeenEvent]]


def _without_end_of_rib(seen: list[SeenEvent]) -> list[SeenEvent]:
    return [each for each in seen if each.what != "end-of-rib"]


def without_peer_up(seen: list[SeenEvent]) -> list[SeenEvent]:
    """Return what is about peers that are up, and about no table."""
    up: set[tuple[int, str]] = set()
    found = []
    for each in seen:
        peer = (each.distinguisher, each.peer)
        if each.what == "up":
            up.add(peer)
        elif each.what == "down":
            up.discard(peer)
        if not each.table or peer in up:
            found.append(each)
    return found


def own_as_in_front(asn: str) -> Callable[[list[SeenEvent]], list[SeenEvent]]:
    """Return a function that puts an AS in front of all paths that are not empty."""

    def theirs(seen: list[SeenEvent]) -> list[SeenEvent]:
        return [
            attrs.evolve(each, path=f"{asn} {each.path}")
            if each.what == "announce" and each.path
            else each
            for each in seen
        ]

    return theirs


def _no_next_hop(seen: list[SeenEvent]) -> list[SeenEvent]:
    return [
        attrs.evolve(each, next_hop="") if ":" in each.next_hop and "." in each.prefix else each
        for each in seen
    ]


def _no_family(seen: list[SeenEvent]) -> list[SeenEvent]:
    return [
        attrs.evolve(each, prefix="17") if each.prefix.startswith("17 ") else each for each in seen
    ]


_WHY_OWN_AS: Final = (
    "FRRouting 8.4 puts its own AS in front of a path that it received, which is not part of the "
    "route (FRRouting/frr pull request 21815); peerlint cuts it off"
)
DIFFERENCES: Final = (
    Difference(
        "pmbmpd does not write End-of-RIB (RFC 4724 section 2)",
        frozenset({"views", "add-path", "story"}),
        _without_end_of_rib,
    ),
    Difference(
        "pmbmpd drops routes of peers without a Peer Up (FRRouting's own, GoBGP's Loc-RIB)",
        frozenset({"story", *CAPTURED}),
        without_peer_up,
    ),
    *(
        Difference(_WHY_OWN_AS, frozenset({name}), own_as_in_front(asn))
        for name, asn in OWN_AS.items()
    ),
    Difference(
        "pmbmpd has no next hop of IPv6 for an IPv4 route (RFC 8950)",
        frozenset({"views"}),
        _no_next_hop,
    ),
    Difference(
        "pmbmpd does not write the family of statistic 17 (RFC 8671 section 6.2)",
        frozenset({"story"}),
        _no_family,
    ),
)


def expected_of_pmbmpd(name: str, octets: bytes) -> list[SeenEvent]:
    """Return what pmbmpd is expected to see in a stream, from what peerlint sees.

    Args:
        name: the name of the stream; those that daemons sent have the router's name.
        octets: the stream.
    """
    expected = seen_by_peerlint(octets)
    assert expected
    for difference in DIFFERENCES:
        if name in difference.streams:
            plain = expected
            expected = difference.theirs(plain)
            assert plain != expected, f"the difference is gone: {difference.why}"
    return expected


def expected_of_tshark(name: str, octets: bytes) -> list[SeenEvent]:
    """Return what tshark is expected to see in a stream, from what peerlint sees.

    Args:
        name: the name of the stream; those that daemons sent have the router's name.
        octets: the stream.
    """
    expected = [_as_tshark(each) for each in seen_by_peerlint(octets)]
    assert expected
    if (own := OWN_AS.get(name)) is None:
        return expected
    plain = expected
    expected = own_as_in_front(own)(plain)
    assert plain != expected, "the difference is gone"
    return expected


def _as_tshark(seen: SeenEvent) -> SeenEvent:
    """Return what tshark shows of it: segments without their types, counts without their values.

    An UPDATE without prefixes is an End-of-RIB of any family.
    """
    if seen.what == "end-of-rib":
        return attrs.evolve(seen, prefix="")
    if seen.what == "count":
        return attrs.evolve(seen, prefix=seen.prefix.partition(" ")[0], detail="")
    return attrs.evolve(
        seen,
        path=seen.path.translate({ord("{"): None, ord("}"): None, ord(","): " "}),
        communities=tuple(each for each in seen.communities if not each.startswith("rt:")),
    )
