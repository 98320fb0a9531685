"""The web server of `watch`: metrics, health, the report of now, and the status page.

It only answers GET and HEAD. It has no TLS: put a reverse proxy in front of it.
"""

from __future__ import annotations

import logging
import os
import secrets
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from aiohttp import web

from peerlint.errors import FeedError
from peerlint.service.status_source import StatusSource
from peerlint.service.web_access import HEADERS, check_access, is_authorised, is_own_host
from peerlint.service.web_events import EventStreams
from peerlint.service.web_faults import log_fault
from peerlint.service.web_limits import WebLimits
from peerlint.service.web_pages import Pages

if TYPE_CHECKING:
    from aiohttp.typedefs import Handler, Middleware

#: What everybody may ask for, with or without a token.
_PUBLIC: Final = frozenset({"/healthz", "/readyz"})


class WebServer:
    """Serves `/`, `/events`, `/metrics`, `/healthz`, `/readyz` and `/api/v1/report`."""

    def __init__(
        self,
        source: StatusSource,
        *,
        host: str,
        port: int,
        token: str | None = None,
        limits: WebLimits | None = None,
    ) -> None:
        """Prepare; `start` begins to listen.

        Args:
            source: what is known now.
            host: the address to listen on; empty for all.
            port: the port; 0 for any free one.
            token: the token that readers have to send; None or empty for none.
            limits: what readers are allowed.

        Raises:
            InputError: the address is not a loopback address, and there is no token; or the token
                cannot be used.
        """
        check_access(host, token)
        self._host, self._port = host, port
        self._token = token
        self._limits = limits or WebLimits()
        self._streams = EventStreams(source, secrets.token_hex(4), self._limits)
        self._pages = Pages(source, self._streams, token, self._limits)
        self._runner: web.AppRunner | None = None

    @property
    def port(self) -> int:
        """The port that is listened on."""
        addresses = () if self._runner is None else self._runner.addresses
        return int(addresses[0][1]) if addresses else self._port

    @property
    def streams(self) -> int:
        """The number of open pages that are told of changes."""
        return len(self._streams)

    async def start(self) -> None:
        """Begin to listen.

        Raises:
            FeedError: the address cannot be listened on.
        """
        runner = web.AppRunner(
            self._application(),
            handle_signals=False,
            access_log=None,
            logger=_silent_logger(),
            handler_cancellation=True,
            keepalive_timeout=self._limits.idle,
            max_line_size=self._limits.line,
            max_field_size=self._limits.line,
            shutdown_timeout=1,
        )
        await runner.setup()
        try:
            await web.TCPSite(runner, self._host or None, self._port).start()
        except OSError as error:
            await runner.cleanup()
            # asyncio's own text repeats the address.
            reason = os.strerror(error.errno) if error.errno else str(error)
            name = f"--listen {self._host}:{self._port}"
            raise FeedError(name, f"cannot listen there: {reason}") from error
        self._runner = runner

    async def close(self) -> None:
        """Stop listening, and end all connections."""
        await self._streams.close()
        if self._runner is not None:
            await self._runner.cleanup()

    def _application(self) -> web.Application:
        pages = self._pages
        application = web.Application(
            middlewares=[self._middleware()], client_max_size=self._limits.line
        )
        application.on_response_prepare.append(_add_headers)
        for path, handler in {
            "/": pages.page,
            "/api/v1/report": pages.report,
            "/metrics": pages.metrics,
            "/healthz": pages.health,
            "/readyz": pages.ready,
        }.items():
            application.router.add_get(path, handler)
        application.router.add_get("/events", self._streams.serve, allow_head=False)
        return application

    def _middleware(self) -> Middleware:
        @web.middleware
        async def answer(request: web.Request, handler: Handler) -> web.StreamResponse:
            return await self._answer(request, handler)

        return answer

    async def _answer(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Answer a request of a reader; errors are one line of text."""
        try:
            self._check(request)
            return await handler(request)
        except web.HTTPException as error:
            return _refusal(error)
        except ConnectionError:
            raise
        except Exception as error:  # noqa: BLE001  # whatever fails, there is an answer
            log_fault(request.path, error)
            text = "peerlint has a fault: its log says more\n"
            return web.Response(status=HTTPStatus.INTERNAL_SERVER_ERROR, text=text)

    def _check(self, request: web.Request) -> None:
        """Refuse requests of those who may not read, and requests with a body."""
        headers = request.headers
        if not self._token and not is_own_host(headers.get("Host")):
            text = "without a token, only an address or localhost may be in the URL\n"
            raise web.HTTPForbidden(text=text)
        if request.path not in _PUBLIC and not is_authorised(
            headers.get("Authorization"), self._token
        ):
            raise web.HTTPUnauthorized(
                text="send the token: Authorization: Bearer TOKEN\n",
                headers={"WWW-Authenticate": 'Bearer realm="peerlint"'},
            )
        if request.can_read_body:
            raise web.HTTPRequestEntityTooLarge(
                0, 0, text="a request has no body here\n", headers={"Connection": "close"}
            )


def _silent_logger() -> logging.Logger:
    """Return a logger for aiohttp, which would quote requests that cannot be parsed, with tokens.

    What fails in answers is logged here.
    """
    logger = logging.Logger("aiohttp")  # noqa: LOG001  # of nobody else
    logger.addHandler(logging.NullHandler())
    return logger


async def _add_headers(_request: web.Request, answer: web.StreamResponse) -> None:
    for name, value in HEADERS.items():
        answer.headers.setdefault(name, value)
    answer.headers["Server"] = HEADERS["Server"]


def _refusal(error: web.HTTPException) -> web.StreamResponse:
    """Return an error as an answer; those of aiohttp get a text that says what to do."""
    texts = {
        HTTPStatus.NOT_FOUND: "there is no such page; / has links to all\n",
        HTTPStatus.METHOD_NOT_ALLOWED: "only GET and HEAD are answered\n",
    }
    text = texts.get(HTTPStatus(error.status), error.text)
    kept = ("Allow", "Connection", "Retry-After", "WWW-Authenticate")
    headers = {name: error.headers[name] for name in kept if name in error.headers}
    return web.Response(status=error.status, text=text, headers=headers)
