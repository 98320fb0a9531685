"""What a failure would take away, prefix by prefix: redundancy, or the validation itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Final

import attrs

from peerlint.inventory import Metro
from peerlint.report.diff import REFUSED, Difference, RowChange, compare, diff_parts
from peerlint.report.document import StoredReport
from peerlint.report.json import dumped
from peerlint.report.phrases import cleaned, label
from peerlint.results import OK, MatrixSession, Outcome, PrefixResult, Report, State
from peerlint.wording import counted, listed

SCHEMA: Final = "peerlint/what-if/2"
#: So many prefixes of which nothing is known are named.
_NAMED: Final = 5


@attrs.frozen
class Loss:
    """What one registered prefix loses: a session on which it passes, or its state.

    Attributes:
        key: of the prefix.
        peering: that it is registered with.
        prefix: as declared.
        sessions: on so many it passes, before and after: its cells there are "ok".
        local: the locations where a second session passed and none does any more.
        left: the locations where none is left.
        last_location: the one location that is left of several; None if more are left, or none.
        before: the state that Azure would show.
        after: the same after the failure; None at a route server where nothing announces it then.
    """

    key: str
    peering: str
    prefix: str
    sessions: tuple[int, int]
    local: tuple[str, ...]
    left: tuple[str, ...]
    last_location: str | None
    before: State
    after: State | None

    @property
    def is_worse(self) -> bool:
        """Whether the state gets worse; what is not validated cannot lose that."""
        return _is_worse(self.before, self.after)

    @property
    def is_invalidated(self) -> bool:
        """Whether the prefix was validated, and would not be any more."""
        return self.before is State.VERIFIED and (self.after is None or self.after in REFUSED)

    @property
    def is_fatal(self) -> bool:
        """Whether the prefix would not be validated any more, or would pass nowhere.

        What was refused before cannot lose that. What was unknown before may have been validated.
        """
        nowhere = self.sessions[0] > 0 and self.sessions[1] == 0
        return self.before not in REFUSED and (self.is_worse or nowhere)


@attrs.frozen
class Undecided:
    """A registered prefix whose loss is not known: it is Unknown before and after.

    Attributes:
        key: of the prefix.
        peering: that it is registered with.
        prefix: as declared.
    """

    key: str
    peering: str
    prefix: str


@attrs.frozen
class WhatIf:
    """The difference that a failure makes.

    Attributes:
        without: what fails, as the user wrote it.
        sessions: that go with it.
        losses: prefixes that lose something, in the order of the inventory.
        difference: of the two reports.
        undecided: prefixes of which it is not known whether they lose something, in the order of
            the inventory.
    """

    without: tuple[str, ...]
    sessions: tuple[str, ...]
    losses: tuple[Loss, ...]
    difference: Difference
    undecided: tuple[Undecided, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether it is known that every prefix would still be validated."""
        return not self.undecided and not any(loss.is_fatal for loss in self.losses)

    @property
    def gains(self) -> tuple[RowChange, ...]:
        """Registered prefixes that would get a better state."""
        return tuple(
            change
            for change in self.difference.states
            if change.service is None
            and change.before is not None
            and change.after is not None
            and change.after.rank > change.before.rank
        )


def what_if(before: Report, after: Report, without: tuple[str, ...]) -> WhatIf:
    """Compare the report of everything with the one of what a failure leaves."""
    left = {session.id for session in after.matrix().sessions}
    gone = [session.id for session in before.matrix().sessions if session.id not in left]
    states = {each.key: each.state for each in after.prefixes}
    found = (_loss(before, after, each, states.get(each.key)) for each in before.prefixes)
    losses = tuple(loss for loss in found if loss is not None)
    hit = {loss.key for loss in losses}
    return WhatIf(
        without,
        tuple(gone),
        losses,
        compare(StoredReport(before), StoredReport(_as_stated(before, after))),
        tuple(
            Undecided(each.key, each.peering, each.prefix)
            for each in before.prefixes
            if each.key not in hit and each.state is states.get(each.key) is State.UNKNOWN
        ),
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


def _loss(before: Report, after: Report, result: PrefixResult, state: State | None) -> Loss | None:
    passing, kept = _passing(before, result.key), _passing(after, result.key)
    still = {session.id for session in kept}
    if all(session.id in still for session in passing) and not _is_worse(result.state, state):
        return None
    was, now = _by_location(passing), _by_location(kept)
    last = next(iter(now)).name if len(now) == 1 < len(was) else None
    return Loss(
        result.key,
        result.peering,
        result.prefix,
        (len(passing), len(kept)),
        tuple(where.name for where, count in was.items() if count > 1 and now[where] == 1),
        tuple(where.name for where in was if not now[where]),
        last,
        result.state,
        state,
    )


def _is_worse(before: State, after: State | None) -> bool:
    return before not in REFUSED and (after is None or after.rank < before.rank)


def _passing(report: Report, key: str) -> list[MatrixSession]:
    """Return the sessions on which a prefix passes."""
    row = report.matrix().rows.get(key, {})
    return [session for session in report.matrix().sessions if row.get(session.id) == OK]


def _by_location(sessions: list[MatrixSession]) -> Counter[Metro]:
    return Counter(Metro(session.location or session.peering) for session in sessions)


def render_what_if_json(result: WhatIf) -> str:
    """Return the result as indented JSON, schema `peerlint/what-if/2`."""
    parts = {
        name: getattr(result, name)
        for name in ("without", "sessions", "losses", "gains", "undecided")
    }
    return dumped({"schema": SCHEMA, **parts, "difference": diff_parts(result.difference)})


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
        yield f"{_named(loss)}: {'; '.join(_told(loss))}"
    if result.undecided:
        names = listed(map(_named, result.undecided), _NAMED)
        yield f"Not known, Unknown before and after: {names}"
    elif not result.losses:
        yield "No registered prefix loses anything."
    yield ""
    if result.gains:
        yield "Better off without:"
        for gain in result.gains:
            yield f"    {_named(gain)}: {gain.before} -> {gain.after}"
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
    yield ", ".join(_totals(result))


def _totals(result: WhatIf) -> Iterator[str]:
    losses = result.losses
    fatal = [loss for loss in losses if loss.is_fatal]
    invalidated = [loss for loss in fatal if loss.is_invalidated]
    unsure = [loss for loss in fatal if loss.before is State.VERIFIED and loss not in invalidated]
    yield f"{counted(len(losses), 'prefix')} hit"
    yield f"{len(invalidated)} not validated any more"
    if unsure:
        yield f"{len(unsure)} not known to be validated any more"
    if more := len(fatal) - len(invalidated) - len(unsure):
        yield f"{more} Unknown before, and not validated or passing nowhere after"
    if result.undecided:
        yield f"{len(result.undecided):,} not known"


def _named(row: Loss | Undecided | RowChange) -> str:
    number = row.key.partition(" #")[2]
    return f"{row.prefix}{f' #{number}' if number else ''} ({row.peering})"


def _told(loss: Loss) -> Iterator[str]:
    was, now = loss.sessions
    if was and not now:
        yield "passes nowhere any more"
    if loss.after is None:
        yield f"{loss.before} -> not announced on any session"
    elif loss.is_worse:
        yield f"{loss.before} -> {loss.after}"
    if now:
        for where in loss.local:
            yield f"loses local redundancy in {where}"
        for where in loss.left:
            yield f"passes no more in {where}"
        if loss.last_location is not None:
            yield f"loses geo-redundancy, only {loss.last_location} is left"
    yield f"{now} of {counted(was, 'session')} left"
