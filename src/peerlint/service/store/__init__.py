"""The store of a watch: its alerts, what has to be delivered, and the state of its monitor."""

from peerlint.service.store.database import SinkQueue
from peerlint.service.store.retention import Retention
from peerlint.service.store.store import Store, open_store
from peerlint.service.store.writer import RetryTimes

__all__ = [
    "Retention",
    "RetryTimes",
    "SinkQueue",
    "Store",
    "open_store",
]
