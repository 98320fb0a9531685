"""The form in which alerts are sent: the classes of `peerlint/alert/1`."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Final

import attrs

from peerlint.results import Severity

SCHEMA: Final = "peerlint/alert/1"


class AlertStatus(StrEnum):
    """Whether an alert is open."""

    OPEN = "open"
    RESOLVED = "resolved"


class AlertKind(StrEnum):
    """Why an alert is sent."""

    OPENED = "opened"
    CHANGED = "changed"
    REPEATED = "repeated"
    RESOLVED = "resolved"


@attrs.frozen
class AffectedEntry:
    """A prefix, a session, or a prefix on a session that an alert is about.

    Attributes:
        prefix: the prefix as declared; empty if it is about a whole session.
        session: the id of the session; empty if it is about no session in particular.
    """

    prefix: str
    session: str


@attrs.frozen(kw_only=True)
class AlertDocument:
    """One message about an alert.

    Attributes:
        schema: the schema of this document.
        id: the id of the alert, the same in all messages about it.
        delivery: the id of this message; if it is delivered twice, it has the same id.
        number: the number of this message among those about the alert, from 1.
        kind: why it is sent.
        status: whether the alert is open.
        severity: the worst severity of its problems.
        rule: the id of the rule; "session.down" and "feed.silent" for what no rule is about.
        title: what is wrong, in one line.
        reason: what was found and what was expected.
        fix: what to do; empty if that is not known.
        portal: the messages that Microsoft's portal would show.
        events: the names of Microsoft's events of the same kind, such as PrefixWithdrawalEvent.
        peering: the name of the peering; empty if it is about none.
        session: the id of the session, if its cause is on one session; else empty.
        prefix: the prefix as declared, if its cause is about one prefix; else empty.
        about: "flapping" for problems that come and go, the name of the feed for "feed.silent";
            else empty.
        affected: the first prefixes and sessions that it is about.
        more: the number of further ones.
        evidence: the first routes that support it, and where they were seen.
        basis: the documents that its rule is based on.
        first_seen: when the first of its problems began.
        opened: when the alert was opened.
        last_seen: when one of its problems was last seen.
        resolved: when it was resolved; null if it is open.
        resolution: why it is resolved; null if it is open.
        unknown: why it is not known now whether it is still there; empty if it is known.
        link: where the status page shows it, relative to the page.
    """

    schema: str = SCHEMA
    id: str
    delivery: str
    number: int
    kind: AlertKind
    status: AlertStatus
    severity: Severity
    rule: str
    title: str
    reason: str
    fix: str
    portal: tuple[str, ...]
    events: tuple[str, ...]
    peering: str
    session: str
    prefix: str
    about: str
    affected: tuple[AffectedEntry, ...]
    more: int
    evidence: tuple[str, ...]
    basis: tuple[str, ...]
    first_seen: datetime
    opened: datetime
    last_seen: datetime
    resolved: datetime | None
    resolution: str | None
    unknown: str
    link: str


#: The keys of the document that differ from the names of the fields.
KEYS: Final = {"portal": "microsoft_says"}
