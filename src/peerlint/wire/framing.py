"""Where records start and end in a stream of octets, and where to go on after damage.

Both readers of dumps use it: the walk of `peerlint.bulk` and the records of
`peerlint.wire.reader`. Every octet of the stream is read, skipped or lost.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterable
from typing import Final, Literal

from peerlint.errors import DamageError
from peerlint.wire.damage import KEPT_DAMAGE, Damage
from peerlint.wire.mrt import EXTENDED_TYPES, HEADER_OCTETS, MAX_RECORD, SUBTYPES, MrtType

#: After a wrong length, reading goes on where so many record headers follow one another.
CHAIN: Final = 3
#: Octets that are copied for each octet of the stream, at most. A record that spans pages is copied
#: once, and the octets after a broken record once more; the rest is reserved for further damage.
COPIES: Final = 4
#: Octets that may be copied beyond that, so that small pages need not be collected first.
SLACK: Final = 1 << 16


class Framing:
    """The octets of one dump that have not been read yet, and what was lost so far.

    Attributes:
        source: the dump's name, for errors.
        buffer: the octets in memory.
        at: index in `buffer` of the next record.
        base: offset of `buffer` in the stream.
        lost: octets lost.
        damages: how many pieces of damage there are.
        damage: the first of them.
        copied: octets that were copied to join pages; at most `COPIES` for each octet of the
            stream so far, plus `SLACK`.
    """

    def __init__(
        self, pages: Iterable[bytes], *, source: str, on_damage: Literal["keep", "raise"] = "keep"
    ) -> None:
        """Prepare to read; no page is taken yet.

        Args:
            pages: the decompressed dump, in pieces of any size.
            source: its name.
            on_damage: "raise" raises a `DamageError` at the first damage.
        """
        self.source = source
        self.buffer = b""
        self.at = self.base = 0
        self.lost = self.damages = self.copied = 0
        self.damage: list[Damage] = []
        self._pages = iter(pages)
        self._begun: tuple[bytes, int] | None = None  # a page, and how much of it was taken
        self._on_damage = on_damage
        self._ended = False

    @property
    def octets(self) -> int:
        """How many octets of the stream have been passed."""
        return self.base + self.at

    def next_page(self) -> bool:
        """Drop what has been passed and go on to the next page; False at the end of the dump.

        If a record spans pages, the buffer first has only that record, and then the last page
        itself, not a copy.
        """
        if self._in_hand:
            return self._complete()
        if self._begun is None:
            page = self._next()
            taken = (b"" if page is None else page), 0
        else:
            page, taken = self._begun[0], self._begun
        self.base, self._begun = self.octets, None
        self.buffer, self.at = taken
        self.base -= self.at
        return page is not None

    @property
    def _in_hand(self) -> int:
        """How many octets of the buffer have not been passed."""
        return len(self.buffer) - self.at

    def _complete(self) -> bool:
        """Append the missing part of the current record; False at the end of the dump."""
        before = self._in_hand
        if before < HEADER_OCTETS:
            self._has(HEADER_OCTETS)
        if self._in_hand >= HEADER_OCTETS:
            length = int.from_bytes(self.buffer[self.at + 8 : self.at + HEADER_OCTETS])
            if length <= MAX_RECORD:
                self._has(HEADER_OCTETS + length)
        return self._in_hand > before or self._extend()

    def note(self, at: int, octets: int, expected: str, found: str) -> None:
        """Count octets as lost.

        Args:
            at: offset in the stream.
            octets: how many.
            expected: what should stand there.
            found: what stands there.

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
        """Count pieces of damage beyond the number whose places are kept."""
        self.damages += damages
        self.lost += octets

    def pass_broken(self, broken_at: int, record_end: int, expected: str, found: str) -> None:
        """Go on after a record whose body is malformed from `broken_at` on.

        Like the methods below, it may drop passed octets: offsets into the buffer are invalid
        afterwards.
        """
        start, size, read = self.base + broken_at, record_end - self.at, broken_at - self.at
        if self.is_sound(size):
            self.at += size  # its length is trusted: only the rest of the record is lost
        else:
            self._seek(max(read, 1))
        self.note(start, self.octets - start, expected, found)

    def pass_headless(self) -> None:
        """Go on after octets that cannot be a record header."""
        start = self.octets
        head = self.buffer[self.at : self.at + HEADER_OCTETS].hex()
        self._seek(1)
        self.note(start, self.octets - start, "an MRT record header", head)

    def pass_tail(self) -> bool:
        """Account for an incomplete record at the end; True if there are other records in it."""
        size = self._in_hand
        if not size:
            return False
        start = self.octets
        if size < HEADER_OCTETS:
            expected = f"{HEADER_OCTETS} octets of MRT header"
        else:
            length = int.from_bytes(self.buffer[self.at + 8 : self.at + HEADER_OCTETS])
            expected = f"{HEADER_OCTETS + length:,} octets of record"
        # A wrong length may cover the rest of the dump: there may be other records inside.
        self._seek(1)
        found = f"{size:,} octets and the end of the dump"
        self.note(start, self.octets - start, expected, found)
        return bool(self._in_hand)

    def is_sound(self, size: int) -> bool:
        """Whether the current record may have a size: a header or the end of the dump follows.

        The length of a record is trusted if that is so. The time between two records is not
        compared: a quiet session may send no message for days.
        """
        if not self._has(size + HEADER_OCTETS):
            return size == self._in_hand
        return _plausible_end(self.buffer, self.at + size) is not None

    def is_chain(self, *, at_least: int = CHAIN) -> bool:
        """Whether record headers follow one another from here.

        Args:
            at_least: how many are enough if the dump ends inside the last of them; otherwise
                `CHAIN` are needed, or as many as fit before the end.
        """
        size = 0
        for count in range(CHAIN):
            if not self._has(size + HEADER_OCTETS):
                return size == self._in_hand or count >= at_least
            end = _plausible_end(self.buffer, self.at + size)
            if end is None:
                return False
            size = end - self.at
            if not self._has(size):
                return count + 1 >= at_least
        return True

    def _has(self, size: int) -> bool:
        """Whether the dump has so many octets from here on; reads pages if needed.

        The octets in memory and the pages read are joined once. Where that would exceed `COPIES`,
        more pages than needed are read first: after damage, a large part of a stream may be in
        memory, and each record in it may ask for a little more.
        """
        hand = self._in_hand
        if size <= hand:
            return True
        pieces = [memoryview(self.buffer)[self.at :]]
        while hand < size or not self._may_join(hand):
            taken = self._piece()
            if taken is None:
                break
            page, at = taken
            if hand < size <= hand + len(page) - at and self._may_join(size):
                end = at + size - hand
                if end < len(page):
                    self._begun = page, end
            else:
                end = len(page)
            pieces.append(memoryview(page)[at:end])
            hand += end - at
        if len(pieces) > 1:
            self.base, self.at = self.octets, 0
            self.buffer = b"".join(pieces)
            self.copied += hand
        return size <= hand

    def _may_join(self, size: int) -> bool:
        """Whether so many octets from here may be copied, and once more at the dump's end."""
        return self.copied + size <= (COPIES - 1) * (self.octets + size) + SLACK

    def _extend(self) -> bool:
        """Append a page, or the rest of one; False at the end of the dump."""
        before = self._in_hand
        if self._begun is None and (page := self._next()) is not None:
            self._begun = page, 0
        if self._begun is not None:
            page, at = self._begun
            self._has(before + len(page) - at)
            return True
        return False

    def _piece(self) -> tuple[bytes, int] | None:
        """Take a page, and how much of it was taken before; None at the end of the dump."""
        taken, self._begun = self._begun, None
        if taken is None and (page := self._next()) is not None:
            taken = page, 0
        return taken

    def _next(self) -> bytes | None:
        """Take a page that is not empty; None at the end, however often it is asked for."""
        while not self._ended:
            page = next(self._pages, None)
            if page:
                return page
            self._ended = page is None
        return None

    def _seek(self, distance: int) -> None:
        """Go to the next place where a chain of record headers starts, or to the dump's end.

        Args:
            distance: where that can be first, from here.
        """
        self.at += distance
        while True:
            match = _HEADER_PATTERN.search(self.buffer, self.at)
            if match is None:
                self.at = max(self.at, len(self.buffer) - HEADER_OCTETS + 1)
                if not self._extend():
                    self.at = len(self.buffer)
                    return
                continue
            self.at = match.start()
            if self.is_chain(at_least=2):
                return
            self.at += 1


#: A timestamp, a type and a subtype that exist, and a length below `MAX_RECORD`.
_HEADER_PATTERN: Final = re.compile(
    rb"(?=....\0["
    + b"".join(re.escape(bytes((kind,))) for kind in sorted(MrtType))
    + rb"]\0[\0-\x3f](?:\0...|\x01\0\0\0))",
    re.DOTALL,
)


def is_record_header(octets: bytes) -> bool:
    """Whether octets start with what can be the head of a record."""
    return len(octets) >= HEADER_OCTETS and _plausible_end(octets, 0) is not None


def _plausible_end(buffer: bytes, at: int) -> int | None:
    """Return the end of the record at `at` if its head of 12 octets can be one."""
    kind: int
    subtype: int
    length: int
    kind, subtype, length = struct.unpack_from(">HHI", buffer, at + 4)
    if length > MAX_RECORD or kind not in SUBTYPES or subtype not in SUBTYPES[kind]:
        return None
    if kind in EXTENDED_TYPES and length < 4:  # the microseconds, which may be on the next page
        return None
    return at + HEADER_OCTETS + length
