"""One connection of a router, and what is remembered of the router after it."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from contextlib import suppress
from ipaddress import IPv6Address, ip_address
from typing import Final

import attrs

from peerlint.feeds.bmp.remarks import RemarkCounts
from peerlint.feeds.bmp.router import RouterStream
from peerlint.feeds.bmp.routes import UnwatchedCounts

#: Seconds of silence after which TCP asks, seconds between questions, and how many stay unanswered
#: until the connection is dead. BMP itself has no message for this (RFC 7854 section 3.2).
_KEEPALIVE: Final = (("TCP_KEEPIDLE", 60), ("TCP_KEEPINTVL", 15), ("TCP_KEEPCNT", 4))


@attrs.define
class KnownRouter:
    """What is remembered of a router while it is not connected.

    Attributes:
        remarks: the remarks of all of its connections.
        unwatched: the numbers of updates of tables that the selection leaves out, see
            `RouterStream`.
        name: its name by its last Initiation; None if it has not said one.
        is_lost: whether the last event about the connection was its loss.
    """

    remarks: RemarkCounts = attrs.Factory(RemarkCounts)
    unwatched: UnwatchedCounts = attrs.Factory(dict)
    name: str | None = None
    is_lost: bool = False


@attrs.define(eq=False)
class Connection:
    """A connection that is open.

    Attributes:
        stream: its octets and events.
        task: what reads it.
        clock: the seconds since any fixed time.
        reason: why it is ended from this side; None if it is not.
    """

    stream: RouterStream
    task: asyncio.Task[None]
    clock: Callable[[], float]
    reason: str | None = None
    _begun: float | None = None
    _is_paused: bool = False

    def end(self, reason: str) -> None:
        """End it from this side; its task says so by an event."""
        if self.reason is None:
            self.reason = reason
            self.task.cancel()

    def is_overdue(self, limit: float) -> bool:
        """Return whether a message that has begun is incomplete for more than `limit` seconds."""
        if self._begun is None or self._is_paused:
            return False
        return self.clock() - self._begun > limit

    def pause(self) -> None:
        """Note that nothing is read for now: this time does not count against the router."""
        self._is_paused = True

    def resume(self, *, is_same: bool) -> None:
        """Note that reading goes on.

        Args:
            is_same: whether an incomplete message is the one from before the pause. Then there
                was no event to wait for, and its time goes on.
        """
        self._is_paused = False
        if not self.stream.pending:
            self._begun = None
        elif self._begun is None or not is_same:
            self._begun = self.clock()


def address_of(writer: asyncio.StreamWriter) -> str | None:
    """Return a router's address; None if the connection is gone already.

    A socket for both families says an IPv4 address as IPv6, which is undone.
    """
    peer = writer.get_extra_info("peername")
    if not peer:
        return None
    found = ip_address(str(peer[0]).partition("%")[0])
    return str((found.ipv4_mapped or found) if isinstance(found, IPv6Address) else found)


def keep_alive(writer: asyncio.StreamWriter) -> None:
    """Have TCP notice that a router is gone, which otherwise only its next connection shows."""
    sock = writer.get_extra_info("socket")
    if sock is None:
        return
    with suppress(OSError):
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        for name, value in _KEEPALIVE:
            option = getattr(socket, name, None)  # not all systems have all of them
            if option is not None:
                sock.setsockopt(socket.IPPROTO_TCP, option, value)
