"""The results of all rules for one subject."""

from __future__ import annotations

from collections.abc import Mapping

import attrs

from peerlint.engine.prepare import SubjectKey
from peerlint.engine.waivers import NO_USES, StatementUses
from peerlint.results import Finding, PrefixResult, ServicePrefixResult


@attrs.frozen
class SubjectResult:
    """The results of all rules for one subject.

    Attributes:
        subject: the subject.
        peering: the name of the peering under which the report lists the findings.
        findings: the findings, in the order of the report.
        row: for a prefix or service prefix, its predicted state and checks.
        words: for a prefix, its row of the matrix: the word of each session.
        marks: for a service prefix, words for cells of registered prefixes: the prefix's key, the
            session's id and the word. A word is used only where the cell has no problem.
        uses: the use that the evaluation made of attestations and waivers.
    """

    subject: SubjectKey
    peering: str
    findings: tuple[Finding, ...] = ()
    row: PrefixResult | ServicePrefixResult | None = None
    words: Mapping[str, str] | None = None
    marks: tuple[tuple[str, str, str], ...] = ()
    uses: StatementUses = NO_USES
