"""Find the records in a stream of octets, and the next record after damage.

Both readers of dumps use this module: `peerlint.bulk.reader` and `peerlint.wire.reader`. Every
octet of the stream is counted as read, skipped or lost.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterable
from typing import Final, Literal

from peerlint.errors import DamageError
from peerlint.wire.damage import KEPT_DAMAGE, Damage
from peerlint.wire.mrt import EXTENDED_TYPES, HEADER_OCTETS, MAX_RECORD, SUBTYPES, MrtType

#: The number of record headers that must follow one another where reading resumes after damage.
CHAIN: Final = 3
#: The maximum number of octets copied for each octet of the stream. A record that spans chunks is
#: copied once, and the octets after a broken record once more; the rest is for further damage.
COPIES: Final = 4
#: Octets that may be copied in addition, so that small chunks need not be collected first.
SLACK: Final = 1 << 16


class Framing:
    """The octets of one dump that have not been read yet, and the damage so far.

    Attributes:
        source: the dump's name, for errors.
        buffer: the octets in memory.
        at: index in `buffer` of the next record.
        base: offset of `buffer` in the stream.
        lost: the number of octets lost.
        damages: the number of damages.
        damage: the first `KEPT_DAMAGE` of them.
        copied: octets that were copied to join chunks; at most `COPIES` for each octet of the
            stream so far, plus `SLACK`.
    """

    def __init__(
        self, chunks: Iterable[bytes], *, source: str, on_damage: Literal["keep", "raise"] = "keep"
    ) -> None:
        """Prepare to read; no chunk is taken yet.

        Args:
            chunks: the decompressed dump, in chunks of any size.
            source: the dump's name, for errors.
            on_damage: "raise" raises a `DamageError` at the first damage.
        """
        self.source = source
        self.buffer = b""
        self.at = self.base = 0
        self.lost = self.damages = self.copied = 0
        self.damage: list[Damage] = []
        self._chunks = iter(chunks)
        self._begun: tuple[bytes, int] | None = None  # a chunk, and the octets taken of it
        self._on_damage = on_damage
        self._ended = False

    @property
    def octets(self) -> int:
        """The number of octets of the stream that have been passed."""
        return self.base + self.at

    def next_chunk(self) -> bool:
        """Drop the octets that have been passed and continue with the next chunk.

        If a record spans chunks, the buffer first has only that record, and then the last chunk
        itself, not a copy.

        Returns:
            False at the end of the dump.
        """
        if self._remaining:
            return self._complete()
        if self._begun is None:
            chunk = self._next()
            taken = (b"" if chunk is None else chunk), 0
        else:
            chunk, taken = self._begun[0], self._begun
        self.base, self._begun = self.octets, None
        self.buffer, self.at = taken
        self.base -= self.at
        return chunk is not None

    def go_on(self, chunks: Iterable[bytes]) -> None:
        """Continue a dump that is still being written, after the end of the chunks so far.

        The octets that have not been passed are kept in front of them.
        """
        self._chunks, self._ended = iter(chunks), False

    @property
    def pending(self) -> bytes:
        """The octets that have not been passed."""
        return self.buffer[self.at :]

    @property
    def _remaining(self) -> int:
        """The number of octets of the buffer that have not been passed."""
        return len(self.buffer) - self.at

    def _complete(self) -> bool:
        """Append the missing part of the current record; False at the end of the dump."""
        before = self._remaining
        if before < HEADER_OCTETS:
            self._has(HEADER_OCTETS)
        if self._remaining >= HEADER_OCTETS:
            length = int.from_bytes(self.buffer[self.at + 8 : self.at + HEADER_OCTETS])
            if length <= MAX_RECORD:
                self._has(HEADER_OCTETS + length)
        return self._remaining > before or self._extend()

    def note(self, at: int, octets: int, expected: str, found: str) -> None:
        """Record a damage.

        Args:
            at: offset of the damage in the stream.
            octets: the number of octets lost.
            expected: what the format requires there.
            found: what the dump has there.

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

    def pass_broken(self, broken_at: int, record_end: int, expected: str, found: str) -> None:
        """Pass a record whose body is malformed from `broken_at` on.

        Like the other `pass_` methods, it may drop passed octets, after which offsets into the
        buffer are invalid.

        Args:
            broken_at: index in the buffer of the first octet that cannot be read.
            record_end: index in the buffer of the record's end, by its length.
            expected: what the format requires at `broken_at`.
            found: what the dump has there.
        """
        start, size, read = self.base + broken_at, record_end - self.at, broken_at - self.at
        if self.is_sound(size):
            self.at += size  # the length is trusted: only the rest of the record is lost
        else:
            self._seek(max(read, 1))
        self.note(start, self.octets - start, expected, found)

    def pass_headless(self) -> None:
        """Pass octets that cannot be a record header."""
        start = self.octets
        head = self.buffer[self.at : self.at + HEADER_OCTETS].hex()
        self._seek(1)
        self.note(start, self.octets - start, "an MRT record header", head)

    def pass_tail(self) -> bool:
        """Pass an incomplete record at the end; return whether other records were found in it."""
        size = self._remaining
        if not size:
            return False
        start = self.octets
        if size < HEADER_OCTETS:
            expected = f"{HEADER_OCTETS} octets of MRT header"
        else:
            length = int.from_bytes(self.buffer[self.at + 8 : self.at + HEADER_OCTETS])
            expected = f"{HEADER_OCTETS + length:,} octets of record"
        # If its length is wrong, the rest of the dump may contain other records.
        self._seek(1)
        found = f"{size:,} octets and the end of the dump"
        self.note(start, self.octets - start, expected, found)
        return bool(self._remaining)

    def is_sound(self, size: int) -> bool:
        """Return whether a record header or the end of the dump follows the current record.

        If so, the length of the record is trusted. The times of the two records are not compared:
        a quiet session may send no message for days.

        Args:
            size: the size of the current record, header included.
        """
        if not self._has(size + HEADER_OCTETS):
            return size == self._remaining
        return _plausible_end(self.buffer, self.at + size) is not None

    def is_chain(self, *, at_least: int = CHAIN) -> bool:
        """Return whether several records follow one another from the current position.

        Args:
            at_least: the number of headers that is enough if the dump ends inside the last record;
                otherwise `CHAIN` are needed, or as many as fit before the end.
        """
        size = 0
        for count in range(CHAIN):
            if not self._has(size + HEADER_OCTETS):
                return size == self._remaining or count >= at_least
            end = _plausible_end(self.buffer, self.at + size)
            if end is None:
                return False
            size = end - self.at
            if not self._has(size):
                return count + 1 >= at_least
        return True

    def _has(self, size: int) -> bool:
        """Return whether at least `size` octets follow; chunks are read if needed.

        The octets in memory and the chunks are joined once. If that would exceed `COPIES`, more
        chunks than needed are read first: after damage, a large part of the stream may be in
        memory, and each record in it may need a little more.
        """
        available = self._remaining
        if size <= available:
            return True
        parts = [memoryview(self.buffer)[self.at :]]
        while available < size or not self._may_join(available):
            taken = self._take_chunk()
            if taken is None:
                break
            chunk, at = taken
            if available < size <= available + len(chunk) - at and self._may_join(size):
                end = at + size - available
                if end < len(chunk):
                    self._begun = chunk, end
            else:
                end = len(chunk)
            parts.append(memoryview(chunk)[at:end])
            available += end - at
        if len(parts) > 1:
            self.base, self.at = self.octets, 0
            self.buffer = b"".join(parts)
            self.copied += available
        return size <= available

    def _may_join(self, size: int) -> bool:
        """Return whether `size` octets may be copied now, and once more at the end of the dump."""
        return self.copied + size <= (COPIES - 1) * (self.octets + size) + SLACK

    def _extend(self) -> bool:
        """Append a chunk, or the rest of one; return False at the end of the dump."""
        before = self._remaining
        if self._begun is None and (chunk := self._next()) is not None:
            self._begun = chunk, 0
        if self._begun is not None:
            chunk, at = self._begun
            self._has(before + len(chunk) - at)
            return True
        return False

    def _take_chunk(self) -> tuple[bytes, int] | None:
        """Take a chunk and the number of its octets taken before; None at the end of the dump."""
        taken, self._begun = self._begun, None
        if taken is None and (chunk := self._next()) is not None:
            taken = chunk, 0
        return taken

    def _next(self) -> bytes | None:
        """Take the next chunk that is not empty; return None at the end of the dump."""
        while not self._ended:
            chunk = next(self._chunks, None)
            if chunk:
                return chunk
            self._ended = chunk is None
        return None

    def _seek(self, distance: int) -> None:
        """Move to the next chain of record headers, or to the end of the dump.

        Args:
            distance: octets from the current position to the first candidate.
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
    """Return whether octets may start with the header of a record."""
    return len(octets) >= HEADER_OCTETS and _plausible_end(octets, 0) is not None


def _plausible_end(buffer: bytes, at: int) -> int | None:
    """Return the end of the record at `at`, or None if the 12 octets there are no header."""
    kind: int
    subtype: int
    length: int
    kind, subtype, length = struct.unpack_from(">HHI", buffer, at + 4)
    if length > MAX_RECORD or kind not in SUBTYPES or subtype not in SUBTYPES[kind]:
        return None
    if kind in EXTENDED_TYPES and length < 4:  # the microseconds, which may be in the next chunk
        return None
    return at + HEADER_OCTETS + length
