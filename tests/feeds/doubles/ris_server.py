"""A server that behaves as RIS Live is published to (https://ris-live.ripe.net/manual/)."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Self

from aiohttp import WSMsgType, web
from aiohttp.test_utils import TestServer

Step = Callable[[web.WebSocketResponse], Awaitable[object]]


def say(kind: str, data: object) -> Step:
    """Return a step that sends a message of a type."""
    return lambda socket: socket.send_json({"type": kind, "data": data})


def message(data: object) -> Step:
    """Return a step that sends a `ris_message`."""
    return say("ris_message", data)


def text(octets: str) -> Step:
    """Return a step that sends any text."""
    return lambda socket: socket.send_str(octets)


def close(socket: web.WebSocketResponse) -> Awaitable[object]:
    """Close the connection."""
    return socket.close()


class Server:
    """A server that acknowledges subscriptions, and then does what its script says.

    Attributes:
        asked: the subscriptions, by connection.
    """

    def __init__(
        self, *scripts: Sequence[Step], acknowledges: bool = True, answers: bool = True
    ) -> None:
        """Start without connections; one script for each of them.

        Args:
            scripts: what is done in each connection.
            acknowledges: whether subscriptions are acknowledged.
            answers: whether pings are answered; if not, it looks like one that hangs.
        """
        self.asked: list[list[dict[str, Any]]] = []
        self._scripts, self._acknowledges = list(scripts), acknowledges
        self._answers = answers
        app = web.Application()
        app.router.add_get("/", self._serve)
        self._server = TestServer(app)

    async def __aenter__(self) -> Self:
        """Listen on loopback."""
        await self._server.start_server()
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop."""
        await self._server.close()

    @property
    def url(self) -> str:
        """Its URL."""
        return str(self._server.make_url("/"))

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        if not self._scripts:
            raise web.HTTPServiceUnavailable
        script = self._scripts.pop(0)
        socket = web.WebSocketResponse(autoping=self._answers)
        await socket.prepare(request)
        asked: list[dict[str, Any]] = []
        self.asked.append(asked)
        async for received in socket:
            if received.type is WSMsgType.PING:
                continue
            assert received.type is WSMsgType.TEXT
            request_of = json.loads(received.data)
            if request_of["type"] == "ping":
                if self._answers:
                    await socket.send_json({"type": "pong", "data": None})
                continue
            asked.append(request_of["data"])
            if self._acknowledges:
                await socket.send_json({"type": "ris_subscribe_ok", "data": {}})
            if asked[-1]["type"] == "RIS_PEER_STATE":  # the last one
                for step in script:
                    await step(socket)
        return socket
