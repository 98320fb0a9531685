"""Evaluation of rules: for each rule and subject the outcome, and the findings if it fails."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

import attrs

from peerlint.engine.findings import (
    Numbers,
    about,
    confidence,
    discriminator,
    key,
    location,
    portal,
    views_of,
)
from peerlint.engine.waivers import Statements, names_of, stated_by
from peerlint.inventory.peering import Egress
from peerlint.model import Fact, OwnAs, View, Viewpoint, facts
from peerlint.model.times import time_text
from peerlint.observations import Observation, SessionSource
from peerlint.profiles import Profile, Requirement, shipped_profile
from peerlint.results import CheckResult, DecidedBy, Evidence, Finding, Outcome, Severity
from peerlint.rules import (
    CATALOGUE,
    CHECKS,
    Cell,
    Context,
    Need,
    ObservedPeering,
    ObservedPrefix,
    ObservedSession,
    Presence,
    Problem,
    Rule,
    Scope,
    Subject,
    Unknown,
)
from peerlint.wording import listed

#: The answers of a rule about a subject.
Answers = tuple[Problem | Unknown, ...]
#: Routes that one finding has as evidence, at most.
_SHOWN: Final = 3
#: Combinations of facts whose results are remembered, at most.
_MEMO: Final = 1 << 12
#: All rules in the order of Microsoft's checks.
_BY_STEP: Final = tuple(sorted(CHECKS.values(), key=lambda rule: rule.step))
#: The outcome of several answers is the first of these.
_WORST_FIRST: Final = (Outcome.FAIL, Outcome.UNKNOWN, Outcome.WAIVED, Outcome.ATTESTED)


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

    rule: Rule
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
    _shipped: Profile = attrs.field(
        default=attrs.Factory(lambda self: shipped_profile(self.profile.base), takes_self=True),
        init=False,
    )
    _passed_results: dict[View, tuple[Evaluation, ...]] = attrs.field(factory=dict, init=False)
    _cannot_fire: dict[Viewpoint, dict[Fact, bool]] = attrs.field(factory=dict, init=False)
    _rules: dict[Scope, tuple[Rule, ...]] = attrs.field(factory=dict, init=False)
    _plain: dict[tuple[str, Outcome], Evaluation] = attrs.field(factory=dict, init=False)
    _severities: dict[tuple[str, Severity | None], Severity] = attrs.field(factory=dict, init=False)
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
                for rule in self.rules(Scope.CELL)
                if rule.masks is not None
            )
        )

    def passed_results(self, view: View) -> tuple[Evaluation, ...]:
        """Return the results of rules about single routes for routes on which none can fire."""
        if view not in self._passed_results:
            self._passed_results[view] = tuple(
                Evaluation(rule, Outcome.PASS if view in rule.views else Outcome.NOT_APPLICABLE)
                for rule in self.rules(Scope.CELL)
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

    def rules(self, scope: Scope) -> tuple[Rule, ...]:
        """Return the rules of a scope that the profile does not turn off, as Microsoft checks."""
        if scope not in self._rules:
            self._rules[scope] = tuple(
                rule
                for rule in _BY_STEP
                if rule.scope is scope and self.profile.setting(rule).level is not Requirement.OFF
            )
        return self._rules[scope]

    def relational(self) -> tuple[Rule, ...]:
        """Return the rules about cells that use more than single routes."""
        return tuple(rule for rule in self.rules(Scope.CELL) if rule.masks is None)

    def _nothing(self, rule: Rule, outcome: Outcome) -> Evaluation:
        """Return the result of a rule without an answer; all cells share it."""
        found = self._plain.get((rule.id, outcome))
        if found is None:
            found = self._plain[rule.id, outcome] = Evaluation(rule, outcome)
        return found

    # -- asking

    def evaluate(
        self, rules: Sequence[Rule], subject: Subject, known: Known | None = None
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

    def is_off(self, rule: Rule) -> bool:
        """Whether the profile turns a rule off."""
        return self.profile.setting(rule).level is Requirement.OFF

    def is_off_as_shipped(self, rule: Rule) -> bool:
        """Whether the shipped profile that the profile is or extends turns a rule off."""
        return self._shipped.setting(rule).level is Requirement.OFF

    def without_finding(self, rule: Rule, answer: Answer) -> Evaluation:
        """Return a result without a finding: another rule's finding already reports it."""
        outcome = Outcome.FAIL if answer.result is CheckResult.FAIL else Outcome.UNKNOWN
        return Evaluation(rule, outcome, answers=(answer,))

    def record_external(
        self, rule: Rule, subject: Subject, answers: tuple[Problem, ...]
    ) -> list[Evaluation]:
        """Record problems found outside the rule's own check, unless the profile turns it off."""
        if not answers or self.profile.setting(rule).level is Requirement.OFF:
            return []
        return [self._evaluation(rule, subject, answers)]

    def _asked(
        self, rules: Sequence[Rule], subject: Subject, known: Known | None
    ) -> list[Evaluation]:
        if not isinstance(subject, Cell):
            return self._asked_again(rules, subject, Known() if known is None else known)
        fresh = _without_old(subject)
        if all(seen.shows_communities and seen.shows_path for seen in fresh.routes):
            # Nearly always: the source shows everything, and no other one is needed.
            passed = self._passed_without_asking(fresh)
            return [passed.get(rule.id) or self._ask_open_cell(rule, fresh) for rule in rules]
        return [self._ask_hidden_cell(rule, _showing_more(rule, fresh)) for rule in rules]

    def _asked_again(
        self, rules: Sequence[Rule], subject: Subject, known: Known
    ) -> list[Evaluation]:
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

    def _ask_again(self, at: int, rule: Rule, subject: Subject, known: Known) -> Evaluation:
        """Evaluate a rule, unless its answers are those that are known."""
        answers = self._answers(rule, subject)
        if answers is None:
            return self._nothing(rule, Outcome.NOT_APPLICABLE)
        if not answers and not self.statements.has(rule.id):
            return self._nothing(rule, Outcome.PASS)
        views = frozenset(views_of(subject)) if Need.ROUTES in rule.needs else None
        before = known.answers.get(at)
        if before is not None and before.answers == answers and before.views == views:
            return before.evaluation
        found = self._evaluation(rule, subject, answers)
        if not self.statements.has(rule.id):
            known.answers[at] = KnownAnswers(answers, views, found)
        return found

    def _answers(self, rule: Rule, subject: Subject) -> Answers | None:
        """Return the answers of a rule about anything but a cell; None where it does not apply."""
        hidden = _hiding(Need.COMMUNITIES, rule, subject)
        if hidden:
            return self._hidden(rule, Need.COMMUNITIES, hidden)
        answers = rule.ask(subject, self.context)
        if isinstance(subject, (ObservedSession, ObservedPeering)):
            answers = self._of_fresh_sources(rule, subject, answers)
        if answers:
            return answers
        # A path that the source does not show fires no rule; problems of other routes remain.
        hidden = _hiding(Need.PATH, rule, subject)
        return self._hidden(rule, Need.PATH, hidden) if hidden else ()

    def _of_fresh_sources(
        self, rule: Rule, subject: ObservedSession | ObservedPeering, answers: Answers
    ) -> Answers:
        """Return the answers without sources that are too old, and what those leave undecided."""
        old = tuple(each for each in _sources(subject) if each.is_too_old)
        if not old:
            return answers
        certain = rule.ask(_without_old_sources(subject), self.context)
        if Need.ROUTES not in rule.needs:
            return certain
        # An answer that only old sources give is undecided until there is a newer dump.
        every = set(answers)
        kept = tuple(each for each in certain if isinstance(each, Problem) or each in every)
        sure = set(kept)
        doubtful = [each for each in answers if isinstance(each, Problem) and each not in sure]
        if len(kept) == len(certain) and not doubtful:
            return certain
        evidence = tuple(seen for each in doubtful for seen in each.evidence)
        return (*kept, _too_old(rule, old[0], evidence))

    def _hidden(self, rule: Rule, need: Need, routes: tuple[Observation, ...]) -> Answers | None:
        """Return unknown for a rule about routes whose source does not show what it needs."""
        # A diagnosis would only repeat the unknown of the rule that it explains. And a path that is
        # not shown cannot be known to be empty.
        of_emptiness = rule.masks is not None and rule.masks.any_of == Fact.EMPTY_PATH
        is_left_out = rule.diagnoses is not None or of_emptiness
        return None if is_left_out else (_unknown(rule, need, routes),)

    # -- cells

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
                rule.id: self._nothing(
                    rule,
                    Outcome.PASS if viewpoint.view in rule.views else Outcome.NOT_APPLICABLE,
                )
                for rule in self.rules(Scope.CELL)
                if rule.masks is not None
                and not (
                    viewpoint.view in rule.views
                    and any(rule.masks.hold(route.facts) for route in cell.routes)
                )
            }
        return found

    def _ask_open_cell(self, rule: Rule, cell: Cell) -> Evaluation:
        """Evaluate a cell whose source shows the communities and the paths of its routes."""
        if cell.source is not None and cell.source.is_too_old:
            return self._ask_old_cell(rule, cell, cell.source)
        return self._ask_cell(rule, cell)

    def _ask_hidden_cell(self, rule: Rule, cell: Cell) -> Evaluation:
        """Evaluate a cell whose source may not show what a rule needs."""
        hidden = _hiding(Need.COMMUNITIES, rule, cell)
        need = Need.COMMUNITIES
        if not hidden:
            found = self._ask_open_cell(rule, cell)
            # A path that the source does not show fires no rule; other problems remain.
            hidden = _hiding(Need.PATH, rule, cell) if found.outcome is Outcome.PASS else ()
            need = Need.PATH
            if not hidden:
                return found
        answers = self._hidden(rule, need, hidden)
        if answers is None:
            return self._nothing(rule, Outcome.NOT_APPLICABLE)
        return self._evaluation(rule, cell, answers)

    def _ask_cell(self, rule: Rule, cell: Cell) -> Evaluation:
        if cell.routes and cell.view not in rule.views:
            return self._nothing(rule, Outcome.NOT_APPLICABLE)
        if rule.masks is None:
            return self._ask_about_presence(rule, cell)
        is_there = cell.presence is Presence.PRESENT or _is_hint(cell)
        if not is_there or not cell.routes:
            return self._nothing(rule, Outcome.NOT_APPLICABLE)
        held = [self._holds(rule, route) for route in cell.routes]
        fired = tuple(
            route for each, route in zip(held, cell.routes, strict=True) if each is not False
        )
        if not fired:
            return self._passed(rule, cell)
        unknown = self._why_unknown(rule, cell, held)
        if unknown is not None:
            return self._evaluation(rule, cell, (attrs.evolve(unknown, evidence=fired),))
        firing = attrs.evolve(cell, firing=fired)
        return self._evaluation(rule, cell, rule.ask(firing, self.context))

    def _ask_old_cell(self, rule: Rule, cell: Cell, source: SessionSource) -> Evaluation:
        """Leave open whatever a source says that is too old, good or bad."""
        if rule.masks is None:
            is_open = bool(rule.ask(cell, self.context))
        elif not cell.routes or cell.view not in rule.views or rule.diagnoses is not None:
            is_open = False
        else:
            # On sessions of other peerings, only problems are reported.
            fires = any(self._holds(rule, route) is not False for route in cell.routes)
            is_open = cell.is_asked_for or fires
        if not is_open:
            return self._nothing(rule, Outcome.NOT_APPLICABLE)
        return self._evaluation(rule, cell, (_too_old(rule, source, cell.routes),))

    def _ask_about_presence(self, rule: Rule, cell: Cell) -> Evaluation:
        answers = rule.ask(cell, self.context)
        if answers or cell.presence is not Presence.PRESENT:
            return self._evaluation(rule, cell, answers)
        return self._passed(rule, cell)

    def _holds(self, rule: Rule, route: Observation) -> bool | None:
        """Whether the rule's masks hold; None if that depends on whether the path includes P."""
        if rule.masks is None:
            raise AssertionError(f"{rule.id} is not about a single route")
        held = rule.masks.hold(route.facts)
        viewpoint = route.viewpoint
        if viewpoint.view is not View.ADVERTISED or viewpoint.own_as is not OwnAs.AUTO:
            return held
        if viewpoint.transparent or route.route.path.first_as != viewpoint.asn:
            return held
        # The leftmost AS is the peer's own: already added, or prepended and still to be added?
        excluded = attrs.evolve(viewpoint, own_as=OwnAs.EXCLUDED)
        other = rule.masks.hold(facts(route.route, excluded, self.context.criteria))
        return held if held == other else None

    def _why_unknown(self, rule: Rule, cell: Cell, held: list[bool | None]) -> Unknown | None:
        view, session = cell.view, cell.session
        if view is None or view.is_hint:
            return None
        on_the_wire = f"what is received or sent on {session.id}"
        picks_one = view.has_candidates or not self.profile.all_paths
        if picks_one and not all(held):
            return Unknown(
                Need.ROUTES,
                f"{rule.title}? Only some of {len(held)} routes to {cell.prefix} show it, "
                "and a dump does not mark the best",
                on_the_wire,
            )
        if True not in held:
            return Unknown(
                Need.ROUTES,
                f"{rule.title}? That depends on whether the paths include AS{cell.peering.asn}",
                on_the_wire,
            )
        as_is = session.declared.egress is Egress.AS_IS
        if rule.egress_changes and not view.is_definite and not as_is:
            return Unknown(
                Need.ROUTES,
                f"{rule.title}? It is so in the {view} of {session}, "
                "but export policy may change it",
                f'{on_the_wire}, or egress = "as-is" in the inventory',
            )
        return None

    def _passed(self, rule: Rule, cell: Cell) -> Evaluation:
        """Return a pass; under `strict`, unknown if it is only inferred."""
        sure = cell.view is not None and cell.view.is_definite
        # A diagnosis that does not fire leaves the result to the rule that it explains.
        is_asked = rule.diagnoses is None and self.profile.setting(rule).level.is_must
        if sure or not self.strict or not is_asked:
            return self._nothing(rule, Outcome.PASS)
        unknown = Unknown(
            Need.ROUTES,
            f"{rule.title}? Not as far as the {cell.view} view of {cell.session} tells",
            f"what is received or sent on {cell.session.id}",
            cell.routes,
        )
        # `strict` is the user's wish: Microsoft's checks accept the inference.
        return attrs.evolve(self._evaluation(rule, cell, (unknown,)), answers=())

    # -- findings

    def _evaluation(
        self, rule: Rule, subject: Subject, answers: tuple[Problem | Unknown, ...]
    ) -> Evaluation:
        if Need.ATTESTATION in rule.needs and self.statements.has(rule.id):
            self._compare(rule, subject, answers)
        if not answers:
            return self._nothing(rule, Outcome.PASS)
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
        return Evaluation(rule, outcome, findings, words, shipped)

    def _compare(
        self, rule: Rule, subject: Subject, answers: tuple[Problem | Unknown, ...]
    ) -> None:
        """Compare the answers of data with an attestation, unless data left the rule undecided."""
        if any(isinstance(answer, Unknown) for answer in answers):
            return
        # No answer means that data show no problem only for connections: other rules may not apply.
        if answers or rule.scope is Scope.CONNECTION:
            self.statements.compare(rule, subject, answers[0].message if answers else None)

    def _as_shipped(
        self, rule: Rule, subject: Subject, answer: Problem | Unknown, finding: Finding
    ) -> Answer:
        """Return the effect of an answer on Microsoft's checks.

        Args:
            rule: the rule.
            subject: its subject.
            answer: of the rule.
            finding: the same answer, with waivers and attestations applied.
        """
        severity = self._shipped.severity(rule, answer.severity)
        if _is_hint_of(rule, subject):
            severity = Severity.INFO
        severity = _capped(severity, subject)
        if isinstance(answer, Unknown):
            attested = None
            if self.statements.has(rule.id):
                attested = self.statements.attestation(rule.id, names_of(subject))
            if attested is None or finding.need is not None:
                return Answer(
                    CheckResult.UNKNOWN,
                    severity,
                    missing=(answer.missing,),
                    evidence=answer.evidence,
                    sessions=answer.sessions,
                )
            fails = not attested.holds and severity is Severity.ERROR
            result = CheckResult.FAIL if fails else CheckResult.PASS
            return Answer(result, severity, DecidedBy.ATTESTATION)
        return Answer(
            CheckResult.FAIL if severity is Severity.ERROR else CheckResult.PASS,
            severity,
            evidence=answer.evidence,
            sessions=answer.sessions,
            is_symptom=answer.is_symptom,
        )

    def _finding(self, rule: Rule, subject: Subject, answer: Problem | Unknown) -> Finding:
        whole, unknown = about(subject), None
        if isinstance(answer, Unknown):
            unknown = answer
        else:
            whole = attrs.evolve(whole, prefix=answer.prefix or whole.prefix)
        found = Finding(
            rule=rule.id,
            outcome=Outcome.UNKNOWN if unknown else Outcome.FAIL,
            severity=self._severity(rule, answer.severity, subject),
            confidence=confidence(rule, subject, answer.evidence),
            subject=whole,
            message=answer.message,
            stage="+".join(_general(rule).stages),
            portal=() if unknown else portal(rule, subject),
            basis=rule.basis,
            texts=rule.texts,
            missing=(unknown.missing,) if unknown else (),
            need=str(unknown.need) if unknown else None,
            evidence=tuple(
                Evidence(seen.source, seen.record, str(seen.route), seen.time)
                for seen in answer.evidence[:_SHOWN]
            ),
            about=discriminator(subject, answer, self.numbers),
            location=location(subject),
            key=key(subject, answer, self.numbers),
            routes_of=answer.routes_of if isinstance(answer, Problem) else None,
        )
        if not self.statements.has(rule.id):
            return found
        return self._as_declared(rule, subject, found, None if unknown is None else unknown.need)

    def _as_declared(
        self, rule: Rule, subject: Subject, found: Finding, need: Need | None
    ) -> Finding:
        """Apply an attestation to what routes do not show, and a waiver to any finding."""
        names = names_of(subject) | ({found.subject.prefix} if found.subject.prefix else set())
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
                    message=f"{rule.title}: {stated_by(attested)} not to be as it is wanted",
                    portal=portal(rule, subject),
                    missing=(),
                    need=None,
                )
        waiver = self.statements.waiver(rule.id, names)
        if waiver is None or found.outcome is Outcome.ATTESTED:
            return found
        return attrs.evolve(found, outcome=Outcome.WAIVED, statement=stated_by(waiver))

    def _severity(self, rule: Rule, own: Severity | None, subject: Subject) -> Severity:
        severity = self._severities.get((rule.id, own))
        if severity is None:
            severity = self._severities[rule.id, own] = self.profile.severity(rule, own)
        if _is_hint_of(rule, subject):
            severity = Severity.INFO
        severity = _capped(severity, subject)
        if self.strict and rule.strict is not None and severity.rank <= rule.strict.rank:
            severity = Severity.ERROR
        return severity


