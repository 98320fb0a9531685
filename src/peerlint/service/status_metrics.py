"""The metrics of the monitor: alerts, sessions, feeds, and deliveries.

The number of samples depends on the inventory, the feeds and the receivers of alerts. States are
labels: the state now has the value 1, and all others are 0 rather than absent.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Final

from peerlint.monitor import Proof
from peerlint.monitor.status import FeedStatus, MonitorStatus, SessionStatus
from peerlint.observations import Coverage
from peerlint.report.exposition import Metric, one_of
from peerlint.results import Severity
from peerlint.service.sink_status import SinkStatus

#: The states of a session.
SESSION_STATES: Final = ("up", "down", "unknown")
_UP: Final = {True: "up", False: "down", None: "unknown"}
#: The values of the label `evidence`, by the text of a session's status.
EVIDENCE: Final = {
    Proof.END_OF_RIB.value: "end-of-rib",
    Proof.COUNT.value: "count",
    Proof.QUIET.value: "quiet",
    Proof.DOWN.value: "down",
}
_OTHER: Final = "other"

READY: Final = Metric("peerlint_ready", "Whether the monitor can be relied on, as /readyz says.")
STORE_ERROR: Final = Metric(
    "peerlint_store_error",
    "Whether alerts cannot be stored now; nothing is forgotten meanwhile.",
)
INVENTORY_REFUSED: Final = Metric(
    "peerlint_inventory_refused",
    "Whether the inventory that was read last has mistakes, so that the one before is used.",
)
REGISTRY_REFUSED: Final = Metric(
    "peerlint_registry_refused",
    "Whether the newest registry data cannot be used, so that those before are, or none.",
)
ALERTS_OPEN: Final = Metric("peerlint_alerts_open", "The number of open alerts.", ("severity",))
SESSION_UP: Final = Metric(
    "peerlint_session_up",
    "Whether a feed says that a session is established.",
    ("peering", "session"),
)
SESSION_STATE: Final = Metric(
    "peerlint_session_state",
    "Whether a session has a state; it is unknown if no feed says it.",
    ("peering", "session", "state"),
)
SYNCHRONISED: Final = Metric(
    "peerlint_session_synchronised",
    "Whether all routes of a session are known, by what shows it.",
    ("peering", "session", "evidence"),
)
SESSION_ROUTES: Final = Metric(
    "peerlint_session_routes",
    "The number of routes of a session that are watched.",
    ("peering", "session"),
)
FEED_UP: Final = Metric(
    "peerlint_feed_up",
    "Whether a feed and the connections of all of its routers show signs of life.",
    ("feed",),
)
EVENTS: Final = Metric(
    "peerlint_events_total", "The number of events of a feed.", ("feed", "kind"), "counter"
)
GAPS: Final = Metric(
    "peerlint_gaps_total",
    "How often events of a feed may have been missed.",
    ("feed",),
    "counter",
)
LAG: Final = Metric(
    "peerlint_lag_seconds",
    "The age of the oldest event of a feed that is not evaluated yet.",
    ("feed",),
)
QUEUE: Final = Metric(
    "peerlint_queue_events",
    "The number of events of a feed that are not evaluated yet.",
    ("feed",),
)
LAST_EVENT: Final = Metric(
    "peerlint_last_event_timestamp_seconds",
    "When the last event of a feed came, in seconds since 1970; 0 if none came.",
    ("feed",),
)
DELIVERIES: Final = Metric(
    "peerlint_deliveries_total",
    "The number of notices that a receiver accepted, refused for good, or never gets because too "
    "many waited, and of attempts that failed.",
    ("sink", "result"),
    "counter",
)
DELIVERIES_WAITING: Final = Metric(
    "peerlint_deliveries_waiting",
    "The number of notices about alerts that a receiver has not accepted yet.",
    ("sink",),
)
LAST_DELIVERY: Final = Metric(
    "peerlint_deliveries_last_success_timestamp_seconds",
    "When a receiver accepted a notice last, in seconds since 1970; 0 if it never did.",
    ("sink",),
)
#: All metrics of the monitor, in the order of the text.
STATUS_METRICS: Final = (
    READY,
    STORE_ERROR,
    INVENTORY_REFUSED,
    REGISTRY_REFUSED,
    ALERTS_OPEN,
    SESSION_UP,
    SESSION_STATE,
    SYNCHRONISED,
    SESSION_ROUTES,
    FEED_UP,
    EVENTS,
    GAPS,
    LAG,
    QUEUE,
    LAST_EVENT,
    DELIVERIES,
    DELIVERIES_WAITING,
    LAST_DELIVERY,
)


def status_text(
    status: MonitorStatus,
    deliveries: Iterable[SinkStatus] = (),
    *,
    is_ready: bool = True,
    has_store_error: bool = False,
    is_inventory_refused: bool = False,
    is_registry_refused: bool = False,
) -> str:
    """Return the metrics of the monitor.

    Args:
        status: the status of now.
        deliveries: what became of notices, by receiver.
        is_ready: whether the monitor can be relied on.
        has_store_error: whether alerts cannot be stored.
        is_inventory_refused: whether the inventory that was read last is not used.
        is_registry_refused: whether the newest registry data are not used.
    """
    samples: dict[Metric, list[str]] = {each: [] for each in STATUS_METRICS}
    samples[READY].append(READY.sample(int(is_ready)))
    samples[STORE_ERROR].append(STORE_ERROR.sample(int(has_store_error)))
    samples[INVENTORY_REFUSED].append(INVENTORY_REFUSED.sample(int(is_inventory_refused)))
    samples[REGISTRY_REFUSED].append(REGISTRY_REFUSED.sample(int(is_registry_refused)))
    open_alerts = Counter(each.severity for each in status.alerts)
    for severity in Severity:
        samples[ALERTS_OPEN].append(ALERTS_OPEN.sample(open_alerts[severity], severity))
    for session in status.sessions:
        _collect(samples, _of_session(session))
    for feed in status.feeds:
        _collect(samples, _of_feed(feed))
    for delivery in deliveries:
        _collect(samples, _of_delivery(delivery))
    return "".join(metric.head + "".join(these) for metric, these in samples.items())


def _collect(samples: dict[Metric, list[str]], found: Iterable[tuple[Metric, str]]) -> None:
    for metric, text in found:
        samples[metric].append(text)


def _of_session(status: SessionStatus) -> Iterator[tuple[Metric, str]]:
    names = (status.peering, status.session)
    state = _UP[status.is_up]
    yield SESSION_UP, SESSION_UP.sample(int(state == "up"), *names)
    yield SESSION_STATE, one_of(SESSION_STATE, SESSION_STATES, state, *names)
    evidence = EVIDENCE.get(status.evidence, _OTHER) if status.coverage is Coverage.COMPLETE else ""
    yield SYNCHRONISED, one_of(SYNCHRONISED, (*EVIDENCE.values(), _OTHER), evidence, *names)
    yield SESSION_ROUTES, SESSION_ROUTES.sample(status.routes, *names)


def _of_feed(status: FeedStatus) -> Iterator[tuple[Metric, str]]:
    feed = status.feed
    yield FEED_UP, FEED_UP.sample(int(not status.is_lost), feed)
    yield (
        EVENTS,
        "".join(EVENTS.sample(number, feed, kind) for kind, number in status.events.items()),
    )
    yield GAPS, GAPS.sample(status.gaps, feed)
    yield LAG, LAG.sample(status.lag, feed)
    yield QUEUE, QUEUE.sample(status.queue, feed)
    yield LAST_EVENT, LAST_EVENT.sample(_seconds(status.last_event), feed)


def _of_delivery(status: SinkStatus) -> Iterator[tuple[Metric, str]]:
    sink = status.name
    yield DELIVERIES, DELIVERIES.sample(status.delivered, sink, "delivered")
    yield DELIVERIES, DELIVERIES.sample(status.failures, sink, "failed")
    yield DELIVERIES, DELIVERIES.sample(status.undeliverable, sink, "refused")
    yield DELIVERIES, DELIVERIES.sample(status.dropped, sink, "dropped")
    yield DELIVERIES_WAITING, DELIVERIES_WAITING.sample(status.waiting, sink)
    yield LAST_DELIVERY, LAST_DELIVERY.sample(_seconds(status.last_delivery), sink)


def _seconds(microseconds: int | None) -> float:
    return 0 if microseconds is None else microseconds / 1e6
