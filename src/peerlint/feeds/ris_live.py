"""Events from RIS Live, over a websocket (the extra `live`)."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Iterator
from contextlib import aclosing, suppress
from typing import TYPE_CHECKING, Final, Self

import attrs

from peerlint.errors import FeedError, InputError
from peerlint.events import Event, FeedBack, FeedLost, Gap, Heartbeat
from peerlint.feeds.clock import microseconds_now
from peerlint.feeds.ris_messages import RisMessage, RisStream, subscription
from peerlint.model import Prefix

if TYPE_CHECKING:
    from aiohttp import ClientSession, ClientWebSocketResponse, WSMessage

#: `client` is asked for, so that its operators know whom to ask.
URL: Final = "wss://ris-live.ripe.net/v1/ws/?client=peerlint"
#: Those of text and of octets (RFC 6455 section 5.2).
_OPCODES: Final = (1, 2)
#: What the server is asked for a sign of life by, and the type of its answer.
_PING: Final = '{"type": "ping", "data": null}'
_PONG: Final = "pong"
#: Messages without events of routes.
_ANSWERS: Final = frozenset({"ris_subscribe_ok", "ris_unsubscribe_ok", _PONG, "ris_rrc_list"})
_SECOND: Final = 1_000_000
_CHANGES_ONLY: Final = "RIS Live sends changes only: what was announced before is not known"
_MISSED: Final = "what changed while the connection was lost is not known"


@attrs.frozen
class RisLiveLimits:
    """What one connection accepts; all times in seconds.

    Attributes:
        message: the length of a message, in octets.
        acknowledge: the time in which all subscriptions have to be acknowledged.
        heartbeat: how often the websocket is asked whether it is there; it is lost if it does not
            answer in half of that.
        ping: how often the server is asked for a `Heartbeat`.
        delay: the time before the first attempt to connect again, which doubles with each attempt.
        longest_delay: the maximum of that time.
    """

    message: int = 1 << 20
    acknowledge: float = 30.0
    heartbeat: float = 30.0
    ping: float = 30.0
    delay: float = 1.0
    longest_delay: float = 60.0


class RisLiveFeed:
    """An async iterator of the events of RIS Live for some prefixes.

    It keeps no messages: while nobody asks for events, nothing is read. A server that then cuts the
    connection is connected to again, and what was missed is a `Gap`.

    Attributes:
        stream: what is read, with its damages.
    """

    def __init__(
        self,
        prefixes: Iterable[str],
        *,
        url: str = URL,
        more_specific: bool = True,
        limits: RisLiveLimits | None = None,
        feed: str = "ris-live",
        now: Callable[[], int] = microseconds_now,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        """Prepare; nothing is connected yet.

        Args:
            prefixes: the prefixes, one at least.
            url: the server.
            more_specific: whether more specific prefixes are asked for too.
            limits: what is accepted.
            feed: the feed's name.
            now: the clock, in microseconds since 1970.
            sleep: waits for some seconds.
            jitter: returns a random number from 0 to 1.

        Raises:
            InputError: a prefix is none, or there is none.
        """
        wanted = [Prefix.parse(each) for each in dict.fromkeys(prefixes)]
        if not wanted:
            raise InputError("prefixes", expected="one at least", found=wanted)
        self.stream = RisStream(feed=feed, watched=wanted, more_specific=more_specific)
        self._requests = [
            *(subscription(each, more_specific=more_specific) for each in wanted),
            subscription(None),
        ]
        self._url, self._feed, self._limits = url, feed, limits or RisLiveLimits()
        self._now, self._sleep, self._jitter = now, sleep, jitter
        self._heard: int | None = None
        self._is_lost = self._is_over = False
        self._missing = 0
        self._attempts = 0
        self._reason = ""
        self._events = self._run()

    def __aiter__(self) -> Self:
        """Return itself."""
        return self

    async def __anext__(self) -> Event:
        """Return the next event, when it is there; connect if that has not happened.

        Raises:
            FeedError: the first connection fails, or the extra is not installed.
        """
        return await anext(self._events)

    async def close(self) -> None:
        """Close the connection."""
        await self._events.aclose()

    async def _run(self) -> AsyncGenerator[Event, None]:
        try:
            from aiohttp import ClientError, ClientSession  # noqa: PLC0415  # an extra
        except ImportError:
            reason = "RIS Live needs more: pip install 'peerlint[live]'"
            raise FeedError(self._url, reason) from None
        async with ClientSession() as session:
            while True:
                try:
                    # Closed at once if this one is: the connection must not outlive it.
                    async with aclosing(self._connection(session)) as events:
                        async for event in events:
                            yield event
                except (ClientError, OSError, TimeoutError) as error:
                    self._reason = str(error) or type(error).__name__
                if self._heard is None:
                    raise FeedError(self._url, self._reason)
                self._is_lost = True
                yield FeedLost(feed=self._feed, time=self._now(), reason=self._reason)
                await self._sleep(self._delay())

    def _delay(self) -> float:
        """Return how long to wait: half of the time at least, so that nothing is hammered."""
        limits = self._limits
        longest = min(limits.longest_delay, limits.delay * 2.0 ** min(self._attempts, 32))
        self._attempts += 1
        return longest * (1 + self._jitter()) / 2

    async def _connection(self, session: ClientSession) -> AsyncGenerator[Event, None]:
        """Yield the events of one connection, and set the reason of its end."""
        limits = self._limits
        async with session.ws_connect(
            self._url, max_msg_size=limits.message, heartbeat=limits.heartbeat
        ) as socket:
            for each in self._requests:
                await socket.send_str(each)
            self._missing, self._is_over = len(self._requests), False
            until = asyncio.get_running_loop().time() + limits.acknowledge
            pings = asyncio.create_task(_ping(socket, limits.ping))
            try:
                while not self._is_over:
                    text = await self._receive(socket, until)
                    if text is None:
                        return
                    for event in self._take(text, self._now()):
                        yield event
            finally:
                pings.cancel()

    async def _receive(self, socket: ClientWebSocketResponse, until: float) -> str | bytes | None:
        """Return the next message; None with a reason at the end of the connection."""
        if self._missing:
            wait = max(0, until - asyncio.get_running_loop().time())
            try:
                received = await asyncio.wait_for(socket.receive(), wait)
            except TimeoutError:
                self._reason = "the server did not acknowledge all subscriptions"
                return None
        else:
            received = await socket.receive()
        text = _text(received)
        if text is None:
            self._reason = _ended(received, socket)
        return text

    def _take(self, text: str | bytes, time: int) -> Iterable[Event]:
        """Return the events of a message."""
        update = None if isinstance(text, bytes) else self.stream.update(text, time)
        if update is None:
            return self._take_other(_message(text), time)
        self._hear(time)
        return update

    def _take_other(self, message: RisMessage, time: int) -> Iterator[Event]:
        """Yield the events of a message that is not an UPDATE in the published form."""
        if message.type == "ris_subscribe_ok" and self._missing:
            self._missing -= 1
            if not self._missing:
                yield from self._start()
        elif message.type == "ris_error":
            self._reason = f"the server says: {message.data.get('message')}"
            self._is_over = True
            return
        yield from self._read(message, time)

    def _start(self) -> Iterator[Event]:
        """Yield that the feed is there, and what it does not know."""
        time, self._attempts = self._now(), 0
        if self._is_lost:
            self._is_lost = False
            yield FeedBack(feed=self._feed, time=time)
        reason = _CHANGES_ONLY if self._heard is None else _MISSED
        yield Gap(feed=self._feed, time=time, reason=reason, since=self._heard)
        self._heard = time

    def _hear(self, time: int) -> None:
        # What comes before all subscriptions are acknowledged does not end what is missed.
        if self._heard is not None and not self._is_lost:
            self._heard = time

    def _read(self, message: RisMessage, time: int) -> Iterator[Event]:
        self._hear(time)
        if message.type == _PONG and not self._missing:
            interval = int(self._limits.ping * _SECOND)
            yield Heartbeat(feed=self._feed, time=time, interval=interval)
        elif message.type == "ris_message":
            yield from self.stream.message(message.data, time)
        elif message.type == "":
            yield from self.stream.damage(str(message.data["error"]), time)
        elif message.type not in _ANSWERS:
            expected = "a type of RIS Live"
            error = InputError("type", expected=expected, found=message.type)
            yield from self.stream.damage(str(error), time)


async def _ping(socket: ClientWebSocketResponse, seconds: float) -> None:
    """Ask the server for a sign of life again and again, until the connection ends."""
    # The reader of the connection finds out why it ended.
    with suppress(ConnectionError):
        while True:
            await asyncio.sleep(seconds)
            await socket.send_str(_PING)


def _message(text: str | bytes) -> RisMessage:
    """Return a message; one of the type "" with the error if it is none."""
    try:
        return RisMessage.parse(text)
    except InputError as error:
        return RisMessage("", {"error": str(error)})


def _text(message: WSMessage) -> str | bytes | None:
    """Return the octets of a message; None if it is the end of the connection."""
    if message.type in _OPCODES:
        data: str | bytes = message.data
        return data
    return None


def _ended(message: WSMessage, socket: ClientWebSocketResponse) -> str:
    if isinstance(message.data, Exception):
        return str(message.data) or type(message.data).__name__
    error = socket.exception()
    if error is not None:
        return str(error) or type(error).__name__
    code = socket.close_code
    return "the connection ended" if code is None else f"the server closed it with code {code}"
