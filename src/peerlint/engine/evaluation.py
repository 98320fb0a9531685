"""The result of a rule for a subject, and its effect on Microsoft's checks."""

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

    Waivers, the user's severities and `--strict` do not change it.

    Attributes:
        result: fail for a problem that is an error in the shipped profile, pass for a milder one.
        severity: the severity of the problem in the shipped profile; for unknown, the severity of
            the possible problem.
        by: whether data or an attestation decides it.
        missing: for unknown, the data that would decide it.
        evidence: the routes that show it.
        sessions: the ids of the sessions that it concerns, if the subject is a prefix.
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
        outcome: the worst outcome of its answers.
        findings: the findings; empty for a pass, and if another rule explains the problem.
        words: the word of each finding for the matrix.
        answers: the effect of each problem and each unknown, also if it is explained by another
            rule.
    """

    rule: AnyRule
    outcome: Outcome
    findings: tuple[Finding, ...] = ()
    words: tuple[str, ...] = ()
    answers: tuple[Answer, ...] = ()


@attrs.frozen
class PreviousAnswers:
    """The previous result of a rule for a subject, which is reused while its inputs are equal.

    Attributes:
        answers: the answers of the rule.
        views: the views of the subject's routes, if the confidence in the answers depends on them.
        evaluation: the result that was made from both.
    """

    answers: Answers
    views: frozenset[View] | None
    evaluation: Evaluation


@attrs.define(eq=False)
class PreviousResults:
    """The previous results for one subject, which its next evaluation reuses.

    Attributes:
        evaluations: the previous results, in the order of the rules.
        to_repeat: the indexes of the rules that have to be evaluated again: those that read routes,
            and those with attestations or waivers, whose use is recorded each time.
        answers: the previous answers, by the index of the rule.
    """

    evaluations: list[Evaluation] = attrs.field(factory=list)
    to_repeat: tuple[int, ...] = ()
    answers: dict[int, PreviousAnswers] = attrs.field(factory=dict)
