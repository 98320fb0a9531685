"""The listener for routers that speak BMP."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from ipaddress import ip_network
from typing import Any, Final, TypeVar, cast

import pytest

from peerlint.bulk import PrefixFilter
from peerlint.errors import FeedError
from peerlint.events import Announce, Event, FeedBack, FeedLost, OtherRoutes, SessionUp
from peerlint.feeds.bmp import BmpListener, Limits, RemarkKind, RouterStream, RouteSelection
from peerlint.feeds.bmp.connection import address_of
from peerlint.model import Prefix
from peerlint.monitor import Synchronisation
from peerlint.testing.bmp import BmpPeer, BmpStream
from peerlint.wire.bmp import Statistic

PEER: Final = BmpPeer("192.0.2.1", 64496, "192.0.2.2", 64500)
LOCAL: Final = ip_network("127.0.0.0/8")
STREAM: Final = BmpStream().up(PEER).announce(PEER, "203.0.113.0/24 path 64496").octets()
_Value = TypeVar("_Value")


def _run(main: Coroutine[object, object, _Value]) -> _Value:
    return asyncio.run(asyncio.wait_for(main, 20))


async def _send(listener: BmpListener, octets: bytes, source: str = "127.0.0.1") -> None:
    """Connect, send and close."""
    _, writer = await asyncio.open_connection("127.0.0.1", listener.port, local_addr=(source, 0))
    writer.write(octets)
    await writer.drain()
    writer.close()


async def _take(listener: BmpListener, count: int) -> list[Event]:
    return [await anext(listener) for _ in range(count)]


def test_back() -> None:
    """A router's events come with its address; its loss and return are events."""

    async def main() -> list[Event]:
        listener = BmpListener("127.0.0.1", 0, allow=[LOCAL])
        await listener.start()
        await _send(listener, STREAM)
        found = await _take(listener, 3)
        await _send(listener, STREAM)
        found += await _take(listener, 4)
        await listener.close()
        return found

    found = _run(main())
    once = [SessionUp, Announce, FeedLost]
    assert [type(each) for each in found] == [*once, FeedBack, *once]
    assert {each.router for each in found} == {"127.0.0.1"}


def test_cut_off_alone() -> None:
    """A router that sends garbage is cut off by name; another one feels nothing."""

    async def main() -> list[Event]:
        listener = BmpListener("127.0.0.1", 0, allow=[LOCAL])
        await listener.start()
        await _send(listener, b"\xff" * 100, "127.0.0.2")
        found = await _take(listener, 2)
        await _send(listener, STREAM, "127.0.0.3")
        found += await _take(listener, 3)
        await listener.close()
        return found

    found = _run(main())
    assert [each.router for each in found] == ["127.0.0.2"] * 2 + ["127.0.0.3"] * 3
    assert isinstance(found[1], FeedLost)
    assert "damage" in found[1].reason


def test_stranger() -> None:
    """A router that is not allowed is refused and counted."""

    async def main() -> dict[str, int]:
        listener = BmpListener("127.0.0.1", 0, allow=[ip_network("192.0.2.0/24")])
        await listener.start()
        reader, writer = await asyncio.open_connection("127.0.0.1", listener.port)
        assert await reader.read() == b""
        writer.close()
        await listener.close()
        return listener.refused

    assert _run(main()) == {"127.0.0.1": 1}


def test_backpressure() -> None:
    """No event is lost while more wait than the listener keeps."""

    async def main() -> list[Event]:
        listener = BmpListener("127.0.0.1", 0, allow=[LOCAL], limits=Limits(waiting=2))
        await listener.start()
        routes = [f"203.0.113.{number}/32 path 64496" for number in range(100)]
        await _send(listener, BmpStream().up(PEER).announce(PEER, *routes).octets())
        found = await _take(listener, 102)
        await listener.close()
        return found

    assert sum(isinstance(each, Announce) for each in _run(main())) == 100


def test_no_address() -> None:
    """An address that cannot be listened on is an error."""
    with pytest.raises(FeedError):
        _run(BmpListener("192.0.2.1", 0, allow=[LOCAL]).start())


class _Writer:
    """The sending side of a connection, without a socket."""

    def __init__(self, address: str | None) -> None:
        self.address, self.is_closed = address, False

    def get_extra_info(self, name: str) -> object:
        return (self.address, 40000) if name == "peername" and self.address else None

    def close(self) -> None:
        self.is_closed = True


