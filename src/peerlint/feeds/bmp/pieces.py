"""Cut what arrives of a BMP stream so that no piece has octets of two messages.

The events of each message then do not depend on how TCP delivered it.
"""

from __future__ import annotations

from collections.abc import Iterator

from peerlint.errors import WireError
from peerlint.wire.bmp import HEADER_OCTETS, MAX_MESSAGE, decode_header


class Pieces:
    """Where the current message of a stream ends."""

    def __init__(self, max_message: int = MAX_MESSAGE) -> None:
        """Start at the first octet of a stream.

        Args:
            max_message: the maximum length of a message.
        """
        self._max_message = max_message
        self._head = b""  # the start of a common header that has not arrived completely
        self._missing = 0  # octets of the current message after its header

    def cut(self, octets: bytes) -> Iterator[bytes]:
        """Yield the octets in pieces: a message, or a part of one.

        A header that is invalid is one piece. What follows it has no meaning.
        """
        at = 0
        while at < len(octets):
            piece = self._piece(octets, at)
            at += len(piece)
            yield piece

    def _piece(self, octets: bytes, at: int) -> bytes:
        if self._missing:
            piece = octets[at : at + self._missing]
            self._missing -= len(piece)
            return piece
        head = self._head + octets[at : at + HEADER_OCTETS - len(self._head)]
        known = len(self._head)
        if len(head) < HEADER_OCTETS:
            self._head = head
            return head[known:]
        self._head = b""
        length = self._length(head)
        piece = octets[at : at + length - known]
        self._missing = length - known - len(piece)
        return piece

    def _length(self, head: bytes) -> int:
        """Return the length of the message with a common header."""
        try:
            return decode_header(head, max_message=self._max_message).length
        except WireError:
            return HEADER_OCTETS  # the reader says what is wrong with it
