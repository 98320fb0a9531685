"""Exit status: 2 beats 3 beats 1 beats 0."""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    """What the program says to its caller."""

    CLEAN = 0
    FINDINGS = 1  # at or above --fail-on
    USAGE = 2  # wrong arguments, missing or bad inventory or profile, no room for the output
    DUMPS = 3  # a dump is missing, unreadable, empty or damaged
    BUG = 70  # our own mistake
    INTERRUPTED = 130