class _Lab:
    """A listener that routers connect to in memory, and whose clock the test sets."""

    def __init__(
        self, limits: Limits | None = None, selection: RouteSelection | None = None
    ) -> None:
        self.seconds = 0.0
        self.listener = BmpListener(
            "192.0.2.9",
            0,
            allow=[ip_network("192.0.2.0/24")],
            limits=limits,
            selection=selection,
            now=lambda: int(self.seconds * 1_000_000),
            clock=lambda: self.seconds,
        )
        # Nothing is listened on: connections come from `connect`.
        self.listener.start = self._start  # type: ignore[method-assign]
        self.tasks: list[asyncio.Task[None]] = []

    async def _start(self) -> None:
        pass

    def connect(
        self, octets: bytes = b"", address: str | None = "192.0.2.1"
    ) -> tuple[asyncio.StreamReader, _Writer]:
        """Connect and send; the connection stays open."""
        reader, writer = asyncio.StreamReader(), _Writer(address)
        reader.feed_data(octets)
        serve = self.listener.serve(reader, cast("asyncio.StreamWriter", writer))
        self.tasks.append(asyncio.create_task(serve))
        return reader, writer

    async def take(self, count: int) -> list[Event]:
        return await _take(self.listener, count)

    async def rest(self) -> list[Event]:
        """Close, and return the events until the iterator ends."""
        await self.listener.close()
        found = [each async for each in self.listener]
        await asyncio.gather(*self.tasks, return_exceptions=True)
        return found


@asynccontextmanager
async def _lab(
    limits: Limits | None = None, selection: RouteSelection | None = None
) -> AsyncIterator[_Lab]:
    lab = _Lab(limits, selection)
    yield lab
    await lab.rest()


def _in_lab(
    main: Callable[[_Lab], Coroutine[object, object, _Value]],
    limits: Limits | None = None,
    selection: RouteSelection | None = None,
) -> _Value:
    async def run() -> _Value:
        async with _lab(limits, selection) as lab:
            return await main(lab)

    return _run(run())


def _reason(event: Event) -> str:
    assert isinstance(event, FeedLost)
    return event.reason


def test_half_message() -> None:
    """A router that does not finish a message is cut off, and only after the time for it."""

    async def main(lab: _Lab) -> list[Event]:
        lab.connect(STREAM + STREAM[:8])
        await lab.take(2)
        for lab.seconds in (60.0, 61.0):
            assert not len(lab.listener._waiting)
            lab.listener.cut_off_overdue()
            await asyncio.sleep(0)
        return await lab.take(1)

    assert "not complete after 60 seconds" in _reason(_in_lab(main)[0])


def test_silence_between_messages() -> None:
    """A router may be silent for any time between two messages."""

    async def main(lab: _Lab) -> list[Event]:
        reader, _ = lab.connect(STREAM)
        await lab.take(2)
        lab.seconds = 100_000
        lab.listener.cut_off_overdue()
        reader.feed_data(STREAM)
        return await lab.take(2)

    assert [type(each) for each in _in_lab(main)] == [SessionUp, Announce]


def test_waiting_does_not_count() -> None:
    """Time in which the listener itself does not read is not held against the router."""

    async def main(lab: _Lab) -> list[Event]:
        reader, _ = lab.connect(STREAM + STREAM[:8])
        await asyncio.sleep(0)  # the router's second event waits for room
        lab.seconds = 1000
        lab.listener.cut_off_overdue()
        await lab.take(2)
        lab.listener.cut_off_overdue()
        reader.feed_data(STREAM[8:])
        return await lab.take(2)

    found = _in_lab(main, Limits(waiting=1))
    assert [type(each) for each in found] == [SessionUp, Announce]


def test_close() -> None:
    """Closing ends open connections by name, and the iterator after the last event."""

    async def main(lab: _Lab) -> tuple[list[Event], _Writer]:
        _, writer = lab.connect(STREAM)
        await lab.take(2)
        return await lab.rest(), writer

    found, writer = _in_lab(main)
    assert [_reason(each) for each in found] == ["the listener was closed"]
    assert writer.is_closed


def test_close_while_full() -> None:
    """A connection whose events have no room still says that it is lost when all is closed."""

    async def main(lab: _Lab) -> list[Event]:
        lab.connect(STREAM)
        await lab.take(1)
        await asyncio.sleep(0)
        return await lab.rest()

    assert isinstance(_in_lab(main, Limits(waiting=1))[-1], FeedLost)


def test_waiting_reader_is_woken() -> None:
    """Whoever waits for the next event is woken by `close`, and does not wait for ever."""

    async def main(lab: _Lab) -> None:
        waiting = asyncio.create_task(anext(lab.listener, None))  # type: ignore[arg-type]
        await asyncio.sleep(0)
        await lab.listener.close()
        assert await waiting is None

    _in_lab(main)


