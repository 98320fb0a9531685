"""The check of an inventory: every rule for every subject, as one report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from functools import partial

import attrs

from peerlint.engine.checks import (
    OF_THE_PREFIX,
    EvaluatedCell,
    activation_checks,
    registration_checks,
    undecidable,
)
from peerlint.engine.evaluate import Evaluation, Evaluator
from peerlint.engine.findings import key_of, numbers_of, told_apart
from peerlint.engine.reconcile import disagreements, service_disagreements
from peerlint.engine.state import (
    GATES,
    is_ipv4,
    prefix_result,
    refused_row,
    row_of,
    service_prefix_result,
    words_of_sessions,
)
from peerlint.engine.subjects import Subjects
from peerlint.engine.waivers import Statements
from peerlint.inventory import (
    Inventory,
    Peering,
    RegisteredAsn,
    RegisteredPrefix,
    SessionRef,
    metro,
)
from peerlint.inventory.key_uses import redact
from peerlint.inventory.peering import PROFILES
from peerlint.model import Criteria, Prefix, View
from peerlint.observations import ROUTE_SERVER, Observations
from peerlint.profiles import Profile
from peerlint.results import (
    NOT_ASKED,
    OK,
    AsnResult,
    Finding,
    Matrix,
    MatrixSession,
    PeeringSummary,
    PrefixResult,
    Report,
    ServicePrefixResult,
)
from peerlint.rules import (
    CATALOGUE,
    Cell,
    Context,
    InventorySubject,
    PeeringSubject,
    PrefixSubject,
    Presence,
    Scope,
    ServicePrefixSubject,
    Subject,
)


def criteria_of(profile: Profile, inventory: Inventory) -> Criteria:
    """Return the criteria for facts of a peering's routes."""
    return Criteria(profile.community, profile.max_path, inventory.lab.allow)


def check(
    inventory: Inventory,
    observations: Observations,
    profiles: Mapping[str, Profile],
    *,
    now: datetime,
    version: str,
    kernel: str,
    strict: bool = False,
    plan: Inventory | None = None,
    remarks: Iterable[str] = (),
) -> Report:
    """Evaluate every rule for everything in an inventory.

    Args:
        inventory: what is declared.
        observations: what was seen.
        profiles: by the name of the peering.
        now: the time of the check; its date decides which statements count.
        version: of peerlint.
        kernel: "c" or "python".
        strict: whether inferred passes count as unknown and mild readings as errors.
        plan: the inventory as it is meant to become; None without one.
        remarks: further remarks about the inventory or its profiles.
    """
    inventory = redact(inventory)
    subjects = Subjects(inventory, observations)
    registered = subjects.registered()
    statements = Statements(inventory, now.date())
    result = _Result(tuple(session.id for session in inventory.sessions))
    evaluated: set[str] = set()
    known = Context(
        inventory,
        registered,
        Criteria(),
        PROFILES[0],
        today=now.date(),
        plan=plan,
        validated=subjects.validated,
    )
    evaluators = {}
    numbers = numbers_of(inventory)
    for peering in inventory.peerings:
        profile = profiles[peering.name]
        context = attrs.evolve(
            known,
            criteria=criteria_of(profile, inventory),
            profile=profile.base,
            all_routes=profile.judges_announced,
            set_up=profile.set_up,
        )
        evaluators[peering.name] = Evaluator(profile, context, statements, strict, numbers)
    for peering in inventory.peerings:
        evaluator = evaluators[peering.name]
        silent = partial(_is_silent, evaluator)
        for subject in subjects.prefixes(peering, evaluator.cannot_fire, silent):
            result.add_prefix(evaluator, subject)
    services = subjects.service_prefixes(registered)
    for peering in inventory.peerings:
        evaluator = evaluators[peering.name]
        for service_prefix in services.get(peering.name, ()):
            result.add_service_prefix(evaluator, service_prefix)
        for scope, other in _set_up(subjects, peering):
            result.add(peering, evaluator.evaluate(evaluator.rules(scope), other))
        if evaluator.profile.name not in evaluated:
            evaluated.add(evaluator.profile.name)
            whole = InventorySubject(peering, inventory)
            result.add(peering, evaluator.evaluate(evaluator.rules(Scope.INVENTORY), whole))
    return Report(
        now=now,
        version=version,
        kernel=kernel,
        sources=observations.sources,
        peerings=tuple(
            PeeringSummary(
                each.name,
                profiles[each.name].name,
                each.asn,
                each.location,
                subjects.is_unseen(each),
            )
            for each in inventory.peerings
        ),
        prefixes=tuple(result.results),
        findings=told_apart((*result.all_findings(), *statements.warnings()), result.keys),
        cells=Matrix(tuple(map(_column, inventory.sessions)), result.rows),
        service_prefixes=tuple(result.services),
        registered_asns=tuple(
            _asn(peering, each)
            for peering in inventory.peerings
            for each in peering.registered_asns
        ),
        remarks=tuple(remarks),
        strict=strict,
    )


