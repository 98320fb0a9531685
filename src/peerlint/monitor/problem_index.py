"""All tracked problems, with indexes by session, by prefix and by cause."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import Final

from peerlint.monitor.alerts import Cause
from peerlint.monitor.causes import causes_of
from peerlint.monitor.problem_keys import SESSION_DOWN, ProblemKey
from peerlint.monitor.problems import MISSING
from peerlint.monitor.tracked_problem import TrackedProblem

_ORIGIN: Final = frozenset({"asn.origin-not-associated", "asn.customer-registered"})
_INCONSISTENT: Final = "route.origin-inconsistent"
#: Rules whose problems follow from another problem of the same prefix, with the rules of that one;
#: None for all rules. A rule may follow from those before it.
_FOLLOWS: Final[dict[str, Collection[str] | None]] = {
    _INCONSISTENT: _ORIGIN,
    "route.inconsistent-locations": MISSING,
    "activation.location-alignment": MISSING,
    "route.more-specific-unregistered": MISSING,
    "route.asymmetric-local": None,
}
_RANK: Final = {rule: rank for rank, rule in enumerate(_FOLLOWS, start=1)}
#: That a peering announces no public space at all follows from any prefix of it that is missing, or
#: from a session that is down: at a route server, prefixes are there as long as routes show them.
_NO_SPACE: Final = "prefix.own-routable"


class ProblemIndex:
    """All tracked problems."""

    def __init__(self) -> None:
        """Start without problems."""
        self._all: dict[ProblemKey, TrackedProblem] = {}
        self._by_session: dict[str, dict[ProblemKey, TrackedProblem]] = {}
        self._by_prefix: dict[str, dict[ProblemKey, TrackedProblem]] = {}
        self._down: dict[str, TrackedProblem] = {}
        #: What is missing, by peering.
        self._missing: dict[str, dict[ProblemKey, TrackedProblem]] = {}
        self._counted: set[ProblemKey] = set()
        #: The number of problems that are there and belong to no alert, by cause.
        self.counts: dict[Cause, int] = {}

    def __iter__(self) -> Iterator[TrackedProblem]:
        """Yield all tracked problems."""
        return iter([*self._all.values()])

    def get(self, key: ProblemKey) -> TrackedProblem | None:
        """Return the problem with a key; None if it is not tracked."""
        return self._all.get(key)

    def add(self, tracked: TrackedProblem) -> None:
        """Add a problem."""
        key = tracked.key
        self._all[key] = tracked
        if key.session:
            self._by_session.setdefault(key.session, {})[key] = tracked
        if key.rule == SESSION_DOWN:
            self._down[key.session] = tracked
        if key.rule in MISSING:
            self._missing.setdefault(key.peering, {})[key] = tracked
        if key.prefix:
            self._by_prefix.setdefault(key.prefix, {})[key] = tracked

    def discard(self, tracked: TrackedProblem) -> None:
        """Remove a problem."""
        key = tracked.key
        self._all.pop(key, None)
        if key.rule == SESSION_DOWN:
            self._down.pop(key.session, None)
        for index, name in (
            (self._by_session, key.session),
            (self._by_prefix, key.prefix),
            (self._missing, key.peering),
        ):
            if name in index:
                index[name].pop(key, None)
                if not index[name]:
                    del index[name]
        self._count(key, is_counted=False)

    def recount(self, tracked: TrackedProblem) -> None:
        """Note that what is known of a problem, or its alert, may have changed."""
        self._count(tracked.key, is_counted=tracked.is_shown and tracked.alert is None)

    def on_session(self, session: str) -> Iterable[TrackedProblem]:
        """Return the problems on a session."""
        return [*self._by_session.get(session, {}).values()]

    def session_of(self, tracked: TrackedProblem) -> TrackedProblem | None:
        """Return the problem that a session is down, for what is missing on it; None if it is up.

        It is None too for problems of other rules.
        """
        key = tracked.key
        return self._down.get(key.session) if key.rule in MISSING else None

    @staticmethod
    def rank(tracked: TrackedProblem) -> int:
        """Return the order in which problems are put into alerts: sessions, then what follows."""
        rule = tracked.key.rule
        return -1 if rule == SESSION_DOWN else _RANK.get(rule, 0)

    def leader(self, tracked: TrackedProblem) -> TrackedProblem | None:
        """Return the problem from which another one follows; None if it follows from none.

        Problems that belong to an alert come first.
        """
        key = tracked.key
        if key.rule == _NO_SPACE:
            found = [*self._missing.get(key.peering, {}).values()]
            found += [each for each in self._down.values() if each.key.peering == key.peering]
            return _first([each for each in found if each.is_there])
        if key.rule not in _FOLLOWS:
            return None
        return _first([
            each
            for each in self._by_prefix.get(key.prefix, {}).values()
            if (each.is_there or each.is_flapping) and _leads(each, key)
        ])  # fmt: skip

    def _count(self, key: ProblemKey, *, is_counted: bool) -> None:
        if is_counted is (key in self._counted):
            return
        for cause in causes_of(key):
            count = self.counts.get(cause, 0) + (1 if is_counted else -1)
            if count:
                self.counts[cause] = count
            else:
                del self.counts[cause]
        if is_counted:
            self._counted.add(key)
        else:
            self._counted.discard(key)


def _first(found: list[TrackedProblem]) -> TrackedProblem | None:
    """Return the first problem that belongs to an alert, or else the first one."""
    return next((each for each in found if each.alert is not None), found[0] if found else None)


def _leads(tracked: TrackedProblem, key: ProblemKey) -> bool:
    """Whether a problem follows from another one of the same prefix."""
    rule, session = tracked.key.rule, tracked.key.session
    if _RANK.get(rule, 0) >= _RANK[key.rule] or (key.session and key.session != session):
        return False
    rules = _FOLLOWS[key.rule]
    if rules is not None:
        return rule in rules
    return rule in _ORIGIN or rule == _INCONSISTENT or (bool(session) and _is_near(tracked, key))


def _is_near(tracked: TrackedProblem, key: ProblemKey) -> bool:
    """Whether a problem is in the location that another one names."""
    finding = None if tracked.problem is None else tracked.problem.finding
    return finding is not None and key.about.endswith(finding.location or "")
