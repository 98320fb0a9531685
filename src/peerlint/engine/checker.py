"""Evaluation of one subject of a prepared inventory against routes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import partial

import attrs

from peerlint.engine.checks import (
    OF_THE_PREFIX,
    EvaluatedCell,
    activation_checks,
    registration_checks,
    undecidable,
)
from peerlint.engine.dependents import Change, Dependents, RouteChange
from peerlint.engine.evaluate import Evaluation, Evaluator
from peerlint.engine.findings import key_of
from peerlint.engine.prepare import Prepared, SubjectKey
from peerlint.engine.reconcile import disagreements, service_disagreements
from peerlint.engine.route_index import RouteIndex
from peerlint.engine.state import (
    GATES,
    is_ipv4,
    prefix_result,
    refused_row,
    row_of,
    service_prefix_result,
    words_of_sessions,
)
from peerlint.engine.subject_index import Activations, Registrations
from peerlint.engine.subjects import Subjects
from peerlint.engine.waivers import NO_USES, StatementUses
from peerlint.inventory import Peering, RegisteredPrefix
from peerlint.model import Prefix, Space, View
from peerlint.observations import ROUTE_SERVER
from peerlint.results import Finding, PrefixResult, ServicePrefixResult
from peerlint.rules import (
    CATALOGUE,
    Cell,
    ConnectionSubject,
    InventorySubject,
    PeeringSubject,
    PrefixSubject,
    Presence,
    Scope,
    ServicePrefixSubject,
    Subject,
)

Registered = Mapping[Prefix, list[tuple[Peering, RegisteredPrefix]]]


@attrs.frozen
class SubjectResult:
    """What the rules find for one subject.

    Attributes:
        subject: the subject.
        peering: the name of the peering with which the findings are listed.
        findings: in the order of the report.
        row: of a prefix or service prefix, its predicted state and checks.
        words: of a prefix, its row of the matrix: a word for each session.
        marks: of a service prefix, words for cells of prefixes: the prefix's key, the session's id
            and the word, which counts where nothing worse stands.
        uses: what the evaluation shows about attestations and waivers.
    """

    subject: SubjectKey
    peering: str
    findings: tuple[Finding, ...] = ()
    row: PrefixResult | ServicePrefixResult | None = None
    words: Mapping[str, str] | None = None
    marks: tuple[tuple[str, str, str], ...] = ()
    uses: StatementUses = NO_USES


@attrs.frozen
class _EvaluatedPrefix:
    """A registered prefix with the results of its rules.

    Attributes:
        subject: the prefix.
        key: of its row of the matrix.
        evaluations: of the rules about the prefix as such.
        cells: that were evaluated, by session.
        every: the evaluations whose findings are the prefix's own.
        result: its predicted state and checks.
        words: its row of the matrix.
    """

    subject: PrefixSubject
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


class Checker:
    """Evaluates the subjects of a prepared inventory against routes."""

    def __init__(self, prepared: Prepared, routes: RouteIndex) -> None:
        """Join the inventory with routes, which may change afterwards: see `forget`."""
        self._prepared = prepared
        self._routes = routes
        self._session_ids = tuple(prepared.sessions)
        self._start()

    def _start(self) -> None:
        self._subjects = Subjects(self._prepared.inventory, self._routes)
        #: Results of prefixes that are activated too, until routes change.
        self._rows: dict[SubjectKey, _EvaluatedPrefix] = {}
        self._registered = self._subjects.registered()
        self._evaluators = dict(self._with_routes(self._prepared.evaluators))
        self._activations = Activations(self._prepared, self._subjects, self._registered)
        self._order = tuple(self._subjects_in_order())
        self._registrations = Registrations(self._prepared.peerings, self._order)
        self._dependents = Dependents(self._prepared, self._order)

    def _with_routes(self, evaluators: Mapping[str, Evaluator]) -> Iterator[tuple[str, Evaluator]]:
        """Yield evaluators whose contexts have what only routes tell: members' prefixes, answers.

        Very many peerings share it, so that it is made and compared once.
        """
        registered, validated = self._registered, self._routes.validated
        has_members = self._prepared.has_route_servers
        space = Space(registered) if has_members else None
        for name, evaluator in evaluators.items():
            context = evaluator.context
            if space is not None:
                context = attrs.evolve(context, registered=registered, space=space)
            if validated:
                context = attrs.evolve(context, validated=validated)
            is_same = context is evaluator.context
            yield name, evaluator if is_same else attrs.evolve(evaluator, context=context)

    # -- subjects

    def subjects(self) -> tuple[SubjectKey, ...]:
        """Return every subject, in the order in which the report lists findings."""
        return self._order

    def _subjects_in_order(self) -> Iterator[SubjectKey]:
        for peering in self._prepared.inventory.peerings:
            yield from self._prefix_keys(peering)
        evaluated: set[str] = set()
        for peering in self._prepared.inventory.peerings:
            name = peering.name
            yield from self._activations.of_peering(name)
            yield from (SubjectKey(Scope.SESSION, name, each.id) for each in peering.sessions)
            for number, connection in enumerate(peering.connections, start=1):
                yield SubjectKey(Scope.CONNECTION, name, connection.name, number)
            yield SubjectKey(Scope.PEERING, name)
            profile = self._evaluators[name].profile.name
            if profile not in evaluated:
                evaluated.add(profile)
                yield SubjectKey(Scope.INVENTORY, name)

    def _prefix_keys(self, peering: Peering) -> Iterator[SubjectKey]:
        if peering.profile == ROUTE_SERVER:
            for prefix in self._subjects.of_members(peering):
                yield SubjectKey(Scope.PREFIX, peering.name, str(prefix))
        else:
            times: Counter[str] = Counter()
            for each in peering.registered_prefixes:
                times[each.prefix] += 1
                yield SubjectKey(Scope.PREFIX, peering.name, each.prefix, times[each.prefix])

    def counts(self) -> dict[tuple[str, str, View], int]:
        """Return how many routes each source shows, by session, source and view."""
        return {
            (session.id, each.source.source, each.source.view): each.source.counts.routes
            for session in self._prepared.inventory.sessions
            for each in self._routes.sources(session)
        }

    def unseen(self) -> frozenset[str]:
        """Return the route-server peerings whose members may have prefixes that nothing shows."""
        peerings = self._prepared.inventory.peerings
        return frozenset(each.name for each in peerings if self._subjects.is_unseen(each))

    # -- changes

    def changed(self, change: Change) -> tuple[SubjectKey, ...]:
        """Take note of a change of the routes, after it; return the subjects that it can touch.

        At a route server routes decide which subjects there are: if that changes, it is all of
        them, see `subjects`.
        """
        if self._prepared.has_route_servers:
            before = (self._registered, tuple(self._order))
            self._start()
            if before != (self._registered, tuple(self._order)):
                return tuple(self._order)
        elif not isinstance(change, RouteChange):
            self._start()  # presence and absence are remembered
        touched = self._dependents.of(change)
        for each in touched:
            self._rows.pop(each, None)
        return touched

    # -- evaluation

    def evaluate(self, subject: SubjectKey) -> SubjectResult:
        """Evaluate every rule for one subject.

        The result depends on the inventory and the routes only.
        """
        if subject.scope is Scope.PREFIX:
            found = self._evaluated_prefix(subject)
            result = SubjectResult(
                subject, subject.owner, found.findings, found.result, found.words
            )
        elif subject.scope is Scope.SERVICE_PREFIX:
            result = self._service_prefix(subject)
        else:
            evaluator = self._evaluators[subject.owner]
            evaluations = evaluator.evaluate(evaluator.rules(subject.scope), self._set_up(subject))
            result = SubjectResult(subject, subject.owner, _findings(evaluations))
        uses = self._prepared.statements.take()
        return result if uses is NO_USES else attrs.evolve(result, uses=uses)

    def _set_up(self, key: SubjectKey) -> Subject:
        """Return a subject other than a prefix."""
        peering = self._prepared.peerings[key.owner]
        if key.scope is Scope.SESSION:
            return self._subjects.session(self._prepared.sessions[key.name])
        if key.scope is Scope.CONNECTION:
            return ConnectionSubject(peering, peering.connections[key.number - 1])
        if key.scope is Scope.PEERING:
            return PeeringSubject(peering, self._subjects.sessions(peering))
        return InventorySubject(peering, self._prepared.inventory)

    def _row_key(self, subject: SubjectKey) -> str:
        """Return the key of a row: a service may have the name of a peering."""
        number = subject.number
        if subject.scope is Scope.SERVICE_PREFIX:
            number += self._registrations.times(subject.owner, subject.name)
        return key_of(subject.owner, subject.name, number)

    # -- registered prefixes

    def _evaluated_prefix(self, key: SubjectKey) -> _EvaluatedPrefix:
        peering = self._prepared.peerings[key.owner]
        evaluator = self._evaluators[key.owner]
        registered = self._prepared.registered.get(key)
        if registered is None or peering.profile == ROUTE_SERVER:
            registered = RegisteredPrefix(key.name)
        subject = self._subjects.prefix(
            peering, registered, evaluator.cannot_fire, partial(_passes, evaluator)
        )
        if not is_ipv4(subject):
            return self._refused(evaluator, subject, self._row_key(key))
        found = self._evaluate_prefix(evaluator, subject, self._row_key(key))
        if subject.prefix is not None and subject.prefix in evaluator.context.activated:
            self._rows[key] = found
        return found

    def _refused(self, evaluator: Evaluator, subject: PrefixSubject, key: str) -> _EvaluatedPrefix:
        """Evaluate why a text is not an IPv4 prefix; no other rule applies to it."""
        at_route_server = evaluator.context.profile == ROUTE_SERVER
        evaluations = _gate(evaluator, subject)
        checks = undecidable(at_route_server=at_route_server)
        result = prefix_result(subject, key, evaluations, checks)
        words = refused_row(self._session_ids, subject, evaluations)
        return _EvaluatedPrefix(subject, key, evaluations, {}, evaluations, result, words)

    def _evaluate_prefix(
        self, evaluator: Evaluator, subject: PrefixSubject, key: str
    ) -> _EvaluatedPrefix:
        """Evaluate a prefix and its cells."""
        evaluations = evaluator.evaluate(evaluator.rules(Scope.PREFIX), subject)
        cells = {cell.session.id: _evaluated(evaluator, cell) for cell in subject.cells}
        checks = registration_checks(
            evaluator,
            subject,
            evaluations,
            [each for each in cells.values() if each.cell.is_asked_for],
            at_route_server=evaluator.context.profile == ROUTE_SERVER,
        )
        every = [
            *evaluations,
            *(one for view in {*subject.passing.values()} for one in evaluator.present(view)),
            *(one for each in cells.values() for one in each.evaluations),
        ]
        for view in _views_where_nothing_fires(evaluator, subject, cells):
            every += evaluator.passed_results(view)
        result = prefix_result(subject, key, every, checks)
        differ = tuple(disagreements(subject, every, result))
        every += evaluator.record_external(CATALOGUE["registration.state"], subject, differ)
        words = row_of(self._session_ids, subject, evaluations, cells)
        return _EvaluatedPrefix(subject, key, evaluations, cells, every, result, words)

    # -- service prefixes

    def _service_prefix(self, key: SubjectKey) -> SubjectResult:
        """Evaluate a service prefix; findings of its registration are not repeated."""
        service, declared = self._prepared.activated[key]
        peering = self._subjects.peering_of(service, declared.parsed, self._registered)
        evaluator = self._evaluators[peering.name]
        subject = self._subjects.service_prefix(peering, service, declared)
        row_key = self._row_key(key)
        if not is_ipv4(subject):
            evaluations = evaluator.evaluate([CATALOGUE["activation.fields"]], subject)
            row = service_prefix_result(subject, row_key, evaluations, undecidable(activation=True))
            return SubjectResult(key, peering.name, _findings(_keyed(evaluations, row_key)), row)
        return self._evaluate_service_prefix(key, evaluator, subject, self._rows_of(subject))

    def _evaluate_service_prefix(
        self,
        key: SubjectKey,
        evaluator: Evaluator,
        subject: ServicePrefixSubject,
        rows: list[_EvaluatedPrefix],
    ) -> SubjectResult:
        """Evaluate a service prefix.

        What an earlier activation of the same prefix reports is not reported again.

        Args:
            key: names it.
            evaluator: of the profile that is used.
            subject: the service prefix.
            rows: its registrations by peerings of the same AS.
        """
        row_key = self._row_key(key)
        evaluated = {session: each for row in reversed(rows) for session, each in row.cells.items()}
        asked = {
            session for row in rows for session, each in row.cells.items() if each.cell.is_asked_for
        }
        subject = attrs.evolve(subject, asked=frozenset(asked))
        own = evaluator.evaluate(evaluator.rules(Scope.SERVICE_PREFIX), subject)
        of_prefix, new = _of_prefix(evaluator, subject, rows)
        if not self._activations.is_first(key):
            new = []
        cells = []
        for cell in subject.cells:
            found = evaluated.get(cell.session.id)
            if found is None:
                found = _evaluated(evaluator, cell)
                if not self._activations.is_reported(key, cell.session.id):
                    new += found.evaluations
            cells.append(found)
        at_route_server = evaluator.context.profile == ROUTE_SERVER
        checks = activation_checks(
            evaluator, subject, [*own, *of_prefix], cells, at_route_server=at_route_server
        )
        row = service_prefix_result(subject, row_key, [*own, *of_prefix], checks)
        every = [*own, *of_prefix, *(one for each in cells for one in each.evaluations)]
        differ = tuple(service_disagreements(subject, every, row))
        own += evaluator.record_external(CATALOGUE["activation.state"], subject, differ)
        if not rows:
            new = [*_keyed(new, row_key)]
        findings = _findings((*_keyed(own, row_key), *new))
        marks = tuple(_marks(subject, own, rows))
        return SubjectResult(key, subject.peering.name, findings, row, marks=marks)

    def _rows_of(self, subject: ServicePrefixSubject) -> list[_EvaluatedPrefix]:
        """Return the registrations of a service prefix by peerings of the same AS."""
        if subject.prefix is None:
            return []
        return [
            self._rows.get(key) or self._evaluated_prefix(key)
            for key in self._registrations.of(subject.peering.asn, subject.prefix)
        ]


def _views_where_nothing_fires(
    evaluator: Evaluator, subject: PrefixSubject, cells: Mapping[str, EvaluatedCell]
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


def _of_prefix(
    evaluator: Evaluator, subject: ServicePrefixSubject, rows: list[_EvaluatedPrefix]
) -> tuple[list[Evaluation], list[Evaluation]]:
    """Return the results for the prefix as such, and those that no registration reports."""
    if rows:
        return [
            evaluation
            for row in rows
            for evaluation in row.evaluations
            if evaluation.rule.id in OF_THE_PREFIX
        ], []
    registered = RegisteredPrefix(subject.declared.prefix, subject.declared.name)
    by_itself = PrefixSubject(
        subject.peering, registered, subject.prefix, subject.cells, subject.groups
    )
    rules = [rule for rule in evaluator.rules(Scope.PREFIX) if rule.id in OF_THE_PREFIX]
    evaluations = evaluator.evaluate(rules, by_itself)
    return evaluations, [*evaluations]


def _marks(
    subject: ServicePrefixSubject, evaluations: Iterable[Evaluation], rows: list[_EvaluatedPrefix]
) -> Iterator[tuple[str, str, str]]:
    """Yield on which session a service prefix is missing, for the matrix.

    The row is that of the session's own peering, else that of the registration.
    """
    words = words_of_sessions(evaluations)
    peerings = {cell.session.id: cell.session.peering.name for cell in subject.cells}
    by_peering: dict[str, list[_EvaluatedPrefix]] = {}
    for row in rows:
        by_peering.setdefault(row.subject.peering.name, []).append(row)
    for session, word in words.items():
        own = by_peering.get(peerings.get(session, ""), rows)
        yield from ((row.key, session, word) for row in own)


def _findings(evaluations: Iterable[Evaluation]) -> tuple[Finding, ...]:
    return tuple(finding for evaluation in evaluations for finding in evaluation.findings)


def _keyed(evaluations: Iterable[Evaluation], key: str) -> Iterator[Evaluation]:
    """Give findings about a service prefix its key: a peering may have its service's name."""
    for evaluation in evaluations:
        if all(finding.key == key for finding in evaluation.findings):
            yield evaluation
        else:
            findings = tuple(attrs.evolve(each, key=key) for each in evaluation.findings)
            yield attrs.evolve(evaluation, findings=findings)