def _set_up(subjects: Subjects, peering: Peering) -> Iterator[tuple[Scope, Subject]]:
    """Yield the subjects of a peering other than prefixes, with their scopes."""
    sessions = subjects.sessions(peering)
    yield from ((Scope.SESSION, each) for each in sessions)
    yield from ((Scope.CONNECTION, each) for each in subjects.connections(peering))
    yield Scope.PEERING, PeeringSubject(peering, sessions)


@attrs.frozen
class _Row:
    """A registered prefix with the results of its rules.

    Attributes:
        subject: the prefix.
        key: of its row of the matrix.
        evaluations: of the rules about the prefix as such.
        cells: that were judged, by session.
    """

    subject: PrefixSubject
    key: str
    evaluations: tuple[Evaluation, ...]
    cells: Mapping[str, EvaluatedCell]


@attrs.define
class _Alone:
    """Results for a service prefix that no registration has.

    Several services may activate one prefix: these results are reported once.

    Attributes:
        evaluations: of the rules about the prefix as such; None until they were asked.
        cells: with their results, by session.
    """

    evaluations: list[Evaluation] | None = None
    cells: dict[str, EvaluatedCell] = attrs.field(factory=dict)


@attrs.define
class _Result:
    """The results so far.

    Attributes:
        sessions: the columns of the matrix.
        results: of the prefixes.
        findings: of everything, by peering.
        rows: of the matrix, by key.
        services: of the service prefixes.
        evaluated: the registered prefixes that are activated too, by prefix.
        declared: how often a peering or service has a prefix.
        keys: of the prefixes and service prefixes.
        alone: results for service prefixes that no registration has, by peering and prefix.
    """

    sessions: tuple[str, ...]
    results: list[PrefixResult] = attrs.field(factory=list)
    findings: dict[str, list[Finding]] = attrs.field(factory=dict)
    rows: dict[str, dict[str, str]] = attrs.field(factory=dict)
    services: list[ServicePrefixResult] = attrs.field(factory=list)
    evaluated: dict[Prefix, list[_Row]] = attrs.field(factory=dict)
    declared: Counter[tuple[str, str]] = attrs.field(factory=Counter)
    keys: set[str] = attrs.field(factory=set)
    alone: dict[tuple[str, Prefix], _Alone] = attrs.field(factory=dict)

    def all_findings(self) -> Iterator[Finding]:
        """Yield the findings in the order of the peerings."""
        for found in self.findings.values():
            yield from found

    def add(self, peering: Peering, evaluations: Iterable[Evaluation]) -> None:
        """Add the findings of judgements."""
        found = self.findings.setdefault(peering.name, [])
        for evaluation in evaluations:
            found += evaluation.findings

    def _key(self, owner: str, prefix: str) -> str:
        self.declared[owner, prefix] += 1
        key = key_of(owner, prefix, self.declared[owner, prefix])
        self.keys.add(key)
        return key

    # -- registered prefixes

    def add_prefix(self, evaluator: Evaluator, subject: PrefixSubject) -> None:
        """Evaluate a prefix and its cells."""
        key = self._key(subject.peering.name, subject.registered.prefix)
        at_route_server = evaluator.context.profile == ROUTE_SERVER
        if not is_ipv4(subject):
            evaluations = _gate(evaluator, subject)
            checks = undecidable(at_route_server=at_route_server)
            self._keep(subject, prefix_result(subject, key, evaluations, checks), evaluations)
            self.rows[key] = refused_row(self.sessions, subject, evaluations)
            return
        evaluations = evaluator.evaluate(evaluator.rules(Scope.PREFIX), subject)
        cells = {cell.session.id: _evaluated(evaluator, cell) for cell in subject.cells}
        asked = [each for each in cells.values() if each.cell.is_asked_for]
        checks = registration_checks(
            evaluator, subject, evaluations, asked, at_route_server=at_route_server
        )
        every = [
            *evaluations,
            *(one for view in {*subject.silent.values()} for one in evaluator.present(view)),
            *(one for each in cells.values() for one in each.evaluations),
        ]
        views = {
            each.cell.routes[0].view
            for each in cells.values()
            if _cannot_fire(evaluator, each.cell)
        }
        # Sessions without a cell announce the prefix, and no rule has an answer for them.
        alike = {
            group.view
            for group in subject.groups
            if any(session not in cells for session in group.session_ids)
        }
        for view in views | alike:
            every += evaluator.passed_results(view)
        result = prefix_result(subject, key, every, checks)
        differ = tuple(disagreements(subject, every, result))
        every += evaluator.record_external(CATALOGUE["registration.state"], subject, differ)
        self._keep(subject, result, every)
        self.rows[key] = row_of(self.sessions, subject, evaluations, cells)
        if subject.prefix is not None and subject.prefix in evaluator.context.activated:
            row = _Row(subject, key, tuple(evaluations), cells)
            self.evaluated.setdefault(subject.prefix, []).append(row)

    def _keep(
        self, subject: PrefixSubject, result: PrefixResult, evaluations: Iterable[Evaluation]
    ) -> None:
        own = [finding for evaluation in evaluations for finding in evaluation.findings]
        found = self.findings.setdefault(subject.peering.name, [])
        found += sorted(own, key=lambda finding: CATALOGUE[finding.rule].step)
        self.results.append(result)

    # -- service prefixes

    def add_service_prefix(self, evaluator: Evaluator, subject: ServicePrefixSubject) -> None:
        """Evaluate a service prefix; findings of its registration are not repeated."""
        key = self._key(subject.service.name, subject.declared.prefix)
        if not is_ipv4(subject):
            evaluations = evaluator.evaluate([CATALOGUE["activation.fields"]], subject)
            checks = undecidable(activation=True)
            self.services.append(service_prefix_result(subject, key, evaluations, checks))
            self.add(subject.peering, _keyed(evaluations, key))
            return
        rows = [
            row for row in self._rows(subject) if row.subject.peering.asn == subject.peering.asn
        ]
        asked = {
            session for row in rows for session, each in row.cells.items() if each.cell.is_asked_for
        }
        subject = attrs.evolve(subject, asked=frozenset(asked))
        own = evaluator.evaluate(evaluator.rules(Scope.SERVICE_PREFIX), subject)
        alone = self._alone(subject)
        of_prefix, new = self._of_prefix(evaluator, subject, rows, alone)
        cells = []
        for cell in subject.cells:
            session = cell.session.id
            known = next((row.cells[session] for row in rows if session in row.cells), None)
            evaluated = known or alone.cells.get(session)
            if evaluated is None:
                evaluated = alone.cells[session] = _evaluated(evaluator, cell)
                new += evaluated.evaluations
            cells.append(evaluated)
        checks = activation_checks(
            evaluator,
            subject,
            [*own, *of_prefix],
            cells,
            at_route_server=evaluator.context.profile == ROUTE_SERVER,
        )
        result = service_prefix_result(subject, key, [*own, *of_prefix], checks)
        every = [*own, *of_prefix, *(one for each in cells for one in each.evaluations)]
        differ = tuple(service_disagreements(subject, every, result))
        own += evaluator.record_external(CATALOGUE["activation.state"], subject, differ)
        self.services.append(result)
        if not rows:
            new = [*_keyed(new, key)]
        self.add(subject.peering, [*_keyed(own, key), *new])
        self._mark(subject, own, rows)

    def _rows(self, subject: ServicePrefixSubject) -> list[_Row]:
        return [] if subject.prefix is None else self.evaluated.get(subject.prefix, [])

    def _alone(self, subject: ServicePrefixSubject) -> _Alone:
        if subject.prefix is None:
            return _Alone()
        return self.alone.setdefault((subject.peering.name, subject.prefix), _Alone())

    def _of_prefix(
        self,
        evaluator: Evaluator,
        subject: ServicePrefixSubject,
        rows: list[_Row],
        alone: _Alone,
    ) -> tuple[list[Evaluation], list[Evaluation]]:
        """Return the results for the prefix as such, and those that are not reported yet."""
        if rows:
            return [
                evaluation
                for row in rows
                for evaluation in row.evaluations
                if evaluation.rule.id in OF_THE_PREFIX
            ], []
        if alone.evaluations is not None:
            return alone.evaluations, []
        registered = RegisteredPrefix(subject.declared.prefix, subject.declared.name)
        by_itself = PrefixSubject(
            subject.peering, registered, subject.prefix, subject.cells, subject.groups
        )
        rules = [rule for rule in evaluator.rules(Scope.PREFIX) if rule.id in OF_THE_PREFIX]
        alone.evaluations = evaluator.evaluate(rules, by_itself)
        return alone.evaluations, [*alone.evaluations]

    def _mark(
        self, subject: ServicePrefixSubject, evaluations: Iterable[Evaluation], rows: list[_Row]
    ) -> None:
        """Write into the matrix on which session a service prefix is missing.

        The row is that of the session's own peering, else that of the registration.
        """
        words = words_of_sessions(evaluations)
        peerings = {cell.session.id: cell.session.peering.name for cell in subject.cells}
        for session, word in words.items():
            own = [row for row in rows if row.subject.peering.name == peerings.get(session)]
            for row in own or rows:
                if self.rows[row.key][session] in (OK, NOT_ASKED):
                    self.rows[row.key][session] = word


