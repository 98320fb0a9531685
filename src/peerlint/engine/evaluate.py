"""Evaluation of rules: which rules are asked about a subject, and of what it shows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, TypeVar, cast

import attrs

from peerlint.engine.evaluation import Answer, Evaluation, Known, KnownAnswers
from peerlint.engine.findings import Numbers
from peerlint.engine.recorder import Recorder
from peerlint.engine.undecided import (
    hidden_answers,
    hiding,
    holds,
    only_inferred,
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
#: Combinations of facts whose results are remembered, at most.
_MEMO: Final = 1 << 12
#: All rules in the order of Microsoft's checks.
_BY_STEP: Final = tuple(sorted(CHECKS.values(), key=lambda rule: rule.step))


@attrs.frozen
class Evaluator:
    """Evaluates rules under one profile.

    Attributes:
        profile: with severities and parameters.
        context: the data that rules may use.
        statements: attestations and waivers.
        strict: whether inferred passes count as unknown and mild readings as errors.
        numbers: of prefixes that the inventory declares more than once.
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

    def cannot_fire(self, viewpoint: Viewpoint, seen: Iterable[Fact]) -> bool:
        """Whether no rule about single routes can fire, so that none has to be called.

        Args:
            viewpoint: from where routes for one prefix were seen.
            seen: their facts.
        """
        known = self._cannot_fire.setdefault(viewpoint, {})
        for each in seen:
            if each not in known:
                known[each] = self._says_nothing(viewpoint, each)
            if not known[each]:
                return False
        return True

    def _says_nothing(self, viewpoint: Viewpoint, seen: Fact) -> bool:
        view = viewpoint.view
        sure = view.is_definite or not (self.strict or view.is_hint)
        open_reading = view is View.ADVERTISED and viewpoint.own_as is OwnAs.AUTO
        return (
            sure
            and not open_reading
            and not any(
                # A waiver of a rule that does not look at this view is not known to be unused.
                rule.masks.hold(seen) if view in rule.views else self.statements.has(rule.id)
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

    def says_nothing(self, cell: Cell) -> bool:
        """Whether no relational rule has an answer for a cell that announces the prefix.

        The same then holds for any other prefix with equal routes.
        """
        return all(
            not each.answers
            and not each.findings
            and self.statements.is_indifferent(each.rule.id, each.outcome)
            for each in self._asked(self.relational(), cell, None)
        )

    def present(self, view: View) -> tuple[Evaluation, ...]:
        """Return the results of relational rules for cells for which `says_nothing` holds."""
        return tuple(
            Evaluation(rule, Outcome.PASS if view in rule.views else Outcome.NOT_APPLICABLE)
            for rule in self.relational()
        )

    def rules(self, kind: type[S]) -> tuple[Rule[S], ...]:
        """Return the rules about a kind of subject that the profile does not turn off.

        Args:
            kind: a class of subjects.
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
        """Return the rules about cells that use more than single routes."""
        return tuple(rule for rule in self.rules(Cell) if rule.masks is None)

    # -- asking

    def evaluate_all(self, subject: Subject, known: Known | None = None) -> list[Evaluation]:
        """Evaluate all rules about a subject.

        Args:
            subject: the subject.
            known: the results for the same subject before, which are replaced.
        """
        return self.evaluate(self.rules(type(subject)), subject, known)

    def evaluate(
        self, rules: Sequence[Rule[S]], subject: S, known: Known | None = None
    ) -> list[Evaluation]:
        """Evaluate rules for one subject; a diagnosis replaces the rule that it explains.

        If the rule fails and the diagnosis is unknown, the failure is the finding.

        Args:
            rules: in the order of the results.
            subject: the subject.
            known: the results of the same rules for the same subject before, which are replaced.
        """
        asked = self._asked(rules, subject, known)
        if not self.statements.is_empty:
            for each in asked:
                self.statements.note(each.rule, subject, each.outcome)
        if not any(each.findings and each.rule.diagnoses for each in asked):
            return asked
        worst = {evaluation.rule.id: evaluation.outcome for evaluation in asked}
        silent: set[str] = set()
        for evaluation in asked:
            general = evaluation.rule.diagnoses
            if general is None or not evaluation.findings:
                continue
            is_surer = evaluation.outcome is Outcome.UNKNOWN and worst.get(general) is Outcome.FAIL
            silent.add(evaluation.rule.id if is_surer else general)
        return [
            attrs.evolve(evaluation, findings=(), words=())
            if evaluation.rule.id in silent
            else evaluation
            for evaluation in asked
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

    def _asked(self, rules: Sequence[Rule[S]], subject: S, known: Known | None) -> list[Evaluation]:
        if isinstance(subject, Cell):
            return self._asked_about_cell(cast("Sequence[Rule[Cell]]", rules), subject)
        return self._asked_again(rules, subject, Known() if known is None else known)

    def _asked_again(self, rules: Sequence[Rule[S]], subject: S, known: Known) -> list[Evaluation]:
        """Evaluate the rules whose answers may have changed; all of them the first time."""
        found = known.evaluations
        if found:
            for at in known.again:
                found[at] = self._ask_again(at, rules[at], subject, known)
        else:
            found += (self._ask_again(at, rule, subject, known) for at, rule in enumerate(rules))
            known.again = tuple(
                at
                for at, rule in enumerate(rules)
                if rule.reads_routes or self.statements.has(rule.id)
            )
        return found.copy()

    def _ask_again(self, at: int, rule: Rule[S], subject: S, known: Known) -> Evaluation:
        """Evaluate a rule, unless its answers are those that are known."""
        answers = self._answers(rule, subject)
        if answers is None:
            return self._recorder.nothing(rule, Outcome.NOT_APPLICABLE)
        if not answers and not self.statements.has(rule.id):
            return self._recorder.nothing(rule, Outcome.PASS)
        views = subject.views if Need.ROUTES in rule.needs else None
        before = known.answers.get(at)
        if before is not None and before.answers == answers and before.views == views:
            return before.evaluation
        found = self._recorder.evaluation(rule, subject, answers)
        if not self.statements.has(rule.id):
            known.answers[at] = KnownAnswers(answers, views, found)
        return found

    def _answers(self, rule: Rule[S], subject: S) -> Answers | None:
        """Return the answers of a rule about anything but a cell; None where it does not apply."""
        hidden = hiding(Need.COMMUNITIES, rule, subject)
        if hidden:
            return hidden_answers(rule, Need.COMMUNITIES, hidden)
        answers = rule.ask(subject, self.context)
        old = tuple(each for each in subject.every_source if each.is_too_old)
        if old:
            newer = cast("S", subject.without_old_sources())
            certain = rule.ask(newer, self.context)
            answers = without_old_answers(rule, certain, answers, old)
        if answers:
            return answers
        # A path that the source does not show fires no rule; problems of other routes remain.
        hidden = hiding(Need.PATH, rule, subject)
        return hidden_answers(rule, Need.PATH, hidden) if hidden else ()

    # -- cells

    def _asked_about_cell(self, rules: Sequence[Rule[Cell]], cell: Cell) -> list[Evaluation]:
        fresh = without_old(cell)
        if shows_everything(fresh):
            # Nearly always: no other source is needed.
            passed = self._passed_without_asking(fresh)
            return [passed.get(rule.id) or self._ask_cell(rule, fresh) for rule in rules]
        return [self._ask_hidden_cell(rule, showing_more(rule, fresh)) for rule in rules]

    def _passed_without_asking(self, cell: Cell) -> Mapping[str, Evaluation]:
        """Return the results of rules about single routes that the facts of the routes decide.

        That is all that do not fire, where the routes are what AS8075 receives. Very many cells
        have routes with the same facts.
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
        every: tuple[Viewpoint | Fact, ...] = (viewpoint, *(seen.facts for seen in cell.routes))
        found = self._passed_by_facts.get(every)
        if found is None:
            if len(self._passed_by_facts) >= _MEMO:
                self._passed_by_facts.clear()
            found = self._passed_by_facts[every] = {
                rule.id: self._recorder.nothing(
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

    def _ask_hidden_cell(self, rule: Rule[Cell], cell: Cell) -> Evaluation:
        """Evaluate a cell whose source may not show what a rule needs."""
        hidden, need = hiding(Need.COMMUNITIES, rule, cell), Need.COMMUNITIES
        if not hidden:
            found = self._ask_cell(rule, cell)
            # A path that the source does not show fires no rule; other problems remain.
            hidden = hiding(Need.PATH, rule, cell) if found.outcome is Outcome.PASS else ()
            need = Need.PATH
            if not hidden:
                return found
        answers = hidden_answers(rule, need, hidden)
        if answers is None:
            return self._recorder.nothing(rule, Outcome.NOT_APPLICABLE)
        return self._recorder.evaluation(rule, cell, answers)

    def _ask_cell(self, rule: Rule[Cell], cell: Cell) -> Evaluation:
        if cell.source is not None and cell.source.is_too_old:
            return self._ask_old_cell(rule, cell, cell.source)
        return self._ask_fresh_cell(rule, cell)

    def _ask_fresh_cell(self, rule: Rule[Cell], cell: Cell) -> Evaluation:
        if cell.routes and cell.view not in rule.views:
            return self._recorder.nothing(rule, Outcome.NOT_APPLICABLE)
        if rule.masks is None:
            return self._ask_about_presence(rule, cell)
        is_there = cell.presence is Presence.PRESENT or cell.is_hint
        if not is_there or not cell.routes:
            return self._recorder.nothing(rule, Outcome.NOT_APPLICABLE)
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
        return self._recorder.evaluation(rule, cell, rule.ask(firing, self.context))

    def _ask_old_cell(self, rule: Rule[Cell], cell: Cell, source: SessionSource) -> Evaluation:
        """Leave open whatever a source says that is too old, good or bad."""
        if rule.masks is None:
            is_open = bool(rule.ask(cell, self.context))
        elif not cell.routes or cell.view not in rule.views or rule.diagnoses is not None:
            is_open = False
        else:
            # On sessions of other peerings, only problems are reported.
            fires = any(holds(rule, route, self.context) is not False for route in cell.routes)
            is_open = cell.is_asked_for or fires
        if not is_open:
            return self._recorder.nothing(rule, Outcome.NOT_APPLICABLE)
        return self._recorder.evaluation(rule, cell, (too_old(rule, source, cell.routes),))

    def _ask_about_presence(self, rule: Rule[Cell], cell: Cell) -> Evaluation:
        answers = rule.ask(cell, self.context)
        if answers or cell.presence is not Presence.PRESENT:
            return self._recorder.evaluation(rule, cell, answers)
        return self._passed(rule, cell)

    def _passed(self, rule: Rule[Cell], cell: Cell) -> Evaluation:
        """Return a pass; under `strict`, unknown if it is only inferred."""
        sure = cell.view is not None and cell.view.is_definite
        # A diagnosis that does not fire leaves the result to the rule that it explains.
        is_asked = rule.diagnoses is None and self.profile.setting(rule).level.is_must
        if sure or not self.strict or not is_asked:
            return self._recorder.nothing(rule, Outcome.PASS)
        # `strict` is the user's wish: Microsoft's checks accept the inference.
        return attrs.evolve(
            self._recorder.evaluation(rule, cell, (only_inferred(rule, cell),)), answers=()
        )
