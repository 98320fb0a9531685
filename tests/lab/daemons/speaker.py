"""A blocking BGP speaker that sends only octets of peerlint's encoders."""

import ctypes
import os
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from ipaddress import IPv4Address
from pathlib import Path
from typing import Self

import attrs
from errors import LabError
from namespaces import Namespace

from peerlint.wire import bgp
from peerlint.wire.attributes import Attributes, Form
from peerlint.wire.bgp import Keepalive, Message, Notification, Open, Update
from peerlint.wire.capabilities import (
    AddPath,
    Capability,
    Direction,
    ExtendedMessage,
    FourOctetAs,
    GracefulRestart,
    Multiprotocol,
    RouteRefresh,
)
from peerlint.wire.paths import AS_TRANS
from peerlint.wire.reach import MpUnreach

_BGP_PORT = 179
_CLONE_NEWNET = 0x40000000
_ANSWER_SECONDS = 10.0
_RETRY_SECONDS = 0.3
#: Not 0, which disables KEEPALIVEs: GoBGP 3.10 uses it as its time limit for writing, too.
_HOLD_SECONDS = 240
#: OpenBGPD and GoBGP refuse a neighbor that went down for up to half a minute.
_CONNECT_SECONDS = 45.0
_CEASE = 6
_ADMINISTRATIVE_RESET = 4  # RFC 4486 section 4


@attrs.frozen
class Session:
    """One session, from the speaker's side.

    Attributes:
        name: the daemon's description of the neighbor.
        asn: the AS number of the speaker.
        address: the address of the speaker, IPv4 or IPv6.
        neighbor: the address of the daemon.
        four_octets: whether the speaker offers AS numbers of four octets.
        add_path: whether the speaker offers to send path identifiers.
        restart: what the speaker offers for its graceful restart; None for nothing.
    """

    name: str
    asn: int
    address: str
    neighbor: str
    four_octets: bool = True
    add_path: bool = False
    restart: GracefulRestart | None = None

    @property
    def open(self) -> Open:
        """The OPEN, with a hold time that is longer than any test."""
        families = ((1, 1), (2, 1))
        capabilities: list[Capability] = [Multiprotocol(*family) for family in families]
        capabilities += (RouteRefresh(), ExtendedMessage())
        if self.four_octets:
            capabilities.append(FourOctetAs(self.asn))
        if self.add_path:
            offers = tuple((afi, safi, Direction.SEND) for afi, safi in families)
            capabilities.append(AddPath(offers))
        if self.restart is not None:
            capabilities.append(self.restart)
        last = int(self.address.replace(":", ".").rsplit(".", 1)[1])
        return Open(
            my_as=self.asn if self.asn <= 0xFFFF else AS_TRANS,
            hold_time=_HOLD_SECONDS,
            bgp_id=IPv4Address("198.51.100.0") + last,
            capabilities=tuple(capabilities),
        )


class Speaker:
    """The speaker's end of an established session."""

    def __init__(self, session: Session, connection: socket.socket) -> None:
        """Take a connection on which nothing was sent yet."""
        self._session = session
        self._socket = connection
        self._received = b""
        self.form = Form()

    @classmethod
    def connect(cls, session: Session, namespace: Namespace) -> Self:
        """Connect from inside a namespace, and wait until both ends are Established."""
        end = time.monotonic() + _CONNECT_SECONDS
        while True:
            speaker = cls(session, _connect(session, namespace, end))
            try:
                speaker.establish()
            except (LabError, OSError):
                speaker.drop()
                if time.monotonic() > end:
                    raise
                time.sleep(_RETRY_SECONDS)
            else:
                return speaker

    def send(self, *messages: Message) -> None:
        """Send messages in the encoding that the two OPENs negotiated."""
        for message in messages:
            self._socket.sendall(bgp.encode(message, self.form))

    def close(self, code: int = _CEASE, subcode: int = _ADMINISTRATIVE_RESET) -> None:
        """End the session with a NOTIFICATION."""
        self.send(Notification(code, subcode))
        self.drop()

    def drop(self) -> None:
        """Close the connection without a NOTIFICATION."""
        self._socket.close()

    def establish(self) -> None:
        """Exchange OPEN and KEEPALIVE."""
        mine = self._session.open
        self.send(mine)
        messages = self._messages()
        theirs = next(messages)
        if not isinstance(theirs, Open):
            raise LabError(f"{self._session.name}: expected an OPEN, found {theirs}")
        self.form = bgp.negotiated_form(mine, theirs)
        self.send(Keepalive())
        answer = next(messages)
        if not isinstance(answer, Keepalive):
            raise LabError(f"{self._session.name}: expected a KEEPALIVE, found {answer}")

    def _messages(self) -> Iterator[Message]:
        while True:
            kind, body = bgp.decode_message(self._octets())
            yield bgp.decode_body(kind, body, self.form)

    def _octets(self) -> bytes:
        """Return the next complete message, and keep the octets after it."""
        while len(self._received) < (size := self._next_size()):
            more = self._socket.recv(bgp.MAX_MESSAGE)
            if not more:
                raise LabError(f"{self._session.name}: the daemon closed the connection")
            self._received += more
        message, self._received = self._received[:size], self._received[size:]
        return message

    def _next_size(self) -> int:
        """Return the length of the next message, or of its header if that is not complete."""
        if len(self._received) < bgp.HEADER_OCTETS:
            return bgp.HEADER_OCTETS
        return int.from_bytes(self._received[16:18])


def end_of_rib() -> tuple[Update, Update]:
    """Return the End-of-RIB of IPv4 and of IPv6 unicast (RFC 4724 section 2)."""
    return Update(), Update(attributes=Attributes(mp_unreach=MpUnreach(6, 1)))


def _connect(session: Session, namespace: Namespace, end: float) -> socket.socket:
    while True:
        found = _socket_in(namespace, session)
        try:
            found.bind((session.address, 0))
            found.connect((session.neighbor, _BGP_PORT))
        except OSError as refused:
            found.close()
            if time.monotonic() > end:
                raise LabError(f"{session.name}: {refused}") from refused
            time.sleep(_RETRY_SECONDS)
        else:
            return found


def _socket_in(namespace: Namespace, session: Session) -> socket.socket:
    """Return a socket in a namespace, which any thread can use."""
    # a separate thread enters the namespace, and ends there
    with ThreadPoolExecutor(max_workers=1) as thread:
        return thread.submit(_enter_and_make, namespace, session).result()


def _enter_and_make(namespace: Namespace, session: Session) -> socket.socket:
    libc = ctypes.CDLL(None, use_errno=True)
    with Path("/var/run/netns", namespace.name).open("rb") as handle:
        if libc.setns(handle.fileno(), _CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    family = socket.AF_INET6 if ":" in session.address else socket.AF_INET
    made = socket.socket(family, socket.SOCK_STREAM)
    made.settimeout(_ANSWER_SECONDS)
    return made
