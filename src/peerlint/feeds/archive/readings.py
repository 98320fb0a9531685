"""What was found in an archive: what kind it is, what it gave, and what is wrong with it."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

import attrs

#: The number of texts about one file that are kept; further ones are only counted.
KEPT: Final = 20


class ArchiveKind(StrEnum):
    """What an archive is, by its content."""

    TABLE = "MRT table"
    UPDATES = "MRT updates"
    BMP = "BMP stream"
    RIS_LIVE = "RIS Live messages"
    UNKNOWN = "unknown"


@attrs.define(eq=False)
class ArchiveReading:
    """What was found in one file. It is complete when the events of all archives are read.

    Attributes:
        name: the file, as the user names it.
        router: what its events call its router; empty for RIS Live, whose messages name collectors.
        kind: what it is.
        events: how many events it gave.
        first: the time of its first record, in microseconds since 1970; None if it has none.
        last: the time of its last record.
        damage: why records may be missing or cannot be read.
        error: why the file cannot be read at all; empty if it can.
        remarks: what else is unusual.
        more: how many further damages and remarks there are.
    """

    name: str
    router: str = ""
    kind: ArchiveKind = ArchiveKind.UNKNOWN
    events: int = 0
    first: int | None = None
    last: int | None = None
    damage: list[str] = attrs.Factory(list)
    error: str = ""
    remarks: list[str] = attrs.Factory(list)
    more: int = 0

    @property
    def is_sound(self) -> bool:
        """Whether all of the file could be read."""
        return not self.error and not self.damage

    def add_damage(self, reason: str) -> None:
        """Note why records may be missing."""
        self._add(self.damage, reason)

    def add_remark(self, text: str) -> None:
        """Note what is unusual."""
        self._add(self.remarks, text)

    def _add(self, texts: list[str], text: str) -> None:
        if text in texts:
            return
        if len(texts) < KEPT:
            texts.append(text)
        else:
            self.more += 1

    def note_time(self, time: int) -> None:
        """Note the time of a record; times of one file are nearly in order."""
        if self.first is None:
            self.first = time
        self.last = time
