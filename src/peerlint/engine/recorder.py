"""Findings made from the answers of rules: severities, attestations and waivers."""

from __future__ import annotations

from typing import Final, TypeGuard

import attrs

from peerlint.engine.evaluation import Answer, Evaluation
from peerlint.engine.findings import Numbers, confidence, discriminator, evidence_of, key, portal
from peerlint.engine.shared_values import SharedValues
from peerlint.engine.waivers import Content, Statements, stated_by
from peerlint.profiles import Profile, shipped_profile
from peerlint.results import CheckResult, DecidedBy, Finding, Outcome, Severity, SubjectRef, clause
from peerlint.rules import CATALOGUE, AnyRule, Need, Problem, Scope, Subject, Unknown
from peerlint.rules.answers import Answers

#: The outcome of several answers is the first of these.
_WORST_FIRST: Final = (Outcome.FAIL, Outcome.UNKNOWN, Outcome.WAIVED, Outcome.ATTESTED)


@attrs.frozen
class Recorder:
    """Turns answers of rules into evaluations under one profile.

    Attributes:
        profile: the profile, with severities.
        statements: the attestations and waivers.
        strict: whether the stricter reading of contradicting documents is an error.
        numbers: the numbers of prefixes that the inventory declares more than once.
        given: the needs that registry data meet.
        shipped: the shipped profile that the profile is or extends.
    """

    profile: Profile
    statements: Statements
    strict: bool
    numbers: Numbers
    given: frozenset[Need] = frozenset()
    shipped: Profile = attrs.field(
        default=attrs.Factory(lambda self: shipped_profile(self.profile.base), takes_self=True),
        init=False,
    )
    _plain: dict[tuple[str, Outcome], Evaluation] = attrs.field(factory=dict, init=False)
    _severities: dict[tuple[str, Severity | None], Severity] = attrs.field(factory=dict, init=False)
    _shared: SharedValues = attrs.field(factory=SharedValues, init=False)

    def without_answer(self, rule: AnyRule, outcome: Outcome) -> Evaluation:
        """Return the result of a rule without an answer; it is shared by all subjects."""
        found = self._plain.get((rule.id, outcome))
        if found is None:
            found = self._plain[rule.id, outcome] = Evaluation(rule, outcome)
        return found

    def shared(self, answers: Answers) -> Answers:
        """Return equal answers that were given before, so that their texts are kept once."""
        return answers if any(each.evidence for each in answers) else self._shared.share(answers)

    def evaluation(self, rule: AnyRule, subject: Subject, answers: Answers) -> Evaluation:
        """Return the result of a rule with its findings.

        Args:
            rule: the rule.
            subject: the subject of the rule.
            answers: the answers of the rule; empty if it passed.
        """
        if Need.ATTESTATION in rule.needs and self.statements.has(rule.id):
            self._compare(rule, subject, answers)
        if not answers:
            return self.without_answer(rule, Outcome.PASS)
        has_evidence = any(each.evidence for each in answers)
        findings = tuple(self._finding(rule, subject, answer) for answer in answers)
        shipped = tuple(
            self._as_shipped(rule, subject, answer, finding)
            for answer, finding in zip(answers, findings, strict=True)
        )
        outcomes = {finding.outcome for finding in findings}
        words = tuple(
            _word(rule, answer, finding) for answer, finding in zip(answers, findings, strict=True)
        )
        outcome = next(each for each in _WORST_FIRST if each in outcomes)
        if not has_evidence:
            words, shipped = self._shared.share(words), self._shared.share(shipped)
        return Evaluation(rule, outcome, findings, words, shipped)

    def _compare(self, rule: AnyRule, subject: Subject, answers: Answers) -> None:
        """Compare the answers with an attestation, unless the data leave the rule undecided."""
        if any(isinstance(answer, Unknown) or answer.leaves_open for answer in answers):
            return
        # No answer means that data show no problem only for connections, and where registries were
        # asked: other rules may not apply.
        if answers or rule.scope is Scope.CONNECTION or not rule.needs.isdisjoint(self.given):
            problem = next(filter(_is_problem, answers), None)
            self.statements.compare(
                rule, subject, None if problem is None else _content_of(problem, subject)
            )

    def _as_shipped(
        self, rule: AnyRule, subject: Subject, answer: Problem | Unknown, finding: Finding
    ) -> Answer:
        """Return the effect of an answer on Microsoft's checks.

        Args:
            rule: the rule.
            subject: the subject of the rule.
            answer: the answer of the rule.
            finding: the finding made from the answer, with waivers and attestations applied.
        """
        severity = self.shipped.severity(rule, answer.severity)
        if _is_hint_of(rule, subject):
            severity = Severity.INFO
        severity = _capped(severity, subject)
        missing = answer.missing if isinstance(answer, Unknown) else answer.leaves_open
        if missing is not None:
            attested = None
            if Need.ATTESTATION in rule.needs and self.statements.has(rule.id):
                attested = self.statements.attestation(rule.id, subject.names)
            if attested is None or finding.need is not None:
                return Answer(
                    CheckResult.UNKNOWN,
                    severity,
                    missing=(missing.text(finding.subject),),
                    evidence=answer.evidence,
                    sessions=answer.sessions,
                )
            is_error = isinstance(answer, Problem) or severity is Severity.ERROR
            fails = not attested.holds and is_error
            result = CheckResult.FAIL if fails else CheckResult.PASS
            return Answer(result, severity, DecidedBy.ATTESTATION)
        is_symptom = isinstance(answer, Problem) and answer.is_symptom
        return Answer(
            CheckResult.FAIL if severity is Severity.ERROR else CheckResult.PASS,
            severity,
            evidence=answer.evidence,
            sessions=answer.sessions,
            is_symptom=is_symptom,
        )

    def _finding(self, rule: AnyRule, subject: Subject, answer: Problem | Unknown) -> Finding:
        unknown = answer if isinstance(answer, Unknown) else None
        problem = answer if isinstance(answer, Problem) else None
        found = Finding(
            rule=rule.id,
            outcome=Outcome.UNKNOWN if unknown else Outcome.FAIL,
            severity=self._severity(rule, answer.severity, subject),
            confidence=confidence(rule, subject, answer.evidence),
            subject=self._shared.share(_ref_of(subject, problem)),
            found=answer.found,
            wanted=problem.wanted if problem else None,
            hint=problem.hint if problem else None,
            stage=self._shared.share("+".join(_general(rule).stages)),
            portal=portal(rule, subject) if problem else (),
            basis=rule.basis,
            texts=rule.texts,
            missing=self._shared.share((unknown.missing,)) if unknown else (),
            need=str(unknown.need) if unknown else None,
            evidence=evidence_of(answer.evidence),
            about=discriminator(subject, answer, self.numbers),
            location=subject.location,
            key=self._shared.share(key(subject, answer, self.numbers)),
        )
        if not self.statements.has(rule.id):
            return found
        return self._as_declared(rule, subject, found, None if unknown is None else unknown.need)

    def _as_declared(
        self, rule: AnyRule, subject: Subject, found: Finding, need: Need | None
    ) -> Finding:
        """Apply an attestation to a finding that routes cannot decide, and a waiver to any."""
        names = subject.names | ({found.subject.prefix} if found.subject.prefix else set())
        if need is not None and not need.is_seen and Need.ATTESTATION in rule.needs:
            attested = self.statements.attestation(rule.id, names)
            if attested is not None and attested.holds:
                found = attrs.evolve(
                    found,
                    outcome=Outcome.ATTESTED,
                    statement=stated_by(attested),
                    missing=(),
                    need=None,
                )
            elif attested is not None:
                found = attrs.evolve(
                    found,
                    outcome=Outcome.FAIL,
                    found=clause(f"{rule.title}: {stated_by(attested)} not to be as it is wanted"),
                    portal=portal(rule, subject),
                    missing=(),
                    need=None,
                )
        waiver = self.statements.waiver(rule.id, names)
        if waiver is None or found.outcome is Outcome.ATTESTED:
            return found
        return attrs.evolve(found, outcome=Outcome.WAIVED, statement=stated_by(waiver))

    def _severity(self, rule: AnyRule, own: Severity | None, subject: Subject) -> Severity:
        severity = self._severities.get((rule.id, own))
        if severity is None:
            severity = self._severities[rule.id, own] = self.profile.severity(rule, own)
        if _is_hint_of(rule, subject):
            severity = Severity.INFO
        severity = _capped(severity, subject)
        if self.strict and rule.strict is not None and severity.rank <= rule.strict.rank:
            severity = Severity.ERROR
        return severity


