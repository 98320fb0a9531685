"""The scopes of rules."""

from __future__ import annotations

from enum import StrEnum


class Scope(StrEnum):
    """The kind of subject that a rule is evaluated for."""

    INVENTORY = "inventory"
    PEERING = "peering"
    CONNECTION = "connection"
    SESSION = "session"
    PREFIX = "prefix"
    CELL = "cell"
    SERVICE_PREFIX = "service-prefix"
