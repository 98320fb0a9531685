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

#: After damage, reading goes on where so many record headers follow one another.
CHAIN: Final = 3
#: Headers of one chain are at most so far apart, in microseconds: a day.
CHAIN_SPAN: Final = 86_400_000_000


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
        self._on_damage = on_damage
        self._ended = False

    @property
    def octets(self) -> int:
        """How far the stream was passed."""
        return self.base + self.at

    def next_page(self) -> bool:
        """Drop what has been passed and append a page; False at the end of the dump."""
        self.base += self.at
        self.buffer = self.buffer[self.at :]
        self.at = 0
        return self._extend()

    def lose(self, at: int, resumed: int, expected: str, found: str) -> None:
        """Go on at `resumed`; what stands between is lost."""
        self.note(at, resumed - at, expected, found)
        self.at = resumed

    def note(self, at: int, octets: int, expected: str, found: str) -> None:
        """Count octets as lost.

        Raises:
            DamageError: with on_damage="raise".
        """
        if self._on_damage == "raise":
            raise DamageError(self.source, self.base + at, expected=expected, found=found)
        self.damages += 1
        self.lost += octets
        if len(self.damage) < KEPT_DAMAGE:
            self.damage.append(Damage(self.base + at, octets, expected, found))

    def pass_broken(self, broken_at: int, record_end: int, expected: str, found: str) -> None:
        """Go on after a record whose body makes no sense from `broken_at` on."""
        if self.is_chain(record_end, at_least=1):
            # Its length can be believed: only the rest of the record is lost.
            resumed = record_end
        else:
            resumed = self._resynchronise(max(broken_at, self.at + 1))
        self.lose(broken_at, resumed, expected, found)

    def pass_headless(self) -> None:
        """Go on after a head that can be none."""
        head = self.buffer[self.at : self.at + HEADER_OCTETS].hex()
        self.lose(self.at, self._resynchronise(self.at + 1), "an MRT record header", head)

    def pass_tail(self) -> bool:
        """Account for what the end of the dump leaves; True if records were found in it."""
        at, size = self.at, len(self.buffer)
        if at == size:
            return False
        # A length that lies swallows the rest of the dump: is there another record inside?
        resumed = self._resynchronise(at + 1)
        if size - at < HEADER_OCTETS:
            expected = f"{HEADER_OCTETS} octets of MRT header"
        else:
            expected = f"{int.from_bytes(self.buffer[at + 8 : at + 12]):,} octets of record"
        found = f"{size - at:,} octets and the end of the dump"
        self.lose(at, resumed, expected, found)
        return self.at < size

    def is_chain(self, at: int, *, at_least: int = CHAIN) -> bool:
        """Whether record headers follow one another from an offset of the buffer.

        Args:
            at: where the first should stand.
            at_least: how many will do where the dump ends inside the last of them; otherwise
                there have to be `CHAIN`, or as many as there is room for.
        """
        earliest: int | None = None
        for count in range(CHAIN):
            if not self._has(at + HEADER_OCTETS):
                return at == len(self.buffer) or count >= at_least
            header = _plausible(self.buffer, at)
            if header is None:
                return False
            timestamp, end = header
            if earliest is not None and abs(timestamp - earliest) > CHAIN_SPAN:
                return False
            earliest = timestamp
            if not self._has(end):
                return count + 1 >= at_least
            at = end
        return True

    def _extend(self) -> bool:
        """Append a page; offsets into the buffer stay as they are."""
        page = None if self._ended else next(self._pages, None)
        if page is None:
            self._ended = True
            return False
        self.buffer += page
        return True

    def _has(self, end: int) -> bool:
        """Whether the dump goes up to an offset of the buffer; reads on to find out."""
        while end > len(self.buffer):
            if not self._extend():
                return False
        return True

    def _resynchronise(self, at: int) -> int:
        """Return the next offset where a chain of record headers starts, or the dump's end."""
        while True:
            match = _HEADER_PATTERN.search(self.buffer, at)
            if match is not None:
                if self.is_chain(match.start(), at_least=2):
                    return match.start()
                at = match.start() + 1
            else:
                at = max(at, len(self.buffer) - HEADER_OCTETS + 1)
                if not self._extend():
                    return len(self.buffer)


#: A timestamp, a type and a subtype that exist, and a length below `MAX_RECORD`.
_HEADER_PATTERN: Final = re.compile(
    rb"(?=....\0["
    + b"".join(re.escape(bytes((kind,))) for kind in sorted(MrtType))
    + rb"]\0[\0-\x3f](?:\0...|\x01\0\0\0))",
    re.DOTALL,
)


def _plausible(buffer: bytes, at: int) -> tuple[int, int] | None:
    """Return timestamp and end of the record at `at` if its head of 12 octets can be one."""
    seconds, kind, subtype, length = struct.unpack_from(">IHHI", buffer, at)
    if length > MAX_RECORD or kind not in SUBTYPES or subtype not in SUBTYPES[kind]:
        return None
    if kind in EXTENDED_TYPES and length < 4:  # the microseconds, which may be on the next page
        return None
    return seconds * 1_000_000, at + HEADER_OCTETS + length
