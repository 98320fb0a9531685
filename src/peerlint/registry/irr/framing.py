"""Whole objects from octets that come in pieces of any size."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from typing import Final

import attrs

#: Octets that are handed over together, at least: columns of their lines fit into caches.
CHUNK: Final = 1 << 20
#: Octets that an object may have. The largest as-sets of today have less than a million.
LARGEST: Final = 1 << 22
_EMPTY_LINE: Final = b"\n\n"


@attrs.frozen
class TooLarge:
    """An object that is larger than `LARGEST`, and whose octets were not kept.

    Attributes:
        lines: the number of its lines, with the empty one behind it.
    """

    lines: int


class Framer:
    """Cuts octets at empty lines. Line ends of Windows become those of Unix.

    Attributes:
        octets: how many were given.
    """

    def __init__(self) -> None:
        """Prepare for the first octets."""
        self.octets = 0
        self._pieces, self._size = list[bytes](), 0
        #: What follows the last empty line; of an object that is too large, the last octet.
        self._rest = b""
        self._dropped: int | None = None
        self._is_start = True

    def feed(self, octets: bytes) -> Iterator[bytes | TooLarge]:
        """Take octets; yield the objects that they complete, many in one piece."""
        self.octets += len(octets)
        self._pieces.append(octets)
        self._size += len(octets)
        if self._size >= CHUNK:
            yield from self._cut(self._joined())

    def end(self) -> Iterator[bytes | TooLarge]:
        """Yield the objects that wait, except the last one if no empty line follows it."""
        yield from self._cut(self._joined(is_end=True))

    def last(self) -> bytes | TooLarge:
        """Return what follows the last empty line, after `end`."""
        if self._dropped is not None:
            return TooLarge(self._dropped + self._rest.count(b"\n"))
        return self._rest

    def _joined(self, *, is_end: bool = False) -> bytes:
        text = b"".join(self._pieces)
        self._pieces, self._size = [], 0
        if self._is_start:
            text = text.removeprefix(codecs.BOM_UTF8)
            self._is_start = False
        if text.endswith(b"\r") and not is_end:
            # The newline may be the next octet.
            self._pieces, self._size, text = [b"\r"], 1, text[:-1]
        return self._rest + (text.replace(b"\r\n", b"\n") if b"\r" in text else text)

    def _cut(self, text: bytes) -> Iterator[bytes | TooLarge]:
        self._rest = b""
        if self._dropped is not None:
            at = text.find(_EMPTY_LINE)
            if at < 0:
                self._drop(text)
                return
            at += len(_EMPTY_LINE)
            yield TooLarge(self._dropped + text.count(b"\n", 0, at))
            self._dropped, text = None, text[at:]
        at = text.rfind(_EMPTY_LINE)
        if at >= 0:
            at += len(_EMPTY_LINE)
            yield text[:at]
            text = text[at:]
        if len(text) > LARGEST:
            self._drop(text)
        else:
            self._rest = text

    def _drop(self, text: bytes) -> None:
        """Keep only the last octet: with the next one it may be an empty line."""
        self._dropped = (self._dropped or 0) + text.count(b"\n", 0, max(0, len(text) - 1))
        self._rest = text[-1:]
