"""The BMP streams that are read: those that peerlint makes, and those that real daemons sent."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import IPv4Address
from pathlib import Path
from typing import Final

import attrs

from peerlint.model import AsPath, Community, ExtendedCommunity, Prefix, Route, View
from peerlint.testing.bmp import BmpPeer, BmpStream
from peerlint.wire.attributes import Attributes, MpReach
from peerlint.wire.bgp import Notification, Update
from peerlint.wire.bmp import PeerType, Statistic
from peerlint.wire.nlri import Nlri

#: What the daemons of examples/contoso/lab sent. The lab writes these files:
#: `sudo .venv/bin/python examples/contoso/lab --bmp --out tests/conformance/streams`.
FOLDER: Final = Path(__file__).resolve().parents[1] / "streams"

SENT: Final = BmpPeer("192.0.2.1", 8075, "192.0.2.0", 64500, view="sent")
ADVERTISED: Final = attrs.evolve(SENT, view=View.ADVERTISED)
IN: Final = BmpPeer("192.0.2.3", 65550, "192.0.2.2", 64500, type=PeerType.RD, distinguisher=7)
IN_POST: Final = attrs.evolve(IN, post_policy=True)
IN6: Final = BmpPeer("2001:db8::3", 64504, "2001:db8::2", 64500)
OLD: Final = BmpPeer("192.0.2.5", 64502, "192.0.2.4", 64500, as4=False)
LOC_RIB: Final = BmpPeer("192.0.2.9", 64500, "192.0.2.9", 64500, view="loc-rib")
PATHS: Final = BmpPeer("192.0.2.11", 64503, "192.0.2.10", 64500, add_path=True)
#: One table of each peer, for Peer Up and Peer Down; and all tables.
_PEERS: Final = (SENT, IN, IN6, OLD, LOC_RIB, PATHS)
_TABLES: Final = (SENT, ADVERTISED, IN, IN_POST, IN6, OLD, LOC_RIB, PATHS)


def _views() -> BmpStream:
    """Return a stream with every message in every view."""
    stream = BmpStream("edge1")
    for peer in _PEERS:
        stream.up(peer)
    for peer in _TABLES:
        stream.announce(peer, "203.0.113.0/24 path 64500 64501 community 8075:8007 64500:120")
        stream.announce(peer, "2001:db8:113::/48 path 64500 next-hop 2001:db8::1")
        stream.withdraw(peer, "203.0.113.0/24", "2001:db8:113::/48").end_of_rib(peer)
        stream.end_of_rib(peer, 6)
        stream.statistics(peer, Statistic(7, 1), Statistic(9, 1, 1, 1), Statistic(0, 2))
    for peer in _PEERS:
        stream.down(peer, Notification(6, 2))
    return stream.terminate()


def _attributes() -> BmpStream:
    """Return a stream with the parts of routes that rules judge, from old speakers too."""
    stream = BmpStream("edge1")
    for peer in (SENT, OLD):
        stream.up(peer).announce(
            peer,
            "203.0.113.0/24 path 64500 64501 64501 community 8075:8007 large 8075:8007:0 64500:1:2",
            "203.0.113.0/25 path 64500 {64501 64502}",
            "203.0.113.128/25",
            "0.0.0.0/0 path 64500",
            "198.51.100.1/32 path 64500 65551 65551 community 65535:65281 65535:666",
            "2001:db8::/32 path 64500 community 8075:8007 next-hop 2001:db8::1",
            attrs.evolve(
                Route.parse("198.51.100.0/24 path 64500"),
                extended_communities=(ExtendedCommunity.parse("rt:8075:8007"),),
            ),
        )
    return stream


def _several() -> BmpStream:
    """Return a stream with UPDATEs that announce and withdraw several prefixes at once."""
    stream = BmpStream("edge1").up(SENT)
    first, second, third = (Nlri(Prefix.parse(f"203.0.{each}.0/24")) for each in (113, 114, 115))
    attributes = Attributes(
        origin=0,
        as_path=AsPath.parse("64500"),
        next_hop=IPv4Address("192.0.2.0"),
        communities=(Community.parse("8075:8007"),),
    )
    stream.update(SENT, Update((), attributes, (first, second, third)))
    stream.update(SENT, Update((first, third), attributes, (second,)))
    in_mp_reach = attrs.evolve(
        attributes, next_hop=None, mp_reach=MpReach((SENT.local,), 4, 1, (first, third))
    )
    return stream.update(SENT, Update((), in_mp_reach))


def _add_path() -> BmpStream:
    """Return a stream with several paths for one prefix."""
    stream = BmpStream("edge1").up(PATHS)
    for number in (1, 2, 4_294_967_295):
        for prefix, end in (("203.0.113.0/24", ""), ("2001:db8::/32", " next-hop 2001:db8::1")):
            route = Route.parse(f"{prefix} path 64503 community 64503:1{end}")
            stream.announce(PATHS, attrs.evolve(route, path_id=number))
    for number in (2, 1):
        stream.withdraw(PATHS, attrs.evolve(Route.parse("203.0.113.0/24"), path_id=number))
    return stream.end_of_rib(PATHS)


def _story() -> BmpStream:
    """Return a stream with announce, withdraw, loss and return."""
    stream = BmpStream("edge1").up(SENT)
    stream.announce(SENT, "203.0.113.0/24 path 64500", "198.51.100.0/24 path 64500 64501")
    stream.announce(SENT, "203.0.113.0/24 path 64500 community 8075:8007").end_of_rib(SENT)
    stream.withdraw(SENT, "198.51.100.0/24").down(SENT).down(SENT)
    stream.up(SENT).announce(SENT, "203.0.113.0/24 path 64500 community 8075:8007")
    stream.statistics(SENT, Statistic(15, 1), Statistic(17, 1, 1, 1)).end_of_rib(SENT)
    # A peer that never was up, and headers without a time.
    return stream.at(None).announce(IN, "198.51.100.0/24 path 65550").down(IN)


#: The streams that peerlint makes, by name.
MADE: Final[dict[str, Callable[[], BmpStream]]] = {
    "views": _views,
    "attributes": _attributes,
    "several prefixes": _several,
    "add-path": _add_path,
    "story": _story,
}
#: The streams that daemons of the lab sent, by the router's name.
CAPTURED: Final = tuple(sorted(file.stem for file in FOLDER.glob("*.bmp")))


def octets_of(name: str) -> bytes:
    """Return the octets of a stream by its name in `MADE` or `CAPTURED`."""
    made = MADE.get(name)
    return (FOLDER / f"{name}.bmp").read_bytes() if made is None else made().octets()
