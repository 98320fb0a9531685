"""The text of `/metrics`: the monitor, the process, and the report."""

from __future__ import annotations

from collections.abc import Iterator

import attrs
from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest

from peerlint.monitor.status import MonitorStatus
from peerlint.report.prometheus import report_parts
from peerlint.results import Report
from peerlint.service.sink_status import SinkStatus
from peerlint.service.status_metrics import status_text
from peerlint.service.status_source import StatusSource


@attrs.frozen
class Snapshot:
    """All that `/metrics` shows, at one time.

    Attributes:
        report: the report.
        status: the status of the monitor.
        deliveries: what became of notices, by receiver.
        is_ready: whether the monitor can be relied on.
        has_store_error: whether alerts cannot be stored.
        is_inventory_refused: whether the inventory that was read last is not used.
        is_registry_refused: whether the newest registry data are not used.
    """

    report: Report
    status: MonitorStatus
    deliveries: tuple[SinkStatus, ...] = ()
    is_ready: bool = True
    has_store_error: bool = False
    is_inventory_refused: bool = False
    is_registry_refused: bool = False

    @classmethod
    def of(cls, source: StatusSource, report: Report) -> Snapshot:
        """Ask a source for all but the report.

        Args:
            source: the source.
            report: its report.
        """
        return cls(
            report,
            source.status(),
            source.deliveries(),
            is_ready=not source.why_not_ready(),
            has_store_error=bool(source.store_error()),
            is_inventory_refused=bool(source.inventory_error()),
            is_registry_refused=bool(source.registry_error()),
        )


def metrics_parts(snapshot: Snapshot) -> Iterator[str]:
    """Yield the text of `/metrics` in parts.

    Args:
        snapshot: what it shows.
    """
    yield status_text(
        snapshot.status,
        snapshot.deliveries,
        is_ready=snapshot.is_ready,
        has_store_error=snapshot.has_store_error,
        is_inventory_refused=snapshot.is_inventory_refused,
        is_registry_refused=snapshot.is_registry_refused,
    )
    yield _of_process()
    yield from report_parts(snapshot.report)


def _of_process() -> str:
    """Return the memory, processor time and open files of this process (Linux only)."""
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    return generate_latest(registry).decode()