def _ref_of(subject: Subject, problem: Problem | None) -> SubjectRef:
    """Return the names of a finding's subject, with the prefix that the problem itself names."""
    ref = subject.ref
    if problem is None or problem.prefix is None:
        return ref
    return attrs.evolve(ref, prefix=problem.prefix)


def _content_of(problem: Problem, subject: Subject) -> Content:
    """Return the content of a problem with the names filled in, for a finding about a statement."""
    ref = _ref_of(subject, problem)
    return Content(
        problem.found.resolved(ref),
        None if problem.wanted is None else problem.wanted.resolved(ref),
        None if problem.hint is None else problem.hint.resolved(ref),
    )


def _is_problem(answer: Problem | Unknown) -> TypeGuard[Problem]:
    """Return whether an answer is a problem that an attestation can contradict."""
    return isinstance(answer, Problem) and answer.severity is not Severity.INFO


def _word(rule: AnyRule, answer: Problem | Unknown, finding: Finding) -> str:
    """Return the word of an answer for the matrix; an attestation may decide an unknown."""
    if isinstance(answer, Problem):
        return answer.word or rule.word
    return rule.word if finding.need is None else "unknown"


def _general(rule: AnyRule) -> AnyRule:
    """Return the rule that a diagnosis explains, or else the rule itself."""
    return rule if rule.diagnoses is None else CATALOGUE[rule.diagnoses]


def _capped(severity: Severity, subject: Subject) -> Severity:
    """Return a warning for an error on a session that is not required to announce the prefix.

    A bad route there cannot be worse than no route. If an activation chooses the session's
    location, it remains an error.
    """
    is_milder = subject.is_optional and severity is Severity.ERROR
    return Severity.WARNING if is_milder else severity


def _is_hint_of(rule: AnyRule, subject: Subject) -> bool:
    return rule.masks is not None and subject.is_hint
