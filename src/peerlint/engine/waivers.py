"""Attestations and waivers: when they are valid, and to which findings they apply."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Final, Generic, TypeVar

import attrs

from peerlint.inventory import Attestation, Inventory, Waiver
from peerlint.observations import Confidence
from peerlint.results import Finding, Outcome, Phrase, Severity, SubjectRef, clause
from peerlint.rules import CATALOGUE, AnyRule, Subject

Statement = Attestation | Waiver
_Kind = TypeVar("_Kind", bound=Statement)


@attrs.frozen
class Content:
    """The phrases of a finding, see `Finding`."""

    found: Phrase
    wanted: Phrase | None = None
    hint: Phrase | None = None

    def prefixed(self, words: str) -> Content:
        """Return the content with a beginning of the sentence before it.

        Args:
            words: the beginning of the sentence, with a blank at its end.
        """
        verb = "" if self.found.is_clause else "found "
        found = clause(words, verb, self.found, is_long=self.found.is_long)
        return attrs.evolve(self, found=found)


_AS_WANTED: Final = Content(clause("all is as it is wanted"))


@attrs.frozen
class StatementUses:
    """The use that an evaluation made of the statements of an inventory.

    Attributes:
        concerned: attestations whose rule was evaluated for a subject that they name, and waivers
            whose rule has a finding about one.
        missed: statements that would have decided a finding if they were valid on the day.
        disputed: attestations that contradict each other.
        undecided: waivers of rules that were not decided, so that it is not known whether they are
            needed.
        contradicted: attestations that data contradict, with the content of the data's finding.
    """

    concerned: frozenset[Statement] = frozenset()
    missed: frozenset[Statement] = frozenset()
    disputed: frozenset[Statement] = frozenset()
    undecided: frozenset[Statement] = frozenset()
    contradicted: tuple[tuple[Statement, Content], ...] = ()

    @classmethod
    def joined(cls, uses: Iterable[StatementUses]) -> StatementUses:
        """Return the uses of several subjects together; the last contradiction counts."""
        every = [each for each in uses if each is not NO_USES]
        return cls(
            frozenset().union(*(each.concerned for each in every)),
            frozenset().union(*(each.missed for each in every)),
            frozenset().union(*(each.disputed for each in every)),
            frozenset().union(*(each.undecided for each in every)),
            tuple({one: found for each in every for one, found in each.contradicted}.items()),
        )


#: The uses of all subjects that no statement is about.
NO_USES: Final = StatementUses()


class Statements:
    """The statements of an inventory, as of one day.

    An attestation is valid from `on` to `until`, a waiver until `until`, including both days. The
    evaluator looks up the valid statement, and calls `note` for the rules that it evaluated.
    `take_uses` returns the use of the statements since the last call. From all uses, `warnings`
    makes findings about statements that are not valid or apply to nothing.
    """

    def __init__(self, inventory: Inventory, today: date) -> None:
        """Index the statements by rule.

        Args:
            inventory: the inventory with the statements.
            today: the day on which they have to be valid.
        """
        self._today = today
        self._attestations = _by_rule(inventory.attestations)
        self._waivers = _by_rule(inventory.waivers)
        self._rules = self._attestations.keys() | self._waivers.keys()
        self._forget()

    def _forget(self) -> None:
        self._concerned: set[Statement] = set()
        self._missed: set[Statement] = set()
        self._disputed: set[Statement] = set()
        self._contradicted: dict[Statement, Content] = {}
        self._undecided: set[Statement] = set()

    def take_uses(self) -> StatementUses:
        """Return the uses since the last call, and reset them."""
        if not (self._concerned or self._missed or self._contradicted or self._undecided):
            return NO_USES
        uses = StatementUses(
            frozenset(self._concerned),
            frozenset(self._missed),
            frozenset(self._disputed),
            frozenset(self._undecided),
            tuple(self._contradicted.items()),
        )
        self._forget()
        return uses

    def attestation(self, rule: str, names: frozenset[str]) -> Attestation | None:
        """Return the valid attestation for a subject; None without one.

        If attestations contradict each other, none is returned.

        Args:
            rule: the id of the rule.
            names: the names of the subject, see `SubjectBase.names`.
        """
        stated = self._attestations.get(rule)
        found = self._counting(stated, names)
        counting = [each for each in _about(stated, names) if each.counts_on(self._today)]
        if len({each.holds for each in counting}) > 1:
            self._disputed.update(counting)
            return None
        return found

    def waiver(self, rule: str, names: frozenset[str]) -> Waiver | None:
        """Return the valid waiver for a finding; None without one.

        Args:
            rule: the id of the finding's rule.
            names: the names of the finding's subject, see `SubjectBase.names`.
        """
        return self._counting(self._waivers.get(rule), names)

    @property
    def is_empty(self) -> bool:
        """Whether there are no statements at all."""
        return not self._rules

    def has(self, rule: str) -> bool:
        """Whether there is any statement about a rule."""
        return rule in self._rules

    def is_indifferent(self, rule: str, outcome: Outcome) -> bool:
        """Whether `note` need not be called for a cell that announces the prefix.

        Args:
            rule: the id of the rule.
            outcome: the outcome of the rule for the cell.
        """
        return rule not in self._rules or (
            rule not in self._attestations and outcome is Outcome.PASS
        )

    def note(self, rule: AnyRule, subject: Subject, outcome: Outcome) -> None:
        """Record that a rule was evaluated for a subject.

        An attestation applies to every subject of its rule, whatever the outcome. A waiver applies
        to findings. A waiver without a finding is unused, unless the rule was not decided.
        """
        if rule.id not in self._rules:
            return
        names = subject.names
        attestations = _about(self._attestations.get(rule.id), names)
        self._concerned.update(attestations)
        if _is_open(rule, subject, outcome):
            waivers = _about(self._waivers.get(rule.id), names)
            self._undecided.update(waivers)

    def compare(self, rule: AnyRule, subject: Subject, found: Content | None) -> None:
        """Compare an attestation with data, which take precedence.

        Args:
            rule: the rule, which data decided.
            subject: the subject of the rule.
            found: the problem that the data show; None if they show no problem.
        """
        for attested in _about(self._attestations.get(rule.id), subject.names):
            if attested.counts_on(self._today) and attested.holds is (found is not None):
                self._contradicted[attested] = found or _AS_WANTED

    def _counting(self, stated: _Stated[_Kind] | None, names: frozenset[str]) -> _Kind | None:
        mine = _about(stated, names)
        self._concerned.update(mine)
        found = next((each for each in mine if each.counts_on(self._today)), None)
        if found is None:
            self._missed.update(mine)
        return found

    def warnings(self, uses: StatementUses) -> Iterator[Finding]:
        """Yield a warning for each statement that is not valid or applies to nothing.

        Args:
            uses: the uses of all subjects of the report.
        """
        contradicted = dict(uses.contradicted)
        for kind, by_rule in (("attestation", self._attestations), ("waiver", self._waivers)):
            for stated in by_rule.values():
                numbers: dict[str, int] = {}
                for each in stated.every:
                    problem = self._problem(each, uses, contradicted.get(each))
                    if problem is not None:
                        numbers[each.scope] = number = numbers.get(each.scope, 0) + 1
                        about = kind if number == 1 else f"{kind} {number}"
                        yield _warning(kind, each, problem, about)

    def _problem(
        self, statement: Statement, uses: StatementUses, contradicted: Content | None
    ) -> Content | None:
        """Return the problem of a statement; None if it has none."""
        if contradicted is not None:
            return contradicted.prefixed("is contradicted by data, which count: ")
        if statement in uses.disputed:
            return Content(clause("is contradicted by another attestation: neither counts"))
        if statement in uses.missed:
            return Content(clause(_why_not(statement, self._today)))
        if statement in uses.concerned or statement in uses.undecided:
            return None  # it or another statement applies, or the rule was not decided
        what = (
            "its rule found nothing there"
            if isinstance(statement, Waiver)
            else "its rule does not apply to anything of that name"
        )
        return Content(clause(f"concerns nothing: {what}"))


def stated_by(statement: Statement) -> str:
    """Return the author of a statement, and until when it is valid."""
    if isinstance(statement, Waiver):
        return f"waived by {statement.by} until {statement.until}: {statement.reason}"
    until = "" if statement.until is None else f", until {statement.until}"
    return f"attested by {statement.by} on {statement.on}{until}"


@attrs.frozen(eq=False)
class _Stated(Generic[_Kind]):
    """The statements about one rule.

    Attributes:
        every: the statements, in the order of the file.
        by_scope: the statements by scope, each with its index in `every`.
    """

    every: list[_Kind] = attrs.field(factory=list)
    by_scope: dict[str, list[tuple[int, _Kind]]] = attrs.field(factory=dict)

    def add(self, statement: _Kind) -> None:
        """Add a statement."""
        self.by_scope.setdefault(statement.scope, []).append((len(self.every), statement))
        self.every.append(statement)

    def about(self, names: frozenset[str]) -> list[_Kind]:
        """Return the statements with one of some scopes, in the order of the file."""
        scopes = names if len(names) < len(self.by_scope) else self.by_scope.keys() & names
        found = [each for name in scopes for each in self.by_scope.get(name, ())]
        return [each for _, each in sorted(found, key=lambda each: each[0])]


def _by_rule(statements: tuple[_Kind, ...]) -> dict[str, _Stated[_Kind]]:
    found: dict[str, _Stated[_Kind]] = {}
    for each in statements:
        found.setdefault(each.rule, _Stated()).add(each)
    return found


def _about(stated: _Stated[_Kind] | None, names: frozenset[str]) -> list[_Kind]:
    return [] if stated is None else stated.about(names)


def _is_open(rule: AnyRule, subject: Subject, outcome: Outcome) -> bool:
    """Whether the routes do not decide whether a rule has a finding about a subject."""
    applies = outcome is not Outcome.NOT_APPLICABLE
    return any(need.is_seen for need in rule.needs) and subject.is_undecided(applies=applies)


def _why_not(statement: Statement, today: date) -> str:
    """Return the reason why a statement is not valid on a day."""
    if isinstance(statement, Waiver):
        return f"ended on {statement.until}: its finding counts again"
    if statement.is_expired(today):
        return f"ended on {statement.until}, and does not count any more"
    return f"begins on {statement.on}, and does not count yet"


def _warning(kind: str, statement: Statement, problem: Content, about: str) -> Finding:
    whole = problem.prefixed(f"the {kind} of {statement.by} for {statement.scope} ")
    rule = CATALOGUE.get(statement.rule)
    return Finding(
        rule=statement.rule,
        outcome=Outcome.FAIL,
        severity=Severity.WARNING,
        confidence=Confidence.OBSERVED,
        subject=SubjectRef(statement.scope),
        found=whole.found,
        wanted=whole.wanted,
        hint=whole.hint,
        stage="" if rule is None else "+".join(rule.stages),
        statement=stated_by(statement),
        about=about,
    )
