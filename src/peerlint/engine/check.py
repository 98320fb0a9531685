"""The check: every rule, every subject, one report."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Final

import attrs

from peerlint.engine.cells import Subjects
from peerlint.engine.judge import Court, Judgement
from peerlint.engine.state import verdict, word
from peerlint.engine.statements import Statements
from peerlint.inventory import Inventory, Peering, SessionPlace
from peerlint.model import Criteria
from peerlint.observe import Observations
from peerlint.profiles import Profile
from peerlint.rules import (
    CATALOGUE,
    CHECKS,
    Context,
    InventorySubject,
    PeeringSubject,
    PrefixSubject,
    Presence,
    Rule,
    Scope,
    ServicePrefixSubject,
    Subject,
)
from peerlint.verdicts import (
    NOT_ASKED,
    Finding,
    Matrix,
    MatrixSession,
    PeeringSummary,
    PrefixVerdict,
    Report,
)


def _by_step(scope: Scope) -> tuple[Rule, ...]:
    rules = (rule for rule in CHECKS.values() if rule.scope is scope)
    return tuple(sorted(rules, key=lambda rule: rule.step))


_RULES: Final = {scope: _by_step(scope) for scope in Scope}


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
    subjects = Subjects(inventory, observations)
    registered = subjects.registered()
    statements = Statements(inventory, now.date())
    services = subjects.service_prefixes(registered)
    result = _Result(tuple(place.id for place in inventory.sessions))
    judged: set[str] = set()
    for peering in inventory.peerings:
        profile = profiles[peering.name]
        context = Context(
            inventory,
            registered,
            criteria_of(profile, inventory),
            profile.base,
            profile.judges_announced,
            now.date(),
            profile.set_up,
            plan,
        )
        court = Court(profile, context, statements, strict)
        for subject in subjects.prefixes(peering):
            result.add_prefix(court, subject)
        others = _others(subjects, peering, services.get(peering.name, []))
        if profile.name not in judged:
            judged.add(profile.name)
            others = (*others, (Scope.INVENTORY, InventorySubject(peering, inventory)))
        for scope, each in others:
            result.add(court.judge(_RULES[scope], each))
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
        findings=(*result.findings, *statements.expired()),
        cells=Matrix(tuple(map(_column, inventory.sessions)), result.rows),
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
    """

    sessions: tuple[str, ...]
    verdicts: list[PrefixVerdict] = attrs.field(factory=list)
    findings: list[Finding] = attrs.field(factory=list)
    rows: dict[tuple[str, str], dict[str, str]] = attrs.field(factory=dict)

    def add(self, judgements: Iterable[Judgement]) -> None:
        """Keep what is no pass."""
        for judgement in judgements:
            self.findings += judgement.findings

    def add_prefix(self, court: Court, subject: PrefixSubject) -> None:
        """Judge a prefix and its cells."""
        judgements = court.judge(_RULES[Scope.PREFIX], subject)
        row = dict.fromkeys(self.sessions, NOT_ASKED)
        for cell in subject.cells:
            asked = court.judge(_RULES[Scope.CELL], cell)
            judgements += asked
            is_there = cell.presence is Presence.PRESENT or cell.is_asked_for
            row[cell.place.id] = word(asked, is_present=is_there)
        own = [finding for judgement in judgements for finding in judgement.findings]
        self.findings += sorted(own, key=lambda finding: CATALOGUE[finding.rule].step)
        self.verdicts.append(verdict(court, subject, judgements))
        self.rows[subject.peering.name, subject.registered.prefix] = row


def _column(place: SessionPlace) -> MatrixSession:
    return MatrixSession(
        place.id, place.peering.name, place.connection.router, place.peering.location
    )
