"""A session connected to a cache without a socket, and a clock."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from peerlint.registry.rtr import RtrEvent, RtrSession, SessionLimits, VrpsReceived
from peerlint.wire.rtr import Pdu, PrefixPdu, decode_header, decode_pdu, encode_pdu

if TYPE_CHECKING:
    from tests.registry.rtr.rtr_cache import Cache

SECOND: Final = 1_000_000
START: Final = 1_790_000_000 * SECOND


class Link:
    """One session, and the cache that it is connected to.

    Attributes:
        session: the session.
        cache: the cache; another one may take its place.
        now: the clock, in microseconds.
        events: what the session said.
        sent: the queries and Error Reports that it sent, with their versions.
        arriving: octets of the cache that have not arrived.
        is_connected: whether there is a connection.
    """

    def __init__(self, cache: Cache, limits: SessionLimits | None = None) -> None:
        """Start without a connection."""
        self.session, self.cache = RtrSession(limits), cache
        self.now = START
        self.events: list[RtrEvent] = []
        self.sent: list[tuple[int, Pdu]] = []
        self.arriving = b""
        self.is_connected = False

    @property
    def data(self) -> set[PrefixPdu] | None:
        """What the session has."""
        return None if self.session.vrps is None else set(self.session.vrps)

    @property
    def received(self) -> list[VrpsReceived]:
        """The answers that were complete."""
        return [each for each in self.events if isinstance(each, VrpsReceived)]

    def connect(self) -> None:
        """Make a connection, and have the cache answer the first query."""
        self.cache.is_closed, self.arriving, self.is_connected = False, b"", True
        self.session.connect(self.now)
        self._exchange()

    def lose(self, reason: str = "lost") -> None:
        """End the connection; what has not arrived never does."""
        self.is_connected, self.arriving = False, b""
        self.events += self.session.lose(reason, self.now)

    def feed(self, *pdus: Pdu | bytes, version: int = 1) -> None:
        """Have PDUs, or any octets, arrive that the cache did not think of."""
        for each in pdus:
            octets = each if isinstance(each, bytes) else encode_pdu(each, version)
            self.events += self.session.receive(octets, self.now)
        self._exchange()

    def deliver(self, octets: int | None = None) -> None:
        """Have octets of the cache arrive; None for all, and for the answers to what follows."""
        while self.is_connected and self.arriving:
            part = self.arriving[:octets]
            self.arriving = self.arriving[len(part) :]
            self.events += self.session.receive(part, self.now)
            self._exchange()
            if octets is not None:
                return

    def synchronise(self) -> None:
        """Connect as often as the session wants to at once, and deliver everything."""
        while True:
            self.connect()
            self.deliver()
            if self.is_connected or not self.session.is_eager:
                return

    def advance(self, seconds: float) -> None:
        """Let time pass, and have the session do what is due, at the times at which it is."""
        until = self.now + round(seconds * SECOND)
        while (due := self.session.deadline) is not None and due <= until:
            self.now = max(self.now, due)
            self._tick()
            self.deliver()
        self.now = until
        self._tick()

    def _tick(self) -> None:
        self.events += self.session.tick(self.now)
        self._exchange()

    def _exchange(self) -> None:
        """Hand over what the session sends, and end a connection that one side closes."""
        octets = self.session.take_output()
        self.sent += _decoded(octets)
        if self.is_connected and octets:
            self.arriving += self.cache.answer(octets)
        if self.session.closing is not None:
            self.lose(self.session.closing)
        elif self.is_connected and self.cache.is_closed and not self.arriving:
            self.lose("the cache closed the connection")


def _decoded(octets: bytes) -> list[tuple[int, Pdu]]:
    found = []
    while octets:
        header = decode_header(octets)
        found.append((header.version, decode_pdu(octets)))
        octets = octets[header.length :]
    return found
