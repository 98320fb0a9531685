"""What Azure says of a prefix against what was seen: who is right, and where to look."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from peerlint.engine.judge import Judgement
from peerlint.model import View
from peerlint.observe import Observation, SessionSource
from peerlint.rules import Cell, PrefixSubject, Presence, Problem
from peerlint.rules.messages import rules_of, session_of
from peerlint.verdicts import Finding, Outcome, Severity, State

#: Azure's states that say that a check did not pass.
_REFUSED = frozenset({"failed", "invalid"})
_OURS_REFUSED = frozenset({State.FAILED, State.INVALID})


def disagreements(
    subject: PrefixSubject, judgements: Iterable[Judgement], state: State
) -> Iterator[Problem]:
    """Yield what does not fit together, and which side to look at (spec D2, step 11).

    Args:
        subject: the prefix.
        judgements: of every other rule about it.
        state: that Azure would show for what was seen.
    """
    yield from _about_the_state(subject, list(judgements), state)
    for cell in subject.cells:
        yield from _on_the_wire(cell)


def _about_the_state(
    subject: PrefixSubject, judgements: list[Judgement], state: State
) -> Iterator[Problem]:
    registered = subject.registered
    azure = (registered.state or "").casefold()
    failed = [
        finding
        for judgement in judgements
        for finding in judgement.findings
        if finding.outcome is Outcome.FAIL and finding.severity is Severity.ERROR
    ]
    if azure == "verified" and state in _OURS_REFUSED:
        rules = ", ".join(dict.fromkeys(finding.rule for finding in failed))
        yield _problem(
            f"Azure says Verified, but {rules} failed in what was seen: look at your side, "
            "something changed since Azure looked, and its next look will find it"
        )
    elif azure in _REFUSED and registered.error:
        yield from _about_the_message(registered.error, judgements, failed)
    elif azure in _REFUSED and state is State.VERIFIED:
        yield _problem(
            f"Azure says {registered.state}, but every check passes in what was seen: "
            f"{_LOOK_AT_AZURE}"
        )


_LOOK_AT_AZURE = (
    "look at Azure's side, its answer may be old; have the prefix validated anew "
    "(Test-AzPeeringRegisteredPrefix)"
)


def _about_the_message(
    message: str, judgements: list[Judgement], failed: list[Finding]
) -> Iterator[Problem]:
    """Compare a message with the rules that it stands for."""
    rules = rules_of(message)
    asked = [judgement for judgement in judgements if judgement.rule.id in rules]
    if not asked or any(finding.rule in rules for finding in failed):
        return
    if any(judgement.outcome is not Outcome.PASS for judgement in asked):
        return  # nobody can tell
    address = session_of(message)
    where = f" on the session of {address}" if address else ""
    names = ", ".join(dict.fromkeys(judgement.rule.id for judgement in asked))
    yield _problem(
        f"Azure says {message!r}, but {names} passed in what was seen{where}: {_LOOK_AT_AZURE}"
    )


def _on_the_wire(cell: Cell) -> Iterator[Problem]:
    """Compare the path that Microsoft received on a session with the one that was sent there."""
    received = cell.source
    if received is None or received.view is not View.RECEIVED:
        return
    for sent in cell.others:
        if sent.view is not View.SENT:
            continue
        out = _routes(sent, cell)
        if cell.presence is Presence.PRESENT and out:  # for ABSENT, route.not-received says it
            yield from _changed(cell, received, sent, out)


def _changed(
    cell: Cell, received: SessionSource, sent: SessionSource, out: tuple[Observation, ...]
) -> Iterator[Problem]:
    paths = {str(seen.route.path) for seen in cell.routes}
    if not any(str(seen.route.path) in paths for seen in out):
        yield _problem(
            f"{cell.prefix} was sent on {cell.place} with the path {out[0].route.path} "
            f"({sent.source}), and received with {cell.routes[0].route.path} ({received.source}): "
            "look at what stands between the two, and at the age of both",
            (*cell.routes, *out),
            cell,
        )


def _routes(source: SessionSource, cell: Cell) -> tuple[Observation, ...]:
    return tuple(source.observations.to({cell.prefix}))


def _problem(
    message: str, evidence: tuple[Observation, ...] = (), cell: Cell | None = None
) -> Problem:
    about = "against what was seen" if cell is None else f"against what was sent on {cell.place.id}"
    return Problem(message, evidence, severity=Severity.WARNING, about=about)
