"""Evaluation of one subject of a prepared inventory against routes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from itertools import chain

import attrs

from peerlint.engine.checks import (
    activation_checks,
    registration_checks,
    undecidable,
)
from peerlint.engine.dependents import (
    Change,
    CountChange,
    Dependents,
    RouteChange,
    SessionChange,
)
from peerlint.engine.equal_results import EqualResults
from peerlint.engine.evaluate import Evaluator
from peerlint.engine.evaluated_prefix import (
    EvaluatedPrefix,
    evaluate_gates,
    evaluated_as_prefix,
    evaluated_cell,
    findings_of,
    marks_of,
    passes,
    views_where_nothing_fires,
    with_key,
)
from peerlint.engine.evaluation import PreviousResults
from peerlint.engine.findings import key_of
from peerlint.engine.known_results import KnownResults
from peerlint.engine.last_routes import LastRoutes
from peerlint.engine.prepare import Prepared, SubjectKey
from peerlint.engine.reconcile import disagreements, service_disagreements
from peerlint.engine.registry_dependents import RegistryDependents
from peerlint.engine.route_index import PrefixRoutes, RouteIndex
from peerlint.engine.state import (
    is_ipv4,
    prefix_result,
    refused_row,
    row_of,
    service_prefix_result,
)
from peerlint.engine.subject_index import Activations, Registrations
from peerlint.engine.subject_result import SubjectResult
from peerlint.engine.subjects import Subjects
from peerlint.engine.waivers import NO_USES
from peerlint.inventory import Peering, RegisteredPrefix
from peerlint.model import Prefix, Space, View
from peerlint.observations import ROUTE_SERVER
from peerlint.rules import (
    CATALOGUE,
    ConnectionSubject,
    InventorySubject,
    ObservedPeering,
    ObservedPrefix,
    ObservedServicePrefix,
    Scope,
    Subject,
)

Registered = Mapping[Prefix, list[tuple[Peering, RegisteredPrefix]]]


class Checker:
    """Evaluates the subjects of a prepared inventory against routes."""

    def __init__(self, prepared: Prepared, routes: RouteIndex) -> None:
        """Combine the inventory with routes, which may change afterwards: see `invalidate`."""
        self._prepared = prepared
        self._routes = routes
        self._session_ids = tuple(prepared.sessions)
        self._equal = EqualResults(prepared)
        self._registry_dependents = RegistryDependents()
        self._start()

    def _start(self) -> None:
        self._subjects = Subjects(self._prepared.inventory, self._routes)
        #: The last results of each subject; rules that do not read routes keep theirs.
        self._known: dict[SubjectKey, PreviousResults] = {}
        self._results = KnownResults(self._routes, self._prepared.sessions)
        self._equal.clear()
        #: Results of registered prefixes that are also activated, until routes change.
        self._rows: dict[SubjectKey, EvaluatedPrefix] = {}
        self._registered = self._subjects.registered()
        self._evaluators = dict(self._with_routes(self._prepared.evaluators))
        self._activations = Activations(self._prepared, self._subjects, self._registered)
        self._order = tuple(self._subjects_in_order())
        members = (self._subjects.of_members(each) for each in self._prepared.inventory.peerings)
        self._last_routes = LastRoutes(self._prepared, self._routes, chain.from_iterable(members))
        self._registrations = Registrations(self._prepared.peerings, self._order)
        self._dependents = Dependents(self._prepared, self._order)

    def _with_routes(self, evaluators: Mapping[str, Evaluator]) -> Iterator[tuple[str, Evaluator]]:
        """Yield evaluators whose contexts have the data that routes add.

        These are members' prefixes at route servers and Azure's validation results. They are
        shared by all peerings, so that they are made and compared once.
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
        """Return the number of routes in each source, by session, source and view."""
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

    def invalidate(self, change: Change) -> tuple[SubjectKey, ...]:
        """Discard cached results after a change of the routes.

        Returns:
            The subjects whose results the change can affect. At a route server, routes decide
            which subjects there are: if these change, all of them are returned, see `subjects`.
        """
        if isinstance(change, CountChange):
            return self._count_changed(change)
        if not isinstance(change, RouteChange):
            return self.invalidate_all((change,))
        if self._last_routes.is_row_changed(change.prefix):
            is_whole = self._last_routes.is_community_changed(change.session)
            return self.invalidate_all((SessionChange(change.session) if is_whole else change,))
        if not self._last_routes.is_session_changed(change.session):
            affected = self._dependents.of_route(change)
        else:
            affected = self._session_changed(change)
        for each in affected:
            self._rows.pop(each, None)
        return affected

    def _count_changed(self, change: CountChange) -> tuple[SubjectKey, ...]:
        if not self._last_routes.is_session_changed(change.session):
            self._subjects.forget(change.session)
            return self._dependents.of(change)
        affected = self._session_changed(change)
        for each in affected:
            self._rows.pop(each, None)
        return affected

    def _session_changed(self, change: RouteChange | CountChange) -> tuple[SubjectKey, ...]:
        """Return what is affected if rules about the session may have other answers."""
        self._subjects.forget(change.session)
        if not self._last_routes.is_community_changed(change.session):
            return self._dependents.of(change)
        self._results.clear()
        self._equal.clear()
        return self._dependents.of(SessionChange(change.session))

    def invalidate_all(self, changes: Iterable[Change]) -> tuple[SubjectKey, ...]:
        """Discard all cached results after several changes, such as those of whole sessions.

        Returns:
            The subjects whose results the changes can affect, in the order of the report.
        """
        before = (self._registered, self._order)
        self._start()
        if before != (self._registered, self._order):
            return self._order
        affected = set(chain.from_iterable(map(self._dependents.of, changes)))
        return tuple(each for each in self._order if each in affected)

    def use_registry(self, prepared: Prepared) -> tuple[SubjectKey, ...]:
        """Go on with other registry data, or with the same at another time.

        Args:
            prepared: what the checker was made with, but for the registry data and the time, which
                is one of the same day.

        Returns:
            The subjects whose results the change can affect, in the order of the report.
        """
        before, self._prepared = self._prepared, prepared
        affected = self._registry_dependents.affected(before, prepared)
        self._registry_dependents.note_expiries(prepared)
        self._equal = EqualResults(prepared)
        self._start()
        if affected is None:
            return self._order
        # The result of a service prefix is made of those of its registrations, too.
        sharing = {one for each in affected for one in self._dependents.sharing_addresses(each)}
        return tuple(each for each in self._order if each in affected or each in sharing)

    # -- evaluation

    def evaluate(self, subject: SubjectKey) -> SubjectResult:
        """Evaluate every rule for one subject.

        The result depends on the inventory, the routes and the registry data only.
        """
        has_changes = not self._routes.is_fixed and self._prepared.registry is not None
        questions = self._prepared.questions if has_changes else None
        with self._registry_dependents.noted(questions, subject):
            return self._evaluate(subject)

    def _evaluate(self, subject: SubjectKey) -> SubjectResult:
        if subject.scope is Scope.PREFIX:
            return self._prefix(subject)
        if subject.scope is Scope.SERVICE_PREFIX:
            return self._with_uses(self._service_prefix(subject))
        evaluator = self._evaluators[subject.owner]
        previous = self._previous(subject)
        evaluations = evaluator.evaluate_all(self._set_up(subject), previous)
        return self._with_uses(SubjectResult(subject, subject.owner, findings_of(evaluations)))

    def _previous(self, subject: SubjectKey) -> PreviousResults | None:
        """Return the last results of a subject; None if routes never change."""
        if self._routes.is_fixed:
            return None
        return self._known.setdefault(subject, PreviousResults())

    def _with_uses(self, result: SubjectResult) -> SubjectResult:
        uses = self._prepared.statements.take_uses()
        return result if uses is NO_USES else attrs.evolve(result, uses=uses)

    def _set_up(self, key: SubjectKey) -> Subject:
        """Return a subject other than a prefix."""
        peering = self._prepared.peerings[key.owner]
        if key.scope is Scope.SESSION:
            return self._subjects.session(self._prepared.sessions[key.name])
        if key.scope is Scope.CONNECTION:
            return ConnectionSubject(peering, peering.connections[key.number - 1])
        if key.scope is Scope.PEERING:
            return ObservedPeering(peering, self._subjects.sessions(peering))
        return InventorySubject(peering, self._prepared.inventory)

    def _row_key(self, subject: SubjectKey) -> str:
        """Return the key of a row: a service may have the name of a peering."""
        number = subject.number
        if subject.scope is Scope.SERVICE_PREFIX:
            number += self._registrations.times(subject.owner, subject.name)
        return key_of(subject.owner, subject.name, number)

    # -- registered prefixes

    def _prefix(self, key: SubjectKey) -> SubjectResult:
        """Evaluate a registered prefix, unless the result for the same routes is known."""
        routes = self._routes_alone(key)
        if routes is None:
            found = self._evaluated_prefix(key)
            return self._with_uses(_prefix_result(key, found))
        equal = self._equal.get(key, routes)
        if equal is not None:
            return equal
        result = self._results.get(key, routes)
        if result is None:
            found = self._evaluated_prefix(key)
            result = _prefix_result(key, found)
            self._results.add(result, routes, found.every)
        self._equal.add(self._prepared.registered[key], result, routes, self._known.get(key))
        return result

    def _routes_alone(self, key: SubjectKey) -> PrefixRoutes | None:
        """Return the routes of a prefix; None if its result depends on more that may change."""
        registered = None if self._routes.is_fixed else self._prepared.registered.get(key)
        prefix = None if registered is None else registered.parsed
        if (
            prefix is None
            or self._prepared.has_route_servers
            or not self._prepared.statements.is_empty
            or prefix in self._prepared.activated_prefixes
            or self._routes.covering(prefix)
            or self._routes.more_specifics(prefix)
        ):
            return None
        return self._routes.routes(prefix)

    def _evaluated_prefix(self, key: SubjectKey) -> EvaluatedPrefix:
        peering = self._prepared.peerings[key.owner]
        evaluator = self._evaluators[key.owner]
        registered = self._prepared.registered.get(key)
        if registered is None or peering.profile == ROUTE_SERVER:
            registered = RegisteredPrefix(key.name)
        subject = self._subjects.prefix(
            peering, registered, evaluator.cannot_fire, partial(passes, evaluator)
        )
        if not is_ipv4(subject):
            return self._refused(evaluator, subject, self._row_key(key))
        previous = self._previous(key)
        found = self._evaluate_prefix(evaluator, subject, self._row_key(key), previous)
        if subject.prefix is not None and subject.prefix in evaluator.context.activated:
            self._rows[key] = found
        return found

    def _refused(self, evaluator: Evaluator, subject: ObservedPrefix, key: str) -> EvaluatedPrefix:
        """Evaluate why a text is not an IPv4 prefix; no other rule applies to it."""
        at_route_server = evaluator.context.profile == ROUTE_SERVER
        evaluations = evaluate_gates(evaluator, subject)
        checks = undecidable(at_route_server=at_route_server)
        result = prefix_result(subject, key, evaluations, checks)
        words = refused_row(self._session_ids, subject, evaluations)
        return EvaluatedPrefix(subject, key, evaluations, {}, evaluations, result, words)

    def _evaluate_prefix(
        self,
        evaluator: Evaluator,
        subject: ObservedPrefix,
        key: str,
        previous: PreviousResults | None,
    ) -> EvaluatedPrefix:
        """Evaluate a prefix and its cells.

        Args:
            evaluator: the evaluator of the peering's profile.
            subject: the prefix.
            key: the key of its row of the matrix.
            previous: see `Evaluator.evaluate`.
        """
        evaluations = evaluator.evaluate_all(subject, previous)
        cells = {cell.session.id: evaluated_cell(evaluator, cell) for cell in subject.cells}
        checks = registration_checks(
            evaluator,
            subject,
            evaluations,
            [each for each in cells.values() if each.cell.is_required],
            at_route_server=evaluator.context.profile == ROUTE_SERVER,
        )
        every = [
            *evaluations,
            *(
                one
                for view in {*subject.passing.values()}
                for one in evaluator.passed_relational_results(view)
            ),
            *(one for each in cells.values() for one in each.evaluations),
        ]
        for view in views_where_nothing_fires(evaluator, subject, cells):
            every += evaluator.passed_results(view)
        result = prefix_result(subject, key, every, checks)
        differ = tuple(disagreements(subject, every, result))
        every += evaluator.record_external(CATALOGUE["registration.state"], subject, differ)
        words = row_of(self._session_ids, subject, evaluations, cells)
        return EvaluatedPrefix(subject, key, evaluations, cells, every, result, words)

    # -- service prefixes

    def _service_prefix(self, key: SubjectKey) -> SubjectResult:
        """Evaluate a service prefix; the findings of its registration are not repeated."""
        service, declared = self._prepared.activated[key]
        peering = self._subjects.peering_of(service, declared.parsed, self._registered)
        evaluator = self._evaluators[peering.name]
        subject = self._subjects.service_prefix(peering, service, declared)
        row_key = self._row_key(key)
        if not is_ipv4(subject):
            evaluations = evaluator.evaluate([CATALOGUE["activation.fields"]], subject)
            row = service_prefix_result(subject, row_key, evaluations, undecidable(activation=True))
            return SubjectResult(
                key, peering.name, findings_of(with_key(evaluations, row_key)), row
            )
        return self._evaluate_service_prefix(key, evaluator, subject, self._rows_of(subject))

    def _evaluate_service_prefix(
        self,
        key: SubjectKey,
        evaluator: Evaluator,
        subject: ObservedServicePrefix,
        rows: list[EvaluatedPrefix],
    ) -> SubjectResult:
        """Evaluate a service prefix.

        Findings that an earlier activation of the same prefix reports are not reported again.

        Args:
            key: the key of the service prefix.
            evaluator: the evaluator of the profile that is used.
            subject: the service prefix.
            rows: its registrations by peerings of the same AS.
        """
        row_key = self._row_key(key)
        evaluated = {session: each for row in reversed(rows) for session, each in row.cells.items()}
        required = {
            session for row in rows for session, each in row.cells.items() if each.cell.is_required
        }
        subject = attrs.evolve(subject, required_by_registration=frozenset(required))
        previous = self._previous(key)
        own = evaluator.evaluate_all(subject, previous)
        of_prefix, new = evaluated_as_prefix(evaluator, subject, rows)
        if not self._activations.is_first(key):
            new = []
        cells = []
        for cell in subject.cells:
            found = evaluated.get(cell.session.id)
            if found is None:
                found = evaluated_cell(evaluator, cell)
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
            new = [*with_key(new, row_key)]
        findings = findings_of((*with_key(own, row_key), *new))
        marks = tuple(marks_of(subject, own, rows))
        return SubjectResult(key, subject.peering.name, findings, row, marks=marks)

    def _rows_of(self, subject: ObservedServicePrefix) -> list[EvaluatedPrefix]:
        """Return the registrations of a service prefix by peerings of the same AS."""
        if subject.prefix is None:
            return []
        return [
            self._rows.get(key) or self._evaluated_prefix(key)
            for key in self._registrations.of(subject.peering.asn, subject.prefix)
        ]


def _prefix_result(key: SubjectKey, found: EvaluatedPrefix) -> SubjectResult:
    return SubjectResult(key, key.owner, found.findings, found.result, found.words)
