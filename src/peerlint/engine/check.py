"""The check of an inventory: every rule for every subject, as one report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from functools import partial

import attrs

from peerlint.engine.cells import Subjects
from peerlint.engine.checks import (
    OF_THE_PREFIX,
    JudgedCell,
    activation_checks,
    registration_checks,
    undecidable,
)
from peerlint.engine.findings import key_of, numbers_of, told_apart
from peerlint.engine.judge import Court, Judgement
from peerlint.engine.reconcile import disagreements, service_disagreements
from peerlint.engine.state import (
    GATES,
    is_ipv4,
    prefix_verdict,
    refused_row,
    row_of,
    service_verdict,
    words_of_sessions,
)
from peerlint.engine.statements import Statements
from peerlint.inventory import (
    Inventory,
    Peering,
    RegisteredAsn,
    RegisteredPrefix,
    SessionPlace,
    metro,
)
from peerlint.inventory.ledger import discreet
from peerlint.inventory.peering import PROFILES
from peerlint.model import Criteria, Prefix, View
from peerlint.observe import ROUTE_SERVER, Observations
from peerlint.profiles import Profile
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
from peerlint.verdicts import (
    NOT_ASKED,
    OK,
    AsnVerdict,
    Finding,
    Matrix,
    MatrixSession,
    PeeringSummary,
    PrefixVerdict,
    Report,
    ServiceVerdict,
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
    inventory = discreet(inventory)
    subjects = Subjects(inventory, observations)
    registered = subjects.registered()
    statements = Statements(inventory, now.date())
    result = _Result(tuple(place.id for place in inventory.sessions))
    judged: set[str] = set()
    known = Context(
        inventory,
        registered,
        Criteria(),
        PROFILES[0],
        today=now.date(),
        plan=plan,
        validated=subjects.validated,
    )
    courts = {}
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
        courts[peering.name] = Court(profile, context, statements, strict, numbers)
    for peering in inventory.peerings:
        court = courts[peering.name]
        silent = partial(_is_silent, court)
        for subject in subjects.prefixes(peering, court.is_quiet, silent):
            result.add_prefix(court, subject)
    services = subjects.service_prefixes(registered)
    for peering in inventory.peerings:
        court = courts[peering.name]
        for service_prefix in services.get(peering.name, ()):
            result.add_service_prefix(court, service_prefix)
        for scope, other in _set_up(subjects, peering):
            result.add(peering, court.judge(court.rules(scope), other))
        if court.profile.name not in judged:
            judged.add(court.profile.name)
            whole = InventorySubject(peering, inventory)
            result.add(peering, court.judge(court.rules(Scope.INVENTORY), whole))
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
        prefixes=tuple(result.verdicts),
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
        judgements: of the rules about the prefix as such.
        cells: that were judged, by session.
    """

    subject: PrefixSubject
    key: str
    judgements: tuple[Judgement, ...]
    cells: Mapping[str, JudgedCell]


@attrs.define
class _Alone:
    """Results for a service prefix that no registration has.

    Several services may activate one prefix: these results are reported once.

    Attributes:
        judgements: of the rules about the prefix as such; None until they were asked.
        cells: with their results, by session.
    """

    judgements: list[Judgement] | None = None
    cells: dict[str, JudgedCell] = attrs.field(factory=dict)


