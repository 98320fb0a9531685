"""A prefix with the results of its rules, and the evaluation of its cells."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import attrs

from peerlint.engine.checks import PREFIX_WIDE, EvaluatedCell
from peerlint.engine.evaluate import Evaluator
from peerlint.engine.evaluation import Evaluation
from peerlint.engine.state import GATES, words_of_sessions
from peerlint.inventory import RegisteredPrefix
from peerlint.model import View
from peerlint.results import Finding, PrefixResult
from peerlint.rules import CATALOGUE, Cell, ObservedPrefix, ObservedServicePrefix, Presence


@attrs.frozen
class EvaluatedPrefix:
    """A registered prefix with the results of its rules.

    Attributes:
        subject: the prefix.
        key: the key of its row of the matrix.
        evaluations: the results of the rules about the prefix itself.
        cells: the evaluated cells, by session.
        every: all results, of the prefix itself and of its cells.
        result: the predicted state and the checks.
        words: the row of the matrix: the word of each session.
    """

    subject: ObservedPrefix
    key: str
    evaluations: list[Evaluation]
    cells: Mapping[str, EvaluatedCell]
    every: list[Evaluation]
    result: PrefixResult
    words: dict[str, str]

    @property
    def findings(self) -> tuple[Finding, ...]:
        """The findings in the order of Microsoft's checks."""
        own = [finding for evaluation in self.every for finding in evaluation.findings]
        return tuple(sorted(own, key=lambda finding: CATALOGUE[finding.rule].step))


def views_where_nothing_fires(
    evaluator: Evaluator, subject: ObservedPrefix, cells: Mapping[str, EvaluatedCell]
) -> set[View]:
    """Return the views of routes on which no rule about single routes can fire."""
    views = {
        each.cell.routes[0].view for each in cells.values() if _cannot_fire(evaluator, each.cell)
    }
    # Sessions without a cell announce the prefix, and no rule has an answer for them.
    return views | {
        group.view
        for group in subject.groups
        if any(session not in cells for session in group.session_ids)
    }


def evaluated_as_prefix(
    evaluator: Evaluator, subject: ObservedServicePrefix, rows: list[EvaluatedPrefix]
) -> tuple[list[Evaluation], list[Evaluation]]:
    """Return the results for the prefix itself, and those that no registration reports."""
    if rows:
        return [
            evaluation
            for row in rows
            for evaluation in row.evaluations
            if evaluation.rule.id in PREFIX_WIDE
        ], []
    registered = RegisteredPrefix(subject.declared.prefix, subject.declared.name)
    by_itself = ObservedPrefix(
        subject.peering, registered, subject.prefix, subject.cells, subject.groups
    )
    rules = [rule for rule in evaluator.rules(ObservedPrefix) if rule.id in PREFIX_WIDE]
    evaluations = evaluator.evaluate(rules, by_itself)
    return evaluations, [*evaluations]


def marks_of(
    subject: ObservedServicePrefix, evaluations: Iterable[Evaluation], rows: list[EvaluatedPrefix]
) -> Iterator[tuple[str, str, str]]:
    """Yield the words of a service prefix for cells of the matrix, see `SubjectResult.marks`.

    The row is that of the session's peering, or else those of the registrations.
    """
    words = words_of_sessions(evaluations)
    peerings = {cell.session.id: cell.session.peering.name for cell in subject.cells}
    by_peering: dict[str, list[EvaluatedPrefix]] = {}
    for row in rows:
        by_peering.setdefault(row.subject.peering.name, []).append(row)
    for session, word in words.items():
        own = by_peering.get(peerings.get(session, ""), rows)
        yield from ((row.key, session, word) for row in own)


def findings_of(evaluations: Iterable[Evaluation]) -> tuple[Finding, ...]:
    """Return the findings of results."""
    return tuple(finding for evaluation in evaluations for finding in evaluation.findings)


def with_key(evaluations: Iterable[Evaluation], key: str) -> Iterator[Evaluation]:
    """Yield results whose findings have a key.

    Args:
        evaluations: the results for a service prefix.
        key: the key of its row; a peering may have the same name as the service.
    """
    for evaluation in evaluations:
        if all(finding.key == key for finding in evaluation.findings):
            yield evaluation
        else:
            findings = tuple(attrs.evolve(each, key=key) for each in evaluation.findings)
            yield attrs.evolve(evaluation, findings=findings)


def evaluate_gates(evaluator: Evaluator, subject: ObservedPrefix) -> list[Evaluation]:
    """Evaluate why a text is not an IPv4 prefix; no other rule applies to it."""
    rules = {rule.id: rule for rule in evaluator.rules(ObservedPrefix) if rule.id in GATES}
    name = "prefix.valid" if subject.prefix is None else "prefix.ipv4-only"
    return evaluator.evaluate([rules[name]] if name in rules else [], subject)


def evaluated_cell(evaluator: Evaluator, cell: Cell) -> EvaluatedCell:
    """Evaluate the rules about a cell; those about single routes only where one can fire."""
    rules = evaluator.relational() if _cannot_fire(evaluator, cell) else evaluator.rules(Cell)
    return EvaluatedCell(cell, tuple(evaluator.evaluate(rules, cell)))


def passes(evaluator: Evaluator, cell: Cell) -> bool:
    """Whether neither a rule nor the comparison of sent and received routes has an answer."""
    if not _cannot_fire(evaluator, cell) or not evaluator.has_no_answer(cell):
        return False
    return cell.view is not View.RECEIVED or all(each.view is not View.SENT for each in cell.others)


def _cannot_fire(evaluator: Evaluator, cell: Cell) -> bool:
    shows_all = cell.source is not None and cell.source.observations.shows_all
    return (
        cell.presence is Presence.PRESENT
        and shows_all
        and evaluator.cannot_fire(cell.routes[0].viewpoint, [route.facts for route in cell.routes])
    )
