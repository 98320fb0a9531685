"""What the monitor knows now of sessions and feeds, for metrics and the status page."""

from __future__ import annotations

from collections.abc import Mapping

import attrs

from peerlint.monitor.alerts import Alert
from peerlint.monitor.transitions import Transition
from peerlint.observations import Coverage


@attrs.frozen
class SessionStatus:
    """What is known of a session.

    Attributes:
        session: its id.
        peering: the name of its peering.
        router: the router at the partner's end; empty if the inventory does not name it.
        is_up: whether a feed says that it is established; None if no feed says it.
        coverage: the best coverage of its tables.
        evidence: what shows that all of its routes are known, or why they are not, as a text.
        routes: how many of its routes are held.
        last: when a feed said something of it last, in microseconds since 1970; None if never.
    """

    session: str
    peering: str
    router: str
    is_up: bool | None
    coverage: Coverage
    evidence: str
    routes: int = 0
    last: int | None = None


@attrs.frozen
class FeedStatus:
    """What is known of a feed.

    Attributes:
        feed: its name.
        is_lost: whether it, or the connection of one of its routers, is lost or silent.
        reason: why; empty if it is not.
        events: the number of its events by kind, such as "announce"; kinds without events too.
        gaps: how often events may have been missed.
        last_event: when its last event came, in microseconds since 1970; None if none came.
        queue: how many events wait to be evaluated.
        lag: how old the oldest of these is, in seconds.
    """

    feed: str
    is_lost: bool
    reason: str
    events: Mapping[str, int]
    gaps: int
    last_event: int | None
    queue: int = 0
    lag: float = 0.0


@attrs.frozen
class MonitorStatus:
    """What is known now.

    Attributes:
        time: the time of the monitor, in microseconds since 1970.
        sessions: all sessions of the inventory, in its order.
        feeds: all feeds.
        alerts: the open alerts: errors first, then the oldest first.
        transitions: the last transitions, the newest first.
        resolved: the alerts that were resolved last, the newest first.
    """

    time: int
    sessions: tuple[SessionStatus, ...] = ()
    feeds: tuple[FeedStatus, ...] = ()
    alerts: tuple[Alert, ...] = ()
    transitions: tuple[Transition, ...] = ()
    resolved: tuple[Alert, ...] = ()
