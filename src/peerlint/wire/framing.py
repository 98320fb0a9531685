"""Where records start and end in a stream of octets, and where to go on after damage.

Both readers of dumps stand on it: the walk of `peerlint.bulk` and the records of
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

#: Where a length is wrong, reading goes on where so many record headers follow one another.
CHAIN: Final = 3
#: After so many octets of search, what was searched is dropped.
_SEARCHED: Final = 1 << 22


class Framing:
    """The octets of one dump between two readings of it, and what was lost so far.

    Attributes:
        source: the dump's name, for errors.
        buffer: octets in hand.
        at: in `buffer`, where the next record starts.
        base: offset of `buffer` in the stream.
        lost: octets lost.
        damages: how many pieces of damage there are.
        damage: the first of them.
    """

    def __init__(
        self, pages: Iterable[bytes], *, source: str, on_damage: Literal["keep", "raise"] = "keep"
    ) -> None:
        """Set up; nothing is read yet.

        Args:
            pages: the decompressed dump, in pieces of any size.
            source: its name.
            on_damage: "raise" raises a `DamageError` at the first damage.
        """
        self.source = source
        self.buffer = b""
        self.at = self.base = 0
        self.lost = self.damages = 0
        self.damage: list[Damage] = []
        self._pages = iter(pages)
        self._begun: tuple[bytes, int] | None = None  # a page, and how much of it is in `buffer`
        self._on_damage = on_damage
        self._ended = False

    @property
    def octets(self) -> int:
        """How far the stream was passed."""
        return self.base + self.at

    def next_page(self) -> bool:
        """Drop what has been passed and go on to the next page; False at the end of the dump.

        Of a record that lies across two pages the buffer first has just that record, and then
        the page as it is: pages are not copied.
        """
        self._drop(self.at)
        if self.buffer:
            return self._complete()
        if self._begun is None:
            return self._extend()
        (self.buffer, self.at), self._begun = self._begun, None
        self.base -= self.at
        return True

    def _complete(self) -> bool:
        """Append what is missing of the record in hand, if the next page has it; else that page."""
        if self._begun is not None or (page := self._next()) is None:
            return self._extend()
        head = self.buffer + page[:HEADER_OCTETS]
        missing = HEADER_OCTETS + int.from_bytes(head[8:HEADER_OCTETS]) - len(self.buffer)
        if len(head) < HEADER_OCTETS or not 0 < missing < len(page):
            self.buffer += page
        else:
            self.buffer += page[:missing]
            self._begun = page, missing
        return True

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

    def pass_broken(self, broken_at: int, record_end: int, expected: str, found: str) -> None:
        """Go on after a record whose body makes no sense from `broken_at` on.

        As the two methods below, it may drop what it has passed: offsets into the buffer that
        the caller keeps mean nothing afterwards.
        """
        start = self.base + broken_at
        if self.is_sound(record_end):
            self.at = record_end  # its length can be believed: only its rest is lost
        else:
            self._seek(max(broken_at, self.at + 1))
        self.note(start, self.octets - start, expected, found)

    def pass_headless(self) -> None:
        """Go on after a head that can be none."""
        start = self.octets
        head = self.buffer[self.at : self.at + HEADER_OCTETS].hex()
        self._seek(self.at + 1)
        self.note(start, self.octets - start, "an MRT record header", head)

    def pass_tail(self) -> bool:
        """Account for what the end of the dump leaves; True if records were found in it."""
        at, size = self.at, len(self.buffer)
        if at == size:
            return False
        start = self.octets
        if size - at < HEADER_OCTETS:
            expected = f"{HEADER_OCTETS} octets of MRT header"
        else:
            length = int.from_bytes(self.buffer[at + 8 : at + HEADER_OCTETS])
            expected = f"{HEADER_OCTETS + length:,} octets of record"
        # A length that lies swallows the rest of the dump: is there another record inside?
        self._seek(at + 1)
        found = f"{size - at:,} octets and the end of the dump"
        self.note(start, self.octets - start, expected, found)
        return self.at < len(self.buffer)

    def is_sound(self, at: int) -> bool:
        """Whether a record can end at an offset of the buffer: at a header, or at the dump's end.

        A record's own length is believed if it leads there. How much later the next record was
        written says nothing: a quiet session may send no message for days.
        """
        if not self._has(at + HEADER_OCTETS):
            return at == len(self.buffer)
        return _plausible_end(self.buffer, at) is not None

    def is_chain(self, at: int, *, at_least: int = CHAIN) -> bool:
        """Whether record headers follow one another from an offset of the buffer.

        Args:
            at: where the first should stand.
            at_least: how many will do where the dump ends inside the last of them; otherwise
                there have to be `CHAIN`, or as many as there is room for.
        """
        for count in range(CHAIN):
            if not self._has(at + HEADER_OCTETS):
                return at == len(self.buffer) or count >= at_least
            end = _plausible_end(self.buffer, at)
            if end is None:
                return False
            if not self._has(end):
                return count + 1 >= at_least
            at = end
        return True

    def _extend(self) -> bool:
        """Append a page, or the rest of one; offsets into the buffer stay as they are."""
        if self._begun is not None:
            page, at = self._begun
            rest: bytes | None = page[at:]
            self._begun = None
        else:
            rest = self._next()
        self.buffer += rest or b""
        return rest is not None

    def _next(self) -> bytes | None:
        """Take a page; None at the end of the dump, however often it is asked for."""
        page = None if self._ended else next(self._pages, None)
        self._ended = page is None
        return page

    def _has(self, end: int) -> bool:
        """Whether the dump goes up to an offset of the buffer; reads on to find out."""
        while end > len(self.buffer):
            if not self._extend():
                return False
        return True

    def _seek(self, at: int) -> None:
        """Go to the next place where a chain of record headers starts, or to the dump's end."""
        while True:
            if at >= _SEARCHED:  # damage of any length is passed in the same memory
                self._drop(at)
                at = 0
            match = _HEADER_PATTERN.search(self.buffer, at)
            if match is None:
                self._drop(max(at, len(self.buffer) - HEADER_OCTETS + 1))
                at = 0
                if not self._extend():
                    self.at = len(self.buffer)
                    return
            elif self.is_chain(match.start(), at_least=2):
                self.at = match.start()
                return
            else:
                at = match.start() + 1

    def _drop(self, at: int) -> None:
        self.base += at
        self.buffer = self.buffer[at:]
        self.at = 0


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
