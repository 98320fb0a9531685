"""Statements of people in an inventory: attestations, waivers and maintenance windows."""

from __future__ import annotations

from collections.abc import Container
from datetime import date, datetime
from typing import Final

import attrs

#: The scope of a maintenance window that is about everything.
EVERYTHING: Final = "*"


@attrs.frozen
class Attestation:
    """A person's statement that a requirement, which cannot be observed, is met or not met.

    Attributes:
        rule: the id of the rule.
        scope: what the statement is about: the name of a peering, connection, session, router or
            peering service, or a prefix.
        by: the person who makes the statement.
        on: the first day on which it is valid.
        until: the last day on which it is valid; None if it does not expire.
        holds: whether the requirement is met.
    """

    rule: str
    scope: str
    by: str
    on: date
    until: date | None = None
    holds: bool = True

    def is_expired(self, today: date) -> bool:
        """Return whether its last day is before a day."""
        return self.until is not None and self.until < today

    def counts_on(self, today: date) -> bool:
        """Return whether it is valid on a day."""
        return self.on <= today and not self.is_expired(today)


@attrs.frozen
class Waiver:
    """A decision to accept a problem for a limited time.

    Attributes:
        rule: the id of the rule.
        scope: what the waiver applies to, as in an attestation.
        reason: why the problem is accepted.
        by: the person who decided.
        until: the last day on which the waiver is valid.
    """

    rule: str
    scope: str
    reason: str
    by: str
    until: date

    def is_expired(self, today: date) -> bool:
        """Return whether its last day is before a day."""
        return self.until < today

    def counts_on(self, today: date) -> bool:
        """Return whether it is valid on a day."""
        return not self.is_expired(today)


@attrs.frozen
class MaintenanceWindow:
    """A time in which problems are expected: `peerlint watch` sends no alerts of them.

    Attributes:
        scope: what is worked on, as in an attestation; "*" for everything.
        start: when the work begins, with its zone.
        until: when the work ends, with its zone; this moment is not part of it.
        reason: what is done.
        by: the person or team that does it.
    """

    scope: str
    start: datetime
    until: datetime
    reason: str
    by: str

    def covers(self, names: Container[str], time: datetime) -> bool:
        """Return whether a problem is expected.

        Args:
            names: the names of what the problem is about: its peering, connection, session,
                router and prefix.
            time: the time of the problem, with its zone.
        """
        return self.start <= time < self.until and (self.scope == EVERYTHING or self.scope in names)
