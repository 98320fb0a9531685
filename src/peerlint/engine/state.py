"""What would become of a prefix: its state in Azure, and its row of the matrix."""

from __future__ import annotations

from typing import Final

from peerlint.engine.judge import Court, Judgement
from peerlint.rules import Need, PrefixSubject, Rule, ServicePrefixSubject, Stage
from peerlint.verdicts import (
    NOT_ASKED,
    OK,
    Finding,
    Outcome,
    PrefixVerdict,
    ServiceVerdict,
    Severity,
    State,
)

#: Rules whose failure means that Azure would not take the text at all.
_INVALIDATES: Final = frozenset({"prefix.valid", "prefix.ipv4-only", "prefix.host-bits"})
#: Rules that tell what Azure says now, not what it would say.
_OF_AZURE: Final = frozenset({"registration.state", "registration.internal-error"})


def word(judgements: list[Judgement], *, is_present: bool) -> str:
    """Return the worst word for a cell, and how many more there are as bad."""
    found = sorted(
        (
            (finding.outcome is not Outcome.FAIL, finding.severity.rank, word)
            for judgement in judgements
            for finding, word in zip(judgement.findings, judgement.words, strict=True)
            if finding.outcome is Outcome.UNKNOWN
            or (finding.outcome is Outcome.FAIL and finding.severity is not Severity.INFO)
        ),
        key=lambda each: each[:2],
    )
    if not found:
        return OK if is_present else NOT_ASKED
    more = sum(1 for each in found[1:] if each[:2] == found[0][:2] and each[2] != found[0][2])
    return f"{found[0][2]} +{more}" if more else found[0][2]


def verdict(court: Court, subject: PrefixSubject, judgements: list[Judgement]) -> PrefixVerdict:
    """Return what would become of a prefix."""
    return PrefixVerdict(
        subject.registered.prefix,
        subject.registered.name,
        subject.peering.name,
        _state(court, subject, judgements),
        _passed(judgements),
        subject.registered.state,
    )


def service_verdict(subject: ServicePrefixSubject, judgements: list[Judgement]) -> ServiceVerdict:
    """Return where a service prefix stands."""
    declared = subject.declared
    return ServiceVerdict(
        declared.prefix,
        declared.name,
        subject.service.name,
        subject.peering.name,
        _passed(judgements),
        declared.state,
        declared.learned_type,
    )


def _passed(judgements: list[Judgement]) -> tuple[str, ...]:
    """Return the rules that passed wherever they apply."""
    outcomes: dict[str, set[Outcome]] = {}
    for judgement in judgements:
        outcomes.setdefault(judgement.rule.id, set()).add(judgement.outcome)
    return tuple(
        rule
        for rule, seen in outcomes.items()
        if Outcome.PASS in seen and seen <= {Outcome.PASS, Outcome.NOT_APPLICABLE}
    )


def _state(court: Court, subject: PrefixSubject, judgements: list[Judgement]) -> State:
    """Return the state that Azure would show; it knows of no waivers."""
    found = [
        (judgement.rule, finding)
        for judgement in judgements
        for finding in judgement.findings
        if judgement.rule.id not in _OF_AZURE and judgement.rule.stages != (Stage.ACTIVATION,)
    ]
    failed = [(rule, one.severity) for rule, one in found if _counts(one)]
    connections = subject.peering.connections
    if any(rule.id in _INVALIDATES for rule, _ in failed):
        return State.INVALID
    if all(each.state is not None and not each.is_active for each in connections):
        return State.PENDING
    if any(
        severity is Severity.ERROR and Stage.REGISTRATION in rule.stages
        for rule, severity in failed
    ):
        return State.FAILED
    nobody_looked = not any(cell.is_asked_for for cell in subject.cells)
    if nobody_looked or any(_is_open(court, rule, one) for rule, one in found):
        return State.UNKNOWN
    if any(severity is not Severity.INFO for _, severity in failed):
        return State.WARNING
    return State.VERIFIED


def _counts(finding: Finding) -> bool:
    return finding.outcome is Outcome.FAIL or (
        finding.outcome is Outcome.WAIVED and finding.need is None
    )


def _is_open(court: Court, rule: Rule, finding: Finding) -> bool:
    """Whether the dumps leave open what the documents demand."""
    if finding.outcome is not Outcome.UNKNOWN or finding.need is None:
        return False
    # Other needs are of data that nobody may have: they do not keep a prefix from a state.
    return Need(finding.need).is_seen and court.profile.setting(rule).says.is_must
