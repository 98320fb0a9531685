"""What is known from live events, and how surely. No I/O and no clock: time comes from events."""

from peerlint.monitor.feed_readings import feed_readings, is_synchronised
from peerlint.monitor.feed_tables import FeedTables, KeptRoutes
from peerlint.monitor.held_routes import MAX_COUNTED, RouteBudget
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
    "is_synchronised",
]