@attrs.define
class _Result:
    """The results so far.

    Attributes:
        sessions: the columns of the matrix.
        verdicts: of the prefixes.
        findings: of everything, by peering.
        rows: of the matrix, by key.
        services: of the service prefixes.
        judged: the registered prefixes that are activated too, by prefix.
        declared: how often a peering or service has a prefix.
        keys: of the prefixes and service prefixes.
        alone: results for service prefixes that no registration has, by peering and prefix.
    """

    sessions: tuple[str, ...]
    verdicts: list[PrefixVerdict] = attrs.field(factory=list)
    findings: dict[str, list[Finding]] = attrs.field(factory=dict)
    rows: dict[str, dict[str, str]] = attrs.field(factory=dict)
    services: list[ServiceVerdict] = attrs.field(factory=list)
    judged: dict[Prefix, list[_Row]] = attrs.field(factory=dict)
    declared: Counter[tuple[str, str]] = attrs.field(factory=Counter)
    keys: set[str] = attrs.field(factory=set)
    alone: dict[tuple[str, Prefix], _Alone] = attrs.field(factory=dict)

    def all_findings(self) -> Iterator[Finding]:
        """Yield the findings in the order of the peerings."""
        for found in self.findings.values():
            yield from found

    def add(self, peering: Peering, judgements: Iterable[Judgement]) -> None:
        """Add the findings of judgements."""
        found = self.findings.setdefault(peering.name, [])
        for judgement in judgements:
            found += judgement.findings

    def _key(self, owner: str, prefix: str) -> str:
        self.declared[owner, prefix] += 1
        key = key_of(owner, prefix, self.declared[owner, prefix])
        self.keys.add(key)
        return key

    # -- registered prefixes

    def add_prefix(self, court: Court, subject: PrefixSubject) -> None:
        """Evaluate a prefix and its cells."""
        key = self._key(subject.peering.name, subject.registered.prefix)
        at_route_server = court.context.profile == ROUTE_SERVER
        if not is_ipv4(subject):
            judgements = _gate(court, subject)
            checks = undecidable(at_route_server=at_route_server)
            self._keep(subject, prefix_verdict(subject, key, judgements, checks), judgements)
            self.rows[key] = refused_row(self.sessions, subject, judgements)
            return
        judgements = court.judge(court.rules(Scope.PREFIX), subject)
        cells = {cell.place.id: _judged(court, cell) for cell in subject.cells}
        asked = [each for each in cells.values() if each.cell.is_asked_for]
        checks = registration_checks(
            court, subject, judgements, asked, at_route_server=at_route_server
        )
        every = [
            *judgements,
            *(one for view in {*subject.silent.values()} for one in court.present(view)),
            *(one for each in cells.values() for one in each.judgements),
        ]
        views = {each.cell.routes[0].view for each in cells.values() if _is_quiet(court, each.cell)}
        # Sessions without a cell announce the prefix, and no rule has an answer for them.
        alike = {
            look.view
            for look in subject.looks
            if any(session not in cells for session in look.sessions)
        }
        for view in views | alike:
            every += court.clean(view)
        verdict = prefix_verdict(subject, key, every, checks)
        differ = tuple(disagreements(subject, every, verdict))
        every += court.say(CATALOGUE["registration.state"], subject, differ)
        self._keep(subject, verdict, every)
        self.rows[key] = row_of(self.sessions, subject, judgements, cells)
        if subject.prefix is not None and subject.prefix in court.context.activated:
            row = _Row(subject, key, tuple(judgements), cells)
            self.judged.setdefault(subject.prefix, []).append(row)

    def _keep(
        self, subject: PrefixSubject, verdict: PrefixVerdict, judgements: Iterable[Judgement]
    ) -> None:
        own = [finding for judgement in judgements for finding in judgement.findings]
        found = self.findings.setdefault(subject.peering.name, [])
        found += sorted(own, key=lambda finding: CATALOGUE[finding.rule].step)
        self.verdicts.append(verdict)

    # -- service prefixes

    def add_service_prefix(self, court: Court, subject: ServicePrefixSubject) -> None:
        """Evaluate a service prefix; findings of its registration are not repeated."""
        key = self._key(subject.service.name, subject.declared.prefix)
        if not is_ipv4(subject):
            judgements = court.judge([CATALOGUE["activation.fields"]], subject)
            checks = undecidable(activation=True)
            self.services.append(service_verdict(subject, key, judgements, checks))
            self.add(subject.peering, _keyed(judgements, key))
            return
        rows = [
            row for row in self._rows(subject) if row.subject.peering.asn == subject.peering.asn
        ]
        asked = {
            session for row in rows for session, each in row.cells.items() if each.cell.is_asked_for
        }
        subject = attrs.evolve(subject, asked=frozenset(asked))
        own = court.judge(court.rules(Scope.SERVICE_PREFIX), subject)
        alone = self._alone(subject)
        of_prefix, new = self._of_prefix(court, subject, rows, alone)
        cells = []
        for cell in subject.cells:
            session = cell.place.id
            known = next((row.cells[session] for row in rows if session in row.cells), None)
            judged = known or alone.cells.get(session)
            if judged is None:
                judged = alone.cells[session] = _judged(court, cell)
                new += judged.judgements
            cells.append(judged)
        checks = activation_checks(
            court,
            subject,
            [*own, *of_prefix],
            cells,
            at_route_server=court.context.profile == ROUTE_SERVER,
        )
        verdict = service_verdict(subject, key, [*own, *of_prefix], checks)
        every = [*own, *of_prefix, *(one for each in cells for one in each.judgements)]
        differ = tuple(service_disagreements(subject, every, verdict))
        own += court.say(CATALOGUE["activation.state"], subject, differ)
        self.services.append(verdict)
        if not rows:
            new = [*_keyed(new, key)]
        self.add(subject.peering, [*_keyed(own, key), *new])
        self._mark(subject, own, rows)

    def _rows(self, subject: ServicePrefixSubject) -> list[_Row]:
        return [] if subject.prefix is None else self.judged.get(subject.prefix, [])

    def _alone(self, subject: ServicePrefixSubject) -> _Alone:
        if subject.prefix is None:
            return _Alone()
        return self.alone.setdefault((subject.peering.name, subject.prefix), _Alone())

    def _of_prefix(
        self,
        court: Court,
        subject: ServicePrefixSubject,
        rows: list[_Row],
        alone: _Alone,
    ) -> tuple[list[Judgement], list[Judgement]]:
        """Return the results for the prefix as such, and those that are not reported yet."""
        if rows:
            return [
                judgement
                for row in rows
                for judgement in row.judgements
                if judgement.rule.id in OF_THE_PREFIX
            ], []
        if alone.judgements is not None:
            return alone.judgements, []
        registered = RegisteredPrefix(subject.declared.prefix, subject.declared.name)
        by_itself = PrefixSubject(
            subject.peering, registered, subject.prefix, subject.cells, subject.looks
        )
        rules = [rule for rule in court.rules(Scope.PREFIX) if rule.id in OF_THE_PREFIX]
        alone.judgements = court.judge(rules, by_itself)
        return alone.judgements, [*alone.judgements]

    def _mark(
        self, subject: ServicePrefixSubject, judgements: Iterable[Judgement], rows: list[_Row]
    ) -> None:
        """Write into the matrix on which session a service prefix is missing.

        The row is that of the session's own peering, else that of the registration.
        """
        words = words_of_sessions(judgements)
        peerings = {cell.place.id: cell.place.peering.name for cell in subject.cells}
        for session, word in words.items():
            own = [row for row in rows if row.subject.peering.name == peerings.get(session)]
            for row in own or rows:
                if self.rows[row.key][session] in (OK, NOT_ASKED):
                    self.rows[row.key][session] = word


