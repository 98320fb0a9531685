"""Server-sent events: open pages are told that the page has changed, and that it is alive."""

from __future__ import annotations

import asyncio
import socket
from contextlib import suppress
from http import HTTPStatus
from typing import Final

from aiohttp import web

from peerlint.service.status_source import StatusSource
from peerlint.service.web_limits import WebLimits

#: Milliseconds after which a browser connects again.
_RETRY: Final = 3000
#: Octets that wait for a reader in this program, and in the system: a message has some 50.
_BUFFER: Final = 4096
_SYSTEM_BUFFER: Final = 16_384


class EventStreams:
    """The open pages. Each gets the mark of the page when it connects, and whenever it changes."""

    def __init__(self, source: StatusSource, marks: str, limits: WebLimits) -> None:
        """Prepare.

        Args:
            source: says when the page changes.
            marks: the start of the marks of this run.
            limits: the limits.
        """
        self._source, self._marks, self._limits = source, marks, limits
        self._tasks: set[asyncio.Task[None]] = set()

    def __len__(self) -> int:
        """The number of open pages."""
        return len(self._tasks)

    def mark(self, version: int) -> str:
        """Return the mark of a version of the page; another run has other marks."""
        return f"{self._marks}-{version}"

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Send events until the reader goes, is too slow, or has been here for long."""
        if len(self._tasks) >= self._limits.streams:
            raise web.HTTPServiceUnavailable(
                text="too many pages are open: this one reloads itself instead\n",
                headers={"Retry-After": "60"},
            )
        answer = web.StreamResponse(
            status=HTTPStatus.OK,
            # nginx would keep the events back.
            headers={"Content-Type": "text/event-stream", "X-Accel-Buffering": "no"},
        )
        answer.force_close()
        await answer.prepare(request)
        _bound(request.transport, self._limits.slowest)
        task = asyncio.create_task(self._send(answer))
        self._tasks.add(task)
        try:
            await asyncio.wait_for(task, self._limits.stream_life)
        except TimeoutError:
            if not task.cancelled():  # a message was not taken
                _abort(request.transport)
        except asyncio.CancelledError:
            if (current := asyncio.current_task()) is not None and current.cancelling():
                raise
        finally:
            self._tasks.discard(task)
        return answer

    async def close(self) -> None:
        """End all streams."""
        tasks = [*self._tasks]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _send(self, answer: web.StreamResponse) -> None:
        start = f"retry: {_RETRY}\n"
        while True:
            version = self._source.version
            text = f"{start}event: page\ndata: {self.mark(version)}\n\n"
            with suppress(ConnectionError):
                await asyncio.wait_for(answer.write(text.encode()), self._limits.slowest)
                start = ""
                await asyncio.sleep(self._limits.pause)
                with suppress(TimeoutError):
                    await asyncio.wait_for(
                        self._source.wait_for_change(version), self._limits.sign_of_life
                    )
                continue
            return


def _bound(transport: asyncio.Transport | None, slowest: float) -> None:
    """Let few octets wait for a reader, and notice a reader that has vanished."""
    if transport is None:
        return
    transport.set_write_buffer_limits(_BUFFER)
    connection: socket.socket | None = transport.get_extra_info("socket")
    if connection is None or connection.family not in (socket.AF_INET, socket.AF_INET6):
        return
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SYSTEM_BUFFER)
    if hasattr(socket, "TCP_USER_TIMEOUT"):  # Linux
        timeout = int(slowest * 1000)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, timeout)


def _abort(transport: asyncio.Transport | None) -> None:
    if transport is not None:
        transport.abort()
