"""Listen for routers that speak BMP, and yield the events of all of them."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterable
from contextlib import suppress
from ipaddress import IPv4Network, IPv6Network, ip_address
from time import monotonic
from typing import Final, Self

import attrs

from peerlint.bulk import MAX_COUNTED, RouteBudget
from peerlint.errors import FeedError
from peerlint.events import Event, FeedBack, FeedLost
from peerlint.feeds.bmp.connection import Connection, KnownRouter, address_of, keep_alive
from peerlint.feeds.bmp.remarks import Remark, RemarkKind
from peerlint.feeds.bmp.router import RouterStream
from peerlint.feeds.bmp.routes import UnwatchedCounts
from peerlint.feeds.bmp.selection import RouteSelection
from peerlint.feeds.bmp.waiting import WaitingEvents
from peerlint.feeds.clock import microseconds_now
from peerlint.wire.bmp import MAX_MESSAGE, MAX_PEERS

#: Octets that are read at once; asyncio keeps at most twice as many of a connection.
_CHUNK: Final = 1 << 18
_CLOSED: Final = "the listener was closed"
_AGAIN: Final = "the router connected again"


@attrs.frozen
class Limits:
    """What one listener accepts.

    Attributes:
        routers: the number of routers at a time.
        peers: the number of peers of a router.
        message: the length of a message, in octets.
        partial: the seconds in which a message that has begun has to be complete.
        waiting: the number of events that wait; no more is read from routers while it is reached.
        lost_routers: the number of routers of which names and remarks are kept after their
            connections ended.
        counted: the number of routes of all routers that are counted without becoming events.
    """

    routers: int = 64
    peers: int = MAX_PEERS
    message: int = MAX_MESSAGE
    partial: float = 60.0
    waiting: int = 10_000
    lost_routers: int = 1024
    counted: int = MAX_COUNTED


class BmpListener:
    """An async iterator of the events of all routers that connect.

    A router that sends what cannot be read, or exceeds a limit, is cut off alone, by a `FeedLost`
    with the reason. While events wait, nothing is read, so TCP slows the routers down. A router
    that connects again while its old connection is open has lost that one without a word: the new
    one takes its place.

    Attributes:
        refused: the number of refused connections by address, for the first `Limits.routers`
            addresses.
        refused_others: the number of refused connections of all other addresses.
        forgotten: the number of routers whose names and remarks are no longer kept, because more
            than `Limits.lost_routers` were lost. From then on, the first connection of a router
            also is a `FeedBack`.
    """

    def __init__(
        self,
        host: str,
        port: int,
        *,
        allow: Iterable[IPv4Network | IPv6Network],
        limits: Limits | None = None,
        selection: RouteSelection | None = None,
        feed: str = "bmp",
        now: Callable[[], int] = microseconds_now,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        """Prepare; `start` begins to listen.

        Args:
            host: the address to listen on.
            port: the port; 0 for any free one.
            allow: the networks of the routers; others are refused.
            limits: what is accepted.
            selection: which routes become events; None for all.
            feed: the feed's name.
            now: the time of events, in microseconds since 1970.
            clock: the seconds since any fixed time, to find messages that are not finished.
        """
        self.refused: dict[str, int] = {}
        self.refused_others = self.forgotten = 0
        self._host, self._port, self._feed = host, port, feed
        self._allow, self._limits = tuple(allow), limits or Limits()
        self._selection, self._budget = selection, RouteBudget(self._limits.counted)
        self._now, self._clock = now, clock
        self._waiting = WaitingEvents(self._limits.waiting)
        self._connections: dict[str, Connection] = {}
        self._known: dict[str, KnownRouter] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        #: Kept, because the event loop does not.
        self._served: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self._watch: asyncio.Task[None] | None = None
        self._is_closed = False

    @property
    def port(self) -> int:
        """The port that is listened on."""
        if self._server is None or not self._server.sockets:
            return self._port
        return int(self._server.sockets[0].getsockname()[1])

    @property
    def remarks(self) -> dict[str, tuple[Remark, ...]]:
        """What is unusual, by router; the remarks of lost routers and old connections too."""
        return {router: known.remarks.all for router, known in self._known.items()}

    @property
    def names(self) -> dict[str, str]:
        """The names that routers say in their Initiations, by address. Nothing proves them."""
        names = {router: known.name for router, known in self._known.items()}
        names |= {router: each.stream.name for router, each in self._connections.items()}
        return {router: name for router, name in names.items() if name is not None}

    @property
    def unwatched(self) -> dict[str, UnwatchedCounts]:
        """The numbers of updates of tables that the selection leaves out, by router.

        Those of lost routers and old connections count too; see `RouterStream`.
        """
        return {router: known.unwatched for router, known in self._known.items()}

    def disconnect(self, router: str, reason: str) -> None:
        """Close the connection of a router, so that it sends everything again.

        Its loss is an event with the reason. A router that is not connected is left alone.

        Args:
            router: its address, as in events.
            reason: why.
        """
        connection = self._connections.get(router)
        if connection is not None:
            connection.end(reason)

    def select(self, selection: RouteSelection) -> None:
        """Choose which routes of routers that connect from now on become events."""
        self._selection = selection

    async def start(self) -> None:
        """Begin to listen.

        Raises:
            FeedError: the address cannot be listened on.
        """
        try:
            self._server = await asyncio.start_server(
                self._connected, self._host, self._port, limit=_CHUNK
            )
        except OSError as error:
            # asyncio's own text repeats the address.
            reason = os.strerror(error.errno) if error.errno else str(error)
            raise FeedError(f"{self._host}:{self._port}", reason) from error
        self._watch = asyncio.create_task(self._cut_off_regularly())

    async def close(self) -> None:
        """Stop listening and end all connections, each by a `FeedLost`.

        The events that wait can still be taken; the iterator ends after them.
        """
        self._is_closed = True
        if self._server is not None:
            self._server.close()
        if self._watch is not None:
            self._watch.cancel()
        for connection in self._connections.values():
            connection.end(_CLOSED)
        for task in self._tasks:
            task.cancel()  # of those that wait for their turn too
        ended = {*self._tasks, *(() if self._watch is None else (self._watch,))}
        if ended:
            await asyncio.wait(ended)
        self._waiting.close()

    def __aiter__(self) -> Self:
        """Return itself."""
        return self

    async def __anext__(self) -> Event:
        """Return the next event; start to listen if that has not happened."""
        if self._server is None and not self._is_closed:
            await self.start()
        return await self._waiting.take()

    def cut_off_overdue(self) -> None:
        """End the connections whose messages are not finished in `Limits.partial` seconds.

        While the listener listens, it calls this itself.
        """
        limit = self._limits.partial
        for connection in self._connections.values():
            if connection.is_overdue(limit):
                connection.end(f"a message was not complete after {limit:g} seconds")

    async def _cut_off_regularly(self) -> None:
        while True:
            await asyncio.sleep(self._limits.partial / 4)
            self.cut_off_overdue()

    def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve a connection in a task of its own: asyncio would log that it is cancelled."""
        task = asyncio.get_running_loop().create_task(self.serve(reader, writer))
        self._served.add(task)
        task.add_done_callback(self._served.discard)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Read one connection to its end.

        Args:
            reader: what the router sends.
            writer: the connection; its address is the router's.
        """
        task = asyncio.current_task()
        router = address_of(writer)
        try:
            if task is None or router is None or self._is_closed or not self._accepts(router):
                return
            self._tasks.add(task)
            keep_alive(writer)
            while (old := self._connections.get(router)) is not None:
                self._known_router(router).remarks.add(RemarkKind.REPLACED)
                old.end(_AGAIN)
                await asyncio.wait({old.task})
            # The task ends here, and asyncio of Python 3.11 prints a cancelled one as a mistake.
            with suppress(asyncio.CancelledError):
                await self._follow(router, reader, task)
        finally:
            if task is not None:
                self._tasks.discard(task)
            writer.close()

    def _accepts(self, router: str) -> bool:
        """Return whether a router may connect, and count it if not."""
        address = ip_address(router)
        if any(address in each for each in self._allow) and (
            router in self._connections or len(self._connections) < self._limits.routers
        ):
            return True
        # Strangers choose their addresses: only so many are named.
        if router in self.refused or len(self.refused) < self._limits.routers:
            self.refused[router] = self.refused.get(router, 0) + 1
        else:
            self.refused_others += 1
        return False

    def _known_router(self, router: str) -> KnownRouter:
        """Return what is known of a router, which is then the one to be forgotten last."""
        known = self._known.pop(router, None) or KnownRouter(is_lost=self.forgotten > 0)
        self._known[router] = known
        lost = [each for each in self._known if each not in self._connections and each != router]
        if len(lost) > self._limits.lost_routers:
            del self._known[lost[0]]
            self.forgotten += 1
        return known

    async def _follow(
        self, router: str, reader: asyncio.StreamReader, task: asyncio.Task[None]
    ) -> None:
        """Yield the events of a connection, and its loss however it ends."""
        known = self._known_router(router)
        stream = RouterStream(
            router,
            feed=self._feed,
            max_message=self._limits.message,
            max_peers=self._limits.peers,
            remarks=known.remarks,
            selection=self._selection,
            budget=self._budget,
            unwatched=known.unwatched,
        )
        connection = self._connections[router] = Connection(stream, task, self._clock)
        # If the router still is lost, its loss needs no second event.
        is_told = known.is_lost
        try:
            if known.is_lost:
                back = FeedBack(feed=self._feed, router=router, time=self._now())
                await self._waiting.put(back)
                is_told = known.is_lost = False
            reason = await self._read(reader, connection)
            await self._waiting.put(self._lost(router, reason))
            is_told = True
        finally:
            if not is_told:
                self._waiting.put_at_once(self._lost(router, connection.reason or _CLOSED))
            known.is_lost = True
            known.name = stream.name or known.name
            stream.close()
            del self._connections[router]

    def _lost(self, router: str, reason: str) -> FeedLost:
        return FeedLost(feed=self._feed, router=router, time=self._now(), reason=reason)

    async def _read(self, reader: asyncio.StreamReader, connection: Connection) -> str:
        """Read a stream to its end, and return why it ended."""
        try:
            return await self._read_chunks(reader, connection)
        except OSError as error:
            return str(error.strerror or error)
        except Exception as error:  # noqa: BLE001  # a mistake of ours must not look like silence
            asyncio.get_running_loop().call_exception_handler(
                {"message": "unexpected error while reading BMP", "exception": error}
            )
            return f"an error of peerlint: {type(error).__name__}: {error}"

    async def _read_chunks(self, reader: asyncio.StreamReader, connection: Connection) -> str:
        stream = connection.stream
        while True:
            octets = await reader.read(_CHUNK)
            before, time = stream.pending, self._now()
            connection.pause()
            for event in stream.feed(octets, time) if octets else stream.end(time):
                await self._waiting.put(event)
            connection.resume(is_same=stream.pending >= before + len(octets))
            if stream.refused is not None:
                return stream.refused
            if not octets:
                ended = stream.ended
                return "the connection ended" if ended is None else f"the router ended it: {ended}"