def _gate(evaluator: Evaluator, subject: PrefixSubject) -> list[Evaluation]:
    """Evaluate why a text is not an IPv4 prefix; no other rule applies to it."""
    rules = {rule.id: rule for rule in evaluator.rules(Scope.PREFIX) if rule.id in GATES}
    name = "prefix.valid" if subject.prefix is None else "prefix.ipv4-only"
    return evaluator.evaluate([rules[name]] if name in rules else [], subject)


def _evaluated(evaluator: Evaluator, cell: Cell) -> EvaluatedCell:
    """Evaluate the rules about a cell; those about single routes only where one can fire."""
    rules = evaluator.relational() if _cannot_fire(evaluator, cell) else evaluator.rules(Scope.CELL)
    return EvaluatedCell(cell, tuple(evaluator.evaluate(rules, cell)))


def _passes(evaluator: Evaluator, cell: Cell) -> bool:
    """Whether no rule has an answer for a cell, nor a comparison of what was sent and received."""
    if not _cannot_fire(evaluator, cell) or not evaluator.says_nothing(cell):
        return False
    return cell.view is not View.RECEIVED or all(each.view is not View.SENT for each in cell.others)


def _cannot_fire(evaluator: Evaluator, cell: Cell) -> bool:
    shows_all = cell.source is not None and cell.source.observations.shows_all
    return (
        cell.presence is Presence.PRESENT
        and shows_all
        and evaluator.cannot_fire(cell.routes[0].viewpoint, [route.facts for route in cell.routes])
    )
