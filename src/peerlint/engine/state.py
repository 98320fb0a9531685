"""The predicted Azure state of a prefix, and its row of the matrix."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from typing import Final

from peerlint.engine.checks import PREFIX_WIDE, EvaluatedCell
from peerlint.engine.evaluation import Evaluation
from peerlint.inventory import Peering
from peerlint.results import (
    NOT_REQUIRED,
    OK,
    Check,
    CheckResult,
    Finding,
    Outcome,
    PrefixResult,
    ServicePrefixResult,
    Severity,
    State,
)
from peerlint.rules import ObservedPrefix, ObservedServicePrefix, Presence

#: The rules whose failure means that Azure would not accept the prefix.
GATES: Final = ("prefix.valid", "prefix.ipv4-only", "prefix.host-bits")
UNKNOWN: Final = "unknown"
WAIVED: Final = "waived"

#: A word of the matrix with its rank; the lowest rank is the worst.
_Ranked = tuple[tuple[int, int], str]


def prefix_result(
    subject: ObservedPrefix, key: str, evaluations: list[Evaluation], checks: tuple[Check, ...]
) -> PrefixResult:
    """Return the predicted state and the checks of a registered prefix."""
    registered = subject.registered
    gates = [evaluation for evaluation in evaluations if evaluation.rule.id in GATES]
    is_refused = any(
        answer.result is CheckResult.FAIL for evaluation in gates for answer in evaluation.answers
    )
    return PrefixResult(
        registered.prefix,
        registered.name,
        subject.peering.name,
        _state(checks, subject.peering, is_accepted=is_ipv4(subject) and not is_refused),
        _passed(evaluations),
        registered.state,
        checks,
        key=key,
    )


def service_prefix_result(
    subject: ObservedServicePrefix,
    key: str,
    evaluations: list[Evaluation],
    checks: tuple[Check, ...],
) -> ServicePrefixResult:
    """Return the predicted state and the checks of a service prefix."""
    declared = subject.declared
    return ServicePrefixResult(
        declared.prefix,
        declared.name,
        subject.service.name,
        subject.peering.name,
        _passed(evaluations),
        declared.state,
        declared.learned_type,
        _state(checks, subject.peering, is_accepted=is_ipv4(subject)),
        checks,
        key=key,
    )


def is_ipv4(subject: ObservedPrefix | ObservedServicePrefix) -> bool:
    """Whether the subject's text is an IPv4 prefix; otherwise no further rule applies."""
    return subject.prefix is not None and subject.prefix.family == 4


def _state(checks: tuple[Check, ...], peering: Peering, *, is_accepted: bool) -> State:
    """Return the predicted state.

    Args:
        checks: Microsoft's checks of the prefix.
        peering: the peering that it is registered with.
        is_accepted: whether Azure would accept the prefix.
    """
    if not is_accepted:
        return State.INVALID
    connections = peering.connections
    if all(each.state is not None and not each.is_active for each in connections):
        return State.PENDING
    if any(check.result is CheckResult.FAIL for check in checks):
        return State.FAILED
    is_open = any(
        check.result is CheckResult.UNKNOWN and check.name.is_decided_by_routes for check in checks
    )
    return State.UNKNOWN if is_open else State.VERIFIED


def _passed(evaluations: Iterable[Evaluation]) -> tuple[str, ...]:
    """Return the ids of the rules that passed wherever they apply."""
    has_passed: dict[str, bool] = {}
    failed: set[str] = set()
    for evaluation in evaluations:
        rule, outcome = evaluation.rule.id, evaluation.outcome
        if outcome is Outcome.PASS:
            has_passed[rule] = True
        elif outcome is Outcome.NOT_APPLICABLE:
            has_passed.setdefault(rule, False)
        else:
            failed.add(rule)
    return tuple(rule for rule, is_one in has_passed.items() if is_one and rule not in failed)


# -- the matrix


