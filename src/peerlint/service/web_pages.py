"""What each address of the web server answers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Final

from aiohttp import web

from peerlint.report.exposition import CONTENT_TYPE
from peerlint.report.json import render_json
from peerlint.results import Report
from peerlint.service.metrics import Snapshot, metrics_parts
from peerlint.service.page import PageStatus, ReportPart, page_policy, render_page
from peerlint.service.status_source import StatusSource
from peerlint.service.web_access import is_authorised
from peerlint.service.web_bodies import Kept, compressed, decompressed, encoded, send, takes_gzip
from peerlint.service.web_events import EventStreams
from peerlint.service.web_limits import WebLimits

_HTML: Final = "text/html; charset=utf-8"
_JSON: Final = "application/json; charset=utf-8"
_TEXT: Final = "text/plain; charset=utf-8"


class Pages:
    """The answers. What takes long is made in a thread, and once for each version."""

    def __init__(
        self, source: StatusSource, streams: EventStreams, token: str | None, limits: WebLimits
    ) -> None:
        """Prepare.

        Args:
            source: what is known now.
            streams: gives the marks of the page.
            token: the token; None or empty for none.
            limits: the limits.
        """
        self._source, self._streams, self._token, self._limits = source, streams, token, limits
        self._report: tuple[int, Report] | None = None
        self._part: tuple[int, ReportPart] | None = None
        self._part_lock = asyncio.Lock()
        self._json = Kept()
        self._policy = page_policy() + "; frame-ancestors 'none'"
        self._running = 0

    async def page(self, request: web.Request) -> web.StreamResponse:
        """Answer `/`."""
        async with self._turn():
            version = self._source.version
            part = await self._part_of(version)
            source = self._source
            status = PageStatus(
                source.status(),
                source.deliveries(),
                source.store_error(),
                source.why_not_ready(),
                self._streams.mark(version),
            )
            text = await asyncio.to_thread(render_page, part, status)
            headers = {"Content-Type": _HTML, "Content-Security-Policy": self._policy}
            return await self._send(request, [text], headers)

    async def report(self, request: web.Request) -> web.StreamResponse:
        """Answer `/api/v1/report`."""
        async with self._turn():
            version = self._source.version
            report = self._report_of(version)
            body = await self._json.get(version, lambda: (render_json(report),))
            headers = {"Content-Type": _JSON, "Vary": "Accept-Encoding"}
            if takes_gzip(request.headers.get("Accept-Encoding")):
                headers |= {"Content-Encoding": "gzip", "Content-Length": str(len(body))}
                parts = iter((body,))
            else:
                parts = decompressed(body)
            return await send(request, parts, headers, slowest=self._limits.slowest)

    async def metrics(self, request: web.Request) -> web.StreamResponse:
        """Answer `/metrics`."""
        async with self._turn():
            report = self._report_of(self._source.version)
            snapshot = Snapshot.of(self._source, report)
            headers = {"Content-Type": CONTENT_TYPE}
            return await self._send(request, metrics_parts(snapshot), headers)

    async def health(self, _request: web.Request) -> web.StreamResponse:
        """Answer `/healthz`: the event loop runs."""
        return web.Response(text="ok\n")

    async def ready(self, request: web.Request) -> web.StreamResponse:
        """Answer `/readyz`; the reason is for readers only."""
        reason = self._source.why_not_ready()
        if not reason:
            return web.Response(text="ready\n")
        is_reader = is_authorised(request.headers.get("Authorization"), self._token)
        text = f"not ready: {reason}\n" if is_reader else "not ready\n"
        raise web.HTTPServiceUnavailable(text=text)

    # -- how they are made

    async def _send(
        self, request: web.Request, texts: Iterable[str], headers: dict[str, str]
    ) -> web.StreamResponse:
        """Send texts, compressed if the reader takes that; nothing of them is kept."""
        headers = {**headers, "Vary": "Accept-Encoding"}
        if takes_gzip(request.headers.get("Accept-Encoding")):
            headers["Content-Encoding"] = "gzip"
            return await send(request, compressed(texts), headers, slowest=self._limits.slowest)
        return await send(request, encoded(texts), headers, slowest=self._limits.slowest)

    @asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        """Count a request that takes long; of too many, further ones have to come again."""
        if self._running >= self._limits.requests:
            raise web.HTTPServiceUnavailable(
                text="too many requests at a time: come again\n", headers={"Retry-After": "5"}
            )
        self._running += 1
        try:
            yield
        finally:
            self._running -= 1

    def _report_of(self, version: int) -> Report:
        if self._report is None or self._report[0] != version:
            self._report = version, self._source.report()
        return self._report[1]

    async def _part_of(self, version: int) -> ReportPart:
        """Return the report's part of the page, which is rendered once for each version."""
        async with self._part_lock:
            if self._part is None or self._part[0] != version:
                report = self._report_of(version)
                self._part = version, await asyncio.to_thread(ReportPart.of, report)
            return self._part[1]
