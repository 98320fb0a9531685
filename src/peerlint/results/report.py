"""The report: everything that was found out."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import attrs

from peerlint.arguments import must_be
from peerlint.model import Prefix
from peerlint.observations import Confidence, SourceSummary
from peerlint.results.checks import State
from peerlint.results.fail_on import FailOn
from peerlint.results.findings import Finding, Outcome, Severity
from peerlint.results.rows import (
    AsnResult,
    Matrix,
    PeeringSummary,
    PrefixResult,
    ServicePrefixResult,
)
from peerlint.wording import counted


@attrs.frozen
class Report:
    """Everything that was found out. It never changes: threads may share it.

    Attributes:
        now: the time of the check.
        version: of peerlint.
        kernel: "c" or "python".
        sources: every dump that was read.
        peerings: in the order of the inventory.
        prefixes: by peering in the order of the inventory.
        findings: by peering and prefix in the order of the inventory, then as Microsoft checks.
        cells: the matrix, see `matrix`.
        service_prefixes: by peering in the order of the inventory.
        registered_asns: in the order of the inventory.
        remarks: what else a user has to know about the inventory or its profiles.
        strict: whether what is only inferred counts as unknown; see `check`.
    """

    now: datetime
    version: str
    kernel: str
    sources: tuple[SourceSummary, ...]
    peerings: tuple[PeeringSummary, ...]
    prefixes: tuple[PrefixResult, ...]
    findings: tuple[Finding, ...]
    cells: Matrix
    service_prefixes: tuple[ServicePrefixResult, ...] = ()
    registered_asns: tuple[AsnResult, ...] = ()
    remarks: tuple[str, ...] = ()
    strict: bool = False

    @property
    def ok(self) -> bool:
        """Whether nothing failed and nothing that routes decide is open.

        No rule failed with the severity "error", no prefix is Unknown or Pending, every source
        could be read, and one of them shows a session: the exit status of `peerlint check` is 0.
        """
        return self.is_readable and not self.failures(FailOn.OPEN)

    @property
    def is_readable(self) -> bool:
        """Whether every source could be read without damage, and one of them shows a session."""
        shows_one = any(each.shows_a_session for each in self.sources)
        return all(each.is_sound for each in self.sources) and (shows_one or not self.sources)

    def failures(self, fail_on: FailOn) -> tuple[str, ...]:
        """Return the reasons why the report fails at a level, none if it passes.

        Each is a count and a noun: "3 errors", "1 prefix Unknown".
        """
        must_be("fail_on", fail_on, str, " or ".join(FailOn))
        return tuple(_reasons(self, FailOn(fail_on)))

    def failed(self, least: Severity = Severity.INFO) -> tuple[Finding, ...]:
        """Return the findings that failed with this severity or a worse one."""
        must_be("least", least, str, " or ".join(Severity))
        rank = Severity(least).rank
        return tuple(
            finding
            for finding in self.findings
            if finding.outcome is Outcome.FAIL and finding.severity.rank <= rank
        )

    def prefix(self, prefix: str, peering: str | None = None) -> PrefixResult:
        """Return the verdict on a registered prefix.

        Args:
            prefix: as declared.
            peering: needed only if several peerings declare it.

        Raises:
            KeyError: no such prefix.
        """
        must_be("prefix", prefix, (str, Prefix), "a prefix as a string")
        must_be("peering", peering, str, "the name of a peering", or_none=True)
        prefix = str(prefix)
        for result in self.prefixes:
            if result.prefix == prefix and peering in (None, result.peering):
                return result
        raise KeyError(prefix)

    def matrix(self) -> Matrix:
        """Return prefixes against sessions."""
        return self.cells


@attrs.frozen
class StoredReport:
    """A report that was read from a file.

    Attributes:
        report: its content; fields that its schema does not have are empty.
        schema: the number of its schema.
    """

    report: Report
    schema: int = 2


def _reasons(report: Report, fail_on: FailOn) -> Iterator[str]:
    counting = [finding for finding in report.findings if fail_on.counts(finding)]
    for severity in Severity:
        number = sum(
            finding.outcome is Outcome.FAIL and finding.severity is severity for finding in counting
        )
        if number:
            yield counted(number, severity)
    if report.strict and fail_on in (FailOn.OPEN, FailOn.UNVERIFIED):
        inferred = sum(_is_only_inferred(finding) for finding in report.findings)
        if inferred:
            yield f"{counted(inferred, 'outcome')} only inferred"
    if unknown := sum(finding.outcome is Outcome.UNKNOWN for finding in counting):
        yield counted(unknown, "unknown outcome")
    yield from _open_reasons(report, fail_on)


def _open_reasons(report: Report, fail_on: FailOn) -> Iterator[str]:
    """Yield what is not decided, beside the findings."""
    rows: tuple[PrefixResult | ServicePrefixResult, ...]
    rows = (*report.prefixes, *report.service_prefixes)
    open_rows = [row for row in rows if fail_on.counts_row(row)]
    for state in dict.fromkeys(row.state for row in open_rows):
        if state is not State.VERIFIED:
            yield f"{counted(sum(row.state is state for row in open_rows), 'prefix')} {state}"
    if undecided := sum(row.state is State.VERIFIED for row in open_rows):
        yield f"{counted(undecided, 'prefix')} with undecided checks"
    if fail_on in (FailOn.OPEN, FailOn.UNVERIFIED):
        unseen = sum(peering.is_unseen for peering in report.peerings)
        if unseen:
            yield f"{counted(unseen, 'route server')} not seen whole"
    if fail_on is FailOn.UNVERIFIED and not rows:
        yield "no prefix to verify"


def _is_only_inferred(finding: Finding) -> bool:
    """Whether routes leave an outcome open that were seen elsewhere than on the wire."""
    is_unknown = finding.outcome is Outcome.UNKNOWN and finding.need in (
        "routes",
        "communities",
        "path",
    )
    return is_unknown and finding.confidence is Confidence.INFERRED
