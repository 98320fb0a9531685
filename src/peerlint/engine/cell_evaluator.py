"""Evaluation of rules about cells: the routes for one prefix on one session, from one source."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import attrs

from peerlint.engine.evaluation import Evaluation
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
)
from peerlint.model import Fact, Viewpoint
from peerlint.observations import SessionSource
from peerlint.profiles import Profile
from peerlint.results import Outcome
from peerlint.rules import Cell, Context, Need, Presence, Rule

#: The most combinations of facts whose results are cached.
_MEMO: Final = 1 << 12


@attrs.frozen
class CellEvaluator:
    """Evaluates rules about cells under one profile.

    A source that is too old, or does not show what a rule needs, decides nothing by itself: then
    the result is unknown, or comes from what other sources of the session show.

    Attributes:
        profile: the profile, with severities and parameters.
        context: the data that rules may use.
        strict: whether inferred passes count as unknown.
        recorder: makes evaluations of the answers of rules.
        rules: the rules about cells that the profile does not turn off.
    """

    profile: Profile
    context: Context
    strict: bool
    recorder: Recorder
    rules: tuple[Rule[Cell], ...]
    _passed_by_facts: dict[tuple[Viewpoint | Fact, ...], Mapping[str, Evaluation]] = attrs.field(
        factory=dict, init=False
    )

    def evaluate(self, rules: Sequence[Rule[Cell]], cell: Cell) -> list[Evaluation]:
        """Evaluate rules for one cell, in their order."""
        fresh = without_old(cell)
        if shows_everything(fresh):
            # Nearly always, so that no other source is needed.
            passed = self._passed_by_masks(fresh)
            return [passed.get(rule.id) or self._evaluate_rule(rule, fresh) for rule in rules]
        return [self._evaluate_hidden(rule, showing_more(rule, fresh)) for rule in rules]

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
                rule.id: self.recorder.without_answer(
                    rule,
                    Outcome.PASS if viewpoint.view in rule.views else Outcome.NOT_APPLICABLE,
                )
                for rule in self.rules
                if rule.masks is not None
                and not (
                    viewpoint.view in rule.views
                    and any(rule.masks.hold(route.facts) for route in cell.routes)
                )
            }
        return found

    def _evaluate_hidden(self, rule: Rule[Cell], cell: Cell) -> Evaluation:
        """Evaluate a cell whose source may not show what a rule needs."""
        hidden, need = hiding(Need.COMMUNITIES, rule, cell), Need.COMMUNITIES
        if not hidden:
            found = self._evaluate_rule(rule, cell)
            # No rule fires on a path that the source does not show; other problems remain.
            hidden = hiding(Need.PATH, rule, cell) if found.outcome is Outcome.PASS else ()
            need = Need.PATH
            if not hidden:
                return self._with_other_communities(rule, cell, found)
        answers = hidden_answers(rule, need, hidden)
        if answers is None:
            return self.recorder.without_answer(rule, Outcome.NOT_APPLICABLE)
        return self.recorder.evaluation(rule, cell, answers)

    def _with_other_communities(
        self, rule: Rule[Cell], cell: Cell, found: Evaluation
    ) -> Evaluation:
        """Return a result, or that it depends on communities that the source does not show."""
        hidden = hiding_other_communities(rule, cell) if found.outcome is Outcome.PASS else ()
        if not hidden:
            return found
        answers = (other_communities_not_shown(rule, hidden),)
        return self.recorder.evaluation(rule, cell, answers)

    def _evaluate_rule(self, rule: Rule[Cell], cell: Cell) -> Evaluation:
        if cell.source is not None and cell.source.is_too_old:
            return self._evaluate_old(rule, cell, cell.source)
        return self._evaluate_fresh(rule, cell)

    def _evaluate_fresh(self, rule: Rule[Cell], cell: Cell) -> Evaluation:
        if cell.routes and cell.view not in rule.views:
            return self.recorder.without_answer(rule, Outcome.NOT_APPLICABLE)
        if rule.masks is None:
            return self._evaluate_presence(rule, cell)
        may_be_present = cell.presence is Presence.PRESENT or cell.is_hint
        if not may_be_present or not cell.routes:
            return self.recorder.without_answer(rule, Outcome.NOT_APPLICABLE)
        held = [holds(rule, route, self.context) for route in cell.routes]
        fired = tuple(
            route for each, route in zip(held, cell.routes, strict=True) if each is not False
        )
        if not fired:
            return self._passed(rule, cell)
        unknown = why_unknown(rule, cell, held, self.profile)
        if unknown is not None:
            return self.recorder.evaluation(rule, cell, (attrs.evolve(unknown, evidence=fired),))
        firing = attrs.evolve(cell, firing=fired)
        return self.recorder.evaluation(rule, cell, rule.evaluate(firing, self.context))

    def _evaluate_old(self, rule: Rule[Cell], cell: Cell, source: SessionSource) -> Evaluation:
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
            return self.recorder.without_answer(rule, Outcome.NOT_APPLICABLE)
        return self.recorder.evaluation(rule, cell, (too_old(rule, source, cell.routes),))

    def _evaluate_presence(self, rule: Rule[Cell], cell: Cell) -> Evaluation:
        answers = rule.evaluate(cell, self.context)
        if answers or cell.presence is not Presence.PRESENT:
            return self.recorder.evaluation(rule, cell, answers)
        return self._passed(rule, cell)

    def _passed(self, rule: Rule[Cell], cell: Cell) -> Evaluation:
        """Return a pass; under `strict`, unknown if it is only inferred."""
        is_definite = cell.view is not None and cell.view.is_definite
        # A diagnosis that does not fire leaves the result to the rule that it explains.
        is_required = rule.diagnoses is None and self.profile.setting(rule).level.is_must
        if is_definite or not self.strict or not is_required:
            return self.recorder.without_answer(rule, Outcome.PASS)
        # `strict` is the user's choice: Microsoft's checks accept inferred passes.
        return attrs.evolve(
            self.recorder.evaluation(rule, cell, (only_inferred(rule, cell),)), answers=()
        )
