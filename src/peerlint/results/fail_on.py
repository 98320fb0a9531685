"""The levels at which a report counts as failed."""

from __future__ import annotations

from typing import Never

from peerlint.arguments import ArgumentEnum
from peerlint.errors import InputError
from peerlint.results.checks import State
from peerlint.results.findings import Finding, Outcome, Severity
from peerlint.results.rows import PrefixResult, ServicePrefixResult


class FailOn(ArgumentEnum):
    """The level at which a report counts as failed, see `--fail-on`.

    ==========  ======================================================================
    error       a finding of severity error
    open        as `error`, or a prefix whose state is Unknown or Pending, or a route
                server without prefixes if its sessions are not all shown completely
    unverified  as `open`, or a prefix with an undecided check, or no prefix at all
    warning     a finding of severity error or warning
    unknown     as `warning`, or an unknown outcome
    ==========  ======================================================================
    """

    ERROR = "error"
    OPEN = "open"
    UNVERIFIED = "unverified"
    WARNING = "warning"
    UNKNOWN = "unknown"

    @classmethod
    def _missing_(cls, value: object) -> Never:
        raise InputError("fail_on", expected=" or ".join(cls), found=value) from None

    def counts(self, finding: Finding) -> bool:
        """Whether a finding counts at this level; waived and attested findings never do."""
        if finding.outcome is Outcome.UNKNOWN:
            return self is FailOn.UNKNOWN
        with_warnings = self in (FailOn.WARNING, FailOn.UNKNOWN)
        least = Severity.WARNING if with_warnings else Severity.ERROR
        return finding.outcome is Outcome.FAIL and finding.severity.rank <= least.rank

    def counts_row(self, row: PrefixResult | ServicePrefixResult) -> bool:
        """Whether the state or a check of a prefix counts at this level, without its findings."""
        if self is FailOn.UNVERIFIED:
            return row.state is not State.VERIFIED or bool(row.undecided)
        return self is FailOn.OPEN and row.state in (State.UNKNOWN, State.PENDING)
