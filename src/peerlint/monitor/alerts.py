"""Alerts: what is wrong, since when, and when it was fine again. One alert for each cause."""

from __future__ import annotations

from enum import StrEnum

import attrs

from peerlint.results import Severity


class Resolution(StrEnum):
    """Why an alert is resolved; the value is a text."""

    COMPLIES = "complies again"
    SESSION_UP = "the session is up again"
    FEED_BACK = "the feed is there again"
    STABLE = "has not changed for a while"
    WITHDRAWN = "the route that broke the rule is withdrawn"
    GONE = "no session shows the prefix of a member any more"
    WAIVED = "a waiver covers it now"
    OTHER_CAUSE = "another alert says so now"
    NOT_DECLARED = "the inventory does not have it any more"


@attrs.frozen(cache_hash=True)
class Cause:
    """What an alert is about; at most one alert of a cause is open at a time.

    Attributes:
        rule: the id of the rule; see `ProblemKey` for what no rule is about.
        peering: the name of the peering; empty if it is about none.
        session: the id of the session, if the cause is on one session; else empty.
        prefix: the prefix as declared, if the cause is about one prefix; else empty.
        about: what distinguishes it from other causes with the same rule and names: "flapping", or
            the name of a feed.
    """

    rule: str
    peering: str = ""
    session: str = ""
    prefix: str = ""
    about: str = ""


@attrs.frozen
class Affected:
    """A prefix, a session, or a prefix on a session that an alert is about.

    Attributes:
        prefix: the prefix as declared; empty if it is about a whole session.
        session: the id of the session; empty if it is about no session in particular.
    """

    prefix: str = ""
    session: str = ""


@attrs.frozen(kw_only=True)
class Alert:
    """One cause of problems at one time. All times are microseconds since 1970.

    Attributes:
        id: the id, given once: a cause that comes back is a new alert with a new id.
        cause: what it is about.
        severity: the worst severity of its problems.
        title: what is wrong, in one line.
        reason: what was found and what was expected.
        fix: what to do; empty if that is not known.
        portal: the messages that Microsoft's portal would show.
        events: the names of Microsoft's events of the same kind, such as PrefixWithdrawalEvent.
        affected: the first prefixes and sessions that it is about.
        more: the number of further ones.
        evidence: the first routes that support it, or what the feed said.
        basis: the documents that its rule is based on.
        first_seen: when the first of its problems began.
        opened: when it had held for its time, and the alert was opened.
        last_seen: when one of its problems was last seen; the time of the alert if it is open and
            all is known.
        unknown: why it is not known now whether it is still there; empty if it is known.
        resolved: when it was resolved; None if it is open.
        resolution: why it is resolved; None if it is open.
        link: where the status page shows it, relative to the page.
    """

    id: str
    cause: Cause
    severity: Severity
    title: str
    reason: str
    fix: str = ""
    portal: tuple[str, ...] = ()
    events: tuple[str, ...] = ()
    affected: tuple[Affected, ...] = ()
    more: int = 0
    evidence: tuple[str, ...] = ()
    basis: tuple[str, ...] = ()
    first_seen: int
    opened: int
    last_seen: int
    unknown: str = ""
    resolved: int | None = None
    resolution: Resolution | None = None
    link: str = ""

    @property
    def is_open(self) -> bool:
        """Whether it is not resolved."""
        return self.resolved is None


class NoticeKind(StrEnum):
    """Why the receivers of alerts are told of one."""

    OPENED = "opened"
    CHANGED = "changed"
    REPEATED = "repeated"
    RESOLVED = "resolved"


@attrs.frozen
class Notice:
    """One message about an alert, as all sinks deliver it.

    Attributes:
        number: the number among the notices of the alert, from 1.
        kind: why it is sent.
        time: when, in microseconds since 1970.
        alert: the alert at that time.
    """

    number: int
    kind: NoticeKind
    time: int
    alert: Alert

    @property
    def id(self) -> str:
        """The id of the delivery, which stays the same when it is repeated."""
        return f"{self.alert.id}-{self.number}"
