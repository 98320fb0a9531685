"""Compressed streams, one after another, page by page: the libraries behind one interface."""

from __future__ import annotations

import bz2
import lzma
from collections.abc import Callable, Iterator
from typing import Final, Protocol, cast

import zstandard
from zlib_ng import zlib_ng

from peerlint.wire.framing import is_record_header
from peerlint.wire.mrt import HEADER_OCTETS

#: Octets of a decompressed page, at most. Smaller pages are handed over too often between threads.
PAGE: Final = 1 << 21


class StreamError(Exception):
    """A compressed stream is broken or ends before its end; says which and how."""


class _Decoder(Protocol):
    """One compressed stream: what the libraries have in common.

    Attributes:
        is_done: whether the stream came to its end.
        rest: octets after its end.
    """

    is_done: bool
    rest: bytes

    def pages(self, data: bytes) -> Iterator[bytes]:
        """Yield what the data decompress to."""


class _Gzip:
    def __init__(self) -> None:
        self.is_done, self.rest = False, b""
        self._inner = zlib_ng.decompressobj(wbits=31)

    def pages(self, data: bytes) -> Iterator[bytes]:
        while data and not self._inner.eof:
            yield self._inner.decompress(data, PAGE)
            data = self._inner.unconsumed_tail
        self.is_done, self.rest = self._inner.eof, self._inner.unused_data


class _Stdlib:
    """The common interface of `bz2` and `lzma`."""

    def __init__(self, inner: bz2.BZ2Decompressor | lzma.LZMADecompressor) -> None:
        self.is_done, self.rest = False, b""
        self._inner = inner

    def pages(self, data: bytes) -> Iterator[bytes]:
        yield self._inner.decompress(data, PAGE)
        while not self._inner.eof and not self._inner.needs_input:
            yield self._inner.decompress(b"", PAGE)
        self.is_done, self.rest = self._inner.eof, self._inner.unused_data


class _Zstandard:
    #: A block of 4 octets can hold 128 KiB: so much input gives 32 MiB at most.
    _SLICE: Final = 1 << 10

    def __init__(self) -> None:
        self.is_done, self.rest = False, b""
        self._inner = zstandard.ZstdDecompressor().decompressobj()

    def pages(self, data: bytes) -> Iterator[bytes]:
        at = 0
        while at < len(data) and not self._inner.eof:
            yield self._inner.decompress(data[at : at + self._SLICE])
            at += self._SLICE
        self.is_done = self._inner.eof
        self.rest = self._inner.unused_data + data[at:] if self.is_done else b""


# zlib-ng's stubs declare `error` as an exception, not as its type.
_DECODER_ERRORS: Final = (
    cast("type[Exception]", zlib_ng.error),
    lzma.LZMAError,
    zstandard.ZstdError,
    OSError,
    EOFError,
)
_DECODERS: Final[dict[str, Callable[[], _Decoder]]] = {
    "gzip": _Gzip,
    "bzip2": lambda: _Stdlib(bz2.BZ2Decompressor()),
    "xz": lambda: _Stdlib(lzma.LZMADecompressor()),
    "zstandard": _Zstandard,
}
_MAGIC: Final = {
    b"\x1f\x8b": "gzip",
    b"BZh": "bzip2",
    b"\xfd7zXZ\0": "xz",
    b"\x28\xb5\x2f\xfd": "zstandard",
    b"\x1f\x9d": "compress",
    b"\x04\x22\x4d\x18": "LZ4",
    b"\x02\x21\x4c\x18": "LZ4",
    b"\x89LZO\0": "lzop",
    b"LZIP": "lzip",
    b"PK\x03\x04": "ZIP",
    b"7z\xbc\xaf\x27\x1c": "7-Zip",
}
#: Magic numbers of skippable frames (RFC 8878 section 3.1.2): pzstd writes one in front of every
#: frame, files that can be read from anywhere have one behind, and LZ4 has the same.
_SKIPPABLE: Final = frozenset(bytes((0x50 + number, 0x2A, 0x4D, 0x18)) for number in range(16))
_MAGIC_OCTETS: Final = 4


def needs_more(head: bytes) -> bool:
    """Whether the first octets of a file may be those of a compressed one, and are too few."""
    if len(head) >= HEADER_OCTETS:
        return False
    return any(magic.startswith(head[: len(magic)]) for magic in (*_MAGIC, *_SKIPPABLE))


def kind_of(head: bytes) -> str | None:
    """Name the compression of a file by its first octets; None if there is none.

    Args:
        head: as many as are at hand, but see `needs_more`.

    Raises:
        StreamError: it is one that is not read here.
    """
    # A record may be of the very second that a magic number spells: "BZh9" is one of April 2005.
    if head[:1] > b"\x1f" and is_record_header(head):
        return None
    at = 0
    while head[at : at + _MAGIC_OCTETS] in _SKIPPABLE:
        at += 8 + int.from_bytes(head[at + 4 : at + 8], "little")
    kind = next((kind for magic, kind in _MAGIC.items() if head.startswith(magic, at)), None)
    if at and kind != "LZ4":
        kind = "zstandard"
    if kind is not None and kind not in _DECODERS:
        raise StreamError(f"compressed by {kind}, which is not read: decompress it first")
    return kind


def decompressed(kind: str, data: bytes, take: Callable[[], bytes]) -> Iterator[bytes]:
    """Yield the pages of one compressed stream after another.

    Args:
        kind: see `kind_of`.
        data: the first octets of the file.
        take: gives more of them; nothing at the end.

    Raises:
        StreamError: the stream is broken, or ends before its end.
    """
    decoder = _DECODERS[kind]()
    while data:
        try:
            yield from decoder.pages(data)
        except _DECODER_ERRORS as error:
            raise StreamError(f"the {kind} stream is broken: {error}") from error
        data = decoder.rest
        if decoder.is_done:
            data = _without_padding(data, take)
            if not data:
                return
            decoder = _DECODERS[kind]()
        else:
            data = data or take()
    raise StreamError(f"the {kind} stream ends before its end")


def _without_padding(data: bytes, take: Callable[[], bytes]) -> bytes:
    """Pass over zeros, however many: tar and tapes pad with them."""
    data = data.lstrip(b"\0")
    while not data:
        taken = take()
        if not taken:
            break
        data = taken.lstrip(b"\0")
    return data
