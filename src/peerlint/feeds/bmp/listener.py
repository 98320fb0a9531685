"""Listen for routers that speak BMP, and yield the events of all of them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address
from time import time_ns
from typing import Final, Self

import attrs

from peerlint.errors import FeedError
from peerlint.events import Event, FeedBack, FeedLost
from peerlint.feeds.bmp.remarks import Remark
from peerlint.feeds.bmp.router import RouterStream
from peerlint.wire.bmp import MAX_MESSAGE, MAX_PEERS

_CHUNK: Final = 1 << 16


def _now() -> int:
    return time_ns() // 1000


@attrs.frozen
class Limits:
    """What one listener accepts.

    Attributes:
        routers: the number of routers at a time.
        peers: the number of peers of a router.
        message: the length of a message, in octets.
        partial: the seconds in which a message that has begun has to be complete.
        waiting: the number of events that wait; no more is read from routers while it is reached.
    """

    routers: int = 64
    peers: int = MAX_PEERS
    message: int = MAX_MESSAGE
    partial: float = 60.0
    waiting: int = 10_000


class BmpListener:
    """An async iterator of the events of all routers that connect.

    A router that sends what cannot be read, or exceeds a limit, is cut off alone, by a `FeedLost`
    with the reason. While events wait, nothing is read, so TCP slows the routers down.

    Attributes:
        refused: the number of refused connections by address.
    """

    def __init__(
        self,
        host: str,
        port: int,
        *,
        allow: Iterable[IPv4Network | IPv6Network],
        limits: Limits | None = None,
        feed: str = "bmp",
        now: Callable[[], int] = _now,
    ) -> None:
        """Prepare; `start` begins to listen.

        Args:
            host: the address to listen on.
            port: the port; 0 for any free one.
            allow: the networks of the routers; others are refused.
            limits: what is accepted.
            feed: the feed's name.
            now: the clock, in microseconds since 1970.
        """
        self.refused: dict[str, int] = {}
        self._host, self._port, self._feed = host, port, feed
        self._allow, self._limits, self._now = tuple(allow), limits or Limits(), now
        self._queue: asyncio.Queue[Event] = asyncio.Queue(self._limits.waiting)
        self._streams: dict[str, RouterStream] = {}
        self._lost: set[str] = set()
        self._server: asyncio.Server | None = None

    @property
    def port(self) -> int:
        """The port that is listened on."""
        if self._server is None:
            return self._port
        return int(self._server.sockets[0].getsockname()[1])

    @property
    def remarks(self) -> dict[str, tuple[Remark, ...]]:
        """What is unusual, by router, for those that are connected."""
        return {router: stream.remarks for router, stream in self._streams.items()}

    async def start(self) -> None:
        """Begin to listen.

        Raises:
            FeedError: the address cannot be listened on.
        """
        try:
            self._server = await asyncio.start_server(self._serve, self._host, self._port)
        except OSError as error:
            raise FeedError(f"{self._host}:{self._port}", str(error.strerror or error)) from error

    async def close(self) -> None:
        """Stop listening."""
        if self._server is not None:
            self._server.close()

    def __aiter__(self) -> Self:
        """Return itself."""
        return self

    async def __anext__(self) -> Event:
        """Return the next event; start to listen if that has not happened."""
        if self._server is None:
            await self.start()
        return await self._queue.get()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        router = _router(str(writer.get_extra_info("peername")[0]))
        try:
            if not self._accepts(router):
                return
            if router in self._lost:
                self._lost.discard(router)
                await self._queue.put(FeedBack(feed=self._feed, router=router, time=self._now()))
            stream = self._streams[router] = RouterStream(
                router,
                feed=self._feed,
                max_message=self._limits.message,
                max_peers=self._limits.peers,
            )
            try:
                reason = await self._read(reader, stream)
            finally:
                del self._streams[router]
            self._lost.add(router)
            lost = FeedLost(feed=self._feed, router=router, time=self._now(), reason=reason)
            await self._queue.put(lost)
        finally:
            writer.close()

    def _accepts(self, router: str) -> bool:
        """Return whether a router may connect, and count it if not."""
        address = ip_address(router)
        is_allowed = any(address in each for each in self._allow)
        is_new = router not in self._streams and len(self._streams) < self._limits.routers
        if is_allowed and is_new:
            return True
        # Strangers choose their addresses: only so many are named.
        if router in self.refused or len(self.refused) < self._limits.routers:
            self.refused[router] = self.refused.get(router, 0) + 1
        return False

    async def _read(self, reader: asyncio.StreamReader, stream: RouterStream) -> str:
        """Read a stream to its end, and return why it ended."""
        clock = asyncio.get_running_loop().time
        begun: float | None = None
        while True:
            try:
                wait = None if begun is None else max(0, begun + self._limits.partial - clock())
                octets = await asyncio.wait_for(reader.read(_CHUNK), wait)
            except TimeoutError:
                return f"a message was not complete after {self._limits.partial:g} seconds"
            except OSError as error:
                return str(error.strerror or error)
            before, time = stream.pending, self._now()
            events = stream.feed(octets, time) if octets else stream.end(time)
            started = clock()
            for event in events:
                await self._queue.put(event)
            if begun is not None:
                begun += clock() - started  # the time in which nothing was read is not the router's
            if stream.refused is not None:
                return stream.refused
            if not octets:
                ended = stream.ended
                return "the connection ended" if ended is None else f"the router ended it: {ended}"
            if not stream.pending:
                begun = None
            elif begun is None or stream.pending < before + len(octets):
                begun = clock()


def _router(address: str) -> str:
    """Return a router's address: IPv4 if a socket for both families says it as IPv6."""
    found = ip_address(address.partition("%")[0])
    return str((found.ipv4_mapped or found) if isinstance(found, IPv6Address) else found)
