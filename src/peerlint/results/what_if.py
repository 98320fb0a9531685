"""The effect of a simulated failure on each prefix: lost redundancy or lost validation."""

from __future__ import annotations

from collections import Counter

import attrs

from peerlint.inventory import Metro
from peerlint.results.checks import State
from peerlint.results.comparison import NOT_VALIDATED, Difference, RowChange, compare
from peerlint.results.findings import Outcome
from peerlint.results.report import Report, StoredReport
from peerlint.results.rows import OK, MatrixSession, PrefixResult


@attrs.frozen
class Loss:
    """What one registered prefix loses: sessions on which it passes, or its state.

    Attributes:
        key: the key of the prefix, see `PrefixResult.key`.
        peering: the peering that it is registered with.
        prefix: the prefix as declared.
        sessions: the number of sessions on which it passes (its cell is "ok"), before and after.
        local: the locations that keep exactly one of several passing sessions.
        left: the locations that lose their last passing session.
        last_location: the only remaining location of several; None if several remain, or none.
        before: the predicted state before the failure.
        after: the predicted state after it; None at a route server if no member announces the
            prefix then.
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
        """Whether the state gets worse; a prefix that is not validated cannot get worse."""
        return _is_worse(self.before, self.after)

    @property
    def is_invalidated(self) -> bool:
        """Whether the prefix was Verified before and would not be validated after the failure."""
        return self.before is State.VERIFIED and (self.after is None or self.after in NOT_VALIDATED)

    @property
    def is_fatal(self) -> bool:
        """Whether the state gets worse, or the prefix no longer passes on any session.

        It is False if the prefix was not validated before. A prefix that was Unknown before may
        have been validated.
        """
        nowhere = self.sessions[0] > 0 and self.sessions[1] == 0
        return self.before not in NOT_VALIDATED and (self.is_worse or nowhere)


@attrs.frozen
class Undecided:
    """A registered prefix that is Unknown before and after, so that its loss is not known.

    Attributes:
        key: the key of the prefix, see `PrefixResult.key`.
        peering: the peering that it is registered with.
        prefix: the prefix as declared.
    """

    key: str
    peering: str
    prefix: str


@attrs.frozen
class WhatIf:
    """The effect of a simulated failure.

    Attributes:
        without: the parts that fail, as the user wrote them.
        sessions: the ids of the sessions that fail.
        losses: the prefixes that lose sessions or their state, in the order of the inventory.
        difference: the difference between the reports before and after.
        undecided: the prefixes whose loss is not known, in the order of the inventory.
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
        """The registered prefixes whose predicted state improves."""
        return tuple(
            change
            for change in self.difference.states
            if change.service is None
            and change.before is not None
            and change.after is not None
            and change.after.rank > change.before.rank
        )


def what_if(before: Report, after: Report, without: tuple[str, ...]) -> WhatIf:
    """Return the effect of a simulated failure.

    Args:
        before: the report of the whole inventory.
        after: the report of the inventory without the failed parts.
        without: the failed parts, as the user wrote them.
    """
    left = {session.id for session in after.matrix().sessions}
    removed = [session.id for session in before.matrix().sessions if session.id not in left]
    states = {each.key: each.state for each in after.prefixes}
    found = (_loss(before, after, each, states.get(each.key)) for each in before.prefixes)
    losses = tuple(loss for loss in found if loss is not None)
    hit = {loss.key for loss in losses}
    return WhatIf(
        without,
        tuple(removed),
        losses,
        compare(StoredReport(before), StoredReport(_without_unused(before, after))),
        tuple(
            Undecided(each.key, each.peering, each.prefix)
            for each in before.prefixes
            if each.key not in hit and each.state is states.get(each.key) is State.UNKNOWN
        ),
    )


def _without_unused(before: Report, after: Report) -> Report:
    """Return `after` without new warnings about statements: their subject has merely failed."""
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
    return before not in NOT_VALIDATED and (after is None or after.rank < before.rank)


def _passing(report: Report, key: str) -> list[MatrixSession]:
    """Return the sessions on which a prefix passes."""
    row = report.matrix().rows.get(key, {})
    return [session for session in report.matrix().sessions if row.get(session.id) == OK]


def _by_location(sessions: list[MatrixSession]) -> Counter[Metro]:
    return Counter(Metro(session.location or session.peering) for session in sessions)
