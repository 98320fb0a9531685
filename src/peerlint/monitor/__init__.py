"""What live feeds show, whether it is complete, and which alerts follow. No I/O, no clock."""

from peerlint.bulk import MAX_COUNTED, RouteBudget
from peerlint.monitor.feed_readings import feed_readings
from peerlint.monitor.feed_remarks import gap_texts
from peerlint.monitor.feed_tables import FeedTables, KeptRoutes
from peerlint.monitor.session_routers import synchronised_sessions
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
