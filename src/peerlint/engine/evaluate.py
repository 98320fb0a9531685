"""Evaluation of rules: which rules apply to a subject, and what their answers mean together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, TypeVar, cast

import attrs

from peerlint.engine.cell_evaluator import CellEvaluator
from peerlint.engine.evaluation import Answer, Evaluation, PreviousAnswers, PreviousResults
from peerlint.engine.findings import Numbers
from peerlint.engine.recorder import Recorder
from peerlint.engine.undecided import hidden_answers, hiding, without_old_answers
from peerlint.engine.waivers import Statements
from peerlint.model import Fact, OwnAs, View, Viewpoint
from peerlint.profiles import Profile, Requirement
from peerlint.results import CheckResult, Outcome
from peerlint.rules import CHECKS, AnyRule, Cell, Context, Need, Problem, Rule, Scope, Subject
from peerlint.rules.answers import Answers

S = TypeVar("S", bound=Subject)
#: All rules in the order of Microsoft's checks.
_BY_STEP: Final = tuple(sorted(CHECKS.values(), key=lambda rule: rule.step))


@attrs.frozen
class Evaluator:
    """Evaluates rules under one profile.

    Attributes:
        profile: the profile, with severities and parameters.
        context: the data that rules may use.
        statements: the attestations and waivers.
        strict: whether inferred passes count as unknown, and the stricter reading of contradicting
            documents as an error.
        numbers: the numbers of prefixes that the inventory declares more than once.
    """

    profile: Profile
    context: Context
    statements: Statements
    strict: bool = False
    numbers: Numbers = attrs.field(factory=dict)
    _recorder: Recorder = attrs.field(
        default=attrs.Factory(
            lambda self: Recorder(
                self.profile, self.statements, self.strict, self.numbers, self.context.given
            ),
            takes_self=True,
        ),
        init=False,
    )
    _passed_results: dict[View, tuple[Evaluation, ...]] = attrs.field(factory=dict, init=False)
    _cannot_fire: dict[Viewpoint, dict[Fact, bool]] = attrs.field(factory=dict, init=False)
    _rules: dict[Scope, tuple[Rule, ...]] = attrs.field(factory=dict, init=False)
    _cells: CellEvaluator = attrs.field(
        default=attrs.Factory(
            lambda self: CellEvaluator(
                self.profile, self.context, self.strict, self._recorder, self.rules(Cell)
            ),
            takes_self=True,
        ),
        init=False,
    )

    # -- routes on which no rule can fire

    def cannot_fire(self, viewpoint: Viewpoint, facts: Iterable[Fact]) -> bool:
        """Whether no rule about single routes can fire, so that none has to be called.

        Args:
            viewpoint: the viewpoint of the routes for one prefix.
            facts: the facts of each route.
        """
        known = self._cannot_fire.setdefault(viewpoint, {})
        for route_facts in facts:
            if route_facts not in known:
                known[route_facts] = self._cannot_fire_on(viewpoint, route_facts)
            if not known[route_facts]:
                return False
        return True

    def _cannot_fire_on(self, viewpoint: Viewpoint, facts: Fact) -> bool:
        view = viewpoint.view
        is_decided = view.is_definite or not (self.strict or view.is_hint)
        may_include_own_as = view is View.ADVERTISED and viewpoint.own_as is OwnAs.AUTO
        return (
            is_decided
            and not may_include_own_as
            and not any(
                # A waiver of a rule that does not apply to this view may still be needed.
                rule.masks.hold(facts) if view in rule.views else self.statements.has(rule.id)
                for rule in self.rules(Cell)
                if rule.masks is not None
            )
        )

    def passed_results(self, view: View) -> tuple[Evaluation, ...]:
        """Return the results of rules about single routes for routes on which none can fire."""
        if view not in self._passed_results:
            self._passed_results[view] = tuple(
                Evaluation(rule, Outcome.PASS if view in rule.views else Outcome.NOT_APPLICABLE)
                for rule in self.rules(Cell)
                if rule.masks is not None
            )
        return self._passed_results[view]

    def has_no_answer(self, cell: Cell) -> bool:
        """Whether no relational rule has an answer for a cell that announces the prefix.

        The same then holds for any other prefix with equal routes.
        """
        return all(
            not each.answers
            and not each.findings
            and self.statements.is_indifferent(each.rule.id, each.outcome)
            for each in self._evaluate_rules(self.relational(), cell, None)
        )

    def passed_relational_results(self, view: View) -> tuple[Evaluation, ...]:
        """Return the results of relational rules for cells for which `has_no_answer` holds."""
        return tuple(
            Evaluation(rule, Outcome.PASS if view in rule.views else Outcome.NOT_APPLICABLE)
            for rule in self.relational()
        )

    def rules(self, kind: type[S]) -> tuple[Rule[S], ...]:
        """Return the rules about a kind of subject that the profile does not turn off.

        Args:
            kind: the class of the subjects.

        Returns:
            The rules in the order of Microsoft's checks.
        """
        if kind.scope not in self._rules:
            self._rules[kind.scope] = tuple(
                rule
                for rule in _BY_STEP
                if rule.scope is kind.scope
                and self.profile.setting(rule).level is not Requirement.OFF
            )
        return self._rules[kind.scope]

    def relational(self) -> tuple[Rule[Cell], ...]:
        """Return the rules about cells that need more than single routes."""
        return tuple(rule for rule in self.rules(Cell) if rule.masks is None)

    # -- evaluation

    def evaluate_all(
        self, subject: Subject, previous: PreviousResults | None = None
    ) -> list[Evaluation]:
        """Evaluate all rules about a subject.

        Args:
            subject: the subject.
            previous: the previous results for the same subject, which are replaced.
        """
        return self.evaluate(self.rules(type(subject)), subject, previous)

    def evaluate(
        self, rules: Sequence[Rule[S]], subject: S, previous: PreviousResults | None = None
    ) -> list[Evaluation]:
        """Evaluate rules for one subject.

        The finding of a diagnosis replaces that of the rule that it explains, unless that rule
        fails and the diagnosis is unknown, or communities that decide it are not shown.

        Args:
            rules: the rules, in the order of the results.
            subject: the subject.
            previous: the previous results of the same rules for the same subject, which are
                replaced.
        """
        evaluations = self._evaluate_rules(rules, subject, previous)
        if not self.statements.is_empty:
            for each in evaluations:
                self.statements.note(each.rule, subject, each.outcome)
        if not any(each.findings and each.rule.diagnoses for each in evaluations):
            return evaluations
        worst = {evaluation.rule.id: evaluation.outcome for evaluation in evaluations}
        silent: set[str] = set()
        for evaluation in evaluations:
            general = evaluation.rule.diagnoses
            if general is None or not evaluation.findings:
                continue
            keeps_general = evaluation.outcome is Outcome.UNKNOWN and (
                worst.get(general) is Outcome.FAIL
                # That communities are not shown does not say more than the general rule does.
                or all(each.need == Need.COMMUNITIES for each in evaluation.findings)
            )
            silent.add(evaluation.rule.id if keeps_general else general)
        return [
            attrs.evolve(evaluation, findings=(), words=())
            if evaluation.rule.id in silent
            else evaluation
            for evaluation in evaluations
        ]

    def is_off(self, rule: AnyRule) -> bool:
        """Whether the profile turns a rule off."""
        return self.profile.setting(rule).level is Requirement.OFF

    def is_off_as_shipped(self, rule: AnyRule) -> bool:
        """Whether the shipped profile that the profile is or extends turns a rule off."""
        return self._recorder.shipped.setting(rule).level is Requirement.OFF

    def without_finding(self, rule: AnyRule, answer: Answer) -> Evaluation:
        """Return a result without a finding: another rule's finding already reports it."""
        outcome = Outcome.FAIL if answer.result is CheckResult.FAIL else Outcome.UNKNOWN
        return Evaluation(rule, outcome, answers=(answer,))

    def record_external(
        self, rule: AnyRule, subject: Subject, answers: tuple[Problem, ...]
    ) -> list[Evaluation]:
        """Record problems found outside the rule's own check, unless the profile turns it off."""
        if not answers or self.profile.setting(rule).level is Requirement.OFF:
            return []
        return [self._recorder.evaluation(rule, subject, answers)]

    def _evaluate_rules(
        self, rules: Sequence[Rule[S]], subject: S, previous: PreviousResults | None
    ) -> list[Evaluation]:
        if isinstance(subject, Cell):
            return self._cells.evaluate(cast("Sequence[Rule[Cell]]", rules), subject)
        if previous is None:
            return [self._evaluate_rule(rule, subject) for rule in rules]
        return self._evaluate_changed(rules, subject, previous)

    def _evaluate_changed(
        self, rules: Sequence[Rule[S]], subject: S, previous: PreviousResults
    ) -> list[Evaluation]:
        """Evaluate the rules whose answers may have changed; all rules the first time."""
        found = previous.evaluations
        if found:
            for at in previous.to_repeat:
                found[at] = self._evaluate_again(at, rules[at], subject, previous)
        else:
            found += (
                self._evaluate_again(at, rule, subject, previous) for at, rule in enumerate(rules)
            )
            previous.to_repeat = tuple(
                at
                for at, rule in enumerate(rules)
                if rule.reads_routes or self.statements.has(rule.id)
            )
        return found.copy()

    def _evaluate_rule(self, rule: Rule[S], subject: S) -> Evaluation:
        answers = self._answers(rule, subject)
        if answers is None:
            return self._recorder.without_answer(rule, Outcome.NOT_APPLICABLE)
        return self._recorder.evaluation(rule, subject, answers)

    def _evaluate_again(
        self, at: int, rule: Rule[S], subject: S, previous: PreviousResults
    ) -> Evaluation:
        """Evaluate a rule; if its answers did not change, return the previous result."""
        answers = self._answers(rule, subject)
        if answers is None:
            return self._recorder.without_answer(rule, Outcome.NOT_APPLICABLE)
        if not answers and not self.statements.has(rule.id):
            return self._recorder.without_answer(rule, Outcome.PASS)
        views = subject.views if Need.ROUTES in rule.needs else None
        before = previous.answers.get(at)
        if before is not None and before.answers == answers and before.views == views:
            return before.evaluation
        answers = self._recorder.shared(answers)
        found = self._recorder.evaluation(rule, subject, answers)
        if not self.statements.has(rule.id):
            previous.answers[at] = PreviousAnswers(answers, views, found)
        return found

    def _answers(self, rule: Rule[S], subject: S) -> Answers | None:
        """Return the answers of a rule about anything but a cell; None where it does not apply."""
        hidden = hiding(Need.COMMUNITIES, rule, subject)
        if hidden:
            return hidden_answers(rule, Need.COMMUNITIES, hidden)
        answers = rule.evaluate(subject, self.context)
        old = tuple(each for each in subject.every_source if each.is_too_old)
        if old:
            newer = cast("S", subject.without_old_sources())
            certain = rule.evaluate(newer, self.context)
            answers = without_old_answers(rule, certain, answers, old)
        if answers:
            return answers
        # No rule fires on a path that the source does not show; problems of other routes remain.
        hidden = hiding(Need.PATH, rule, subject)
        return hidden_answers(rule, Need.PATH, hidden) if hidden else ()
