"""Server-sent events: open pages are told of changes, and slow or many readers do no harm."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final, Protocol

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from peerlint.monitor.status import MonitorStatus
from peerlint.service.status_source import Changes, StatusSource
from peerlint.service.web import WebServer
from peerlint.service.web_bodies import compressed, decompressed
from peerlint.service.web_limits import WebLimits

#: Seconds that a test waits for anything: much longer than it takes.
LONG: Final = 60
QUICK: Final = WebLimits(pause=0.01, sign_of_life=0.05)


class Source(StatusSource, Protocol):
    """See conftest.py."""

    changes: Changes

    def become(self, status: MonitorStatus) -> None:
        """Change the status."""


@attrs.define
class Reader:
    """A browser that listens, octet for octet."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    @classmethod
    async def connect(cls, port: int) -> Reader:
        """Connect to a server."""
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET /events HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        return cls(reader, writer)

    async def status(self) -> int:
        """Return the status, and read the headers."""
        number = int((await self.reader.readline()).split()[1])
        while (await self.reader.readline()).strip():
            pass
        return number

    async def mark(self) -> str:
        """Return the data of the next event."""
        while line := await self.reader.readline():
            if line.startswith(b"data: "):
                return line.decode().removeprefix("data: ").strip()
        raise EOFError

    async def rest(self) -> None:
        """Read until the server ends it."""
        with suppress(EOFError, ConnectionError):
            while True:
                await self.mark()

    async def close(self) -> None:
        """Go away."""
        self.writer.close()
        with suppress(ConnectionError):
            await self.writer.wait_closed()


def serve(source: Source, story: Callable[[WebServer], Awaitable[None]], limits: WebLimits) -> None:
    """Run a story with a server."""

    async def run() -> None:
        server = WebServer(source, host="127.0.0.1", port=0, limits=limits)
        await server.start()
        try:
            await asyncio.wait_for(story(server), LONG)
        finally:
            await server.close()

    asyncio.run(run())


async def until(condition: Callable[[], bool]) -> None:
    """Wait until a condition holds."""
    while not condition():  # noqa: ASYNC110  # nothing else says it
        await asyncio.sleep(0.01)


def test_a_change_is_told(source: Source) -> None:
    """A reader gets the mark of the page at once, and another one when the page changes."""

    async def story(server: WebServer) -> None:
        reader = await Reader.connect(server.port)
        assert 200 == await reader.status()
        first = await reader.mark()
        source.changes.note()
        while (second := await reader.mark()) == first:
            pass
        assert first.partition("-")[0] == second.partition("-")[0]
        await reader.close()
        await until(lambda: server.streams == 0)

    serve(source, story, attrs.evolve(QUICK, sign_of_life=LONG))


def test_nothing_is_told_too(source: Source) -> None:
    """While nothing changes, the same mark comes again: the reader knows that this one lives."""

    async def story(server: WebServer) -> None:
        reader = await Reader.connect(server.port)
        await reader.status()
        assert 1 == len({await reader.mark() for _ in range(5)})
        await reader.close()

    serve(source, story, QUICK)


def test_many_changes_are_few_messages(source: Source) -> None:
    """Changes in quick succession are told together."""

    async def story(server: WebServer) -> None:
        reader = await Reader.connect(server.port)
        await reader.status()
        marks = [await reader.mark()]
        for _ in range(1000):
            source.changes.note()
        while not marks[-1].endswith("-1000"):
            marks.append(await reader.mark())
        assert len(marks) <= 3
        await reader.close()

    serve(source, story, attrs.evolve(QUICK, pause=0.2, sign_of_life=LONG))


def test_a_restart_has_other_marks(source: Source) -> None:
    """A page of an earlier run is not taken for one of this run."""
    marks = []

    async def story(server: WebServer) -> None:
        reader = await Reader.connect(server.port)
        await reader.status()
        marks.append(await reader.mark())
        await reader.close()

    serve(source, story, QUICK)
    serve(source, story, QUICK)

    assert 2 == len(set(marks))


def test_the_number_of_readers_is_bounded(source: Source) -> None:
    """One reader too many is refused; when one goes, there is room again."""

    async def story(server: WebServer) -> None:
        first, second = [await Reader.connect(server.port) for _ in range(2)]
        assert [200, 200] == [await first.status(), await second.status()]
        third = await Reader.connect(server.port)
        assert 503 == await third.status()
        await first.close()
        await until(lambda: server.streams == 1)
        fourth = await Reader.connect(server.port)
        assert 200 == await fourth.status()
        for each in (second, third, fourth):
            await each.close()

    serve(source, story, attrs.evolve(QUICK, streams=2))


def test_readers_connect_again(source: Source) -> None:
    """A stream ends after its time, so that readers that are gone do not stay for ever."""

    async def story(server: WebServer) -> None:
        reader = await Reader.connect(server.port)
        assert 200 == await reader.status()
        await reader.rest()
        assert 0 == server.streams
        await reader.close()

    serve(source, story, attrs.evolve(QUICK, stream_life=0.2))


@pytest.mark.slow
def test_a_slow_reader_is_dropped(source: Source) -> None:
    """A reader that takes nothing is dropped as soon as messages wait for it, and no other one."""
    limits = WebLimits(pause=0.0, sign_of_life=0.0001, slowest=0.5)

    async def story(server: WebServer) -> None:
        with socket.socket() as slow:
            slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            slow.connect(("127.0.0.1", server.port))
            slow.sendall(b"GET /events HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
            quick = await Reader.connect(server.port)
            await until(lambda: server.streams == 2)
            while server.streams == 2:
                await quick.mark()
            assert await quick.mark()
            await quick.close()

    serve(source, story, limits)


def test_close_ends_streams(source: Source) -> None:
    """A server that stops does not wait for its readers."""

    async def story(server: WebServer) -> None:
        reader = await Reader.connect(server.port)
        await reader.status()
        await reader.mark()
        await asyncio.wait_for(server.close(), 10)
        await reader.rest()
        await reader.close()

    serve(source, story, attrs.evolve(QUICK, sign_of_life=LONG))


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=200)))
def test_compressed_bodies_are_the_same(texts: list[str]) -> None:
    """What is compressed in parts is the same text again."""
    body = b"".join(compressed(texts))

    assert "".join(texts) == b"".join(decompressed(body)).decode()


def test_a_large_body_comes_in_parts() -> None:
    """A body of many megabytes is never in memory as a whole."""
    text = "peerlint" * 100_000
    body = b"".join(compressed([text] * 10))

    sizes = [len(each) for each in decompressed(body)]

    assert 10 * len(text) == sum(sizes)
    assert max(sizes) <= 1 << 18
