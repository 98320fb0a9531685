"""The check: every rule, every subject, one report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

import attrs

from peerlint.engine.cells import Subjects
from peerlint.engine.judge import Court, Judgement
from peerlint.engine.reconcile import disagreements, service_disagreements
from peerlint.engine.state import service_verdict, verdict, word
from peerlint.engine.statements import Statements
from peerlint.inventory import Inventory, Peering, RegisteredAsn, SessionPlace, metro
from peerlint.inventory.ledger import discreet
from peerlint.inventory.peering import PROFILES
from peerlint.model import Criteria
from peerlint.observe import Observations
from peerlint.profiles import Profile
from peerlint.rules import (
    CATALOGUE,
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
    """Return what routes of a peering are measured against."""
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
) -> Report:
    """Ask every rule about everything in an inventory.

    Args:
        inventory: what is declared.
        observations: what was seen.
        profiles: by the name of the peering.
        now: the time to write into the report; statements end by its day.
        version: of peerlint.
        kernel: "c" or "python".
        strict: whether inferred passes count as unknown and mild readings as errors.
        plan: the inventory as it is meant to become; None if nobody said.
    """
    inventory = discreet(inventory)
    subjects = Subjects(inventory, observations)
    registered = subjects.registered()
    statements = Statements(inventory, now.date())
    services = subjects.service_prefixes(registered)
    result = _Result(tuple(place.id for place in inventory.sessions))
    judged: set[str] = set()
    known = Context(inventory, registered, Criteria(), PROFILES[0], today=now.date(), plan=plan)
    for peering in inventory.peerings:
        profile = profiles[peering.name]
        context = attrs.evolve(
            known,
            criteria=criteria_of(profile, inventory),
            profile=profile.base,
            all_routes=profile.judges_announced,
            set_up=profile.set_up,
        )
        court = Court(profile, context, statements, strict, _twice(peering))
        for subject in subjects.prefixes(peering, court.is_quiet):
            result.add_prefix(court, subject)
        for scope, other in _others(subjects, peering, services.get(peering.name, [])):
            asked = court.judge(court.rules(scope), other)
            if isinstance(other, ServicePrefixSubject):
                differ = tuple(service_disagreements(other, asked))
                asked += court.say(CATALOGUE["activation.state"], other, differ)
                result.services.append(service_verdict(other, asked))
            result.add(asked)
        if profile.name not in judged:
            judged.add(profile.name)
            whole = InventorySubject(peering, inventory)
            result.add(court.judge(court.rules(Scope.INVENTORY), whole))
    return Report(
        now=now,
        version=version,
        kernel=kernel,
        sources=observations.sources,
        peerings=tuple(
            PeeringSummary(each.name, profiles[each.name].name, each.asn, each.location)
            for each in inventory.peerings
        ),
        prefixes=tuple(result.verdicts),
        findings=(*result.findings, *statements.warnings()),
        cells=Matrix(tuple(map(_column, inventory.sessions)), result.rows),
        service_prefixes=tuple(result.services),
        registered_asns=tuple(
            _asn(peering, each)
            for peering in inventory.peerings
            for each in peering.registered_asns
        ),
    )


def _others(
    subjects: Subjects, peering: Peering, services: Iterable[ServicePrefixSubject]
) -> tuple[tuple[Scope, Subject], ...]:
    """Return what is asked of a peering besides its prefixes."""
    sessions = subjects.sessions(peering)

    def every() -> Iterator[tuple[Scope, Subject]]:
        yield from ((Scope.SERVICE_PREFIX, each) for each in services)
        yield from ((Scope.SESSION, each) for each in sessions)
        yield from ((Scope.CONNECTION, each) for each in subjects.connections(peering))
        yield Scope.PEERING, PeeringSubject(peering, sessions)

    return tuple(every())


@attrs.define
class _Result:
    """What has been found out so far.

    Attributes:
        sessions: the columns of the matrix.
        verdicts: of the prefixes.
        findings: of everything.
        rows: of the matrix.
        services: of the service prefixes.
    """

    sessions: tuple[str, ...]
    verdicts: list[PrefixVerdict] = attrs.field(factory=list)
    findings: list[Finding] = attrs.field(factory=list)
    rows: dict[tuple[str, str], dict[str, str]] = attrs.field(factory=dict)
    services: list[ServiceVerdict] = attrs.field(factory=list)

    def add(self, judgements: Iterable[Judgement]) -> None:
        """Keep what is no pass."""
        for judgement in judgements:
            self.findings += judgement.findings

    def add_prefix(self, court: Court, subject: PrefixSubject) -> None:
        """Judge a prefix and its cells."""
        judgements = court.judge(court.rules(Scope.PREFIX), subject)
        row = dict.fromkeys(self.sessions, NOT_ASKED)
        quiet_views = set()
        for look in subject.looks:
            row.update(dict.fromkeys(look.sessions, OK))
        for cell in subject.cells:
            is_there = cell.presence is Presence.PRESENT or cell.is_asked_for
            quiet = cell.presence is Presence.PRESENT and court.is_quiet(
                cell.routes[0].viewpoint, [route.facts for route in cell.routes]
            )
            asked = court.judge(court.relational() if quiet else court.rules(Scope.CELL), cell)
            if quiet:
                quiet_views.add(cell.routes[0].view)
            judgements += asked
            row[cell.place.id] = word(asked, is_present=is_there)
        for view in quiet_views | {look.view for look in subject.looks}:
            judgements += court.clean(view)
        seen = verdict(court, subject, judgements)
        differ = tuple(disagreements(subject, judgements, seen.state))
        judgements += court.say(CATALOGUE["registration.state"], subject, differ)
        own = [finding for judgement in judgements for finding in judgement.findings]
        self.findings += sorted(own, key=lambda finding: CATALOGUE[finding.rule].step)
        self.verdicts.append(seen)
        self.rows[subject.peering.name, subject.registered.prefix] = row


def _twice(peering: Peering) -> frozenset[str]:
    counted = Counter(each.prefix for each in peering.registered_prefixes)
    return frozenset(prefix for prefix, count in counted.items() if count > 1)


def _asn(peering: Peering, asn: RegisteredAsn) -> AsnVerdict:
    has_key = asn.key is not None
    return AsnVerdict(int(asn.asn), asn.name, peering.name, has_key, asn.provisioning_state)


def _column(place: SessionPlace) -> MatrixSession:
    where = metro(place.peering, place.connection)
    return MatrixSession(
        place.id, place.peering.name, place.connection.router, None if where is None else where.name
    )
