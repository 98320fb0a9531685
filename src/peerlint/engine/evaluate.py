"""Evaluation of rules: which rules are asked about a subject, and of what it shows."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final, TypeVar, cast

import attrs

from peerlint.engine.evaluation import Answer, Evaluation
from peerlint.engine.findings import Numbers
from peerlint.engine.recorder import Recorder
from peerlint.engine.undecided import (
    hiding,
    holds,
    not_shown,
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
from peerlint.observations import Observation, SessionSource
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

S = TypeVar("S", bound=Subject)
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
            for each in self._asked(self.relational(), cell)
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

    def evaluate_all(self, subject: Subject) -> list[Evaluation]:
        """Evaluate all rules about a subject."""
        return self.evaluate(self.rules(type(subject)), subject)

    def evaluate(self, rules: Iterable[Rule[S]], subject: S) -> list[Evaluation]:
        """Evaluate rules for one subject; a diagnosis replaces the rule that it explains.

        If the rule fails and the diagnosis is unknown, the failure is the finding.
        """
        asked = self._asked(rules, subject)
        for each in asked:
            if self.statements.has(each.rule.id):
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

    def _asked(self, rules: Iterable[Rule[S]], subject: S) -> list[Evaluation]:
        if isinstance(subject, Cell):
            return self._asked_about_cell(cast("Iterable[Rule[Cell]]", rules), subject)
        return [self._ask(rule, subject, self._ask_openly) for rule in rules]

    def _asked_about_cell(self, rules: Iterable[Rule[Cell]], cell: Cell) -> list[Evaluation]:
        fresh = without_old(cell)
        if shows_everything(fresh):
            # Nearly always: no other source is needed.
            return [self._ask_cell(rule, fresh) for rule in rules]
        return [self._ask(rule, showing_more(rule, fresh), self._ask_cell) for rule in rules]

    def _ask(
        self, rule: Rule[S], subject: S, openly: Callable[[Rule[S], S], Evaluation]
    ) -> Evaluation:
        """Ask a rule, unless the source hides what it needs.

        Args:
            rule: the rule.
            subject: of the rule.
            openly: asks the rule whatever the source shows.
        """
        hidden = hiding(Need.COMMUNITIES, rule, subject)
        if hidden:
            return self._hidden(rule, subject, Need.COMMUNITIES, hidden)
        found = openly(rule, subject)
        # A path that the source does not show fires no rule; problems of other routes remain.
        hidden = hiding(Need.PATH, rule, subject) if found.outcome is Outcome.PASS else ()
        return self._hidden(rule, subject, Need.PATH, hidden) if hidden else found

    def _ask_openly(self, rule: Rule[S], subject: S) -> Evaluation:
        answers = rule.ask(subject, self.context)
        old = tuple(each for each in subject.every_source if each.is_too_old)
        if old:
            newer = cast("S", subject.without_old_sources())
            certain = rule.ask(newer, self.context)
            answers = without_old_answers(rule, certain, answers, old)
        return self._recorder.evaluation(rule, subject, answers)

    def _hidden(
        self, rule: Rule[S], subject: S, need: Need, routes: tuple[Observation, ...]
    ) -> Evaluation:
        """Return unknown for a rule about routes whose source does not show what it needs."""
        # A diagnosis would only repeat the unknown of the rule that it explains. And a path that is
        # not shown cannot be known to be empty.
        of_emptiness = rule.masks is not None and rule.masks.any_of == Fact.EMPTY_PATH
        if rule.diagnoses is not None or of_emptiness:
            return self._recorder.nothing(rule, Outcome.NOT_APPLICABLE)
        return self._recorder.evaluation(rule, subject, (not_shown(rule, need, routes),))

    # -- cells

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
