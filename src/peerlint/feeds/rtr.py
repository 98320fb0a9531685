"""VRPs from a cache over RTR (RFC 8210), over TCP."""

from __future__ import annotations

import asyncio
import os
import random
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing, suppress
from typing import Final, Self, cast

import attrs

from peerlint.errors import FeedError
from peerlint.feeds.bmp.connection import keep_alive
from peerlint.feeds.clock import microseconds_now
from peerlint.registry.rtr import RtrEvent, RtrSession, SessionLimits, VrpSet, VrpsReceived

#: The port of the protocol (RFC 8210 section 9.1); StayRTR's own is 8282, Routinator's 3323.
PORT: Final = 323
#: Octets that are read at once; asyncio keeps at most twice as many.
_CHUNK: Final = 1 << 18
#: StayRTR sends PDU after PDU, each in a packet of its own. While an answer arrives in pieces of
#: less than so many octets, they are let gather for so many seconds: that takes half of the
#: processor time, and delays the end of an answer by no more than that.
_SMALL: Final = 1 << 16
_GATHER: Final = 0.004
_SECOND: Final = 1_000_000
_ENDED: Final = "the cache closed the connection"


@attrs.frozen
class RtrLimits:
    """How long connections take; all times in seconds.

    Attributes:
        connect: the time in which a connection has to be made.
        delay: the time before the first attempt to connect again, which doubles with each attempt.
        longest_delay: the maximum of that time; the cache's Retry Interval is another one.
        session: what a session accepts.
    """

    connect: float = 30.0
    delay: float = 1.0
    longest_delay: float = 60.0
    session: SessionLimits = SessionLimits()


class RtrFeed:
    """An async iterator of what a cache says; see `peerlint.registry.rtr.RtrEvent`.

    It connects again by itself, for as long as it is asked for events. While the cache is lost its
    data stays in use until it expires. Both are events.
    """

    def __init__(
        self,
        host: str,
        port: int = PORT,
        *,
        limits: RtrLimits | None = None,
        now: Callable[[], int] = microseconds_now,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        """Prepare; nothing is connected yet.

        Args:
            host: the cache's name or address.
            port: its port.
            limits: what is accepted.
            now: the clock, in microseconds since 1970.
            sleep: waits for some seconds.
            jitter: returns a random number from 0 to 1.
        """
        self._host, self._port, self._limits = host, port, limits or RtrLimits()
        self._now, self._sleep, self._jitter = now, sleep, jitter
        self._session = RtrSession(self._limits.session)
        self._attempts = 0
        self._reason = ""
        self._events = self._run()

    @property
    def name(self) -> str:
        """The cache's name, for messages: "rtr 192.0.2.1:323"."""
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"rtr {host}:{self._port}"

    @property
    def vrps(self) -> VrpSet | None:
        """The data in use; None if there is none yet, or none any more."""
        return self._session.vrps

    @property
    def received(self) -> int | None:
        """When the cache last completed an answer, in microseconds since 1970."""
        return self._session.received

    def __aiter__(self) -> Self:
        """Return itself."""
        return self

    async def __anext__(self) -> RtrEvent:
        """Return the next event, when it is there; connect if that has not happened.

        Raises:
            FeedError: the cache cannot be reached, or ended its connections, before it sent data.
        """
        return await anext(self._events)

    async def close(self) -> None:
        """Close the connection."""
        await self._events.aclose()

    async def _run(self) -> AsyncGenerator[RtrEvent, None]:
        session = self._session
        while True:
            self._reason = _ENDED
            try:
                # Closed at once if this one is: the connection must not outlive it.
                async with aclosing(self._connection()) as events:
                    async for event in events:
                        if isinstance(event, VrpsReceived):
                            self._attempts = 0
                        yield event
            except OSError as error:
                self._reason = _text(error)
            lost = session.lose(self._reason, self._now())
            if session.received is None and not session.is_eager:
                raise FeedError(self.name, self._reason)
            for event in lost:
                yield event
            async with aclosing(self._pause()) as events:
                async for event in events:
                    yield event

    async def _pause(self) -> AsyncGenerator[RtrEvent, None]:
        """Wait for the next attempt to connect; data may expire meanwhile."""
        left = self._delay()
        while left > 0:
            step = min(left, self._seconds_left(left))
            await self._sleep(step)
            left -= step
            for event in self._session.tick(self._now()):
                yield event

    def _delay(self) -> float:
        """Return how long to wait: half of the time at least, so that nothing is hammered."""
        if self._session.is_eager:
            return 0.0
        limits = self._limits
        longest = min(
            limits.longest_delay,
            float(self._session.timers.retry),
            limits.delay * 2.0 ** min(self._attempts, 32),
        )
        self._attempts += 1
        return longest * (1 + self._jitter()) / 2

    def _seconds_left(self, without: float) -> float:
        """Return the seconds until the session has to do something.

        Args:
            without: what to return if it has not.
        """
        deadline = self._session.deadline
        return without if deadline is None else max(0.0, (deadline - self._now()) / _SECOND)

    async def _connection(self) -> AsyncGenerator[RtrEvent, None]:
        """Yield the events of one connection, and set the reason of its end.

        Raises:
            OSError: it cannot be made, or breaks.
        """
        async with asyncio.timeout(self._limits.connect):
            opening = asyncio.open_connection(self._host, self._port, limit=_CHUNK)
            reader, writer = await opening
        keep_alive(writer)
        try:
            self._session.connect(self._now())
            async with aclosing(self._follow(reader, writer)) as events:
                async for event in events:
                    yield event
        finally:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()

    async def _follow(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> AsyncGenerator[RtrEvent, None]:
        session = self._session
        while True:
            writer.write(session.take_output())
            if session.closing is not None:
                self._reason = session.closing
                return
            received = await self._read(reader)
            if received == b"":
                return
            time = self._now()
            events = session.tick(time) if received is None else session.receive(received, time)
            for event in events:
                yield event
            if session.is_receiving and received is not None and len(received) < _SMALL:
                await _gather(writer)

    async def _read(self, reader: asyncio.StreamReader) -> bytes | None:
        """Return octets, none at the end; None if none come before the session's deadline."""
        wait = None if self._session.deadline is None else self._seconds_left(0)
        try:
            async with asyncio.timeout(wait):
                return await reader.read(_CHUNK)
        except TimeoutError:
            return None


async def _gather(writer: asyncio.StreamWriter) -> None:
    """Leave what arrives to the system for a moment."""
    # That of a socket is for both directions, which its type does not say.
    transport = cast("asyncio.Transport", writer.transport)
    transport.pause_reading()
    await asyncio.sleep(_GATHER)
    transport.resume_reading()


def _text(error: OSError) -> str:
    """Return why a connection failed; asyncio's own text repeats the address."""
    if isinstance(error, TimeoutError) and not error.errno:
        return "the cache could not be connected to in time"
    if error.errno and error.errno > 0:
        return os.strerror(error.errno)
    return error.strerror or str(error) or type(error).__name__
