"""VRPs from a cache over TCP: connections that are refused, cut, and made again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, Final, Self, TypeVar

import pytest
from tests.registry.rtr.rtr_cache import Cache, Refusal, vrp

from peerlint.errors import FeedError
from peerlint.feeds.rtr import RtrFeed, RtrLimits, _text
from peerlint.registry.rtr import (
    CacheLost,
    RtrEvent,
    SessionLimits,
    VrpsExpired,
    VrpsReceived,
)
from peerlint.wire.rtr import ErrorReport, decode_pdu, encode_pdu

A, B = vrp("203.0.113.0/24 64500"), vrp("2001:db8::/32-48 64501")
_Value = TypeVar("_Value")
#: Answers octets; None ends the connection.
Answer = Callable[[bytes], bytes | None]
_SECOND: Final = 1_000_000


def _run(main: Coroutine[object, object, _Value]) -> _Value:
    return asyncio.run(asyncio.wait_for(main, 60))


class Server:
    """A server on loopback; each connection has an answer of its own, the last one all others.

    Attributes:
        queries: what was received first, by connection.
    """

    def __init__(self, *answers: Answer) -> None:
        """Start with the answers."""
        self.queries: list[bytes] = []
        self._answers = list(answers)
        self._writers: list[asyncio.StreamWriter] = []

    async def __aenter__(self) -> Self:
        """Listen."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop."""
        self._server.close()
        self.cut()

    @property
    def port(self) -> int:
        """The port that is listened on."""
        return int(self._server.sockets[0].getsockname()[1])

    def send(self, octets: bytes) -> None:
        """Send octets in the last connection."""
        self._writers[-1].write(octets)

    def cut(self) -> None:
        """End all connections."""
        for each in self._writers:
            each.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.append(writer)
        number = len(self._writers) - 1
        answer = self._answers[min(number, len(self._answers) - 1)]
        is_first = True
        while octets := await reader.read(1 << 16):
            if is_first:
                self.queries.append(octets)
            is_first = False
            found = answer(octets)
            if found is None:
                break
            writer.write(found)
        writer.close()


def _of(cache: Cache) -> Answer:
    """Return the answers of a cache."""

    def answer(octets: bytes) -> bytes | None:
        cache.is_closed = False
        found = cache.answer(octets)
        return None if cache.is_closed and not found else found

    return answer


def _feed(port: int, **arguments: Any) -> RtrFeed:  # noqa: ANN401  # as the feed's own
    """Return a feed that connects again at once."""
    limits = RtrLimits(delay=0, session=SessionLimits(notify=0))
    return RtrFeed("127.0.0.1", port, **{"limits": limits, **arguments})


async def _take(feed: RtrFeed, count: int) -> Sequence[RtrEvent]:
    return [await anext(feed) for _ in range(count)]


def test_data_and_changes() -> None:
    """All data comes first, then what changed, as soon as the cache notifies of it."""

    async def main() -> None:
        cache = Cache({A})
        async with Server(_of(cache)) as server:
            feed = _feed(server.port)
            (first,) = await _take(feed, 1)
            server.send(encode_pdu(cache.update({B}), 1))
            (second,) = await _take(feed, 1)
            await feed.close()
        assert isinstance(first, VrpsReceived)
        assert isinstance(second, VrpsReceived)
        assert ({A}, {B}) == (set(first.vrps), set(second.vrps))
        assert second.vrps is feed.vrps
        assert second.time == feed.received

    _run(main())


def test_cut_connection() -> None:
    """A connection that is cut is lost and made again, and the data stays in use meanwhile."""

    async def main() -> None:
        cache = Cache({A})
        async with Server(_of(cache)) as server:
            feed = _feed(server.port)
            await _take(feed, 1)
            server.cut()
            lost, first, check = await _take(feed, 3)
            await feed.close()
        assert isinstance(lost, CacheLost)
        assert "the cache closed the connection" == lost.reason
        assert lost.expires is not None
        assert isinstance(first, VrpsReceived)
        assert isinstance(check, VrpsReceived)
        assert (False, True) == (first.is_reset, check.is_reset)

    _run(main())


@pytest.mark.parametrize("refusal", [Refusal.ERROR, Refusal.CLOSE])
def test_fallback(refusal: Refusal) -> None:
    """A cache that ends the connection because of version 1 is asked in version 0 at once."""

    async def main() -> None:
        cache = Cache({A}, version=0, refusal=refusal)
        async with Server(_of(cache)) as server:
            feed = _feed(server.port, limits=RtrLimits(delay=1000))
            lost, received = await _take(feed, 2)
            await feed.close()
        assert isinstance(lost, CacheLost)
        assert isinstance(received, VrpsReceived)
        assert (0, {A}) == (received.version, set(received.vrps))

    _run(main())


