"""POST requests of sinks: limits, answers, and what they mean."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from email.utils import parsedate_to_datetime
from importlib.util import find_spec
from typing import TYPE_CHECKING, Final

import attrs

from peerlint._version import __version__
from peerlint.display import displayed_quote
from peerlint.errors import InputError
from peerlint.service.sinks.sink import DeliveryError

if TYPE_CHECKING:
    from aiohttp import ClientResponse, ClientSession

#: Answers that are about the message: another message may be accepted.
_REFUSED: Final = frozenset({400, 413, 414, 422, 431})
#: Octets of an answer that are read, for the message.
_ANSWER: Final = 1024
_SUCCESS: Final = range(200, 300)
_REDIRECTS: Final = range(300, 400)


@attrs.frozen
class HttpLimits:
    """Limits of a request, in seconds.

    Attributes:
        connect: the time to connect, with TLS.
        total: the time of the whole request.
    """

    connect: float = 10.0
    total: float = 30.0


class HttpClient:
    """Sends POST requests to one URL. It follows no redirection, and uses no proxy."""

    def __init__(
        self,
        url: str,
        *,
        token: str | None = None,
        limits: HttpLimits | None = None,
        now: Callable[[], int],
    ) -> None:
        """Prepare; nothing is connected yet.

        Args:
            url: where requests go.
            token: the bearer token; None for none.
            limits: of a request.
            now: the clock, in microseconds since 1970.

        Raises:
            InputError: the extra `live` is not installed.
        """
        if find_spec("aiohttp") is None:
            expected = "the packages that alerts over HTTP need"
            hint = "pip install 'peerlint[live]'"
            raise InputError("alerts", expected=expected, found=None, hint=hint)
        self._url, self._now, self._limits = url, now, limits or HttpLimits()
        self._headers = {"User-Agent": f"peerlint/{__version__}"}
        if token:
            self._headers["Authorization"] = f"Bearer {token}"
        self._session: ClientSession | None = None

    async def post(self, body: bytes, headers: Mapping[str, str] | None = None) -> None:
        """Send JSON.

        Raises:
            DeliveryError: there is no answer, or it is no success.
        """
        from aiohttp import ClientError  # noqa: PLC0415  # an extra, installed

        session = self._opened()
        try:
            async with session.post(
                self._url,
                data=body,
                headers={
                    **self._headers, "Content-Type": "application/json", **(headers or {})
                },
                allow_redirects=False,
            ) as response:  # fmt: skip
                if response.status in _SUCCESS:
                    return
                raise await self._failure(response)
        except TimeoutError:
            reason = f"no answer within {self._limits.total:g} seconds"
            raise DeliveryError(reason) from None
        except (ClientError, OSError, ValueError) as error:
            reason = str(error) or type(error).__name__
            raise DeliveryError(displayed_quote(reason)) from None

    async def close(self) -> None:
        """Close the connection."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    def _opened(self) -> ClientSession:
        from aiohttp import (  # noqa: PLC0415  # an extra, installed
            ClientSession,
            ClientTimeout,
            DummyCookieJar,
            TCPConnector,
        )

        if self._session is None:
            self._session = ClientSession(
                connector=TCPConnector(limit=1),
                cookie_jar=DummyCookieJar(),
                timeout=ClientTimeout(
                    total=self._limits.total, connect=self._limits.connect
                ),
                auto_decompress=False,  # an answer must not grow
                trust_env=False,
            )  # fmt: skip
        return self._session

    async def _failure(self, response: ClientResponse) -> DeliveryError:
        status = response.status
        reason = f"HTTP status {status}"
        if status in _REDIRECTS:
            reason += ", a redirection, which is not followed: give the URL that it leads to"
        elif text := await _excerpt(response):
            reason += f": {text}"
        after = _seconds(response.headers.get("Retry-After"), self._now() / 1e6)
        return DeliveryError(reason, retry_after=after, is_refused=status in _REFUSED)


async def _excerpt(response: ClientResponse) -> str:
    """Return the beginning of an answer as one line."""
    octets = await response.content.read(_ANSWER)
    return displayed_quote(" ".join(octets.decode(errors="replace").split()))[:200]


def _seconds(text: str | None, now: float) -> float | None:
    """Return the seconds of a Retry-After (RFC 9110 section 10.2.3); None if it has none."""
    if text is None:
        return None
    if re.fullmatch(r"[0-9]{1,9}", text.strip()):
        return float(text)
    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - now)
    except (ValueError, OverflowError):
        return None
