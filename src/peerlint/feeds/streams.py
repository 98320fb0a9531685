"""Decompression of concatenated streams, chunk by chunk: one interface to several libraries."""

from __future__ import annotations

import bz2
import lzma
import re
from collections.abc import Callable, Iterator
from typing import Final, Protocol, cast

import zstandard
from zlib_ng import zlib_ng

from peerlint.wire.framing import is_record_header
from peerlint.wire.mrt import HEADER_OCTETS

#: Octets of a decompressed chunk, at most. Smaller ones are handed over too often between threads.
CHUNK: Final = 1 << 21
#: Octets of memory that an xz stream may require. Its header can require a dictionary of 4 GiB;
#: `xz -9` asks for 65 MiB, and Zstandard's own bound is 128 MiB.
XZ_MEMORY: Final = 1 << 28
#: Smaller chunks are joined while there is more of the same input.
SMALL: Final = CHUNK // 8
#: Octets of a stream that its decoder is given first, and the factor by which that grows. A decoder
#: copies what follows the end of its stream: for many tiny streams that would take too long.
_FIRST: Final = 1 << 6
_GROWTH: Final = 8
_PADDING: Final = re.compile(rb"\0*")


class StreamError(Exception):
    """A compressed stream is broken, or ends early; the message says how."""


class _Decoder(Protocol):
    """A decoder of one compressed stream.

    Attributes:
        is_done: whether the end of the stream was reached.
        rest: octets after its end.
    """

    is_done: bool
    rest: bytes

    def chunks(self, data: bytes) -> Iterator[bytes]:
        """Yield the decompressed data."""


class _Gzip:
    def __init__(self) -> None:
        self.is_done, self.rest = False, b""
        self._inner = zlib_ng.decompressobj(wbits=31)

    def chunks(self, data: bytes) -> Iterator[bytes]:
        is_full = False
        while (data or is_full) and not self._inner.eof:
            chunk = self._inner.decompress(data, CHUNK)
            yield chunk
            # A full chunk may have left a rest inside, although all of the data is consumed.
            data, is_full = self._inner.unconsumed_tail, len(chunk) == CHUNK
        self.is_done, self.rest = self._inner.eof, self._inner.unused_data


class _Stdlib:
    """The common interface of `bz2` and `lzma`."""

    def __init__(self, inner: bz2.BZ2Decompressor | lzma.LZMADecompressor) -> None:
        self.is_done, self.rest = False, b""
        self._inner = inner

    def chunks(self, data: bytes) -> Iterator[bytes]:
        yield self._inner.decompress(data, CHUNK)
        while not self._inner.eof and not self._inner.needs_input:
            yield self._inner.decompress(b"", CHUNK)
        self.is_done, self.rest = self._inner.eof, self._inner.unused_data


#: One for all frames: it holds no state of its own.
_ZSTANDARD: Final = zstandard.ZstdDecompressor()


class _Zstandard:
    #: A block of 4 octets can hold 128 KiB: so much input gives 32 MiB at most.
    _SLICE: Final = 1 << 10

    def __init__(self) -> None:
        self.is_done, self.rest = False, b""
        self._inner = _ZSTANDARD.decompressobj()

    def chunks(self, data: bytes) -> Iterator[bytes]:
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
    "xz": lambda: _Stdlib(lzma.LZMADecompressor(memlimit=XZ_MEMORY)),
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
    """Whether there are too few octets to tell whether a file is compressed."""
    if len(head) >= HEADER_OCTETS:
        return False
    return any(magic.startswith(head[: len(magic)]) for magic in (*_MAGIC, *_SKIPPABLE))


def kind_of(head: bytes) -> str | None:
    """Return the compression of a file by its first octets; None if there is none.

    Args:
        head: the first octets; see `needs_more`.

    Raises:
        StreamError: it is a compression that is not supported.
    """
    # The time of a record may look like a magic number: "BZh9" is a second of April 2005.
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
    """Yield the chunks of one compressed stream after another.

    Args:
        kind: see `kind_of`.
        data: the first octets of the file.
        take: returns more octets; none at the end.

    Raises:
        StreamError: the stream is broken, or ends early.
    """
    decompressor = Decompressor(kind)
    while data:
        yield from decompressor.feed(data)
        data = take()
    decompressor.end()


class Decompressor:
    """Decompresses concatenated streams as their octets come.

    What can be decompressed is yielded at once: a stream that is written for a long time is
    readable up to the last block that its writer completed.
    """

    def __init__(self, kind: str) -> None:
        """Prepare for the first octets.

        Args:
            kind: see `kind_of`.
        """
        self._kind, self._size = kind, _FIRST
        self._decoder = _DECODERS[kind]()

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Yield the chunks that more octets complete; none is longer than `CHUNK`.

        Raises:
            StreamError: the stream is broken.
        """
        held, at = _Joiner(), 0
        try:
            while True:
                if self._decoder.is_done:
                    at = _behind_padding(data, at)
                if at >= len(data):
                    break
                if self._decoder.is_done:
                    self._decoder, self._size = _DECODERS[self._kind](), _FIRST
                piece = data[at : at + self._size]
                for chunk in self._decoder.chunks(piece):
                    yield from held.add(chunk)
                at += len(piece) - len(self._decoder.rest)
                self._size = min(self._size * _GROWTH, CHUNK)
        except _DECODER_ERRORS as error:
            yield from held.take()
            raise StreamError(f"the {self._kind} stream is broken: {error}") from error
        yield from held.take()

    def end(self) -> None:
        """Check that the last stream is complete.

        Raises:
            StreamError: it ends early.
        """
        if not self._decoder.is_done:
            raise StreamError(f"the {self._kind} stream ends before its end")


class _Joiner:
    """Joins small chunks; the result is no longer than `CHUNK`."""

    def __init__(self) -> None:
        self._chunks: list[bytes] = []
        self._size = 0

    def add(self, chunk: bytes) -> Iterator[bytes]:
        """Add a chunk; yield those that need not wait."""
        if self._size + len(chunk) > CHUNK or len(chunk) >= SMALL:
            yield from self.take()
        if len(chunk) >= SMALL:
            yield chunk
        elif chunk:
            self._chunks.append(chunk)
            self._size += len(chunk)

    def take(self) -> Iterator[bytes]:
        """Yield the chunks that wait, joined."""
        if self._chunks:
            yield b"".join(self._chunks)
            self._chunks, self._size = [], 0


def _behind_padding(data: bytes, at: int) -> int:
    """Return the offset after zeros, which tar and tapes pad with."""
    found = _PADDING.match(data, at)
    return at if found is None else found.end()
