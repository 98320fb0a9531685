"""Comparison of Azure's state and message of a prefix with the routes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from peerlint.engine.evaluation import Evaluation
from peerlint.model import View
from peerlint.observations import Coverage, Observation, SessionSource
from peerlint.results import (
    Check,
    CheckResult,
    Finding,
    Outcome,
    Phrase,
    PrefixResult,
    RuleIds,
    ServicePrefixResult,
    Severity,
    SourceName,
    State,
    clause,
)
from peerlint.rules import Cell, ObservedPrefix, ObservedServicePrefix, Presence, Problem
from peerlint.rules.messages import rules_of, sessions_of
from peerlint.wording import listed

#: Azure's states of a prefix with a failed check, in lower case.
_AZURE_REFUSED = frozenset({"failed", "invalid"})
#: The same states as predicted.
_PREDICTED_REFUSED = frozenset({State.FAILED, State.INVALID})
_LOOK_AT_AZURE = (
    "look at Azure's side, its answer may be old; have the prefix validated anew "
    "(Test-AzPeeringRegisteredPrefix)"
)
_LOOK_AT_YOURS = (
    "look at your side, something changed since Azure looked, and its next look will find it"
)


def disagreements(
    subject: ObservedPrefix, evaluations: Iterable[Evaluation], result: PrefixResult
) -> Iterator[Problem]:
    """Yield the disagreements between Azure and the routes, with the side to look at.

    Args:
        subject: the prefix.
        evaluations: the results of all other rules about it.
        result: the predicted state and checks.
    """
    yield from _about_the_state(subject, list(evaluations), result)
    for cell in subject.cells:
        yield from _on_the_wire(cell)


def service_disagreements(
    subject: ObservedServicePrefix, evaluations: Iterable[Evaluation], result: ServicePrefixResult
) -> Iterator[Problem]:
    """Yield the disagreements between Azure's state of a service prefix and the routes.

    Args:
        subject: the service prefix.
        evaluations: the results of all other rules about it.
        result: the predicted state and checks.
    """
    asked = [each for each in evaluations if each.rule.id != "activation.state"]
    failed, declared = _failed(asked), subject.declared
    azure = (declared.state or "").casefold()
    if azure == "verified" and result.state in _PREDICTED_REFUSED:
        yield _verified_but(_refusing(result, asked))
    elif azure in _AZURE_REFUSED and declared.error:
        yield from _about_the_message(declared.error, subject.cells, asked, failed)


def _about_the_state(
    subject: ObservedPrefix, evaluations: list[Evaluation], result: PrefixResult
) -> Iterator[Problem]:
    registered = subject.registered
    azure, failed = (registered.state or "").casefold(), _failed(evaluations)
    if azure == "verified" and result.state in _PREDICTED_REFUSED:
        yield _verified_but(_refusing(result, evaluations))
    if azure not in _AZURE_REFUSED:
        return
    named: tuple[Problem, ...] = ()
    if registered.error:
        own = [cell for cell in subject.cells if cell.is_required]
        named = tuple(_about_the_message(registered.error, own, evaluations, failed))
    yield from named
    if result.state is State.VERIFIED and not named:
        message = f" ({registered.error})" if registered.error else ""
        yield _problem(
            clause(
                f"Azure says {registered.state}{message}, but {_passing(result.checks)} in what "
                f"was seen: {_LOOK_AT_AZURE}"
            )
        )


def _passing(checks: tuple[Check, ...]) -> str:
    """Return the number of checks that pass, as a text; an undecided one may be Azure's reason."""
    undecided = [check.name for check in checks if check.result is CheckResult.UNKNOWN]
    if not undecided:
        return "every check passes"
    decided = len(checks) - len(undecided)
    return f"{decided} of {len(checks)} checks pass (undecided: {listed(undecided)})"


def _refusing(
    result: PrefixResult | ServicePrefixResult, evaluations: Iterable[Evaluation]
) -> list[str]:
    """Return the rules that failed a check, or else all rules that failed."""
    failed = [
        rule for check in result.checks if check.result is CheckResult.FAIL for rule in check.rules
    ]
    return [*dict.fromkeys(failed)] or [finding.rule for finding in _failed(evaluations)]


