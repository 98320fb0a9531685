"""Remarks about BMP streams: what is unusual but read all the same, with counts."""

from __future__ import annotations

from enum import Enum

import attrs

from peerlint.events import TableRef


class RemarkKind(Enum):
    """What is unusual; the value is a text."""

    NO_PEER_UP = "routes of a peer without Peer Up"
    DOWN_WITHOUT_UP = "Peer Down of a peer that never was up"
    OWN_AS_CUT = "the router's own AS cut from the front of received paths"
    LEFT_OUT = "messages of a peer whose path identifiers contradict its Peer Up, left out"
    OTHER_VERSION = "messages of another version or address family, skipped"


@attrs.frozen
class Remark:
    """One kind of remark about one peer.

    Attributes:
        kind: what is unusual.
        peer: the peer; None if it is about the router.
        count: how often it was.
    """

    kind: RemarkKind
    peer: TableRef | None
    count: int
