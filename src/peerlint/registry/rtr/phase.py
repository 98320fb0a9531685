"""Where a session is in its connection."""

from __future__ import annotations

from enum import Enum, auto
from typing import Final


class Phase(Enum):
    """What a session waits for."""

    CLOSED = auto()  # there is no connection
    ASKED = auto()  # a query was sent
    ANSWERED = auto()  # its answer has begun
    READY = auto()  # nothing is asked


#: What a cache may send by phase, for errors.
EXPECTED: Final = {
    Phase.CLOSED: "nothing",
    Phase.ASKED: "a Cache Response",
    Phase.ANSWERED: "the rest of an answer",
    Phase.READY: "a Serial Notify, as nothing was asked",
}
