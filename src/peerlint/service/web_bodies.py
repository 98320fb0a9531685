"""Bodies of answers: made in a thread, kept compressed, sent in parts to readers that keep up."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import Callable, Iterable, Iterator
from http import HTTPStatus
from typing import Final

import attrs
from aiohttp import web

from peerlint.service.web_faults import log_fault

#: The fastest level: the texts repeat themselves, and shrink to a tenth even so.
_LEVEL: Final = 1
#: The format of gzip.
_GZIP: Final = 16 + zlib.MAX_WBITS
#: Octets that are sent at once.
_PART: Final = 1 << 18
#: Seconds in which a reader has to take a part.
SLOWEST: Final = 30.0


def compressed(texts: Iterable[str]) -> Iterator[bytes]:
    """Yield texts as gzip, in parts of some size.

    Args:
        texts: the parts of the text.
    """
    packer = zlib.compressobj(_LEVEL, wbits=_GZIP)
    waiting: list[bytes] = []
    size = 0
    for text in texts:
        part = packer.compress(text.encode("utf-8", "replace"))
        if part:
            waiting.append(part)
            size += len(part)
        if size >= _PART:
            yield b"".join(waiting)
            waiting, size = [], 0
    yield b"".join((*waiting, packer.flush()))


def encoded(texts: Iterable[str]) -> Iterator[bytes]:
    """Yield texts as octets, one part for each."""
    return (text.encode("utf-8", "replace") for text in texts)


def decompressed(body: bytes) -> Iterator[bytes]:
    """Yield the content of a gzip body in parts of at most 256 KiB."""
    unpacker = zlib.decompressobj(_GZIP)
    rest = body
    while rest and not unpacker.eof:
        yield unpacker.decompress(rest, _PART)
        rest = unpacker.unconsumed_tail


@attrs.define(eq=False)
class Kept:
    """A body that is made once for each version, by one request while others wait.

    Attributes:
        lock: held while it is made.
        version: the version of the body.
        body: the body, as gzip.
    """

    lock: asyncio.Lock = attrs.Factory(asyncio.Lock)
    version: int | None = None
    body: bytes = b""

    async def get(self, version: int, make: Callable[[], Iterable[str]]) -> bytes:
        """Return the body of a version.

        Args:
            version: the version.
            make: makes the text, in a thread.
        """
        async with self.lock:
            if self.version != version:
                self.body = await asyncio.to_thread(lambda: b"".join(compressed(make())))
                self.version = version
            return self.body


async def send(
    request: web.Request,
    parts: Iterator[bytes],
    headers: dict[str, str],
    *,
    slowest: float = SLOWEST,
) -> web.StreamResponse:
    """Send a body part by part; each part is made in a thread.

    A failure before the first part is raised, so that the answer can be an error. After it, there
    is no way to say so but to cut the reader off, which then knows that the answer is incomplete.

    Args:
        request: the request. A reader that does not take a part in time is cut off.
        parts: the parts of the body.
        headers: headers of the answer.
        slowest: the seconds in which a part has to be taken.
    """
    part = await asyncio.to_thread(next, parts, None)
    answer = web.StreamResponse(status=HTTPStatus.OK, headers=headers)
    await answer.prepare(request)
    try:
        while part is not None and request.method != "HEAD":
            await asyncio.wait_for(answer.write(part), slowest)
            part = await asyncio.to_thread(next, parts, None)
        await asyncio.wait_for(answer.write_eof(), slowest)
    except Exception as error:  # noqa: BLE001  # whatever fails, the reader must know
        if not isinstance(error, TimeoutError | ConnectionError):
            log_fault(request.path, error)
        if request.transport is not None:
            request.transport.abort()
    return answer


def takes_gzip(accept: str | None) -> bool:
    """Return whether a reader takes gzip, by its header Accept-Encoding."""
    for each in (accept or "").split(","):
        name, _, quality = each.partition(";")
        if name.strip().lower() in ("gzip", "*"):
            return quality.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False
