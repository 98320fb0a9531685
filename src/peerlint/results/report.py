"""The report: the results of a check."""

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
from peerlint.results.registry_source import RegistrySource
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
    """The results of a check. It is immutable, so that threads can share it.

    Attributes:
        now: the time of the check.
        version: the version of peerlint.
        kernel: the kernel that read the dumps, "c" or "python".
        sources: every source that was given.
        peerings: the peerings, in the order of the inventory.
        prefixes: the registered prefixes, by peering in the order of the inventory.
        findings: the findings, by peering and prefix in the order of the inventory, then in the
            order of Microsoft's checks.
        cells: the matrix, see `matrix`.
        service_prefixes: the service prefixes, by peering in the order of the inventory.
        registered_asns: the registered AS numbers, in the order of the inventory.
        remarks: further remarks about the inventory or its profiles.
        strict: whether passes that are only inferred count as unknown; see `check`.
        registry_sources: the sources of the registry data; empty without any.
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
    registry_sources: tuple[RegistrySource, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether the exit status of `peerlint check` would be 0.

        No rule failed with the severity "error", no prefix is Unknown or Pending, every source
        could be read, and at least one source shows a session of the inventory.
        """
        return self.is_readable and not self.failures(FailOn.OPEN)

    @property
    def is_readable(self) -> bool:
        """Whether all sources could be read without damage, and at least one shows a session."""
        shows_one = any(each.shows_a_session for each in self.sources)
        return all(each.is_sound for each in self.sources) and (shows_one or not self.sources)

    def failures(self, fail_on: FailOn) -> tuple[str, ...]:
        """Return the reasons why the report fails at a level; empty if it passes.

        A reason is a count and a noun: "3 errors", "1 prefix Unknown".

        Raises:
            InputError: `fail_on` is not a level.
        """
        must_be("fail_on", fail_on, str, " or ".join(FailOn))
        return tuple(_reasons(self, FailOn(fail_on)))

    def failed(self, least: Severity = Severity.INFO) -> tuple[Finding, ...]:
        """Return the failed findings of at least a severity.

        Args:
            least: the mildest severity to return.

        Raises:
            InputError: `least` is not a severity.
        """
        must_be("least", least, str, " or ".join(Severity))
        rank = Severity(least).rank
        return tuple(
            finding
            for finding in self.findings
            if finding.outcome is Outcome.FAIL and finding.severity.rank <= rank
        )

    def prefix(self, prefix: str, peering: str | None = None) -> PrefixResult:
        """Return the result for a registered prefix.

        Args:
            prefix: the prefix as declared.
            peering: the name of the peering; required only if several peerings declare the prefix.

        Raises:
            KeyError: the report does not have the prefix.
        """
        must_be("prefix", prefix, (str, Prefix), "a prefix as a string")
        must_be("peering", peering, str, "the name of a peering", or_none=True)
        prefix = str(prefix)
        for result in self.prefixes:
            if result.prefix == prefix and peering in (None, result.peering):
                return result
        raise KeyError(prefix)

    def matrix(self) -> Matrix:
        """Return the matrix of prefixes and sessions."""
        return self.cells


@attrs.frozen
class StoredReport:
    """A report that was read from a file.

    Attributes:
        report: the report; fields that its schema does not have are empty.
        schema: the number of the schema, 1 or 2.
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
    """Yield the reasons that are not findings: undecided prefixes and route servers."""
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
    """Whether an outcome is unknown because its routes were not observed on the wire."""
    is_unknown = finding.outcome is Outcome.UNKNOWN and finding.need in (
        "routes",
        "communities",
        "path",
    )
    return is_unknown and finding.confidence is Confidence.INFERRED
