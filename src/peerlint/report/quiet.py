"""The totals of a report: what `--quiet` leaves of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Final

from peerlint.report.words import label, verdicts_of
from peerlint.verdicts import Report, State
from peerlint.wording import counted

#: The labels of findings that are counted, in their order, each with its plural.
_COUNTED: Final = {
    "error": "errors", "warning": "warnings", "info": "infos", "unknown": "unknown",
}  # fmt: skip


def render_totals(report: Report) -> str:
    """Return a line for each peering, one of the findings, and one of the dumps."""
    return "".join(f"{line}\n" for line in _lines(report))


def _lines(report: Report) -> Iterator[str]:
    for peering, verdicts in verdicts_of(report).items():
        good = sum(verdict.state is State.VERIFIED for verdict in verdicts)
        yield f"{peering}: {good} of {counted(len(verdicts), 'prefix')} would be Verified"
    labels = Counter(label(finding) for finding in report.findings)
    yield ", ".join(counted(labels[each], each, many) for each, many in _COUNTED.items())
    sources = report.sources
    unread = sum(source.error is not None for source in sources)
    dumps = counted(len(sources), "dump")
    if unread:
        dumps = f"{len(sources) - unread} of {dumps}"
    routes = counted(sum(source.quality.entries for source in sources), "route")
    lost = counted(sum(source.quality.lost for source in sources), "octet")
    yield f"Read {dumps}, {routes}, {lost} lost"