def _word(rule: Rule, answer: Problem | Unknown, finding: Finding) -> str:
    """Return the word of an answer for the matrix; an attestation may have decided an open one."""
    if isinstance(answer, Problem):
        return answer.word or rule.word
    return rule.word if finding.need is None else "unknown"


def _general(rule: Rule) -> Rule:
    """Return the rule that a diagnosis explains, else the rule itself."""
    return rule if rule.diagnoses is None else CATALOGUE[rule.diagnoses]


#: Parts of a route that a source may not show, by the need for them.
_SHOWS: Final[dict[Need, tuple[str, Callable[[Observation], bool]]]] = {
    Need.COMMUNITIES: ("communities", lambda seen: seen.shows_communities),
    Need.PATH: ("the path", lambda seen: seen.shows_path),
}


def _hiding(need: Need, rule: Rule, subject: Subject) -> tuple[Observation, ...]:
    """Return the routes whose source does not show what a rule needs."""
    if need not in rule.needs:
        return ()
    shows = _SHOWS[need][1]
    return tuple(
        route for route in _routes_of(subject) if not shows(route) and route.view in rule.views
    )


def _showing_more(rule: Rule, cell: Cell) -> Cell:
    """Use the next source that has the prefix if the best one does not show what is needed."""
    if cell.presence is not Presence.PRESENT:
        return cell
    shows = [show for need, (_, show) in _SHOWS.items() if need in rule.needs]

    def is_enough(routes: Iterable[Observation]) -> bool:
        return all(show(route) for route in routes for show in shows)

    if is_enough(cell.routes):
        return cell
    for other in cell.others:
        if other.view.is_hint or other.is_too_old:
            continue
        routes = tuple(other.observations.to({cell.prefix}))
        sound = tuple(route for route in routes if not route.route.malformed)
        if sound and is_enough(sound):
            return attrs.evolve(cell, source=other, routes=sound)
    return cell


