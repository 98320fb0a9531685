"""The octets of a connection that have not been read yet."""

from __future__ import annotations

from peerlint.wire.rtr import HEADER_OCTETS, Header, PduError, decode_header


class PduBuffer:
    """Finds the PDUs in a stream as its octets arrive.

    A PDU that arrives in pieces is joined once, when it is complete, however small the pieces are.

    Attributes:
        octets: whole PDUs, and at the end perhaps a part of one.
        at: the offset in `octets` of the next PDU.
        base: the offset of `octets` in the stream.
    """

    def __init__(self) -> None:
        """Start with an empty stream."""
        self.octets = b""
        self.at = self.base = 0
        self._tail = bytearray()

    @property
    def pending(self) -> int:
        """The number of octets that have arrived and have not been read."""
        return len(self.octets) - self.at + len(self._tail)

    def feed(self, octets: bytes) -> None:
        """Take the octets that arrived next; previous offsets are then invalid."""
        self._tail += self.octets[self.at :]
        self.base += self.at
        self.octets, self.at = b"", 0
        if not self._tail:
            self.octets = bytes(octets)
            return
        self._tail += octets
        if len(self._tail) >= self._needed():
            self.octets = bytes(self._tail)
            self._tail.clear()

    def _needed(self) -> int:
        """Return the length of the PDU in the tail, as far as it is known."""
        head = bytes(self._tail[:HEADER_OCTETS])
        if len(head) < HEADER_OCTETS:
            return HEADER_OCTETS
        try:
            return decode_header(head).length
        except PduError:
            return HEADER_OCTETS  # `next_header` raises it again

    def next_header(self) -> Header | None:
        """Return the header of the next PDU; None if more octets are needed.

        Raises:
            PduError: the header is not valid.
        """
        available = len(self.octets) - self.at
        if available < HEADER_OCTETS:
            return None
        header = decode_header(self.octets, self.at)
        return header if header.length <= available else None

    def pdu_at(self, start: int) -> bytes:
        """Return the PDU at an offset of `octets`; only its header if that is not valid."""
        try:
            length = decode_header(self.octets, start).length
        except PduError:
            length = HEADER_OCTETS
        return self.octets[start : start + length]
