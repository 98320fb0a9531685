"""Peers as a dump names them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import overload

import attrs

from peerlint.wire.mrt import Peer


@attrs.frozen
class DumpPeer:
    """A peer as a dump names it.

    Attributes:
        peer: address, AS number and BGP identifier of the other side.
        local_asn: this side's AS number; None in a RIB, which does not tell.
        sent: whether its messages were sent to it, instead of received from it.
    """

    peer: Peer
    local_asn: int | None = None
    sent: bool = False


class MetPeers(Sequence[DumpPeer]):
    """The peers of a dump up to some batch.

    All batches of a dump share one list of peers, which only grows; each batch uses its first
    part. A tuple for each batch would take time and memory of peers times batches.
    """

    __slots__ = ("_count", "_known")

    def __init__(self, known: Sequence[DumpPeer]) -> None:
        """Take the present length of a list that only grows."""
        self._known = known
        self._count = len(known)

    def __len__(self) -> int:
        """Return how many peers there are."""
        return self._count

    @overload
    def __getitem__(self, index: int) -> DumpPeer: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[DumpPeer, ...]: ...
    def __getitem__(self, index: int | slice) -> DumpPeer | tuple[DumpPeer, ...]:
        """Return a peer, or some of them.

        Raises:
            IndexError: the index is out of range.
        """
        places = range(self._count)[index]
        if isinstance(places, range):
            return tuple(self._known[place] for place in places)
        return self._known[places]

    def __eq__(self, other: object) -> bool:
        """Whether the other has the same peers, in any sequence."""
        return isinstance(other, MetPeers | tuple) and tuple(self) == tuple(other)

    def __hash__(self) -> int:
        """Return the hash of the peers as a tuple."""
        return hash(tuple(self))

    def __repr__(self) -> str:
        """Return the peers as a tuple is shown."""
        return repr(tuple(self))

    def __reduce__(self) -> tuple[type[MetPeers], tuple[tuple[DumpPeer, ...]]]:
        """Pickle these peers alone."""
        return MetPeers, (tuple(self),)
