"""Results: findings, checks and states of prefixes, the report, and comparison, as values."""

from __future__ import annotations

from peerlint.results.checks import Check, CheckName, CheckResult, DecidedBy, State
from peerlint.results.comparison import Change, CheckChange, Difference, RowChange, compare
from peerlint.results.fail_on import FailOn
from peerlint.results.findings import (
    Evidence,
    FeedPosition,
    FilePosition,
    Finding,
    Outcome,
    Severity,
)
from peerlint.results.phrases import (
    Phrase,
    PhrasePart,
    RouteCount,
    RuleIds,
    SourceName,
    SubjectName,
    as_clause,
    as_optional_phrase,
    as_phrase,
    clause,
    phrase,
)
from peerlint.results.registry_source import RegistrySource
from peerlint.results.report import Report, StoredReport
from peerlint.results.rows import (
    NOT_REQUIRED,
    OK,
    AsnResult,
    Matrix,
    MatrixSession,
    PeeringSummary,
    PrefixResult,
    ServicePrefixResult,
)
from peerlint.results.subject_ref import SubjectRef
from peerlint.results.what_if import Loss, Undecided, WhatIf, what_if

__all__ = [
    "NOT_REQUIRED",
    "OK",
    "AsnResult",
    "Change",
    "Check",
    "CheckChange",
    "CheckName",
    "CheckResult",
    "DecidedBy",
    "Difference",
    "Evidence",
    "FailOn",
    "FeedPosition",
    "FilePosition",
    "Finding",
    "Loss",
    "Matrix",
    "MatrixSession",
    "Outcome",
    "PeeringSummary",
    "Phrase",
    "PhrasePart",
    "PrefixResult",
    "RegistrySource",
    "Report",
    "RouteCount",
    "RowChange",
    "RuleIds",
    "ServicePrefixResult",
    "Severity",
    "SourceName",
    "State",
    "StoredReport",
    "SubjectName",
    "SubjectRef",
    "Undecided",
    "WhatIf",
    "as_clause",
    "as_optional_phrase",
    "as_phrase",
    "clause",
    "compare",
    "phrase",
    "what_if",
]
