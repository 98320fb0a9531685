"""The scopes of rules."""

from __future__ import annotations

from enum import StrEnum


class Scope(StrEnum):
    """What a rule is asked about, one at a time."""

    INVENTORY = "inventory"
    PEERING = "peering"
    CONNECTION = "connection"
    SESSION = "session"
    PREFIX = "prefix"
    CELL = "cell"
    SERVICE_PREFIX = "service-prefix"
