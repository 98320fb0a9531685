"""Evaluation of rules: which rules apply to a subject, and which routes they are given."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, TypeVar, cast

import attrs

from peerlint.engine.evaluation import Answer, Evaluation, PreviousAnswers, PreviousResults
from peerlint.engine.findings import Numbers
from peerlint.engine.recorder import Recorder
from peerlint.engine.undecided import (
    hidden_answers,
    hiding,
    hiding_other_communities,
    holds,
    only_inferred,
    other_communities_not_shown,
    showing_more,
    shows_everything,
    too_old,
    why_unknown,
    without_old,
    without_old_answers,
)
from peerlint.engine.waivers import Statements
from peerlint.model import Fact, OwnAs, View, Viewpoint
from peerlint.observations import SessionSource
from peerlint.profiles import Profile, Requirement
from peerlint.results import CheckResult, Outcome
from peerlint.rules import (
    CHECKS,
    AnyRule,
    Cell,
    Context,
    Need,
    Presence,
    Problem,
    Rule,
    Scope,
    Subject,
)
from peerlint.rules.answers import Answers

S = TypeVar("S", bound=Subject)
#: The most combinations of facts whose results are cached.
_MEMO: Final = 1 << 12
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
            lambda self: Recorder(self.profile, self.statements, self.strict, self.numbers),
            takes_self=True,
        ),
        init=False,
    )
    _passed_results: dict[View, tuple[Evaluation, ...]] = attrs.field(factory=dict, init=False)
    _cannot_fire: dict[Viewpoint, dict[Fact, bool]] = attrs.field(factory=dict, init=False)
    _rules: dict[Scope, tuple[Rule, ...]] = attrs.field(factory=dict, init=False)
    _passed_by_facts: dict[tuple[Viewpoint | Fact, ...], Mapping[str, Evaluation]] = attrs.field(
        factory=dict, init=False
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
            return self._evaluate_cell(cast("Sequence[Rule[Cell]]", rules), subject)
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

    # -- cells

    def _evaluate_cell(self, rules: Sequence[Rule[Cell]], cell: Cell) -> list[Evaluation]:
        fresh = without_old(cell)
        if shows_everything(fresh):
            # Nearly always, so that no other source is needed.
            passed = self._passed_by_masks(fresh)
            return [passed.get(rule.id) or self._evaluate_cell_rule(rule, fresh) for rule in rules]
        return [self._evaluate_hidden_cell(rule, showing_more(rule, fresh)) for rule in rules]

    def _passed_by_masks(self, cell: Cell) -> Mapping[str, Evaluation]:
        """Return the results of the rules about single routes that do not fire, by rule.

        It is empty unless the view shows what AS8075 receives. The results are cached, because very
        many cells have routes with the same facts.
        """
        viewpoint = cell.routes[0].viewpoint if cell.routes else None
        is_certain = (
            viewpoint is not None
            and viewpoint.view.is_definite
            and cell.presence is Presence.PRESENT
            and not (cell.source is not None and cell.source.is_too_old)
        )
        if viewpoint is None or not is_certain:
            return {}
        key: tuple[Viewpoint | Fact, ...] = (viewpoint, *(route.facts for route in cell.routes))
        found = self._passed_by_facts.get(key)
        if found is None:
            if len(self._passed_by_facts) >= _MEMO:
                self._passed_by_facts.clear()
            found = self._passed_by_facts[key] = {
                rule.id: self._recorder.without_answer(
                    rule,
                    Outcome.PASS if viewpoint.view in rule.views else Outcome.NOT_APPLICABLE,
                )
                for rule in self.rules(Cell)
                if rule.masks is not None
                and not (
                    viewpoint.view in rule.views
                    and any(rule.masks.hold(route.facts) for route in cell.routes)
                )
            }
        return found

    def _evaluate_hidden_cell(self, rule: Rule[Cell], cell: Cell) -> Evaluation:
        """Evaluate a cell whose source may not show what a rule needs."""
        hidden, need = hiding(Need.COMMUNITIES, rule, cell), Need.COMMUNITIES
        if not hidden:
            found = self._evaluate_cell_rule(rule, cell)
            # No rule fires on a path that the source does not show; other problems remain.
            hidden = hiding(Need.PATH, rule, cell) if found.outcome is Outcome.PASS else ()
            need = Need.PATH
            if not hidden:
                return self._with_other_communities(rule, cell, found)
        answers = hidden_answers(rule, need, hidden)
        if answers is None:
            return self._recorder.without_answer(rule, Outcome.NOT_APPLICABLE)
        return self._recorder.evaluation(rule, cell, answers)

    def _with_other_communities(
        self, rule: Rule[Cell], cell: Cell, found: Evaluation
    ) -> Evaluation:
        """Return a result, or that it depends on communities that the source does not show."""
        hidden = hiding_other_communities(rule, cell) if found.outcome is Outcome.PASS else ()
        if not hidden:
            return found
        answers = (other_communities_not_shown(rule, hidden),)
        return self._recorder.evaluation(rule, cell, answers)

    def _evaluate_cell_rule(self, rule: Rule[Cell], cell: Cell) -> Evaluation:
        if cell.source is not None and cell.source.is_too_old:
            return self._evaluate_old_cell(rule, cell, cell.source)
        return self._evaluate_fresh_cell(rule, cell)

    def _evaluate_fresh_cell(self, rule: Rule[Cell], cell: Cell) -> Evaluation:
        if cell.routes and cell.view not in rule.views:
            return self._recorder.without_answer(rule, Outcome.NOT_APPLICABLE)
        if rule.masks is None:
            return self._evaluate_presence(rule, cell)
        may_be_present = cell.presence is Presence.PRESENT or cell.is_hint
        if not may_be_present or not cell.routes:
            return self._recorder.without_answer(rule, Outcome.NOT_APPLICABLE)
        held = [holds(rule, route, self.context) for route in cell.routes]
        fired = tuple(
            route for each, route in zip(held, cell.routes, strict=True) if each is not False
        )
        if not fired:
            return self._passed(rule, cell)
        unknown = why_unknown(rule, cell, held, self.profile)
        if unknown is not None:
            return self._recorder.evaluation(rule, cell, (attrs.evolve(unknown, evidence=fired),))
        firing = attrs.evolve(cell, firing=fired)
        return self._recorder.evaluation(rule, cell, rule.evaluate(firing, self.context))

    def _evaluate_old_cell(self, rule: Rule[Cell], cell: Cell, source: SessionSource) -> Evaluation:
        """Return unknown for any answer, good or bad, because the source is too old."""
        if rule.masks is None:
            is_open = bool(rule.evaluate(cell, self.context))
        elif not cell.routes or cell.view not in rule.views or rule.diagnoses is not None:
            is_open = False
        else:
            # On sessions of other peerings, only problems are reported.
            fires = any(holds(rule, route, self.context) is not False for route in cell.routes)
            is_open = cell.is_required or fires
        if not is_open:
            return self._recorder.without_answer(rule, Outcome.NOT_APPLICABLE)
        return self._recorder.evaluation(rule, cell, (too_old(rule, source, cell.routes),))

    def _evaluate_presence(self, rule: Rule[Cell], cell: Cell) -> Evaluation:
        answers = rule.evaluate(cell, self.context)
        if answers or cell.presence is not Presence.PRESENT:
            return self._recorder.evaluation(rule, cell, answers)
        return self._passed(rule, cell)

    def _passed(self, rule: Rule[Cell], cell: Cell) -> Evaluation:
        """Return a pass; under `strict`, unknown if it is only inferred."""
        is_definite = cell.view is not None and cell.view.is_definite
        # A diagnosis that does not fire leaves the result to the rule that it explains.
        is_required = rule.diagnoses is None and self.profile.setting(rule).level.is_must
        if is_definite or not self.strict or not is_required:
            return self._recorder.without_answer(rule, Outcome.PASS)
        # `strict` is the user's choice: Microsoft's checks accept inferred passes.
        return attrs.evolve(
            self._recorder.evaluation(rule, cell, (only_inferred(rule, cell),)), answers=()
        )