def test_connection_after_close() -> None:
    """A connection that comes while the listener closes is closed without an event."""

    async def main(lab: _Lab) -> list[Event]:
        await lab.listener.close()
        _, writer = lab.connect(STREAM)
        found = await lab.rest()
        assert writer.is_closed
        return found

    assert _in_lab(main) == []


def test_own_mistake(monkeypatch: pytest.MonkeyPatch) -> None:
    """An unexpected error is the loss of that connection alone, and is reported as an error."""
    told: list[dict[str, Any]] = []

    async def main(lab: _Lab) -> list[Event]:
        asyncio.get_running_loop().set_exception_handler(lambda _, context: told.append(context))
        lab.connect(STREAM)
        first = await lab.take(1)
        monkeypatch.undo()
        lab.connect(STREAM, "192.0.2.2")
        return first + await lab.take(2)

    def broken(*_: object) -> None:
        raise ValueError("a mistake")

    monkeypatch.setattr(RouterStream, "feed", broken)
    found = _in_lab(main)
    assert _reason(found[0]) == "an error of peerlint: ValueError: a mistake"
    assert [each.router for each in found] == ["192.0.2.1", "192.0.2.2", "192.0.2.2"]
    assert isinstance(told[0]["exception"], ValueError)


@pytest.mark.parametrize("again", [False, True])
def test_ends_in_silence(*, again: bool) -> None:
    """A connection that is ended from this side is no mistake that asyncio prints."""
    told: list[dict[str, Any]] = []

    async def main() -> None:
        asyncio.get_running_loop().set_exception_handler(lambda _, context: told.append(context))
        listener = BmpListener("127.0.0.1", 0, allow=[LOCAL])
        await listener.start()
        writers = []
        for _ in range(1 + again):
            _, writer = await asyncio.open_connection("127.0.0.1", listener.port)
            writers.append(writer)
            writer.write(STREAM)
            await _take(listener, 2)
        await listener.close()
        for writer in writers:
            writer.close()

    _run(main())
    assert told == []


def test_new_connection_wins() -> None:
    """A router whose TCP died without a word connects again: the new connection is read."""

    async def main(lab: _Lab) -> list[Event]:
        _, old = lab.connect(STREAM)
        found = await lab.take(2)
        lab.connect(STREAM)
        found += await lab.take(4)
        assert old.is_closed
        (remark,) = lab.listener.remarks["192.0.2.1"]
        assert (remark.kind, remark.count) == (RemarkKind.REPLACED, 1)
        return found

    found = _in_lab(main)
    once = [SessionUp, Announce]
    assert [type(each) for each in found] == [*once, FeedLost, FeedBack, *once]
    assert _reason(found[2]) == "the router connected again"


def test_many_new_connections() -> None:
    """However often a router connects while nobody takes events, its loss waits only once."""

    async def main(lab: _Lab) -> int:
        lab.connect(STREAM)
        for _ in range(50):
            lab.connect(STREAM)
            await asyncio.sleep(0)
        return len(lab.listener._waiting)

    assert _in_lab(main, Limits(waiting=1)) <= 2


def test_kept_routers() -> None:
    """The name that a router says and the remarks about it are there after its connection ended."""

    async def main(lab: _Lab) -> BmpListener:
        octets = BmpStream("edge1").down(PEER).octets()
        for _ in range(2):
            reader, _ = lab.connect(octets)
            reader.feed_eof()
            await lab.take(2)
        return lab.listener

    async def all_events(lab: _Lab) -> BmpListener:
        listener = await main(lab)
        await lab.rest()
        return listener

    listener = _in_lab(all_events)
    assert listener.names == {"192.0.2.1": "edge1"}
    (remark,) = listener.remarks["192.0.2.1"]
    assert (remark.kind, remark.count) == (RemarkKind.DOWN_WITHOUT_UP, 2)


def test_forgotten() -> None:
    """Only so many lost routers are kept; of one that was forgotten nothing is assumed."""

    async def main(lab: _Lab) -> list[Event]:
        for number in (1, 2, 3, 1):
            reader, _ = lab.connect(b"", f"192.0.2.{number}")
            reader.feed_eof()
            await asyncio.sleep(0)
        return await lab.take(5)

    found = _in_lab(main, Limits(lost_routers=1))
    assert [(type(each), each.router) for each in found] == [
        (FeedLost, "192.0.2.1"),
        (FeedLost, "192.0.2.2"),
        (FeedLost, "192.0.2.3"),
        (FeedBack, "192.0.2.1"),
        (FeedLost, "192.0.2.1"),
    ]