def test_nobody_listens() -> None:
    """A cache that cannot be reached at all is an error with its address and the reason."""

    async def main() -> None:
        async with Server(lambda _: None) as server:
            port = server.port
        with pytest.raises(FeedError, match=f"rtr 127.0.0.1:{port}: Connection refused"):
            await anext(_feed(port))

    _run(main())


def test_closes_before_it_sends_data() -> None:
    """A cache that closes in both versions, and never sent data, is an error."""

    async def main() -> None:
        async with Server(lambda _: None) as server:
            feed = _feed(server.port)
            (lost,) = await _take(feed, 1)
            with pytest.raises(FeedError, match="the cache closed the connection"):
                await anext(feed)
            assert [1, 0] == [each[0] for each in server.queries]
        assert isinstance(lost, CacheLost)
        assert lost.expires is None

    _run(main())


def test_lies() -> None:
    """A cache that lies is told so by an Error Report before the connection ends."""

    async def main() -> None:
        report: asyncio.Future[object] = asyncio.get_running_loop().create_future()

        def lie(octets: bytes) -> bytes | None:
            if octets[1] == 2:
                return bytes.fromhex("0103000100000008 01040000ffffffff") + bytes(100)
            report.set_result(decode_pdu(octets))
            return None

        async with Server(lie) as server:
            with pytest.raises(FeedError, match="20 octets of IPv4 Prefix PDU, found 4,294,967"):
                await anext(_feed(server.port))
            assert isinstance(await report, ErrorReport)

    _run(main())


def test_never_answers() -> None:
    """A cache that is silent in both versions, and never sent data, is an error."""

    async def main() -> None:
        async with Server(lambda _: b"") as server:
            limits = RtrLimits(delay=0, session=SessionLimits(answer=0.05))
            feed = _feed(server.port, limits=limits)
            await _take(feed, 1)
            with pytest.raises(FeedError, match=r"the cache did not answer in 0\.05 seconds"):
                await anext(feed)

    _run(main())


def test_delays() -> None:
    """Attempts to connect again are further and further apart, within the Retry Interval."""

    async def main() -> None:
        waits: list[float] = []

        async def sleep(seconds: float) -> None:
            waits.append(seconds)

        async with Server(_of(Cache({A}))) as server:
            limits = RtrLimits(delay=1, longest_delay=1000)
            feed = _feed(server.port, limits=limits, sleep=sleep, jitter=lambda: 1.0)
            await _take(feed, 1)
        events = await _take(feed, 10)
        await feed.close()
        assert all(isinstance(each, CacheLost) for each in events)
        assert [1, 2, 4, 8, 16, 32, 60, 60, 60] == waits
        assert feed.vrps is not None

    _run(main())


def test_data_expires_while_the_cache_is_lost() -> None:
    """Data expires in time, although the next attempt to connect is later."""

    async def main() -> None:
        now = 1_790_000_000 * _SECOND
        waits: list[float] = []

        async def sleep(seconds: float) -> None:
            nonlocal now
            waits.append(seconds)
            now += round(seconds * _SECOND)

        async with Server(_of(Cache({A}))) as server:
            limits = RtrLimits(delay=60, longest_delay=60)
            feed = _feed(
                server.port, limits=limits, sleep=sleep, jitter=lambda: 0.9, now=lambda: now
            )
            (first,) = await _take(feed, 1)
        events: list[RtrEvent] = []
        while not any(isinstance(each, VrpsExpired) for each in events):
            events += await _take(feed, 1)
        await feed.close()
        assert first.time + 7200 * _SECOND == events[-1].time
        assert isinstance(events[-1], VrpsExpired)
        assert "Connection refused" == events[-1].reason
        assert feed.vrps is None
        assert 7200 == pytest.approx(sum(waits))

    _run(main())


@pytest.mark.parametrize(
    ("host", "name"), [("192.0.2.1", "rtr 192.0.2.1:323"), ("2001:db8::1", "rtr [2001:db8::1]:323")]
)
def test_name(host: str, name: str) -> None:
    """A cache is named by its address and port."""
    assert name == RtrFeed(host).name


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (TimeoutError(), "the cache could not be connected to in time"),
        (ConnectionResetError(104, "x"), "Connection reset by peer"),
        (OSError(-2, "Name or service not known"), "Name or service not known"),
        (OSError("Multiple exceptions: A, B"), "Multiple exceptions: A, B"),
        (OSError(), "OSError"),
    ],
)
def test_reasons(error: OSError, text: str) -> None:
    """A connection that fails has a reason in words, without Python's own."""
    assert text == _text(error)


def test_large_answers() -> None:
    """An answer of many pieces is the same as one of few, and its order does not matter."""

    async def main() -> None:
        vrps = {A} | {vrp(f"2001:db8:{number:x}::/48 64500") for number in range(9_000)}
        async with Server(_of(Cache(vrps | {B}))) as server:
            feed = _feed(server.port)
            (event,) = await _take(feed, 1)
            await feed.close()
        assert isinstance(event, VrpsReceived)
        assert vrps | {B} == set(event.vrps)

    _run(main())
