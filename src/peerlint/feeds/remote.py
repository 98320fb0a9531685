"""Dumps at a URL, through fsspec (the extra `remote`)."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final, Protocol, Self

import attrs

from peerlint.errors import FeedError
from peerlint.redaction import without_credentials

if TYPE_CHECKING:
    from aiohttp import TraceConfig, TraceRequestRedirectParams

SCHEMES: Final = ("http://", "https://")
#: Seconds without an octet after which a download has failed. There is no limit on the whole:
#: a dump of today may take longer than any fixed time.
READ_TIMEOUT: Final = 60


class _Stream(Protocol):
    """A file that fsspec has opened."""

    def read(self, size: int, /) -> bytes: ...
    def close(self) -> None: ...


@attrs.frozen
class RemoteFile:
    """A file that is being downloaded, from its start to its end.

    Attributes:
        name: its URL, without credentials.
        size: how many octets it has; None if the server does not say.
    """

    name: str
    size: int | None
    _stream: _Stream

    @classmethod
    def open(cls, url: str, *, follow_redirects: bool = False) -> Self:
        """Start a download.

        Args:
            url: http:// or https://.
            follow_redirects: whether the server may redirect the request to another scheme, host
                or port; another path is always allowed.

        Raises:
            FeedError: the file cannot be read, or the extra is not installed.
        """
        try:
            from aiohttp import ClientTimeout  # noqa: PLC0415  # an extra
            from fsspec.implementations.http import (  # noqa: PLC0415  # an extra
                HTTPFileSystem,
            )
        except ImportError:
            reason = "reading from the network needs more: pip install 'peerlint[remote]'"
            raise FeedError(url, reason) from None
        timeout = ClientTimeout(total=None, sock_connect=READ_TIMEOUT, sock_read=READ_TIMEOUT)
        # Without a block size the file comes as one stream, as it is read here.
        client: dict[str, Any] = {"timeout": timeout}
        if not follow_redirects:
            client["trace_configs"] = [_same_origin_only()]
        # A new one: fsspec would reuse an instance with other options.
        system = HTTPFileSystem(block_size=0, client_kwargs=client, skip_instance_cache=True)
        try:
            size = system.info(url)["size"]
            return cls(without_credentials(url), size, system.open(url, size=size))
        except _network_errors() as error:
            # fsspec reports every error of a URL as a missing file; the cause says more.
            cause = error.__cause__ or error
            is_missing = getattr(cause, "status", None) == HTTPStatus.NOT_FOUND
            if is_missing or isinstance(cause, FileNotFoundError):
                raise FeedError(url, "no such file; expected an MRT dump") from None
            if isinstance(cause, _RedirectError):
                raise FeedError(url, str(cause)) from None
            # Without its cause: a traceback would show the whole URL.
            raise FeedError(url, f"cannot be read: {_words(cause)}") from None

    def read(self, size: int, /) -> bytes:
        """Return the next octets, at most so many; none at the end.

        Raises:
            FeedError: the connection fails.
        """
        try:
            return self._stream.read(size)
        except _network_errors() as error:
            reason = f"the download ends before its end: {_words(error)}"
            raise FeedError(self.name, reason) from None

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the connection."""
        self._stream.close()


class _RedirectError(ValueError):
    """A server redirects a request to another one, which the user did not allow."""


def _same_origin_only() -> TraceConfig:
    """Return a configuration of aiohttp that refuses other schemes, hosts and ports."""
    from aiohttp import TraceConfig  # noqa: PLC0415  # an extra
    from yarl import URL  # noqa: PLC0415  # comes with it

    async def look(_: object, __: object, redirect: TraceRequestRedirectParams) -> None:
        headers = redirect.response.headers
        target = redirect.url.join(URL(headers.get("Location") or headers.get("URI") or ""))
        if (target.scheme, target.host, target.port) != (
            redirect.url.scheme, redirect.url.host, redirect.url.port
        ):  # fmt: skip
            raise _RedirectError(
                f"the server sends it on to {without_credentials(str(target))}, another scheme, "
                "host or port; to read it there, give --follow-redirects (follow_redirects=True)"
            )

    config = TraceConfig()
    config.on_request_redirect.append(look)
    return config


def _words(error: BaseException) -> str:
    return str(error) or type(error).__name__


def _network_errors() -> tuple[type[Exception], ...]:
    from aiohttp import ClientError  # noqa: PLC0415  # an extra, loaded by now

    return (ClientError, TimeoutError, OSError, ValueError)