def _keyed(judgements: Iterable[Judgement], key: str) -> Iterator[Judgement]:
    """Give findings about a service prefix its key: a peering may have its service's name."""
    for judgement in judgements:
        if all(finding.key == key for finding in judgement.findings):
            yield judgement
        else:
            findings = tuple(attrs.evolve(each, key=key) for each in judgement.findings)
            yield attrs.evolve(judgement, findings=findings)


def _gate(court: Court, subject: PrefixSubject) -> list[Judgement]:
    """Ask why a text is no IPv4 prefix; nothing else can be asked of it."""
    rules = {rule.id: rule for rule in court.rules(Scope.PREFIX) if rule.id in GATES}
    name = "prefix.valid" if subject.prefix is None else "prefix.ipv4-only"
    return court.judge([rules[name]] if name in rules else [], subject)


def _judged(court: Court, cell: Cell) -> JudgedCell:
    """Ask the rules about a cell; those about single routes only where one of them can fire."""
    rules = court.relational() if _is_quiet(court, cell) else court.rules(Scope.CELL)
    return JudgedCell(cell, tuple(court.judge(rules, cell)))


def _is_silent(court: Court, cell: Cell) -> bool:
    """Whether no rule says anything of a cell, nor a comparison of what was sent and received."""
    if not _is_quiet(court, cell) or not court.says_nothing(cell):
        return False
    return cell.view is not View.RECEIVED or all(each.view is not View.SENT for each in cell.others)


def _is_quiet(court: Court, cell: Cell) -> bool:
    shows_all = cell.source is not None and cell.source.observations.shows_all
    return (
        cell.presence is Presence.PRESENT
        and shows_all
        and court.is_quiet(cell.routes[0].viewpoint, [route.facts for route in cell.routes])
    )


def _asn(peering: Peering, asn: RegisteredAsn) -> AsnVerdict:
    has_key = asn.key is not None
    return AsnVerdict(int(asn.asn), asn.name, peering.name, has_key, asn.provisioning_state)


def _column(place: SessionPlace) -> MatrixSession:
    where = metro(place.peering, place.connection)
    session = place.session
    return MatrixSession(
        place.id,
        place.peering.name,
        place.connection.router,
        None if where is None else where.name,
        None if session.peer is None else str(session.peer),
        None if session.microsoft is None else str(session.microsoft),
    )
