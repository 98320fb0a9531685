"""What is known from live events, and how surely. No I/O and no clock: time comes from events."""

from peerlint.bulk import MAX_COUNTED, RouteBudget
from peerlint.monitor.synchronisation import Reconnect, Synchronisation
from peerlint.monitor.table_state import Proof, TableState

__all__ = ["MAX_COUNTED", "Proof", "Reconnect", "RouteBudget", "Synchronisation", "TableState"]
