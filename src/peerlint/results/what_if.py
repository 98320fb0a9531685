"""What a failure would take away, prefix by prefix: redundancy, or the validation itself."""

from __future__ import annotations

from collections import Counter

import attrs

from peerlint.inventory import Metro
from peerlint.results.checks import State
from peerlint.results.comparison import REFUSED, Difference, RowChange, compare
from peerlint.results.findings import Outcome
from peerlint.results.report import Report, StoredReport
from peerlint.results.rows import OK, MatrixSession, PrefixResult


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
