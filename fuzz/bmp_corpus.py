"""The seeds of the harness `bmp`: streams with every message, view and option."""

from __future__ import annotations

import attrs

from peerlint.model import View
from peerlint.testing.bmp import BmpPeer, BmpStream
from peerlint.testing.dumps import TIMESTAMP
from peerlint.wire.attributes import Form
from peerlint.wire.bgp import Keepalive, Notification, encode
from peerlint.wire.bmp import (
    PeerDown,
    PeerDownReason,
    PeerType,
    RawStatistic,
    RouteMirroring,
    Statistic,
    Tlv,
    encode_body,
    encode_message,
)

_SENT = BmpPeer("192.0.2.1", 8075, "192.0.2.0", 64500, view="sent")
_IN = BmpPeer("192.0.2.3", 64501, "192.0.2.2", 64500)
_IN6 = BmpPeer("2001:db8::3", 65550, "2001:db8::2", 64500, type=PeerType.RD, distinguisher=7)
_OLD = BmpPeer("192.0.2.5", 64502, "192.0.2.4", 64500, as4=False, type=PeerType.LOCAL)
_LOC_RIB = BmpPeer("192.0.2.9", 64500, "192.0.2.9", 64500, view="loc-rib", filtered=True)
_ROUTE = "203.0.113.0/24 path 64500 64501 community 8075:8007"
_ROUTE6 = "2001:db8:113::/48 path 64500 65550 next-hop 2001:db8::1"


def bmp_seeds() -> dict[str, bytes]:
    """Return streams, each preceded by the octet with the size of its pieces."""
    streams = {
        "sessions": (0, _sessions()),
        "routes": (64, _routes()),
        "add-path": (17, _add_path()),
        "lacking-path-ids": (0, _lacking_path_ids()),
        "version-4": (1, BmpStream().raw(b"\4" + _mirrored()[1:]).raw(_mirrored())),
        "lost": (13, BmpStream().raw(b"GET / HTTP/1.1\r\n").up(_IN)),
    }
    return {name: bytes((size,)) + stream.octets() for name, (size, stream) in streams.items()}


def _sessions() -> BmpStream:
    stream = BmpStream().up(_SENT).up(_IN6, table_name="red").up(_LOC_RIB).at(TIMESTAMP + 5)
    stream.statistics(_SENT, Statistic(15, 1), Statistic(17, 1, 1, 1), RawStatistic(65531, b"\1"))
    stream.statistics(_IN, Statistic(0, 1), Statistic(9, 3, 2, 1))
    stream.down(_SENT, Notification(6, 2, b"bye")).down(_IN6)
    stream.body(PeerDown(_IN.header(), PeerDownReason.LOCAL_FSM_EVENT, b"\0\x18"))
    tlv = b"\0\3\0\3red"
    stream.body(PeerDown(_LOC_RIB.header(), PeerDownReason.LOCAL_TLVS, tlv))
    return stream.terminate(2)


def _routes() -> BmpStream:
    stream = BmpStream().up(_SENT).up(_IN).up(_OLD)
    after = attrs.evolve(_IN, post_policy=True)
    for peer in (_SENT, attrs.evolve(_SENT, view=View.ADVERTISED), _IN, after, _OLD, _LOC_RIB):
        stream.announce(peer, _ROUTE).withdraw(peer, _ROUTE).end_of_rib(peer)
    stream.announce(_IN6, _ROUTE6).withdraw(_IN6, _ROUTE6).end_of_rib(_IN6, 6)
    return stream.raw(_mirrored())


def _add_path() -> BmpStream:
    peer = attrs.evolve(_IN, add_path=True)
    return BmpStream().up(peer).announce(peer, f"{_ROUTE} path-id 1").withdraw(peer, _ROUTE)


def _lacking_path_ids() -> BmpStream:
    return BmpStream().up(attrs.evolve(_IN, add_path=True)).announce(_IN, _ROUTE)


def _mirrored() -> bytes:
    """Return a Route Mirroring message."""
    tlvs = (Tlv(1, b"\0\0"), Tlv(0, encode(Keepalive(), Form())))
    return encode_message(*encode_body(RouteMirroring(_IN.header(), tlvs)))
