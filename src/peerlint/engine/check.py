"""The check: every rule, every subject, one report."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from peerlint.engine.cells import Subjects
from peerlint.engine.judge import AnySubject, Court, Judgement
from peerlint.inventory import Inventory, SessionPlace
from peerlint.inventory.peering import ACTIVE
from peerlint.model import Criteria
from peerlint.observe import Observations
from peerlint.profiles import Profile
from peerlint.rules import (
    CATALOGUE,
    Context,
    PeeringSubject,
    PrefixSubject,
    Presence,
    Rule,
    Scope,
    Stage,
    registrations,
)
from peerlint.verdicts import (
    NOT_ASKED,
    OK,
    Finding,
    Matrix,
    MatrixSession,
    Outcome,
    PeeringSummary,
    PrefixVerdict,
    Report,
    Severity,
    State,
)

#: Rules whose failure means that Azure would not take the text at all.
_INVALIDATES: Final = frozenset({"prefix.valid", "prefix.ipv4-only", "prefix.host-bits"})


def _by_step(scope: Scope) -> tuple[Rule, ...]:
    rules = (rule for rule in CATALOGUE.values() if rule.scope is scope)
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
) -> Report:
    """Ask every rule about everything in an inventory.

    Args:
        inventory: what is declared.
        observations: what was seen.
        profiles: by the name of the peering.
        now: the time to write into the report.
        version: of peerlint.
        kernel: "c" or "python".
        strict: whether inferred passes count as unknown and mild readings as errors.
    """
    subjects = Subjects(inventory, observations)
    registered = registrations(inventory)
    prefixes_of = {peering.name: subjects.prefixes(peering) for peering in inventory.peerings}
    for peering in inventory.peerings:
        for subject in prefixes_of[peering.name]:
            if subject.prefix is not None and subject.prefix not in registered:
                registered[subject.prefix] = [(peering, subject.registered)]
    verdicts: list[PrefixVerdict] = []
    findings: list[Finding] = []
    rows: dict[tuple[str, str], dict[str, str]] = {}
    for peering in inventory.peerings:
        profile = profiles[peering.name]
        context = Context(
            inventory,
            registered,
            criteria_of(profile, inventory),
            profile.base,
            profile.judges_announced,
        )
        court = Court(profile, context, strict)
        for subject in prefixes_of[peering.name]:
            judgements, cells = _judge_prefix(court, subject)
            own = [finding for judgement in judgements for finding in judgement.findings]
            own.sort(key=lambda finding: CATALOGUE[finding.rule].step)
            findings += own
            verdicts.append(_verdict(court, subject, judgements))
            rows[peering.name, subject.registered.prefix] = cells
        sessions = subjects.sessions(peering)
        asked: list[tuple[Scope, AnySubject]] = [(Scope.SESSION, each) for each in sessions]
        asked.append((Scope.PEERING, PeeringSubject(peering, sessions)))
        for scope, each in asked:
            for judgement in court.judge(_RULES[scope], each):
                findings += judgement.findings
    return Report(
        now=now,
        version=version,
        kernel=kernel,
        sources=observations.sources,
        peerings=tuple(
            PeeringSummary(each.name, profiles[each.name].name, each.asn, each.location)
            for each in inventory.peerings
        ),
        prefixes=tuple(verdicts),
        findings=tuple(findings),
        cells=Matrix(tuple(map(_column, inventory.sessions)), rows),
    )


def _judge_prefix(court: Court, subject: PrefixSubject) -> tuple[list[Judgement], dict[str, str]]:
    """Return the judgements on a prefix and on its cells, and its row of the matrix."""
    judgements = court.judge(_RULES[Scope.PREFIX], subject)
    row: dict[str, str] = {}
    for cell in subject.cells:
        asked = court.judge(_RULES[Scope.CELL], cell)
        judgements += asked
        row[cell.place.id] = _word(
            asked, is_present=cell.presence is Presence.PRESENT or cell.is_asked_for
        )
    return judgements, row


def _word(judgements: list[Judgement], *, is_present: bool) -> str:
    """Return the worst word for a cell, and how many more there are as bad."""
    found = sorted(
        (
            (finding.outcome is not Outcome.FAIL, finding.severity.rank, word)
            for judgement in judgements
            for finding, word in zip(judgement.findings, judgement.words, strict=True)
            if finding.severity is not Severity.INFO or finding.outcome is Outcome.UNKNOWN
        ),
        key=lambda each: each[:2],
    )
    if not found:
        return OK if is_present else NOT_ASKED
    more = sum(1 for each in found[1:] if each[:2] == found[0][:2] and each[2] != found[0][2])
    return f"{found[0][2]} +{more}" if more else found[0][2]


def _verdict(court: Court, subject: PrefixSubject, judgements: list[Judgement]) -> PrefixVerdict:
    outcomes: dict[str, set[Outcome]] = {}
    for judgement in judgements:
        outcomes.setdefault(judgement.rule.id, set()).add(judgement.outcome)
    return PrefixVerdict(
        subject.registered.prefix,
        subject.registered.name,
        subject.peering.name,
        _state(court, subject, judgements),
        tuple(
            rule
            for rule, seen in outcomes.items()
            if Outcome.PASS in seen and seen <= {Outcome.PASS, Outcome.NOT_APPLICABLE}
        ),
    )


def _state(court: Court, subject: PrefixSubject, judgements: list[Judgement]) -> State:
    """Return the state that Azure would show."""
    failed = [
        (judgement.rule, finding.severity)
        for judgement in judgements
        for finding in judgement.findings
        if finding.outcome is Outcome.FAIL
    ]
    states = [connection.state for connection in subject.peering.connections]
    if any(rule.id in _INVALIDATES for rule, _ in failed):
        return State.INVALID
    if all(state is not None and state != ACTIVE for state in states):
        return State.PENDING
    if any(
        severity is Severity.ERROR and Stage.REGISTRATION in rule.stages
        for rule, severity in failed
    ):
        return State.FAILED
    nobody_looked = not any(cell.is_asked_for for cell in subject.cells)
    if nobody_looked or any(
        judgement.outcome is Outcome.UNKNOWN and court.profile.setting(judgement.rule).says.is_must
        for judgement in judgements
    ):
        return State.UNKNOWN
    if any(severity is not Severity.INFO for _, severity in failed):
        return State.WARNING
    return State.VERIFIED


def _column(place: SessionPlace) -> MatrixSession:
    return MatrixSession(
        place.id, place.peering.name, place.connection.router, place.peering.location
    )
