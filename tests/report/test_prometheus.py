"""The report as metrics: every state of every prefix, whatever the names are."""

from __future__ import annotations

import time
from typing import Final

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families

from peerlint.report.exposition import Metric
from peerlint.report.prometheus import CELL_STATES, REPORT_METRICS, cell_state, render_prometheus
from peerlint.results import Matrix, MatrixSession, PrefixResult, Report, State
from peerlint.testing.notation import evaluate

TEXT: Final = """
peering contoso-ams maps 64500 Amsterdam
session ams-1 edge1.ams
session ams-2 edge2.ams
registered 203.0.113.0/24
registered 198.51.100.0/24
ams-1 203.0.113.0/24 path 64500 community 8075:8007
ams-2 203.0.113.0/24
ams-1 198.51.100.0/24 path 64500 community 8075:8007
service voice
service-prefix 203.0.113.0/24
"""
REPORT: Final = evaluate(TEXT)
Samples = dict[tuple[str, ...], float]


def samples(text: str, name: str) -> Samples:
    """Return the samples of a metric by the values of their labels, as Prometheus' parser sees."""
    found: Samples = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            if sample.name == name:
                labels = tuple(sample.labels.values())
                assert labels not in found, "a sample is there twice"
                found[labels] = sample.value
    return found


def large(rows: int, sessions: int) -> Report:
    """Return a report with many prefixes."""
    prefixes = tuple(
        PrefixResult(f"10.{at >> 8}.{at & 255}.0/24", None, "contoso-ams", State.VERIFIED)
        for at in range(rows)
    )
    columns = tuple(MatrixSession(f"ams-{at}", "contoso-ams", None, None) for at in range(sessions))
    cells = {row.key: {each.id: "ok" for each in columns} for row in prefixes}
    return attrs.evolve(REPORT, prefixes=prefixes, cells=Matrix(columns, cells))


def test_every_cell_has_every_state() -> None:
    """The state of a cell is 1; its other states are 0 rather than absent."""
    found = samples(render_prometheus(REPORT), "peerlint_cell_state")

    assert 2 * 2 * len(CELL_STATES) == len(found)
    assert {
        ("contoso-ams", "203.0.113.0/24", "ams-1", "ok"),
        ("contoso-ams", "203.0.113.0/24", "ams-2", "fail"),
        ("contoso-ams", "198.51.100.0/24", "ams-1", "ok"),
        ("contoso-ams", "198.51.100.0/24", "ams-2", "missing"),
    } == {labels for labels, value in found.items() if value == 1}


def test_every_prefix_has_every_state() -> None:
    """States of prefixes are in the words of Azure; service prefixes have their own metric."""
    text = render_prometheus(REPORT)
    found = samples(text, "peerlint_prefix_state")

    assert 2 * len(State) == len(found)
    assert 1 == found["contoso-ams", "203.0.113.0/24", "Failed"]
    assert 0 == found["contoso-ams", "203.0.113.0/24", "Verified"]
    assert len(State) == len(samples(text, "peerlint_service_prefix_state"))


def test_a_prefix_that_is_registered_twice_has_two_names() -> None:
    """Two registrations of one prefix are two samples, told apart as in the report."""
    report = evaluate(TEXT + "peering p maps 64500 Oslo\n" + "registered 192.0.2.0/24\n" * 2)

    found = samples(render_prometheus(report), "peerlint_prefix_state")

    assert {"192.0.2.0/24", "192.0.2.0/24 #2"} == {each[1] for each in found if each[0] == "p"}


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("ok", "ok"), ("missing", "missing"), ("unknown", "unknown"), ("waived", "waived"),
        ("-", "not-required"), ("no community", "fail"), ("a word of tomorrow", "fail"),
    ],
)  # fmt: skip
def test_words_become_few_states(word: str, state: str) -> None:
    """A word of the matrix becomes one of a fixed set of states."""
    assert state == cell_state(word)
    assert state in CELL_STATES


def test_findings_are_counted() -> None:
    """Findings are counted by severity and outcome, also where there are none."""
    found = samples(render_prometheus(REPORT), "peerlint_findings")

    assert len(REPORT.findings) == sum(found.values())
    assert 0 == found["info", "waived"]


def test_all_metrics_are_declared() -> None:
    """Every metric of the text is in the table of metrics, with its help."""
    families = {
        each.name: each for each in text_string_to_metric_families(render_prometheus(REPORT))
    }

    assert {each.name: each.help for each in REPORT_METRICS} == {
        name: family.documentation for name, family in families.items()
    }


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_any_text_is_one_label(text: str) -> None:
    """Whatever a name contains, it stays the value of one label on one line."""
    line = Metric("peerlint_x", "X.", ("a", "b")).sample(1, text, "end")

    assert 1 == line.count("\n")
    ((_, end),) = samples(line, "peerlint_x")
    assert "end" == end


@pytest.mark.slow
def test_forty_thousand_cells_take_little_time() -> None:
    """A scrape of 5,000 prefixes on 8 sessions is rendered in less than 0.2 s of this thread."""
    report = large(5_000, 8)
    times = []
    for _ in range(5):
        start = time.thread_time()
        render_prometheus(report)
        times.append(time.thread_time() - start)

    assert min(times) < 0.2