def _without_old(cell: Cell) -> Cell:
    """Leave out the other sources of a cell that are too old."""
    if not any(each.is_too_old for each in cell.others):
        return cell
    return attrs.evolve(cell, others=tuple(each for each in cell.others if not each.is_too_old))


def _without_old_sources(
    subject: ObservedSession | ObservedPeering,
) -> ObservedSession | ObservedPeering:
    if isinstance(subject, ObservedPeering):
        sessions = tuple(map(_without_old_of_session, subject.sessions))
        return attrs.evolve(subject, sessions=sessions)
    return _without_old_of_session(subject)


def _without_old_of_session(subject: ObservedSession) -> ObservedSession:
    fresh = tuple(each for each in subject.sources if not each.is_too_old)
    return attrs.evolve(subject, sources=fresh)


def _sources(subject: ObservedSession | ObservedPeering) -> tuple[SessionSource, ...]:
    sessions = subject.sessions if isinstance(subject, ObservedPeering) else (subject,)
    return tuple(source for session in sessions for source in session.sources)


def _too_old(rule: Rule, source: SessionSource, routes: tuple[Observation, ...]) -> Unknown:
    taken = "" if source.last is None else f": taken {time_text(source.last)}"
    return Unknown(
        Need.ROUTES,
        f"{rule.title}? {source.source} is too old{taken}",
        f"a newer dump than {source.source}",
        routes,
    )


