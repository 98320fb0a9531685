"""The metrics of the monitor: 0 rather than absent, and as many as the inventory needs."""

from __future__ import annotations

from typing import Protocol

import attrs
import pytest
from prometheus_client.parser import text_string_to_metric_families

from peerlint.monitor.status import MonitorStatus
from peerlint.report.prometheus import REPORT_METRICS
from peerlint.results import Report
from peerlint.service.metrics import Snapshot, metrics_parts
from peerlint.service.sink_status import SinkStatus
from peerlint.service.status_metrics import STATUS_METRICS, status_text

Labels = tuple[str, ...]


class Source(Protocol):
    """See conftest.py."""

    values: MonitorStatus
    document: Report
    sinks: tuple[SinkStatus, ...]


def samples(text: str) -> dict[str, dict[Labels, float]]:
    """Return the samples by name and labels, as Prometheus' parser sees them."""
    found: dict[str, dict[Labels, float]] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            labels = tuple(sample.labels.values())
            assert labels not in found.setdefault(sample.name, {}), "a sample is there twice"
            found[sample.name][labels] = sample.value
    return found


@pytest.mark.parametrize(
    ("name", "labels", "value"),
    [
        ("ready", (), 1),
        ("store_error", (), 0),
        ("inventory_refused", (), 0),
        ("registry_refused", (), 0),
        ("alerts_open", ("error",), 1),
        ("alerts_open", ("warning",), 1),
        ("alerts_open", ("info",), 0),
        ("session_up", ("contoso-ams", "ams-1"), 1),
        ("session_up", ("contoso-fra", "fra-1"), 0),
        ("session_up", ("contoso-fra", "fra-2"), 0),
        ("session_state", ("contoso-fra", "fra-1", "down"), 1),
        ("session_state", ("contoso-fra", "fra-2", "down"), 0),
        ("session_state", ("contoso-fra", "fra-2", "unknown"), 1),
        ("session_synchronised", ("contoso-ams", "ams-1", "end-of-rib"), 1),
        ("session_synchronised", ("contoso-ams", "ams-1", "count"), 0),
        ("session_synchronised", ("contoso-ams", "ams-2", "count"), 1),
        ("session_synchronised", ("contoso-fra", "fra-2", "other"), 0),
        ("session_routes", ("contoso-ams", "ams-1"), 9),
        ("feed_up", ("bmp",), 1),
        ("feed_up", ("ris-live",), 0),
        ("events_total", ("bmp", "announce"), 31),
        ("events_total", ("ris-live", "withdraw"), 0),
        ("gaps_total", ("bmp",), 1),
        ("lag_seconds", ("bmp",), 0.25),
        ("queue_events", ("bmp",), 3),
        ("last_event_timestamp_seconds", ("bmp",), 1_795_262_399.75),
        ("last_event_timestamp_seconds", ("ris-live",), 0),
        ("deliveries_total", ("webhook https://hooks.contoso.example", "delivered"), 9),
        ("deliveries_total", ("webhook https://hooks.contoso.example", "failed"), 40),
        ("deliveries_waiting", ("webhook https://hooks.contoso.example",), 3),
        ("deliveries_last_success_timestamp_seconds",
         ("webhook https://hooks.contoso.example",), 0),
    ],
)  # fmt: skip
def test_samples(source: Source, name: str, labels: Labels, value: float) -> None:
    """Each sample has the value that the status has."""
    found = samples(status_text(source.values, source.sinks))

    assert value == found[f"peerlint_{name}"][labels]


def test_the_reason_of_a_session_is_no_label(source: Source) -> None:
    """A session that is not synchronised is 0 with every evidence, whatever the reason says."""
    text = status_text(source.values)

    assert "4 came" not in text
    found = samples(text)["peerlint_session_synchronised"]
    assert {0} == {value for labels, value in found.items() if labels[1] == "fra-2"}


def test_a_new_evidence_is_other(source: Source) -> None:
    """A text that is no evidence of today is the evidence "other"."""
    session = attrs.evolve(source.values.sessions[0], evidence="a table of tomorrow")
    text = status_text(attrs.evolve(source.values, sessions=(session,)))

    found = samples(text)["peerlint_session_synchronised"]
    assert {("contoso-ams", "ams-1", "other")} == {each for each, value in found.items() if value}


def test_errors_are_said(source: Source) -> None:
    """A monitor that is not ready, a store that fails, and a bad inventory are samples too."""
    text = status_text(
        source.values,
        is_ready=False,
        has_store_error=True,
        is_inventory_refused=True,
        is_registry_refused=True,
    )
    found = samples(text)

    assert {(): 0} == found["peerlint_ready"]
    assert {(): 1} == found["peerlint_store_error"]
    assert {(): 1} == found["peerlint_inventory_refused"]
    assert {(): 1} == found["peerlint_registry_refused"]


def test_all_metrics_are_on_the_page(source: Source) -> None:
    """`/metrics` has every metric of the tables with its help, and those of the process."""
    text = "".join(metrics_parts(Snapshot(source.document, source.values, source.sinks)))
    families = {each.name: each.documentation for each in text_string_to_metric_families(text)}

    ours = {name: words for name, words in families.items() if name.startswith("peerlint_")}
    declared = (*STATUS_METRICS, *REPORT_METRICS)
    assert {each.name.removesuffix("_total"): each.help for each in declared} == ours
    assert "process_resident_memory_bytes" in families
