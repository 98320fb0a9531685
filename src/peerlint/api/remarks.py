"""What a user has to know about sources."""

from __future__ import annotations

from peerlint.arguments import must_be
from peerlint.observations import SourceSummary
from peerlint.report import phrases


def source_remarks(source: SourceSummary) -> tuple[str, ...]:
    """Return the remarks about a source: damage, skipped records, peers without a session.

    Args:
        source: one of `Report.sources`, `ScanResult.sources` or `DumpLines.sources`.
    """
    must_be("source", source, SourceSummary, "a SourceSummary")
    return tuple(phrases.source_remarks(source))
