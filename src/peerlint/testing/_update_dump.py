"""A builder of messages."""

from __future__ import annotations

from ipaddress import IPv4Address, ip_address
from typing import Final, Self

import attrs

from peerlint.errors import InputError
from peerlint.model import Route
from peerlint.testing._dump import TIMESTAMP, Dump, route_attributes, with_next_hop
from peerlint.wire.attributes import Attributes, Form, MpUnreach
from peerlint.wire.bgp import Open, Update, encode
from peerlint.wire.capabilities import FourOctetAs
from peerlint.wire.mrt import (
    Bgp4mpMessage,
    MrtType,
    StateChange,
    encode_bgp4mp_message,
    encode_state_change,
)
from peerlint.wire.nlri import Nlri
from peerlint.wire.paths import AS_TRANS
from peerlint.wire.reach import IPAddress

#: The state of a session that is up (RFC 6396 section 4.4.1).
ESTABLISHED: Final = 6
_SECOND: Final = 1_000_000


@attrs.frozen
class FeedSession:
    """The session of messages in a dump (RFC 6396 section 4.4).

    Attributes:
        peer: the address of the other side.
        peer_asn: the AS number of the other side.
        local: the address of this side, of the same address family.
        local_asn: the AS number of this side.
        as4: whether AS numbers have four octets; if not, both AS numbers must fit into two.
        sent: whether this side sends the messages (the `_LOCAL` subtypes).
        add_path: whether every prefix has a path identifier; a route without one then gets 0.
    """

    peer: IPAddress = attrs.field(converter=ip_address)
    peer_asn: int
    local: IPAddress = attrs.field(converter=ip_address)
    local_asn: int
    as4: bool = True
    sent: bool = False
    add_path: bool = False

    def __attrs_post_init__(self) -> None:
        """Check that records can represent the session.

        Raises:
            InputError: the addresses have different families, or an AS number is too large.
        """
        if self.peer.version != self.local.version:
            raise InputError("session", expected="addresses of one family", found=str(self.local))
        largest = max(self.peer_asn, self.local_asn)
        if not self.as4 and largest > 0xFFFF:
            raise InputError("session", expected="AS numbers of two octets", found=largest)

    @property
    def form(self) -> Form:
        """The encoding of the attributes in its messages."""
        return Form(as4=self.as4, add_path=self.add_path)


class UpdateDump(Dump):
    """A BGP4MP dump (RFC 6396 section 4.4): one record for each message.

    Records whose time is not a whole second are BGP4MP_ET (section 3).
    """

    def __init__(self, *, timestamp: int = TIMESTAMP) -> None:
        """Start an empty dump; `timestamp` is in microseconds since 1970, see `at`."""
        super().__init__(timestamp)

    def announce(self, session: FeedSession, *routes: Route | str) -> Self:
        """Append an UPDATE for each route.

        Raises:
            InputError: a route cannot be parsed, is malformed, or is an IPv6 route without a next
                hop on a session between IPv4 addresses.
        """
        sender = session.local if session.sent else session.peer
        for each in routes:
            route = _with_id(with_next_hop(each, sender), session)
            attributes = route_attributes(route, as4=session.as4)
            has_reach = attributes.mp_reach is not None
            nlri = () if has_reach else (Nlri(route.prefix, route.path_id),)
            self.update(session, Update((), attributes, nlri))
        return self

    def withdraw(self, session: FeedSession, *routes: Route | str) -> Self:
        """Append an UPDATE that withdraws each route; only its prefix and path identifier are used.

        Raises:
            InputError: a route cannot be parsed.
        """
        for each in routes:
            read = Route.parse(each) if isinstance(each, str) else each
            route = _with_id(read, session)
            nlri = (Nlri(route.prefix, route.path_id),)
            if route.prefix.family == 4:
                self.update(session, Update(nlri))
            else:
                self.update(session, Update((), Attributes(mp_unreach=MpUnreach(6, 1, nlri))))
        return self

    def end_of_rib(self, session: FeedSession, family: int = 4) -> Self:
        """Append the End-of-RIB of an address family (RFC 4724 section 2)."""
        if family == 4:
            return self.update(session, Update())
        return self.update(session, Update((), Attributes(mp_unreach=MpUnreach(family, 1))))

    def update(self, session: FeedSession, update: Update) -> Self:
        """Append any UPDATE."""
        return self.message(session, encode(update, session.form))

    def message(self, session: FeedSession, message: bytes) -> Self:
        """Append any octets as a BGP message, header included."""
        record = Bgp4mpMessage(
            session.peer_asn,
            session.local_asn,
            0,
            session.peer,
            session.local,
            message,
            session.sent,
            session.as4,
            session.add_path,
        )
        return self._bgp4mp(*encode_bgp4mp_message(record))

    def open(self, session: FeedSession) -> Self:
        """Append an OPEN (RFC 4271 section 4.2); `as4` adds the AS number as a capability."""
        asn = session.local_asn if session.sent else session.peer_asn
        message = Open(
            my_as=asn if asn <= 0xFFFF else AS_TRANS,
            hold_time=180,
            bgp_id=IPv4Address("192.0.2.1"),
            capabilities=(FourOctetAs(asn),) if session.as4 else (),
        )
        return self.message(session, encode(message, session.form))

    def state_change(self, session: FeedSession, old: int = 5, new: int = ESTABLISHED) -> Self:
        """Append a change of the session's state (RFC 6396 section 4.4.1).

        Args:
            session: the session.
            old: the state before, from 1 (Idle) to 6 (Established).
            new: the state after.
        """
        record = StateChange(
            session.peer_asn,
            session.local_asn,
            0,
            session.peer,
            session.local,
            old,
            new,
            session.as4,
        )
        return self._bgp4mp(*encode_state_change(record))

    def octets(self) -> bytes:
        """Return the records in the order in which they were appended."""
        return b"".join(self.records)

    def _bgp4mp(self, subtype: int, body: bytes) -> Self:
        whole = self.timestamp % _SECOND == 0
        return self.record(MrtType.BGP4MP if whole else MrtType.BGP4MP_ET, subtype, body)


def _with_id(route: Route, session: FeedSession) -> Route:
    """Return a route with the path identifier that its session needs, or without one."""
    if session.add_path:
        return attrs.evolve(route, path_id=route.path_id or 0)
    return attrs.evolve(route, path_id=None)
