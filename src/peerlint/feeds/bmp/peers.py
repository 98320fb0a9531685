"""What is known of the peers of one connection."""

from __future__ import annotations

import attrs

from peerlint.events import TableRef
from peerlint.feeds.bmp.updates import all_tables_of
from peerlint.model import View
from peerlint.wire.bmp import PeerHeader
from peerlint.wire.graceful_restart import NO_RESTART, RestartTerms


@attrs.define
class Peer:
    """What is known of a peer.

    Attributes:
        is_up: whether its Peer Up was seen, and no Peer Down after it.
        local_asn: the router's AS number, from its OPEN.
        peer_asn: the peer's AS number, from its OPEN.
        is_unknown: whether its path identifiers contradict its Peer Up.
        restart: what the router and the peer agree about a restart of the peer.
        tables: the view and policy of the tables that routes were seen in.
    """

    is_up: bool = False
    local_asn: int | None = None
    peer_asn: int | None = None
    is_unknown: bool = False
    restart: RestartTerms = NO_RESTART
    tables: set[tuple[View, bool]] = attrs.Factory(set)


def tables_of(header: PeerHeader, peer: Peer) -> tuple[TableRef, ...]:
    """Return the tables that begin or end with a session.

    The router's own routes have the address of its Loc-RIB, which is not up or down with them.
    """
    every = all_tables_of(header)
    if header.is_loc_rib or not header.address.is_unspecified:
        return (every,)
    tables = peer.tables or {(View.ADJ_RIB_IN, False)}
    return tuple(
        attrs.evolve(every, view=view, is_post_policy=policy) for view, policy in sorted(tables)
    )
