"""Find the messages in a BMP stream as its octets arrive.

A BMP message starts with a version, a length and a type, and nothing else marks its start: in
almost any octets something looks like such a header. So a stream whose framing is lost is not
searched for the next message, as a dump is (`peerlint.wire.framing`): what would be found may be
made up, and a router sends everything again when it connects again. From a header that cannot be
one on, everything is lost, and `Framing.is_lost` tells the owner of the connection to close it.
A message whose body is invalid does not end the stream: its length is still valid, and if it is
not, the next header is not valid either.
"""

from __future__ import annotations

from typing import Literal

import attrs

from peerlint.errors import DamageError, WireError
from peerlint.wire.bmp.header import HEADER_OCTETS, MAX_MESSAGE, Header, decode_header
from peerlint.wire.damage import KEPT_DAMAGE, Damage


class Framing:
    """The octets of a stream that have not been read yet, and the damage so far.

    A kernel may read messages from `buffer` on its own and advance `at`, like `pass_message`.

    Attributes:
        source: the stream's name, for errors.
        buffer: the octets in memory; whole messages, and at the end perhaps a part of one.
        at: index in `buffer` of the next message.
        base: offset of `buffer` in the stream.
        lost: the number of octets lost.
        damages: the number of damages.
        damage: the first `KEPT_DAMAGE` of them.
        is_lost: whether a header was invalid; then everything after it is lost.
        copied: octets that were copied to join pieces: at most three for each octet of the stream.
    """

    def __init__(
        self,
        *,
        source: str,
        max_message: int = MAX_MESSAGE,
        on_damage: Literal["keep", "raise"] = "keep",
    ) -> None:
        """Prepare for the first octets.

        Args:
            source: the stream's name, for errors.
            max_message: the maximum length of a message; a longer one ends the stream.
            on_damage: "raise" raises a `DamageError` at the first damage.
        """
        self.source = source
        self.buffer = b""
        self.at = self.base = 0
        self.lost = self.damages = self.copied = 0
        self.damage: list[Damage] = []
        self.is_lost = False
        self._tail = bytearray()  # the start of a message whose end has not arrived
        self._last_is_kept = False  # whether `damage` ends with the loss of the framing
        self._max_message = max_message
        self._on_damage = on_damage

    @property
    def octets(self) -> int:
        """The number of octets of the stream that have been passed."""
        return self.base + self.at

    @property
    def pending(self) -> int:
        """The number of octets that have arrived and have not been passed."""
        return len(self.buffer) - self.at + len(self._tail)

    def feed(self, octets: bytes) -> None:
        """Take the octets that arrived next; previous offsets into the buffer are then invalid.

        A message that arrives in pieces is joined once, when it is complete.

        Args:
            octets: any number of octets.
        """
        self.base += self.at
        rest = self.buffer[self.at :] if self.at else self.buffer
        self.buffer, self.at = b"", 0
        if self.is_lost:
            self._lose_more(octets)
        elif not rest and not self._tail:
            self.buffer = bytes(octets)
        else:
            self._tail += rest
            self._tail += octets
            self.copied += len(rest) + len(octets)
            if len(self._tail) >= self._needed():
                self.buffer = bytes(self._tail)
                self._tail.clear()
                self.copied += len(self.buffer)

    def _needed(self) -> int:
        """Return the number of octets that the message in the tail has, as far as is known."""
        if len(self._tail) < HEADER_OCTETS:
            return HEADER_OCTETS
        head = bytes(self._tail[:HEADER_OCTETS])
        try:
            return decode_header(head, max_message=self._max_message).length
        except WireError:
            return HEADER_OCTETS  # `next_header` says what is wrong with it

    def next_header(self) -> Header | None:
        """Return the header of the next message if all of the message has arrived.

        Returns:
            None if more octets are needed, or if the framing is lost.

        Raises:
            DamageError: with on_damage="raise", if the header is invalid.
        """
        available = len(self.buffer) - self.at
        if self.is_lost or available < HEADER_OCTETS:
            return None
        try:
            header = decode_header(self.buffer, self.at, max_message=self._max_message)
        except WireError as error:
            self._lose(error)
            return None
        return header if header.length <= available else None

    def pass_message(self, header: Header) -> None:
        """Go on after the message whose header `next_header` returned."""
        self.at += header.length

    def end(self) -> None:
        """Record the end of the stream; an incomplete message is lost.

        Raises:
            DamageError: with on_damage="raise", if there is one.
        """
        self.feed(b"")
        octets = bytes(self._tail) or self.buffer
        if not octets:
            return
        needed = HEADER_OCTETS
        if len(octets) >= HEADER_OCTETS:
            needed = decode_header(octets, max_message=self._max_message).length
        start = self.octets
        self._tail.clear()
        self.buffer, self.at = b"", 0
        self.base = start + len(octets)
        expected = f"{needed:,} octets of BMP message"
        self.note(start, len(octets), expected, f"{len(octets):,} octets and the end of the stream")

    def note(self, at: int, octets: int, expected: str, found: str) -> None:
        """Record a damage.

        Args:
            at: offset of the damage in the stream.
            octets: the number of octets lost.
            expected: what the format requires there.
            found: what the stream has there.

        Raises:
            DamageError: with on_damage="raise".
        """
        if self._on_damage == "raise":
            raise DamageError(self.source, at, expected=expected, found=found)
        self.damages += 1
        self.lost += octets
        if len(self.damage) < KEPT_DAMAGE:
            self.damage.append(Damage(at, octets, expected, found))

    def note_more(self, damages: int, octets: int) -> None:
        """Count damages without keeping their offsets."""
        self.damages += damages
        self.lost += octets

    def _lose(self, error: WireError) -> None:
        """Record that the framing is lost from the current header on."""
        self.is_lost = True
        start, octets = self.octets, len(self.buffer) - self.at
        self.at = len(self.buffer)
        self._last_is_kept = len(self.damage) < KEPT_DAMAGE
        self.note(start, octets, error.expected, error.found)

    def _lose_more(self, octets: bytes) -> None:
        """Count octets that arrived after the framing was lost."""
        self.base += len(octets)
        self.lost += len(octets)
        if self._last_is_kept:
            last = self.damage[-1]
            self.damage[-1] = attrs.evolve(last, octets=last.octets + len(octets))
