"""Transitions: what changed for a prefix on a session, a prefix, a session or a peering."""

from __future__ import annotations

from enum import StrEnum

import attrs


class TransitionKind(StrEnum):
    """What a transition is of."""

    #: A prefix on a session: words of the report's matrix, such as "ok" and "missing".
    CELL = "cell"
    #: A registered prefix or a service prefix: its predicted states.
    PREFIX = "prefix"
    #: A peering: how many of its sessions announce all of its prefixes, such as "2 of 2".
    REDUNDANCY = "redundancy"
    #: A session: "up", "down" or "unknown".
    SESSION = "session"


@attrs.frozen
class Transition:
    """A state that changed and held for its time.

    Attributes:
        time: when it changed, in microseconds since 1970.
        kind: what changed.
        before: the state before; empty for the first one.
        after: the state now.
        peering: the name of the peering.
        prefix: the key of the prefix's row in the report; empty if it is about none.
        session: the id of the session; empty if it is about none.
    """

    time: int
    kind: TransitionKind
    before: str
    after: str
    peering: str
    prefix: str = ""
    session: str = ""
