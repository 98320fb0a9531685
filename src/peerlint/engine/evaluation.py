"""What came out of a rule for a subject, and what it means for Microsoft's checks."""

from __future__ import annotations

import attrs

from peerlint.model import View
from peerlint.observations import Observation
from peerlint.results import CheckResult, DecidedBy, Finding, Outcome, Severity
from peerlint.rules import AnyRule
from peerlint.rules.answers import Answers


@attrs.frozen
class Answer:
    """The effect of one answer of a rule on Microsoft's checks.

    Waivers, severities of the user and `--strict` do not change it.

    Attributes:
        result: fail for a problem that is an error in the shipped profile, pass for a milder one.
        severity: of the problem in the shipped profile; for unknown, that of a possible problem.
        by: whether data or an attestation decides it.
        missing: for unknown, what would decide it.
        evidence: the routes that show it.
        sessions: ids of the sessions that it concerns, where the subject is a prefix.
        is_symptom: see `Problem`.
    """

    result: CheckResult
    severity: Severity | None
    by: DecidedBy = DecidedBy.DATA
    missing: tuple[str, ...] = ()
    evidence: tuple[Observation, ...] = ()
    sessions: tuple[str, ...] = ()
    is_symptom: bool = False


@attrs.frozen
class Evaluation:
    """The result of one rule for one subject.

    Attributes:
        rule: the rule.
        outcome: of all answers together.
        findings: empty for a pass, and where another rule explains the problem.
        words: for the matrix, one for each finding.
        answers: one for each problem and each unknown, explained or not.
    """

    rule: AnyRule
    outcome: Outcome
    findings: tuple[Finding, ...] = ()
    words: tuple[str, ...] = ()
    answers: tuple[Answer, ...] = ()


@attrs.frozen
class KnownAnswers:
    """The result of a rule for a subject, as long as routes do not change the answers.

    Attributes:
        answers: of the rule.
        views: of the subject's routes, if the confidence in the answers depends on them.
        evaluation: made of both.
    """

    answers: Answers
    views: frozenset[View] | None
    evaluation: Evaluation


@attrs.define(eq=False)
class Known:
    """The results for one subject, from which its next evaluation starts.

    Attributes:
        evaluations: the last ones, in the order of the rules.
        again: the places of the rules that have to be asked again: those that read routes, and
            those with attestations or waivers, whose use is noted each time.
        answers: by the place of the rule.
    """

    evaluations: list[Evaluation] = attrs.field(factory=list)
    again: tuple[int, ...] = ()
    answers: dict[int, KnownAnswers] = attrs.field(factory=dict)
