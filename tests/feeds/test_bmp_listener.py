"""The listener for routers that speak BMP."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from ipaddress import ip_network
from typing import Final, TypeVar

import pytest

from peerlint.errors import FeedError
from peerlint.events import Announce, Event, FeedBack, FeedLost, SessionUp
from peerlint.feeds.bmp import BmpListener, Limits
from peerlint.feeds.bmp.listener import _router
from peerlint.testing.bmp import BmpPeer, BmpStream

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


def test_half_frame() -> None:
    """A router that does not finish a message is cut off."""

    async def main() -> Event:
        limits = Limits(partial=0.01)
        listener = BmpListener("127.0.0.1", 0, allow=[LOCAL], limits=limits)
        await listener.start()
        _, writer = await asyncio.open_connection("127.0.0.1", listener.port)
        writer.write(STREAM[:8])
        found = await anext(listener)
        writer.close()
        await listener.close()
        return found

    found = _run(main())
    assert isinstance(found, FeedLost)
    assert "not complete" in found.reason


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


def test_both_families() -> None:
    """A socket for both families knows a router by its IPv4 address."""
    assert _router("::ffff:192.0.2.1") == "192.0.2.1"
