"""What a failure would take away, prefix by prefix: redundancy, or the validation itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Final

import attrs

from peerlint.inventory import Metro
from peerlint.report.diff import Difference, compare
from peerlint.report.document import Document
from peerlint.report.json import dumped
from peerlint.report.words import cleaned, label
from peerlint.verdicts import OK, MatrixSession, Outcome, PrefixVerdict, Report, State
from peerlint.wording import counted

SCHEMA: Final = "peerlint/what-if/1"
#: States in which a prefix is not validated; without a session left, Azure has nothing to look at.
_REFUSED: Final = frozenset({State.FAILED, State.INVALID, State.PENDING})


@attrs.frozen
class Loss:
    """What one registered prefix loses.

    Attributes:
        peering: that it is registered with.
        prefix: as declared.
        sessions: on so many it passes, before and after.
        local: the locations where a second session passed and none does any more.
        left: the locations where none is left.
        last_location: the one location that is left of several; None if more are left, or none.
        before: the state that Azure would show.
        after: the same after the failure.
    """

    peering: str
    prefix: str
    sessions: tuple[int, int]
    local: tuple[str, ...]
    left: tuple[str, ...]
    last_location: str | None
    before: State
    after: State

    @property
    def is_fatal(self) -> bool:
        """Whether the prefix would not be validated any more, or is seen nowhere."""
        nowhere = self.sessions[0] > 0 and self.sessions[1] == 0
        return nowhere or (self.after in _REFUSED and self.before not in _REFUSED)


@attrs.frozen
class WhatIf:
    """The difference that a failure makes.

    Attributes:
        without: what fails, as the user wrote it.
        sessions: that go with it.
        losses: prefixes that lose something, in the order of the inventory.
        difference: of the two reports.
    """

    without: tuple[str, ...]
    sessions: tuple[str, ...]
    losses: tuple[Loss, ...]
    difference: Difference

    @property
    def ok(self) -> bool:
        """Whether every prefix would still be validated."""
        return not any(loss.is_fatal for loss in self.losses)


def what_if(before: Report, after: Report, without: tuple[str, ...]) -> WhatIf:
    """Compare the report of everything with the one of what a failure leaves."""
    left = {session.id for session in after.matrix().sessions}
    gone = [session.id for session in before.matrix().sessions if session.id not in left]
    states = {each.key: each.state for each in after.prefixes}
    losses = (_loss(before, verdict, states, frozenset(gone)) for verdict in before.prefixes)
    return WhatIf(
        without,
        tuple(gone),
        tuple(loss for loss in losses if loss is not None),
        compare(Document.of(before), Document.of(_as_stated(before, after))),
    )


def _as_stated(before: Report, after: Report) -> Report:
    """Leave out which statements concern nothing more: what they are about has only failed."""
    known = {finding.id for finding in before.findings}
    return attrs.evolve(
        after,
        findings=tuple(
            finding
            for finding in after.findings
            if finding.id in known
            or finding.outcome is not Outcome.FAIL
            or finding.statement is None
        ),
    )


def _loss(
    report: Report, verdict: PrefixVerdict, states: dict[str, State], gone: frozenset[str]
) -> Loss | None:
    state = verdict.state
    row = report.matrix().rows[verdict.key]
    passing = [session for session in report.matrix().sessions if row.get(session.id) == OK]
    kept = [session for session in passing if session.id not in gone]
    after = states.get(verdict.key, state)
    if len(kept) == len(passing) and (after not in _REFUSED or state in _REFUSED):
        return None
    was, now = _by_location(passing), _by_location(kept)
    last = next(iter(now)).name if len(now) == 1 < len(was) else None
    return Loss(
        verdict.peering,
        verdict.prefix,
        (len(passing), len(kept)),
        tuple(where.name for where, count in was.items() if count > 1 and now[where] == 1),
        tuple(where.name for where in was if not now[where]),
        last,
        state,
        after,
    )


def _by_location(sessions: list[MatrixSession]) -> Counter[Metro]:
    return Counter(Metro(session.location or session.peering) for session in sessions)


def render_what_if_json(result: WhatIf) -> str:
    """Return the result as indented JSON, schema `peerlint/what-if/1`."""
    parts = {field.name: getattr(result, field.name) for field in attrs.fields(WhatIf)}
    return dumped({"schema": SCHEMA, **parts})


def render_what_if_text(result: WhatIf, *, quiet: bool = False) -> str:
    """Return the result as a person reads it: what is fatal first.

    Args:
        result: the difference.
        quiet: whether to show its totals alone, the last line.
    """
    lines = list(_lines(cleaned(result)))
    return "".join(f"{line}\n" for line in (lines[-1:] if quiet else lines))


def _lines(result: WhatIf) -> Iterator[str]:
    names = f" ({', '.join(result.sessions)})" if result.sessions else ""
    gone = f"{counted(len(result.sessions), 'session')} gone"
    yield f"Without {', '.join(result.without)}: {gone}{names}"
    yield ""
    for loss in sorted(result.losses, key=lambda loss: not loss.is_fatal):
        yield f"{loss.prefix} ({loss.peering}): {'; '.join(_told(loss))}"
    if not result.losses:
        yield "No registered prefix loses anything."
    yield ""
    news = [
        finding
        for finding in result.difference.new
        if finding.subject.prefix is None and finding.outcome is Outcome.FAIL
    ]
    if news:
        yield "What the set-up would fail besides:"
        for finding in news:
            yield f"    {label(finding)} {finding.rule}  {finding.subject}: {finding.message}"
        yield ""
    fatal = [loss for loss in result.losses if loss.is_fatal]
    yield f"{counted(len(result.losses), 'prefix')} hit, {len(fatal)} not validated any more"


def _told(loss: Loss) -> Iterator[str]:
    was, now = loss.sessions
    if was and not now:
        yield "passes nowhere any more"
    if loss.before is not loss.after:
        yield f"{loss.before} -> {loss.after}"
    if now:
        for where in loss.local:
            yield f"loses local redundancy in {where}"
        for where in loss.left:
            yield f"passes no more in {where}"
        if loss.last_location is not None:
            yield f"loses geo-redundancy, only {loss.last_location} is left"
    yield f"{now} of {counted(was, 'session')} left"
