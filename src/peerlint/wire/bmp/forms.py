"""How the UPDATEs of each peer of a BMP stream are encoded, by its Peer Up and its header."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import attrs

from peerlint.errors import WireError
from peerlint.wire.attribute_types import Form, is_internal
from peerlint.wire.bgp import negotiated_form
from peerlint.wire.bmp.peer_header import PeerHeader, PeerType
from peerlint.wire.bmp.sessions import PeerUp
from peerlint.wire.capabilities import Direction, add_path_families
from peerlint.wire.nlri import Family
from peerlint.wire.reach import IPAddress

#: The maximum number of peers of one stream that are up.
MAX_PEERS: Final = 1 << 16
#: Type, distinguisher and address identify a peer.
PeerKey = tuple[PeerType, int, IPAddress]
#: The number of forms that are kept: there are few.
_MEMO: Final = 1 << 8
_NONE: Final[frozenset[Family]] = frozenset()


@attrs.frozen
class _Session:
    """What the OPENs of a session say about the encoding of UPDATEs.

    Attributes:
        received: the families with path identifiers in UPDATEs that the router received.
        sent: the families with path identifiers in UPDATEs that the router sends.
        internal: whether both sides have one AS number; None if that is not known.
        as4: whether AS numbers have four octets in UPDATEs; true if that is not known.
    """

    received: frozenset[Family] = _NONE
    sent: frozenset[Family] = _NONE
    internal: bool | None = None
    as4: bool = True


class PeerForms:
    """The sessions of a stream that are up, as far as they determine how to read UPDATEs."""

    def __init__(self, max_peers: int = MAX_PEERS) -> None:
        """Start without sessions.

        Args:
            max_peers: the maximum number of sessions that are remembered.
        """
        self._sessions: dict[PeerKey, _Session] = {}
        self._max_peers = max_peers

    def add(self, up: PeerUp) -> None:
        """Take the OPENs of a session that is up.

        Raises:
            WireError: there are too many sessions.
        """
        key = peer_key(up.peer)
        if key not in self._sessions and len(self._sessions) >= self._max_peers:
            raise WireError(0, expected=f"at most {self._max_peers:,} peers", found="more")
        self._sessions[key] = _session_of(up)

    def remove(self, peer: PeerHeader) -> None:
        """Forget a session that is down."""
        self._sessions.pop(peer_key(peer), None)

    def form_of(self, peer: PeerHeader) -> Form:
        """Return the encoding of the UPDATEs of a peer's table.

        AS numbers are as wide as flag A says. Prefixes have path identifiers in the families that
        the two OPENs negotiate, in the direction of the table; before a Peer Up, in none.

        LOCAL_PREF and the like are evaluated as an internal or external session requires only where
        the table has what one side really sent: the Adj-RIB-In before policy, and the Adj-RIB-Out
        after it. Elsewhere the router may have added them.
        """
        session = self._sessions.get(peer_key(peer), _UNKNOWN)
        add_path = session.sent if peer.is_adj_rib_out or peer.is_loc_rib else session.received
        is_wire = peer.is_adj_rib_out is peer.is_post_policy and not peer.is_loc_rib
        return _form(peer.as4, add_path, session.internal if is_wire else None)

    def may_have_as2(self, peer: PeerHeader) -> bool:
        """Return whether AS numbers may have two octets although flag A does not say it.

        FRR 8.4 never sets the flag, and writes paths as the session has them. Other routers write
        them anew, with four octets, and are right to leave it out.
        """
        return peer.as4 and not self._sessions.get(peer_key(peer), _UNKNOWN).as4


@lru_cache(_MEMO)
def _form(as4: bool, add_path: frozenset[Family], internal: bool | None) -> Form:  # noqa: FBT001  # a key
    """Return one object for equal forms, of which every message needs one."""
    return Form(as4=as4, add_path=add_path, internal=internal)


_UNKNOWN: Final = _Session()


def peer_key(peer: PeerHeader) -> PeerKey:
    """Return what identifies a peer in a stream, for all of its tables (RFC 7854 section 4.2)."""
    return peer.type, peer.distinguisher, peer.address


def _session_of(up: PeerUp) -> _Session:
    sent, received = up.sent, up.received
    if sent is None or received is None:
        return _UNKNOWN
    if up.peer.is_loc_rib:
        # Both OPENs are made up, to say how the Loc-RIB is encoded (RFC 9069 section 5.2).
        return _Session(sent=add_path_families(sent.capabilities, Direction.SEND))
    from_peer = negotiated_form(received, sent)
    return _Session(
        from_peer.add_path,
        negotiated_form(sent, received).add_path,
        is_internal(received.asn, sent.asn),
        from_peer.as4,
    )
