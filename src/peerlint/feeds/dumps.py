"""Dumps on disk or from standard input, decompressed page by page."""

from __future__ import annotations

import bz2
import lzma
from collections.abc import Callable, Iterator
from os import fstat
from pathlib import Path
from typing import BinaryIO, Final, Protocol, cast

import zstandard
from zlib_ng import zlib_ng

from peerlint.errors import FeedError

#: Octets of the compressed file taken at a time.
CHUNK: Final = 1 << 16
#: Octets of a decompressed page, at most; larger pages are not faster.
PAGE: Final = 1 << 20
_STDIN: Final = Path("/dev/stdin")


class Dump:
    """One dump, read once from its start to its end.

    Attributes:
        name: as the user wrote it.
        octets_taken: octets of the file read so far, for a progress bar.
        size: octets of the file, None if it is not known.
        cut: why the compressed stream ended before its end; None if it did not, or not yet.
    """

    def __init__(self, name: str, path: Path | None = None) -> None:
        """Check that the file can be read.

        Args:
            name: what the user calls it; `-` is standard input.
            path: where it is, if not where its name says.

        Raises:
            FeedError: it is missing, a directory, or not readable.
        """
        self.name = name
        self.octets_taken = 0
        self.size: int | None = None
        self.cut: str | None = None
        self._path = _STDIN if name == "-" else path or Path(name)
        if self._path.is_dir():
            raise FeedError(name, "a directory; expected an MRT dump, name the file in it")
        try:
            with self._path.open("rb") as file:
                self.size = fstat(file.fileno()).st_size or None
        except FileNotFoundError:
            raise FeedError(name, "no such file; expected an MRT dump") from None
        except OSError as error:
            raise FeedError(name, f"cannot be read: {error.strerror}") from error

    def pages(self) -> Iterator[bytes]:
        """Yield the decompressed octets, at most `PAGE` at a time.

        A stream that is cut or broken ends the pages; `cut` then says so.

        Raises:
            FeedError: reading the file fails.
        """
        try:
            with self._path.open("rb") as file:
                yield from self._decompressed(file)
        except OSError as error:
            raise FeedError(self.name, f"cannot be read: {error.strerror}") from error

    def _decompressed(self, file: BinaryIO) -> Iterator[bytes]:
        head = self._take(file)
        for magic, (kind, decoder) in _FORMATS.items():
            if head.startswith(magic):
                yield from self._members(file, head, kind, decoder)
                return
        while head:
            yield head
            head = self._take(file)

    def _members(
        self, file: BinaryIO, data: bytes, kind: str, new: Callable[[], _Decoder]
    ) -> Iterator[bytes]:
        """Yield the pages of one compressed stream after another."""
        decoder = new()
        while data:
            try:
                yield from decoder.pages(data)
            except _DECODER_ERRORS as error:
                self.cut = f"the {kind} stream is broken: {error}"
                return
            data = decoder.rest
            if decoder.is_done:
                data = self._without_padding(data, file)
                if not data:
                    return
                decoder = new()
            else:
                data = data or self._take(file)
        self.cut = f"the {kind} stream ends before its end"

    def _without_padding(self, data: bytes, file: BinaryIO) -> bytes:
        """Pass over zeros, however many: tar and tapes pad with them."""
        data = data.lstrip(b"\0")
        while not data:
            taken = self._take(file)
            if not taken:
                break
            data = taken.lstrip(b"\0")
        return data

    def _take(self, file: BinaryIO) -> bytes:
        data = file.read(CHUNK)
        self.octets_taken += len(data)
        return data


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
_FORMATS: Final[dict[bytes, tuple[str, Callable[[], _Decoder]]]] = {
    b"\x1f\x8b": ("gzip", _Gzip),
    b"BZh": ("bzip2", lambda: _Stdlib(bz2.BZ2Decompressor())),
    b"\xfd7zXZ\0": ("xz", lambda: _Stdlib(lzma.LZMADecompressor())),
    b"\x28\xb5\x2f\xfd": ("zstandard", _Zstandard),
}