def test_too_many_routers() -> None:
    """One router more than the limit is refused and counted; only so many are named."""

    async def main(lab: _Lab) -> None:
        lab.connect(STREAM)
        await lab.take(2)
        for number in (2, 2, 3):
            _, writer = lab.connect(STREAM, f"192.0.2.{number}")
            await asyncio.sleep(0)
            assert writer.is_closed
        assert lab.listener.refused == {"192.0.2.2": 2}
        assert lab.listener.refused_others == 1

    _in_lab(main, Limits(routers=1))


def test_gone_at_once() -> None:
    """A connection that is gone before its address can be read is no event."""

    async def main(lab: _Lab) -> list[Event]:
        lab.connect(b"", None)
        await asyncio.sleep(0)
        return await lab.rest()

    assert _in_lab(main) == []


@pytest.mark.parametrize(
    ("address", "router"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),  # a socket for both families
        ("2001:db8::1%eth0", "2001:db8::1"),  # with its zone
    ],
)
def test_router_address(address: str, router: str) -> None:
    """A router is known by its address, however the system writes it."""
    assert address_of(cast("asyncio.StreamWriter", _Writer(address))) == router


# -- A selection, and connections that are closed on purpose

SELECTION: Final = RouteSelection(PrefixFilter.of([Prefix.parse("203.0.113.0/24")]))
OTHERS: Final = (
    BmpStream().up(PEER).announce(PEER, "192.0.2.0/24 path 64496", "198.51.100.0/24 path 64496")
).octets()


def test_selection() -> None:
    """All routers share the limit of counted routes; a lost one gives back what it used."""

    async def main(lab: _Lab) -> list[int | None]:
        reader, _ = lab.connect(OTHERS, "192.0.2.1")
        found = await lab.take(2)
        lab.connect(OTHERS, "192.0.2.2")
        found += await lab.take(2)
        reader.feed_eof()
        found += await lab.take(1)
        lab.connect(OTHERS, "192.0.2.3")
        found += await lab.take(2)
        return [each.routes for each in found if isinstance(each, OtherRoutes)]

    assert _in_lab(main, Limits(counted=3), SELECTION) == [2, None, 2]


def test_unwatched_updates_are_kept() -> None:
    """The updates of peers that nobody asks about are counted over all connections."""

    async def main(lab: _Lab) -> list[list[int]]:
        for number in range(2):
            reader, _ = lab.connect(OTHERS)
            reader.feed_eof()
            await lab.take(2 + (number > 0))
        return [list(counts.values()) for counts in lab.listener.unwatched.values()]

    nothing = RouteSelection(SELECTION.prefix_filter, watches=lambda _router, _table: False)
    assert _in_lab(main, None, nothing) == [[4]]


def test_disconnect() -> None:
    """A router whose connection is closed is lost for the reason, and sends everything again."""

    async def main(lab: _Lab) -> list[Event]:
        _, writer = lab.connect(STREAM)
        found = await lab.take(2)
        lab.listener.disconnect("192.0.2.1", "a count stays different")
        lab.listener.disconnect("192.0.2.1", "once more")
        found += await lab.take(1)
        assert writer.is_closed
        lab.connect(STREAM)
        return found + await lab.take(3)

    found = _in_lab(main)
    assert [type(each) for each in found] == [
        *(SessionUp, Announce, FeedLost, FeedBack, SessionUp, Announce),
    ]
    assert _reason(found[2]) == "a count stays different"


def test_disconnect_of_a_stranger() -> None:
    """A router that is not connected, or not any more, is left alone; others feel nothing."""

    async def main(lab: _Lab) -> list[Event]:
        lab.connect(STREAM)
        lab.listener.disconnect("192.0.2.2", "a count stays different")
        return await lab.take(2)

    assert [type(each) for each in _in_lab(main)] == [SessionUp, Announce]


def test_disconnect_by_synchronisation() -> None:
    """What `Synchronisation.take_reconnects` names is what `disconnect` takes."""

    async def main(lab: _Lab) -> Event:
        synchronisation = Synchronisation()
        stream = BmpStream().up(PEER).announce(PEER, "192.0.2.0/24 path 64496")
        for _ in range(2):
            stream.statistics(PEER, Statistic(7, 2))
        lab.connect(stream.octets())
        for event in await lab.take(4):
            synchronisation.add(event)
        (one,) = synchronisation.take_reconnects()
        lab.listener.disconnect(one.router, one.reason)
        return (await lab.take(1))[0]

    assert _reason(_in_lab(main, None, SELECTION)) == "the router counts 2 routes, and 1 came"