def _keyed(evaluations: Iterable[Evaluation], key: str) -> Iterator[Evaluation]:
    """Give findings about a service prefix its key: a peering may have its service's name."""
    for evaluation in evaluations:
        if all(finding.key == key for finding in evaluation.findings):
            yield evaluation
        else:
            findings = tuple(attrs.evolve(each, key=key) for each in evaluation.findings)
            yield attrs.evolve(evaluation, findings=findings)


def _gate(evaluator: Evaluator, subject: PrefixSubject) -> list[Evaluation]:
    """Ask why a text is no IPv4 prefix; nothing else can be asked of it."""
    rules = {rule.id: rule for rule in evaluator.rules(Scope.PREFIX) if rule.id in GATES}
    name = "prefix.valid" if subject.prefix is None else "prefix.ipv4-only"
    return evaluator.evaluate([rules[name]] if name in rules else [], subject)


def _evaluated(evaluator: Evaluator, cell: Cell) -> EvaluatedCell:
    """Ask the rules about a cell; those about single routes only where one of them can fire."""
    rules = evaluator.relational() if _cannot_fire(evaluator, cell) else evaluator.rules(Scope.CELL)
    return EvaluatedCell(cell, tuple(evaluator.evaluate(rules, cell)))


def _is_silent(evaluator: Evaluator, cell: Cell) -> bool:
    """Whether no rule says anything of a cell, nor a comparison of what was sent and received."""
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


def _asn(peering: Peering, asn: RegisteredAsn) -> AsnResult:
    has_key = asn.key is not None
    return AsnResult(int(asn.asn), asn.name, peering.name, has_key, asn.provisioning_state)


def _column(session: SessionRef) -> MatrixSession:
    where = metro(session.peering, session.connection)
    session_id = session.declared
    return MatrixSession(
        session.id,
        session.peering.name,
        session.connection.router,
        None if where is None else where.name,
        None if session_id.peer is None else str(session_id.peer),
        None if session_id.microsoft is None else str(session_id.microsoft),
    )