def _failed(evaluations: Iterable[Evaluation]) -> list[Finding]:
    return [
        finding
        for evaluation in evaluations
        for finding in evaluation.findings
        if finding.outcome is Outcome.FAIL and finding.severity is Severity.ERROR
    ]


def _verified_but(failed: list[str]) -> Problem:
    found = clause(
        *("Azure says Verified, but ", RuleIds.of(failed)),
        f" failed in what was seen: {_LOOK_AT_YOURS}",
    )
    return _problem(found)


def _about_the_message(
    message: str, cells: Iterable[Cell], evaluations: list[Evaluation], failed: list[Finding]
) -> Iterator[Problem]:
    """Compare a message with the sessions that it names, or else with the rules it stands for."""
    addresses = sessions_of(message)
    if addresses:
        yield from _about_sessions(message, addresses, cells)
        return
    rules = rules_of(message)
    asked = [evaluation for evaluation in evaluations if evaluation.rule.id in rules]
    if not asked or any(finding.rule in rules for finding in failed):
        return
    if any(evaluation.outcome is not Outcome.PASS for evaluation in asked):
        return  # a rule is undecided: Azure may be right
    found = clause(
        *(f"Azure says {message!r}, but ", RuleIds.of(each.rule.id for each in asked)),
        f" passed in what was seen: {_LOOK_AT_AZURE}",
    )
    yield _problem(found)


def _about_sessions(
    message: str, addresses: tuple[str, ...], cells: Iterable[Cell]
) -> Iterator[Problem]:
    """Compare a message that a prefix is missing with the sessions that it names."""
    by_address = {str(cell.session.declared.peer): cell for cell in cells}
    present = [
        f"{by_address[address].session} ({address})"
        for address in addresses
        if address in by_address and by_address[address].presence is Presence.PRESENT
    ]
    undeclared = [address for address in addresses if address not in by_address]
    if present:
        yield _problem(
            clause(
                f"Azure says {message!r}, but the prefix is announced on {listed(present)} in "
                f"what was seen: {_LOOK_AT_AZURE}"
            )
        )
    if undeclared:
        yield _problem(
            clause(
                f"Azure says {message!r}, but no session has {listed(undeclared)}: look "
                "at the addresses in the inventory, and import Azure's peering anew"
            ),
            about="against the sessions of the inventory",
        )


def _on_the_wire(cell: Cell) -> Iterator[Problem]:
    """Compare what Microsoft received on a session with what was sent there."""
    received = cell.source
    if received is None or received.view is not View.RECEIVED:
        return
    if cell.presence is not Presence.PRESENT:
        return  # route.not-received reports it
    for sent in cell.others:
        if sent.view is not View.SENT or sent.is_too_old:
            continue
        if out := _routes(sent, cell):
            yield from _changed(cell, received, sent, out)
        elif sent.coverage is Coverage.COMPLETE:
            yield _problem(
                clause(
                    *(cell.own_prefix, f" was received on {cell.session}"),
                    *(SourceName(received.source), ", but the router does not send it there"),
                    *(SourceName(sent.source), ": look at your side, and at the age of both"),
                ),
                cell.routes,
                _about(cell),
                "Azure may show what was withdrawn since",
            )


def _changed(
    cell: Cell, received: SessionSource, sent: SessionSource, out: tuple[Observation, ...]
) -> Iterator[Problem]:
    if not all(route.shows_path for route in (*cell.routes, *out)):
        return  # a path is not known
    paths = {str(route.route.path) for route in cell.routes}
    if not any(str(route.route.path) in paths for route in out):
        yield _problem(
            clause(
                *(cell.own_prefix, f" was sent on {cell.session} with the path "),
                *(str(out[0].route.path), SourceName(sent.source), ", and received with "),
                *(str(cell.routes[0].route.path), SourceName(received.source)),
                ": look at what is between the two, and at the age of both",
            ),
            (*cell.routes, *out),
            _about(cell),
        )


def _routes(source: SessionSource, cell: Cell) -> tuple[Observation, ...]:
    return tuple(source.observations.to({cell.prefix}))


def _about(cell: Cell) -> str:
    return f"against what was sent on {cell.session.id}"


def _problem(
    found: Phrase,
    evidence: tuple[Observation, ...] = (),
    about: str = "against what was seen",
    hint: str | None = None,
) -> Problem:
    return Problem(found, None, evidence, Severity.WARNING, hint=hint, about=about)
