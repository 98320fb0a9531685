"""The totals of a report: what `--quiet` leaves of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Final

from peerlint.report.words import label, verdicts_of
from peerlint.verdicts import PrefixVerdict, Report, State
from peerlint.wording import counted

#: The labels of findings that are counted, in their order, each with its plural.
_COUNTED: Final = {
    "error": "errors", "warning": "warnings", "info": "infos", "unknown": "unknown",
}  # fmt: skip


def totals(report: Report) -> Iterator[str]:
    """Yield a line for each peering, one of the findings, and one of the dumps."""
    for peering, verdicts in verdicts_of(report).items():
        yield f"{peering}: {verified(verdicts)}"
    labels = Counter(label(finding) for finding in report.findings)
    yield ", ".join(counted(labels[each], each, many) for each, many in _COUNTED.items())
    yield read(report)


def verified(verdicts: list[PrefixVerdict]) -> str:
    """Return how many prefixes of a peering would be Verified."""
    good = sum(verdict.state is State.VERIFIED for verdict in verdicts)
    return f"{good} of {counted(len(verdicts), 'prefix')} would be Verified"


def read(report: Report) -> str:
    """Return how much was read of the dumps."""
    sources = report.sources
    unread = sum(source.error is not None for source in sources)
    dumps = counted(len(sources), "dump")
    if unread:
        dumps = f"{len(sources) - unread} of {dumps}"
    routes = counted(sum(source.quality.entries for source in sources), "route")
    lost = counted(sum(source.quality.lost for source in sources), "octet")
    return f"Read {dumps}, {routes}, {lost} lost"