def _routes_of(subject: Subject) -> Iterable[Observation]:
    if isinstance(subject, Cell):
        return subject.routes
    if isinstance(subject, ObservedPrefix):
        return [route for cell in subject.cells for route in cell.routes]
    if isinstance(subject, ObservedSession) and subject.source is not None:
        # A dump shows everything, and has too many routes to iterate over.
        return () if subject.source.observations.shows_all else subject.source.observations
    return ()


def _unknown(rule: Rule, need: Need, routes: tuple[Observation, ...]) -> Unknown:
    sources = listed(dict.fromkeys(route.source for route in routes))
    sessions = listed(dict.fromkeys(route.session for route in routes))
    return Unknown(
        need,
        f"{rule.title}? {sources} does not show {_SHOWS[need][0]}",
        f"a dump of what is received or sent on {sessions}",
        routes,
    )


def _capped(severity: Severity, subject: Subject) -> Severity:
    """Turn an error into a warning on a session that need not announce the prefix.

    There a bad route cannot be worse than none. It stays an error where an activation chooses the
    session's location.
    """
    is_free = isinstance(subject, Cell) and not (subject.is_asked_for or subject.is_chosen)
    return Severity.WARNING if is_free and severity is Severity.ERROR else severity


def _is_hint_of(rule: Rule, subject: Subject) -> bool:
    return rule.masks is not None and _is_hint(subject)


def _is_hint(subject: Subject) -> bool:
    """Whether a problem of a subject is only a hint, because its view proves nothing."""
    return isinstance(subject, Cell) and subject.view is not None and subject.view.is_hint
