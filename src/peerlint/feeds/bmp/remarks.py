"""Remarks about BMP streams: what is unusual but read all the same, with counts."""

from __future__ import annotations

from collections import Counter
from enum import Enum
from typing import Final

import attrs

from peerlint.events import TableRef

#: The number of kinds and peers of one router that are counted apart.
MAX_REMARKS: Final = 1024


class RemarkKind(Enum):
    """What is unusual; the value is a text."""

    NO_PEER_UP = "routes of a peer without Peer Up"
    DOWN_WITHOUT_UP = "Peer Down of a peer that was not up"
    OWN_AS_CUT = "the router's own AS cut from the front of received paths"
    UNDECLARED_AS2 = "UPDATEs with AS numbers of two octets, which flag A does not say"
    LEFT_OUT = "messages of a peer whose path identifiers contradict its Peer Up, left out"
    OTHER_VERSION = "messages of another version or address family, skipped"
    UNREADABLE = "messages without routes of which a part cannot be read"
    FILTERED = "End-of-RIB of a Loc-RIB that the router filters, left out"
    REPLACED = "connections that ended because the router connected again"
    MORE = "further remarks, about more peers than are named"


_ORDER: Final = {kind: number for number, kind in enumerate(RemarkKind)}


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


class RemarkCounts:
    """The remarks about one router, over all of its connections, in bounded memory."""

    def __init__(self, limit: int = MAX_REMARKS) -> None:
        """Start without remarks.

        Args:
            limit: the number of kinds and peers that are counted apart; all others are counted as
                one remark of the kind `MORE`.
        """
        self._limit = limit
        self._counts: Counter[tuple[RemarkKind, TableRef | None]] = Counter()
        self._more = 0

    def add(self, kind: RemarkKind, peer: TableRef | None = None, count: int = 1) -> None:
        """Count a remark."""
        key = (kind, peer)
        # What is about the router itself has few kinds.
        if peer is None or key in self._counts or len(self._counts) < self._limit:
            self._counts[key] += count
        else:
            self._more += count

    @property
    def all(self) -> tuple[Remark, ...]:
        """The remarks by kind, and of each in the order in which they were first made."""
        found = [Remark(kind, peer, count) for (kind, peer), count in self._counts.items()]
        found.sort(key=lambda each: _ORDER[each.kind])
        if self._more:
            found.append(Remark(RemarkKind.MORE, None, self._more))
        return tuple(found)
