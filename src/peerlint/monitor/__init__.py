"""What is known from live events, and how surely. No I/O and no clock: time comes from events."""

from peerlint.bulk import MAX_COUNTED, RouteBudget
from peerlint.monitor.feed_claims import synchronised_sessions
from peerlint.monitor.feed_readings import feed_readings, gap_texts
from peerlint.monitor.feed_tables import FeedTables, KeptRoutes
from peerlint.monitor.synchronisation import HOLD, Reconnect, Synchronisation
from peerlint.monitor.table_state import Proof, TableState

__all__ = [
    "HOLD",
    "MAX_COUNTED",
    "FeedTables",
    "KeptRoutes",
    "Proof",
    "Reconnect",
    "RouteBudget",
    "Synchronisation",
    "TableState",
    "feed_readings",
    "gap_texts",
    "synchronised_sessions",
]
