"""The report as metrics for Prometheus: `--format prometheus`, and a part of `/metrics`.

The number of samples depends on the inventory only. The words of the matrix are many and may
change with the rules, so that each is mapped to one of a few states; the report has the words.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final, TypeVar

from peerlint.model.times import to_microseconds
from peerlint.report.exposition import Metric, label_value
from peerlint.report.rows import Row
from peerlint.results import (
    NOT_REQUIRED,
    OK,
    Finding,
    Outcome,
    Report,
    ServicePrefixResult,
    Severity,
    State,
)

#: The states of a prefix on a session: what words of the matrix become.
_STATES_BY_WORD: Final = {
    OK: "ok",
    "missing": "missing",
    "unknown": "unknown",
    "waived": "waived",
    NOT_REQUIRED: "not-required",
}
_FAIL: Final = "fail"
#: All states of a prefix on a session.
CELL_STATES: Final = ("ok", _FAIL, "missing", "unknown", "waived", "not-required")
#: The outcomes of findings that a report has.
_OUTCOMES: Final = (Outcome.FAIL, Outcome.UNKNOWN, Outcome.WAIVED, Outcome.ATTESTED)
#: How many rows of the matrix are in one part of the text.
_ROWS: Final = 256
_Row = TypeVar("_Row", bound=Row)

BUILD_INFO: Final = Metric(
    "peerlint_build_info",
    "Always 1; the labels are the version of peerlint and the kernel that reads routes.",
    ("version", "kernel"),
)
REPORT_TIME: Final = Metric(
    "peerlint_report_timestamp_seconds",
    "When the report was made, in seconds since 1970.",
)
SOURCES_SOUND: Final = Metric(
    "peerlint_report_readable",
    "Whether all sources could be read without damage and show a session of the inventory.",
)
FINDINGS: Final = Metric(
    "peerlint_findings",
    "The number of findings of the report.",
    ("severity", "outcome"),
)
PREFIX_STATE: Final = Metric(
    "peerlint_prefix_state",
    "Whether a registered prefix has a state, in the words of Azure.",
    ("peering", "prefix", "state"),
)
SERVICE_PREFIX_STATE: Final = Metric(
    "peerlint_service_prefix_state",
    "Whether a prefix of a peering service has a state, in the words of Azure.",
    ("service", "prefix", "state"),
)
CELL_STATE: Final = Metric(
    "peerlint_cell_state",
    "Whether a registered prefix has a state on a session.",
    ("peering", "prefix", "session", "state"),
)
REGISTRY_AGE: Final = Metric(
    "peerlint_registry_source_age_seconds",
    "How old a source of registry data is; absent if it does not say of when it is.",
    ("kind", "source"),
)
REGISTRY_TOO_OLD: Final = Metric(
    "peerlint_registry_source_too_old",
    "Whether a source of registry data is older than the profile allows.",
    ("kind", "source"),
)
#: All metrics of a report, in the order of the text.
REPORT_METRICS: Final = (
    BUILD_INFO,
    REPORT_TIME,
    SOURCES_SOUND,
    FINDINGS,
    PREFIX_STATE,
    SERVICE_PREFIX_STATE,
    CELL_STATE,
    REGISTRY_AGE,
    REGISTRY_TOO_OLD,
)


def render_prometheus(report: Report) -> str:
    """Return the metrics of a report, for the textfile collector of Prometheus' node exporter."""
    return "".join(report_parts(report))


def report_parts(report: Report) -> Iterator[str]:
    """Yield the metrics of a report in parts, each of at most some thousand lines.

    The text of a large inventory has tens of megabytes, so that it is better written part by part.
    """
    yield BUILD_INFO.head + BUILD_INFO.sample(1, report.version, report.kernel)
    yield REPORT_TIME.head + REPORT_TIME.sample(to_microseconds(report.now) / 1e6)
    yield SOURCES_SOUND.head + SOURCES_SOUND.sample(int(report.is_readable))
    yield FINDINGS.head
    yield from _findings(report.findings)
    yield PREFIX_STATE.head
    yield from _states(PREFIX_STATE, report.prefixes)
    yield SERVICE_PREFIX_STATE.head
    yield from _states(SERVICE_PREFIX_STATE, report.service_prefixes)
    yield CELL_STATE.head
    yield from _cells(report)
    yield REGISTRY_AGE.head
    for each in report.registry_sources:
        if each.age_seconds is not None:
            yield REGISTRY_AGE.sample(each.age_seconds, each.kind, each.name)
    yield REGISTRY_TOO_OLD.head
    for each in report.registry_sources:
        yield REGISTRY_TOO_OLD.sample(int(each.is_too_old), each.kind, each.name)


def cell_state(word: str) -> str:
    """Return the state, one of `CELL_STATES`, for a word of the matrix."""
    return _STATES_BY_WORD.get(word, _FAIL)


def _findings(findings: tuple[Finding, ...]) -> Iterator[str]:
    numbers = Counter((each.severity, each.outcome) for each in findings)
    for severity in Severity:
        for outcome in _OUTCOMES:
            yield FINDINGS.sample(numbers[severity, outcome], severity, outcome)


def _states(metric: Metric, rows: Sequence[Row]) -> Iterator[str]:
    """Yield the samples of the states of prefixes."""
    ends = {now: [_end((), state, now) for state in State] for now in State}
    for these in _in_parts(rows):
        yield "".join(_lines(metric.labelled(_labels(row)), ends[row.state]) for row in these)


def _cells(report: Report) -> Iterator[str]:
    """Yield the samples of the matrix. Rows with equal cells share the ends of their lines."""
    known: dict[tuple[tuple[str, str], ...], list[str]] = {}
    for rows in _in_parts(report.prefixes):
        lines = []
        for row in rows:
            cells = tuple(report.cells.rows[row.key].items())
            if cells not in known:
                known[cells] = [
                    _end((f'session="{label_value(session)}"',), state, cell_state(word))
                    for session, word in cells
                    for state in CELL_STATES
                ]
            lines.append(_lines(CELL_STATE.labelled(_labels(row)), known[cells]))
        yield "".join(lines)


def _in_parts(rows: Sequence[_Row]) -> Iterator[Sequence[_Row]]:
    return (rows[at : at + _ROWS] for at in range(0, len(rows), _ROWS))


def _labels(row: Row) -> tuple[str, str]:
    """Return the owner of a prefix, and the prefix with " #2" for the second equal one."""
    owner = row.service if isinstance(row, ServicePrefixResult) else row.peering
    return label_value(owner), label_value(row.key.removeprefix(f"{owner} "))


def _end(labels: tuple[str, ...], state: str, now: str) -> str:
    """Return the end of a line, which follows the first labels."""
    pairs = ",".join((*labels, f'state="{state}"'))
    return f",{pairs}}} {int(state == now)}\n"


def _lines(start: str, ends: list[str]) -> str:
    """Return lines that all have the same start."""
    return start + start.join(ends) if ends else ""