def row_of(
    sessions: Iterable[str],
    subject: ObservedPrefix,
    evaluations: Iterable[Evaluation],
    cells: Mapping[str, EvaluatedCell],
) -> dict[str, str]:
    """Return the word of each session, which is ok only if no finding concerns the prefix there.

    Args:
        sessions: the ids of all sessions.
        subject: the prefix.
        evaluations: the results of the rules about the prefix itself.
        cells: the evaluated cells, by session.
    """
    row = dict.fromkeys(sessions, NOT_REQUIRED)
    for group in subject.groups:
        row.update(dict.fromkeys(group.session_ids, OK))
    row.update(dict.fromkeys(subject.in_other_rows & row.keys(), NOT_REQUIRED))
    own = {session: [*_ranked_cell(each)] for session, each in cells.items()}
    concerned = _concerned(subject, evaluations, {each for each, found in own.items() if found})
    for session in (*cells, *(each for each in concerned if each not in cells)):
        if session in subject.in_other_rows:
            continue
        found = [*concerned.get(session, ()), *own.get(session, ())]
        evaluated = cells.get(session)
        if evaluated is not None:
            is_there = evaluated.cell.presence is Presence.PRESENT or evaluated.cell.is_required
            row[session] = OK if is_there else NOT_REQUIRED
        if found:
            row[session] = _worst(found)
    return row


def refused_row(
    sessions: Iterable[str], subject: ObservedPrefix, evaluations: Iterable[Evaluation]
) -> dict[str, str]:
    """Return the row of a text that is not an IPv4 prefix; its word is the reason."""
    word = next((word for one in evaluations for _, word in _ranked(one)), "invalid")
    own = {session.id for session in subject.peering.sessions}
    return {session_id: word if session_id in own else NOT_REQUIRED for session_id in sessions}


def words_of_sessions(evaluations: Iterable[Evaluation]) -> dict[str, str]:
    """Return the worst word for each session that problems name."""
    found: dict[str, list[_Ranked]] = {}
    for evaluation in evaluations:
        for finding, word, answer in zip(
            evaluation.findings, evaluation.words, evaluation.answers, strict=False
        ):
            if (ranked := _rank(finding, word)) is not None:
                for session in answer.sessions:
                    found.setdefault(session, []).append(ranked)
    return {session: _worst(words) for session, words in found.items()}


def _concerned(
    subject: ObservedPrefix, evaluations: Iterable[Evaluation], at_fault: AbstractSet[str]
) -> dict[str, list[_Ranked]]:
    """Return the words that rules about a prefix itself give to its sessions.

    Args:
        subject: the prefix.
        evaluations: the results of these rules.
        at_fault: the ids of the sessions that have a problem of their own.
    """
    found: dict[str, list[_Ranked]] = {}
    required = (cell.session.id for cell in subject.cells if cell.is_required)
    everywhere = [*required, *subject.passing]
    for evaluation in evaluations:
        of_prefix = evaluation.rule.id in (*PREFIX_WIDE, *GATES)
        answers = evaluation.answers or (None,) * len(evaluation.findings)
        for finding, word, answer in zip(
            evaluation.findings, evaluation.words, answers, strict=False
        ):
            if finding.outcome is Outcome.UNKNOWN or answer is None:
                continue  # it concerns no session, and does not change the state
            if answer.is_symptom and not at_fault.isdisjoint(answer.sessions):
                continue
            ranked = _rank(finding, word)
            for session in answer.sessions or (everywhere if of_prefix else ()):
                if ranked is not None:
                    found.setdefault(session, []).append(ranked)
    return found


def _ranked_cell(evaluated: EvaluatedCell) -> Iterator[_Ranked]:
    for evaluation in evaluated.evaluations:
        yield from _ranked(evaluation)


def _ranked(evaluation: Evaluation) -> list[_Ranked]:
    pairs = zip(evaluation.findings, evaluation.words, strict=True)
    return [found for pair in pairs if (found := _rank(*pair)) is not None]


def _rank(finding: Finding, word: str) -> _Ranked | None:
    """Return the word of a finding with its rank; None if the cell may still be ok."""
    if finding.outcome is Outcome.UNKNOWN or finding.need is not None:
        return (1, 0), UNKNOWN
    if finding.severity is Severity.INFO or finding.outcome is Outcome.ATTESTED:
        return None
    if finding.outcome is Outcome.WAIVED:
        return (2, finding.severity.rank), WAIVED
    return (0, finding.severity.rank), word


def _worst(found: list[_Ranked]) -> str:
    """Return the worst word, with the number of different words of the same rank."""
    found = sorted(found, key=lambda each: each[0])
    rank, word = found[0]
    more = {other for its_rank, other in found[1:] if its_rank == rank} - {word}
    return f"{word} +{len(more)}" if more else word
