"""A server on loopback that answers requests as a script says."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final, Self

from aiohttp import web
from aiohttp.test_utils import TestServer
from multidict import CIMultiDict

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


def status(number: int, text: str = "", **headers: str) -> Answer:
    """Return an answer with a status; underscores in names of headers are hyphens."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}

    async def answer(_: web.Request) -> web.Response:
        return web.Response(status=number, text=text, headers=named)

    return answer


async def never(_: web.Request) -> web.StreamResponse:
    """Give no answer."""
    await asyncio.sleep(3600)
    raise AssertionError


async def close(request: web.Request) -> web.StreamResponse:
    """Close the connection without an answer."""
    assert request.transport is not None
    request.transport.abort()
    return web.Response(status=500)  # which nobody gets


async def endless(request: web.Request) -> web.StreamResponse:
    """Fail with a body that has no end."""
    response = web.StreamResponse(status=500)
    await response.prepare(request)
    while True:
        await response.write(b"x" * 65_536)


OK: Final = status(204)


class Server:
    """Answers requests, one answer after the other; then each with success.

    Attributes:
        answers: the next answers.
        bodies: the bodies of all requests.
        headers: the headers of all requests.
        paths: the paths of all requests.
        accepted: the bodies of those that were answered with success.
    """

    def __init__(self, *answers: Answer) -> None:
        """Take the first answers."""
        self.answers = list(answers)
        self.bodies: list[bytes] = []
        self.headers: list[CIMultiDict[str]] = []
        self.paths: list[str] = []
        self.accepted: list[bytes] = []
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._serve)
        self._server = TestServer(app)

    @property
    def url(self) -> str:
        """Its URL."""
        return str(self._server.make_url("/hook"))

    async def __aenter__(self) -> Self:
        """Listen on loopback."""
        await self._server.start_server(shutdown_timeout=0.01)
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop."""
        await self._server.close()

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        self.bodies.append(body)
        self.headers.append(CIMultiDict(request.headers))
        self.paths.append(request.path)
        answer = self.answers.pop(0) if self.answers else OK
        response = await answer(request)
        if response.status < 300:
            self.accepted.append(body)
        return response
