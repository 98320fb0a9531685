"""Exit status: 2 beats 3 beats 1 beats 0."""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    """The exit status of the program."""

    CLEAN = 0
    FINDINGS = 1  # see --fail-on
    USAGE = 2  # wrong arguments, missing or bad inventory or profile, no room for the output
    SOURCES = (
        3  # a source is missing, unreadable, empty or damaged, or none shows a session or route
    )
    NOT_FOUND = 4  # `registry validate`: no VRP covers the prefix
    BUG = 70  # a bug in peerlint
    HUNG_UP = 129  # SIGHUP: 128 and the number of the signal, as shells count
    INTERRUPTED = 130  # SIGINT
    TERMINATED = 143  # SIGTERM
